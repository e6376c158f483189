// A chain in each of its modes, its examples under way together on one thread and each on its own.
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "layout.h"
#include "trial.h"

static const char *const mode_names[KERNELS_MODES] = {"store", "dot", "unit", "backward"};

// The largest error that is rounding, of the largest number or sum of magnitudes.
static const double tolerance = 3e-5, half_tolerance = 6e-4, narrow_tolerance = 2e-2;

// A chain made ready for a mode.
typedef struct {
  const trial *t;
  const reference *r;
  kernels_chain chain;
  layout lay;
  float *transformed[KERNELS_MOST_STAGES], *transposed[KERNELS_MOST_STAGES];
  int16_t *narrow[KERNELS_MOST_STAGES];
  float *narrow_scales[KERNELS_MOST_STAGES];
  float *output[EXAMPLES];  // BACKWARD: the reference's
  float *whole[EXAMPLES];   // where rows are kept
  int is_half, is_narrow;
  int made_rows;  // at a time, where input rows are made when they are needed; 0: all are there
  int32_t band;  // rows at a time
} program;

// Where input rows come from that are made when they are needed.
typedef struct {
  const kernels_stage *stage;
  const float *input;
  int32_t rows;
} row_source;

// What came of it.
typedef struct {
  kernels_example examples[EXAMPLES];
  row_source sources[EXAMPLES];
  float *made[EXAMPLES];
  float *output[EXAMPLES], *gradient[EXAMPLES];
  void *kept;
} results;

static size_t kept_row(const kernels_chain *c) {
  return (size_t)c->kept_columns * c->stages[c->stage_count - 1].out_channels;
}

static int32_t make_rows(void *argument, int32_t first, float *input) {
  const row_source *source = argument;
  size_t length = input_count(source->stage) / (size_t)source->stage->in_rows;
  int32_t left = source->stage->in_rows - first, rows = left < source->rows ? left : source->rows;
  if (rows < 1) fail("row %d was asked for, of %d", first, source->stage->in_rows);
  memcpy(input, source->input + first * length, (size_t)rows * length * sizeof(float));
  return rows;
}

// Whether what a stage takes is a ReLU's, or pools of that.
static int is_positive(const kernels_chain *c, int s) {
  while (--s >= 0)
    if (is_convolution(&c->stages[s])) return c->stages[s].relu;
  return 0;
}

// What the pass forward keeps for the one backward.
static void keep_rows(program *p) {
  kernels_chain forward = p->chain;
  forward.mode = KERNELS_STORE;
  kernels_chain_plan(&forward);
  if (forward.whole_floats != p->chain.whole_floats) fail("the passes keep different rows");
  float *state = guarded_floats(forward.state_floats), *scratch = guarded_floats(forward.scratch_floats);
  for (int e = 0; e < EXAMPLES; e++) {
    kernels_example example = {.input = p->t->input[e], .state = state, .whole = p->whole[e]};
    example.output = guarded_floats(output_count(last_of(p->t)));
    kernels_chain_begin(&forward, &example, 0);
    kernels_chain_run(&forward, &example, scratch, INT32_MAX);
    release(example.output);
  }
  release(state);
  release(scratch);
}

static void make_program(program *p, const trial *t, const reference *r, int instruction_set, int mode,
                         random_source *random) {
  memset(p, 0, sizeof *p);
  p->t = t;
  p->r = r;
  p->chain = t->chain;
  p->chain.instruction_set = instruction_set;
  p->chain.mode = mode;
  p->is_half = random_below(random, 2);
  p->band = random_below(random, 4) ? 1 + random_below(random, 9) : INT32_MAX;
  p->made_rows = random_below(random, 2) ? 1 + random_below(random, 3) : 0;
  p->is_narrow = random_below(random, 3) == 0 && kernels_can_narrow(instruction_set)
                 && (mode == KERNELS_STORE || mode == KERNELS_DOT);
  p->chain.keeps_rows = (mode == KERNELS_STORE || mode == KERNELS_BACKWARD) && random_below(random, 2);
  int has_gradient = mode == KERNELS_UNIT || mode == KERNELS_BACKWARD;
  for (int s = 0; s < p->chain.stage_count; s++) {
    kernels_stage *stage = &p->chain.stages[s];
    if (!is_convolution(stage)) continue;
    stage->weights = t->weights[s];
    stage->bias = t->bias[s];
    if (stage->kind == KERNELS_POINT && has_gradient) {
      float *turned = p->transposed[s] = guarded_floats(weight_count(stage));
      for (int i = 0; i < stage->in_channels; i++)
        for (int o = 0; o < stage->out_channels; o++)
          turned[o * stage->in_channels + i] = t->weights[s][i * stage->out_channels + o];
      stage->transposed = turned;
    }
    if (stage->kind != KERNELS_WINOGRAD) continue;
    size_t count = (size_t)36 * stage->in_channels * stage->out_channels;
    int32_t in_blocks = stage->in_channels / 16;
    stage->weights = p->transformed[s] = guarded_floats(count);
    if (has_gradient && s > 0) stage->transposed = p->transposed[s] = guarded_floats(count);
    int32_t part = random_below(random, in_blocks + 1);
    kernels_winograd_weights(stage->window_rows, t->weights[s], stage->in_channels, stage->out_channels, 0, part, p->transformed[s],
                             p->transposed[s]);
    kernels_winograd_weights(stage->window_rows, t->weights[s], stage->in_channels, stage->out_channels, part, in_blocks,
                             p->transformed[s], p->transposed[s]);
    if (!p->is_narrow || stage->window_rows != 3) continue;
    stage->narrow_weights = p->narrow[s] = guarded(count * sizeof(int16_t));
    stage->narrow_scales = p->narrow_scales[s] = guarded_floats((size_t)36 * (stage->out_channels + 1));
    kernels_narrow_weights(stage->weights, stage->in_channels, stage->out_channels, is_positive(&p->chain, s),
                           p->narrow[s], p->narrow_scales[s]);
  }
  kernels_chain_plan(&p->chain);
  for (int e = 0; p->chain.keeps_rows && e < EXAMPLES; e++) p->whole[e] = guarded_floats(p->chain.whole_floats);
  if (p->chain.keeps_rows && mode == KERNELS_BACKWARD) keep_rows(p);
  plan_layout(&p->chain, &p->lay, random_below(random, 2));
  size_t count = output_count(last_of(t));
  for (int e = 0; mode == KERNELS_BACKWARD && e < EXAMPLES; e++) {
    p->output[e] = guarded_floats(count);
    for (size_t k = 0; k < count; k++) p->output[e][k] = (float)r->values[e][t->chain.stage_count][k];
  }
}

static void free_program(program *p) {
  for (int s = 0; s < KERNELS_MOST_STAGES; s++) {
    release(p->transformed[s]);
    release(p->transposed[s]);
    release(p->narrow[s]);
    release(p->narrow_scales[s]);
  }
  for (int e = 0; e < EXAMPLES; e++) {
    release(p->output[e]);
    release(p->whole[e]);
  }
}

// The input as it is, or in pieces.
static void set_input(const program *p, kernels_example *example, int e, row_source *source, float **made) {
  example->input = p->t->input[e];
  if (!p->made_rows) return;
  const kernels_stage *stage = &p->chain.stages[0];
  *source = (row_source){stage, p->t->input[e], p->made_rows};
  example->input = *made = guarded_floats(input_count(stage) / (size_t)stage->in_rows * (size_t)p->made_rows);
  example->make_rows = make_rows;
  example->source = source;
}

static void make_results(const program *p, results *all) {
  const kernels_chain *c = &p->chain;
  const kernels_stage *last = last_of(p->t);
  memset(all, 0, sizeof *all);
  size_t row = kept_row(c);
  size_t side = last->kind == KERNELS_WINOGRAD ? (size_t)(7 - last->window_rows) : 1;
  size_t rows = ((size_t)last->out_rows + side - 1) / side * side;
  if (c->mode == KERNELS_UNIT) all->kept = guarded(rows * row * EXAMPLES * (p->is_half ? 2 : 4));
  for (int e = 0; e < EXAMPLES; e++) {
    kernels_example *example = &all->examples[e];
    set_input(p, example, e, &all->sources[e], &all->made[e]);
    example->dense = p->t->slopes[0];
    example->output_gradient = p->t->slopes[e];
    example->output = p->output[e];
    example->whole = p->whole[e];
    if (c->mode == KERNELS_STORE) example->output = all->output[e] = guarded_floats(output_count(last));
    if (c->gradient_floats) example->gradient = all->gradient[e] = guarded_floats(c->gradient_floats);
    if (!all->kept) continue;
    // Rows of both examples side by side, as a training step has them.
    example->kept = (char *)all->kept + e * row * (p->is_half ? 2 : 4);
    example->kept_stride = EXAMPLES * row;
    example->kept_is_half = p->is_half;
    double largest = 1e-30;
    for (size_t k = 0; k < output_count(last); k++)
      largest = fmax(largest, fabs(p->r->values[e][p->chain.stage_count][k]));
    example->kept_scale = (float)exp2(floor(log2(30000 / largest)));
  }
}

static void free_results(results *all) {
  for (int e = 0; e < EXAMPLES; e++) {
    release(all->made[e]);
    release(all->output[e]);
    release(all->gradient[e]);
  }
  release(all->kept);
}

// ---- Running

static void run_example(const program *p, kernels_example *example, float *scratch) {
  kernels_chain_begin(&p->chain, example, 0);
  for (int64_t row = p->band; row < last_of(p->t)->out_rows; row += p->band)
    kernels_chain_run(&p->chain, example, scratch, (int32_t)row);
  kernels_chain_run(&p->chain, example, scratch, INT32_MAX);
  kernels_chain_finish(&p->chain, example->gradient, scratch);
}

// All examples a band of each after the other, in the same scratch where that holds no sums from band to band.
static void run_together(const program *p, results *all, float *const scratch[EXAMPLES]) {
  int is_shared = p->chain.mode != KERNELS_BACKWARD;
  for (int e = 0; e < EXAMPLES; e++) kernels_chain_begin(&p->chain, &all->examples[e], 0);
  int64_t rows = last_of(p->t)->out_rows;
  for (int64_t row = p->band; row < rows; row += p->band)
    for (int e = 0; e < EXAMPLES; e++)
      kernels_chain_run(&p->chain, &all->examples[e], scratch[is_shared ? 0 : e], (int32_t)row);
  for (int e = 0; e < EXAMPLES; e++) {
    float *own = scratch[is_shared ? 0 : e];
    kernels_chain_run(&p->chain, &all->examples[e], own, INT32_MAX);
    kernels_chain_finish(&p->chain, all->examples[e].gradient, own);
  }
}

typedef struct {
  const program *p;
  kernels_example *example;
  float *scratch;
} work;

static void *run_work(void *argument) {
  work *w = argument;
  run_example(w->p, w->example, w->scratch);
  return NULL;
}

static void run_apart(const program *p, results *all, float *const scratch[EXAMPLES]) {
  pthread_t threads[EXAMPLES];
  work works[EXAMPLES];
  for (int e = 0; e < EXAMPLES; e++) {
    works[e] = (work){p, &all->examples[e], scratch[e]};
    if (pthread_create(&threads[e], NULL, run_work, &works[e])) fail("no thread");
  }
  for (int e = 0; e < EXAMPLES; e++) pthread_join(threads[e], NULL);
}

// ---- Checking

static void check(const program *p, const char *what, int number, const float *actual, const double *expected,
                  size_t count, double scale, double within) {
  double worst = 0;
  size_t place = 0;
  for (size_t k = 0; k < count; k++) {
    double error = fabs((double)actual[k] - expected[k]);
    // Not NaN either.
    if (!(error <= worst)) {
      worst = error;
      place = k;
      if (isnan(error)) break;
    }
  }
  if (worst <= within * (scale + 1e-6)) return;
  fail("%s, %s %d, bands of %d%s%s: %g instead of %g at %zu of %zu, scale %g", mode_names[p->chain.mode], what, number,
       p->band, p->lay.is_spread ? ", spread" : "", p->is_narrow ? ", narrow" : "", (double)actual[place], expected[place], place, count, scale);
}

static void check_gradients(const program *p, const results *all, int e) {
  gradients g;
  reference_backward(p->t, p->r, e, p->t->slopes[p->chain.mode == KERNELS_UNIT ? 0 : e], &g);
  for (int s = 0; s < p->chain.stage_count; s++) {
    const kernels_stage *stage = &p->chain.stages[s];
    if (!is_convolution(stage)) continue;
    float *weights = guarded_floats(weight_count(stage)), *bias = guarded_floats((size_t)stage->out_channels);
    kernels_stage_gradient(stage, all->gradient[e] + p->chain.gradient_offset[s], 1, weights, bias);
    check(p, "weights of stage", s, weights, g.weights[s], weight_count(stage), g.weights_scale[s], tolerance);
    check(p, "bias of stage", s, bias, g.bias[s], (size_t)stage->out_channels, g.bias_scale[s], tolerance);
    release(weights);
    release(bias);
  }
  free_gradients(&g);
}

// The dense layer's gradient, from what was kept.
static void check_kept(const program *p, const results *all) {
  const kernels_stage *last = last_of(p->t);
  size_t row = kept_row(&p->chain), length = (size_t)last->out_columns * last->out_channels;
  float *sum = guarded_floats(length), *scales = guarded_floats(EXAMPLES);
  double expected[length], largest = 0;
  for (int e = 0; e < EXAMPLES; e++) {
    scales[e] = e + 0.5f;
    if (p->is_half) scales[e] /= all->examples[e].kept_scale;
  }
  for (int e = 0; e < EXAMPLES; e++)
    for (size_t k = 0; k < output_count(last); k++)
      largest = fmax(largest, fabs(p->r->values[e][p->chain.stage_count][k]));
  for (int i = 0; i < last->out_rows; i++) {
    for (size_t k = 0; k < length; k++) {
      expected[k] = 0;
      for (int e = 0; e < EXAMPLES; e++)
        expected[k] += (e + 0.5) * p->r->values[e][p->chain.stage_count][i * length + k];
    }
    const char *kept = (const char *)all->kept + EXAMPLES * row * i * (p->is_half ? 2 : 4);
    for (int add = 0; add < 2; add++) {
      kernels_kept_sum(p->chain.instruction_set, kept, p->is_half, row, scales, EXAMPLES, length, add ? sum : NULL, sum,
                       i % 2);
      for (size_t k = 0; add && k < length; k++) expected[k] *= 2;
      check(p, p->is_half ? "kept halves of row" : "kept row", i, sum, expected, length, 4 * largest,
            p->is_half ? half_tolerance : tolerance);
    }
  }
  release(sum);
  release(scales);
}

static void check_results(const program *p, const results *all) {
  const kernels_stage *last = last_of(p->t);
  size_t count = output_count(last);
  double within = p->is_narrow ? narrow_tolerance : tolerance;
  for (int e = 0; e < EXAMPLES; e++) {
    const double *output = p->r->values[e][p->chain.stage_count];
    if (p->chain.mode == KERNELS_STORE) {
      double largest = 0;
      for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs(output[k]));
      check(p, "output", e, all->output[e], output, count, largest, within);
    }
    if (p->chain.mode == KERNELS_DOT || p->chain.mode == KERNELS_UNIT) {
      double dot = 0, size = 0;
      for (size_t k = 0; k < count; k++) {
        dot += output[k] * (double)p->t->slopes[0][k];
        size += fabs(output[k] * (double)p->t->slopes[0][k]);
      }
      float actual = (float)all->examples[e].dot;
      check(p, "dot", e, &actual, &dot, 1, size, within);
    }
    if (p->chain.gradient_floats && p->t->is_settled) check_gradients(p, all, e);
  }
  if (p->chain.mode == KERNELS_UNIT) check_kept(p, all);
}

// An example's results are the same bits, whoever runs beside it and whatever its state held.
static void check_same(const program *p, const results *a, const results *b) {
  for (int e = 0; e < EXAMPLES; e++) {
    int is_same = a->examples[e].dot == b->examples[e].dot;
    if (a->output[e]) is_same &= !memcmp(a->output[e], b->output[e], output_count(last_of(p->t)) * sizeof(float));
    if (a->gradient[e]) is_same &= !memcmp(a->gradient[e], b->gradient[e], p->chain.gradient_floats * sizeof(float));
    if (!is_same) fail("%s: example %d has other bits on another thread", mode_names[p->chain.mode], e);
  }
}

// Parts of an output that begin where the last stage does have the same bits as the whole, and their dot products are
// those of their rows.
static void check_parts(const program *p, const results *whole, float *state, float *scratch, random_source *random) {
  const kernels_stage *last = last_of(p->t);
  size_t count = output_count(last);
  int32_t unit = p->chain.unit_rows, cut = random_below(random, (last->out_rows - 1) / unit + 1) * unit;
  kernels_example example = {.state = state, .output = guarded_floats(count), .whole = p->whole[0]};
  example.dense = p->t->slopes[0];
  row_source source;
  float *made = NULL;
  set_input(p, &example, 0, &source, &made);
  float peak = 0;
  double dot = 0, size = 1e-6;
  for (int part = 0; part < 2; part++) {
    kernels_chain_begin(&p->chain, &example, part ? cut : 0);
    kernels_chain_run(&p->chain, &example, scratch, part ? INT32_MAX : cut);
    dot += example.dot;
    peak = fmaxf(peak, example.peak);
  }
  if (p->chain.mode == KERNELS_STORE && memcmp(example.output, whole->output[0], count * sizeof(float)))
    fail("parts cut at row %d have other bits than the whole", cut);
  if (!p->made_rows && peak != whole->examples[0].peak) fail("parts cut at row %d have another peak", cut);
  for (size_t k = 0; p->chain.mode == KERNELS_DOT && k < count; k++)
    size += fabs(p->r->values[0][p->chain.stage_count][k] * (double)p->t->slopes[0][k]);
  if (p->chain.mode == KERNELS_DOT && !(fabs(dot - whole->examples[0].dot) <= 1e-6 * size))
    fail("parts cut at row %d: dot %g instead of %g", cut, dot, whole->examples[0].dot);
  release(made);
  release(example.output);
}

// Some rows from the middle of the output, as a part of an inference.
static void check_part(const program *p, float *state, float *scratch, random_source *random) {
  const kernels_stage *last = last_of(p->t);
  int32_t first = random_below(random, last->out_rows), end = first + 1 + random_below(random, last->out_rows - first);
  size_t count = output_count(last), row = (size_t)last->out_columns * last->out_channels;
  kernels_example example = {.state = state, .output = guarded_floats(count), .whole = p->whole[0]};
  row_source source;
  float *made = NULL;
  set_input(p, &example, 0, &source, &made);
  kernels_chain_begin(&p->chain, &example, first);
  kernels_chain_run(&p->chain, &example, scratch, end);
  const double *output = p->r->values[0][p->chain.stage_count];
  double largest = 0;
  for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs(output[k]));
  check(p, "part from row", first, example.output + first * row, output + first * row, (size_t)(end - first) * row,
        largest, p->is_narrow ? narrow_tolerance : tolerance);
  release(made);
  release(example.output);
}

static void run_mode(const trial *t, const reference *r, int instruction_set, int mode, random_source *random) {
  program p;
  make_program(&p, t, r, instruction_set, mode, random);
  results together, apart;
  make_results(&p, &together);
  make_results(&p, &apart);
  float *states[EXAMPLES], *scratch[EXAMPLES];
  for (int e = 0; e < EXAMPLES; e++) {
    states[e] = make_state(&p.chain, &p.lay);
    scratch[e] = make_scratch(&p.chain, &p.lay);
  }
  for (int e = 0; e < EXAMPLES; e++) together.examples[e].state = states[e];
  run_together(&p, &together, scratch);
  // States change hands: what an example left does not reach the next.
  for (int e = 0; e < EXAMPLES; e++) apart.examples[e].state = states[EXAMPLES - 1 - e];
  run_apart(&p, &apart, scratch);
  check_results(&p, &together);
  check_same(&p, &together, &apart);
  if (mode == KERNELS_STORE || mode == KERNELS_DOT) check_parts(&p, &together, states[0], scratch[0], random);
  if (mode == KERNELS_STORE) check_part(&p, states[0], scratch[0], random);
  for (int e = 0; e < EXAMPLES; e++) {
    check_scratch(&p.chain, &p.lay, scratch[e]);
    release(states[e]);
    release(scratch[e]);
  }
  free_results(&together);
  free_results(&apart);
  free_program(&p);
}

void run_modes(const trial *t, const reference *r, int instruction_set) {
  random_source random = {t->seed};
  for (int mode = 0; mode < KERNELS_MODES; mode++) run_mode(t, r, instruction_set, mode, &random);
}
