// How much memory a chain takes, and where its parts lie.
#include "schedule.h"

static size_t whole_lines(size_t floats) { return (floats + 15) / 16 * 16; }

void kernels_chain_plan(kernels_chain *c) {
  int32_t count = c->stage_count, group = 1;
  const kernels_table *table = kernels_table_for(c->instruction_set);
  if (table) group = table->tile_group;

  for (int32_t s = 0; s < count; s++)
    // A first layer of few channels costs less than its trip to memory.
    c->is_whole[s] = c->keeps_rows && s > 0 && c->stages[s - 1].kind != KERNELS_DIRECT;

  size_t widest_row = 0, gradients = 0;
  int32_t most_blocks = 1;
  for (int32_t s = 0; s < count; s++) {
    const kernels_stage *stage = &c->stages[s];
    if (stage->kind == KERNELS_DIRECT) {
      c->plane[s] = 0;
      int32_t columns = stage->out_columns + stage->window_columns - 1;
      // As far as the next stage's tiles hang over: their gradients are multiplied by these.
      if (s + 1 < count && c->stages[s + 1].kind == KERNELS_WINOGRAD)
        columns = larger(columns, tiled_columns(&c->stages[s + 1]) + 4);
      c->row_floats[s] = whole_lines((size_t)columns * stage->in_channels);
    } else {
      int32_t columns = stage->in_columns;
      if (stage->kind == KERNELS_WINOGRAD) columns = larger(tiled_columns(stage) + shared_of(stage), stage->pad_left + columns);
      // Its tiles read whole the gradient that this stage leaves.
      if (s > 0 && c->stages[s - 1].kind == KERNELS_WINOGRAD)
        columns = larger(columns, stage->pad_left + tiled_columns(&c->stages[s - 1]));
      c->plane[s] = (size_t)columns * 16;
      c->row_floats[s] = c->plane[s] * in_blocks(stage);
      most_blocks = larger(most_blocks, in_blocks(stage));
    }
    most_blocks = larger(most_blocks, out_blocks(stage));
    widest_row = larger_size(widest_row, c->row_floats[s]);
    c->gradient_offset[s] = gradients;
    if (has_gradient(c) && has_weights(stage)) {
      size_t taps = stage->kind == KERNELS_WINOGRAD ? 36 : stage->window_rows * stage->window_columns;
      gradients += (taps * stage->in_channels + 1) * stage->out_channels;
    }
  }
  c->gradient_floats = gradients;
  const kernels_stage *last = &c->stages[count - 1];
  c->unit_rows = forward_rows(last);
  c->kept_columns = last->kind == KERNELS_WINOGRAD ? tiled_columns(last) : last->out_columns;
  c->gradient_plane = (size_t)c->kept_columns * 16;
  c->gradient_row_floats = c->gradient_plane * out_blocks(last);
  widest_row = larger_size(widest_row, c->gradient_row_floats);

  int32_t spans[KERNELS_MOST_STAGES] = {0}, gradient_spans[KERNELS_MOST_STAGES] = {0};
  progress now;
  run dry = {.chain = c, .now = &now, .spans = spans, .gradient_spans = gradient_spans};
  kernels_start(c, &now, 0);
  kernels_go_on(&dry, INT32_MAX);

  size_t floats = PROGRESS_FLOATS, whole = 0;
  for (int32_t s = 0; s < count; s++) {
    // Four rows of a unit lie side by side.
    c->ring_rows[s] = (larger(c->is_whole[s] ? c->stages[s].in_rows : spans[s], 1) + 3) / 4 * 4;
    size_t *at = c->is_whole[s] ? &whole : &floats;
    c->ring_offset[s] = *at;
    *at += c->ring_rows[s] * c->row_floats[s];
    c->gradient_ring_rows[s] = larger(gradient_spans[s], 1);
    c->gradient_ring_offset[s] = floats;
    if (has_gradient(c) && (s < count - 1 || has_last_gradient(c)))
      floats += c->gradient_ring_rows[s] * gradient_row_floats(c, s);
    c->carry_offset[s] = floats;
    if (has_gradient(c) && s > 0 && c->stages[s].kind == KERNELS_WINOGRAD) floats += shared_of(&c->stages[s]) * c->row_floats[s];
  }
  c->state_floats = floats;
  c->whole_floats = whole;

  size_t values = whole_lines(36 * position_stride(most_blocks, group));
  c->group_v = 0;
  c->group_m = values;
  c->edge_columns = c->group_m + values;
  c->edge_tile = c->edge_columns + (size_t)most_blocks * EDGE_FLOATS;
  // A column of zeros before the first.
  c->zero_row = c->edge_tile + (size_t)most_blocks * 256 + 16;
  c->spare_row = c->zero_row + widest_row;
  c->second_spare_row = c->spare_row + widest_row;
  c->sums = c->second_spare_row + widest_row + PENDING_FLOATS;
  c->scratch_floats = c->sums + gradients;
}
