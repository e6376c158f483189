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
  float *edge;         // two columns that the neighbour on the right completes
  const float *carry;  // what the tiles above left for this row, or NULL
  const float *mask;
  vec next[2];
} gradient_row;

INLINE gradient_row gradient_row_of(const float *v, size_t stride, int i, float *columns, float *carry,
                                    size_t row_floats) {
  gradient_row r = {.from = v + (size_t)i * 6 * stride,
                    .stride = stride,
                    .edge = columns + i * 32,
                    .carry = i < 2 ? carry + i * row_floats : NULL};
  r.next[0] = load(r.edge);
  r.next[1] = load(r.edge + 16);
  return r;
}

INLINE void four_columns(gradient_row *r, int tile, vec o[4]) {
  vec m[6], all[6];
  UNROLL for (int j = 0; j < 6; j++) m[j] = load(r->from + j * r->stride + tile * 16);
  b_(m, all);
  o[0] = all[0] + r->next[0];
  o[1] = all[1] + r->next[1];
  o[2] = all[2];
  o[3] = all[3];
  r->next[0] = all[4];
  r->next[1] = all[5];
}

INLINE vec finished(const int kind, const gradient_row *r, vec o, size_t place) {
  if (r->carry) o += load(r->carry + place);
  return kind == ROW_MASKED ? where_positive(load(r->mask + place), o) : o;
}

INLINE void store_row(const int kind, gradient_row r, int tiles, int last, size_t place, float *out) {
  for (int t = 0; t < tiles; t++, place += 64) {
    vec o[4];
    four_columns(&r, t, o);
    UNROLL for (int c = 0; c < 4; c++) store(out + place + c * 16, finished(kind, &r, o[c], place + c * 16));
  }
  if (last)
    UNROLL for (int c = 0; c < 2; c++) store(out + place + c * 16, finished(kind, &r, r.next[c], place + c * 16));
  store(r.edge, r.next[0]);
  store(r.edge + 16, r.next[1]);
}

// Of the six rows, the last two are carried to the next row of tiles.
INLINE void carry_rows(const float *v, size_t stride, int tiles, int last, float *columns, float *carry,
                       size_t row_floats, size_t place) {
  for (int i = 4; i < 6; i++)
    store_row(ROW_PLAIN, gradient_row_of(v, stride, i, columns, carry, row_floats), tiles, last, place,
              carry + (i - 4) * row_floats);
}

APART void input_gradient(const float *v, int blocks, int first, int tiles, int last, float *columns, float *carry,
                          size_t row_floats, size_t plane, float *const out[4], const float *const mask[4]) {
  size_t stride = position_stride(blocks, TILE_GROUP);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      size_t place = b * plane + (size_t)first * 64 + part * LANES;
      const float *from = v + b * TILE_GROUP * 16 + part * LANES;
      float *edge = columns + b * 192 + part * LANES;
      for (int i = 0; i < 4; i++) {
        gradient_row r = gradient_row_of(from, stride, i, edge, carry, row_floats);
        if (mask) {
          r.mask = mask[i];
          store_row(ROW_MASKED, r, tiles, last, place, out[i]);
        } else {
          store_row(ROW_PLAIN, r, tiles, last, place, out[i]);
        }
      }
      carry_rows(from, stride, tiles, last, edge, carry, row_floats, place);
    }
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
    four_columns(&r, t, o);
    UNROLL for (int c = 0; c < 4; c++) add_taps(finished(ROW_MASKED, &r, o[c], place + c * 16), x, column + c, taps);
  }
  if (last)
    UNROLL for (int c = 0; c < 2; c++)
        add_taps(finished(ROW_MASKED, &r, r.next[c], place + c * 16), x, column + c, taps);
  store(r.edge, r.next[0]);
  store(r.edge + 16, r.next[1]);
  UNROLL for (int i = 0; i < 10; i++) store(sums + i * 16, load(sums + i * 16) + taps[i]);
}

APART void input_gradient_taps(const float *v, int first, int tiles, int last, float *columns, float *carry,
                               size_t row_floats, const float *const mask[4], const float *const x[6], float *sums) {
  size_t stride = position_stride(1, TILE_GROUP);
  for (int part = 0; part < PARTS; part++) {
    size_t offset = (size_t)part * LANES, place = (size_t)first * 64 + offset;
    for (int i = 0; i < 4; i++) {
      gradient_row r = gradient_row_of(v + offset, stride, i, columns + offset, carry, row_floats);
      r.mask = mask[i];
      if (i < 2) row_taps(r, first, tiles, last, place, x + i, sums + offset);
      else row_taps(r, first, tiles, last, place, x + i, sums + offset);
    }
    carry_rows(v + offset, stride, tiles, last, columns + offset, carry, row_floats, place);
  }
}
