// Products of tiles: those of 16 numbers of V or D and the weights, for each position, and sums of V^T D.

// What becomes of the six products of a column of positions before they are stored: A^T of them, four, for the
// output; or B, six, for the gradient of the input; or nothing. Done here, where registers are free.
enum { TO_OUTPUT = 0, TO_INPUT = 1, TO_POSITIONS = 2 };

// B of each column of products, in place.
APART void end_columns(float *m, int blocks, int tiles) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int j = 0; j < 6; j++)
    for (int b = 0; b < blocks; b++)
      for (int k = 0; k < tiles * 16; k += LANES) {
        float *at_ = m + j * stride + b * TILE_GROUP * 16 + k;
        vec p[6], o[6];
        UNROLL for (int i = 0; i < 6; i++) p[i] = load(at_ + i * 6 * stride);
        b_(p, o);
        UNROLL for (int i = 0; i < 6; i++) store(at_ + i * 6 * stride, o[i]);
      }
}

#if COLUMN_TILES
INLINE void column_tiles(const int to, const int tiles, const float *v, size_t v_stride, int in_blocks, const float *u,
                         size_t u_stride, vec bias, float *m, size_t m_stride) {
  vec a[6][COLUMN_TILES];
  UNROLL for (int i = 0; i < 6; i++) UNROLL for (int t = 0; t < tiles; t++) a[i][t] = i == 1 ? bias : splat(0);
  for (int b = 0; b < in_blocks; b++, v += TILE_GROUP * 16, u += 256)
    _Pragma("clang loop unroll_count(4)") for (int k = 0; k < 16; k++) {
      UNROLL for (int i = 0; i < 6; i++) {
        vec w = load(u + i * u_stride + k * 16);
        UNROLL for (int t = 0; t < tiles; t++) a[i][t] = fma_(splat(v[i * v_stride + t * 16 + k]), w, a[i][t]);
      }
    }
  UNROLL for (int t = 0; t < tiles; t++) {
    vec p[6] = {a[0][t], a[1][t], a[2][t], a[3][t], a[4][t], a[5][t]}, o[6];
    if (to == TO_OUTPUT) at(4, p[0], p[1], p[2], p[3], p[4], p[5], o);
    if (to == TO_INPUT) b_(p, o);
    UNROLL for (int i = 0; i < (to == TO_OUTPUT ? 4 : 6); i++)
        store(m + i * m_stride + t * 16, to == TO_POSITIONS ? p[i] : o[i]);
  }
}

// Two blocks at a time, position by position: a number of V serves two products, which takes fewer loads than those of a
// column do, and leaves the transform to who takes a tile.
INLINE void pair_tiles(const int tiles, const float *v, int in_blocks, const float *u, float *m) {
  const float *second = u + (size_t)in_blocks * 256;
  vec a[PAIR_TILES][2];
  UNROLL for (int t = 0; t < tiles; t++) a[t][0] = a[t][1] = splat(0);
  for (int b = 0; b < in_blocks; b++, v += TILE_GROUP * 16, u += 256, second += 256)
    _Pragma("clang loop unroll_count(4)") for (int k = 0; k < 16; k++) {
      vec w0 = load(u + k * 16), w1 = load(second + k * 16);
      UNROLL for (int t = 0; t < tiles; t++) {
        vec s = splat(v[t * 16 + k]);
        a[t][0] = fma_(s, w0, a[t][0]);
        a[t][1] = fma_(s, w1, a[t][1]);
      }
    }
  UNROLL for (int t = 0; t < tiles; t++) UNROLL for (int i = 0; i < 2; i++)
      store(m + (i * TILE_GROUP + t) * 16, a[t][i]);
}

APART void pair_product(const float *v, int in_blocks, const float *u, int out_blocks, int tiles, float *m) {
  size_t v_stride = position_stride(in_blocks, TILE_GROUP), m_stride = position_stride(out_blocks, TILE_GROUP);
  for (int p = 0; p < 36; p++)
    for (int b = 0; b < out_blocks; b += 2, u += (size_t)in_blocks * 512) {
      const float *from = v + p * v_stride;
      float *to = m + p * m_stride + b * TILE_GROUP * 16;
      int t = 0;
      for (; t + PAIR_TILES <= tiles; t += PAIR_TILES)
        pair_tiles(PAIR_TILES, from + t * 16, in_blocks, u, to + t * 16);
      for (; t + 4 <= tiles; t += 4) pair_tiles(4, from + t * 16, in_blocks, u, to + t * 16);
      for (; t < tiles; t++) pair_tiles(1, from + t * 16, in_blocks, u, to + t * 16);
    }
}

INLINE void product_columns_(const int to, const float *v, const int in_blocks, const float *u, const int out_blocks,
                             int tiles, const float *bias, float *m) {
  if (out_blocks % 2 == 0) {
    pair_product(v, in_blocks, u, out_blocks, tiles, m);
    if (to == TO_INPUT) end_columns(m, out_blocks, tiles);
    return;
  }
  size_t v_stride = position_stride(in_blocks, TILE_GROUP), m_stride = position_stride(out_blocks, TILE_GROUP);
  size_t block = (size_t)in_blocks * 256, u_stride = 6 * out_blocks * block;
  for (int j = 0; j < 6; j++)
    for (int b = 0; b < out_blocks; b++) {
      const float *from = v + j * v_stride, *by = u + (j * out_blocks + b) * block;
      float *into = m + j * m_stride + b * TILE_GROUP * 16;
      vec bias_ = to == TO_OUTPUT && j == 1 ? load(bias + b * 16) : splat(0);
      int t = 0;
      for (; t + COLUMN_TILES <= tiles; t += COLUMN_TILES)
        column_tiles(to, COLUMN_TILES, from + t * 16, 6 * v_stride, in_blocks, by, u_stride, bias_, into + t * 16,
                     6 * m_stride);
      for (; t < tiles; t++)
        column_tiles(to, 1, from + t * 16, 6 * v_stride, in_blocks, by, u_stride, bias_, into + t * 16, 6 * m_stride);
    }
}
#else
INLINE void product_tiles(const int tiles, const float *v, int in_blocks, const float *u, float *m) {
  vec a[16][PARTS];
  UNROLL for (int i = 0; i < tiles; i++) UNROLL for (int p = 0; p < PARTS; p++) a[i][p] = splat(0);
  for (int b = 0; b < in_blocks; b++, v += TILE_GROUP * 16, u += 256) {
    _Pragma("clang loop unroll_count(4)") for (int k = 0; k < 16; k++) {
      vec w[PARTS];
      UNROLL for (int p = 0; p < PARTS; p++) w[p] = load(u + k * 16 + p * LANES);
      UNROLL for (int i = 0; i < tiles; i++) {
        vec s = splat(v[i * 16 + k]);
        UNROLL for (int p = 0; p < PARTS; p++) a[i][p] = fma_(s, w[p], a[i][p]);
      }
    }
  }
  UNROLL for (int i = 0; i < tiles; i++) UNROLL for (int p = 0; p < PARTS; p++) store(m + i * 16 + p * LANES, a[i][p]);
}

APART void product(const float *v, int in_blocks, const float *u, int out_blocks, int tiles, float *m) {
  size_t v_stride = position_stride(in_blocks, TILE_GROUP), m_stride = position_stride(out_blocks, TILE_GROUP);
  for (int p = 0; p < 36; p++)
    for (int b = 0; b < out_blocks; b++, u += (size_t)in_blocks * 256) {
      const float *from = v + p * v_stride;
      float *to = m + p * m_stride + b * TILE_GROUP * 16;
      int t = 0;
      for (; t + PRODUCT_TILES <= tiles; t += PRODUCT_TILES)
        product_tiles(PRODUCT_TILES, from + t * 16, in_blocks, u, to + t * 16);
      for (; t + 4 <= tiles; t += 4) product_tiles(4, from + t * 16, in_blocks, u, to + t * 16);
      for (; t < tiles; t++) product_tiles(1, from + t * 16, in_blocks, u, to + t * 16);
    }
}

// With few registers: the products first. A^T is left to who takes a tile.
INLINE void product_columns_(const int to, const float *v, const int in_blocks, const float *u, const int out_blocks,
                             int tiles, const float *bias, float *m) {
  (void)bias;
  product(v, in_blocks, u, out_blocks, tiles, m);
  if (to == TO_INPUT) end_columns(m, out_blocks, tiles);
}
#endif


APART void product_out(int side, const float *v, int in_blocks, const float *u, int out_blocks, int tiles,
                       const float *bias, float *m) {
  if (side != 4) product_columns_(TO_POSITIONS, v, in_blocks, u, out_blocks, tiles, NULL, m);
  else if (in_blocks == 1 && out_blocks == 1) product_columns_(TO_OUTPUT, v, 1, u, 1, tiles, bias, m);
  else product_columns_(TO_OUTPUT, v, in_blocks, u, out_blocks, tiles, bias, m);
}

APART void product_in(const float *d, int out_blocks, const float *u, int in_blocks, int tiles, float *m) {
  if (in_blocks == 1 && out_blocks == 1) product_columns_(TO_INPUT, d, 1, u, 1, tiles, NULL, m);
  else product_columns_(TO_INPUT, d, out_blocks, u, in_blocks, tiles, NULL, m);
}

// Sums of x^T d in registers, over `count` columns of 16 numbers: some rows of `blocks` blocks, of d `d_block` apart, of
// the sums `sum_block` and from row to row `sum_row`.
INLINE void weight_rows(const int rows, const int blocks, const float *x, const float *d, size_t d_block, int count,
                        float *sums, size_t sum_block, size_t sum_row) {
  vec a[WEIGHT_ROWS][2][PARTS];
  UNROLL for (int k = 0; k < rows; k++) UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int i = 0; i < PARTS; i++)
      a[k][n][i] = load(sums + n * sum_block + k * sum_row + i * LANES);
  for (int t = 0; t < count; t++) {
    vec g[2][PARTS];
    UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int i = 0; i < PARTS; i++)
        g[n][i] = load(d + n * d_block + t * 16 + i * LANES);
    UNROLL for (int k = 0; k < rows; k++) {
      vec s = splat(x[t * 16 + k]);
      UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int i = 0; i < PARTS; i++)
          a[k][n][i] = fma_(s, g[n][i], a[k][n][i]);
    }
  }
  UNROLL for (int k = 0; k < rows; k++) UNROLL for (int n = 0; n < blocks; n++) UNROLL for (int i = 0; i < PARTS; i++)
      store(sums + n * sum_block + k * sum_row + i * LANES, a[k][n][i]);
}

// With registers for two blocks a number of x serves both.
INLINE int weight_pairs(int blocks) { return COLUMN_TILES && blocks % 2 == 0; }

INLINE void weight_block(const int pairs, const float *x, const float *d, size_t d_block, int count, float *sums,
                         size_t sum_block, size_t sum_row) {
  const int rows = pairs ? WEIGHT_ROWS / 2 : WEIGHT_ROWS;
  for (int row = 0; row < 16; row += rows)
    weight_rows(rows, pairs ? 2 : 1, x + row, d, d_block, count, sums + row * sum_row, sum_block, sum_row);
}

APART void weight_product(const float *v, int in_blocks, const float *d, int out_blocks, int tiles, float *sums) {
  size_t v_stride = position_stride(in_blocks, TILE_GROUP), d_stride = position_stride(out_blocks, TILE_GROUP);
  size_t block = (size_t)in_blocks * 256, next = TILE_GROUP * 16;
  int pairs = weight_pairs(out_blocks);
  for (int p = 0; p < 36; p++)
    for (int ob = 0; ob < out_blocks; ob += pairs ? 2 : 1, sums += pairs ? 2 * block : block)
      for (int ib = 0; ib < in_blocks; ib++) {
        const float *from = v + p * v_stride + ib * next, *by = d + p * d_stride + ob * next;
        if (pairs) weight_block(1, from, by, next, tiles, sums + ib * 256, block, 16);
        else weight_block(0, from, by, next, tiles, sums + ib * 256, block, 16);
      }
}
