// From rows of the input to V. Who includes this has said what V is of: v_number, stride_of_v, and store_v, which puts
// a vector at a position.

// Rows of B^T d, one column: those that share their parts (0; 1 and 2; 3 and 4; 5).
INLINE void bt_rows(const int part, const float *const rows[6], size_t o, vec *first, vec *second) {
  vec c2 = splat(2), c4 = splat(4), c5 = splat(5);
  if (part == 0) *first = fma_(c4, load(rows[0] + o), fnma_(c5, load(rows[2] + o), load(rows[4] + o)));
  if (part == 1) {
    vec a = fnma_(c4, load(rows[2] + o), load(rows[4] + o)), b = fnma_(c4, load(rows[1] + o), load(rows[3] + o));
    *first = a + b;
    *second = a - b;
  }
  if (part == 2) {
    vec a = load(rows[4] + o) - load(rows[2] + o), b = load(rows[3] + o) - load(rows[1] + o);
    *first = fma_(c2, b, a);
    *second = fnma_(c2, b, a);
  }
  if (part == 3) *first = fma_(c4, load(rows[1] + o), fnma_(c5, load(rows[3] + o), load(rows[5] + o)));
}

INLINE void input_part(const int side, const int part, const float *const rows[6], size_t offset, int tiles, const float *scales,
                       v_number *v, size_t stride) {
  vec a[6], b[6], o[6];
  const int row = part == 0 ? 0 : part == 1 ? 1 : part == 2 ? 3 : 5;
  // So many columns belong to the next tile too.
  const int shared = 6 - side;
  UNROLL for (int j = 0; j < shared; j++) bt_rows(part, rows, offset + j * 16, &a[j], &b[j]);
  for (int t = 0; t < tiles; t++) {
    UNROLL for (int j = shared; j < 6; j++)
        bt_rows(part, rows, offset + (size_t)(side * t + j) * 16, &a[j], &b[j]);
    bt(a, o);
    UNROLL for (int j = 0; j < 6; j++) store_v(v + t * 16, stride, row * 6 + j, scales, o[j]);
    if (part == 1 || part == 2) {
      bt(b, o);
      UNROLL for (int j = 0; j < 6; j++) store_v(v + t * 16, stride, (row + 1) * 6 + j, scales, o[j]);
    }
    UNROLL for (int j = 0; j < shared; j++) {
      a[j] = a[j + side];
      b[j] = b[j + side];
    }
  }
}

INLINE void input_tiles_(const int side, const float *const rows[6], size_t plane, const int blocks, int first, int tiles,
                         const float *scales, v_number *v) {
  size_t stride = stride_of_v(blocks);
  for (int b = 0; b < blocks; b++)
    for (int part = 0; part < PARTS; part++) {
      size_t offset = b * plane + (size_t)first * side * 16 + part * LANES;
      v_number *to = v + b * TILE_GROUP * 16 + part * LANES;
      input_part(side, 0, rows, offset, tiles, scales, to, stride);
      input_part(side, 1, rows, offset, tiles, scales, to, stride);
      input_part(side, 2, rows, offset, tiles, scales, to, stride);
      input_part(side, 3, rows, offset, tiles, scales, to, stride);
    }
}

APART void input_tiles(int side, const float *const rows[6], size_t plane, int blocks, int first, int tiles,
                       const float *scales, v_number *v) {
  if (side == 2) input_tiles_(2, rows, plane, blocks, first, tiles, scales, v);
  else if (blocks == 1) input_tiles_(4, rows, plane, 1, first, tiles, scales, v);
  else input_tiles_(4, rows, plane, blocks, first, tiles, scales, v);
}
