// Winograd tiles in whole numbers of 16 bits: two products where float32 has one. For AVX-512 VNNI.
//
// V is rounded to 16 bits by the largest number of its rows, so that it just fits; the weights so that no sum of
// products leaves 32 bits (narrow.c).

#include <immintrin.h>

typedef int16_t v_number;
INLINE size_t stride_of_v(int blocks) { return narrow_stride(blocks, TILE_GROUP); }
INLINE void store_v(v_number *v, size_t stride, int position, const float *scales, vec o) {
  __m512i whole = _mm512_cvtps_epi32(o * splat(scales[position]));
  _mm256_storeu_si256((__m256i *)(v + position * stride), _mm512_cvtsepi32_epi16(whole));
}

static float rows_peak(const float *const rows[6], size_t plane, int blocks, int first, int columns) {
  vec most[6];
  UNROLL for (int i = 0; i < 6; i++) most[i] = splat(0);
  for (int b = 0; b < blocks; b++) {
    size_t place = b * plane + (size_t)first * 64;
    for (int k = 0; k < columns; k++, place += 16)
      UNROLL for (int i = 0; i < 6; i++) most[i] = _mm512_max_ps(most[i], _mm512_abs_ps(load(rows[i] + place)));
  }
  UNROLL for (int i = 1; i < 6; i++) most[0] = _mm512_max_ps(most[0], most[i]);
  return _mm512_reduce_max_ps(most[0]);
}

INLINE void narrow_tiles(const int ended, const int tiles, const int16_t *v, size_t v_stride, int in_blocks, const int16_t *u,
                         size_t u_stride, const vec scale[6], vec bias, float *m, size_t m_stride) {
  __m512i a[6][COLUMN_TILES];
  UNROLL for (int i = 0; i < 6; i++) UNROLL for (int t = 0; t < tiles; t++) a[i][t] = _mm512_setzero_si512();
  for (int b = 0; b < in_blocks; b++, v += TILE_GROUP * 16, u += 256)
    _Pragma("clang loop unroll_count(4)") for (int k = 0; k < 8; k++) {
      UNROLL for (int i = 0; i < 6; i++) {
        __m512i w = _mm512_loadu_si512(u + i * u_stride + k * 32);
        UNROLL for (int t = 0; t < tiles; t++) {
          int32_t pair;
          __builtin_memcpy(&pair, v + i * v_stride + t * 16 + k * 2, sizeof pair);
          a[i][t] = _mm512_dpwssd_epi32(a[i][t], w, _mm512_set1_epi32(pair));
        }
      }
    }
  UNROLL for (int t = 0; t < tiles; t++) {
    vec p[6], o[6];
    UNROLL for (int i = 0; i < 6; i++)
        p[i] = i == 1 ? fma_(_mm512_cvtepi32_ps(a[i][t]), scale[i], bias) : _mm512_cvtepi32_ps(a[i][t]) * scale[i];
    if (ended) at(4, p[0], p[1], p[2], p[3], p[4], p[5], o);
    UNROLL for (int i = 0; i < (ended ? 4 : 6); i++) store(m + i * m_stride + t * 16, ended ? o[i] : p[i]);
  }
}

INLINE void narrow_product_(const int ended, const int16_t *v, const int in_blocks, const int16_t *u, const int out_blocks, int tiles,
                            const float *scales, float peak, const float *bias, float *m) {
  size_t v_stride = stride_of_v(in_blocks), m_stride = position_stride(out_blocks, TILE_GROUP);
  size_t block = (size_t)in_blocks * 256, u_stride = 6 * out_blocks * block;
  for (int j = 0; j < 6; j++)
    for (int b = 0; b < out_blocks; b++) {
      const int16_t *from = v + j * v_stride, *by = u + (j * out_blocks + b) * block;
      float *into = m + j * m_stride + b * TILE_GROUP * 16;
      vec bias_ = ended && j == 1 ? load(bias + b * 16) : splat(0), scale[6];
      UNROLL for (int i = 0; i < 6; i++) scale[i] = splat(peak) * load(scales + ((i * 6 + j) * out_blocks + b) * 16);
      int t = 0;
      for (; t + COLUMN_TILES <= tiles; t += COLUMN_TILES)
        narrow_tiles(ended, COLUMN_TILES, from + t * 16, 6 * v_stride, in_blocks, by, u_stride, scale, bias_, into + t * 16,
                     6 * m_stride);
      for (; t < tiles; t++)
        narrow_tiles(ended, 1, from + t * 16, 6 * v_stride, in_blocks, by, u_stride, scale, bias_, into + t * 16,
                     6 * m_stride);
    }
}

static void narrow_product(const int16_t *v, int in_blocks, const int16_t *u, int out_blocks, int tiles,
                           const float *scales, float peak, const float *bias, float *m) {
  if (in_blocks == 1 && out_blocks == 1) narrow_product_(1, v, 1, u, 1, tiles, scales, peak, bias, m);
  else if (ends_columns(4, out_blocks)) narrow_product_(1, v, in_blocks, u, out_blocks, tiles, scales, peak, bias, m);
  else narrow_product_(0, v, in_blocks, u, out_blocks, tiles, scales, peak, bias, m);
}
