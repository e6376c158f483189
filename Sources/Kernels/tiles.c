// What both passes take of a Winograd stage's tiles.
#include "tiles.h"

void kernels_input_rows(const run *r, int32_t s, int32_t tile_row, const float *rows[6]) {
  for (int i = 0; i < 6; i++) rows[i] = input_row(r, s, tile_row * side_of(&r->chain->stages[s]) - r->chain->stages[s].pad_top + i);
}

void kernels_input_tiles(run *r, int32_t s, tile_group g) {
  const kernels_chain *c = r->chain;
  for (int32_t i = 0; i < g.rows; i++) {
    const float *rows[6];
    kernels_input_rows(r, s, g.top + i, rows);
    r->table->input_tiles(side_of(&c->stages[s]), rows, c->plane[s], in_blocks(&c->stages[s]), g.first, g.across, NULL,
                          r->scratch + c->group_v + tiles_before(g, i));
  }
}
