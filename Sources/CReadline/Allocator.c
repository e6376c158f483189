#include "Allocator.h"

#include <malloc.h>

// Left alone, glibc learns from each large block that is freed to keep blocks of up to 32 MB, which is
// what a batch of spectrograms takes: a fixed threshold turns that off. Clips and lists stay below it;
// fetching those from the system each time would cost more than decoding them.
void callocator_return_large_blocks(void) {
  mallopt(M_MMAP_THRESHOLD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
}
