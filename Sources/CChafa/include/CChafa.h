#pragma once
#include <stddef.h>
#include <stdint.h>

// Pictures as text for a terminal, by libchafa. The library is opened when the first picture is shown,
// since most runs of the program show none.

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  cchafa_blocks_truecolor,
  cchafa_blocks_256,
  cchafa_blocks_16,
  cchafa_blocks_plain,  // the terminal's own two colours
} cchafa_look;

// A letter in a cell, in place of the picture's block: a Unicode scalar that is one cell wide, or two. Its
// colours are 0xRRGGBB.
typedef struct {
  int column, row;
  uint32_t letter, ink, ground;
} cchafa_letter;

// Draws `width` × `height` opaque pixels (RGBA, row after row) over `columns` × `rows` cells of text, and
// letters over them. A malloc'ed UTF-8 text of `*count` bytes; NULL if libchafa is not there or there is no
// memory. Release with cchafa_release.
char *cchafa_print(const uint8_t *rgba, int width, int height, int columns, int rows, cchafa_look look,
                   const cchafa_letter *letters, size_t letter_count, size_t *count);

void cchafa_release(char *text);

#ifdef __cplusplus
}
#endif
