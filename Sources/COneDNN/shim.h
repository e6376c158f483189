#pragma once
#include <dnnl.h>

// From OpenMP's runtime, which oneDNN uses: how many threads the calling thread's next parallel
// regions get. Declared here because omp.h belongs to a compiler, not to the system.
extern void omp_set_num_threads(int count);

// Members of oneDNN's descriptors that sit in unions and arrays, which Swift sees as tuples.
static inline dnnl_dim_t dnnl_shim_dim(const dnnl_memory_desc_t *d, int axis) { return d->dims[axis]; }
static inline dnnl_dim_t dnnl_shim_padded_dim(const dnnl_memory_desc_t *d, int axis) {
  return d->padded_dims[axis];
}
static inline dnnl_dim_t dnnl_shim_stride(const dnnl_memory_desc_t *d, int axis) {
  return d->format_desc.blocking.strides[axis];
}
// Whether elements sit at multiples of strides within blocks, the only kind that can be looked into.
static inline int dnnl_shim_is_blocked(const dnnl_memory_desc_t *d) {
  return d->format_kind == dnnl_blocked && d->offset0 == 0;
}
static inline int dnnl_shim_block_count(const dnnl_memory_desc_t *d) {
  return d->format_desc.blocking.inner_nblks;
}
static inline int dnnl_shim_block_axis(const dnnl_memory_desc_t *d, int block) {
  return (int)d->format_desc.blocking.inner_idxs[block];
}
