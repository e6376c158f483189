#pragma once
#include <dnnl.h>

// From OpenMP's runtime, which oneDNN uses: how many threads the calling thread's next parallel
// regions get. Declared here because omp.h belongs to a compiler, not to the system.
extern void omp_set_num_threads(int count);
