#pragma once
#include "Kernels.h"

// Where a chain's state and scratch lie: as planned, or with guard zones between their parts.

enum { MOST_GAPS = 3 * KERNELS_MOST_STAGES };

typedef struct {
  int is_spread;
  int state_gap_count, scratch_gap_count;
  size_t state_gaps[MOST_GAPS], scratch_gaps[MOST_GAPS];
  size_t zero_floats;  // from a column before the row of zeros
} layout;

// Moves the parts of a planned chain apart where `is_spread`.
void plan_layout(kernels_chain *chain, layout *lay, int is_spread);
float *make_state(const kernels_chain *chain, const layout *lay);
// What has to be zero is; all else is NaN.
float *make_scratch(const kernels_chain *chain, const layout *lay);
// What had to be zero still is.
void check_scratch(const kernels_chain *chain, const layout *lay, const float *scratch);
