#pragma once
#include <stddef.h>
#include <stdint.h>

// A convolution along a sequence, channels last, so that a window's numbers lie one after the other.
typedef struct {
  int32_t instruction_set;
  int32_t taps;          // numbers in a window: its length times the channels
  int32_t step;          // numbers from a window to the next: stride times channels
  int32_t columns;       // windows
  int32_t blocks;        // of 16 filters, the last one filled up with zeros
  int32_t relu;
  const float *weights;  // [taps][16 * blocks]
  const float *bias;     // [16 * blocks]
} kernels_sequence;

// Whether an instruction set has these.
int kernels_can_follow_sequences(int instruction_set);
// Working memory for a thread, in floats.
size_t kernels_sequence_scratch(const kernels_sequence *sequence);
// From (columns - 1) * step + taps numbers to [block][column][16].
void kernels_sequence_forward(const kernels_sequence *sequence, const float *x, float *out);
// Adds to [taps + 1][16 * blocks] the gradients of weights and bias.
void kernels_sequence_gradient(const kernels_sequence *sequence, const float *x, const float *gradient, float *scratch,
                               double *sums);
