#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "table.h"
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma"))), apply_to = function)
#define LANES 16
#define TILE_GROUP 16
#define COLUMN_TILES 4
#include "body/vector.h"

#include "body/transforms.h"

#include "body/narrow.h"

#include "body/input_tiles.h"

const kernels_narrow_table kernels_avx512_narrow = {
    .rows_peak = rows_peak, .input_tiles = input_tiles, .narrow_product = narrow_product};
#pragma clang attribute pop
#endif
