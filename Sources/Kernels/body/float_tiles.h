// V of floats.

typedef float v_number;
INLINE size_t stride_of_v(int blocks) { return position_stride(blocks, TILE_GROUP); }
INLINE void store_v(v_number *v, size_t stride, int position, const float *scales, vec o) {
  (void)scales;
  store(v + position * stride, o);
}
