#pragma once
#include "chain.h"

// The order of a chain's work, as plan.c runs it dry.

// Nothing is done yet; the first row of the output will be this one, or the first that is made with it.
void kernels_start(const kernels_chain *c, progress *now, int32_t row);
// Goes on until the rows before `until_row` are done.
void kernels_go_on(run *r, int32_t until_row);
