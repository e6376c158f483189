// 3x3 and 5x5 convolutions of few channels: forward, and the gradients of their weights.
INLINE void direct_pixels(const int pixels, const int window, const float *const *x, int channels, int first, int oc, int out_channels,
                          const float *weights, const float *bias, int relu, float *out) {
  vec a[16][PARTS];
  UNROLL for (int i = 0; i < pixels; i++) UNROLL for (int v = 0; v < PARTS; v++) a[i][v] = load(bias + oc + v * LANES);
  for (int ky = 0; ky < window; ky++) {
    const float *row = x[ky] + first * channels;
    for (int tap = 0; tap < window * channels; tap++) {
      const float *w = weights + (size_t)(ky * window * channels + tap) * out_channels + oc;
      vec k[PARTS];
      UNROLL for (int v = 0; v < PARTS; v++) k[v] = load(w + v * LANES);
      const float *p = row + tap;
      UNROLL for (int i = 0; i < pixels; i++) {
        vec s = splat(p[(size_t)i * channels]);
        UNROLL for (int v = 0; v < PARTS; v++) a[i][v] = fma_(s, k[v], a[i][v]);
      }
    }
  }
  UNROLL for (int i = 0; i < pixels; i++) UNROLL for (int v = 0; v < PARTS; v++)
      store(out + i * 16 + v * LANES, relu ? relu_(a[i][v]) : a[i][v]);
}

INLINE void direct_columns(const int window, const float *const *x, const int channels, int columns, int blocks, const float *weights,
                           const float *bias, const int relu, float *out, size_t plane) {
  for (int b = 0; b < blocks; b++) {
    int p = 0;
    float *to = out + b * plane;
    for (; p + PIXELS <= columns; p += PIXELS)
      direct_pixels(PIXELS, window, x, channels, p, b * 16, blocks * 16, weights, bias, relu, to + p * 16);
    for (; p < columns; p++) direct_pixels(1, window, x, channels, p, b * 16, blocks * 16, weights, bias, relu, to + p * 16);
  }
}

APART void direct_row(const float *const x[3], int channels, int columns, int blocks, const float *weights,
                      const float *bias, int relu, float *out, size_t plane) {
  if (channels == 1 && relu) direct_columns(3, x, 1, columns, blocks, weights, bias, 1, out, plane);
  else if (relu) direct_columns(3, x, channels, columns, blocks, weights, bias, 1, out, plane);
  else direct_columns(3, x, channels, columns, blocks, weights, bias, 0, out, plane);
}

APART void wide_row(const float *const x[5], int channels, int columns, int blocks, const float *weights,
                    const float *bias, int relu, float *out, size_t plane) {
  if (channels == 1) direct_columns(5, x, 1, columns, blocks, weights, bias, relu, out, plane);
  else direct_columns(5, x, channels, columns, blocks, weights, bias, relu, out, plane);
}

#if PAIR_COLUMNS
enum { STRIP = 16 * PAIR_COLUMNS };

// Four rows of the input to those of F(2, 3).
INLINE void pair_input(const float *const x[4], int first, int columns, float t[4][STRIP + LANES]) {
  int k = 0;
  for (; k + LANES <= columns; k += LANES) {
    vec d[4];
    UNROLL for (int i = 0; i < 4; i++) d[i] = load(x[i] + first + k);
    store(t[0] + k, d[0] - d[2]);
    store(t[1] + k, d[1] + d[2]);
    store(t[2] + k, d[2] - d[1]);
    store(t[3] + k, d[1] - d[3]);
  }
  for (; k < columns; k++) {
    float d0 = x[0][first + k], d1 = x[1][first + k], d2 = x[2][first + k], d3 = x[3][first + k];
    t[0][k] = d0 - d2, t[1][k] = d1 + d2, t[2][k] = d2 - d1, t[3][k] = d1 - d3;
  }
}

INLINE void pair_columns(const int columns, const float *const t[4], const vec u[12], vec bias, const int relu,
                         float *above, float *below) {
  vec a[4][PAIR_COLUMNS];
  UNROLL for (int kx = 0; kx < 3; kx++) UNROLL for (int i = 0; i < 4; i++) UNROLL for (int p = 0; p < columns; p++)
      a[i][p] = kx == 0 ? splat(t[i][p]) * u[i] : fma_(splat(t[i][p + kx]), u[kx * 4 + i], a[i][p]);
  UNROLL for (int p = 0; p < columns; p++) {
    vec middle = a[1][p] + bias, y0 = middle + a[2][p] + a[0][p], y1 = middle - a[2][p] - a[3][p];
    store(above + p * 16, relu ? relu_(y0) : y0);
    store(below + p * 16, relu ? relu_(y1) : y1);
  }
}

// Two rows of a convolution of one channel by Winograd's F(2, 3) from row to row: 12 multiplications for 18. The
// transformed weights stay in registers; strip by strip, so that the transformed input stays small.
INLINE void direct_pair(const float *const x[4], int columns, int blocks, const float *weights, const float *bias,
                        const int relu, float *const out[2], size_t plane) {
  float t[4][STRIP + LANES];
  for (int first = 0; first < columns; first += STRIP) {
    int strip = columns - first < STRIP ? columns - first : STRIP;
    pair_input(x, first, strip + 2, t);
    for (int b = 0; b < blocks; b++) {
      vec u[12], half = splat(0.5f), bias_ = load(bias + b * 16);
      UNROLL for (int kx = 0; kx < 3; kx++) {
        const float *w = weights + (size_t)kx * blocks * 16 + b * 16;
        size_t row = (size_t)blocks * 48;
        vec w0 = load(w), w1 = load(w + row), w2 = load(w + 2 * row), outer = w0 + w2;
        u[kx * 4] = w0;
        u[kx * 4 + 1] = half * (outer + w1);
        u[kx * 4 + 2] = half * (outer - w1);
        u[kx * 4 + 3] = w2;
      }
      float *above = out[0] + b * plane + (size_t)first * 16, *below = out[1] + b * plane + (size_t)first * 16;
      int p = 0;
      for (; p + PAIR_COLUMNS <= strip; p += PAIR_COLUMNS) {
        const float *const at_[4] = {t[0] + p, t[1] + p, t[2] + p, t[3] + p};
        pair_columns(PAIR_COLUMNS, at_, u, bias_, relu, above + p * 16, below + p * 16);
      }
      for (; p < strip; p++) {
        const float *const at_[4] = {t[0] + p, t[1] + p, t[2] + p, t[3] + p};
        pair_columns(1, at_, u, bias_, relu, above + p * 16, below + p * 16);
      }
    }
  }
}
#endif

APART void direct_rows(const float *const x[4], int channels, int columns, int blocks, const float *weights,
                       const float *bias, int relu, float *const out[2], size_t plane) {
#if PAIR_COLUMNS
  if (channels == 1) {
    if (relu) direct_pair(x, columns, blocks, weights, bias, 1, out, plane);
    else direct_pair(x, columns, blocks, weights, bias, 0, out, plane);
    return;
  }
#endif
  direct_row(x, channels, columns, blocks, weights, bias, relu, out[0], plane);
  direct_row(x + 1, channels, columns, blocks, weights, bias, relu, out[1], plane);
}

// The gradients of the 9 weights from one input channel, and of the bias.
INLINE void direct_taps(const float *const x[3], const int channels, int columns, const float *gradient, float *sums,
                        size_t tap_stride, float *bias_sums) {
  vec a[10];
  UNROLL for (int i = 0; i < 10; i++) a[i] = splat(0);
  for (int p = 0; p < columns; p++) {
    vec g = load(gradient + p * 16);
    a[9] += g;
    UNROLL for (int ky = 0; ky < 3; ky++) UNROLL for (int kx = 0; kx < 3; kx++)
        a[ky * 3 + kx] = fma_(splat(x[ky][(size_t)(p + kx) * channels]), g, a[ky * 3 + kx]);
  }
  UNROLL for (int i = 0; i < 9; i++) store(sums + i * tap_stride, load(sums + i * tap_stride) + a[i]);
  if (bias_sums) store(bias_sums, load(bias_sums) + a[9]);
}

APART void direct_gradient(const float *const x[3], int channels, int columns, int blocks, const float *gradient,
                           size_t plane, float *sums) {
  int out = blocks * 16;
  for (int b = 0; b < blocks; b++)
    for (int v = 0; v < PARTS; v++)
      for (int c = 0; c < channels; c++) {
        const float *const from[3] = {x[0] + c, x[1] + c, x[2] + c};
        int offset = b * 16 + v * LANES;
        float *bias = c == 0 ? sums + 9 * channels * out + offset : NULL;
        const float *g = gradient + b * plane + v * LANES;
        if (channels == 1) direct_taps(from, 1, columns, g, sums + offset, out, bias);
        else direct_taps(from, channels, columns, g, sums + (size_t)c * out + offset, (size_t)channels * out, bias);
      }
}

// The same of 5x5, some rows of the window at a time: as many as fill the registers.
INLINE void wide_taps(const int rows, const float *const *x, const int channels, int columns, const float *gradient,
                      float *sums, size_t tap_stride, float *bias_sums) {
  vec a[5][5], bias = splat(0);
  UNROLL for (int ky = 0; ky < rows; ky++) UNROLL for (int kx = 0; kx < 5; kx++) a[ky][kx] = splat(0);
  for (int p = 0; p < columns; p++) {
    vec g = load(gradient + p * 16);
    bias += g;
    UNROLL for (int ky = 0; ky < rows; ky++) UNROLL for (int kx = 0; kx < 5; kx++)
        a[ky][kx] = fma_(splat(x[ky][(size_t)(p + kx) * channels]), g, a[ky][kx]);
  }
  UNROLL for (int ky = 0; ky < rows; ky++) UNROLL for (int kx = 0; kx < 5; kx++) {
    float *to = sums + (size_t)(ky * 5 + kx) * tap_stride;
    store(to, load(to) + a[ky][kx]);
  }
  if (bias_sums) store(bias_sums, load(bias_sums) + bias);
}

APART void wide_gradient(const float *const x[5], int channels, int columns, int blocks, const float *gradient,
                         size_t plane, float *sums) {
  int out = blocks * 16;
  size_t stride = (size_t)channels * out;
  const int rows = LANES == 8 ? 2 : 5;
  for (int b = 0; b < blocks; b++)
    for (int v = 0; v < PARTS; v++)
      for (int c = 0; c < channels; c++) {
        const float *const from[5] = {x[0] + c, x[1] + c, x[2] + c, x[3] + c, x[4] + c};
        int offset = b * 16 + v * LANES;
        float *bias = c == 0 ? sums + 25 * channels * out + offset : NULL, *to = sums + (size_t)c * out + offset;
        const float *g = gradient + b * plane + v * LANES;
        int ky = 0;
        for (; ky + rows <= 5; ky += rows, bias = NULL)
          wide_taps(rows, from + ky, channels, columns, g, to + ky * 5 * stride, stride, bias);
        for (; ky < 5; ky++) wide_taps(1, from + ky, channels, columns, g, to + ky * 5 * stride, stride, NULL);
      }
}
