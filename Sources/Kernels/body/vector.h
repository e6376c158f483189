// Vectors of LANES floats, and what the kernels do with them. Loops over arrays of vectors are unrolled by hand of
// the compiler, else the arrays would not be registers.
#define PARTS (16 / LANES)  // vectors in a block of 16 channels
#define UNROLL _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))

typedef float vec __attribute__((ext_vector_type(LANES)));
typedef int32_t ivec __attribute__((ext_vector_type(LANES)));
typedef _Float16 hvec __attribute__((ext_vector_type(LANES)));

INLINE vec load(const float *p) {
  vec v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
INLINE void store(float *p, vec v) { __builtin_memcpy(p, &v, sizeof v); }
INLINE vec splat(float x) { return (vec)(x); }
INLINE vec fma_(vec a, vec b, vec c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vec fnma_(vec a, vec b, vec c) { return __builtin_elementwise_fma(-a, b, c); }
// NaN stays NaN.
INLINE vec relu_(vec y) {
  vec zero = splat(0);
  return zero > y ? zero : y;
}
INLINE vec where_positive(vec y, vec g) { return y > splat(0) ? g : splat(0); }
INLINE float sum_(vec a) {
  float lanes[LANES], sum = 0;
  __builtin_memcpy(lanes, &a, sizeof a);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  sum = lanes[0];
  return sum;
}

INLINE hvec half_(vec y) { return __builtin_convertvector(y, hvec); }

// Keeps the compiler from beginning what comes later: it would need more registers than there are.
#define IN_ORDER __asm__ volatile("" ::: "memory")
