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

#define TG_PANEL(T, V)                                                                                                     \
    static void panel_##V(int64_t k, int64_t lines, const void *from, int64_t ls, int64_t ks, int64_t width, void *to) {   \
        const T *restrict src = from;                                                                                      \
        T *restrict dst = to;                                                                                              \
        for (int64_t p = 0; p < k; p++) {                                                                                  \
            for (int64_t l = 0; l < lines; l++) dst[p * width + l] = src[l * ls + p * ks];                                 \
            for (int64_t l = lines; l < width; l++) dst[p * width + l] = 0;                                                \
        }                                                                                                                  \
    }
TG_PANEL(float, vf32)
TG_PANEL(double, vf64)

#endif
