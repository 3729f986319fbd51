/* pack.h: packing a strided matrix into panels, the layout in which a tile reads its operands with unit stride.
 *
 *   lines 0..W-1 of the operand (rows of A, columns of B)          panel in memory, one step of k after the other
 *
 *        l0   l1  ..  lW-1                                         [ p=0: l0 l1 .. lW-1 ][ p=1: l0 l1 .. lW-1 ] ...
 *   p=0  .    .       .             -->
 *   p=1  .    .       .                                            W = mr for A, nr (or one vector) for B; lines that
 *   ..                                                             the matrix does not have are zeros
 *
 * An operand need not be a matrix in memory: gemm.h's tg_operand may carry a tg_pack_fn, and the five loops call that
 * instead (an image that is packed straight into panels is a convolution without its column matrix). */
#ifndef TG_PACK_H
#define TG_PACK_H

#include "tile.h"

/* A panel is copied vector by vector where the lines lie side by side (ls = 1), and in 4 x 4 blocks where the steps do
 * (ks = 1), 16 steps of a line at a time: one cache line, read once, although lines that are a power of two apart all
 * fall into the same few sets of the cache. The last block of a row steps back so that it ends where the row ends, and
 * writes some elements twice. Blocks of a whole 16 steps without asking where each ends: 21 to 28 GB/s in the cache. */
#define TG_BACK(at, step, end) ((at) + (step) <= (end) ? (at) : (end) - (step))
typedef float tg_f32x4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef double tg_f64x4 __attribute__((vector_size(32), aligned(8), may_alias));

#define TG_PANEL(T, V, L, V4, I4)                                                                                     \
    /* dst[0..4][0..4] = src[0..4][0..4]^T in two rounds of interleaving. */                                          \
    TG_INLINE void transpose4_##V(const T *src, int64_t ls, T *dst, int64_t width) {                                  \
        V4 a = *(const V4 *)src, b = *(const V4 *)(src + ls);                                                         \
        V4 c = *(const V4 *)(src + 2 * ls), d = *(const V4 *)(src + 3 * ls);                                          \
        V4 ab0 = TG_SHUFFLE(I4, a, b, 0, 4, 1, 5), ab1 = TG_SHUFFLE(I4, a, b, 2, 6, 3, 7);                          \
        V4 cd0 = TG_SHUFFLE(I4, c, d, 0, 4, 1, 5), cd1 = TG_SHUFFLE(I4, c, d, 2, 6, 3, 7);                          \
        *(V4 *)dst = TG_SHUFFLE(I4, ab0, cd0, 0, 1, 4, 5);                                                           \
        *(V4 *)(dst + width) = TG_SHUFFLE(I4, ab0, cd0, 2, 3, 6, 7);                                                 \
        *(V4 *)(dst + 2 * width) = TG_SHUFFLE(I4, ab1, cd1, 0, 1, 4, 5);                                             \
        *(V4 *)(dst + 3 * width) = TG_SHUFFLE(I4, ab1, cd1, 2, 3, 6, 7);                                             \
    }                                                                                                                 \
    static void panel_##V(int64_t k, int64_t lines, const void *from, int64_t ls, int64_t ks, int64_t width,          \
                          void *to) {                                                                                 \
        const T *src = from;                                                                                          \
        T *dst = to;                                                                                                  \
        if (ls == 1 && lines >= L) {                                                                                  \
            for (int64_t p = 0; p < k; p++)                                                                           \
                for (int64_t l = 0; l < lines; l += L) {                                                              \
                    int64_t at = TG_BACK(l, L, lines);                                                                \
                    V##_store(dst + p * width + at, V##_load(src + p * ks + at));                                     \
                }                                                                                                     \
        } else if (ls == 1 && lines >= 4) {                                                                           \
            for (int64_t p = 0; p < k; p++)                                                                           \
                for (int64_t l = 0; l < lines; l += 4) {                                                              \
                    int64_t at = TG_BACK(l, 4, lines);                                                                \
                    *(V4 *)(dst + p * width + at) = *(const V4 *)(src + p * ks + at);                                 \
                }                                                                                                     \
        } else if (ks == 1 && lines >= 4 && k >= 4) {                                                                 \
            for (int64_t p0 = 0; p0 < k; p0 += 16)                                                                    \
                for (int64_t l = 0; l < lines; l += 4) {                                                              \
                    int64_t i = TG_BACK(l, 4, lines), steps = k - p0;                                                 \
                    const T *rows = src + i * ls + p0;                                                                \
                    T *out = dst + p0 * width + i;                                                                    \
                    if (steps >= 16)                                                                                  \
                        TG_UNROLL for (int p = 0; p < 16; p += 4) transpose4_##V(rows + p, ls, out + p * width, width); \
                    else                                                                                              \
                        for (int64_t p = 0; p < steps; p += 4) {                                                      \
                            int64_t q = TG_BACK(p0 + p, 4, k) - p0;                                                   \
                            transpose4_##V(rows + q, ls, out + q * width, width);                                     \
                        }                                                                                             \
                }                                                                                                     \
        } else {                                                                                                      \
            for (int64_t p = 0; p < k; p++)                                                                           \
                for (int64_t l = 0; l < lines; l++) dst[p * width + l] = src[l * ls + p * ks];                        \
        }                                                                                                             \
        if (lines < width)                                                                                            \
            for (int64_t p = 0; p < k; p++)                                                                           \
                for (int64_t l = lines; l < width; l++) dst[p * width + l] = 0;                                       \
    }
TG_PANEL(float, vf32, VF32, tg_f32x4, tg_i32x4)
TG_PANEL(double, vf64, VF64, tg_f64x4, tg_i64x4)

#endif
