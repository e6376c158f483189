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

// The transform of weights, of F(4x4, 3x3) with the points 0, 1, -1, 2, -2 (Lavin and Gray, 2016).
static const double transform[6][3] = {{1 / 4., 0, 0},           {-1 / 6., -1 / 6., -1 / 6.},
                                       {-1 / 6., 1 / 6., -1 / 6.}, {1 / 24., 1 / 12., 1 / 6.},
                                       {1 / 24., -1 / 12., 1 / 6.}, {0, 0, 1}};

// [position][out / 16][in][16], or of the transposed [position][in / 16][out][16].
static size_t transformed_place(int32_t position, int32_t from, int32_t to, int32_t from_count, int32_t to_count) {
  return (((size_t)position * (to_count / 16) + to / 16) * from_count + from) * 16 + to % 16;
}

void kernels_winograd_weights(const float *weights, int32_t in, int32_t out, float *transformed, float *transposed) {
  for (int32_t i = 0; i < in; i++)
    for (int32_t o = 0; o < out; o++) {
      double half[6][3];
      for (int p = 0; p < 6; p++)
        for (int x = 0; x < 3; x++) {
          half[p][x] = 0;
          for (int y = 0; y < 3; y++) half[p][x] += transform[p][y] * weights[((size_t)(y * 3 + x) * in + i) * out + o];
        }
      for (int p = 0; p < 6; p++)
        for (int q = 0; q < 6; q++) {
          double sum = 0;
          for (int x = 0; x < 3; x++) sum += half[p][x] * transform[q][x];
          transformed[transformed_place(p * 6 + q, i, o, in, out)] = (float)sum;
          if (transposed) transposed[transformed_place(p * 6 + q, o, i, out, in)] = (float)sum;
        }
    }
}

void kernels_stage_gradient(const kernels_stage *stage, const float *gradient, float scale, float *weights, float *bias) {
  int32_t in = stage->in_channels, out = stage->out_channels;
  if (stage->kind == KERNELS_DIRECT) {
    size_t count = (size_t)9 * in * out;
    for (size_t k = 0; k < count; k++) weights[k] += scale * gradient[k];
    for (int32_t o = 0; o < out; o++) bias[o] += scale * gradient[count + o];
    return;
  }
  if (stage->kind != KERNELS_WINOGRAD) return;
  for (int32_t i = 0; i < in; i++)
    for (int32_t o = 0; o < out; o++) {
      double half[3][6];
      for (int y = 0; y < 3; y++)
        for (int q = 0; q < 6; q++) {
          half[y][q] = 0;
          for (int p = 0; p < 6; p++)
            half[y][q] += transform[p][y] * gradient[transformed_place(p * 6 + q, i, o, in, out)];
        }
      for (int y = 0; y < 3; y++)
        for (int x = 0; x < 3; x++) {
          double sum = 0;
          for (int q = 0; q < 6; q++) sum += half[y][q] * transform[q][x];
          weights[((size_t)(y * 3 + x) * in + i) * out + o] += (float)(scale * sum);
        }
    }
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
