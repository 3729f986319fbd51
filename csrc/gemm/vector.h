/* vector.h: products of a vector and a matrix. They read every element of the matrix once and are as fast as the
 * memory; no packing, no tile. The order of additions in an element of y does not depend on the piece asked for. */
#ifndef TG_GEMM_VECTOR_H
#define TG_GEMM_VECTOR_H

#include "tile.h"

/* y[l] = sum over p of x[p] * b[l * ls + p] for the `r` lines from b on (steps side by side): two vectors of sums a
 * line, lines together so that x is loaded once for all and the memory has `r` streams to fetch ahead. */
#define TG_VECTOR_DOT(T, V, L)                                                                                        \
    TG_INLINE void vector_dot_##V(const int r, int64_t k, const T *x, const T *b, int64_t ls, T *y) {                 \
        V s[4][2];                                                                                                    \
        int64_t p = 0;                                                                                                \
        TG_UNROLL for (int i = 0; i < r; i++) s[i][0] = s[i][1] = (V){0};                                             \
        for (; p + 2 * L <= k; p += 2 * L) {                                                                          \
            V x0 = V##_load(x + p), x1 = V##_load(x + p + L);                                                         \
            TG_UNROLL for (int i = 0; i < r; i++) {                                                                   \
                s[i][0] += x0 * V##_load(b + i * ls + p);                                                             \
                s[i][1] += x1 * V##_load(b + i * ls + p + L);                                                         \
            }                                                                                                         \
        }                                                                                                             \
        for (int i = 0; i < r; i++) {                                                                                 \
            V v = s[i][0] + s[i][1];                                                                                  \
            T sum = 0;                                                                                                \
            for (int j = 0; j < L; j++) sum += v[j];                                                                  \
            for (int64_t q = p; q < k; q++) sum += x[q] * b[i * ls + q];                                              \
            y[i] = sum;                                                                                               \
        }                                                                                                             \
    }                                                                                                                 \
    static void vector_lines_##V(int64_t k, int64_t n, const void *vector, const void *matrix, int64_t ls,            \
                                 void *out) { \
        const T *x = vector, *b = matrix;                                                                             \
        T *y = out;                                                                                                   \
        int64_t l = 0;                                                                                                \
        for (; l + 4 <= n; l += 4) vector_dot_##V(4, k, x, b + l * ls, ls, y + l);                                    \
        for (; l < n; l++) vector_dot_##V(1, k, x, b + l * ls, ls, y + l);                                            \
    }

/* y[l] = sum over p of x[p * xs] * b[p * ks + l] (lines side by side): one chain of FMAs a line, eight steps of it each
 * time that y, which stays in the first-level cache, is loaded and stored. */
#define TG_VECTOR_ADD(T, V, L)                                                                                        \
    TG_INLINE void vector_add_##V(const int steps, int64_t n, const T *x, int64_t xs, const T *b, int64_t ks, T *y) { \
        int64_t l = 0;                                                                                                \
        for (; l + L <= n; l += L) {                                                                                  \
            V s = V##_load(y + l);                                                                                    \
            TG_UNROLL for (int p = 0; p < steps; p++)                                                                 \
                s += V##_set(x[p * xs]) * V##_load(b + p * ks + l);                                                   \
            V##_store(y + l, s);                                                                                      \
        }                                                                                                             \
        if (l < n) { /* the same operations on a padded copy */                                                       \
            T t[8][L], u[L];                                                                                          \
            memset(t, 0, sizeof t), memset(u, 0, sizeof u);                                                           \
            for (int p = 0; p < steps; p++) memcpy(t[p], b + p * ks + l, (size_t)(n - l) * sizeof(T));                \
            memcpy(u, y + l, (size_t)(n - l) * sizeof(T));                                                            \
            V s = V##_load(u);                                                                                        \
            TG_UNROLL for (int p = 0; p < steps; p++) s += V##_set(x[p * xs]) * V##_load(t[p]);                       \
            V##_store(u, s);                                                                                          \
            memcpy(y + l, u, (size_t)(n - l) * sizeof(T));                                                            \
        }                                                                                                             \
    }                                                                                                                 \
    static void vector_steps_##V(int64_t k, int64_t n, const void *vector, int64_t xs, const void *matrix, int64_t ks,\
                                 void *out) {                                                                         \
        const T *x = vector, *b = matrix;                                                                             \
        T *y = out;                                                                                                   \
        int64_t p = 0;                                                                                                \
        memset(y, 0, (size_t)n * sizeof(T));                                                                          \
        for (; p + 8 <= k; p += 8) vector_add_##V(8, n, x + p * xs, xs, b + p * ks, ks, y);                           \
        for (; p < k; p++) vector_add_##V(1, n, x + p * xs, xs, b + p * ks, ks, y);                                   \
    }

TG_VECTOR_DOT(float, vf32, VF32)
TG_VECTOR_DOT(double, vf64, VF64)
TG_VECTOR_ADD(float, vf32, VF32)
TG_VECTOR_ADD(double, vf64, VF64)

#endif
