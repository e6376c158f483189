#pragma once
#include "chain.h"

// What schedule.c asks of the forward pass. All of it is of a run that is not dry, its rows' inputs are there.

// A row of the chain's input, to the first ring.
void kernels_take_row(run *r, int32_t row);
// One unit of a stage, from a row on; of a first layer two rows. In UNIT mode the last stage's outputs are multiplied,
// kept, and, of a Winograd stage, taken backward at once.
void kernels_forward_unit(run *r, int32_t s, int32_t row);
