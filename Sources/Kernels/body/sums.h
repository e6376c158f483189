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
