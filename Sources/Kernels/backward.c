// The backward pass of a stage's rows: the gradients of its weights to their sums, that of its input to the ring before.
#include "backward.h"

// Where a unit's four finished rows of the input's gradient go: rows outside to a spare one.
static float *passed_row(const run *r, int32_t s, int32_t row) {
  if (row < 0 || row >= r->chain->stages[s].in_rows) return r->scratch + r->chain->spare_row;
  return gradient_row(r, s - 1, row);
}

void kernels_begin_pass(run *r, int32_t s) {
  memset(r->scratch + r->chain->edge_columns, 0, (size_t)in_blocks(&r->chain->stages[s]) * EDGE_FLOATS * sizeof(float));
}

// The gradient of the input, from V of a row of tiles.
static void pass_tile_row(run *r, int32_t s, int32_t tile_row, tile_group g, const float *v) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  float *rows[4];
  const float *mask[4];
  int32_t side = side_of(stage), row = tile_row * side - stage->pad_top;
  int is_last = g.first + g.across == tiles_across(stage);
  float *columns = r->scratch + c->edge_columns, *carry = r->example->state + c->carry_offset[s];
  if (kernels_takes_taps(c, s)) {
    const float *x[6];
    for (int i = 0; i < 4; i++) mask[i] = input_row(r, s, row + i);
    for (int i = 0; i < 6; i++) x[i] = input_row(r, s - 1, row - c->stages[s - 1].pad_top + i) - stage->pad_left;
    r->table->input_gradient_taps(v, g.first, g.across, is_last, columns, carry, c->row_floats[s], mask, x,
                                  sums_of(r, s - 1, g.across * 16));
    return;
  }
  for (int i = 0; i < side; i++) {
    rows[i] = passed_row(r, s, row + i);
    mask[i] = input_row(r, s, row + i);
  }
  r->table->input_gradient(side, v, in_blocks(stage), g.first, g.across, is_last, columns, carry, c->row_floats[s],
                           c->plane[s], rows, c->stages[s - 1].relu ? mask : NULL);
}

void kernels_pass_group(run *r, int32_t s, tile_group g) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  float *v = r->scratch + c->group_v, *d = r->scratch + c->group_m;
  int32_t in = in_blocks(stage), out = out_blocks(stage);
  r->table->weight_product(v, in, d, out, tiles_of(g), sums_of(r, s, tiles_of(g) * 16));
  if (s == 0) return;
  r->table->product_in(d, out, stage->transposed, in, tiles_of(g), v);
  for (int32_t i = 0; i < g.rows; i++) {
    if (i > 0) kernels_begin_pass(r, s);
    pass_tile_row(r, s, g.top + i, g, v + tiles_before(g, i));
  }
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

void kernels_finish_tiles(run *r, int32_t s, int32_t unit) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int32_t below = end_of_tiles(stage, unit), end = smaller(below, stage->in_rows);
  if (!kernels_takes_taps(c, s))
    for (int32_t i = larger(unit * unit_rows(stage) - stage->pad_top, 0); i < end; i++)
      clear_margins(r, s, gradient_row(r, s - 1, i));
  if (unit + 1 < unit_count(stage)) return;
  // The rows below the last tiles are still in the carry.
  for (int32_t i = below; i < stage->in_rows; i++) {
    const float *from = r->example->state + c->carry_offset[s] + (size_t)(i - below) * c->row_floats[s];
    float *to = gradient_row(r, s - 1, i);
    if (c->stages[s - 1].relu) r->table->mask_row(to, from, ring_row(r, s, i), c->row_floats[s]);
    else memcpy(to, from, c->row_floats[s] * sizeof(float));
    clear_margins(r, s, to);
  }
}

static void pass_tiles(run *r, int32_t s, int32_t unit) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int32_t most = r->table->tile_group;
  float *bias_sums = sums_of(r, s, 0) + (size_t)36 * stage->in_channels * stage->out_channels;
  kernels_begin_pass(r, s);
  for (tile_group g = first_group(stage, unit, most); g.across > 0; g = next_group(stage, g, most)) {
    kernels_input_tiles(r, s, g);
    for (int32_t n = 0; n < g.rows; n++) {
      const float *gradients[4];
      for (int i = 0; i < side_of(stage); i++) {
        int32_t row = (g.top + n) * side_of(stage) + i;
        gradients[i] = row < stage->out_rows ? gradient_row(r, s, row) + margin(c, s) : r->scratch + c->zero_row;
      }
      r->table->gradient_tiles(side_of(stage), gradients, gradient_plane(c, s), out_blocks(stage), g.first, g.across,
                               r->scratch + c->group_m + tiles_before(g, n), bias_sums);
    }
    kernels_pass_group(r, s, g);
  }
}

static void pass_direct_row(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  const float *x[5];
  for (int i = 0; i < stage->window_rows; i++) x[i] = input_row(r, s, row - stage->pad_top + i);
  (stage->window_rows == 5 ? r->table->wide_gradient : r->table->direct_gradient)(
      x, stage->in_channels, stage->out_columns, out_blocks(stage), gradient_row(r, s, row) + margin(c, s),
      gradient_plane(c, s), sums_of(r, s, stage->out_columns));
}

static void pass_point_row(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  const float *x = input_row(r, s, row), *gradient = gradient_row(r, s, row) + margin(c, s);
  size_t plane = gradient_plane(c, s);
  r->table->point_gradient(x, c->plane[s], in_blocks(stage), stage->out_columns, gradient, plane, out_blocks(stage),
                           sums_of(r, s, stage->out_columns));
  if (s == 0) return;
  float *out = gradient_row(r, s - 1, row);
  r->table->point_input_gradient(gradient, plane, out_blocks(stage), stage->in_columns, stage->transposed,
                                 in_blocks(stage), c->stages[s - 1].relu ? x : NULL, out, c->plane[s]);
  clear_margins(r, s, out);
}

static void pass_pool_row(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  if (s == 0) return;
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
  if (row + 1 < stage->out_rows) return;
  // Rows that no window covers.
  for (int32_t i = stage->out_rows * stage->window_rows; i < stage->in_rows; i++)
    memset(gradient_row(r, s - 1, i), 0, c->row_floats[s] * sizeof(float));
}

void kernels_pass_unit(run *r, int32_t s, int32_t unit) {
  const kernels_stage *stage = &r->chain->stages[s];
  if (stage->kind == KERNELS_WINOGRAD) pass_tiles(r, s, unit);
  else if (stage->kind == KERNELS_DIRECT) pass_direct_row(r, s, unit);
  else if (stage->kind == KERNELS_POINT) pass_point_row(r, s, unit);
  else pass_pool_row(r, s, unit);
}

void kernels_take_gradient(run *r, int32_t first, int32_t end) {
  const kernels_chain *c = r->chain;
  int32_t s = last_stage(c);
  const kernels_stage *stage = &c->stages[s];
  size_t length = (size_t)stage->out_columns * stage->out_channels;
  for (int32_t row = first; row < end; row++)
    r->table->planes_row(gradient_row(r, s, row), c->gradient_plane, out_blocks(stage), stage->out_columns,
                         r->example->output_gradient + row * length,
                         stage->relu ? r->example->output + row * length : NULL);
}
