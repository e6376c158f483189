#pragma once
#include <string.h>

#include "Kernels.h"
#include "table.h"

// A chain under way, as all files of it see it: how far each stage is, and where its rows are. schedule.c decides what
// is done next, forward.c and backward.c do it, plan.c says how much memory it takes; each calls only those after it.

typedef struct {
  int32_t filled[KERNELS_MOST_STAGES];  // rows of a stage's input that have come
  int32_t ready[KERNELS_MOST_STAGES];   // rows of the gradient of its output that are finished
  int32_t passed[KERNELS_MOST_STAGES];  // units that have gone backward
  int32_t next;                         // the last stage's next unit, forward
} progress;

// Behind the progress, before the first row of the first ring, lies a column of zeros.
// LEAST_GROUP: the smallest `tile_group` of all tables.
enum { PROGRESS_FLOATS = 64, INPUT_AHEAD = 6, LEAST_GROUP = 16, PENDING_FLOATS = 16, EDGE_FLOATS = 384 };
_Static_assert(KERNELS_MOST_STAGES <= PENDING_FLOATS, "pending outputs outgrew their place");
_Static_assert(sizeof(progress) <= (PROGRESS_FLOATS - 1) * sizeof(float), "progress outgrew its place");

typedef struct {
  const kernels_chain *chain;
  const kernels_table *table;  // NULL in a dry run
  kernels_example *example;
  progress *now;
  float *scratch;
  // Dry: the largest number of rows that are needed at once.
  int32_t *spans, *gradient_spans;
} run;

static inline int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }
static inline size_t larger_size(size_t a, size_t b) { return a > b ? a : b; }

// The side of a tile's outputs: 4 of a 3x3 window, 2 of 5x5.
static inline int32_t side_of(const kernels_stage *s) { return 7 - s->window_rows; }
static inline int32_t tiles_across(const kernels_stage *s) { return (s->out_columns - 1) / side_of(s) + 1; }
static inline int32_t tile_rows(const kernels_stage *s) { return (s->out_rows - 1) / side_of(s) + 1; }
// What tiles cover of a row.
static inline int32_t tiled_columns(const kernels_stage *s) { return side_of(s) * tiles_across(s); }
// How many rows and columns of their inputs neighbouring tiles share.
static inline int32_t shared_of(const kernels_stage *s) { return 6 - side_of(s); }
// Rows of tiles that go through together: as many as fill a group, so that weights are read once for all.
static inline int32_t rows_together(const kernels_stage *s) {
  return smaller(larger(LEAST_GROUP / tiles_across(s), 1), tile_rows(s));
}
// A unit is what a stage does at a time: rows of tiles, or one row. Forward a first layer makes two.
static inline int32_t unit_rows(const kernels_stage *s) { return s->kind == KERNELS_WINOGRAD ? side_of(s) * rows_together(s) : 1; }
static inline int32_t unit_count(const kernels_stage *s) { return (s->out_rows - 1) / unit_rows(s) + 1; }
static inline int32_t forward_rows(const kernels_stage *s) { return s->kind == KERNELS_DIRECT ? 2 : unit_rows(s); }
static inline int32_t out_blocks(const kernels_stage *s) { return s->out_channels / 16; }
static inline int32_t in_blocks(const kernels_stage *s) { return s->in_channels / 16; }
static inline int is_pool(const kernels_stage *s) { return s->kind == KERNELS_MAX_POOL || s->kind == KERNELS_AVERAGE_POOL; }
static inline int has_weights(const kernels_stage *s) { return !is_pool(s); }

// The input rows that rows of the output need: from the first row, and before the end.
static inline int32_t first_input(const kernels_stage *s, int32_t row) {
  return is_pool(s) ? row * s->window_rows : row - s->pad_top;
}
static inline int32_t end_input(const kernels_stage *s, int32_t end) {
  return smaller(is_pool(s) ? end * s->window_rows : end - s->pad_top + s->window_rows - 1, s->in_rows);
}

static inline int has_gradient(const kernels_chain *c) { return c->mode == KERNELS_UNIT || c->mode == KERNELS_BACKWARD; }
static inline int32_t last_stage(const kernels_chain *c) { return c->stage_count - 1; }
// Whether the gradient of the last output passes through a ring.
static inline int has_last_gradient(const kernels_chain *c) {
  return c->mode == KERNELS_BACKWARD
         || (c->mode == KERNELS_UNIT && c->stages[last_stage(c)].kind != KERNELS_WINOGRAD);
}

// The first row that a stage makes next.
static inline int32_t next_row(const run *r, int32_t s) {
  int32_t rows = forward_rows(&r->chain->stages[s]);
  if (s == last_stage(r->chain)) return r->now->next * rows;
  return (r->now->filled[s + 1] + rows - 1) / rows * rows;
}

// The first row of a stage's input that is still needed.
static inline int32_t lowest_row(const run *r, int32_t s) {
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t back = has_gradient(r->chain) ? first_input(stage, r->now->passed[s] * unit_rows(stage)) : INT32_MAX;
  if (r->chain->mode == KERNELS_BACKWARD && s == last_stage(r->chain)) return back;
  return smaller(back, first_input(stage, next_row(r, s)));
}

static inline void has_filled(run *r, int32_t s, int32_t rows) {
  if (!r->table) r->spans[s] = larger(r->spans[s], rows - larger(lowest_row(r, s), 0));
  r->now->filled[s] = rows;
}

static inline void is_ready(run *r, int32_t s, int32_t rows) {
  if (!r->table) {
    int32_t low = r->now->passed[s] * unit_rows(&r->chain->stages[s]);
    r->gradient_spans[s] = larger(r->gradient_spans[s], rows - low);
  }
  r->now->ready[s] = rows;
}

// How many outputs are in each stage's sums.
static inline int32_t *pending(const kernels_chain *c, float *scratch) {
  return (int32_t *)(void *)(scratch + c->sums - PENDING_FLOATS);
}

// ---- Where rows are

static inline float *ring_row(const run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  if (c->is_whole[s]) return r->example->whole + c->ring_offset[s] + (size_t)row * c->row_floats[s];
  return r->example->state + c->ring_offset[s] + (size_t)(row % c->ring_rows[s]) * c->row_floats[s];
}

static inline const float *input_row(const run *r, int32_t s, int32_t row) {
  if (row < 0 || row >= r->chain->stages[s].in_rows) return r->scratch + r->chain->zero_row;
  return ring_row(r, s, row);
}

// Where a stage's output begins in a ring row of the next one: behind the padding.
static inline size_t margin(const kernels_chain *c, int32_t s) {
  return s == last_stage(c) ? 0 : (size_t)c->stages[s + 1].pad_left * 16;
}
static inline size_t gradient_plane(const kernels_chain *c, int32_t s) {
  return s == last_stage(c) ? c->gradient_plane : c->plane[s + 1];
}
static inline size_t gradient_row_floats(const kernels_chain *c, int32_t s) {
  return s == last_stage(c) ? c->gradient_row_floats : c->row_floats[s + 1];
}

static inline float *gradient_row(const run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  return r->example->state + c->gradient_ring_offset[s]
         + (size_t)(row % c->gradient_ring_rows[s]) * gradient_row_floats(c, s);
}

// Where a stage's sums are, to which so many outputs more are added.
static inline float *sums_of(const run *r, int32_t s, int32_t outputs) {
  pending(r->chain, r->scratch)[s] += outputs;
  return r->scratch + r->chain->sums + r->chain->gradient_offset[s];
}
