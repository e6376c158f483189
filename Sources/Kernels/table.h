#pragma once
#include <stddef.h>
#include <stdint.h>

#include "Normalise.h"
#include "Sequence.h"

// What a chain asks of an instruction set. Blocks are of 16 channels; `plane` is the distance between
// the planes of two blocks, in floats. A tile is 4x4 outputs of a 3x3 window, or 2x2 of a 5x5 one (`side`), from 6x6
// inputs in 36 positions.
typedef struct {
  int tile_group;  // tiles that go through together
  int lanes;       // numbers in a vector
  // Two rows of a 3x3 convolution of few channels, from four.
  void (*direct_rows)(const float *const x[4], int channels, int columns, int blocks, const float *weights,
                      const float *bias, int relu, float *const out[2], size_t plane);
  // Adds to [9 * channels + 1][16 * blocks]: the gradients of weights and bias.
  void (*direct_gradient)(const float *const x[3], int channels, int columns, int blocks, const float *gradient,
                          size_t plane, float *sums);
  // The same of a 5x5 window: one row, and [25 * channels + 1][16 * blocks].
  void (*wide_row)(const float *const x[5], int channels, int columns, int blocks, const float *weights,
                   const float *bias, int relu, float *out, size_t plane);
  void (*wide_gradient)(const float *const x[5], int channels, int columns, int blocks, const float *gradient,
                        size_t plane, float *sums);
  // A convolution along a sequence whose windows, of `taps` numbers, begin `step` numbers apart, weights as
  // [tap][16 * blocks]; and, added to [taps + 1][16 * blocks], the gradients of weights and bias.
  void (*sequence_row)(const float *x, int taps, size_t step, int columns, int blocks, const float *weights,
                       const float *bias, int relu, float *out, size_t plane);
  void (*sequence_gradient)(const float *x, int taps, size_t step, int columns, int blocks, const float *gradient,
                            size_t plane, float *sums);
  // A row of a 1x1 convolution, weights as [in][out]; the gradient of its input, from weights as [out][in], zero where
  // `mask`, if not NULL, is not positive; and, added to [in + 1][out], those of weights and bias.
  void (*point_row)(const float *x, size_t plane, int in_blocks, int columns, const float *weights, int out_blocks,
                    const float *bias, int relu, float *out, size_t out_plane);
  void (*point_input_gradient)(const float *gradient, size_t plane, int out_blocks, int columns,
                               const float *transposed, int in_blocks, const float *mask, float *out, size_t out_plane);
  void (*point_gradient)(const float *x, size_t plane, int in_blocks, int columns, const float *gradient,
                         size_t gradient_plane, int out_blocks, float *sums);
  // V[position][block][tile][16] = B^T d B; `scales` is not used.
  void (*input_tiles)(int side, const float *const rows[6], size_t plane, int blocks, int first, int tiles,
                      const float *scales, float *v);
  // M[position][out block][tile][16] = sum over k of V[..][tile][k] U[position][out block][k][16], for the output:
  // what dot_tiles and output_tiles take. The bias goes in here or there.
  void (*product_out)(int side, const float *v, int in_blocks, const float *u, int out_blocks, int tiles, const float *bias,
                      float *m);
  // The same of D and the transposed weights, and B of it from row to row: what input_gradient takes.
  void (*product_in)(const float *d, int out_blocks, const float *u, int in_blocks, int tiles, float *v);
  // sums[position][out block][k][16] += V^T D.
  void (*weight_product)(const float *v, int in_blocks, const float *d, int out_blocks, int tiles, float *sums);
  // Tiles' outputs A^T M A + bias: rows `row_stride` and columns `column_stride` floats apart; block b
  // at out + b * block_stride.
  void (*output_tiles)(int side, const float *m, int blocks, int tiles, const float *bias, int relu, float *out,
                       size_t row_stride, size_t column_stride, size_t block_stride);
  // Some tiles' outputs times dense weights. Training: the outputs kept, and D = A (mask * dense) A^T over M.
  double (*dot_tiles)(int side, float *m, int blocks, int tiles, const float *bias, int relu, const float *dense,
                      size_t row_stride, int training, void *kept, size_t kept_stride, int kept_is_half,
                      float kept_scale, float *bias_sums);
  // D = A g A^T from gradient rows.
  void (*gradient_tiles)(int side, const float *const rows[4], size_t plane, int blocks, int first, int tiles, float *d,
                         float *bias_sums);
  // From product_in back to rows, overlapped; `columns` [block][6][4][16] from tile to tile, `carry` 6 - side rows.
  // Where mask is not NULL: zero unless the mask is positive. `last`: also the columns past the last tile.
  void (*input_gradient)(int side, const float *v, int blocks, int first, int tiles, int last, float *columns, float *carry,
                         size_t row_floats, size_t plane, float *const out[4], const float *const mask[4]);
  // The same of one block, at once multiplied by the rows `x` of the one channel before: adds to [10][16], the
  // gradients of that convolution's weights and bias. What is masked is multiplied by x beside the picture: any
  // finite number.
  void (*input_gradient_taps)(const float *v, int first, int tiles, int last, float *columns, float *carry,
                              size_t row_floats, const float *const mask[4], const float *const x[6], float *sums);
  // One row of [column][channel] to planes; where mask is not NULL, zero unless the mask is positive.
  void (*planes_row)(float *out, size_t plane, int blocks, int columns, const float *from, const float *mask);
  // 16 outputs to `place` in what is kept.
  void (*keep)(const float *from, int is_half, float scale, void *kept, size_t place);
  void (*mask_row)(float *out, const float *from, const float *mask, size_t count);
  void (*max_pool_row)(const float *const *rows, size_t plane, int blocks, int window_rows, int window_columns,
                       int columns, float *out, size_t out_plane);
  void (*average_pool_row)(const float *const *rows, size_t plane, int blocks, int window_rows, int window_columns,
                           int columns, float *out, size_t out_plane);
  void (*max_pool_gradient)(const float *const *rows, size_t plane, int blocks, int window_rows,
                            int window_columns, int columns, const float *gradient, size_t gradient_plane,
                            float *const *out, int masked);
  void (*average_pool_gradient)(const float *const *rows, size_t plane, int blocks, int window_rows,
                                int window_columns, int columns, const float *gradient, size_t gradient_plane,
                                float *const *out, int masked);
  // Batch normalisation (Normalise.h): of a block's pixels; of a row of windows, in all blocks.
  void (*channel_moments)(const float *x, size_t pixels, int width, float *mean, float *squares);
  void (*norm_pool_row)(const kernels_norm *norm, const float *const *rows, size_t plane, float *out, size_t out_plane);
  void (*norm_sums_row)(const kernels_norm *norm, const float *const *rows, size_t plane, const float *gradient,
                        size_t gradient_plane, double *gamma, double *beta);
  void (*norm_gradient_row)(const kernels_norm *norm, const float *const *rows, size_t plane, const float *gradient,
                            size_t gradient_plane, float *const *out);
  void (*add_scaled)(float *sum, const float *gradient, float scale, size_t count);
  void (*add_and_clear)(float *sum, float *from, size_t count);
} kernels_table;

// Floats between two positions of V or M: not a power of two, whose lines would collide in the cache.
static inline size_t position_stride(int blocks, int tile_group) { return (size_t)blocks * tile_group * 16 + 16; }

// Between two positions of V in whole numbers.
static inline size_t narrow_stride(int blocks, int tile_group) { return (size_t)blocks * tile_group * 16 + 32; }

// Products of whole numbers of 16 bits.
typedef struct {
  // The largest magnitude in some columns of six rows.
  float (*rows_peak)(const float *const rows[6], size_t plane, int blocks, int first, int columns);
  // V, position by position times `scales`, rounded.
  void (*input_tiles)(int side, const float *const rows[6], size_t plane, int blocks, int first, int tiles,
                      const float *scales, int16_t *v);
  // What product_out makes, times `scales` [position][out] and `peak`.
  void (*narrow_product)(const int16_t *v, int in_blocks, const int16_t *u, int out_blocks, int tiles,
                         const float *scales, float peak, const float *bias, float *m);
} kernels_narrow_table;

extern const kernels_narrow_table kernels_avx512_narrow;

extern const kernels_table kernels_avx512, kernels_avx2, kernels_neon;

// The kernels for an instruction set, or NULL.
const kernels_table *kernels_table_for(int instruction_set);
const kernels_narrow_table *kernels_narrow_table_for(int instruction_set);
