// The transforms of Winograd's F(4x4, 3x3) and F(2x2, 5x5), a column or row at a time, with the points 0, 1, -1, 2, -2
// (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016). Both take tiles of 6x6 inputs, so B is
// the same; `side` is that of a tile's outputs, 4 or 2.

// B^T d
INLINE void bt(const vec *d, vec *o) {
  vec c2 = splat(2), c4 = splat(4), c5 = splat(5);
  o[0] = fma_(c4, d[0], fnma_(c5, d[2], d[4]));
  vec a = fnma_(c4, d[2], d[4]), b = fnma_(c4, d[1], d[3]);
  o[1] = a + b;
  o[2] = a - b;
  vec c = d[4] - d[2], e = d[3] - d[1];
  o[3] = fma_(c2, e, c);
  o[4] = fnma_(c2, e, c);
  o[5] = fma_(c4, d[1], fnma_(c5, d[3], d[5]));
}

// A^T m
INLINE void at(const int side, vec m0, vec m1, vec m2, vec m3, vec m4, vec m5, vec *y) {
  vec s = m1 + m2, d = m1 - m2, s2 = m3 + m4, d2 = m3 - m4;
  y[0] = m0 + s + s2;
  if (side == 2) {
    y[1] = fma_(splat(2), d2, d + m5);
    return;
  }
  y[1] = fma_(splat(2), d2, d);
  y[2] = fma_(splat(4), s2, s);
  y[3] = fma_(splat(8), d2, d + m5);
}

// A y
INLINE void a_(const int side, const vec *y, vec *m) {
  if (side == 2) {
    m[0] = y[0];
    m[1] = y[0] + y[1];
    m[2] = y[0] - y[1];
    m[3] = fma_(splat(2), y[1], y[0]);
    m[4] = fnma_(splat(2), y[1], y[0]);
    m[5] = y[1];
    return;
  }
  vec e = y[0] + y[2], o = y[1] + y[3];
  m[0] = y[0];
  m[1] = e + o;
  m[2] = e - o;
  vec e2 = fma_(splat(4), y[2], y[0]), o2 = fma_(splat(4), y[3], y[1]);
  m[3] = fma_(splat(2), o2, e2);
  m[4] = fnma_(splat(2), o2, e2);
  m[5] = y[3];
}

// B m
INLINE void b_(const vec *m, vec *o) {
  vec s = m[1] + m[2], d = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
  o[0] = splat(4) * m[0];
  o[1] = fnma_(splat(2), d2, splat(4) * (m[5] - d));
  o[2] = fnma_(splat(5), m[0], -fma_(splat(4), s, s2));
  o[3] = fma_(splat(2), d2, fnma_(splat(5), m[5], d));
  o[4] = m[0] + s + s2;
  o[5] = m[5];
}

// Whether products of so many blocks come as A^T of each column of positions rather than as the positions themselves.
INLINE int ends_columns(int side, int blocks) { return COLUMN_TILES && side == 4 && blocks % 2 != 0; }
