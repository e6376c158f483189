// Sums of gradients.

static void add_scaled(float *sum, const float *gradient, float scale, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) store(sum + i, fma_(splat(scale), load(gradient + i), load(sum + i)));
  for (; i < count; i++) sum[i] += scale * gradient[i];
}

static void add_and_clear(float *sum, float *from, size_t count) {
  for (size_t i = 0; i < count; i += LANES) {
    store(sum + i, load(sum + i) + load(from + i));
    store(from + i, splat(0));
  }
}

INLINE void kept_sum_(const int is_half, const void *kept, size_t stride, const float *scales, int examples,
                      size_t count, int add, float *result) {
  for (size_t k = 0; k < count; k += 16)
    UNROLL for (int part = 0; part < PARTS; part++) {
      size_t place = k + part * LANES;
      vec sum = add ? load(result + place) : splat(0);
      for (int i = 0; i < examples; i++) {
        vec y;
        if (is_half) {
          hvec h;
          __builtin_memcpy(&h, (const uint16_t *)kept + i * stride + place, sizeof h);
          y = from_half(h);
        } else {
          y = load((const float *)kept + i * stride + place);
        }
        sum = fma_(splat(scales[i]), y, sum);
      }
      store(result + place, sum);
    }
}

APART void kept_sum(const void *kept, int is_half, size_t stride, const float *scales, int examples, size_t count,
                    int add, float *result) {
  if (is_half) kept_sum_(1, kept, stride, scales, examples, count, add, result);
  else kept_sum_(0, kept, stride, scales, examples, count, add, result);
}
