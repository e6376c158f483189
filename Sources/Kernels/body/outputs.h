// From M to outputs, and from gradients of outputs to D.

// Where a column's products come as A^T of them already, with the bias in it, nothing is left to do; else the bias goes
// in at position (1, 1), whose column of A^T is all ones.
INLINE void begin_tile(const int side, const int ended, const float *m, size_t stride, vec bias, vec t[4][6]) {
  if (ended) return;
  UNROLL for (int j = 0; j < 6; j++) {
    vec second = load(m + (6 + j) * stride), y[4];
    if (j == 1) second += bias;
    at(side, load(m + j * stride), second, load(m + (12 + j) * stride), load(m + (18 + j) * stride),
       load(m + (24 + j) * stride), load(m + (30 + j) * stride), y);
    UNROLL for (int i = 0; i < side; i++) t[i][j] = y[i];
  }
}

// A row of outputs of a tile that was begun.
INLINE void tile_row(const int side, const int ended, const float *m, size_t stride, int i, vec t[4][6], vec y[4]) {
  if (ended) UNROLL for (int j = 0; j < 6; j++) t[i][j] = load(m + (i * 6 + j) * stride);
  at(side, t[i][0], t[i][1], t[i][2], t[i][3], t[i][4], t[i][5], y);
}

// D = A g A^T of a tile, column by column; returns its part of the bias's gradient.
INLINE vec store_d(const int side, vec g[4][4], float *d, size_t stride) {
  vec c[2][4], o[6], sum;
  if (side == 2) {
    vec rows[2][6];
    UNROLL for (int i = 0; i < 2; i++) a_(2, g[i], rows[i]);
    UNROLL for (int j = 0; j < 6; j++) {
      vec pair[2] = {rows[0][j], rows[1][j]};
      a_(2, pair, o);
      if (j == 1) sum = o[1];
      UNROLL for (int i = 0; i < 6; i++) store(d + (i * 6 + j) * stride, o[i]);
    }
    return sum;
  }
  UNROLL for (int part = 0; part < 4; part++) {
    UNROLL for (int i = 0; i < 4; i++) {
      vec even = part == 1 ? g[i][0] + g[i][2] : fma_(splat(4), g[i][2], g[i][0]);
      vec odd = part == 1 ? g[i][1] + g[i][3] : fma_(splat(4), g[i][3], g[i][1]);
      if (part == 0) c[0][i] = g[i][0];
      if (part == 1) c[0][i] = even + odd, c[1][i] = even - odd;
      if (part == 2) c[0][i] = fma_(splat(2), odd, even), c[1][i] = fnma_(splat(2), odd, even);
      if (part == 3) c[0][i] = g[i][3];
    }
    const int j = part == 0 ? 0 : part == 1 ? 1 : part == 2 ? 3 : 5;
    UNROLL for (int k = 0; k < (part == 1 || part == 2 ? 2 : 1); k++) {
      a_(4, c[k], o);
      if (j + k == 1) sum = o[1];
      UNROLL for (int i = 0; i < 6; i++) store(d + (i * 6 + j + k) * stride, o[i]);
    }
  }
  return sum;
}

INLINE void output_some(const int side, const int ended, const float *m, int blocks, int tiles, const float *bias, int relu, float *out,
                        size_t row_stride, size_t column_stride, size_t block_stride) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      vec bias_ = load(bias + b * 16 + part * LANES);
      for (int n = 0; n < tiles; n++) {
        float *to = out + b * block_stride + n * side * column_stride + part * LANES;
        const float *tile = m + (b * TILE_GROUP + n) * 16 + part * LANES;
        vec t[4][6];
        begin_tile(side, ended, tile, stride, bias_, t);
        UNROLL for (int i = 0; i < side; i++) {
          vec y[4];
          tile_row(side, ended, tile, stride, i, t, y);
          UNROLL for (int j = 0; j < side; j++)
              store(to + i * row_stride + j * column_stride, relu ? relu_(y[j]) : y[j]);
        }
      }
    }
}

APART void output_tiles(int side, const float *m, int blocks, int tiles, const float *bias, int relu, float *out,
                        size_t row_stride, size_t column_stride, size_t block_stride) {
  if (side == 2) output_some(2, 0, m, blocks, tiles, bias, relu, out, row_stride, column_stride, block_stride);
  else if (ends_columns(4, blocks))
    output_some(4, 1, m, blocks, tiles, bias, relu, out, row_stride, column_stride, block_stride);
  else output_some(4, 0, m, blocks, tiles, bias, relu, out, row_stride, column_stride, block_stride);
}

enum { KEEP_NOT = 0, KEEP_FLOAT = 1, KEEP_HALF = 2 };

INLINE double dot_some(const int side, const int ended, const int training, const int keep, const int relu, float *m, int blocks, int tiles,
                       const float *bias, const float *dense, size_t row_stride, void *kept, size_t kept_stride,
                       float kept_scale, float *bias_sums) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  int channels = blocks * 16;
  double total = 0;
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      int offset = b * 16 + part * LANES;
      vec bias_ = load(bias + offset), sums[2] = {splat(0), splat(0)}, bias_sum = splat(0);
      for (int n = 0; n < tiles; n++) {
        float *tile = m + (b * TILE_GROUP + n) * 16 + part * LANES;
        const float *weights = dense + (size_t)n * side * channels + offset;
        size_t place = (size_t)n * side * channels + offset;
        vec t[4][6], g[4][4];
        begin_tile(side, ended, tile, stride, bias_, t);
        UNROLL for (int i = 0; i < side; i++) {
          if (training) IN_ORDER;
          vec y[4];
          tile_row(side, ended, tile, stride, i, t, y);
          UNROLL for (int j = 0; j < side; j++) {
            if (relu) y[j] = relu_(y[j]);
            vec w = load(weights + i * row_stride + j * channels);
            sums[j & 1] = fma_(y[j], w, sums[j & 1]);
            if (training) g[i][j] = relu ? where_positive(y[j], w) : w;
            size_t at_ = place + i * kept_stride + j * channels;
            if (keep == KEEP_FLOAT) __builtin_nontemporal_store(y[j], (vec *)((float *)kept + at_));
            if (keep == KEEP_HALF) __builtin_nontemporal_store(half_(y[j] * splat(kept_scale)), (hvec *)((uint16_t *)kept + at_));
          }
        }
        if (training) {
          IN_ORDER;
          bias_sum += store_d(side, g, tile, stride);
        }
      }
      total += sum_(sums[0] + sums[1]);
      if (training) store(bias_sums + offset, load(bias_sums + offset) + bias_sum);
    }
  return total;
}

#define DOT(name, training, keep, relu)                                                                        \
  APART double name(int side, float *m, int blocks, int tiles, const float *bias, const float *dense, size_t row_stride, \
                    void *kept, size_t kept_stride, float kept_scale, float *bias_sums) {                      \
    if (side == 2)                                                                                             \
      return dot_some(2, 0, training, keep, relu, m, blocks, tiles, bias, dense, row_stride, kept,             \
                      kept_stride, kept_scale, bias_sums);                                                     \
    if (blocks == 1)                                                                                           \
      return dot_some(4, ends_columns(4, 1), training, keep, relu, m, 1, tiles, bias, dense, row_stride, kept,       \
                      kept_stride, kept_scale, bias_sums);                                                     \
    if (ends_columns(4, blocks))                                                                                \
      return dot_some(4, 1, training, keep, relu, m, blocks, tiles, bias, dense, row_stride, kept, kept_stride,   \
                      kept_scale, bias_sums);                                                                  \
    return dot_some(4, 0, training, keep, relu, m, blocks, tiles, bias, dense, row_stride, kept, kept_stride,     \
                    kept_scale, bias_sums);                                                                    \
  }
DOT(dot_relu, 0, KEEP_NOT, 1)
DOT(dot_linear, 0, KEEP_NOT, 0)
DOT(train_relu_float, 1, KEEP_FLOAT, 1)
DOT(train_relu_half, 1, KEEP_HALF, 1)
DOT(train_linear_float, 1, KEEP_FLOAT, 0)
DOT(train_linear_half, 1, KEEP_HALF, 0)

static double dot_tiles(int side, float *m, int blocks, int tiles, const float *bias, int relu, const float *dense,
                        size_t row_stride, int training, void *kept, size_t kept_stride, int kept_is_half,
                        float kept_scale, float *bias_sums) {
  double (*kernel)(int, float *, int, int, const float *, const float *, size_t, void *, size_t, float, float *);
  if (!training) kernel = relu ? dot_relu : dot_linear;
  else if (kept_is_half) kernel = relu ? train_relu_half : train_linear_half;
  else kernel = relu ? train_relu_float : train_linear_float;
  return kernel(side, m, blocks, tiles, bias, dense, row_stride, kept, kept_stride, kept_scale, bias_sums);
}

INLINE void gradient_some(const int side, const float *const rows[4], size_t plane, int blocks, int first, int tiles, float *d,
                          float *bias_sums) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      int offset = b * 16 + part * LANES;
      vec bias_sum = splat(0);
      for (int n = 0; n < tiles; n++) {
        size_t from = b * plane + (size_t)(first + n) * side * 16 + part * LANES;
        float *tile = d + (b * TILE_GROUP + n) * 16 + part * LANES;
        vec g[4][4];
        UNROLL for (int i = 0; i < side; i++) UNROLL for (int j = 0; j < side; j++)
            g[i][j] = load(rows[i] + from + j * 16);
        bias_sum += store_d(side, g, tile, stride);
      }
      store(bias_sums + offset, load(bias_sums + offset) + bias_sum);
    }
}

APART void gradient_tiles(int side, const float *const rows[4], size_t plane, int blocks, int first, int tiles, float *d,
                          float *bias_sums) {
  if (side == 2) gradient_some(2, rows, plane, blocks, first, tiles, d, bias_sums);
  else gradient_some(4, rows, plane, blocks, first, tiles, d, bias_sums);
}
