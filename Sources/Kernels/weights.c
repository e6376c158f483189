// What does not depend on the instruction set: transformed weights and their gradients, and the choice.
#include <string.h>

#include "Kernels.h"
#include "table.h"

int kernels_can_run(int instruction_set) {
#if defined(__x86_64__)
  if (instruction_set == KERNELS_AVX512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
           && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
  if (instruction_set == KERNELS_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
           && __builtin_cpu_supports("f16c");
#elif defined(__aarch64__)
  if (instruction_set == KERNELS_NEON) return 1;
#endif
  return instruction_set == KERNELS_NONE;
}

const kernels_narrow_table *kernels_narrow_table_for(int instruction_set) {
#if defined(__x86_64__)
  if (instruction_set == KERNELS_AVX512) return &kernels_avx512_narrow;
#endif
  (void)instruction_set;
  return NULL;
}

int kernels_can_narrow(int instruction_set) {
#if defined(__x86_64__)
  return instruction_set == KERNELS_AVX512 && kernels_can_run(instruction_set) && __builtin_cpu_supports("avx512vnni");
#else
  (void)instruction_set;
  return 0;
#endif
}

const kernels_table *kernels_table_for(int instruction_set) {
#if defined(__x86_64__)
  if (instruction_set == KERNELS_AVX512) return &kernels_avx512;
  if (instruction_set == KERNELS_AVX2) return &kernels_avx2;
#elif defined(__aarch64__)
  if (instruction_set == KERNELS_NEON) return &kernels_neon;
#endif
  (void)instruction_set;
  return NULL;
}

// The transform of weights, of F(4x4, 3x3) and F(2x2, 5x5) with the points 0, 1, -1, 2, -2 (Lavin and Gray, 2016):
// powers of a point, divided by its differences from the others; at infinity the last weight.
static const double transform[5][5] = {{1 / 4., 0, 0, 0, 0},
                                       {-1 / 6., -1 / 6., -1 / 6., -1 / 6., -1 / 6.},
                                       {-1 / 6., 1 / 6., -1 / 6., 1 / 6., -1 / 6.},
                                       {1 / 24., 1 / 12., 1 / 6., 1 / 3., 2 / 3.},
                                       {1 / 24., -1 / 12., 1 / 6., -1 / 3., 2 / 3.}};
#define INLINE static inline __attribute__((always_inline))
INLINE double factor(const int window, const int point, const int tap) {
  return point < 5 ? transform[point][tap] : tap == window - 1;
}

typedef double doubles __attribute__((ext_vector_type(16)));
typedef float floats __attribute__((ext_vector_type(16), aligned(4)));

#define NAME(function) function##_plain
#include "weights_body.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(function) function##_avx2
#include "weights_body.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define NAME(function) function##_avx512
#include "weights_body.h"
#pragma clang attribute pop

#define BEST(function)                                                                      \
  (kernels_can_run(KERNELS_AVX512) ? function##_avx512 : kernels_can_run(KERNELS_AVX2) ? function##_avx2 : function##_plain)
#else
#define BEST(function) function##_plain
#endif

// Transformed weights lie as [position][out / 16][in][16]; `from` and `to` count blocks of 16.
static size_t place_of_block(int32_t from, int32_t to, int32_t from_count) {
  return ((size_t)to * from_count + (size_t)from * 16) * 16;
}

void kernels_winograd_weights(int32_t window, const float *weights, int32_t in, int32_t out, int32_t first, int32_t end,
                              float *transformed, float *transposed) {
  size_t tap = (size_t)in * out;
  for (int32_t i = first; i < end; i++)
    for (int32_t o = 0; o < out / 16; o++) {
      const float *block = weights + (size_t)i * 16 * out + (size_t)o * 16;
      BEST(transform_block)(window, block, tap, (size_t)out, transformed + place_of_block(i, o, in), tap);
      if (!transposed) continue;
      float turned[25][256];
      for (int t = 0; t < window * window; t++)
        for (int a = 0; a < 16; a++)
          for (int b = 0; b < 16; b++) turned[t][b * 16 + a] = block[t * tap + (size_t)a * out + b];
      BEST(transform_block)(window, turned[0], 256, 16, transposed + place_of_block(o, i, out), tap);
    }
}

void kernels_stage_gradient(const kernels_stage *stage, const float *gradient, float scale, float *weights, float *bias) {
  int32_t in = stage->in_channels, out = stage->out_channels;
  if (stage->kind == KERNELS_DIRECT || stage->kind == KERNELS_POINT) {
    size_t count = (size_t)stage->window_rows * stage->window_rows * in * out;
    for (size_t k = 0; k < count; k++) weights[k] += scale * gradient[k];
    for (int32_t o = 0; o < out; o++) bias[o] += scale * gradient[count + o];
    return;
  }
  if (stage->kind != KERNELS_WINOGRAD) return;
  size_t tap = (size_t)in * out;
  for (int32_t i = 0; i < in / 16; i++)
    for (int32_t o = 0; o < out / 16; o++)
      BEST(gradient_block)(stage->window_rows, gradient + place_of_block(i, o, in), tap, scale, weights + (size_t)i * 16 * out + (size_t)o * 16,
                           tap, (size_t)out);
  for (int32_t o = 0; o < out; o++) bias[o] += scale * gradient[(size_t)36 * in * out + o];
}

void kernels_add_scaled(int instruction_set, float *sum, const float *gradient, float scale, size_t count) {
  const kernels_table *table = kernels_table_for(instruction_set);
  if (table) table->add_scaled(sum, gradient, scale, count);
}

float kernels_peak(const float *numbers, size_t count) {
  // As whole numbers, magnitudes are in order, infinity and NaN on top.
  int32_t largest = 0;
  for (size_t k = 0; k < count; k++) {
    int32_t bits;
    memcpy(&bits, &numbers[k], sizeof bits);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  float peak;
  memcpy(&peak, &largest, sizeof peak);
  return peak;
}
