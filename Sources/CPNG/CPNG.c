#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

static void note_error(png_structp png, png_const_charp message) {
  char *error = png_get_error_ptr(png);
  strncpy(error, message, 199);
  error[199] = 0;
  if (!error[0]) strcpy(error, "unknown libpng error");
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

// MARK: writing

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} output;

static void append(png_structp png, png_bytep data, png_size_t length) {
  output *out = png_get_io_ptr(png);
  if (length > SIZE_MAX - out->count) png_error(png, "picture too large");
  size_t needed = out->count + length;
  if (needed > out->capacity) {
    size_t capacity = out->capacity ? out->capacity : 65536;
    while (capacity < needed) {
      if (capacity > SIZE_MAX / 2) png_error(png, "picture too large");
      capacity *= 2;
    }
    uint8_t *grown = realloc(out->bytes, capacity);
    if (!grown) png_error(png, "no memory for the picture's file");
    out->bytes = grown;
    out->capacity = capacity;
  }
  memcpy(out->bytes + out->count, data, length);
  out->count = needed;
}

static void flush_nothing(png_structp png) { (void)png; }

// A hash table from colour to palette index, big enough that probing stays short.
enum { SLOTS = 2048 };
typedef struct {
  uint32_t keys[SLOTS];
  int16_t index[SLOTS];
  png_color colors[256];
  int count;
} palette_table;

static int palette_index(palette_table *table, uint32_t rgb) {
  uint32_t slot = (rgb * 2654435761u) >> 21;
  while (table->index[slot] >= 0) {
    if (table->keys[slot] == rgb) return table->index[slot];
    slot = (slot + 1) % SLOTS;
  }
  if (table->count == 256) return -1;
  table->keys[slot] = rgb;
  table->index[slot] = (int16_t)table->count;
  table->colors[table->count] = (png_color){(png_byte)(rgb >> 16), (png_byte)(rgb >> 8), (png_byte)rgb};
  return table->count++;
}

static int build_palette(palette_table *table, const uint32_t *pixels, uint32_t width, uint32_t height,
                         size_t stride) {
  memset(table->index, 0xff, sizeof table->index);
  table->count = 0;
  uint32_t last = 0xffffffffu;
  for (uint32_t y = 0; y < height; y++) {
    const uint32_t *row = pixels + y * stride;
    for (uint32_t x = 0; x < width; x++) {
      uint32_t rgb = row[x] & 0xffffffu;
      if (rgb == last) continue;
      last = rgb;
      if (palette_index(table, rgb) < 0) return 0;
    }
  }
  return 1;
}

// tEXt holds Latin-1 only; plain ASCII is both, and the rest goes to iTXt as UTF-8.
static int is_ascii(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text >= 0x80) return 0;
  return 1;
}

cpng_result cpng_encode(const uint32_t *pixels, uint32_t width, uint32_t height, size_t stride,
                        uint32_t pixels_per_metre, const cpng_text *texts, size_t text_count) {
  cpng_result result;
  memset(&result, 0, sizeof result);
  output out = {0};
  palette_table *volatile table = NULL;
  uint8_t *volatile row = NULL;
  png_text *volatile chunks = NULL;
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, result.error, note_error, ignore_warning);
  if (!png) {
    strcpy(result.error, "libpng did not start");
    return result;
  }
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png))) goto end;
  table = malloc(sizeof *table);
  row = malloc((size_t)width * 3);
  chunks = calloc(text_count ? text_count : 1, sizeof *chunks);
  if (!info || !table || !row || !chunks) png_error(png, "no memory for the picture's file");

  png_set_write_fn(png, &out, append, flush_nothing);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  int paletted = build_palette(table, pixels, width, height, stride);
  png_set_IHDR(png, info, width, height, 8, paletted ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (paletted) png_set_PLTE(png, info, table->colors, table->count);
  png_set_pHYs(png, info, pixels_per_metre, pixels_per_metre, PNG_RESOLUTION_METER);
  for (size_t i = 0; i < text_count; i++) {
    chunks[i].key = (char *)texts[i].keyword;
    chunks[i].text = (char *)texts[i].text;
    if (is_ascii(texts[i].text)) {
      chunks[i].compression = PNG_TEXT_COMPRESSION_NONE;
      chunks[i].text_length = strlen(texts[i].text);
    } else {
      chunks[i].compression = PNG_ITXT_COMPRESSION_NONE;
      chunks[i].itxt_length = strlen(texts[i].text);
    }
  }
  if (text_count) png_set_text(png, info, chunks, (int)text_count);
  // Colours of a map repeat exactly but do not change evenly, so filters only hide the repeats from
  // zlib. With 24-bit spectrograms its quickest level takes half the time of level 3 for 8 % more bytes.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_set_compression_level(png, paletted ? 6 : 1);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) {
    const uint32_t *source = pixels + y * stride;
    if (paletted) {
      uint32_t last = 0xffffffffu;
      uint8_t index = 0;
      for (uint32_t x = 0; x < width; x++) {
        uint32_t rgb = source[x] & 0xffffffu;
        if (rgb != last) {
          last = rgb;
          index = (uint8_t)palette_index(table, rgb);
        }
        row[x] = index;
      }
    } else {
      for (uint32_t x = 0; x < width; x++) {
        row[3 * x] = (uint8_t)(source[x] >> 16);
        row[3 * x + 1] = (uint8_t)(source[x] >> 8);
        row[3 * x + 2] = (uint8_t)source[x];
      }
    }
    png_write_row(png, row);
  }
  png_write_end(png, info);
end:
  png_destroy_write_struct(&png, &info);
  free(table);
  free(row);
  free(chunks);
  if (result.error[0]) {
    free(out.bytes);
    return result;
  }
  result.bytes = out.bytes;
  result.count = out.count;
  return result;
}

// MARK: reading

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
} input;

static void take(png_structp png, png_bytep data, png_size_t length) {
  input *in = png_get_io_ptr(png);
  if (length > in->count - in->position) png_error(png, "the file ends too early");
  memcpy(data, in->bytes + in->position, length);
  in->position += length;
}

cpng_image cpng_decode(const uint8_t *bytes, size_t count, size_t most_pixels) {
  cpng_image image;
  memset(&image, 0, sizeof image);
  input in = {bytes, count, 0};
  uint8_t *volatile rgba = NULL;
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, image.error, note_error, ignore_warning);
  if (!png) {
    strcpy(image.error, "libpng did not start");
    return image;
  }
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png))) goto end;
  if (!info) png_error(png, "no memory");
  png_set_read_fn(png, &in, take);
  png_read_info(png, info);
  uint32_t width = png_get_image_width(png, info), height = png_get_image_height(png, info);
  if ((size_t)width > most_pixels / height) png_error(png, "the picture is too large");
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row = (size_t)width * 4;
  if (png_get_rowbytes(png, info) != row) png_error(png, "unexpected pixel layout");
  rgba = malloc(row * height);
  if (!rgba) png_error(png, "no memory for the picture");
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < height; y++) png_read_row(png, rgba + y * row, NULL);
  png_read_end(png, NULL);
  image.width = width;
  image.height = height;
end:
  png_destroy_read_struct(&png, &info, NULL);
  if (image.error[0]) {
    free(rgba);
    return image;
  }
  image.rgba = rgba;
  return image;
}

char *cpng_text_chunk(const uint8_t *bytes, size_t count, const char *keyword) {
  char error[200] = {0};
  char *volatile found = NULL;
  input in = {bytes, count, 0};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, error, note_error, ignore_warning);
  if (!png) return NULL;
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png))) goto end;
  if (!info) png_error(png, "no memory");
  png_set_read_fn(png, &in, take);
  png_read_info(png, info);
  png_textp texts = NULL;
  int text_count = 0;
  png_get_text(png, info, &texts, &text_count);
  for (int i = 0; i < text_count && !found; i++)
    if (strcmp(texts[i].key, keyword) == 0) found = strdup(texts[i].text);
end:
  png_destroy_read_struct(&png, &info, NULL);
  return found;
}

void cpng_release(void *memory) { free(memory); }

const char *cpng_version(void) { return png_get_libpng_ver(NULL); }
