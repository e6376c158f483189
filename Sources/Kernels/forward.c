// The forward pass of a stage's rows. In UNIT mode the tiles of the last stage go backward while they are in the cache.
#include "forward.h"

#include "backward.h"
#include "tiles.h"

// A row of the input, made if it has to be.
static const float *row_of_input(kernels_example *e, const kernels_stage *stage, int32_t row, int has_peak) {
  size_t length = (size_t)stage->in_columns * stage->in_channels;
  if (!e->make_rows) {
    const float *from = e->input + row * length;
    // The rows that the next unit asks for: the processor does not foresee them across the work between.
    if (row + INPUT_AHEAD < stage->in_rows)
      for (size_t k = 0; k < length; k += 16) __builtin_prefetch(from + INPUT_AHEAD * length + k);
    if (has_peak) {
      // While it is in the cache.
      float peak = kernels_peak(from, length);
      if (!(peak <= e->peak) && e->peak == e->peak) e->peak = peak;
    }
    return from;
  }
  if (row >= e->made_end) {
    e->made_first = row;
    e->made_end = row + e->make_rows(e->source, row, (float *)e->input);
  }
  return e->input + (row - e->made_first) * length;
}

void kernels_take_row(run *r, int32_t row) {
  const kernels_stage *stage = &r->chain->stages[0];
  size_t length = (size_t)stage->in_columns * stage->in_channels;
  const float *from = row_of_input(r->example, stage, row, !has_gradient(r->chain));
  float *to = ring_row(r, 0, row);
  if (stage->kind == KERNELS_DIRECT) memcpy(to + stage->pad_left * stage->in_channels, from, length * sizeof(float));
  else
    r->table->planes_row(to + (is_pool(stage) ? 0 : stage->pad_left * 16), r->chain->plane[0], in_blocks(stage),
                         stage->in_columns, from, NULL);
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

// Where a stage's row goes: to the ring of the next, or for a moment to scratch, the second of a pair not onto the
// first.
static float *output_row(const run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  if (row >= c->stages[s].out_rows || s == last_stage(c))
    return r->scratch + (row % 2 ? c->second_spare_row : c->spare_row);
  return ring_row(r, s + 1, row) + margin(c, s);
}

static void forward_direct(run *r, int32_t s, int32_t row) {
  const kernels_stage *stage = &r->chain->stages[s];
  size_t plane = gradient_plane(r->chain, s);
  const float *x[6];
  for (int i = 0; i < stage->window_rows + 1; i++) x[i] = input_row(r, s, row - stage->pad_top + i);
  float *const out[2] = {output_row(r, s, row), output_row(r, s, row + 1)};
  if (stage->window_rows == 3)
    r->table->direct_rows(x, stage->in_channels, stage->out_columns, out_blocks(stage), stage->weights, stage->bias,
                          stage->relu, out, plane);
  for (int i = 0; stage->window_rows == 5 && i < 2; i++)
    r->table->wide_row(x + i, stage->in_channels, stage->out_columns, out_blocks(stage), stage->weights, stage->bias,
                       stage->relu, out[i], plane);
  if (s != last_stage(r->chain)) return;
  for (int32_t i = 0; i < smaller(2, stage->out_rows - row); i++) finish_row(r, out[i], plane, row + i);
}

static void forward_point(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  size_t plane = gradient_plane(c, s);
  float *out = output_row(r, s, row);
  r->table->point_row(input_row(r, s, row), c->plane[s], in_blocks(stage), stage->out_columns, stage->weights,
                      out_blocks(stage), stage->bias, stage->relu, out, plane);
  if (s == last_stage(c)) finish_row(r, out, plane, row);
}

static void forward_pool(run *r, int32_t s, int32_t row) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  size_t plane = gradient_plane(c, s);
  float *out = output_row(r, s, row);
  const float *rows[16];
  for (int i = 0; i < stage->window_rows; i++) rows[i] = ring_row(r, s, row * stage->window_rows + i);
  (stage->kind == KERNELS_MAX_POOL ? r->table->max_pool_row : r->table->average_pool_row)(
      rows, c->plane[s], out_blocks(stage), stage->window_rows, stage->window_columns, stage->out_columns, out, plane);
  if (s == last_stage(c)) finish_row(r, out, plane, row);
}

// Some tiles' outputs, of one row of tiles, to where rows and columns lie as far apart as said.
static void store_tiles(run *r, int32_t s, const float *m, int32_t row, tile_group g, float *out, size_t row_stride,
                        size_t column_stride, size_t block_stride) {
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t blocks = out_blocks(stage), first = g.first, tiles = g.across, side = side_of(stage);
  int32_t whole = row + side <= stage->out_rows ? smaller(tiles, larger(stage->out_columns / side - first, 0)) : 0;
  r->table->output_tiles(side, m, blocks, whole, stage->bias, stage->relu, out + (size_t)first * side * column_stride, row_stride,
                         column_stride, block_stride);
  // Tiles at an edge by way of a tile of their own.
  float *tile = r->scratch + r->chain->edge_tile;
  for (int32_t t = whole; t < tiles; t++) {
    r->table->output_tiles(side, m + t * 16, blocks, 1, stage->bias, stage->relu, tile, 64, 16, 256);
    int32_t column = (first + t) * side;
    for (int32_t i = 0; i < smaller(side, stage->out_rows - row); i++)
      for (int32_t j = 0; j < smaller(side, stage->out_columns - column); j++)
        for (int32_t b = 0; b < blocks; b++)
          memcpy(out + i * row_stride + (size_t)(column + j) * column_stride + b * block_stride,
                 tile + b * 256 + i * 64 + j * 16, 16 * sizeof(float));
  }
}

// Some tiles of the last stage, of one row of tiles, times the dense weights.
static void dot_tiles(run *r, float *m, int32_t row, tile_group g) {
  const kernels_chain *c = r->chain;
  const kernels_example *e = r->example;
  int32_t s = last_stage(c);
  const kernels_stage *stage = &c->stages[s];
  int32_t blocks = out_blocks(stage), channels = stage->out_channels, first = g.first, tiles = g.across;
  int32_t side = side_of(stage);
  size_t length = (size_t)stage->out_columns * channels;
  int training = c->mode == KERNELS_UNIT;
  float *bias_sums = training ? sums_of(r, s, 0) + (size_t)36 * stage->in_channels * channels : NULL;
  int32_t whole = row + side <= stage->out_rows ? smaller(tiles, larger(stage->out_columns / side - first, 0)) : 0;
  for (int32_t t = 0; t < tiles;) {
    int32_t count = t < whole ? whole - t : 1, column = (first + t) * side;
    const float *dense = e->dense + row * length + (size_t)column * channels;
    size_t row_stride = length;
    if (t >= whole) {
      // Outputs outside weigh nothing, and so have no gradient.
      float *tile = r->scratch + c->edge_tile;
      memset(tile, 0, (size_t)16 * channels * sizeof(float));
      for (int32_t i = 0; i < smaller(side, stage->out_rows - row); i++)
        memcpy(tile + (size_t)i * side * channels, dense + i * length,
               (size_t)smaller(side, stage->out_columns - column) * channels * sizeof(float));
      dense = tile;
      row_stride = (size_t)side * channels;
    }
    void *kept = NULL;
    if (training) {
      size_t place = row * e->kept_stride + (size_t)column * channels;
      kept = (char *)e->kept + place * (e->kept_is_half ? sizeof(uint16_t) : sizeof(float));
    }
    r->example->dot += r->table->dot_tiles(side, m + t * 16, blocks, count, stage->bias, stage->relu, dense, row_stride,
                                           training, kept, e->kept_stride, e->kept_is_half, e->kept_scale,
                                           bias_sums);
    t += count;
  }
}

// M of some tiles in whole numbers: V as large as the rows' peak allows.
static void narrow_tiles(run *r, int32_t s, tile_group g) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  const kernels_narrow_table *narrow = kernels_narrow_table_for(c->instruction_set);
  int16_t *v = (int16_t *)(void *)(r->scratch + c->group_v);
  const float *rows[6];
  float peak = 0, scales[36];
  for (int32_t i = 0; i < g.rows; i++) {
    kernels_input_rows(r, s, g.top + i, rows);
    float own = narrow->rows_peak(rows, c->plane[s], in_blocks(stage), g.first, 4 * g.across + 2);
    peak = own > peak ? own : peak;
  }
  const float *of_v = stage->narrow_scales + (size_t)36 * stage->out_channels;
  // What is too small to divide by is nothing beside the bias.
  for (int i = 0; i < 36; i++) scales[i] = peak > 1e-30f ? of_v[i] / peak : 0;
  for (int32_t i = 0; i < g.rows; i++) {
    kernels_input_rows(r, s, g.top + i, rows);
    narrow->input_tiles(4, rows, c->plane[s], in_blocks(stage), g.first, g.across, scales, v + tiles_before(g, i));
  }
  narrow->narrow_product(v, in_blocks(stage), stage->narrow_weights, out_blocks(stage), tiles_of(g),
                         stage->narrow_scales, peak, stage->bias, r->scratch + c->group_m);
}

static void forward_tiles(run *r, int32_t s, int32_t unit) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int is_last = s == last_stage(c);
  int32_t most = r->table->tile_group;
  float *v = r->scratch + c->group_v, *m = r->scratch + c->group_m;
  size_t length = (size_t)stage->out_columns * stage->out_channels;
  if (is_last && c->mode == KERNELS_UNIT) kernels_begin_pass(r, s);
  for (tile_group g = first_group(stage, unit, most); g.across > 0; g = next_group(stage, g, most)) {
    if (stage->narrow_weights) {
      narrow_tiles(r, s, g);
    } else {
      kernels_input_tiles(r, s, g);
      r->table->product_out(side_of(stage), v, in_blocks(stage), stage->weights, out_blocks(stage), tiles_of(g), stage->bias, m);
    }
    for (int32_t i = 0; i < g.rows; i++) {
      int32_t row = (g.top + i) * side_of(stage);
      float *of_row = m + tiles_before(g, i);
      if (!is_last) {
        store_tiles(r, s, of_row, row, g, ring_row(r, s + 1, row) + margin(c, s), c->row_floats[s + 1], 16,
                    c->plane[s + 1]);
      } else if (c->mode == KERNELS_STORE) {
        store_tiles(r, s, of_row, row, g, r->example->output + row * length, length, stage->out_channels, 16);
      } else {
        dot_tiles(r, of_row, row, g);
      }
    }
    if (is_last && c->mode == KERNELS_UNIT) kernels_pass_group(r, s, g);
  }
}

void kernels_forward_unit(run *r, int32_t s, int32_t row) {
  const kernels_stage *stage = &r->chain->stages[s];
  if (stage->kind == KERNELS_WINOGRAD) forward_tiles(r, s, row / unit_rows(stage));
  else if (stage->kind == KERNELS_DIRECT) forward_direct(r, s, row);
  else if (stage->kind == KERNELS_POINT) forward_point(r, s, row);
  else forward_pool(r, s, row);
}
