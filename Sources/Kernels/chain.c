// Runs a chain row by row. Each stage keeps the last few rows of its input in a ring: forward, a stage
// asks the one before it for the rows that it needs next (`fill`); backward, it hands gradient rows down
// as soon as they are finished (`backward`). What the backward pass needs of the forward one is still in
// the rings, or computed again: nothing else is kept. The same control flow, run dry, says how many rows
// each ring must hold.
#include <string.h>

#include "Kernels.h"
#include "table.h"

typedef struct {
  int32_t filled[KERNELS_MOST_STAGES];  // rows of a stage's input that have come
  int32_t ready[KERNELS_MOST_STAGES];   // rows of the gradient of its output that are finished
  int32_t passed[KERNELS_MOST_STAGES];  // units that have gone backward
  int32_t next;                         // the last stage's next unit, forward
} progress;

enum { PROGRESS_FLOATS = 64, INPUT_AHEAD = 6 };
_Static_assert(sizeof(progress) <= PROGRESS_FLOATS * sizeof(float), "progress outgrew its place");

typedef struct {
  const kernels_chain *chain;
  const kernels_table *table;  // NULL in a dry run
  kernels_example *example;
  progress *now;
  float *scratch;
  // Dry: the largest number of rows that are needed at once.
  int32_t *spans, *gradient_spans;
} run;

static int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }
static size_t larger_size(size_t a, size_t b) { return a > b ? a : b; }

// A unit is what a stage does at a time: four rows of output, or one.
static int32_t unit_rows(const kernels_stage *s) { return s->kind == KERNELS_WINOGRAD ? 4 : 1; }
static int32_t unit_count(const kernels_stage *s) { return (s->out_rows - 1) / unit_rows(s) + 1; }
static int32_t tiles_across(const kernels_stage *s) { return (s->out_columns + 3) / 4; }
static int32_t out_blocks(const kernels_stage *s) { return s->out_channels / 16; }
static int32_t in_blocks(const kernels_stage *s) { return s->in_channels / 16; }
static int is_pool(const kernels_stage *s) { return s->kind == KERNELS_MAX_POOL || s->kind == KERNELS_AVERAGE_POOL; }
static int has_weights(const kernels_stage *s) { return !is_pool(s); }

// The input rows that a unit needs.
static int32_t first_row(const kernels_stage *s, int32_t unit) {
  return is_pool(s) ? unit * s->window_rows : unit * unit_rows(s) - s->pad_top;
}
static int32_t end_row(const kernels_stage *s, int32_t unit) {
  int32_t rows = is_pool(s) ? s->window_rows : unit_rows(s) + 2;
  return smaller(first_row(s, unit) + rows, s->in_rows);
}

static int has_gradient(const kernels_chain *c) { return c->mode == KERNELS_UNIT || c->mode == KERNELS_BACKWARD; }
static int32_t last_stage(const kernels_chain *c) { return c->stage_count - 1; }
// Whether the gradient of the last output passes through a ring.
static int has_last_gradient(const kernels_chain *c) {
  return c->mode == KERNELS_BACKWARD
         || (c->mode == KERNELS_UNIT && c->stages[last_stage(c)].kind != KERNELS_WINOGRAD);
}

static int32_t forward_unit(const run *r, int32_t s) {
  if (s == last_stage(r->chain)) return r->now->next;
  int32_t rows = unit_rows(&r->chain->stages[s]);
  return (r->now->filled[s + 1] + rows - 1) / rows;
}

// The first row of a stage's input that is still needed.
static int32_t lowest_row(const run *r, int32_t s) {
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t back = has_gradient(r->chain) ? first_row(stage, r->now->passed[s]) : INT32_MAX;
  if (r->chain->mode == KERNELS_BACKWARD && s == last_stage(r->chain)) return back;
  return smaller(back, first_row(stage, forward_unit(r, s)));
}

static void has_filled(run *r, int32_t s, int32_t rows) {
  if (!r->table) r->spans[s] = larger(r->spans[s], rows - larger(lowest_row(r, s), 0));
  r->now->filled[s] = rows;
}

static void is_ready(run *r, int32_t s, int32_t rows) {
  if (!r->table) {
    int32_t low = r->now->passed[s] * unit_rows(&r->chain->stages[s]);
    r->gradient_spans[s] = larger(r->gradient_spans[s], rows - low);
  }
  r->now->ready[s] = rows;
}

// ---- Where rows are

static float *ring_row(const run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  return r->example->state + c->ring_offset[s] + (size_t)(row % c->ring_rows[s]) * c->row_floats[s];
}

static const float *input_row(const run *r, int32_t s, int32_t row) {
  if (row < 0 || row >= r->chain->stages[s].in_rows) return r->scratch + r->chain->zero_row;
  return ring_row(r, s, row);
}

// Where a stage's output begins in a ring row of the next one: behind the padding.
static size_t margin(const kernels_chain *c, int32_t s) {
  return s == last_stage(c) ? 0 : (size_t)c->stages[s + 1].pad_left * 16;
}
static size_t gradient_plane(const kernels_chain *c, int32_t s) {
  return s == last_stage(c) ? c->gradient_plane : c->plane[s + 1];
}
static size_t gradient_row_floats(const kernels_chain *c, int32_t s) {
  return s == last_stage(c) ? c->gradient_row_floats : c->row_floats[s + 1];
}

static float *gradient_row(const run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  return r->example->state + c->gradient_ring_offset[s]
         + (size_t)(row % c->gradient_ring_rows[s]) * gradient_row_floats(c, s);
}

static float *sums_of(const run *r, int32_t s) {
  return r->scratch + r->chain->sums + r->chain->gradient_offset[s];
}

// ---- Forward

static void forward(run *r, int32_t s);

// Makes the rows of a stage's input come, up to `end`.
static void fill(run *r, int32_t s, int32_t end) {
  const kernels_stage *stage = &r->chain->stages[s];
  while (r->now->filled[s] < end) {
    if (s > 0) {
      forward(r, s - 1);
      continue;
    }
    int32_t row = r->now->filled[0];
    if (r->table) {
      size_t length = (size_t)stage->in_columns * stage->in_channels;
      const float *from = r->example->input + row * length;
      // The rows that the next unit asks for: the processor does not foresee them across the work between.
      if (row + INPUT_AHEAD < stage->in_rows)
        for (size_t k = 0; k < length; k += 16) __builtin_prefetch(from + INPUT_AHEAD * length + k);
      float *to = ring_row(r, 0, row);
      if (stage->kind == KERNELS_DIRECT) memcpy(to + stage->pad_left * stage->in_channels, from, length * sizeof(float));
      else
        r->table->planes_row(to + (is_pool(stage) ? 0 : stage->pad_left * 16), r->chain->plane[0], in_blocks(stage),
                             stage->in_columns, from, NULL);
    }
    has_filled(r, 0, row + 1);
  }
}

// A finished row of the last stage, where it is not a Winograd one: stored or multiplied.
static void finish_row(run *r, const float *planes, size_t plane, int32_t row) {
  const kernels_chain *c = r->chain;
  int32_t s = last_stage(c);
  const kernels_stage *stage = &c->stages[s];
  int32_t blocks = out_blocks(stage), channels = stage->out_channels;
  size_t length = (size_t)stage->out_columns * channels;
  double dot = 0;
  for (int32_t b = 0; b < blocks; b++)
    for (int32_t col = 0; col < stage->out_columns; col++) {
      const float *from = planes + b * plane + (size_t)col * 16;
      size_t place = (size_t)col * channels + b * 16;
      if (c->mode == KERNELS_STORE) {
        memcpy(r->example->output + row * length + place, from, 16 * sizeof(float));
        continue;
      }
      const float *dense = r->example->dense + row * length + place;
      float sum = 0;
      for (int k = 0; k < 16; k++) sum += from[k] * dense[k];
      dot += sum;
      if (c->mode != KERNELS_UNIT) continue;
      size_t at = (size_t)row * r->example->kept_stride + place;
      float *gradient = gradient_row(r, s, row) + b * c->gradient_plane + (size_t)col * 16;
      for (int k = 0; k < 16; k++) gradient[k] = !stage->relu || from[k] > 0 ? dense[k] : 0;
      r->table->keep(from, r->example->kept_is_half, r->example->kept_scale, r->example->kept, at);
    }
  r->example->dot += dot;
}

// Stages of one row at a time.
static void forward_row(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int is_last = s == last_stage(c);
  size_t plane = gradient_plane(c, s);
  float *out = is_last ? r->scratch + c->spare_row : ring_row(r, s + 1, row) + margin(c, s);
  if (stage->kind == KERNELS_DIRECT) {
    const float *x[3];
    for (int i = 0; i < 3; i++) x[i] = input_row(r, s, row - stage->pad_top + i);
    r->table->direct_row(x, stage->in_channels, stage->out_columns, out_blocks(stage), stage->weights, stage->bias,
                         stage->relu, out, plane);
  } else {
    const float *rows[16];
    for (int i = 0; i < stage->window_rows; i++) rows[i] = ring_row(r, s, row * stage->window_rows + i);
    (stage->kind == KERNELS_MAX_POOL ? r->table->max_pool_row : r->table->average_pool_row)(
        rows, c->plane[s], out_blocks(stage), stage->window_rows, stage->window_columns, stage->out_columns, out,
        plane);
  }
  if (is_last) finish_row(r, out, plane, row);
}

// Some tiles' outputs to where rows and columns lie as far apart as said.
static void store_tiles(run *r, int32_t s, int32_t row, int32_t first, int32_t tiles, float *out, size_t row_stride,
                        size_t column_stride, size_t block_stride) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  const float *m = r->scratch + c->group_m;
  int32_t blocks = out_blocks(stage);
  int32_t whole = row + 4 <= stage->out_rows ? smaller(tiles, larger(stage->out_columns / 4 - first, 0)) : 0;
  r->table->output_tiles(m, blocks, whole, stage->bias, stage->relu, out + (size_t)first * 4 * column_stride, row_stride,
                         column_stride, block_stride);
  // Tiles at an edge by way of a tile of their own.
  float *tile = r->scratch + c->edge_tile;
  for (int32_t t = whole; t < tiles; t++) {
    r->table->output_tiles(m + t * 16, blocks, 1, stage->bias, stage->relu, tile, 64, 16, 256);
    int32_t column = (first + t) * 4;
    for (int32_t i = 0; i < smaller(4, stage->out_rows - row); i++)
      for (int32_t j = 0; j < smaller(4, stage->out_columns - column); j++)
        for (int32_t b = 0; b < blocks; b++)
          memcpy(out + i * row_stride + (size_t)(column + j) * column_stride + b * block_stride,
                 tile + b * 256 + i * 64 + j * 16, 16 * sizeof(float));
  }
}

// Some tiles of the last stage, times the dense weights.
static void dot_tiles(run *r, int32_t row, int32_t first, int32_t tiles) {
  const kernels_chain *c = r->chain;
  const kernels_example *e = r->example;
  int32_t s = last_stage(c);
  const kernels_stage *stage = &c->stages[s];
  float *m = r->scratch + c->group_m;
  int32_t blocks = out_blocks(stage), channels = stage->out_channels;
  size_t length = (size_t)stage->out_columns * channels;
  int training = c->mode == KERNELS_UNIT;
  float *bias_sums = training ? sums_of(r, s) + (size_t)36 * stage->in_channels * channels : NULL;
  int32_t whole = row + 4 <= stage->out_rows ? smaller(tiles, larger(stage->out_columns / 4 - first, 0)) : 0;
  for (int32_t t = 0; t < tiles;) {
    int32_t count = t < whole ? whole - t : 1, column = (first + t) * 4;
    const float *dense = e->dense + row * length + (size_t)column * channels;
    size_t row_stride = length;
    if (t >= whole) {
      // Outputs outside weigh nothing, and so have no gradient.
      float *tile = r->scratch + c->edge_tile;
      memset(tile, 0, (size_t)16 * channels * sizeof(float));
      for (int32_t i = 0; i < smaller(4, stage->out_rows - row); i++)
        memcpy(tile + (size_t)i * 4 * channels, dense + i * length,
               (size_t)smaller(4, stage->out_columns - column) * channels * sizeof(float));
      dense = tile;
      row_stride = (size_t)4 * channels;
    }
    void *kept = NULL;
    if (training) {
      size_t place = row * e->kept_stride + (size_t)column * channels;
      kept = (char *)e->kept + place * (e->kept_is_half ? sizeof(uint16_t) : sizeof(float));
    }
    r->example->dot += r->table->dot_tiles(m + t * 16, blocks, count, stage->bias, stage->relu, dense, row_stride,
                                           training, kept, e->kept_stride, e->kept_is_half, e->kept_scale,
                                           bias_sums);
    t += count;
  }
}

static void prefetch_dense(const run *r, int32_t row, int32_t first, int32_t tiles) {
  const kernels_stage *stage = &r->chain->stages[last_stage(r->chain)];
  size_t length = (size_t)stage->out_columns * stage->out_channels;
  size_t begin = (size_t)first * 4 * stage->out_channels;
  size_t end = begin + (size_t)tiles * 4 * stage->out_channels;
  if (end > length) end = length;
  for (int32_t i = row; i < smaller(row + 4, stage->out_rows); i++)
    for (size_t k = begin; k < end; k += 16) __builtin_prefetch(r->example->dense + i * length + k);
}

static void backward(run *r, int32_t s);
static void pass_group(run *r, int32_t s, int32_t unit, int32_t first, int32_t tiles);
static void finish_pass(run *r, int32_t s, int32_t unit);

static void forward_tiles(run *r, int32_t s, int32_t unit) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int is_last = s == last_stage(c);
  int32_t row = unit * 4, across = tiles_across(stage), group = r->table->tile_group;
  float *v = r->scratch + c->group_v, *m = r->scratch + c->group_m;
  const float *rows[6];
  for (int i = 0; i < 6; i++) rows[i] = input_row(r, s, row - stage->pad_top + i);
  size_t length = (size_t)stage->out_columns * stage->out_channels;
  if (is_last && c->mode == KERNELS_UNIT)
    memset(r->scratch + c->edge_columns, 0, (size_t)in_blocks(stage) * 192 * sizeof(float));
  for (int32_t first = 0; first < across; first += group) {
    int32_t tiles = smaller(group, across - first);
    if (is_last && c->mode != KERNELS_STORE) prefetch_dense(r, row, first, tiles);
    r->table->input_tiles(rows, c->plane[s], in_blocks(stage), first, tiles, v);
    r->table->product(v, in_blocks(stage), stage->weights, out_blocks(stage), tiles, m);
    if (!is_last) {
      store_tiles(r, s, row, first, tiles, ring_row(r, s + 1, row) + margin(c, s), c->row_floats[s + 1], 16,
                  c->plane[s + 1]);
    } else if (c->mode == KERNELS_STORE) {
      store_tiles(r, s, row, first, tiles, r->example->output + row * length, length, stage->out_channels, 16);
    } else {
      dot_tiles(r, row, first, tiles);
      if (c->mode == KERNELS_UNIT) pass_group(r, s, unit, first, tiles);
    }
  }
}

// One unit of a stage, forward; in UNIT mode the last stage goes backward at once.
static void forward(run *r, int32_t s) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int is_last = s == last_stage(c);
  int32_t unit = forward_unit(r, s);
  fill(r, s, end_row(stage, unit));
  int32_t rows = smaller((unit + 1) * unit_rows(stage), stage->out_rows);
  if (!is_last) {
    // Before the rows are written: what they need and replace is settled by now.
    has_filled(r, s + 1, rows);
  } else if (has_last_gradient(c)) {
    is_ready(r, s, rows);
  }
  if (r->table) {
    if (stage->kind == KERNELS_WINOGRAD) forward_tiles(r, s, unit);
    else forward_row(r, s, unit);
  }
  if (!is_last) return;
  r->now->next = unit + 1;
  if (c->mode != KERNELS_UNIT) return;
  if (stage->kind == KERNELS_WINOGRAD) finish_pass(r, s, unit);
  else backward(r, s);
}

// ---- Backward

// Where a unit's four finished rows of the input's gradient go: rows outside to a spare one.
static float *passed_row(const run *r, int32_t s, int32_t row) {
  if (row < 0 || row >= r->chain->stages[s].in_rows) return r->scratch + r->chain->spare_row;
  return gradient_row(r, s - 1, row);
}

// From V and D of some tiles: the gradient of the weights, and that of the input.
static void pass_group(run *r, int32_t s, int32_t unit, int32_t first, int32_t tiles) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  float *v = r->scratch + c->group_v, *d = r->scratch + c->group_m;
  int32_t in = in_blocks(stage), out = out_blocks(stage);
  r->table->weight_product(v, in, d, out, tiles, sums_of(r, s));
  if (s == 0) return;
  r->table->product(d, out, stage->transposed, in, tiles, v);
  float *rows[4];
  const float *mask[4];
  for (int i = 0; i < 4; i++) {
    rows[i] = passed_row(r, s, unit * 4 - stage->pad_top + i);
    mask[i] = input_row(r, s, unit * 4 - stage->pad_top + i);
  }
  r->table->input_gradient(v, in, first, tiles, first + tiles == tiles_across(stage), r->scratch + c->edge_columns,
                           r->example->state + c->carry_offset[s], c->row_floats[s], c->plane[s], rows,
                           c->stages[s - 1].relu ? mask : NULL);
}

// Zeros where a gradient row has padding.
static void clear_margins(run *r, int32_t s, float *row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  size_t columns = c->plane[s] / 16, begin = stage->pad_left + stage->in_columns;
  for (int32_t b = 0; b < in_blocks(stage); b++) {
    memset(row + b * c->plane[s], 0, (size_t)stage->pad_left * 16 * sizeof(float));
    memset(row + b * c->plane[s] + begin * 16, 0, (columns - begin) * 16 * sizeof(float));
  }
}

// After a unit of a Winograd stage went backward: what is finished goes on to the stage before.
static void finish_pass(run *r, int32_t s, int32_t unit) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  r->now->passed[s] = unit + 1;
  if (s == 0) return;
  int is_last_unit = unit + 1 == unit_count(stage);
  int32_t row = unit * 4 - stage->pad_top, end = larger(smaller(row + 4, stage->in_rows), 0);
  if (is_last_unit) end = stage->in_rows;
  is_ready(r, s - 1, end);
  if (r->table) {
    for (int32_t i = larger(row, 0); i < smaller(row + 4, stage->in_rows); i++)
      clear_margins(r, s, gradient_row(r, s - 1, i));
    if (is_last_unit)
      // The rows below the last tiles are still in the carry.
      for (int32_t i = row + 4; i < stage->in_rows; i++) {
        const float *from = r->example->state + c->carry_offset[s] + (size_t)(i - row - 4) * c->row_floats[s];
        float *to = gradient_row(r, s - 1, i);
        if (c->stages[s - 1].relu) r->table->mask_row(to, from, ring_row(r, s, i), c->row_floats[s]);
        else memcpy(to, from, c->row_floats[s] * sizeof(float));
        clear_margins(r, s, to);
      }
  }
  backward(r, s - 1);
}

static void pass_tiles(run *r, int32_t s, int32_t unit) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int32_t row = unit * 4, across = tiles_across(stage), group = r->table->tile_group;
  float *v = r->scratch + c->group_v, *d = r->scratch + c->group_m;
  const float *rows[6], *gradients[4];
  for (int i = 0; i < 6; i++) rows[i] = input_row(r, s, row - stage->pad_top + i);
  for (int i = 0; i < 4; i++)
    gradients[i] = row + i < stage->out_rows ? gradient_row(r, s, row + i) + margin(c, s) : r->scratch + c->zero_row;
  float *bias_sums = sums_of(r, s) + (size_t)36 * stage->in_channels * stage->out_channels;
  memset(r->scratch + c->edge_columns, 0, (size_t)in_blocks(stage) * 192 * sizeof(float));
  for (int32_t first = 0; first < across; first += group) {
    int32_t tiles = smaller(group, across - first);
    r->table->input_tiles(rows, c->plane[s], in_blocks(stage), first, tiles, v);
    r->table->gradient_tiles(gradients, gradient_plane(c, s), out_blocks(stage), first, tiles, d, bias_sums);
    pass_group(r, s, unit, first, tiles);
  }
}

static void pass_direct_row(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  const float *x[3];
  for (int i = 0; i < 3; i++) x[i] = input_row(r, s, row - stage->pad_top + i);
  r->table->direct_gradient(x, stage->in_channels, stage->out_columns, out_blocks(stage),
                            gradient_row(r, s, row) + margin(c, s), gradient_plane(c, s), sums_of(r, s));
}

static void pass_pool_row(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  const float *rows[16];
  float *out[16];
  for (int i = 0; i < stage->window_rows; i++) {
    rows[i] = ring_row(r, s, row * stage->window_rows + i);
    out[i] = gradient_row(r, s - 1, row * stage->window_rows + i);
    memset(out[i], 0, c->row_floats[s] * sizeof(float));
  }
  (stage->kind == KERNELS_MAX_POOL ? r->table->max_pool_gradient : r->table->average_pool_gradient)(
      rows, c->plane[s], out_blocks(stage), stage->window_rows, stage->window_columns, stage->out_columns,
      gradient_row(r, s, row) + margin(c, s), gradient_plane(c, s), out, c->stages[s - 1].relu);
}

// Takes a stage backward as far as the gradient of its output is known.
static void backward(run *r, int32_t s) {
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t rows = unit_rows(stage);
  while (r->now->passed[s] < unit_count(stage)) {
    int32_t unit = r->now->passed[s];
    if (r->now->ready[s] < smaller((unit + 1) * rows, stage->out_rows)) return;
    fill(r, s, end_row(stage, unit));
    if (stage->kind == KERNELS_WINOGRAD) {
      if (r->table) pass_tiles(r, s, unit);
      finish_pass(r, s, unit);
      continue;
    }
    if (stage->kind == KERNELS_DIRECT) {
      if (r->table) pass_direct_row(r, s, unit);
      r->now->passed[s] = unit + 1;
      continue;
    }
    r->now->passed[s] = unit + 1;
    if (s == 0) continue;
    int32_t end = (unit + 1) * stage->window_rows;
    is_ready(r, s - 1, unit + 1 == unit_count(stage) ? stage->in_rows : end);
    if (r->table) {
      pass_pool_row(r, s, unit);
      // Rows that no window covers.
      for (int32_t i = end; i < r->now->ready[s - 1]; i++)
        memset(gradient_row(r, s - 1, i), 0, r->chain->row_floats[s] * sizeof(float));
    }
    backward(r, s - 1);
  }
}

// BACKWARD: one unit of the last stage.
static void take_gradient(run *r) {
  const kernels_chain *c = r->chain;
  int32_t s = last_stage(c);
  const kernels_stage *stage = &c->stages[s];
  int32_t rows = unit_rows(stage), unit = r->now->passed[s], end = smaller((unit + 1) * rows, stage->out_rows);
  size_t length = (size_t)stage->out_columns * stage->out_channels;
  is_ready(r, s, end);
  if (r->table)
    for (int32_t row = unit * rows; row < end; row++)
      r->table->planes_row(gradient_row(r, s, row), c->gradient_plane, out_blocks(stage), stage->out_columns,
                           r->example->output_gradient + row * length,
                           stage->relu ? r->example->output + row * length : NULL);
  backward(r, s);
}

static void go_on(run *r, int32_t until_row) {
  int32_t s = last_stage(r->chain);
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t *unit = r->chain->mode == KERNELS_BACKWARD ? &r->now->passed[s] : &r->now->next;
  while (*unit < unit_count(stage) && *unit * unit_rows(stage) < until_row) {
    if (r->chain->mode == KERNELS_BACKWARD) take_gradient(r);
    else forward(r, s);
  }
}

static void start(const kernels_chain *c, progress *now, int32_t row) {
  memset(now, 0, sizeof *now);
  now->next = row / unit_rows(&c->stages[last_stage(c)]);
  int32_t unit = now->next;
  for (int32_t s = last_stage(c); s >= 0; s--) {
    int32_t low = larger(first_row(&c->stages[s], unit), 0);
    if (s > 0) {
      int32_t rows = unit_rows(&c->stages[s - 1]);
      unit = low / rows;
      low = unit * rows;
    }
    now->filled[s] = low;
  }
}

void kernels_chain_begin(const kernels_chain *c, kernels_example *e, int32_t row) {
  start(c, (progress *)(void *)e->state, row);
  e->dot = 0;
  if (has_gradient(c))
    for (int32_t s = 1; s < c->stage_count; s++)
      if (c->stages[s].kind == KERNELS_WINOGRAD)
        memset(e->state + c->carry_offset[s], 0, 2 * c->row_floats[s] * sizeof(float));
}

void kernels_chain_run(const kernels_chain *c, kernels_example *e, float *scratch, int32_t until_row) {
  run r = {.chain = c,
           .table = kernels_table_for(c->instruction_set),
           .example = e,
           .now = (progress *)(void *)e->state,
           .scratch = scratch};
  if (!r.table) return;
  go_on(&r, until_row);
  if (has_gradient(c)) r.table->add_and_clear(e->gradient, scratch + c->sums, c->gradient_floats);
}

// ---- Memory

static size_t whole_lines(size_t floats) { return (floats + 15) / 16 * 16; }

void kernels_chain_plan(kernels_chain *c) {
  int32_t count = c->stage_count, group = 1;
  const kernels_table *table = kernels_table_for(c->instruction_set);
  if (table) group = table->tile_group;

  size_t widest_row = 0, gradients = 0;
  int32_t most_blocks = 1;
  for (int32_t s = 0; s < count; s++) {
    const kernels_stage *stage = &c->stages[s];
    if (stage->kind == KERNELS_DIRECT) {
      c->plane[s] = 0;
      c->row_floats[s] = whole_lines((size_t)(stage->out_columns + 2) * stage->in_channels);
    } else {
      int32_t columns = stage->in_columns;
      if (stage->kind == KERNELS_WINOGRAD) columns = larger(4 * tiles_across(stage) + 2, stage->pad_left + columns);
      // Its tiles read whole the gradient that this stage leaves.
      if (s > 0 && c->stages[s - 1].kind == KERNELS_WINOGRAD)
        columns = larger(columns, stage->pad_left + 4 * tiles_across(&c->stages[s - 1]));
      c->plane[s] = (size_t)columns * 16;
      c->row_floats[s] = c->plane[s] * in_blocks(stage);
      most_blocks = larger(most_blocks, in_blocks(stage));
    }
    most_blocks = larger(most_blocks, out_blocks(stage));
    widest_row = larger_size(widest_row, c->row_floats[s]);
    c->gradient_offset[s] = gradients;
    if (has_gradient(c) && has_weights(stage)) {
      size_t taps = stage->kind == KERNELS_DIRECT ? 9 : 36;
      gradients += (taps * stage->in_channels + 1) * stage->out_channels;
    }
  }
  c->gradient_floats = gradients;
  const kernels_stage *last = &c->stages[count - 1];
  c->kept_columns = last->kind == KERNELS_WINOGRAD ? 4 * tiles_across(last) : last->out_columns;
  c->gradient_plane = (size_t)c->kept_columns * 16;
  c->gradient_row_floats = c->gradient_plane * out_blocks(last);
  widest_row = larger_size(widest_row, c->gradient_row_floats);

  int32_t spans[KERNELS_MOST_STAGES] = {0}, gradient_spans[KERNELS_MOST_STAGES] = {0};
  progress now;
  run dry = {.chain = c, .now = &now, .spans = spans, .gradient_spans = gradient_spans};
  start(c, &now, 0);
  go_on(&dry, INT32_MAX);

  size_t floats = PROGRESS_FLOATS;
  for (int32_t s = 0; s < count; s++) {
    // Four rows of a unit lie side by side.
    c->ring_rows[s] = (larger(spans[s], 1) + 3) / 4 * 4;
    c->ring_offset[s] = floats;
    floats += c->ring_rows[s] * c->row_floats[s];
    c->gradient_ring_rows[s] = larger(gradient_spans[s], 1);
    c->gradient_ring_offset[s] = floats;
    if (has_gradient(c) && (s < count - 1 || has_last_gradient(c)))
      floats += c->gradient_ring_rows[s] * gradient_row_floats(c, s);
    c->carry_offset[s] = floats;
    if (has_gradient(c) && s > 0 && c->stages[s].kind == KERNELS_WINOGRAD) floats += 2 * c->row_floats[s];
  }
  c->state_floats = floats;

  size_t values = whole_lines(36 * position_stride(most_blocks, group));
  c->group_v = 0;
  c->group_m = values;
  c->edge_columns = c->group_m + values;
  c->edge_tile = c->edge_columns + (size_t)most_blocks * 192;
  c->zero_row = c->edge_tile + (size_t)most_blocks * 256;
  c->spare_row = c->zero_row + widest_row;
  c->sums = c->spare_row + widest_row;
  c->scratch_floats = c->sums + gradients;
}
