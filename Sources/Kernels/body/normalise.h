// Batch normalisation, a ReLU and a pool of windows side by side behind it, in one pass over what is normalised.
// A pixel is `width` channels, a multiple of LANES, of a block; a window's first largest wins, as Keras has it.

// Mean and sum of squared deviations from it, of each channel over some pixels.
static void channel_moments(const float *x, size_t pixels, int width, float *mean, float *squares) {
  for (int k = 0; k < width; k += LANES) {
    vec s[4], q[4];
    UNROLL for (int i = 0; i < 4; i++) s[i] = q[i] = splat(0);
    size_t p = 0;
    for (; p + 4 <= pixels; p += 4) UNROLL for (int i = 0; i < 4; i++) s[i] += load(x + (p + i) * width + k);
    for (; p < pixels; p++) s[0] += load(x + p * width + k);
    vec m = ((s[0] + s[1]) + (s[2] + s[3])) / splat((float)pixels);
    for (p = 0; p + 4 <= pixels; p += 4)
      UNROLL for (int i = 0; i < 4; i++) {
        vec d = load(x + (p + i) * width + k) - m;
        q[i] = fma_(d, d, q[i]);
      }
    for (; p < pixels; p++) {
      vec d = load(x + p * width + k) - m;
      q[0] = fma_(d, d, q[0]);
    }
    store(mean + k, m);
    store(squares + k, (q[0] + q[1]) + (q[2] + q[3]));
  }
}

typedef struct {
  vec scale, shift;
} line;
INLINE vec on_(line l, vec x) { return fma_(x, l.scale, l.shift); }
INLINE line line_(const float *scale, const float *shift, size_t k) { return (line){load(scale + k), load(shift + k)}; }

// Constant where they are common, so that the loops are unrolled.
#define FOR_WINDOWS(n, CALL)                                                              \
  do {                                                                                    \
    if (n->window_rows == 1 && n->window_columns == 1) CALL(1, 1);                        \
    else if (n->window_rows == 2 && n->window_columns == 2) CALL(2, 2);                   \
    else if (n->window_rows == 4 && n->window_columns == 2) CALL(4, 2);                   \
    else if (n->window_rows == 1 && n->window_columns == 4) CALL(1, 4);                   \
    else CALL(n->window_rows, n->window_columns);                                         \
  } while (0)

INLINE void norm_pool_(const kernels_norm *n, const int wr, const int wc, const float *const *rows, size_t plane,
                       float *out, size_t out_plane) {
  int columns = n->columns / wc, width = n->width;
  vec part = splat(1.0f / (float)(wr * wc));
  for (int b = 0; b < n->blocks; b++)
    for (int k = 0; k < width; k += LANES) {
      line y = line_(n->scale, n->shift, (size_t)b * width + k);
      const float *const *row = rows;
      float *to = out + b * out_plane + k;
      for (int c = 0; c < columns; c++, to += width) {
        size_t place = b * plane + ((size_t)c * wc) * width + k;
        vec best = on_(y, load(row[0] + place));
        if (n->is_average) {
          best = splat(0);
          for (int i = 0; i < wr; i++)
            for (int j = 0; j < wc; j++) {
              vec v = on_(y, load(row[i] + place + (size_t)j * width));
              best += n->relu ? relu_(v) : v;
            }
          best *= part;
        } else {
          for (int i = 0; i < wr; i++)
            for (int j = 0; j < wc; j++) {
              vec v = on_(y, load(row[i] + place + (size_t)j * width));
              best = v > best ? v : best;
            }
          if (n->relu) best = relu_(best);
        }
        store(to, best);
      }
    }
}
static void norm_pool_row(const kernels_norm *n, const float *const *rows, size_t plane, float *out, size_t out_plane) {
#define POOL(wr, wc) norm_pool_(n, wr, wc, rows, plane, out, out_plane)
  FOR_WINDOWS(n, POOL);
#undef POOL
}

INLINE void add_to_(double *sums, vec v) {
  float lanes[LANES];
  store(lanes, v);
  for (int i = 0; i < LANES; i++) sums[i] += (double)lanes[i];
}

INLINE void norm_sums_(const kernels_norm *n, const int wr, const int wc, const float *const *rows, size_t plane,
                       const float *gradient, size_t gradient_plane, double *gamma, double *beta) {
  int columns = n->columns / wc, width = n->width;
  vec part = splat(1.0f / (float)(wr * wc));
  for (int b = 0; b < n->blocks; b++)
    for (int k = 0; k < width; k += LANES) {
      size_t channel = (size_t)b * width + k;
      line y = line_(n->scale, n->shift, channel);
      vec mean = load(n->mean + channel), sum = splat(0), hats = splat(0);
      const float *from = gradient + b * gradient_plane + k;
      for (int c = 0; c < columns; c++, from += width) {
        size_t place = b * plane + ((size_t)c * wc) * width + k;
        vec g = load(from);
        if (n->is_average) {
          g *= part;
          for (int i = 0; i < wr; i++)
            for (int j = 0; j < wc; j++) {
              vec x = load(rows[i] + place + (size_t)j * width);
              vec own = n->relu ? where_positive(on_(y, x), g) : g;
              sum += own;
              hats = fma_(own, x - mean, hats);
            }
        } else {
          vec x = load(rows[0] + place), best = on_(y, x);
          for (int i = 0; i < wr; i++)
            for (int j = 0; j < wc; j++) {
              vec other = load(rows[i] + place + (size_t)j * width), v = on_(y, other);
              ivec larger = v > best;
              best = larger ? v : best;
              x = larger ? other : x;
            }
          if (n->relu) g = where_positive(best, g);
          sum += g;
          hats = fma_(g, x - mean, hats);
        }
      }
      add_to_(beta + channel, sum);
      add_to_(gamma + channel, hats * load(n->inverse + channel));
    }
}
static void norm_sums_row(const kernels_norm *n, const float *const *rows, size_t plane, const float *gradient,
                          size_t gradient_plane, double *gamma, double *beta) {
#define SUMS(wr, wc) norm_sums_(n, wr, wc, rows, plane, gradient, gradient_plane, gamma, beta)
  FOR_WINDOWS(n, SUMS);
#undef SUMS
}

// What the statistics pass back, where no window's gradient comes: columns from `first` on.
INLINE void norm_rest_(const kernels_norm *n, int b, int first, const float *row, size_t plane, float *out) {
  int width = n->width;
  for (int k = 0; k < width; k += LANES) {
    line rest = line_(n->rest_scale, n->rest_shift, (size_t)b * width + k);
    for (int c = first; c < n->columns; c++) {
      size_t place = b * plane + (size_t)c * width + k;
      store(out + place, on_(rest, load(row + place)));
    }
  }
}

INLINE void norm_gradient_(const kernels_norm *n, const int wr, const int wc, const float *const *rows, size_t plane,
                           const float *gradient, size_t gradient_plane, float *const *out) {
  int columns = n->columns / wc, width = n->width;
  vec part = splat(1.0f / (float)(wr * wc));
  for (int b = 0; b < n->blocks; b++) {
    for (int k = 0; k < width; k += LANES) {
      size_t channel = (size_t)b * width + k;
      line y = line_(n->scale, n->shift, channel), rest = line_(n->rest_scale, n->rest_shift, channel);
      const float *from = gradient + b * gradient_plane + k;
      for (int c = 0; c < columns; c++, from += width) {
        size_t place = b * plane + ((size_t)c * wc) * width + k;
        vec g = load(from) * y.scale;
        if (n->is_average) {
          g *= part;
          for (int i = 0; i < wr; i++)
            for (int j = 0; j < wc; j++) {
              size_t at_ = place + (size_t)j * width;
              vec x = load(rows[i] + at_);
              store(out[i] + at_, on_(rest, x) + (n->relu ? where_positive(on_(y, x), g) : g));
            }
        } else {
          vec best = on_(y, load(rows[0] + place));
          for (int i = 0; i < wr; i++)
            for (int j = 0; j < wc; j++) {
              vec v = on_(y, load(rows[i] + place + (size_t)j * width));
              best = v > best ? v : best;
            }
          if (n->relu) g = where_positive(best, g);
          for (int i = 0; i < wr; i++)
            for (int j = 0; j < wc; j++) {
              size_t at_ = place + (size_t)j * width;
              vec x = load(rows[i] + at_);
              ivec here = on_(y, x) == best;
              store(out[i] + at_, on_(rest, x) + (here ? g : splat(0)));
              g = here ? splat(0) : g;
            }
        }
      }
    }
    for (int i = 0; i < wr; i++) norm_rest_(n, b, columns * wc, rows[i], plane, out[i]);
  }
}
// The gradient of some rows from that of a row of windows, or of one row that no window has where there is none.
// `out` may be `rows`, and has the same plane.
static void norm_gradient_row(const kernels_norm *n, const float *const *rows, size_t plane, const float *gradient,
                              size_t gradient_plane, float *const *out) {
  if (!gradient) {
    for (int b = 0; b < n->blocks; b++) norm_rest_(n, b, 0, rows[0], plane, out[0]);
    return;
  }
#define GRADIENT(wr, wc) norm_gradient_(n, wr, wc, rows, plane, gradient, gradient_plane, out)
  FOR_WINDOWS(n, GRADIENT);
#undef GRADIENT
}
