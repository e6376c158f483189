// The backward pass: gradient rows are handed down as soon as they are finished.
#include "chain.h"

// Where a unit's four finished rows of the input's gradient go: rows outside to a spare one.
static float *passed_row(const run *r, int32_t s, int32_t row) {
  if (row < 0 || row >= r->chain->stages[s].in_rows) return r->scratch + r->chain->spare_row;
  return gradient_row(r, s - 1, row);
}

// Whether the gradient of a stage's input goes from registers into that of the weights before it: a first
// layer of one channel, whose ReLU also blots out what lies beside the picture.
static int takes_taps(const kernels_chain *c, int32_t s) {
  if (s != 1) return 0;
  const kernels_stage *before = &c->stages[0];
  return before->kind == KERNELS_DIRECT && before->in_channels == 1 && before->out_channels == 16 && before->relu;
}

void kernels_pass_group(run *r, int32_t s, int32_t unit, int32_t first, int32_t tiles) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  float *v = r->scratch + c->group_v, *d = r->scratch + c->group_m;
  int32_t in = in_blocks(stage), out = out_blocks(stage);
  r->table->weight_product(v, in, d, out, tiles, sums_of(r, s));
  if (s == 0) return;
  r->table->product_in(d, out, stage->transposed, in, tiles, v);
  float *rows[4];
  const float *mask[4];
  int32_t row = unit * 4 - stage->pad_top, is_last = first + tiles == tiles_across(stage);
  float *columns = r->scratch + c->edge_columns, *carry = r->example->state + c->carry_offset[s];
  if (takes_taps(c, s)) {
    const float *x[6];
    for (int i = 0; i < 4; i++) mask[i] = input_row(r, s, row + i);
    for (int i = 0; i < 6; i++) x[i] = input_row(r, s - 1, row - c->stages[s - 1].pad_top + i) - stage->pad_left;
    r->table->input_gradient_taps(v, first, tiles, is_last, columns, carry, c->row_floats[s], mask, x,
                                  sums_of(r, s - 1));
    return;
  }
  for (int i = 0; i < 4; i++) {
    rows[i] = passed_row(r, s, row + i);
    mask[i] = input_row(r, s, row + i);
  }
  r->table->input_gradient(v, in, first, tiles, is_last, columns, carry, c->row_floats[s], c->plane[s], rows,
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

void kernels_finish_pass(run *r, int32_t s, int32_t unit) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  r->now->passed[s] = unit + 1;
  if (s == 0) return;
  int is_last_unit = unit + 1 == unit_count(stage);
  int32_t row = unit * 4 - stage->pad_top, end = larger(smaller(row + 4, stage->in_rows), 0);
  int has_passed = takes_taps(c, s);
  if (has_passed) r->now->passed[s - 1] = end;
  if (is_last_unit) end = stage->in_rows;
  is_ready(r, s - 1, end);
  if (r->table) {
    for (int32_t i = larger(row, 0); !has_passed && i < smaller(row + 4, stage->in_rows); i++)
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
  kernels_backward(r, s - 1);
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
    r->table->input_tiles(rows, c->plane[s], in_blocks(stage), first, tiles, NULL, v);
    r->table->gradient_tiles(gradients, gradient_plane(c, s), out_blocks(stage), first, tiles, d, bias_sums);
    kernels_pass_group(r, s, unit, first, tiles);
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

void kernels_backward(run *r, int32_t s) {
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t rows = unit_rows(stage);
  while (r->now->passed[s] < unit_count(stage)) {
    int32_t unit = r->now->passed[s];
    if (r->now->ready[s] < smaller((unit + 1) * rows, stage->out_rows)) return;
    kernels_fill(r, s, end_input(stage, (unit + 1) * rows));
    if (stage->kind == KERNELS_WINOGRAD) {
      if (r->table) pass_tiles(r, s, unit);
      kernels_finish_pass(r, s, unit);
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
    kernels_backward(r, s - 1);
  }
}

void kernels_take_gradient(run *r) {
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
  kernels_backward(r, s);
}
