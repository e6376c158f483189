// A convolution along a sequence whose windows lie in memory without gaps: forward, and the gradients of its weights.
// The window at a position begins at x + position * step. Filters go through as vectors: vector j is part j % PARTS
// of block j / PARTS.

#if LANES == 16
enum { SEQUENCE_POSITIONS = 12, SEQUENCE_VECTORS = 2 };
#elif LANES == 8
enum { SEQUENCE_POSITIONS = 6, SEQUENCE_VECTORS = 2 };
#else
enum { SEQUENCE_POSITIONS = 6, SEQUENCE_VECTORS = 4 };
#endif

INLINE float *vector_place(float *array, size_t plane, int vector) {
  return array + (size_t)(vector / PARTS) * plane + vector % PARTS * LANES;
}

// Three positions share a pointer: so many pointers as there are positions do not fit the registers.
INLINE void sequence_positions(const int positions, const int vectors, const float *x, int taps, size_t step,
                               const float *weights, size_t weights_row, const float *bias, const int relu, float *out,
                               size_t plane, int first_vector) {
  vec a[SEQUENCE_POSITIONS][SEQUENCE_VECTORS];
  const float *p[(SEQUENCE_POSITIONS + 2) / 3];
  UNROLL for (int i = 0; i < positions; i++) UNROLL for (int v = 0; v < vectors; v++) a[i][v] = load(bias + v * LANES);
  UNROLL for (int i = 0; i < positions; i += 3) p[i / 3] = x + i * step;
  for (int tap = 0; tap < taps; tap++, weights += weights_row) {
    vec k[SEQUENCE_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) k[v] = load(weights + v * LANES);
    UNROLL for (int i = 0; i < positions; i++) {
      vec s = splat(p[i / 3][i % 3 * step]);
      UNROLL for (int v = 0; v < vectors; v++) a[i][v] = fma_(s, k[v], a[i][v]);
    }
    UNROLL for (int i = 0; i < positions; i += 3) p[i / 3]++;
  }
  UNROLL for (int v = 0; v < vectors; v++) {
    float *to = vector_place(out, plane, first_vector + v);
    UNROLL for (int i = 0; i < positions; i++) store(to + i * 16, relu ? relu_(a[i][v]) : a[i][v]);
  }
}

INLINE void sequence_vectors(const int vectors, const float *x, int taps, size_t step, int columns, int all_vectors,
                             const float *weights, const float *bias, int relu, float *out, size_t plane, int first) {
  size_t row = (size_t)all_vectors * LANES, place = (size_t)first * LANES;
  int p = 0;
#define POSITIONS(count)                                                                                              \
  if (relu)                                                                                                           \
    sequence_positions(count, vectors, x + p * step, taps, step, weights + place, row, bias + place, 1, out + p * 16, \
                       plane, first);                                                                                 \
  else                                                                                                                \
    sequence_positions(count, vectors, x + p * step, taps, step, weights + place, row, bias + place, 0, out + p * 16, \
                       plane, first)
  for (; p + SEQUENCE_POSITIONS <= columns; p += SEQUENCE_POSITIONS) POSITIONS(SEQUENCE_POSITIONS);
  for (; p < columns; p++) POSITIONS(1);
#undef POSITIONS
}

APART void sequence_row(const float *x, int taps, size_t step, int columns, int blocks, const float *weights,
                        const float *bias, int relu, float *out, size_t plane) {
  int all = blocks * PARTS, v = 0;
  for (; v + SEQUENCE_VECTORS <= all; v += SEQUENCE_VECTORS)
    sequence_vectors(SEQUENCE_VECTORS, x, taps, step, columns, all, weights, bias, relu, out, plane, v);
  for (; v < all; v++) sequence_vectors(1, x, taps, step, columns, all, weights, bias, relu, out, plane, v);
}

INLINE void sequence_taps(const int taps, const int vectors, const float *x, size_t step, int columns,
                          const float *gradient, size_t plane, int first_vector, float *sums, size_t sums_row) {
  vec a[SEQUENCE_POSITIONS][SEQUENCE_VECTORS];
  const float *g[SEQUENCE_VECTORS];
  UNROLL for (int i = 0; i < taps; i++) UNROLL for (int v = 0; v < vectors; v++) a[i][v] = splat(0);
  UNROLL for (int v = 0; v < vectors; v++) g[v] = vector_place((float *)gradient, plane, first_vector + v);
  for (int c = 0; c < columns; c++, x += step) {
    vec own[SEQUENCE_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) own[v] = load(g[v] + (size_t)c * 16);
    UNROLL for (int i = 0; i < taps; i++) {
      vec s = splat(x[i]);
      UNROLL for (int v = 0; v < vectors; v++) a[i][v] = fma_(s, own[v], a[i][v]);
    }
  }
  UNROLL for (int i = 0; i < taps; i++) UNROLL for (int v = 0; v < vectors; v++) {
    float *to = sums + i * sums_row + v * LANES;
    store(to, load(to) + a[i][v]);
  }
}

INLINE void sequence_sums(const int vectors, const float *x, int taps, size_t step, int columns, int all_vectors,
                          const float *gradient, size_t plane, float *sums, int first) {
  size_t row = (size_t)all_vectors * LANES;
  sums += (size_t)first * LANES;
  int tap = 0;
  for (; tap + SEQUENCE_POSITIONS <= taps; tap += SEQUENCE_POSITIONS)
    sequence_taps(SEQUENCE_POSITIONS, vectors, x + tap, step, columns, gradient, plane, first, sums + tap * row, row);
  for (; tap + 2 <= taps; tap += 2)
    sequence_taps(2, vectors, x + tap, step, columns, gradient, plane, first, sums + tap * row, row);
  for (; tap < taps; tap++)
    sequence_taps(1, vectors, x + tap, step, columns, gradient, plane, first, sums + tap * row, row);
  for (int v = 0; v < vectors; v++) {
    const float *g = vector_place((float *)gradient, plane, first + v);
    vec sum = splat(0);
    for (int c = 0; c < columns; c++) sum += load(g + (size_t)c * 16);
    float *to = sums + (size_t)taps * row + v * LANES;
    store(to, load(to) + sum);
  }
}

APART void sequence_gradient(const float *x, int taps, size_t step, int columns, int blocks, const float *gradient,
                             size_t plane, float *sums) {
  int all = blocks * PARTS, v = 0;
  for (; v + SEQUENCE_VECTORS <= all; v += SEQUENCE_VECTORS)
    sequence_sums(SEQUENCE_VECTORS, x, taps, step, columns, all, gradient, plane, sums, v);
  for (; v < all; v++) sequence_sums(1, x, taps, step, columns, all, gradient, plane, sums, v);
}
