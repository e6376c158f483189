// kernel-trials [COUNT [FIRST]]: random chains number FIRST to FIRST + COUNT - 1, on each instruction set of this
// machine. Prints what differs from the plain formulas, and then fails.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "trial.h"

static const trial *current;
static int current_set;
static int failure_count;
static const char *const set_names[] = {"none", "neon", "avx2", "avx512"};

void fail(const char *format, ...) {
  if (current)
    printf("chain %llu (%s) on %s: ", (unsigned long long)current->seed, describe(current), set_names[current_set]);
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
  fflush(stdout);
  if (++failure_count == 50) exit(1);
}

// What runs over all of an array, whatever its length.
static void check_arrays(int instruction_set, random_source *random) {
  for (size_t count = 0; count < 70; count++) {
    float *a = guarded_floats(count), *b = guarded_floats(count);
    float peak = 0, first[70];
    for (size_t k = 0; k < count; k++) {
      first[k] = a[k] = (float)random_normal(random);
      b[k] = (float)random_normal(random);
      peak = fmaxf(peak, fabsf(b[k]));
    }
    if (kernels_peak(b, count) != peak) fail("the peak of %zu numbers is wrong", count);
    kernels_add_scaled(instruction_set, a, b, 0.25f, count);
    for (size_t k = 0; k < count; k++)
      if (!(fabsf(a[k] - (first[k] + 0.25f * b[k])) < 1e-5f)) fail("sum %zu of %zu is wrong", k, count);
    if (count) {
      b[count - 1] = -INFINITY;
      if (kernels_peak(b, count) != INFINITY) fail("the peak of %zu numbers is not infinite", count);
      b[count / 2] = NAN;
      if (!isnan(kernels_peak(b, count))) fail("the peak of %zu numbers is a number", count);
    }
    release(a);
    release(b);
  }
}

int main(int argument_count, char **arguments) {
  unsigned long long count = argument_count > 1 ? strtoull(arguments[1], NULL, 10) : 300;
  unsigned long long first = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 1, unsettled = 0;
  int sets[] = {KERNELS_NEON, KERNELS_AVX2, KERNELS_AVX512}, set_count = 0;
  random_source random = {first};
  for (int i = 0; i < 3; i++)
    if (kernels_can_run(sets[i])) {
      current_set = sets[set_count++] = sets[i];
      check_arrays(sets[i], &random);
    }
  for (unsigned long long seed = first; seed < first + count; seed++) {
    trial t;
    reference r = {0};
    make_trial(&t, seed);
    current = &t;
    reference_forward(&t, &r);
    unsettled += !t.is_settled;
    for (int i = 0; i < set_count; i++) {
      current_set = sets[i];
      run_modes(&t, &r, sets[i]);
    }
    free_reference(&r);
    free_trial(&t);
    current = NULL;
  }
  // Chains in which rounding decides are run, but their gradients say nothing.
  if (unsettled * 5 > count && count > 20) fail("%llu of %llu chains have no gradient to compare", unsettled, count);
  printf("%llu chains on", count);
  for (int i = 0; i < set_count; i++) printf(" %s", set_names[sets[i]]);
  printf(": %d failures (%llu gradients left to rounding)\n", failure_count, unsettled);
  return failure_count > 0;
}
