// Rows from one layout to another, kept, masked.

static void planes_row(float *out, size_t plane, int blocks, int columns, const float *from, const float *mask) {
  for (int b = 0; b < blocks; b++)
    for (int c = 0; c < columns; c++) {
      size_t at_ = ((size_t)c * blocks + b) * 16;
      float *to = out + b * plane + (size_t)c * 16;
      for (int i = 0; i < 16; i += LANES)
        store(to + i, mask ? where_positive(load(mask + at_ + i), load(from + at_ + i)) : load(from + at_ + i));
    }
}

static void keep(const float *from, int is_half, float scale, void *kept, size_t place) {
  for (int i = 0; i < 16; i += LANES) {
    vec y = load(from + i);
    hvec h = half_(y * splat(scale));
    if (is_half) __builtin_memcpy((uint16_t *)kept + place + i, &h, sizeof h);
    else store((float *)kept + place + i, y);
  }
}

static void mask_row(float *out, const float *from, const float *mask, size_t count) {
  for (size_t i = 0; i < count; i += LANES) store(out + i, where_positive(load(mask + i), load(from + i)));
}
