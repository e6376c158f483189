#pragma once
#include "chain.h"

// Groups of tiles of a Winograd stage, and what both passes take of them.

// Tiles that go through together: some of one row of tiles, or all of several rows.
typedef struct {
  int32_t top, rows;     // of tiles
  int32_t first, across;  // tiles of each row
} tile_group;

static inline int32_t tiles_of(tile_group g) { return g.rows * g.across; }
// Where a row's tiles begin among the group's, in V, M or D.
static inline size_t tiles_before(tile_group g, int32_t row) { return (size_t)row * g.across * 16; }

// The first group of a unit, and the next one; none has no tiles.
static inline tile_group first_group(const kernels_stage *s, int32_t unit, int32_t most) {
  int32_t top = unit * rows_together(s);
  return (tile_group){top, smaller(rows_together(s), tile_rows(s) - top), 0, smaller(tiles_across(s), most)};
}
static inline tile_group next_group(const kernels_stage *s, tile_group g, int32_t most) {
  g.first += g.across;
  g.across = smaller(tiles_across(s) - g.first, most);
  return g;
}

// The six rows of the input that a row of tiles takes.
void kernels_input_rows(const run *r, int32_t s, int32_t tile_row, const float *rows[6]);
// V of some tiles of a Winograd stage.
void kernels_input_tiles(run *r, int32_t s, tile_group g);
