// Adam and the sum of a dense gradient, written once for all instruction sets (update.c). Both are bound by
// memory, so both ask for what they will need: the processor's own guesses end at each row.

// How far ahead Adam asks, in floats.
#ifndef ADAM_AHEAD
#define ADAM_AHEAD 1024
#endif

// Multiplies and adds apart, so that all instruction sets give the same bits.
static void NAME(adam)(const kernels_adam *adam, float *weights, const float *gradient, float *first, float *second,
                       size_t count) {
#pragma clang fp contract(off)
  float scale = adam->scale, rate1 = adam->rate1, rate2 = adam->rate2, epsilon = adam->epsilon;
  size_t k = 0;
  for (; k + 16 <= count; k += 16) {
    __builtin_prefetch(first + k + ADAM_AHEAD, 1, 2);
    __builtin_prefetch(second + k + ADAM_AHEAD, 1, 2);
    __builtin_prefetch(weights + k + ADAM_AHEAD, 1, 2);
    floats g = *(const floats *)(gradient + k), m = *(const floats *)(first + k), v = *(const floats *)(second + k),
           w = *(const floats *)(weights + k);
    m += (g - m) * rate1;
    v += (g * g - v) * rate2;
    w -= scale * m / (__builtin_elementwise_sqrt(v) + epsilon);
    *(floats *)(first + k) = m;
    *(floats *)(second + k) = v;
    *(floats *)(weights + k) = w;
  }
  for (; k < count; k++) {
    first[k] += (gradient[k] - first[k]) * rate1;
    second[k] += (gradient[k] * gradient[k] - second[k]) * rate2;
    weights[k] -= scale * first[k] / (__builtin_elementwise_sqrt(second[k]) + epsilon);
  }
}

#ifdef HAS_HALVES
static inline __attribute__((always_inline)) void NAME(kept_sum_some)(
    const int is_half, const int far, const int examples, const void *kept, size_t stride, const float *scales,
    size_t count, const float *before, float *result) {
  const size_t size = is_half ? sizeof(_Float16) : sizeof(float), line = 64 / size;
  // The next row of each example lies behind this row of the last one.
  size_t next = (size_t)examples * stride;
  for (size_t k = 0; k < count; k += 16) {
    floats sum = before ? *(const floats *)(before + k) : (floats)(0);
    for (int i = 0; i < examples; i++) {
      const char *place = (const char *)kept + (i * stride + k) * size;
      if (k % line == 0) __builtin_prefetch(place + next * size, 0, 2);
      floats y = is_half ? __builtin_convertvector(*(const halves *)place, floats) : *(const floats *)place;
      sum = __builtin_elementwise_fma((floats)(scales[i]), y, sum);
    }
    if (far) __builtin_nontemporal_store(sum, (lines *)(result + k));
    else *(floats *)(result + k) = sum;
  }
}

static void NAME(kept_sum)(const void *kept, int is_half, size_t stride, const float *scales, int examples,
                           size_t count, const float *before, float *result, int far) {
  if (!is_half) NAME(kept_sum_some)(0, 0, examples, kept, stride, scales, count, before, result);
  else if (far) NAME(kept_sum_some)(1, 1, examples, kept, stride, scales, count, before, result);
  else NAME(kept_sum_some)(1, 0, examples, kept, stride, scales, count, before, result);
}
#endif

#undef NAME
#undef HAS_HALVES
