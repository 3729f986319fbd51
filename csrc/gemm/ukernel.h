/* ukernel.h: the register tile, the only place where GEMM multiplies (for pairs of bfloat16: isa/avx512bf16.c).
 *
 *            B: bks from step to step               C: rs from row to row
 *   p = 0    [b b b b b b | b b b b b b]
 *   p = 1    [b b b b b b | b b b b b b]     a(0, p) * b_p  ->  [c c c c c c | c c c c c c]
 *   ...                                      a(1, p) * b_p  ->  [c c c c c c | c c c c c c]
 *   p = k-1  [b b b b b b | b b b b b b]     a(2, p) * b_p  ->  [c c c c c c | c c c c c c]
 *               vector 0      vector 1         ...
 *
 * Element a(i, p) is at a[i * ls + p * aks] and is broadcast, so any strides will do: a packed panel has ls = 1,
 * aks = mr, the rows of a matrix ls = lda, aks = 1, those of a transposed one ls = 1, aks = lda. B is read as vectors.
 *
 * The tile of r rows and v vectors keeps r * v sums in registers during the whole loop over p: with 32 registers 14
 * rows of two vectors (28 sums, 2 of B, 1 broadcast), with 16 registers 6 rows. Every row count has its own function,
 * so that a last panel of few rows wastes nothing; two vectors or one, so that 10 columns cost one vector. Each element
 * of C is one chain of FMAs over p whatever the tile: the bits of C do not depend on where tiles begin.
 * Broadcasts are loads of their own and not operands of the FMA: they are used twice, and 16 loads for 28 FMAs leave
 * the load ports half idle.
 *
 * Past versions, 1024^3 in float32 on one Zen 4 core of 118 GFLOP/s: broadcasts as 0 + x, which is an addition, 98;
 * plain broadcasts 102; kc 512 instead of 384, fewer passes over C, 106. In the second-level cache the tile reaches 115.
 * The tile's rows of C asked for one a step, while it multiplies, and not all at its start, where they kept its own operands
 * waiting: 108; of 256 steps, with a C that leaves the caches, the tile alone makes 113 instead of 107.
 *
 * Packing B as a pass of its own waits for memory: two cores, GFLOP/s at 512^3 and 64 x 4096 x 1024: 206 and 142; packed
 * by the first tile of each panel, which has the time (two loads and stores for 28 FMAs), 212 and 185. */
#ifndef TG_UKERNEL_H
#define TG_UKERNEL_H

#include "tile.h"

#define TG_TILE_MR ((TG_VEC_REGS - 4) / 2)

/* Steps that a tile which reads B from memory asks for in advance. */
#define TG_TILE_AHEAD 24

/* Rows 0..13 from three pointers and the strides ls and 3 ls: x86 addresses base + {1, 2, 4, 8} * stride. */
#define TG_ROW(i) ((i) < 5 ? a0 : (i) < 10 ? a5 : a10)
#define TG_STEP(i) ((i) % 5 == 3 ? ls3 : ((i) % 5) * ls)

#define TG_EACH_SUM                                                                                                   \
    TG_UNROLL for (int i = 0; i < r; i++) TG_UNROLL for (int j = 0; j < v; j++)

/* PLUS(s, x, b): s += x b, element by element. */
#define TG_TILE_BODY(T, V, L, PLUS)                                                                                   \
    TG_INLINE void tile_##V(const int r, const int v, int64_t k, const T *a, int64_t ls, int64_t aks, const T *b,     \
                            int64_t bks, T *c, int64_t rs, int flags, const T *bias, const int copies, T *copy) {     \
        V s[TG_TILE_MR][2];                                                                                           \
        TG_EACH_SUM s[i][j] = (V){0};                                                                                 \
        const T *a0 = a, *a5 = a + 5 * ls, *a10 = a + 10 * ls;                                                        \
        int64_t ls3 = 3 * ls;                                                                                         \
        __asm__("" : "+r"(ls3), "+r"(a5), "+r"(a10));                                                                 \
        const T *soon = c;                                                                                            \
        for (int64_t p = 0; p < k; p++) {                                                                             \
            __builtin_prefetch(soon, 1), __builtin_prefetch(soon + v * L - 1, 1);                                     \
            soon += p < r - 1 ? rs : 0;                                                                               \
            V b0 = V##_load(b), b1 = v > 1 ? V##_load(b + L) : b0;                                                    \
            if (copies) {                                                                                             \
                const T *ahead = b + TG_TILE_AHEAD * bks;                                                             \
                __builtin_prefetch(ahead), __builtin_prefetch(ahead + L), __builtin_prefetch(ahead + 2 * L - 1);      \
                V##_store(copy, b0), V##_store(copy + L, b1);                                                         \
                copy += 2 * L;                                                                                        \
            }                                                                                                         \
            TG_UNROLL for (int i = 0; i < r; i++) {                                                                   \
                V x = V##_set(TG_ROW(i)[TG_STEP(i)]);                                                                 \
                PLUS(s[i][0], x, b0);                                                                                 \
                if (v > 1) PLUS(s[i][1], x, b1);                                                                      \
            }                                                                                                         \
            b += bks, a0 += aks, a5 += aks, a10 += aks;                                                               \
        }                                                                                                             \
        if (flags & TG_TILE_ADD) TG_EACH_SUM s[i][j] += V##_load(c + i * rs + j * L);                                 \
        if (flags & TG_TILE_BIAS_COLUMN) TG_EACH_SUM s[i][j] += V##_load(bias + j * L);                               \
        if (flags & TG_TILE_BIAS_ROW) TG_EACH_SUM s[i][j] += V##_set(bias[i]);                                        \
        if (flags & TG_TILE_RELU) TG_EACH_SUM s[i][j] = V##_positive(s[i][j]);                                        \
        TG_EACH_SUM V##_store(c + i * rs + j * L, s[i][j]);                                                           \
    }

/* max(x, 0) that lets NaN through. */
TG_INLINE vf32 vf32_positive(vf32 x) { return (vf32)((vi32)x & ~(vi32)(x <= vf32_set(0))); }
TG_INLINE vf64 vf64_positive(vf64 x) { return (vf64)((vi64)x & ~(vi64)(x <= vf64_set(0))); }

#define TG_TILE_PLUS(s, x, b) s += x * b
TG_TILE_BODY(float, vf32, VF32, TG_TILE_PLUS)
TG_TILE_BODY(double, vf64, VF64, TG_TILE_PLUS)

#define TG_TILE(V, r, v)                                                                                              \
    static void tile_##V##_##r##x##v(int64_t k, const void *a, int64_t ls, int64_t aks, const void *b, int64_t bks,   \
                                     void *c, int64_t rs, int flags, const void *bias) {                              \
        tile_##V(r, v, k, a, ls, aks, b, bks, c, rs, flags, bias, 0, NULL);                                           \
    }
/* The largest tile, which also writes the B that it reads to a panel. */
#define TG_TILE_COPY(T, V)                                                                                            \
    static void tile_copy_##V(int64_t k, const void *a, int64_t ls, int64_t aks, const void *b, int64_t bks, void *c, \
                              int64_t rs, int flags, const void *bias, void *panel) {                                 \
        tile_##V(TG_TILE_MR, 2, k, a, ls, aks, b, bks, c, rs, flags, bias, 1, panel);                                 \
    }
TG_TILE_COPY(float, vf32)
TG_TILE_COPY(double, vf64)
#define TG_TILE_ROWS_6(X) X(1) X(2) X(3) X(4) X(5) X(6)
#define TG_TILE_ROWS_14(X) TG_TILE_ROWS_6(X) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#if TG_VEC_REGS >= 32
#define TG_TILE_ROWS TG_TILE_ROWS_14
#else
#define TG_TILE_ROWS TG_TILE_ROWS_6
#endif
#define TG_TILES(r) TG_TILE(vf32, r, 1) TG_TILE(vf32, r, 2) TG_TILE(vf64, r, 1) TG_TILE(vf64, r, 2)
TG_TILE_ROWS(TG_TILES)

/* Adds sums t[r][width] (a tile of its own, made with no flags) to the C that is narrower than a vector or strided:
 * the operations, element for element, are those at the end of the tile. */
#define TG_TILE_EDGE(T, V)                                                                                            \
    static void tile_edge_##V(int64_t r, int64_t w, const void *tile, int64_t width, void *out, int64_t rs, int64_t cs,\
                              int flags, const void *biases) {                                                        \
        const T *t = tile, *bias = biases;                                                                            \
        T *c = out;                                                                                                   \
        for (int64_t i = 0; i < r; i++)                                                                               \
            for (int64_t j = 0; j < w; j++) {                                                                         \
                T x = t[i * width + j], *y = c + i * rs + j * cs;                                                     \
                if (flags & TG_TILE_ADD) x = *y + x;                                                                  \
                if (flags & TG_TILE_BIAS_COLUMN) x += bias[j];                                                        \
                if (flags & TG_TILE_BIAS_ROW) x += bias[i];                                                           \
                if (flags & TG_TILE_RELU) x = x <= 0 ? 0 : x;                                                         \
                *y = x;                                                                                               \
            }                                                                                                         \
    }
TG_TILE_EDGE(float, vf32)
TG_TILE_EDGE(double, vf64)

#endif
