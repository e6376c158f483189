#include "Allocator.h"

#include <malloc.h>

// Left alone, glibc learns from each large block that is freed to keep blocks of up to 32 MB, which is
// what a batch of spectrograms takes: fixing the threshold turns that off.
void callocator_return_large_blocks(void) { mallopt(M_MMAP_THRESHOLD, 1 << 20); }
