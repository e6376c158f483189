// Weights in whole numbers of 16 bits, and the scales that go with them.
#include <math.h>

#include "Kernels.h"
#include "table.h"

// How many times the largest input a position of V can be: sums of the positive and of the negative factors of a
// row of B^T. Where no input is negative, only inputs of one sign meet.
static const double positive[6] = {5, 2, 5, 3, 3, 5}, negative[6] = {5, 8, 5, 3, 3, 5};
static const double whole = 32767;

static double bound(int i, int j, int is_positive) {
  double p = positive[i] * positive[j] + negative[i] * negative[j];
  double n = positive[i] * negative[j] + negative[i] * positive[j];
  return is_positive ? fmax(p, n) : p + n;
}

void kernels_narrow_weights(const float *transformed, int32_t in, int32_t out, int is_positive, int16_t *narrow,
                            float *scales) {
  for (int32_t position = 0; position < 36; position++) {
    double most_input = bound(position / 6, position % 6, is_positive);
    scales[(size_t)36 * out + position] = (float)(whole / most_input);
    for (int32_t o = 0; o < out; o++) {
      size_t first = ((size_t)position * (out / 16) + o / 16) * in * 16 + o % 16;
      double most = 0, sum = 0;
      for (int32_t i = 0; i < in; i++) {
        double u = fabs(transformed[first + (size_t)i * 16]);
        most = fmax(most, u);
        sum += u;
      }
      // No sum of products leaves 32 bits, roundings included.
      double scale = most > 0 ? fmin(whole / most, (2147483647 / whole - 0.5 * in) / sum) : 1;
      int16_t *to = narrow + ((size_t)position * (out / 16) + o / 16) * in * 16 + o % 16 * 2;
      for (int32_t i = 0; i < in; i++)
        to[(size_t)(i / 2) * 32 + i % 2] = (int16_t)lrint(scale * transformed[first + (size_t)i * 16]);
      scales[(size_t)position * out + o] = (float)(most_input / (whole * scale));
    }
  }
}
