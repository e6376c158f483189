#include "CPango.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

// Pango 1.44 and later, declared here rather than by its headers: those would make it a library that the
// program is linked with, and loads at every start.
typedef struct {
  int x, y, width, height;
} pango_rectangle;

enum { PANGO_UNITS = 1024, PANGO_BOLD = 700 };

static struct {
  void *(*create_layout)(void *cairo);
  void (*update_layout)(void *cairo, void *layout);
  void (*set_font_options)(void *context, const void *options);
  void (*show_layout)(void *cairo, void *layout);
  void *(*get_context)(void *layout);
  void (*context_changed)(void *layout);
  void (*set_text)(void *layout, const char *text, int length);
  void (*set_single_paragraph_mode)(void *layout, int setting);
  void (*set_font_description)(void *layout, const void *description);
  void (*get_extents)(void *layout, pango_rectangle *ink, pango_rectangle *logical);
  int (*get_baseline)(void *layout);
  int (*get_unknown_glyphs_count)(void *layout);
  void (*set_round_glyph_positions)(void *context, int setting);
  void *(*description_new)(void);
  void (*description_free)(void *description);
  void (*set_family)(void *description, const char *family);
  void (*set_absolute_size)(void *description, double size);
  void (*set_weight)(void *description, int weight);
  void (*unref)(void *object);
  void *(*font_options_create)(void);
  void (*font_options_destroy)(void *options);
  void (*get_font_options)(void *cairo, void *options);
  void (*move_to)(void *cairo, double x, double y);
} pango;

static int is_open;

static int find(void *library, const char *name, void *place) {
  void *symbol = dlsym(library, name);
  *(void **)place = symbol;
  return symbol != NULL;
}

static void open_library(void) {
  // Never closed again: its types stay registered for as long as the process lives.
  void *library = dlopen("libpangocairo-1.0.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  is_open = find(library, "pango_cairo_create_layout", &pango.create_layout) &&
            find(library, "pango_cairo_update_layout", &pango.update_layout) &&
            find(library, "pango_cairo_context_set_font_options", &pango.set_font_options) &&
            find(library, "pango_cairo_show_layout", &pango.show_layout) &&
            find(library, "pango_layout_get_context", &pango.get_context) &&
            find(library, "pango_layout_context_changed", &pango.context_changed) &&
            find(library, "pango_layout_set_text", &pango.set_text) &&
            find(library, "pango_layout_set_single_paragraph_mode", &pango.set_single_paragraph_mode) &&
            find(library, "pango_layout_set_font_description", &pango.set_font_description) &&
            find(library, "pango_layout_get_extents", &pango.get_extents) &&
            find(library, "pango_layout_get_baseline", &pango.get_baseline) &&
            find(library, "pango_layout_get_unknown_glyphs_count", &pango.get_unknown_glyphs_count) &&
            find(library, "pango_context_set_round_glyph_positions", &pango.set_round_glyph_positions) &&
            find(library, "pango_font_description_new", &pango.description_new) &&
            find(library, "pango_font_description_free", &pango.description_free) &&
            find(library, "pango_font_description_set_family", &pango.set_family) &&
            find(library, "pango_font_description_set_absolute_size", &pango.set_absolute_size) &&
            find(library, "pango_font_description_set_weight", &pango.set_weight) &&
            find(library, "g_object_unref", &pango.unref) &&
            find(library, "cairo_font_options_create", &pango.font_options_create) &&
            find(library, "cairo_font_options_destroy", &pango.font_options_destroy) &&
            find(library, "cairo_get_font_options", &pango.get_font_options) &&
            find(library, "cairo_move_to", &pango.move_to);
}

struct cpango_line {
  void *layout;
};

cpango_line *cpango_line_create(void *cairo, const char *text, const char *family, double size, int is_bold) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_library);
  if (!is_open) return NULL;
  cpango_line *line = malloc(sizeof *line);
  if (!line) return NULL;
  line->layout = pango.create_layout(cairo);
  if (!line->layout) {
    free(line);
    return NULL;
  }
  // The canvas decides how letters are smoothed, not the machine.
  void *context = pango.get_context(line->layout);
  void *options = pango.font_options_create();
  pango.get_font_options(cairo, options);
  pango.set_font_options(context, options);
  pango.font_options_destroy(options);
  pango.set_round_glyph_positions(context, 0);
  pango.context_changed(line->layout);

  void *description = pango.description_new();
  pango.set_family(description, family);
  pango.set_absolute_size(description, size * PANGO_UNITS);
  if (is_bold) pango.set_weight(description, PANGO_BOLD);
  pango.set_font_description(line->layout, description);
  pango.description_free(description);
  pango.set_single_paragraph_mode(line->layout, 1);
  pango.set_text(line->layout, text, -1);
  return line;
}

double cpango_line_width(const cpango_line *line) {
  pango_rectangle ink, logical;
  pango.get_extents(line->layout, &ink, &logical);
  int width = ink.x + ink.width > logical.width ? ink.x + ink.width : logical.width;
  return (double)width / PANGO_UNITS;
}

int cpango_line_unknown_glyphs(const cpango_line *line) {
  return pango.get_unknown_glyphs_count(line->layout);
}

void cpango_line_show(const cpango_line *line, void *cairo, double x, double y) {
  pango.update_layout(cairo, line->layout);
  pango.move_to(cairo, x, y - (double)pango.get_baseline(line->layout) / PANGO_UNITS);
  pango.show_layout(cairo, line->layout);
}

void cpango_line_destroy(cpango_line *line) {
  if (!line) return;
  pango.unref(line->layout);
  free(line);
}
