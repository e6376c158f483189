#pragma once

// Lines of text shaped by Pango: letters that join, scripts that run from right to left, and letters that
// only other fonts have. The library is opened when the first such text is drawn, since opening it takes
// longer than drawing most pictures, and most pictures need none of it.

#ifdef __cplusplus
extern "C" {
#endif

// A line of text in one style, ready to be drawn.
typedef struct cpango_line cpango_line;

// A line for a cairo_t, which must outlive it; NULL if Pango is not there, or no memory is.
// `size` is in the units of the cairo_t, `text` is UTF-8.
cpango_line *cpango_line_create(void *cairo, const char *text, const char *family, double size, int is_bold);

// How far the line reaches, in the units of the cairo_t.
double cpango_line_width(const cpango_line *line);

// How many of its letters no font has.
int cpango_line_unknown_glyphs(const cpango_line *line);

// Draws the line from (x, y) on, y being its baseline, with the cairo_t's source.
void cpango_line_show(const cpango_line *line, void *cairo, double x, double y);

void cpango_line_destroy(cpango_line *line);

#ifdef __cplusplus
}
#endif
