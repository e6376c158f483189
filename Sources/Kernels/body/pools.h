// Pools of windows side by side, and their gradients.

INLINE void max_pool_row_(const float *const *rows, size_t plane, int blocks, const int window_rows,
                          const int window_columns, int columns, float *out, size_t out_plane) {
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

// The most usual window has loops of known length.
static void max_pool_row(const float *const *rows, size_t plane, int blocks, int window_rows, int window_columns,
                         int columns, float *out, size_t out_plane) {
  if (window_rows == 2 && window_columns == 2) max_pool_row_(rows, plane, blocks, 2, 2, columns, out, out_plane);
  else max_pool_row_(rows, plane, blocks, window_rows, window_columns, columns, out, out_plane);
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
INLINE void max_pool_gradient_(const float *const *rows, size_t plane, int blocks, const int window_rows,
                               const int window_columns, int columns, const float *gradient, size_t gradient_plane,
                               float *const *out, int masked) {
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

static void max_pool_gradient(const float *const *rows, size_t plane, int blocks, int window_rows, int window_columns,
                              int columns, const float *gradient, size_t gradient_plane, float *const *out,
                              int masked) {
  if (window_rows == 2 && window_columns == 2)
    max_pool_gradient_(rows, plane, blocks, 2, 2, columns, gradient, gradient_plane, out, masked);
  else
    max_pool_gradient_(rows, plane, blocks, window_rows, window_columns, columns, gradient, gradient_plane, out, masked);
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
