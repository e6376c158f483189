// Decides what a chain does next. Each stage keeps the last few rows of its input in a ring: forward, a stage asks the
// one before it for the rows that it needs next (`fill`); backward, it hands gradient rows down as soon as they are
// finished (`backward`). What the backward pass needs of the forward one is still in the rings, or computed again:
// nothing else is kept. The work itself is forward.c's and backward.c's; without it, dry, the same control flow says
// how many rows each ring must hold.
#include "schedule.h"

#include "backward.h"
#include "forward.h"

static void forward(run *r, int32_t s);
static void backward(run *r, int32_t s);

// Makes the rows of a stage's input come, up to `end`.
static void fill(run *r, int32_t s, int32_t end) {
  while (r->now->filled[s] < end) {
    if (s > 0) {
      forward(r, s - 1);
      continue;
    }
    int32_t row = r->now->filled[0];
    if (r->table) kernels_take_row(r, row);
    has_filled(r, 0, row + 1);
  }
}

// After a unit of a Winograd stage went backward: what is finished goes on to the stage before.
static void hand_down_tiles(run *r, int32_t s, int32_t unit) {
  const kernels_stage *stage = &r->chain->stages[s];
  r->now->passed[s] = unit + 1;
  if (s == 0) return;
  int32_t end = larger(smaller(end_of_tiles(stage, unit), stage->in_rows), 0);
  if (kernels_takes_taps(r->chain, s)) r->now->passed[s - 1] = end;
  is_ready(r, s - 1, unit + 1 == unit_count(stage) ? stage->in_rows : end);
  if (r->table) kernels_finish_tiles(r, s, unit);
  backward(r, s - 1);
}

// Takes a stage backward as far as the gradient of its output is known.
static void backward(run *r, int32_t s) {
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t rows = unit_rows(stage);
  while (r->now->passed[s] < unit_count(stage)) {
    int32_t unit = r->now->passed[s], end = unit + 1;
    if (r->now->ready[s] < smaller(end * rows, stage->out_rows)) return;
    fill(r, s, end_input(stage, end * rows));
    if (stage->kind == KERNELS_WINOGRAD) {
      if (r->table) kernels_pass_unit(r, s, unit);
      hand_down_tiles(r, s, unit);
      continue;
    }
    r->now->passed[s] = end;
    if (s > 0) {
      int32_t made = is_pool(stage) ? end * stage->window_rows : end;
      is_ready(r, s - 1, end == unit_count(stage) ? stage->in_rows : made);
    }
    if (r->table) kernels_pass_unit(r, s, unit);
    if (s > 0) backward(r, s - 1);
  }
}

// One unit of a stage, forward; in UNIT mode the last stage goes backward at once.
static void forward(run *r, int32_t s) {
  const kernels_chain *c = r->chain;
  const kernels_stage *stage = &c->stages[s];
  int is_last = s == last_stage(c);
  int32_t row = next_row(r, s), end = row + forward_rows(stage);
  fill(r, s, end_input(stage, end));
  int32_t rows = smaller(end, stage->out_rows);
  if (!is_last) {
    // Before the rows are written: what they need and replace is settled by now.
    has_filled(r, s + 1, rows);
  } else if (has_last_gradient(c)) {
    is_ready(r, s, rows);
  }
  if (r->table) kernels_forward_unit(r, s, row);
  if (!is_last) return;
  r->now->next++;
  if (c->mode != KERNELS_UNIT) return;
  if (stage->kind == KERNELS_WINOGRAD) hand_down_tiles(r, s, row / unit_rows(stage));
  else backward(r, s);
}

// BACKWARD: one unit of the last stage.
static void begin_backward(run *r) {
  int32_t s = last_stage(r->chain);
  const kernels_stage *stage = &r->chain->stages[s];
  int32_t rows = unit_rows(stage), unit = r->now->passed[s], end = smaller((unit + 1) * rows, stage->out_rows);
  is_ready(r, s, end);
  if (r->table) kernels_take_gradient(r, unit * rows, end);
  backward(r, s);
}

void kernels_go_on(run *r, int32_t until_row) {
  int32_t s = last_stage(r->chain);
  const kernels_stage *stage = &r->chain->stages[s];
  if (r->chain->mode == KERNELS_BACKWARD) {
    while (r->now->passed[s] < unit_count(stage) && r->now->passed[s] * unit_rows(stage) < until_row) begin_backward(r);
  } else {
    while (next_row(r, s) < smaller(stage->out_rows, until_row)) forward(r, s);
  }
}

void kernels_start(const kernels_chain *c, progress *now, int32_t row) {
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
  kernels_start(c, now, row);
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
  kernels_go_on(&r, until_row);
  if (has_gradient(c)) flush(c, e->gradient, scratch, c->mode == KERNELS_UNIT ? 1 : MOST_PENDING);
}
