#if defined(__x86_64__)
#include <stddef.h>
#include <stdint.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define TABLE kernels_avx2
#define LANES 8
#define TILE_GROUP 18
#define COLUMN_TILES 0
#define PRODUCT_TILES 6
#define WEIGHT_ROWS 4
#define PIXELS 6
#define PAIR_COLUMNS 0
#define POINT_COLUMNS 6
#include "body.h"
#pragma clang attribute pop
#endif
