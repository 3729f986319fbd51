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
typedef int32_t vi32u __attribute__((vector_size(TG_VEC_BYTES), aligned(4), may_alias));
typedef int64_t vi64u __attribute__((vector_size(TG_VEC_BYTES), aligned(8), may_alias));

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

/* TG_SHUFFLE(I, a, b, lanes): those lanes of a (0 .. N - 1) and b (N .. 2N - 1); I: the vector of integers of their size. */
#ifdef __clang__
#define TG_SHUFFLE(I, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define TG_SHUFFLE(I, a, b, ...) __builtin_shuffle(a, b, (I){__VA_ARGS__})
#endif
/* a[0] b[0] a[1] b[1] ...: the vector of the lower halves, and that of the upper ones. */
#define TG_ZIP2_LOW 0, 2
#define TG_ZIP2_HIGH 1, 3
#define TG_ZIP4_LOW 0, 4, 1, 5
#define TG_ZIP4_HIGH 2, 6, 3, 7
#define TG_ZIP8_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define TG_ZIP8_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#define TG_ZIP16_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define TG_ZIP16_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31

/* The even lanes of a and b. */
#define TG_EVEN2 0, 2
#define TG_EVEN4 TG_EVEN2, 4, 6
#define TG_EVEN8 TG_EVEN4, 8, 10, 12, 14
#define TG_EVEN16 TG_EVEN8, 16, 18, 20, 22, 24, 26, 28, 30
/* What follows a list's name for vectors of this width. */
#if TG_VEC_BYTES == 64
#define TG_LANES_F32(list, part) list##16##part
#define TG_LANES_F64(list, part) list##8##part
#elif TG_VEC_BYTES == 32
#define TG_LANES_F32(list, part) list##8##part
#define TG_LANES_F64(list, part) list##4##part
#else
#define TG_LANES_F32(list, part) list##4##part
#define TG_LANES_F64(list, part) list##2##part
#endif

/* *p = v past the caches where the target can; p is aligned to the vector. */
#if defined(__clang__)
#define TG_STREAM(p, v) __builtin_nontemporal_store(v, p)
#elif defined(__AVX512F__)
#define TG_STREAM(p, v) __builtin_ia32_movntps512((float *)(p), v)
#elif defined(__AVX__)
#define TG_STREAM(p, v) __builtin_ia32_movntps256((float *)(p), v)
#elif defined(__SSE2__)
#define TG_STREAM(p, v) __builtin_ia32_movntps((float *)(p), v)
#else
#define TG_STREAM(p, v) (*(p) = (v))
#endif

/* Vectors of four on every instruction set. */
typedef int32_t tg_i32x4 __attribute__((vector_size(16)));
typedef int64_t tg_i64x4 __attribute__((vector_size(32)));
#define TG_SHUFFLE4 TG_SHUFFLE

#endif
