#pragma once
#include <stddef.h>
#include <stdint.h>

#include "Normalise.h"
#include "Sequence.h"

// Chains of 3x3, 5x5 and 1x1 convolutions (stride 1, ReLU or none) and pools, run row by row, so that what flows
// between two of them never leaves the cache. docs/engine.md tells the why; schedule.c the how.
//
// Arrays are channels last. Inside, channels lie in blocks of 16: a row is a plane of [column][16] for
// each block. A caller owns all memory; nothing here allocates, waits or fails.

// Instruction sets that the kernels are compiled for.
enum { KERNELS_NONE = 0, KERNELS_NEON = 1, KERNELS_AVX2 = 2, KERNELS_AVX512 = 3 };

// Whether this machine can run the kernels of an instruction set.
int kernels_can_run(int instruction_set);
// Whether it can also multiply whole numbers of 16 bits in pairs, for narrow_weights.
int kernels_can_narrow(int instruction_set);

enum {
  KERNELS_DIRECT = 0,    // 3x3 or 5x5 convolution of 1 to 4 channels; only first in a chain
  KERNELS_WINOGRAD = 1,  // the same, channels in and out multiples of 16, by F(4x4, 3x3) or F(2x2, 5x5)
  KERNELS_MAX_POOL = 2,  // windows side by side
  KERNELS_AVERAGE_POOL = 3,
  KERNELS_POINT = 4  // 1x1 convolution, channels in and out multiples of 16
};

enum { KERNELS_MOST_STAGES = 16 };

// One layer of a chain.
typedef struct {
  int32_t kind;
  int32_t in_rows, in_columns, in_channels;
  int32_t out_rows, out_columns, out_channels;
  int32_t pad_top, pad_left;  // 0, or half the window with same padding
  int32_t relu;
  int32_t window_rows, window_columns;  // of a convolution both the same
  // DIRECT: [window][window][in][out]. POINT: [in][out]. WINOGRAD: from kernels_winograd_weights.
  const float *weights;
  const float *transposed;  // in training; WINOGRAD: from kernels_winograd_weights, POINT: [out][in]
  const float *bias;
  // WINOGRAD of 3x3 in STORE and DOT modes, where not NULL: products in whole numbers of 16 bits, from
  // kernels_narrow_weights.
  const int16_t *narrow_weights;
  const float *narrow_scales;
} kernels_stage;

enum {
  KERNELS_STORE = 0,     // output to `output`
  KERNELS_DOT = 1,       // the product of the output and `dense` to `dot`
  KERNELS_UNIT = 2,      // DOT, and the gradient of `dot` to `gradient`, the output to `kept`
  KERNELS_BACKWARD = 3,  // from `output` and `output_gradient`, the gradient to `gradient`
  KERNELS_MODES = 4
};

// A chain; kernels_chain_plan fills in what stands below the line.
typedef struct {
  int32_t instruction_set;
  int32_t mode;
  int32_t stage_count;
  kernels_stage stages[KERNELS_MOST_STAGES];
  // STORE, BACKWARD: what stages leave in STORE is kept for BACKWARD where computing it again would take longer.
  int32_t keeps_rows;
  // ---
  size_t state_floats;     // working memory for an example under way
  size_t scratch_floats;   // working memory for a thread
  size_t gradient_floats;  // all stages' gradients
  size_t whole_floats;     // what is kept of an example
  size_t gradient_offset[KERNELS_MOST_STAGES];
  int32_t kept_columns;  // columns in a row of `kept`
  int32_t unit_rows;     // rows of the output that are made together: parts begin and end at multiples of it
  int32_t ring_rows[KERNELS_MOST_STAGES], gradient_ring_rows[KERNELS_MOST_STAGES];
  size_t ring_offset[KERNELS_MOST_STAGES], gradient_ring_offset[KERNELS_MOST_STAGES];
  int32_t is_whole[KERNELS_MOST_STAGES];  // whether a stage's input is kept: then its ring lies in `whole`
  size_t carry_offset[KERNELS_MOST_STAGES];
  size_t plane[KERNELS_MOST_STAGES], row_floats[KERNELS_MOST_STAGES];
  size_t gradient_plane, gradient_row_floats;  // of the last stage's output
  size_t group_v, group_m, edge_columns, edge_tile, zero_row, spare_row, second_spare_row, sums;  // in scratch
} kernels_chain;

// Says how much memory a chain takes, and where its parts lie.
void kernels_chain_plan(kernels_chain *chain);

// An example under way.
typedef struct {
  const float *input;
  // Where the input is made as it is needed: writes rows from `first` on to `input`, over the last ones, and
  // says how many (at least one). NULL where all rows are there.
  int32_t (*make_rows)(void *source, int32_t first, float *input);
  void *source;
  int32_t made_first, made_end;  // the rows that are in `input` then
  float peak;  // STORE, DOT: the largest magnitude in `input` so far; infinity or NaN if one is in it
  float *state;    // at a multiple of 64 bytes; zeros before the first example
  float *whole;    // where rows are kept: whole_floats at a multiple of 64 bytes, zeros before the first example
  float *output;   // STORE, BACKWARD (only read): rows x columns x channels
  const float *output_gradient;  // BACKWARD
  const float *dense;            // DOT, UNIT: a weight for each element of the output
  double dot;
  void *kept;             // UNIT: rows x kept_columns x channels at 64 bytes, kept_stride elements a row
  size_t kept_stride;     //   there are as many rows as whole tiles need
  int32_t kept_is_half;   //   in half precision, else as float
  float kept_scale;       //   half: times this, so that the largest just fits
  float *gradient;        // UNIT, BACKWARD: gradient_floats, added to; complete after kernels_chain_finish
} kernels_example;

// Starts an example at an output row (0, except for a part of an inference).
void kernels_chain_begin(const kernels_chain *chain, kernels_example *example, int32_t first_row);

// Goes on until at least `until_row` rows of the output are done; past the last row, until all is done.
// `scratch` is at a multiple of 64 bytes; all of it is zero at first. In UNIT mode sums are flushed from `scratch` to
// `gradient` at the end, which keeps them accurate; in BACKWARD mode once they have become long, and by
// kernels_chain_finish. So rounding depends on `until_row`.
void kernels_chain_run(const kernels_chain *chain, kernels_example *example, float *scratch, int32_t until_row);

// BACKWARD: after some examples with the same `gradient` and `scratch`, what is still in that.
void kernels_chain_finish(const kernels_chain *chain, float *gradient, float *scratch);

// [window][window][in][out] (3 or 5) to the transformed weights, 36 * in * out floats each, of input channels first * 16 up to end * 16;
// transposed may be NULL.
void kernels_winograd_weights(int32_t window, const float *weights, int32_t in, int32_t out, int32_t first, int32_t end,
                              float *transformed, float *transposed);

// Transformed weights to whole numbers of 16 bits, 36 * in * out, and their 36 * out scales; behind these the 36 of
// V for a largest input of 1. is_positive: no input is negative.
void kernels_narrow_weights(const float *transformed, int32_t in, int32_t out, int is_positive, int16_t *narrow,
                            float *scales);

// Adds scale * (a stage's part of a gradient) to the gradients of its weights and bias.
void kernels_stage_gradient(const kernels_stage *stage, const float *gradient, float scale, float *weights, float *bias);

// sum += scale * gradient
void kernels_add_scaled(int instruction_set, float *sum, const float *gradient, float scale, size_t count);

// result[k] = (before ? before[k] : 0) + sum over i, in order, of scales[i] * kept[i * stride + k]; count is a
// multiple of 16. `before` may be `result`. What lies examples * stride further is fetched ahead. `far`: the result
// is at a multiple of 64 bytes and not needed soon, so it may go past the caches.
void kernels_kept_sum(int instruction_set, const void *kept, int is_half, size_t stride, const float *scales,
                      int32_t examples, size_t count, const float *before, float *result, int far);

typedef struct {
  float scale, rate1, rate2, epsilon;
} kernels_adam;

// first += (g - first) * rate1, second += (g * g - second) * rate2, weights -= scale * first / (sqrt(second) +
// epsilon): the same bits with all instruction sets, and with none.
void kernels_adam_step(int instruction_set, const kernels_adam *adam, float *weights, const float *gradient,
                       float *first, float *second, size_t count);

// The largest magnitude of `count` numbers; infinity or NaN if one is among them.
float kernels_peak(const float *numbers, size_t count);
