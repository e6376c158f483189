// Runs a chain row by row. Each stage keeps the last few rows of its input in a ring: forward, a stage
// asks the one before it for the rows that it needs next (`fill`); backward, it hands gradient rows down
// as soon as they are finished (`backward`). What the backward pass needs of the forward one is still in
// the rings, or computed again: nothing else is kept. The same control flow, run dry, says how many rows
// each ring must hold.
#include "chain.h"

static void go_on(run *r, int32_t until_row) {
  int32_t s = last_stage(r->chain);
  const kernels_stage *stage = &r->chain->stages[s];
  if (r->chain->mode == KERNELS_BACKWARD) {
    while (r->now->passed[s] < unit_count(stage) && r->now->passed[s] * unit_rows(stage) < until_row)
      kernels_take_gradient(r);
  } else {
    while (next_row(r, s) < smaller(stage->out_rows, until_row)) kernels_forward(r, s);
  }
}

static void start(const kernels_chain *c, progress *now, int32_t row) {
  memset(now, 0, sizeof *now);
  now->next = row / forward_rows(&c->stages[last_stage(c)]);
  int32_t low = now->next * forward_rows(&c->stages[last_stage(c)]);
  for (int32_t s = last_stage(c); s >= 0; s--) {
    low = larger(first_input(&c->stages[s], low), 0);
    if (s > 0) low = low / forward_rows(&c->stages[s - 1]) * forward_rows(&c->stages[s - 1]);
    now->filled[s] = low;
  }
  for (int32_t s = 1; s < c->stage_count; s++)
    if (c->mode == KERNELS_BACKWARD && c->is_whole[s]) now->filled[s] = c->stages[s].in_rows;
}

void kernels_chain_begin(const kernels_chain *c, kernels_example *e, int32_t row) {
  progress *now = (progress *)(void *)e->state;
  start(c, now, row);
  e->dot = 0;
  e->peak = 0;
  e->made_first = e->made_end = now->filled[0];
  if (has_gradient(c))
    for (int32_t s = 1; s < c->stage_count; s++)
      if (c->stages[s].kind == KERNELS_WINOGRAD)
        memset(e->state + c->carry_offset[s], 0, shared_of(&c->stages[s]) * c->row_floats[s] * sizeof(float));
}

// After so many outputs sums are added to those that are longer under way: rounding grows with how many there are.
enum { MOST_PENDING = 4096 };

static void flush(const kernels_chain *c, float *gradient, float *scratch, int32_t least) {
  const kernels_table *table = kernels_table_for(c->instruction_set);
  for (int32_t s = 0; s < c->stage_count; s++) {
    int32_t *count = pending(c, scratch) + s;
    if (*count < least) continue;
    size_t first = c->gradient_offset[s], end = s + 1 < c->stage_count ? c->gradient_offset[s + 1] : c->gradient_floats;
    table->add_and_clear(gradient + first, scratch + c->sums + first, end - first);
    *count = 0;
  }
}

void kernels_chain_finish(const kernels_chain *c, float *gradient, float *scratch) {
  if (kernels_table_for(c->instruction_set) && has_gradient(c)) flush(c, gradient, scratch, 1);
}

void kernels_chain_run(const kernels_chain *c, kernels_example *e, float *scratch, int32_t until_row) {
  run r = {.chain = c,
           .table = kernels_table_for(c->instruction_set),
           .example = e,
           .now = (progress *)(void *)e->state,
           .scratch = scratch};
  if (!r.table) return;
  go_on(&r, until_row);
  if (has_gradient(c)) flush(c, e->gradient, scratch, c->mode == KERNELS_UNIT ? 1 : MOST_PENDING);
}

// ---- Memory

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
  start(c, &now, 0);
  go_on(&dry, INT32_MAX);

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
