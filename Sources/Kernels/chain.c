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
      int32_t columns = stage->out_columns + 2;
      // As far as the next stage's tiles hang over: their gradients are multiplied by these.
      if (s + 1 < count && c->stages[s + 1].kind == KERNELS_WINOGRAD)
        columns = larger(columns, 4 * tiles_across(&c->stages[s + 1]) + 4);
      c->row_floats[s] = whole_lines((size_t)columns * stage->in_channels);
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
  // A column of zeros before the first.
  c->zero_row = c->edge_tile + (size_t)most_blocks * 256 + 16;
  c->spare_row = c->zero_row + widest_row;
  c->second_spare_row = c->spare_row + widest_row;
  c->sums = c->second_spare_row + widest_row;
  c->scratch_floats = c->sums + gradients;
}
