/* vec.h: vectors of the width TG_VEC_BYTES that isa/<name>.c chose, written with the compiler's vector extensions: one
 * text for every instruction set (gcc and clang lower them to AVX-512, AVX2, SSE2 or NEON), no intrinsics, and the
 * arithmetic of a lane is C's. a * b + c contracts to one FMA where the target has it (-ffp-contract=fast). */
#ifndef TG_VEC_H
#define TG_VEC_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float vf32 __attribute__((vector_size(TG_VEC_BYTES)));
typedef double vf64 __attribute__((vector_size(TG_VEC_BYTES)));
typedef int32_t vi32 __attribute__((vector_size(TG_VEC_BYTES)));
typedef int64_t vi64 __attribute__((vector_size(TG_VEC_BYTES)));
/* The same without alignment, for loads and stores through a cast pointer; may_alias because memory is untyped here. */
typedef float vf32u __attribute__((vector_size(TG_VEC_BYTES), aligned(4), may_alias));
typedef double vf64u __attribute__((vector_size(TG_VEC_BYTES), aligned(8), may_alias));

#define VF32 (TG_VEC_BYTES / 4)  /* lanes of a float vector */
#define VF64 (TG_VEC_BYTES / 8)

/* In front of a loop of constant length that must not stay one: its arrays of vectors are registers only then. */
#ifdef __clang__
#define TG_UNROLL _Pragma("clang loop unroll(full)")
#else
#define TG_UNROLL _Pragma("GCC unroll 16")
#endif

#define TG_INLINE static inline __attribute__((always_inline))

TG_INLINE vf32 vf32_load(const float *p) { return *(const vf32u *)p; }
TG_INLINE vf64 vf64_load(const double *p) { return *(const vf64u *)p; }
TG_INLINE void vf32_store(float *p, vf32 v) { *(vf32u *)p = v; }
TG_INLINE void vf64_store(double *p, vf64 v) { *(vf64u *)p = v; }
/* x - 0 is x for every x (0 + x is not: -0), so it costs a broadcast and nothing else. */
TG_INLINE vf32 vf32_set(float x) { return x - (vf32){0}; }
TG_INLINE vf64 vf64_set(double x) { return x - (vf64){0}; }

/* The lanes of a (0..3) and b (4..7) in the order given, for vectors of four; I is the vector of integers of their size. */
typedef int32_t tg_i32x4 __attribute__((vector_size(16)));
typedef int64_t tg_i64x4 __attribute__((vector_size(32)));
#ifdef __clang__
#define TG_SHUFFLE4(I, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define TG_SHUFFLE4(I, a, b, ...) __builtin_shuffle(a, b, (I){__VA_ARGS__})
#endif

#endif
