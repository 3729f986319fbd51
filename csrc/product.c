/* product.c: see product.h. Rows are cut evenly, so that no tile is much smaller than the others. */
#include "product.h"

void tg_product(const tg_tiles *t, int64_t m, int64_t n, int64_t k, const char *a, int64_t als, int64_t aks, const char *b,
                int64_t bks, char *c, int64_t rs, int flags, const char *bias) {
    if (m == 0) return;
    const int64_t panels = (m + t->mr - 1) / t->mr;
    for (int64_t j = 0; j < n; j += t->nr)
        for (int64_t p = 0; p < panels; p++) {
            int64_t i = m * p / panels, rows = m * (p + 1) / panels - i;
            t->tile[rows - 1][n - j > t->lanes](k, a + i * als * t->size, als, aks, b + j * t->size, bks,
                                                c + (i * rs + j) * t->size, rs, flags, bias ? bias + j * t->size : NULL);
        }
}
