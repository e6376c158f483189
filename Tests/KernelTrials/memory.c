// Memory with guard zones.
#include <stdlib.h>
#include <string.h>

#include "trial.h"

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(memory, bytes) ((void)(memory), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(memory, bytes) ((void)(memory), (void)(bytes))
#endif

static const uint32_t canary = 0x7fc0dead;

enum { GUARD = 4096, MOST_PARTS = 64 };

// At the beginning of the guard zone ahead.
typedef struct {
  size_t bytes;
  int part_count;
  struct {
    size_t first, count;
  } parts[MOST_PARTS];
} header;

static void set_canaries(void *memory, size_t bytes) {
  for (size_t i = 0; i + 4 <= bytes; i += 4) memcpy((char *)memory + i, &canary, 4);
}

static int has_canaries(const void *memory, size_t bytes) {
  for (size_t i = 0; i + 4 <= bytes; i += 4)
    if (memcmp((const char *)memory + i, &canary, 4)) return 0;
  return 1;
}

// Up to the end of the block, past what was asked for.
static size_t tail_of(size_t bytes) { return (bytes + 63) / 64 * 64 - bytes + GUARD; }

void *guarded(size_t bytes) {
  void *block = NULL;
  if (posix_memalign(&block, 64, GUARD + bytes + tail_of(bytes))) abort();
  char *memory = (char *)block + GUARD;
  set_canaries(block, GUARD);
  header h = {.bytes = bytes};
  memcpy(block, &h, sizeof h);
  memset(memory, 0, bytes);
  set_canaries(memory + bytes, tail_of(bytes));
  ASAN_POISON_MEMORY_REGION(block, GUARD);
  ASAN_POISON_MEMORY_REGION(memory + bytes, tail_of(bytes));
  return memory;
}

float *guarded_floats(size_t count) { return guarded(count * sizeof(float)); }

void guard_part(float *memory, size_t first, size_t count) {
  header *h = (header *)(void *)((char *)memory - GUARD);
  ASAN_UNPOISON_MEMORY_REGION(h, sizeof *h);
  if (h->part_count == MOST_PARTS) abort();
  h->parts[h->part_count].first = first;
  h->parts[h->part_count++].count = count;
  ASAN_POISON_MEMORY_REGION(h, sizeof *h);
  set_canaries(memory + first, count * sizeof(float));
  ASAN_POISON_MEMORY_REGION(memory + first, count * sizeof(float));
}

void release(void *memory) {
  if (!memory) return;
  char *block = (char *)memory - GUARD;
  ASAN_UNPOISON_MEMORY_REGION(block, GUARD);
  header h;
  memcpy(&h, block, sizeof h);
  ASAN_UNPOISON_MEMORY_REGION(memory, h.bytes + tail_of(h.bytes));
  _Static_assert(sizeof h % 4 == 0 && sizeof h < GUARD, "the header outgrew its place");
  int is_whole = has_canaries(block + sizeof h, GUARD - sizeof h)
                 && has_canaries((char *)memory + h.bytes, tail_of(h.bytes));
  for (int i = 0; i < h.part_count; i++)
    is_whole = is_whole && has_canaries((float *)memory + h.parts[i].first, h.parts[i].count * sizeof(float));
  if (!is_whole) fail("a guard zone of %zu bytes was written to", h.bytes);
  free(block);
}
