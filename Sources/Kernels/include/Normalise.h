#pragma once
#include <stddef.h>
#include <stdint.h>

// Batch normalisation in training, with a ReLU and a pool behind it: each is one pass over what is normalised,
// and what lies between the convolution and the pool is never stored.

// Of one example, in blocks of channels: [block][row][column][width]. Arrays "of channels" are [block][width], zeros
// where a block has more channels than there are.
typedef struct {
  int32_t instruction_set;
  int32_t rows, columns;  // of what is normalised
  int32_t blocks, width;  // width: 16, or another multiple of the instruction set's vectors, at most 1024
  int32_t window_rows, window_columns;  // of a pool of windows side by side, at most 16; 1 and 1 for none
  int32_t is_average, relu;
  const float *mean, *inverse;  // of channels; normalised is (x - mean) * inverse
  const float *scale, *shift;   // of channels; before the ReLU stands x * scale + shift
  const float *rest_scale, *rest_shift;  // of channels; the statistics pass back x * rest_scale + rest_shift
} kernels_norm;

// Whether an instruction set has these, for blocks of that width.
int kernels_can_normalise(int instruction_set, int32_t width);

// Mean and sum of squared deviations, of channels, over all pixels so far: `count` of them.
typedef struct {
  double *mean, *squares;
  double count;
} kernels_moments;

// Adds an example's pixels.
void kernels_norm_moments(const kernels_norm *norm, const float *x, kernels_moments *moments);
// [block][rows / window_rows][columns / window_columns][width]
void kernels_norm_forward(const kernels_norm *norm, const float *x, float *out);
// Adds the gradients of gamma and beta, of channels, from that of `out`.
void kernels_norm_sums(const kernels_norm *norm, const float *x, const float *gradient, double *gamma, double *beta);
// The gradient of x. `result` may be `x`.
void kernels_norm_backward(const kernels_norm *norm, const float *x, const float *gradient, float *result);

// The same behind a 3x3 convolution of 1 to 4 channels, stride 1, which is computed anew in each pass: that costs
// less than its output's trip to memory. `norm` is of the convolution's output, its width 16.
typedef struct {
  kernels_norm norm;
  int32_t in_rows, in_columns, channels;
  int32_t pad;           // 1 with same padding, else 0
  const float *weights;  // [3][3][channels][16 * blocks]
  const float *bias;     // of channels
} kernels_first_block;

// Working memory for a thread, in floats, at a multiple of 64 bytes.
size_t kernels_first_block_scratch(const kernels_first_block *block);
// The passes on one example's input, [row][column][channel], as above.
void kernels_first_block_moments(const kernels_first_block *block, const float *input, float *scratch,
                                 kernels_moments *moments);
void kernels_first_block_forward(const kernels_first_block *block, const float *input, float *scratch, float *out);
void kernels_first_block_sums(const kernels_first_block *block, const float *input, float *scratch,
                              const float *gradient, double *gamma, double *beta);
// Adds to [9 * channels + 1][16 * blocks], the gradients of weights and bias.
void kernels_first_block_backward(const kernels_first_block *block, const float *input, float *scratch,
                                  const float *gradient, double *weights);
