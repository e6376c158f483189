// Random chains of odd shapes.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "trial.h"

uint64_t random_bits(random_source *r) {
  uint64_t z = r->state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

int random_below(random_source *r, int count) { return (int)(random_bits(r) % (uint64_t)count); }

static double random_unit(random_source *r) { return ((double)(random_bits(r) >> 11) + 0.5) * 0x1p-53; }

double random_normal(random_source *r) {
  return sqrt(-2 * log(random_unit(r))) * cos(2 * 3.14159265358979 * random_unit(r));
}

// Around the kernels' own sizes: pixels of a direct row, tiles, strips of a pair, groups of tiles.
static int random_columns(random_source *r) {
  static const int sizes[] = {3, 4, 6, 15, 48, 64, 72};
  if (random_below(r, 2)) return 1 + random_below(r, 20);
  int size = sizes[random_below(r, 7)];
  int columns = size * (1 + random_below(r, size < 40 ? 40 / size : 2)) + random_below(r, 9) - 4;
  return columns < 1 ? 1 : columns;
}

static int random_channels(random_source *r) {
  static const int channels[] = {16, 16, 16, 32, 32, 48, 64};
  return channels[random_below(r, 7)];
}

// A stage behind the shape that `s` has as its input; 0 where that is too small for it.
static int make_stage(random_source *r, kernels_stage *s, int is_first) {
  int choice = random_below(r, 10);
  if (is_first) {
    // Most networks' first layer has one channel.
    static const int few[] = {1, 1, 1, 2, 3, 4};
    s->kind = choice < 6 ? KERNELS_DIRECT : choice < 8 ? KERNELS_WINOGRAD : choice < 9 ? KERNELS_POINT : KERNELS_MAX_POOL;
    s->in_channels = s->kind == KERNELS_DIRECT ? few[random_below(r, 6)] : random_channels(r);
  } else {
    s->kind = choice < 5 ? KERNELS_WINOGRAD : choice < 7 ? KERNELS_POINT : choice < 9 ? KERNELS_MAX_POOL : KERNELS_AVERAGE_POOL;
  }
  if (is_convolution(s)) {
    int window = s->kind == KERNELS_POINT ? 1 : random_below(r, 3) ? 3 : 5;
    s->pad_top = s->pad_left = random_below(r, 2) * (window / 2);
    s->relu = random_below(r, 4) > 0;
    s->out_channels = random_channels(r);
    s->window_rows = s->window_columns = window;
    s->out_rows = s->in_rows - window + 1 + 2 * s->pad_top;
    s->out_columns = s->in_columns - window + 1 + 2 * s->pad_left;
  } else {
    int most = random_below(r, 6) ? 3 : 8;
    s->window_rows = 1 + random_below(r, most);
    s->window_columns = 1 + random_below(r, most);
    s->out_channels = s->in_channels;
    s->out_rows = s->in_rows / s->window_rows;
    s->out_columns = s->in_columns / s->window_columns;
  }
  return s->out_rows > 0 && s->out_columns > 0;
}

static void make_shapes(random_source *r, kernels_chain *c) {
  enum { MOST_PRODUCTS = 12 << 20 };
  for (;;) {
    memset(c, 0, sizeof *c);
    int wanted = 1 + random_below(r, 4), columns = random_columns(r);
    int rows = columns > 40 ? 1 + random_below(r, 14) : random_columns(r) % 44 + 1;
    double products = 0;
    for (int s = 0; s < wanted; s++) {
      kernels_stage stage = {.in_rows = rows, .in_columns = columns};
      if (s > 0) {
        const kernels_stage *before = &c->stages[s - 1];
        stage.in_rows = before->out_rows;
        stage.in_columns = before->out_columns;
        stage.in_channels = before->out_channels;
      }
      if (!make_stage(r, &stage, s == 0)) break;
      if (is_convolution(&stage)) products += (double)output_count(&stage) * stage.window_rows * stage.window_columns * stage.in_channels;
      c->stages[c->stage_count++] = stage;
    }
    if (c->stage_count > 0 && products < MOST_PRODUCTS) return;
  }
}

static float *random_floats(random_source *r, size_t count, double scale, double offset) {
  float *numbers = guarded_floats(count);
  for (size_t k = 0; k < count; k++) numbers[k] = (float)(random_normal(r) * scale + offset);
  return numbers;
}

void make_trial(trial *t, uint64_t seed) {
  random_source r = {seed * 0x2545f4914f6cdd1d + 1};
  memset(t, 0, sizeof *t);
  t->seed = seed;
  make_shapes(&r, &t->chain);
  for (int s = 0; s < t->chain.stage_count; s++) {
    const kernels_stage *stage = &t->chain.stages[s];
    if (!is_convolution(stage)) continue;
    t->weights[s] = random_floats(&r, weight_count(stage), sqrt(2.0 / (stage->window_rows * stage->window_columns * stage->in_channels)), 0);
    t->bias[s] = random_floats(&r, (size_t)stage->out_channels, 0.3, 0);
  }
  double offset = random_below(&r, 5) ? 0 : 50;
  for (int e = 0; e < EXAMPLES; e++) {
    t->input[e] = random_floats(&r, input_count(&t->chain.stages[0]), 1, offset);
    t->slopes[e] = random_floats(&r, output_count(last_of(t)), 1, 0);
  }
}

void free_trial(trial *t) {
  for (int s = 0; s < t->chain.stage_count; s++) {
    release(t->weights[s]);
    release(t->bias[s]);
  }
  for (int e = 0; e < EXAMPLES; e++) {
    release(t->input[e]);
    release(t->slopes[e]);
  }
}

const char *describe(const trial *t) {
  static const char *const names[] = {"direct", "winograd", "max pool", "average pool", "point"};
  static char text[1024];
  const kernels_stage *first = &t->chain.stages[0];
  int n = snprintf(text, sizeof text, "%d x %d x %d", first->in_rows, first->in_columns, first->in_channels);
  for (int s = 0; s < t->chain.stage_count; s++) {
    const kernels_stage *stage = &t->chain.stages[s];
    n += is_convolution(stage)
             ? snprintf(text + n, sizeof text - n, ", %s %d of %d x %d%s%s", names[stage->kind], stage->out_channels,
                        stage->window_rows, stage->window_columns, stage->pad_top ? " same" : "", stage->relu ? " relu" : "")
             : snprintf(text + n, sizeof text - n, ", %s %d x %d", names[stage->kind], stage->window_rows,
                        stage->window_columns);
  }
  return text;
}
