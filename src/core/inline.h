#pragma once

/// Before a function that hot loops use, on processors and on devices: always part of its caller,
/// hence never a symbol of its own (kernels/level.h says why that matters).
#ifdef __CUDACC__
#define KITH_INLINE __host__ __device__ __forceinline__
#else
#define KITH_INLINE [[gnu::always_inline]] inline
#endif
