// States and scratch in which a step from one part into another is seen.
#include "layout.h"

#include <math.h>

#include "trial.h"

enum { GAP = 64, COLUMN = 16, PENDING = 16 };

// Moves parts apart that follow one another, and all behind them; returns how much longer that is.
static size_t spread(size_t *const parts[], const size_t ahead[], int count, size_t gaps[], int *gap_count) {
  size_t shift = 0;
  for (int i = 0; i < count; i++) {
    gaps[(*gap_count)++] = *parts[i] - ahead[i] + shift;
    shift += GAP;
    *parts[i] += shift;
  }
  return shift;
}

void plan_layout(kernels_chain *c, layout *lay, int is_spread) {
  *lay = (layout){.is_spread = is_spread, .zero_floats = COLUMN + c->spare_row - c->zero_row};
  if (!is_spread) return;
  size_t *parts[MOST_GAPS], ahead[MOST_GAPS] = {0};
  int count = 0;
  for (int s = 0; s < c->stage_count; s++) {
    // The first ring stays behind the progress: what it reads before its first row lies there.
    if (s > 0 && !c->is_whole[s]) parts[count++] = &c->ring_offset[s];
    parts[count++] = &c->gradient_ring_offset[s];
    parts[count++] = &c->carry_offset[s];
  }
  c->state_floats += spread(parts, ahead, count, lay->state_gaps, &lay->state_gap_count);
  size_t *const of_scratch[] = {&c->group_m,   &c->edge_columns,     &c->edge_tile, &c->zero_row,
                                &c->spare_row, &c->second_spare_row, &c->sums};
  static const size_t ahead_of_scratch[] = {0, 0, 0, COLUMN, 0, 0, PENDING};
  c->scratch_floats += spread(of_scratch, ahead_of_scratch, 7, lay->scratch_gaps, &lay->scratch_gap_count);
}

float *make_state(const kernels_chain *c, const layout *lay) {
  float *state = guarded_floats(c->state_floats);
  for (int i = 0; i < lay->state_gap_count; i++) guard_part(state, lay->state_gaps[i], GAP);
  return state;
}

float *make_scratch(const kernels_chain *c, const layout *lay) {
  float *scratch = guarded_floats(c->scratch_floats);
  size_t zeros = c->zero_row - COLUMN;
  for (size_t k = 0; k < c->sums - PENDING; k++)
    if (k < zeros || k >= zeros + lay->zero_floats) scratch[k] = NAN;
  for (int i = 0; i < lay->scratch_gap_count; i++) guard_part(scratch, lay->scratch_gaps[i], GAP);
  return scratch;
}

static int are_zero(const float *numbers, size_t count) {
  for (size_t k = 0; k < count; k++)
    if (numbers[k] != 0) return 0;
  return 1;
}

void check_scratch(const kernels_chain *c, const layout *lay, const float *scratch) {
  if (!are_zero(scratch + c->zero_row - COLUMN, lay->zero_floats)) fail("the row of zeros was written to");
  if (!are_zero(scratch + c->sums - PENDING, c->gradient_floats + PENDING)) fail("sums were left in scratch");
}
