#pragma once
#include <stddef.h>
#include <stdint.h>

// libpng reports errors by longjmp, which must not cross Swift frames: every call into it, and the
// setjmp that catches it, lives behind these functions.

// A keyword and its UTF-8 text, written as tEXt where Latin-1 will do, else as iTXt.
typedef struct {
  const char *keyword;
  const char *text;
} cpng_text;

typedef struct {
  uint8_t *bytes;  // from malloc; release with cpng_release
  size_t count;
  char error[200];  // empty if all went well
} cpng_result;

typedef struct {
  uint32_t width, height;
  uint8_t *rgba;  // width * height * 4, not premultiplied; release with cpng_release
  char error[200];
} cpng_image;

// Encodes opaque pixels 0xXXRRGGBB (rows `stride` pixels apart): as a palette where there are at most
// 256 colours, else as 24-bit RGB.
cpng_result cpng_encode(const uint32_t *pixels, uint32_t width, uint32_t height, size_t stride,
                        uint32_t pixels_per_metre, const cpng_text *texts, size_t text_count);

// Decodes a PNG held in memory to 8-bit RGBA. `most_pixels` bounds width * height.
cpng_image cpng_decode(const uint8_t *bytes, size_t count, size_t most_pixels);

// A malloc'ed UTF-8 copy of the text chunk under `keyword` ahead of the pixels, or NULL.
char *cpng_text_chunk(const uint8_t *bytes, size_t count, const char *keyword);

// The version of the library.
const char *cpng_version(void);

void cpng_release(void *memory);
