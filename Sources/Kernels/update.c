// What moves the weights of a training step, for each instruction set.
#include "Kernels.h"

// At the beginning of a cache line; at any multiple of 4 or 2 bytes.
typedef float lines __attribute__((ext_vector_type(16)));
typedef float floats __attribute__((ext_vector_type(16), aligned(4)));
typedef _Float16 halves __attribute__((ext_vector_type(16), aligned(2)));

#if defined(__x86_64__)
#define NAME(function) function##_plain
#include "update_body.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define NAME(function) function##_avx2
#define HAS_HALVES
#include "update_body.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#define NAME(function) function##_avx512
#define HAS_HALVES
#include "update_body.h"
#pragma clang attribute pop
#else
#define NAME(function) function##_plain
#define HAS_HALVES
#include "update_body.h"
#endif

void kernels_adam_step(int instruction_set, const kernels_adam *adam, float *weights, const float *gradient,
                       float *first, float *second, size_t count) {
#if defined(__x86_64__)
  if (instruction_set == KERNELS_AVX512) return adam_avx512(adam, weights, gradient, first, second, count);
  if (instruction_set == KERNELS_AVX2) return adam_avx2(adam, weights, gradient, first, second, count);
#endif
  (void)instruction_set;
  adam_plain(adam, weights, gradient, first, second, count);
}

void kernels_kept_sum(int instruction_set, const void *kept, int is_half, size_t stride, const float *scales,
                      int32_t examples, size_t count, const float *before, float *result, int far) {
#define SUM(name) name(kept, is_half, stride, scales, examples, count, before, result, far)
#if defined(__x86_64__)
  if (instruction_set == KERNELS_AVX512) SUM(kept_sum_avx512);
  if (instruction_set == KERNELS_AVX2) SUM(kept_sum_avx2);
#elif defined(__aarch64__)
  if (instruction_set == KERNELS_NEON) SUM(kept_sum_plain);
#endif
#undef SUM
}
