// The kernels, written once for vectors of LANES floats. The file that includes this one sets, for its
// instruction set: TABLE (the name of the table), LANES, TILE_GROUP; and how much stays in registers:
// COLUMN_TILES, tiles of a column of positions in a product, or, where there are too few for that, 0 and
// PRODUCT_TILES, tiles of one position; WEIGHT_ROWS, rows of a weight gradient; PIXELS, of a direct convolution;
// PAIR_COLUMNS, columns of two rows of one, or 0; POINT_COLUMNS, of a 1x1 convolution.

#include "table.h"

#include "body/vector.h"

#include "body/direct.h"

#include "body/sequence.h"

#include "body/transforms.h"

#include "body/float_tiles.h"

#include "body/input_tiles.h"
#include "body/products.h"

#include "body/points.h"

#include "body/outputs.h"

#include "body/input_gradient.h"

#include "body/rows.h"

#include "body/pools.h"
#include "body/sums.h"

#include "body/normalise.h"

const kernels_table TABLE = {
    .tile_group = TILE_GROUP,
    .lanes = LANES,
    .direct_rows = direct_rows,
    .direct_gradient = direct_gradient,
    .wide_row = wide_row,
    .wide_gradient = wide_gradient,
    .sequence_row = sequence_row,
    .sequence_gradient = sequence_gradient,
    .point_row = point_row,
    .point_input_gradient = point_input_gradient,
    .point_gradient = point_gradient,
    .input_tiles = input_tiles,
    .product_out = product_out,
    .product_in = product_in,
    .input_gradient_taps = input_gradient_taps,
    .weight_product = weight_product,
    .output_tiles = output_tiles,
    .dot_tiles = dot_tiles,
    .gradient_tiles = gradient_tiles,
    .input_gradient = input_gradient,
    .planes_row = planes_row,
    .keep = keep,
    .mask_row = mask_row,
    .max_pool_row = max_pool_row,
    .average_pool_row = average_pool_row,
    .max_pool_gradient = max_pool_gradient,
    .average_pool_gradient = average_pool_gradient,
    .channel_moments = channel_moments,
    .norm_pool_row = norm_pool_row,
    .norm_sums_row = norm_sums_row,
    .norm_gradient_row = norm_gradient_row,
    .add_scaled = add_scaled,
    .add_and_clear = add_and_clear,
};
