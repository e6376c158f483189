// Convolutions, pools and their gradients, as their definitions say, in double precision.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

static double *doubles(size_t count) {
  double *memory = calloc(count ? count : 1, sizeof(double));
  if (!memory) abort();
  return memory;
}

// Runs the rest for each tap inside the picture: the place of its input in x, and that of its weights.
#define FOR_TAPS(s, row, column, ...)                                                   \
  for (int ky = 0; ky < (s)->window_rows; ky++)                                         \
    for (int kx = 0; kx < (s)->window_columns; kx++) {                                  \
      int y_ = (row) - (s)->pad_top + ky, x_ = (column) - (s)->pad_left + kx;           \
      if (y_ < 0 || y_ >= (s)->in_rows || x_ < 0 || x_ >= (s)->in_columns) continue;    \
      size_t from = ((size_t)y_ * (s)->in_columns + x_) * (s)->in_channels;             \
      size_t tap = (size_t)(ky * (s)->window_columns + kx) * (s)->in_channels * (s)->out_channels; \
      __VA_ARGS__                                                                       \
    }

static void convolve(const kernels_stage *s, const float *w, const double *x, double *y) {
  for (int row = 0; row < s->out_rows; row++)
    for (int column = 0; column < s->out_columns; column++, y += s->out_channels)
      FOR_TAPS(s, row, column, {
        for (int i = 0; i < s->in_channels; i++)
          for (int o = 0; o < s->out_channels; o++)
            y[o] += x[from + i] * (double)w[tap + (size_t)i * s->out_channels + o];
      })
}

static double largest_of(const double *x, size_t count) {
  double largest = 0;
  for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs(x[k]));
  return largest;
}

// Adds the bias; with ReLU one at which no sum comes near zero, where there is such a one.
static void add_bias(trial *t, int s, double *const sums[EXAMPLES]) {
  const kernels_stage *stage = &t->chain.stages[s];
  size_t count = output_count(stage), step = (size_t)stage->out_channels;
  double near = 0;
  for (int e = 0; e < EXAMPLES; e++) near = fmax(near, 2e-5 * largest_of(sums[e], count));
  for (size_t o = 0; o < step; o++) {
    int tries = 0, is_near = stage->relu;
    for (; is_near && tries < 100; tries++) {
      is_near = 0;
      for (int e = 0; e < EXAMPLES; e++)
        for (size_t k = o; k < count && !is_near; k += step) is_near = fabs(sums[e][k] + (double)t->bias[s][o]) < near;
      if (is_near) t->bias[s][o] += (float)(near * 1.5);
    }
    if (is_near) t->is_settled = 0;
    for (int e = 0; e < EXAMPLES; e++)
      for (size_t k = o; k < count; k += step) {
        double y = sums[e][k] + (double)t->bias[s][o];
        sums[e][k] = stage->relu && y < 0 ? 0 : y;
      }
  }
}

// The place of a window's first largest, and how much the next one is smaller.
static size_t largest_in_window(const kernels_stage *s, const double *x, int row, int column, int channel,
                                double *margin) {
  size_t place = 0;
  double best = -INFINITY, second = -INFINITY;
  for (int i = 0; i < s->window_rows; i++)
    for (int j = 0; j < s->window_columns; j++) {
      size_t here = (((size_t)row * s->window_rows + i) * s->in_columns + (size_t)column * s->window_columns + j)
                        * s->in_channels + channel;
      if (x[here] > best) {
        second = best;
        best = x[here];
        place = here;
      } else if (x[here] > second) {
        second = x[here];
      }
    }
  // Zeros that are zeros on every way do not differ by rounding.
  *margin = best == 0 && second == 0 ? INFINITY : best - second;
  return place;
}

static void pool(trial *t, const kernels_stage *s, const double *x, double *y) {
  double near = 4e-6 * largest_of(x, input_count(s));
  for (int row = 0; row < s->out_rows; row++)
    for (int column = 0; column < s->out_columns; column++)
      for (int c = 0; c < s->out_channels; c++, y++) {
        if (s->kind == KERNELS_MAX_POOL) {
          double margin;
          *y = x[largest_in_window(s, x, row, column, c, &margin)];
          if (margin < near) t->is_settled = 0;
          continue;
        }
        for (int i = 0; i < s->window_rows; i++)
          for (int j = 0; j < s->window_columns; j++)
            *y += x[(((size_t)row * s->window_rows + i) * s->in_columns + (size_t)column * s->window_columns + j)
                        * s->in_channels + c];
        *y /= s->window_rows * s->window_columns;
      }
}

void reference_forward(trial *t, reference *r) {
  t->is_settled = 1;
  int count = t->chain.stage_count;
  for (int e = 0; e < EXAMPLES; e++) {
    size_t numbers = input_count(&t->chain.stages[0]);
    r->values[e][0] = doubles(numbers);
    for (size_t k = 0; k < numbers; k++) r->values[e][0][k] = t->input[e][k];
  }
  for (int s = 0; s < count; s++) {
    const kernels_stage *stage = &t->chain.stages[s];
    double *outputs[EXAMPLES];
    for (int e = 0; e < EXAMPLES; e++) {
      outputs[e] = r->values[e][s + 1] = doubles(output_count(stage));
      if (is_convolution(stage)) convolve(stage, t->weights[s], r->values[e][s], outputs[e]);
      else pool(t, stage, r->values[e][s], outputs[e]);
    }
    if (is_convolution(stage)) add_bias(t, s, outputs);
  }
}

// The gradients of a convolution's weights, bias and input, from that of its output before ReLU.
static void convolve_back(const trial *t, int s, const double *x, const double *slopes, gradients *g, double *back) {
  const kernels_stage *stage = &t->chain.stages[s];
  int out = stage->out_channels;
  double *sizes = doubles(weight_count(stage)), *bias_sizes = doubles((size_t)out);
  for (int row = 0; row < stage->out_rows; row++)
    for (int column = 0; column < stage->out_columns; column++, slopes += out) {
      for (int o = 0; o < out; o++) {
        g->bias[s][o] += slopes[o];
        bias_sizes[o] += fabs(slopes[o]);
      }
      FOR_TAPS(stage, row, column, {
        for (int i = 0; i < stage->in_channels; i++) {
          size_t place = tap + (size_t)i * out;
          double value = x[from + i], sum = 0;
          for (int o = 0; o < out; o++) {
            g->weights[s][place + o] += value * slopes[o];
            sizes[place + o] += fabs(value * slopes[o]);
            sum += (double)t->weights[s][place + o] * slopes[o];
          }
          back[from + i] += sum;
        }
      })
    }
  g->weights_scale[s] = largest_of(sizes, weight_count(stage));
  g->bias_scale[s] = largest_of(bias_sizes, (size_t)out);
  free(sizes);
  free(bias_sizes);
}

static void pool_back(const kernels_stage *s, const double *x, const double *slopes, double *back) {
  for (int row = 0; row < s->out_rows; row++)
    for (int column = 0; column < s->out_columns; column++)
      for (int c = 0; c < s->out_channels; c++, slopes++) {
        if (s->kind == KERNELS_MAX_POOL) {
          double margin;
          back[largest_in_window(s, x, row, column, c, &margin)] += *slopes;
          continue;
        }
        for (int i = 0; i < s->window_rows; i++)
          for (int j = 0; j < s->window_columns; j++)
            back[(((size_t)row * s->window_rows + i) * s->in_columns + (size_t)column * s->window_columns + j)
                     * s->in_channels + c] += *slopes / (s->window_rows * s->window_columns);
      }
}

void reference_backward(const trial *t, const reference *r, int example, const float *slopes, gradients *g) {
  memset(g, 0, sizeof *g);
  int s = t->chain.stage_count - 1;
  size_t count = output_count(last_of(t));
  double *at = doubles(count);
  for (size_t k = 0; k < count; k++) at[k] = slopes[k];
  for (; s >= 0; s--) {
    const kernels_stage *stage = &t->chain.stages[s];
    double *back = doubles(input_count(stage));
    if (is_convolution(stage)) {
      g->weights[s] = doubles(weight_count(stage));
      g->bias[s] = doubles((size_t)stage->out_channels);
      const double *y = r->values[example][s + 1];
      for (size_t k = 0; stage->relu && k < output_count(stage); k++)
        if (y[k] <= 0) at[k] = 0;
      convolve_back(t, s, r->values[example][s], at, g, back);
    } else {
      pool_back(stage, r->values[example][s], at, back);
    }
    free(at);
    at = back;
  }
  free(at);
}

void free_reference(reference *r) {
  for (int e = 0; e < EXAMPLES; e++)
    for (int s = 0; s <= KERNELS_MOST_STAGES; s++) free(r->values[e][s]);
}

void free_gradients(gradients *g) {
  for (int s = 0; s < KERNELS_MOST_STAGES; s++) {
    free(g->weights[s]);
    free(g->bias[s]);
  }
}
