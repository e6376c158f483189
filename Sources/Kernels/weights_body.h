// The transforms of weights and of their gradients in double precision, sixteen outputs at a time, written once for all
// instruction sets (weights.c). Multiplies and adds apart, so that all give the same bits.

#define EACH _Pragma("clang loop unroll(full)")

// A block of [window][window][16 in][16 out], `tap` and `row` floats apart, to [position][16 in][16 out], `position` floats apart.
INLINE void NAME(transform_some)(const int window, const float *weights, size_t tap, size_t row, float *transformed, size_t position) {
#pragma clang fp contract(off)
  for (int i = 0; i < 16; i++, weights += row, transformed += 16) {
    doubles half[6][5];
    EACH for (int x = 0; x < window; x++) {
      doubles w[5];
      EACH for (int y = 0; y < window; y++)
        w[y] = __builtin_convertvector(*(const floats *)(weights + (size_t)(y * window + x) * tap), doubles);
      EACH for (int p = 0; p < 6; p++) {
        half[p][x] = factor(window, p, 0) * w[0];
        EACH for (int y = 1; y < window; y++) half[p][x] += factor(window, p, y) * w[y];
      }
    }
    EACH for (int p = 0; p < 6; p++) EACH for (int q = 0; q < 6; q++) {
      doubles sum = factor(window, q, 0) * half[p][0];
      EACH for (int x = 1; x < window; x++) sum += factor(window, q, x) * half[p][x];
      *(floats *)(transformed + (size_t)(p * 6 + q) * position) = __builtin_convertvector(sum, floats);
    }
  }
}

static void NAME(transform_block)(int window, const float *weights, size_t tap, size_t row, float *transformed,
                                  size_t position) {
  if (window == 5) NAME(transform_some)(5, weights, tap, row, transformed, position);
  else NAME(transform_some)(3, weights, tap, row, transformed, position);
}

// The other way for gradients: adds scale * it to the weights'.
INLINE void NAME(gradient_some)(const int window, const float *gradient, size_t position, double scale, float *weights,
                                size_t tap, size_t row) {
#pragma clang fp contract(off)
  for (int i = 0; i < 16; i++, weights += row, gradient += 16) {
    doubles half[5][6];
    EACH for (int q = 0; q < 6; q++) {
      EACH for (int y = 0; y < window; y++) half[y][q] = 0;
      EACH for (int p = 0; p < 6; p++) {
        doubles g = __builtin_convertvector(*(const floats *)(gradient + (size_t)(p * 6 + q) * position), doubles);
        EACH for (int y = 0; y < window; y++) half[y][q] += factor(window, p, y) * g;
      }
    }
    EACH for (int y = 0; y < window; y++) EACH for (int x = 0; x < window; x++) {
      doubles sum = 0;
      EACH for (int q = 0; q < 6; q++) sum += half[y][q] * factor(window, q, x);
      floats *to = (floats *)(weights + (size_t)(y * window + x) * tap);
      *to += __builtin_convertvector(scale * sum, floats);
    }
  }
}

static void NAME(gradient_block)(int window, const float *gradient, size_t position, double scale, float *weights,
                                 size_t tap, size_t row) {
  if (window == 5) NAME(gradient_some)(5, gradient, position, scale, weights, tap, row);
  else NAME(gradient_some)(3, gradient, position, scale, weights, tap, row);
}

#undef EACH
#undef NAME
