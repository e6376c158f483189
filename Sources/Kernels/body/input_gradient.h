// From dV back to rows: the gradient of a stage's input, or at once that of the first layer's weights.

// What becomes of a row of the input's gradient.
enum {
  ROW_PLAIN = 0,   // stored
  ROW_MASKED = 1,  // stored, where the mask is positive; else zero
};

// A row of tiles' dV, after B from row to row: B^T once more, and the columns of neighbours added.
typedef struct {
  const float *from;   // the six columns of the first tile
  size_t stride;       // between columns
  float *edge;         // columns that the neighbour on the right completes
  const float *carry;  // what the tiles above left for this row, or NULL
  const float *mask;
  vec next[4];
} gradient_row;

INLINE gradient_row gradient_row_of(const int side, const float *v, size_t stride, int i, float *columns, float *carry,
                                    size_t row_floats) {
  gradient_row r = {.from = v + (size_t)i * 6 * stride,
                    .stride = stride,
                    .edge = columns + i * 64,
                    .carry = i < 6 - side ? carry + i * row_floats : NULL};
  UNROLL for (int c = 0; c < 6 - side; c++) r.next[c] = load(r.edge + c * 16);
  return r;
}

// The columns that a tile finishes; the others wait for the next tile.
INLINE void finish_columns(const int side, gradient_row *r, int tile, vec o[4]) {
  vec m[6], all[6];
  UNROLL for (int j = 0; j < 6; j++) m[j] = load(r->from + j * r->stride + tile * 16);
  b_(m, all);
  UNROLL for (int c = 0; c < 6 - side; c++) all[c] += r->next[c];
  UNROLL for (int c = 0; c < side; c++) o[c] = all[c];
  UNROLL for (int c = side; c < 6; c++) r->next[c - side] = all[c];
}

INLINE vec finished(const int kind, const gradient_row *r, vec o, size_t place) {
  if (r->carry) o += load(r->carry + place);
  return kind == ROW_MASKED ? where_positive(load(r->mask + place), o) : o;
}

INLINE void store_row(const int side, const int kind, gradient_row r, int tiles, int last, size_t place, float *out) {
  for (int t = 0; t < tiles; t++, place += side * 16) {
    vec o[4];
    finish_columns(side, &r, t, o);
    UNROLL for (int c = 0; c < side; c++) store(out + place + c * 16, finished(kind, &r, o[c], place + c * 16));
  }
  if (last)
    UNROLL for (int c = 0; c < 6 - side; c++) store(out + place + c * 16, finished(kind, &r, r.next[c], place + c * 16));
  UNROLL for (int c = 0; c < 6 - side; c++) store(r.edge + c * 16, r.next[c]);
}

// Of the six rows, those that the tile does not finish are carried to the next row of tiles.
INLINE void carry_rows(const int side, const float *v, size_t stride, int tiles, int last, float *columns, float *carry,
                       size_t row_floats, size_t place) {
  for (int i = side; i < 6; i++)
    store_row(side, ROW_PLAIN, gradient_row_of(side, v, stride, i, columns, carry, row_floats), tiles, last, place,
              carry + (i - side) * row_floats);
}

INLINE void input_gradient_(const int side, const float *v, int blocks, int first, int tiles, int last, float *columns, float *carry,
                          size_t row_floats, size_t plane, float *const out[4], const float *const mask[4]) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      size_t place = b * plane + (size_t)first * side * 16 + part * LANES;
      const float *from = v + b * TILE_GROUP * 16 + part * LANES;
      float *edge = columns + b * 384 + part * LANES;
      for (int i = 0; i < side; i++) {
        gradient_row r = gradient_row_of(side, from, stride, i, edge, carry, row_floats);
        if (mask) {
          r.mask = mask[i];
          store_row(side, ROW_MASKED, r, tiles, last, place, out[i]);
        } else {
          store_row(side, ROW_PLAIN, r, tiles, last, place, out[i]);
        }
      }
      carry_rows(side, from, stride, tiles, last, edge, carry, row_floats, place);
    }
}

APART void input_gradient(int side, const float *v, int blocks, int first, int tiles, int last, float *columns,
                          float *carry, size_t row_floats, size_t plane, float *const out[4],
                          const float *const mask[4]) {
  if (side == 2)
    input_gradient_(2, v, blocks, first, tiles, last, columns, carry, row_floats, plane, out, mask);
  else input_gradient_(4, v, blocks, first, tiles, last, columns, carry, row_floats, plane, out, mask);
}

// A finished row, masked, times the input: the gradients of the 9 weights and the bias of a first layer of one
// channel. The row itself is stored nowhere.
INLINE void add_taps(vec g, const float *const x[3], int column, vec taps[10]) {
  UNROLL for (int ky = 0; ky < 3; ky++) UNROLL for (int kx = 0; kx < 3; kx++)
      taps[ky * 3 + kx] = fma_(splat(x[ky][column + kx]), g, taps[ky * 3 + kx]);
  taps[9] += g;
}

INLINE void row_taps(gradient_row r, int first, int tiles, int last, size_t place, const float *const x[3],
                     float *sums) {
  vec taps[10];
  UNROLL for (int i = 0; i < 10; i++) taps[i] = splat(0);
  int column = first * 4;
  for (int t = 0; t < tiles; t++, place += 64, column += 4) {
    vec o[4];
    finish_columns(4, &r, t, o);
    UNROLL for (int c = 0; c < 4; c++) add_taps(finished(ROW_MASKED, &r, o[c], place + c * 16), x, column + c, taps);
  }
  if (last)
    UNROLL for (int c = 0; c < 2; c++)
        add_taps(finished(ROW_MASKED, &r, r.next[c], place + c * 16), x, column + c, taps);
  UNROLL for (int c = 0; c < 2; c++) store(r.edge + c * 16, r.next[c]);
  UNROLL for (int i = 0; i < 10; i++) store(sums + i * 16, load(sums + i * 16) + taps[i]);
}

APART void input_gradient_taps(const float *v, int first, int tiles, int last, float *columns, float *carry,
                               size_t row_floats, const float *const mask[4], const float *const x[6], float *sums) {
  size_t stride = position_stride(1, TILE_GROUP);
  for (int part = 0; part < PARTS; part++) {
    size_t offset = (size_t)part * LANES, place = (size_t)first * 64 + offset;
    for (int i = 0; i < 4; i++) {
      gradient_row r = gradient_row_of(4, v + offset, stride, i, columns + offset, carry, row_floats);
      r.mask = mask[i];
      if (i < 2) row_taps(r, first, tiles, last, place, x + i, sums + offset);
      else row_taps(r, first, tiles, last, place, x + i, sums + offset);
    }
    carry_rows(4, v + offset, stride, tiles, last, columns + offset, carry, row_floats, place);
  }
}
