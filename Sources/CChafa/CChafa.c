#include "CChafa.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// libchafa 1.12 and GLib, declared here rather than by their headers: those would make them libraries that
// the program is linked with, and loads at every start.
typedef struct {
  char *str;
  size_t len, allocated_len;
} g_string;

enum { CANVAS_TRUECOLOR = 0, CANVAS_INDEXED_240 = 2, CANVAS_INDEXED_16 = 3, CANVAS_FGBG = 5 };
enum { PIXEL_MODE_SYMBOLS = 0 };
enum { PIXEL_RGBA8_UNASSOCIATED = 4 };
enum { SYMBOL_SPACE = 1 << 0, SYMBOL_SOLID = 1 << 1, SYMBOL_BLOCK = 1 << 3 };
enum { DITHER_NONE = 0, OPTIMIZATION_REUSE_ATTRIBUTES = 1 };

static struct {
  void *(*config_new)(void);
  void (*config_unref)(void *config);
  void (*set_geometry)(void *config, int width, int height);
  void (*set_canvas_mode)(void *config, int mode);
  void (*set_pixel_mode)(void *config, int mode);
  void (*set_symbol_map)(void *config, const void *map);
  void (*set_work_factor)(void *config, float factor);
  void (*set_preprocessing_enabled)(void *config, int is_enabled);
  void (*set_dither_mode)(void *config, int mode);
  void (*set_optimizations)(void *config, int optimizations);
  void *(*map_new)(void);
  void (*map_unref)(void *map);
  void (*map_add_by_tags)(void *map, int tags);
  void *(*canvas_new)(const void *config);
  void (*canvas_unref)(void *canvas);
  void (*draw_all_pixels)(void *canvas, int type, const uint8_t *pixels, int width, int height, int stride);
  int (*set_char_at)(void *canvas, int x, int y, uint32_t letter);
  void (*set_colors_at)(void *canvas, int x, int y, int ink, int ground);
  g_string *(*print)(void *canvas, void *terminal);
  void *(*get_default_db)(void);
  void *(*get_fallback_info)(void *db);
  void (*info_unref)(void *info);
  char *(*string_free)(g_string *string, int with_text);
} chafa;

static int is_open;

static int find(void *library, const char *name, void *place) {
  void *symbol = dlsym(library, name);
  *(void **)place = symbol;
  return symbol != NULL;
}

static void open_library(void) {
  // Never closed again: its types and threads stay for as long as the process lives.
  void *library = dlopen("libchafa.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  is_open = find(library, "chafa_canvas_config_new", &chafa.config_new) &&
            find(library, "chafa_canvas_config_unref", &chafa.config_unref) &&
            find(library, "chafa_canvas_config_set_geometry", &chafa.set_geometry) &&
            find(library, "chafa_canvas_config_set_canvas_mode", &chafa.set_canvas_mode) &&
            find(library, "chafa_canvas_config_set_pixel_mode", &chafa.set_pixel_mode) &&
            find(library, "chafa_canvas_config_set_symbol_map", &chafa.set_symbol_map) &&
            find(library, "chafa_canvas_config_set_work_factor", &chafa.set_work_factor) &&
            find(library, "chafa_canvas_config_set_preprocessing_enabled", &chafa.set_preprocessing_enabled) &&
            find(library, "chafa_canvas_config_set_dither_mode", &chafa.set_dither_mode) &&
            find(library, "chafa_canvas_config_set_optimizations", &chafa.set_optimizations) &&
            find(library, "chafa_symbol_map_new", &chafa.map_new) &&
            find(library, "chafa_symbol_map_unref", &chafa.map_unref) &&
            find(library, "chafa_symbol_map_add_by_tags", &chafa.map_add_by_tags) &&
            find(library, "chafa_canvas_new", &chafa.canvas_new) &&
            find(library, "chafa_canvas_unref", &chafa.canvas_unref) &&
            find(library, "chafa_canvas_draw_all_pixels", &chafa.draw_all_pixels) &&
            find(library, "chafa_canvas_set_char_at", &chafa.set_char_at) &&
            find(library, "chafa_canvas_set_colors_at", &chafa.set_colors_at) &&
            find(library, "chafa_canvas_print", &chafa.print) &&
            find(library, "chafa_term_db_get_default", &chafa.get_default_db) &&
            find(library, "chafa_term_db_get_fallback_info", &chafa.get_fallback_info) &&
            find(library, "chafa_term_info_unref", &chafa.info_unref) &&
            find(library, "g_string_free", &chafa.string_free);
}

static int canvas_mode(cchafa_look look) {
  switch (look) {
    case cchafa_blocks_256: return CANVAS_INDEXED_240;  // the first 16 look different everywhere
    case cchafa_blocks_16: return CANVAS_INDEXED_16;
    case cchafa_blocks_plain: return CANVAS_FGBG;
    default: return CANVAS_TRUECOLOR;
  }
}

char *cchafa_print(const uint8_t *rgba, int width, int height, int columns, int rows, cchafa_look look,
                   const cchafa_letter *letters, size_t letter_count, size_t *count) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_library);
  *count = 0;
  if (!is_open || width < 1 || height < 1 || columns < 1 || rows < 1) return NULL;

  void *config = chafa.config_new();
  chafa.set_geometry(config, columns, rows);
  chafa.set_canvas_mode(config, canvas_mode(look));
  chafa.set_pixel_mode(config, PIXEL_MODE_SYMBOLS);
  chafa.set_dither_mode(config, DITHER_NONE);
  chafa.set_preprocessing_enabled(config, 0);
  chafa.set_work_factor(config, 0.9f);
  chafa.set_optimizations(config, OPTIMIZATION_REUSE_ATTRIBUTES);
  void *map = chafa.map_new();
  chafa.map_add_by_tags(map, SYMBOL_SPACE | SYMBOL_SOLID | SYMBOL_BLOCK);
  chafa.set_symbol_map(config, map);
  void *canvas = chafa.canvas_new(config);
  chafa.draw_all_pixels(canvas, PIXEL_RGBA8_UNASSOCIATED, rgba, width, height, width * 4);
  for (size_t i = 0; i < letter_count; i++) {
    cchafa_letter l = letters[i];
    if (l.column < 0 || l.row < 0 || l.column >= columns || l.row >= rows) continue;
    int cells = chafa.set_char_at(canvas, l.column, l.row, l.letter);
    for (int x = l.column; x < l.column + cells && x < columns; x++)
      chafa.set_colors_at(canvas, x, l.row, (int)l.ink, (int)l.ground);
  }
  void *terminal = chafa.get_fallback_info(chafa.get_default_db());
  g_string *text = chafa.print(canvas, terminal);
  char *copy = text ? malloc(text->len + 1) : NULL;
  if (copy) {
    memcpy(copy, text->str, text->len + 1);
    *count = text->len;
  }
  if (text) chafa.string_free(text, 1);
  if (terminal) chafa.info_unref(terminal);
  chafa.canvas_unref(canvas);
  chafa.map_unref(map);
  chafa.config_unref(config);
  return copy;
}

void cchafa_release(char *text) { free(text); }
