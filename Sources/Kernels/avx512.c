#if defined(__x86_64__)
#include <stddef.h>
#include <stdint.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#define TABLE kernels_avx512
#define LANES 16
#define TILE_GROUP 16
#define COLUMN_TILES 4
#define PAIR_TILES 8
#define WEIGHT_ROWS 16
#define PIXELS 15
#define PAIR_COLUMNS 3
#define POINT_COLUMNS 8
#include "body.h"
#pragma clang attribute pop
#endif
