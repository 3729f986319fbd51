/* small.h: products that do not fill a vector, of which a batch has many: no packing, no tile, no edge.
 * 1000 products of 4 x 4 x 4, one thread: 165 us by the five loops, 27 us here. */
#ifndef TG_GEMM_SMALL_H
#define TG_GEMM_SMALL_H

#include "tile.h"

/* The tiles' a * b + c, one rounding where the target has FMA. Said in so many words, because compilers that vectorise the products of
 * this loop over p add them one by one. */
#if defined(__FMA__) || defined(__aarch64__)
#define TG_CHAIN(a, b, c) _Generic(c, float: __builtin_fmaf, double: __builtin_fma)(a, b, c)
#else
#define TG_CHAIN(a, b, c) ((a) * (b) + (c))
#endif

#define TG_SMALL_BODY(T, V)                                                                                           \
    TG_INLINE void small_rows_##V(const int n, int64_t m, int64_t k, const T *a, int64_t als, int64_t aks,            \
                                  const T *b, int64_t bks, T *c, int64_t rs) {                                        \
        for (int64_t i = 0; i < m; i++, a += als, c += rs) {                                                          \
            T s[TG_SMALL] = {0};                                                                                      \
            for (int64_t p = 0; p < k; p++)                                                                           \
                for (int j = 0; j < n; j++) s[j] = TG_CHAIN(a[p * aks], b[p * bks + j], s[j]);                        \
            for (int j = 0; j < n; j++) c[j] = s[j];                                                                  \
        }                                                                                                             \
    }                                                                                                                 \
    static void small_##V(int64_t m, int64_t n, int64_t k, const void *av, int64_t als, int64_t aks, const void *bv,  \
                          int64_t bks, void *cv, int64_t rs) {                                                        \
        const T *a = av, *b = bv;                                                                                     \
        T *c = cv;                                                                                                    \
        switch (n) {                                                                                                  \
            case 2: small_rows_##V(2, m, k, a, als, aks, b, bks, c, rs); break;                                       \
            case 3: small_rows_##V(3, m, k, a, als, aks, b, bks, c, rs); break;                                       \
            case 4: small_rows_##V(4, m, k, a, als, aks, b, bks, c, rs); break;                                       \
            case 8: small_rows_##V(8, m, k, a, als, aks, b, bks, c, rs); break;                                       \
            case 16: small_rows_##V(16, m, k, a, als, aks, b, bks, c, rs); break;                                     \
            default: small_rows_##V((int)n, m, k, a, als, aks, b, bks, c, rs);                                        \
        }                                                                                                             \
    }
TG_SMALL_BODY(float, vf32)
TG_SMALL_BODY(double, vf64)

#endif
