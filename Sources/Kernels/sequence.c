// Convolutions along sequences, example by example.
#include <string.h>

#include "Kernels.h"
#include "table.h"

// Positions whose sums are of single precision before they are added up in double.
enum { POSITIONS_AT_ONCE = 512 };

static inline size_t sum_count(const kernels_sequence *s) { return (size_t)(s->taps + 1) * 16 * s->blocks; }

int kernels_can_follow_sequences(int instruction_set) { return kernels_table_for(instruction_set) != NULL; }

size_t kernels_sequence_scratch(const kernels_sequence *s) { return sum_count(s); }

void kernels_sequence_forward(const kernels_sequence *s, const float *x, float *out) {
  const kernels_table *table = kernels_table_for(s->instruction_set);
  if (table)
    table->sequence_row(x, s->taps, (size_t)s->step, s->columns, s->blocks, s->weights, s->bias, s->relu, out,
                        (size_t)s->columns * 16);
}

void kernels_sequence_gradient(const kernels_sequence *s, const float *x, const float *gradient, float *scratch,
                               double *sums) {
  const kernels_table *table = kernels_table_for(s->instruction_set);
  for (int32_t first = 0; table && first < s->columns; first += POSITIONS_AT_ONCE) {
    int32_t some = s->columns - first < POSITIONS_AT_ONCE ? s->columns - first : POSITIONS_AT_ONCE;
    memset(scratch, 0, sum_count(s) * sizeof(float));
    table->sequence_gradient(x + (size_t)first * s->step, s->taps, (size_t)s->step, some, s->blocks,
                             gradient + (size_t)first * 16, (size_t)s->columns * 16, scratch);
    for (size_t k = 0; k < sum_count(s); k++) sums[k] += (double)scratch[k];
  }
}
