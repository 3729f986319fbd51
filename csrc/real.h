/* real.h: how a driver for float32 and float64 calls the kernel of its dtype, and finds its way in untyped memory. */
#ifndef TG_REAL_H
#define TG_REAL_H

#include "kernels/strip.h"
#include "kernels/table.h"
#include "tensorgrad.h"

/* Runs kernel <name>_f32 or <name>_f64; pointers among the arguments are void *. */
#define TG_REAL_CALL(dtype, name, ...) \
    ((dtype) == TG_F32 ? tg_k->name##_f32(__VA_ARGS__) : tg_k->name##_f64(__VA_ARGS__))

/* The address of element i; an absent array (NULL) stays absent. */
static inline void *tg_at(int dtype, const void *p, int64_t i) {
    return p ? (char *)p + i * (dtype == TG_F32 ? 4 : 8) : NULL;
}

static inline double tg_get(int dtype, const void *p, int64_t i) {
    return dtype == TG_F32 ? ((const float *)p)[i] : ((const double *)p)[i];
}

static inline void tg_put(int dtype, void *p, int64_t i, double value) {
    if (dtype == TG_F32)
        ((float *)p)[i] = (float)value;
    else
        ((double *)p)[i] = value;
}

static inline int64_t tg_least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Runs `row` for fixed blocks of rows (the last dim is contiguous: inner = 1) or `col` for strips of columns of
 * [outer, n, inner]. They see: first row and number k of rows, or the strip's first "row" (outer * inner of them) and its k
 * columns; `at`: the element at which their data starts. ns: nanoseconds an element. */
#define TG_OVER_ROWS(outer, n, inner, ns, row, col)                                                     \
    do {                                                                                                \
        if ((inner) == 1) {                                                                             \
            int64_t per_ = 16384 / (n) + 1, blocks_ = ((outer) + per_ - 1) / per_;                      \
            TG_PARALLEL_FOR(b_, blocks_, (double)per_ * (double)(n) * (ns)) {                           \
                int64_t first = b_ * per_, k = tg_least(per_, (outer)-first), at = first * (n);         \
                (void)first, (void)at;                                                                  \
                row;                                                                                    \
            }                                                                                           \
        } else {                                                                                        \
            int64_t strips_ = ((inner) + TG_STRIP - 1) / TG_STRIP;                                      \
            TG_PARALLEL_FOR(b_, (outer) * strips_, (double)(n) * (double)tg_least(inner, TG_STRIP) * (ns)) { \
                int64_t o_ = b_ / strips_, j_ = b_ % strips_ * TG_STRIP, k = tg_least(TG_STRIP, (inner)-j_); \
                int64_t first = o_ * (inner) + j_, at = o_ * (n) * (inner) + j_;                        \
                (void)first, (void)at;                                                                  \
                col;                                                                                    \
            }                                                                                           \
        }                                                                                               \
    } while (0)

#endif
