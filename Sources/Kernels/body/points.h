// 1x1 convolutions: rows of planes times the weights of a pixel.

// Some columns and blocks of a row; in `mask`'s place a bias and a function, or the other way round.
INLINE void point_some(const int columns, const int blocks, const float *x, size_t plane, int in_blocks,
                       const float *weights, int out_channels, const float *bias, const int relu, const float *mask,
                       float *out, size_t out_plane) {
  vec a[POINT_COLUMNS][2][PARTS];
  UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int i = 0; i < PARTS; i++) {
    vec first = bias ? load(bias + n * 16 + i * LANES) : splat(0);
    UNROLL for (int c = 0; c < columns; c++) a[c][n][i] = first;
  }
  for (int b = 0; b < in_blocks; b++, x += plane)
    for (int k = 0; k < 16; k++, weights += out_channels) {
      vec w[2][PARTS];
      UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int i = 0; i < PARTS; i++)
          w[n][i] = load(weights + n * 16 + i * LANES);
      UNROLL for (int c = 0; c < columns; c++) {
        vec s = splat(x[c * 16 + k]);
        UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int i = 0; i < PARTS; i++)
            a[c][n][i] = fma_(s, w[n][i], a[c][n][i]);
      }
    }
  UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int c = 0; c < columns; c++)
      UNROLL for (int i = 0; i < PARTS; i++) {
        size_t place = n * out_plane + (size_t)c * 16 + i * LANES;
        vec y = relu ? relu_(a[c][n][i]) : a[c][n][i];
        store(out + place, mask ? where_positive(load(mask + place), y) : y);
      }
}

INLINE void point_columns(const int blocks, const float *x, size_t plane, int in_blocks, int columns,
                          const float *weights, int out_channels, const float *bias, const int relu, const float *mask,
                          float *out, size_t out_plane) {
  int c = 0;
  for (; c + POINT_COLUMNS <= columns; c += POINT_COLUMNS)
    point_some(POINT_COLUMNS, blocks, x + c * 16, plane, in_blocks, weights, out_channels, bias, relu,
               mask ? mask + c * 16 : NULL, out + c * 16, out_plane);
  for (; c < columns; c++)
    point_some(1, blocks, x + c * 16, plane, in_blocks, weights, out_channels, bias, relu,
               mask ? mask + c * 16 : NULL, out + c * 16, out_plane);
}

INLINE void point_blocks(const float *x, size_t plane, int in_blocks, int columns, const float *weights, int out_blocks,
                         const float *bias, const int relu, const float *mask, float *out, size_t out_plane) {
  int b = 0, channels = out_blocks * 16;
  for (; COLUMN_TILES && b + 2 <= out_blocks; b += 2)
    point_columns(2, x, plane, in_blocks, columns, weights + b * 16, channels, bias ? bias + b * 16 : NULL, relu,
                  mask ? mask + b * out_plane : NULL, out + b * out_plane, out_plane);
  for (; b < out_blocks; b++)
    point_columns(1, x, plane, in_blocks, columns, weights + b * 16, channels, bias ? bias + b * 16 : NULL, relu,
                  mask ? mask + b * out_plane : NULL, out + b * out_plane, out_plane);
}

APART void point_row(const float *x, size_t plane, int in_blocks, int columns, const float *weights, int out_blocks,
                     const float *bias, int relu, float *out, size_t out_plane) {
  if (relu) point_blocks(x, plane, in_blocks, columns, weights, out_blocks, bias, 1, NULL, out, out_plane);
  else point_blocks(x, plane, in_blocks, columns, weights, out_blocks, bias, 0, NULL, out, out_plane);
}

APART void point_input_gradient(const float *gradient, size_t plane, int out_blocks, int columns, const float *transposed,
                                int in_blocks, const float *mask, float *out, size_t out_plane) {
  point_blocks(gradient, plane, out_blocks, columns, transposed, in_blocks, NULL, 0, mask, out, out_plane);
}

APART void point_gradient(const float *x, size_t plane, int in_blocks, int columns, const float *gradient,
                          size_t gradient_plane, int out_blocks, float *sums) {
  int channels = out_blocks * 16, pairs = weight_pairs(out_blocks);
  for (int ib = 0; ib < in_blocks; ib++)
    for (int ob = 0; ob < out_blocks; ob += pairs ? 2 : 1) {
      const float *from = x + ib * plane, *by = gradient + ob * gradient_plane;
      float *to = sums + (size_t)ib * 16 * channels + ob * 16;
      if (pairs) weight_block(1, from, by, gradient_plane, columns, to, 16, (size_t)channels);
      else weight_block(0, from, by, gradient_plane, columns, to, 16, (size_t)channels);
    }
  float *bias = sums + (size_t)in_blocks * 16 * channels;
  for (int ob = 0; ob < out_blocks; ob++)
    for (int i = 0; i < PARTS; i++) {
      vec sum = splat(0);
      for (int c = 0; c < columns; c++) sum += load(gradient + ob * gradient_plane + (size_t)c * 16 + i * LANES);
      float *to = bias + ob * 16 + i * LANES;
      store(to, load(to) + sum);
    }
}
