#if defined(__aarch64__)
#define TABLE kernels_neon
#define LANES 4
#define TILE_GROUP 18
#define COLUMN_TILES 0
#define PRODUCT_TILES 6
#define WEIGHT_ROWS 4
#define PIXELS 6
#define PAIR_COLUMNS 0
#define POINT_COLUMNS 6
#include "body.h"
#endif
