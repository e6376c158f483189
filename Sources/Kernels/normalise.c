// Batch normalisation over examples, row by row.
#include <string.h>

#include "Kernels.h"
#include "table.h"

// Pixels whose deviations are taken from their own mean: they stay in the level-1 cache for both looks.
enum { PIXELS_AT_ONCE = 256, WIDEST = 1024, MOST_WINDOW_ROWS = 16 };

int kernels_can_normalise(int instruction_set, int32_t width) {
  const kernels_table *table = kernels_table_for(instruction_set);
  return table && width > 0 && width <= WIDEST && width % table->lanes == 0;
}

// Chan, Golub and LeVeque (1979): two sets' means and squared deviations to those of both.
static void add_moments(const kernels_table *table, const float *x, size_t pixels, int width, double before,
                        double *mean, double *squares) {
  float own_mean[WIDEST], own_squares[WIDEST];
  table->channel_moments(x, pixels, width, own_mean, own_squares);
  double count = (double)pixels, all = before + count;
  for (int k = 0; k < width; k++) {
    double difference = (double)own_mean[k] - mean[k];
    mean[k] += difference * count / all;
    squares[k] += (double)own_squares[k] + difference * difference * before * count / all;
  }
}

// Some rows, `plane` floats from block to block.
static void rows_moments(const kernels_table *table, const kernels_norm *n, const float *x, size_t plane, int32_t rows,
                         kernels_moments *moments) {
  size_t pixels = (size_t)rows * n->columns;
  for (int b = 0; b < n->blocks; b++)
    for (size_t first = 0; first < pixels; first += PIXELS_AT_ONCE) {
      size_t some = pixels - first < PIXELS_AT_ONCE ? pixels - first : PIXELS_AT_ONCE;
      add_moments(table, x + b * plane + first * n->width, some, n->width, moments->count + (double)first,
                  moments->mean + b * n->width, moments->squares + b * n->width);
    }
  moments->count += (double)pixels;
}

static inline size_t row_floats(const kernels_norm *n) { return (size_t)n->columns * n->width; }
static inline int32_t out_rows(const kernels_norm *n) { return n->rows / n->window_rows; }
static inline size_t out_row_floats(const kernels_norm *n) { return (size_t)(n->columns / n->window_columns) * n->width; }
static inline size_t out_plane(const kernels_norm *n) { return out_rows(n) * out_row_floats(n); }

static void window_rows(const kernels_norm *n, const float *first, const float **rows) {
  for (int i = 0; i < n->window_rows; i++) rows[i] = first + i * row_floats(n);
}

void kernels_norm_moments(const kernels_norm *n, const float *x, kernels_moments *moments) {
  const kernels_table *table = kernels_table_for(n->instruction_set);
  if (table) rows_moments(table, n, x, n->rows * row_floats(n), n->rows, moments);
}

void kernels_norm_forward(const kernels_norm *n, const float *x, float *out) {
  const kernels_table *table = kernels_table_for(n->instruction_set);
  const float *rows[MOST_WINDOW_ROWS];
  for (int32_t row = 0; table && row < out_rows(n); row++) {
    window_rows(n, x + (size_t)row * n->window_rows * row_floats(n), rows);
    table->norm_pool_row(n, rows, n->rows * row_floats(n), out + row * out_row_floats(n), out_plane(n));
  }
}

void kernels_norm_sums(const kernels_norm *n, const float *x, const float *gradient, double *gamma, double *beta) {
  const kernels_table *table = kernels_table_for(n->instruction_set);
  const float *rows[MOST_WINDOW_ROWS];
  for (int32_t row = 0; table && row < out_rows(n); row++) {
    window_rows(n, x + (size_t)row * n->window_rows * row_floats(n), rows);
    table->norm_sums_row(n, rows, n->rows * row_floats(n), gradient + row * out_row_floats(n), out_plane(n), gamma, beta);
  }
}

// Whole windows, then the rows that none has. `done` of the rows before are not in x.
static void rows_gradient(const kernels_table *table, const kernels_norm *n, const float *x, size_t plane, int32_t first,
                          int32_t end, const float *gradient, float *result) {
  const float *rows[MOST_WINDOW_ROWS];
  float *to[MOST_WINDOW_ROWS];
  for (int32_t row = first; row < end;) {
    size_t place = (size_t)(row - first) * row_floats(n);
    int32_t out_row = row / n->window_rows;
    int is_whole = out_row < out_rows(n);
    window_rows(n, x + place, rows);
    for (int i = 0; i < n->window_rows; i++) to[i] = result + place + i * row_floats(n);
    table->norm_gradient_row(n, rows, plane, is_whole ? gradient + out_row * out_row_floats(n) : NULL, out_plane(n), to);
    row += is_whole ? n->window_rows : 1;
  }
}

void kernels_norm_backward(const kernels_norm *n, const float *x, const float *gradient, float *result) {
  const kernels_table *table = kernels_table_for(n->instruction_set);
  if (table) rows_gradient(table, n, x, n->rows * row_floats(n), 0, n->rows, gradient, result);
}

// ---- Behind a first convolution

// Rows that are made at a time: whole windows, and an even number, since the convolution makes two.
static int32_t unit_rows(const kernels_norm *n) { return n->window_rows % 2 ? 2 * n->window_rows : n->window_rows; }

static inline size_t whole_lines(size_t floats) { return (floats + 15) / 16 * 16; }
static inline size_t unit_plane(const kernels_norm *n) { return unit_rows(n) * row_floats(n); }
static inline size_t gradient_count(const kernels_first_block *f) {
  return (size_t)(9 * f->channels + 1) * 16 * f->norm.blocks;
}
static inline size_t padded_row(const kernels_first_block *f) {
  return (size_t)(f->in_columns + 2 * f->pad) * f->channels;
}
static inline size_t padded_floats(const kernels_first_block *f) {
  return f->pad ? whole_lines((size_t)(f->in_rows + 2) * padded_row(f)) : 0;
}

size_t kernels_first_block_scratch(const kernels_first_block *f) {
  return unit_plane(&f->norm) * f->norm.blocks + whole_lines(gradient_count(f)) + padded_floats(f);
}

typedef struct {
  const kernels_first_block *block;
  const kernels_table *table;
  const float *input;  // padded
  float *rows, *sums;
} first_run;

static first_run begin(const kernels_first_block *f, const float *input, float *scratch) {
  first_run r = {f, kernels_table_for(f->norm.instruction_set), input, scratch,
                 scratch + unit_plane(&f->norm) * f->norm.blocks};
  if (f->pad) {
    float *padded = r.sums + whole_lines(gradient_count(f));
    size_t row = padded_row(f), length = (size_t)f->in_columns * f->channels;
    memset(padded, 0, row * sizeof(float));
    for (int32_t i = 0; i < f->in_rows; i++) {
      float *to = padded + (i + 1) * row;
      memset(to, 0, f->channels * sizeof(float));
      memcpy(to + f->channels, input + i * length, length * sizeof(float));
      memset(to + f->channels + length, 0, f->channels * sizeof(float));
    }
    memset(padded + (f->in_rows + 1) * row, 0, row * sizeof(float));
    r.input = padded;
  }
  return r;
}

// The convolution's rows first ..< end, a unit at most. The last of an odd number is made with one that nobody reads.
static void make_rows(const first_run *r, int32_t first, int32_t end) {
  const kernels_norm *n = &r->block->norm;
  for (int32_t row = first; row < end; row += 2) {
    const float *x[4];
    for (int i = 0; i < 4; i++) {
      int32_t last = n->rows + 1;
      x[i] = r->input + (size_t)(row + i < last ? row + i : last) * padded_row(r->block);
    }
    float *to = r->rows + (size_t)(row - first) * row_floats(n);
    float *const out[2] = {to, to + row_floats(n)};
    r->table->direct_rows(x, r->block->channels, n->columns, n->blocks, r->block->weights, r->block->bias, 0, out,
                          unit_plane(n));
  }
}

#define FOR_UNITS(n)                                                                                     \
  for (int32_t first = 0, end; first < n->rows && (end = first + unit_rows(n), end = end < n->rows ? end : n->rows, 1); \
       first = end)

void kernels_first_block_moments(const kernels_first_block *f, const float *input, float *scratch,
                                 kernels_moments *moments) {
  first_run r = begin(f, input, scratch);
  const kernels_norm *n = &f->norm;
  if (!r.table) return;
  FOR_UNITS(n) {
    make_rows(&r, first, end);
    rows_moments(r.table, n, r.rows, unit_plane(n), end - first, moments);
  }
}

void kernels_first_block_forward(const kernels_first_block *f, const float *input, float *scratch, float *out) {
  first_run r = begin(f, input, scratch);
  const kernels_norm *n = &f->norm;
  const float *rows[MOST_WINDOW_ROWS];
  if (!r.table) return;
  FOR_UNITS(n) {
    make_rows(&r, first, end);
    for (int32_t row = first; row + n->window_rows <= end; row += n->window_rows) {
      window_rows(n, r.rows + (row - first) * row_floats(n), rows);
      r.table->norm_pool_row(n, rows, unit_plane(n), out + row / n->window_rows * out_row_floats(n), out_plane(n));
    }
  }
}

void kernels_first_block_sums(const kernels_first_block *f, const float *input, float *scratch,
                              const float *gradient, double *gamma, double *beta) {
  first_run r = begin(f, input, scratch);
  const kernels_norm *n = &f->norm;
  const float *rows[MOST_WINDOW_ROWS];
  if (!r.table) return;
  FOR_UNITS(n) {
    make_rows(&r, first, end);
    for (int32_t row = first; row + n->window_rows <= end; row += n->window_rows) {
      window_rows(n, r.rows + (row - first) * row_floats(n), rows);
      r.table->norm_sums_row(n, rows, unit_plane(n), gradient + row / n->window_rows * out_row_floats(n), out_plane(n),
                             gamma, beta);
    }
  }
}

void kernels_first_block_backward(const kernels_first_block *f, const float *input, float *scratch,
                                  const float *gradient, double *weights) {
  first_run r = begin(f, input, scratch);
  const kernels_norm *n = &f->norm;
  if (!r.table) return;
  FOR_UNITS(n) {
    make_rows(&r, first, end);
    rows_gradient(r.table, n, r.rows, unit_plane(n), first, end, gradient, r.rows);
    memset(r.sums, 0, gradient_count(f) * sizeof(float));
    for (int32_t row = first; row < end; row++) {
      const float *const x[3] = {r.input + (size_t)row * padded_row(f), r.input + (size_t)(row + 1) * padded_row(f),
                                 r.input + (size_t)(row + 2) * padded_row(f)};
      r.table->direct_gradient(x, f->channels, n->columns, n->blocks, r.rows + (row - first) * row_floats(n),
                               unit_plane(n), r.sums);
    }
    for (size_t k = 0; k < gradient_count(f); k++) weights[k] += (double)r.sums[k];
  }
}
