#pragma once
#include <stddef.h>
#include <stdint.h>

#include "Kernels.h"

// Random chains on the kernels, against the plain formulas in double precision. scripts/sanitize.sh builds this.

// ---- Random numbers (SplitMix64)

typedef struct {
  uint64_t state;
} random_source;

uint64_t random_bits(random_source *r);
// From 0 to before `count`.
int random_below(random_source *r, int count);
double random_normal(random_source *r);

// ---- Memory with guard zones (memory.c)

// Zeros at a multiple of 64 bytes. Around them lies what no one may touch: poisoned for the address sanitizer, and
// without one full of a NaN, which shows in results where it is read, and is missed where it was written to.
void *guarded(size_t bytes);
float *guarded_floats(size_t count);
// Makes a part of a guarded memory a guard zone too.
void guard_part(float *memory, size_t first, size_t count);
// Frees it; counts as a failure where a guard zone has been written to.
void release(void *memory);

// ---- Chains (chains.c)

enum { EXAMPLES = 2 };

// A chain with its data, and what the plain formulas make of them.
typedef struct {
  uint64_t seed;
  kernels_chain chain;  // without mode, instruction set and plan; weights as the kernels want them
  float *weights[KERNELS_MOST_STAGES], *bias[KERNELS_MOST_STAGES];  // [window][window][in][out], [out]
  float *input[EXAMPLES];
  float *slopes[EXAMPLES];  // gradients of the outputs; the first ones also the dense weights
  // Whether no ReLU and no maximum is so near to its edge that rounding decides.
  int is_settled;
} trial;

void make_trial(trial *t, uint64_t seed);
void free_trial(trial *t);
// The chain in words, in memory that the next call uses again.
const char *describe(const trial *t);
static inline size_t input_count(const kernels_stage *s) {
  return (size_t)s->in_rows * s->in_columns * s->in_channels;
}
static inline size_t output_count(const kernels_stage *s) {
  return (size_t)s->out_rows * s->out_columns * s->out_channels;
}
static inline int is_convolution(const kernels_stage *s) {
  return s->kind == KERNELS_DIRECT || s->kind == KERNELS_WINOGRAD || s->kind == KERNELS_POINT;
}
static inline size_t weight_count(const kernels_stage *s) { return (size_t)s->window_rows * s->window_columns * s->in_channels * s->out_channels; }
static inline const kernels_stage *last_of(const trial *t) { return &t->chain.stages[t->chain.stage_count - 1]; }

// ---- The plain formulas (reference.c)

typedef struct {
  double *values[EXAMPLES][KERNELS_MOST_STAGES + 1];  // a stage's input; at the end, the output
} reference;

typedef struct {
  double *weights[KERNELS_MOST_STAGES], *bias[KERNELS_MOST_STAGES];
  // The largest sum of magnitudes: what rounding is to be held against.
  double weights_scale[KERNELS_MOST_STAGES], bias_scale[KERNELS_MOST_STAGES];
} gradients;

// The values; moves biases a little so that no ReLU is near its edge, and sets `is_settled`.
void reference_forward(trial *t, reference *r);
void reference_backward(const trial *t, const reference *r, int example, const float *slopes, gradients *g);
void free_reference(reference *r);
void free_gradients(gradients *g);

// ---- Failures (main.c)

void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// ---- One chain in each mode on an instruction set (modes.c)
void run_modes(const trial *t, const reference *r, int instruction_set);
