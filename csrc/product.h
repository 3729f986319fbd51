/* product.h: a product inside one thread, on operands that lie ready in cache: the register tiles of gemm/ukernel.h without
 * the five loops. Drivers that need many small products of the same matrix (rnn.c, attention.c) arrange it once. */
#ifndef TG_PRODUCT_H
#define TG_PRODUCT_H

#include "kernels/table.h"

static inline int64_t tg_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

/* C (m, n) = A (m, k) @ B (k, n), with the tile's flags. A: any strides. B and C: unit column stride, bks and rs from row to
 * row, and n is a multiple of t->lanes. */
void tg_product(const tg_tiles *t, int64_t m, int64_t n, int64_t k, const char *a, int64_t als, int64_t aks, const char *b,
                int64_t bks, char *c, int64_t rs, int flags, const char *bias);

#endif
