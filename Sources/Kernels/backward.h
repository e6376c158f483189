#pragma once
#include "chain.h"
#include "tiles.h"

// What schedule.c and forward.c ask of the backward pass. The functions are of a run that is not dry.

// Whether the gradient of a stage's input goes from registers into that of the weights before it: a first
// layer of one channel, whose ReLU also blots out what lies beside the picture.
static inline int kernels_takes_taps(const kernels_chain *c, int32_t s) {
  if (s != 1 || side_of(&c->stages[1]) != 4) return 0;
  const kernels_stage *before = &c->stages[0];
  return before->kind == KERNELS_DIRECT && before->window_rows == 3 && before->in_channels == 1 && before->out_channels == 16 && before->relu;
}

// Where the rows of the input's gradient end that a unit's tiles finish without the carry.
static inline int32_t end_of_tiles(const kernels_stage *s, int32_t unit) {
  return smaller((unit + 1) * rows_together(s), tile_rows(s)) * side_of(s) - s->pad_top;
}

// Before a row of tiles of a Winograd stage goes backward.
void kernels_begin_pass(run *r, int32_t s);
// Of some tiles of a Winograd stage, from V and D: the gradient of the weights, and that of the input.
void kernels_pass_group(run *r, int32_t s, tile_group g);
// One unit of a stage, the gradient of whose output is known.
void kernels_pass_unit(run *r, int32_t s, int32_t unit);
// After a unit of a Winograd stage, not the first of a chain, went backward: its padding, and behind the last unit the
// rows that no tile finishes.
void kernels_finish_tiles(run *r, int32_t s, int32_t unit);
// BACKWARD: some rows of the gradient of the last output, to its ring.
void kernels_take_gradient(run *r, int32_t first, int32_t end);
