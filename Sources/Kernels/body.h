// The kernels, written once for vectors of LANES floats. The file that includes this one sets, for its
// instruction set: TABLE (the name of the table), LANES, TILE_GROUP, PRODUCT_TILES (tiles held in
// registers in a product), WEIGHT_ROWS (rows of a weight gradient held), PIXELS (of a direct convolution).
//
// Loops over arrays of vectors are unrolled by hand of the compiler, else the arrays would not be registers.


#include "table.h"

#define PARTS (16 / LANES)  // vectors in a block of 16 channels
#define UNROLL _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))

typedef float vec __attribute__((ext_vector_type(LANES)));
typedef int32_t ivec __attribute__((ext_vector_type(LANES)));
typedef _Float16 hvec __attribute__((ext_vector_type(LANES)));

INLINE vec load(const float *p) {
  vec v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
INLINE void store(float *p, vec v) { __builtin_memcpy(p, &v, sizeof v); }
INLINE vec splat(float x) { return (vec)(x); }
INLINE vec fma_(vec a, vec b, vec c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vec fnma_(vec a, vec b, vec c) { return __builtin_elementwise_fma(-a, b, c); }
// NaN stays NaN.
INLINE vec relu_(vec y) {
  vec zero = splat(0);
  return zero > y ? zero : y;
}
INLINE vec where_positive(vec y, vec g) { return y > splat(0) ? g : splat(0); }
INLINE float sum_(vec a) {
  float lanes[LANES], sum = 0;
  __builtin_memcpy(lanes, &a, sizeof a);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  sum = lanes[0];
  return sum;
}

// ---- Direct convolution of few channels

INLINE void direct_pixels(const int pixels, const float *const x[3], int channels, int first, int oc, int out_channels,
                          const float *weights, const float *bias, int relu, float *out) {
  vec a[16][PARTS];
  UNROLL for (int i = 0; i < pixels; i++) UNROLL for (int v = 0; v < PARTS; v++) a[i][v] = load(bias + oc + v * LANES);
  for (int ky = 0; ky < 3; ky++) {
    const float *row = x[ky] + first * channels;
    for (int tap = 0; tap < 3 * channels; tap++) {
      const float *w = weights + (size_t)(ky * 3 * channels + tap) * out_channels + oc;
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

INLINE void direct_columns(const float *const x[3], const int channels, int columns, int blocks, const float *weights,
                           const float *bias, const int relu, float *out, size_t plane) {
  for (int b = 0; b < blocks; b++) {
    int p = 0;
    float *to = out + b * plane;
    for (; p + PIXELS <= columns; p += PIXELS)
      direct_pixels(PIXELS, x, channels, p, b * 16, blocks * 16, weights, bias, relu, to + p * 16);
    for (; p < columns; p++) direct_pixels(1, x, channels, p, b * 16, blocks * 16, weights, bias, relu, to + p * 16);
  }
}

APART void direct_row(const float *const x[3], int channels, int columns, int blocks, const float *weights,
                      const float *bias, int relu, float *out, size_t plane) {
  if (channels == 1 && relu) direct_columns(x, 1, columns, blocks, weights, bias, 1, out, plane);
  else if (relu) direct_columns(x, channels, columns, blocks, weights, bias, 1, out, plane);
  else direct_columns(x, channels, columns, blocks, weights, bias, 0, out, plane);
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

// ---- Winograd F(4x4, 3x3)

INLINE void bt(const vec *d, vec *o) {
  vec c2 = splat(2), c4 = splat(4), c5 = splat(5);
  o[0] = fma_(c4, d[0], fnma_(c5, d[2], d[4]));
  vec a = fnma_(c4, d[2], d[4]), b = fnma_(c4, d[1], d[3]);
  o[1] = a + b;
  o[2] = a - b;
  vec c = d[4] - d[2], e = d[3] - d[1];
  o[3] = fma_(c2, e, c);
  o[4] = fnma_(c2, e, c);
  o[5] = fma_(c4, d[1], fnma_(c5, d[3], d[5]));
}

// Rows of B^T d, one column: those that share their parts (0; 1 and 2; 3 and 4; 5).
INLINE void bt_rows(const int part, const float *const rows[6], size_t o, vec *first, vec *second) {
  vec c2 = splat(2), c4 = splat(4), c5 = splat(5);
  if (part == 0) *first = fma_(c4, load(rows[0] + o), fnma_(c5, load(rows[2] + o), load(rows[4] + o)));
  if (part == 1) {
    vec a = fnma_(c4, load(rows[2] + o), load(rows[4] + o)), b = fnma_(c4, load(rows[1] + o), load(rows[3] + o));
    *first = a + b;
    *second = a - b;
  }
  if (part == 2) {
    vec a = load(rows[4] + o) - load(rows[2] + o), b = load(rows[3] + o) - load(rows[1] + o);
    *first = fma_(c2, b, a);
    *second = fnma_(c2, b, a);
  }
  if (part == 3) *first = fma_(c4, load(rows[1] + o), fnma_(c5, load(rows[3] + o), load(rows[5] + o)));
}

INLINE void input_part(const int part, const float *const rows[6], size_t offset, int tiles, float *v, size_t stride) {
  vec a[6], b[6], o[6];
  const int row = part == 0 ? 0 : part == 1 ? 1 : part == 2 ? 3 : 5;
  bt_rows(part, rows, offset, &a[0], &b[0]);
  bt_rows(part, rows, offset + 16, &a[1], &b[1]);
  for (int t = 0; t < tiles; t++) {
    UNROLL for (int j = 2; j < 6; j++) bt_rows(part, rows, offset + (size_t)(4 * t + j) * 16, &a[j], &b[j]);
    bt(a, o);
    UNROLL for (int j = 0; j < 6; j++) store(v + (row * 6 + j) * stride + t * 16, o[j]);
    if (part == 1 || part == 2) {
      bt(b, o);
      UNROLL for (int j = 0; j < 6; j++) store(v + ((row + 1) * 6 + j) * stride + t * 16, o[j]);
    }
    // Two columns belong to the next tile too.
    a[0] = a[4];
    a[1] = a[5];
    b[0] = b[4];
    b[1] = b[5];
  }
}

APART void input_tiles(const float *const rows[6], size_t plane, int blocks, int first, int tiles, float *v) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      size_t offset = b * plane + (size_t)first * 64 + part * LANES;
      float *to = v + b * TILE_GROUP * 16 + part * LANES;
      input_part(0, rows, offset, tiles, to, stride);
      input_part(1, rows, offset, tiles, to, stride);
      input_part(2, rows, offset, tiles, to, stride);
      input_part(3, rows, offset, tiles, to, stride);
    }
}

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

APART void weight_product(const float *v, int in_blocks, const float *d, int out_blocks, int tiles, float *sums) {
  size_t v_stride = position_stride(in_blocks, TILE_GROUP), d_stride = position_stride(out_blocks, TILE_GROUP);
  for (int p = 0; p < 36; p++)
    for (int ob = 0; ob < out_blocks; ob++)
      for (int ib = 0; ib < in_blocks; ib++)
        for (int row = 0; row < 16; row += WEIGHT_ROWS, sums += WEIGHT_ROWS * 16) {
          const float *from = v + p * v_stride + ib * TILE_GROUP * 16 + row;
          const float *by = d + p * d_stride + ob * TILE_GROUP * 16;
          vec a[WEIGHT_ROWS][PARTS];
          UNROLL for (int k = 0; k < WEIGHT_ROWS; k++) UNROLL for (int i = 0; i < PARTS; i++)
              a[k][i] = load(sums + k * 16 + i * LANES);
          for (int t = 0; t < tiles; t++) {
            vec g[PARTS];
            UNROLL for (int i = 0; i < PARTS; i++) g[i] = load(by + t * 16 + i * LANES);
            UNROLL for (int k = 0; k < WEIGHT_ROWS; k++) {
              vec s = splat(from[t * 16 + k]);
              UNROLL for (int i = 0; i < PARTS; i++) a[k][i] = fma_(s, g[i], a[k][i]);
            }
          }
          UNROLL for (int k = 0; k < WEIGHT_ROWS; k++) UNROLL for (int i = 0; i < PARTS; i++)
              store(sums + k * 16 + i * LANES, a[k][i]);
        }
}

INLINE void at(vec m0, vec m1, vec m2, vec m3, vec m4, vec m5, vec *y) {
  vec s = m1 + m2, d = m1 - m2, s2 = m3 + m4, d2 = m3 - m4;
  y[0] = m0 + s + s2;
  y[1] = fma_(splat(2), d2, d);
  y[2] = fma_(splat(4), s2, s);
  y[3] = fma_(splat(8), d2, d + m5);
}

INLINE void a_(const vec *y, vec *m) {
  vec e = y[0] + y[2], o = y[1] + y[3];
  m[0] = y[0];
  m[1] = e + o;
  m[2] = e - o;
  vec e2 = fma_(splat(4), y[2], y[0]), o2 = fma_(splat(4), y[3], y[1]);
  m[3] = fma_(splat(2), o2, e2);
  m[4] = fnma_(splat(2), o2, e2);
  m[5] = y[3];
}

// A^T M, column by column; the bias goes in at position (1, 1), whose column of A^T is all ones.
INLINE void at_columns(const float *m, size_t stride, vec bias, vec t[4][6]) {
  UNROLL for (int j = 0; j < 6; j++) {
    vec second = load(m + (6 + j) * stride), y[4];
    if (j == 1) second += bias;
    at(load(m + j * stride), second, load(m + (12 + j) * stride), load(m + (18 + j) * stride),
       load(m + (24 + j) * stride), load(m + (30 + j) * stride), y);
    UNROLL for (int i = 0; i < 4; i++) t[i][j] = y[i];
  }
}

APART void output_tiles(const float *m, int blocks, int tiles, const float *bias, int relu, float *out,
                        size_t row_stride, size_t column_stride, size_t block_stride) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      vec bias_ = load(bias + b * 16 + part * LANES);
      for (int n = 0; n < tiles; n++) {
        float *to = out + b * block_stride + n * 4 * column_stride + part * LANES;
        vec t[4][6];
        at_columns(m + (b * TILE_GROUP + n) * 16 + part * LANES, stride, bias_, t);
        UNROLL for (int i = 0; i < 4; i++) {
          vec y[4];
          at(t[i][0], t[i][1], t[i][2], t[i][3], t[i][4], t[i][5], y);
          UNROLL for (int j = 0; j < 4; j++)
              store(to + i * row_stride + j * column_stride, relu ? relu_(y[j]) : y[j]);
        }
      }
    }
}

INLINE hvec half_(vec y) { return __builtin_convertvector(y, hvec); }
INLINE vec from_half(hvec h) { return __builtin_convertvector(h, vec); }

enum { KEEP_NOT = 0, KEEP_FLOAT = 1, KEEP_HALF = 2 };

INLINE double dot_some(const int training, const int keep, const int relu, float *m, int blocks, int tiles,
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
        const float *weights = dense + (size_t)n * 4 * channels + offset;
        size_t place = (size_t)n * 4 * channels + offset;
        vec t[4][6];
        at_columns(tile, stride, bias_, t);
        UNROLL for (int i = 0; i < 4; i++) {
          vec y[4], g[4];
          at(t[i][0], t[i][1], t[i][2], t[i][3], t[i][4], t[i][5], y);
          UNROLL for (int j = 0; j < 4; j++) {
            if (relu) y[j] = relu_(y[j]);
            vec w = load(weights + i * row_stride + j * channels);
            sums[j & 1] = fma_(y[j], w, sums[j & 1]);
            if (training) g[j] = relu ? where_positive(y[j], w) : w;
            size_t at_ = place + i * kept_stride + j * channels;
            if (keep == KEEP_FLOAT) __builtin_nontemporal_store(y[j], (vec *)((float *)kept + at_));
            if (keep == KEEP_HALF) __builtin_nontemporal_store(half_(y[j] * splat(kept_scale)), (hvec *)((uint16_t *)kept + at_));
          }
          if (training) a_(g, t[i]);
        }
        if (training) {
          UNROLL for (int j = 0; j < 6; j++) {
            vec column[4] = {t[0][j], t[1][j], t[2][j], t[3][j]}, d[6];
            a_(column, d);
            if (j == 1) bias_sum += d[1];
            UNROLL for (int i = 0; i < 6; i++) store(tile + (i * 6 + j) * stride, d[i]);
          }
        }
      }
      total += sum_(sums[0] + sums[1]);
      if (training) store(bias_sums + offset, load(bias_sums + offset) + bias_sum);
    }
  return total;
}

#define DOT(name, training, keep, relu)                                                                        \
  APART double name(float *m, int blocks, int tiles, const float *bias, const float *dense, size_t row_stride, \
                    void *kept, size_t kept_stride, float kept_scale, float *bias_sums) {                      \
    return dot_some(training, keep, relu, m, blocks, tiles, bias, dense, row_stride, kept, kept_stride,        \
                    kept_scale, bias_sums);                                                                    \
  }
DOT(dot_relu, 0, KEEP_NOT, 1)
DOT(dot_linear, 0, KEEP_NOT, 0)
DOT(train_relu_float, 1, KEEP_FLOAT, 1)
DOT(train_relu_half, 1, KEEP_HALF, 1)
DOT(train_linear_float, 1, KEEP_FLOAT, 0)
DOT(train_linear_half, 1, KEEP_HALF, 0)

static double dot_tiles(float *m, int blocks, int tiles, const float *bias, int relu, const float *dense,
                        size_t row_stride, int training, void *kept, size_t kept_stride, int kept_is_half,
                        float kept_scale, float *bias_sums) {
  double (*kernel)(float *, int, int, const float *, const float *, size_t, void *, size_t, float, float *);
  if (!training) kernel = relu ? dot_relu : dot_linear;
  else if (kept_is_half) kernel = relu ? train_relu_half : train_linear_half;
  else kernel = relu ? train_relu_float : train_linear_float;
  return kernel(m, blocks, tiles, bias, dense, row_stride, kept, kept_stride, kept_scale, bias_sums);
}

APART void gradient_tiles(const float *const rows[4], size_t plane, int blocks, int first, int tiles, float *d,
                          float *bias_sums) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      int offset = b * 16 + part * LANES;
      vec bias_sum = splat(0);
      for (int n = 0; n < tiles; n++) {
        size_t from = b * plane + (size_t)(first + n) * 64 + part * LANES;
        float *tile = d + (b * TILE_GROUP + n) * 16 + part * LANES;
        vec t[4][6];
        UNROLL for (int i = 0; i < 4; i++) {
          vec g[4];
          UNROLL for (int j = 0; j < 4; j++) g[j] = load(rows[i] + from + j * 16);
          a_(g, t[i]);
        }
        UNROLL for (int j = 0; j < 6; j++) {
          vec column[4] = {t[0][j], t[1][j], t[2][j], t[3][j]}, o[6];
          a_(column, o);
          if (j == 1) bias_sum += o[1];
          UNROLL for (int i = 0; i < 6; i++) store(tile + (i * 6 + j) * stride, o[i]);
        }
      }
      store(bias_sums + offset, load(bias_sums + offset) + bias_sum);
    }
}

INLINE void b_(const vec *m, vec *o) {
  vec s = m[1] + m[2], d = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
  o[0] = splat(4) * m[0];
  o[1] = fnma_(splat(2), d2, splat(4) * (m[5] - d));
  o[2] = fnma_(splat(5), m[0], -fma_(splat(4), s, s2));
  o[3] = fma_(splat(2), d2, fnma_(splat(5), m[5], d));
  o[4] = m[0] + s + s2;
  o[5] = m[5];
}

// One column of six rows down to four finished rows; two more are carried to the next row of tiles.
INLINE void finish_column(const vec *e, size_t place, float *carry, size_t row_floats, float *const out[4],
                          const float *const *mask) {
  vec o[6];
  b_(e, o);
  o[0] += load(carry + place);
  o[1] += load(carry + row_floats + place);
  store(carry + place, o[4]);
  store(carry + row_floats + place, o[5]);
  UNROLL for (int i = 0; i < 4; i++)
      store(out[i] + place, mask ? where_positive(load(mask[i] + place), o[i]) : o[i]);
}

INLINE void input_gradient_part(const float *v, size_t stride, int tiles, int last, float *columns, float *carry,
                                size_t row_floats, size_t place, float *const out[4], const float *const *mask) {
  float rows[6][4][LANES] __attribute__((aligned(64)));
  for (int t = 0; t < tiles; t++, place += 64) {
    UNROLL for (int i = 0; i < 6; i++) {
      vec m[6], o[6];
      float *next = columns + i * 32;
      UNROLL for (int j = 0; j < 6; j++) m[j] = load(v + (i * 6 + j) * stride + t * 16);
      b_(m, o);
      store(rows[i][0], o[0] + load(next));
      store(rows[i][1], o[1] + load(next + 16));
      store(rows[i][2], o[2]);
      store(rows[i][3], o[3]);
      store(next, o[4]);
      store(next + 16, o[5]);
    }
    for (int c = 0; c < 4; c++) {
      vec e[6];
      UNROLL for (int i = 0; i < 6; i++) e[i] = load(rows[i][c]);
      finish_column(e, place + c * 16, carry, row_floats, out, mask);
    }
  }
  if (last)
    for (int c = 0; c < 2; c++) {
      vec e[6];
      UNROLL for (int i = 0; i < 6; i++) e[i] = load(columns + i * 32 + c * 16);
      finish_column(e, place + c * 16, carry, row_floats, out, mask);
    }
}

APART void input_gradient(const float *v, int blocks, int first, int tiles, int last, float *columns, float *carry,
                          size_t row_floats, size_t plane, float *const out[4], const float *const mask[4]) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      const float *from = v + b * TILE_GROUP * 16 + part * LANES;
      size_t place = b * plane + (size_t)first * 64 + part * LANES;
      float *edge = columns + b * 192 + part * LANES;
      if (mask) input_gradient_part(from, stride, tiles, last, edge, carry, row_floats, place, out, mask);
      else input_gradient_part(from, stride, tiles, last, edge, carry, row_floats, place, out, NULL);
    }
}

static void planes_row(float *out, size_t plane, int blocks, int columns, const float *from, const float *mask) {
  for (int b = 0; b < blocks; b++)
    for (int c = 0; c < columns; c++) {
      size_t at_ = ((size_t)c * blocks + b) * 16;
      float *to = out + b * plane + (size_t)c * 16;
      for (int i = 0; i < 16; i += LANES)
        store(to + i, mask ? where_positive(load(mask + at_ + i), load(from + at_ + i)) : load(from + at_ + i));
    }
}

static void keep(const float *from, int is_half, float scale, void *kept, size_t place) {
  for (int i = 0; i < 16; i += LANES) {
    vec y = load(from + i);
    hvec h = half_(y * splat(scale));
    if (is_half) __builtin_memcpy((uint16_t *)kept + place + i, &h, sizeof h);
    else store((float *)kept + place + i, y);
  }
}

static void mask_row(float *out, const float *from, const float *mask, size_t count) {
  for (size_t i = 0; i < count; i += LANES) store(out + i, where_positive(load(mask + i), load(from + i)));
}

// ---- Pools of windows side by side

static void max_pool_row(const float *const *rows, size_t plane, int blocks, int window_rows, int window_columns,
                         int columns, float *out, size_t out_plane) {
  for (int b = 0; b < blocks; b++)
    for (int c = 0; c < columns; c++)
      for (int part = 0; part < PARTS; part++) {
        size_t place = b * plane + (size_t)c * window_columns * 16 + part * LANES;
        vec best = load(rows[0] + place);
        for (int i = 0; i < window_rows; i++)
          for (int j = 0; j < window_columns; j++) {
            vec x = load(rows[i] + place + j * 16);
            best = best > x ? best : x;
          }
        store(out + b * out_plane + (size_t)c * 16 + part * LANES, best);
      }
}

static void average_pool_row(const float *const *rows, size_t plane, int blocks, int window_rows, int window_columns,
                             int columns, float *out, size_t out_plane) {
  vec scale = splat(1.0f / (float)(window_rows * window_columns));
  for (int b = 0; b < blocks; b++)
    for (int c = 0; c < columns; c++)
      for (int part = 0; part < PARTS; part++) {
        size_t place = b * plane + (size_t)c * window_columns * 16 + part * LANES;
        vec sum = splat(0);
        for (int i = 0; i < window_rows; i++)
          for (int j = 0; j < window_columns; j++) sum += load(rows[i] + place + j * 16);
        store(out + b * out_plane + (size_t)c * 16 + part * LANES, sum * scale);
      }
}

// The gradient goes to the first of the largest, as Keras and oneDNN have it.
static void max_pool_gradient(const float *const *rows, size_t plane, int blocks, int window_rows, int window_columns,
                              int columns, const float *gradient, size_t gradient_plane, float *const *out,
                              int masked) {
  for (int b = 0; b < blocks; b++)
    for (int c = 0; c < columns; c++)
      for (int part = 0; part < PARTS; part++) {
        size_t place = b * plane + (size_t)c * window_columns * 16 + part * LANES;
        vec best = load(rows[0] + place), g = load(gradient + b * gradient_plane + (size_t)c * 16 + part * LANES);
        for (int i = 0; i < window_rows; i++)
          for (int j = 0; j < window_columns; j++) {
            vec x = load(rows[i] + place + j * 16);
            best = best > x ? best : x;
          }
        if (masked) g = where_positive(best, g);
        for (int i = 0; i < window_rows; i++)
          for (int j = 0; j < window_columns; j++) {
            vec x = load(rows[i] + place + j * 16);
            ivec here = x == best;
            store(out[i] + place + j * 16, here ? g : splat(0));
            g = here ? splat(0) : g;
          }
      }
}

static void average_pool_gradient(const float *const *rows, size_t plane, int blocks, int window_rows,
                                  int window_columns, int columns, const float *gradient, size_t gradient_plane,
                                  float *const *out, int masked) {
  vec scale = splat(1.0f / (float)(window_rows * window_columns));
  for (int b = 0; b < blocks; b++)
    for (int c = 0; c < columns; c++)
      for (int part = 0; part < PARTS; part++) {
        size_t place = b * plane + (size_t)c * window_columns * 16 + part * LANES;
        vec g = scale * load(gradient + b * gradient_plane + (size_t)c * 16 + part * LANES);
        for (int i = 0; i < window_rows; i++)
          for (int j = 0; j < window_columns; j++) {
            size_t o = place + j * 16;
            store(out[i] + o, masked ? where_positive(load(rows[i] + o), g) : g);
          }
      }
}

// ---- Sums

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

const kernels_table TABLE = {
    .tile_group = TILE_GROUP,
    .direct_row = direct_row,
    .direct_gradient = direct_gradient,
    .input_tiles = input_tiles,
    .product = product,
    .weight_product = weight_product,
    .output_tiles = output_tiles,
    .dot_tiles = dot_tiles,
    .gradient_tiles = gradient_tiles,
    .input_gradient = input_gradient,
    .planes_row = planes_row,
    .keep = keep,
    .mask_row = mask_row,
    .max_pool_row = max_pool_row,
    .average_pool_row = average_pool_row,
    .max_pool_gradient = max_pool_gradient,
    .average_pool_gradient = average_pool_gradient,
    .add_scaled = add_scaled,
    .add_and_clear = add_and_clear,
    .kept_sum = kept_sum,
};
