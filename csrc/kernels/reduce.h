/* reduce.h: folds of contiguous memory in the accumulator types: float, double, int64_t, and bool's byte (any, all).
 *
 * Both folds are pairwise, so the error of a sum grows with log n, not n, and both depend on n alone: never on threads,
 * nor (but for the FMA of a sum of squares) on the instruction set. */
#ifndef TG_KERNELS_REDUCE_H
#define TG_KERNELS_REDUCE_H

#include "../reduce.h"

#define TG_FOLD_STEP 128  /* rows that are folded in fours, one four after the other, before halves are paired */
#define TG_FOLD_LANES 64  /* a long row is folded as a matrix with so many columns: 4 registers of AVX-512, 16 of SSE2 */

#define TG_PLAIN(a) (a)
#define TG_SQUARE(a) ((a) * (a))
#define TG_FADD(a, b) ((a) + (b))
#define TG_FMUL(a, b) ((a) * (b))
#define TG_IADD(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define TG_IMUL(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))
/* A NaN stays once it is in a, and enters from b. Two selects: compilers vectorise that, not ||. */
#define TG_MAXOF(a, b) ((b) != (b) ? (b) : (b) > (a) ? (b) : (a))
#define TG_MINOF(a, b) ((b) != (b) ? (b) : (b) < (a) ? (b) : (a))

/* name_step: acc[w] = op over the rows of x[rows][w], 1 <= rows <= TG_FOLD_STEP, a row every ld elements; vectorised
 *            across w, so that every column is read in whole cache lines.
 * name_fold: the same for any number of rows, in halves; w <= TG_REDUCE_TILE. name_lanes: the same for w = ld = LANES,
 *            a width that the compiler knows.
 * name_row:  op over x[n], 1 <= n: as a fold of LANES columns (a short row: of its halves), then in halves. */
#define TG_FOLD_TEXT(name, T, OP, PRE)                                                                              \
    TG_INLINE void name##_step(int64_t rows, int64_t w, const T *restrict x, int64_t ld, T *restrict acc) {         \
        for (int64_t j = 0; j < w; j++) acc[j] = PRE(x[j]);                                                         \
        int64_t i = 1;                                                                                              \
        for (; i + 4 <= rows; i += 4) {                                                                             \
            const T *a = x + i * ld, *b = a + ld, *c = b + ld, *d = c + ld;                                         \
            for (int64_t j = 0; j < w; j++) {                                                                       \
                T ab = OP(PRE(a[j]), PRE(b[j])), cd = OP(PRE(c[j]), PRE(d[j])), all = OP(ab, cd);                   \
                acc[j] = OP(acc[j], all);                                                                           \
            }                                                                                                       \
        }                                                                                                           \
        for (; i < rows; i++)                                                                                       \
            for (int64_t j = 0; j < w; j++) acc[j] = OP(acc[j], PRE(x[i * ld + j]));                                \
    }                                                                                                               \
    static void name##_fold(int64_t rows, int64_t w, const T *restrict x, int64_t ld, T *restrict acc) {            \
        if (rows <= TG_FOLD_STEP) {                                                                                 \
            name##_step(rows, w, x, ld, acc);                                                                       \
            return;                                                                                                 \
        }                                                                                                           \
        T half[TG_REDUCE_TILE];                                                                                     \
        int64_t top = (rows / 2 + TG_FOLD_STEP - 1) / TG_FOLD_STEP * TG_FOLD_STEP;                                  \
        name##_fold(top, w, x, ld, acc);                                                                            \
        name##_fold(rows - top, w, x + top * ld, ld, half);                                                         \
        for (int64_t j = 0; j < w; j++) acc[j] = OP(acc[j], half[j]);                                               \
    }                                                                                                               \
    static void name##_lanes(int64_t rows, const T *restrict x, T *restrict acc) {                                  \
        if (rows <= TG_FOLD_STEP) {                                                                                 \
            name##_step(rows, TG_FOLD_LANES, x, TG_FOLD_LANES, acc);                                                \
            return;                                                                                                 \
        }                                                                                                           \
        T half[TG_FOLD_LANES];                                                                                      \
        int64_t top = (rows / 2 + TG_FOLD_STEP - 1) / TG_FOLD_STEP * TG_FOLD_STEP;                                  \
        name##_lanes(top, x, acc);                                                                                  \
        name##_lanes(rows - top, x + top * TG_FOLD_LANES, half);                                                    \
        for (int64_t j = 0; j < TG_FOLD_LANES; j++) acc[j] = OP(acc[j], half[j]);                                   \
    }                                                                                                               \
    static T name##_row(int64_t n, const T *x) {                                                                    \
        if (n == 1) return PRE(x[0]);                                                                               \
        T acc[TG_FOLD_LANES];                                                                                       \
        const int64_t rows = n / TG_FOLD_LANES;                                                                     \
        if (rows) {                                                                                                 \
            name##_lanes(rows, x, acc);                                                                             \
            x += rows * TG_FOLD_LANES, n -= rows * TG_FOLD_LANES;                                                   \
            for (int64_t l = 0; l < n; l++) acc[l] = OP(acc[l], PRE(x[l]));                                         \
            TG_UNROLL for (int h = TG_FOLD_LANES / 2; h; h /= 2)                                                    \
                for (int l = 0; l < h; l++) acc[l] = OP(acc[l], acc[h + l]);                                        \
            return acc[0];                                                                                          \
        }                                                                                                           \
        T few[TG_FOLD_LANES / 2] = {0};                                                                             \
        int64_t m = n / 2;                                                                                          \
        for (int64_t l = 0; l < m; l++) few[l] = OP(PRE(x[l]), PRE(x[m + l]));                                      \
        if (n & 1) few[0] = OP(few[0], PRE(x[2 * m]));                                                              \
        for (int64_t h = m / 2; h; m = h, h /= 2) {                                                                 \
            for (int64_t l = 0; l < h; l++) few[l] = OP(few[l], few[h + l]);                                        \
            if (m & 1) few[0] = OP(few[0], few[m - 1]);                                                             \
        }                                                                                                           \
        return few[0];                                                                                              \
    }

#define TG_FOLD_ROWS(name, T)                                                                                       \
    static void name##_rows(int64_t rows, int64_t n, const T *x, int64_t ld, T *out) {                              \
        for (int64_t i = 0; i < rows; i++) out[i] = name##_row(n, x + i * ld);                                      \
    }
#define TG_FOLD(name, T, OP, PRE) TG_FOLD_TEXT(name, T, OP, PRE) TG_FOLD_ROWS(name, T)

/* The extreme of a long row of floats: the order is free, so a comparison and a select an element, which pass a NaN over,
 * and one test an unordered pair. (With the select of TG_MAXOF 1024 x 1024 took 61 us, so 33.) */
#define TG_EXTREME_BLOCK 512
#define TG_FOLD_EXTREME(name, T, OP, BEATS)                                                                         \
    TG_FOLD_TEXT(name, T, OP, TG_PLAIN)                                                                             \
    static T name##_quick(int64_t n, const T *restrict x) {                                                         \
        T best[64], odd[32];                                                                                        \
        if (n < TG_EXTREME_BLOCK) return name##_row(n, x);                                                          \
        for (int l = 0; l < 64; l++) best[l] = x[l];                                                                \
        for (int l = 0; l < 32; l++) odd[l] = __builtin_isunordered(x[l], x[l + 32]) ? (T)NAN : 0;                  \
        int64_t i = 0;                                                                                              \
        for (; i + TG_EXTREME_BLOCK <= n; i += TG_EXTREME_BLOCK)                                                    \
            for (int l = 0; l < 32; l++) {                                                                          \
                T low = best[l], high = best[l + 32], bad = odd[l];                                                 \
                TG_UNROLL for (int u = 0; u < TG_EXTREME_BLOCK; u += 64) {                                          \
                    const T a = x[i + u + l], b = x[i + u + l + 32];                                                \
                    low = a BEATS low ? a : low;                                                                    \
                    high = b BEATS high ? b : high;                                                                 \
                    bad = __builtin_isunordered(a, b) ? (T)NAN : bad;                                               \
                }                                                                                                   \
                best[l] = low, best[l + 32] = high, odd[l] = bad;                                                   \
            }                                                                                                       \
        T all = name##_row(64, best), bad = sum_##T##_of_odd(odd);                                                  \
        if (i < n) all = OP(all, name##_row(n - i, x + i));                                                         \
        return bad != bad ? bad : all;                                                                              \
    }                                                                                                               \
    static void name##_rows(int64_t rows, int64_t n, const T *x, int64_t ld, T *out) {                              \
        for (int64_t i = 0; i < rows; i++) out[i] = name##_quick(n, x + i * ld);                                    \
    }

TG_INLINE float sum_float_of_odd(const float *odd) {
    float s = 0;
    for (int l = 0; l < 32; l++) s += odd[l];
    return s;
}

TG_INLINE double sum_double_of_odd(const double *odd) {
    double s = 0;
    for (int l = 0; l < 32; l++) s += odd[l];
    return s;
}

TG_FOLD(sum_f32, float, TG_FADD, TG_PLAIN)
TG_FOLD(sum_f64, double, TG_FADD, TG_PLAIN)
TG_FOLD(sum_i64, int64_t, TG_IADD, TG_PLAIN)
TG_FOLD(sumsq_f32, float, TG_FADD, TG_SQUARE)
TG_FOLD(sumsq_f64, double, TG_FADD, TG_SQUARE)
TG_FOLD(prod_f32, float, TG_FMUL, TG_PLAIN)
TG_FOLD(prod_f64, double, TG_FMUL, TG_PLAIN)
TG_FOLD(prod_i64, int64_t, TG_IMUL, TG_PLAIN)
TG_FOLD_EXTREME(max_f32, float, TG_MAXOF, >)
TG_FOLD_EXTREME(max_f64, double, TG_MAXOF, >)
TG_FOLD(max_i64, int64_t, TG_MAXOF, TG_PLAIN)
TG_FOLD_EXTREME(min_f32, float, TG_MINOF, <)
TG_FOLD_EXTREME(min_f64, double, TG_MINOF, <)
TG_FOLD(min_i64, int64_t, TG_MINOF, TG_PLAIN)
TG_FOLD(max_bool, uint8_t, TG_MAXOF, TG_PLAIN)
TG_FOLD(min_bool, uint8_t, TG_MINOF, TG_PLAIN)

#define TG_FOLD_CASES(form)                                                                                         \
    switch (fold * TG_ACCS + acc) {                                                                                       \
        TG_FOLD_CASE(sum, TG_FOLD_SUM, form) TG_FOLD_CASE(prod, TG_FOLD_PROD, form)                                 \
        TG_FOLD_CASE(max, TG_FOLD_MAX, form) TG_FOLD_CASE(min, TG_FOLD_MIN, form)                                   \
        case TG_FOLD_MAX * TG_ACCS + TG_ACC_BOOL: max_bool_##form(rows, n, x, ld, out); break;                      \
        case TG_FOLD_MIN * TG_ACCS + TG_ACC_BOOL: min_bool_##form(rows, n, x, ld, out); break;                      \
        case TG_FOLD_SUMSQ * TG_ACCS + TG_ACC_F32: sumsq_f32_##form(rows, n, x, ld, out); break;                          \
        case TG_FOLD_SUMSQ * TG_ACCS + TG_ACC_F64: sumsq_f64_##form(rows, n, x, ld, out); break;                          \
    }
#define TG_FOLD_CASE(name, code, form)                                                                              \
    case (code) * TG_ACCS + TG_ACC_F32: name##_f32_##form(rows, n, x, ld, out); break;                                    \
    case (code) * TG_ACCS + TG_ACC_F64: name##_f64_##form(rows, n, x, ld, out); break;                                    \
    case (code) * TG_ACCS + TG_ACC_I64: name##_i64_##form(rows, n, x, ld, out); break;

/* out[i] = fold over x[i * ld + 0 .. n) for every row i; x and out of the accumulator type acc. */
static void reduce_rows(int fold, int acc, int64_t rows, int64_t n, const void *x, int64_t ld, void *out) {
    TG_FOLD_CASES(rows)
}

/* out[j] = fold over x[0 .. rows)[j] for every column j < n <= TG_REDUCE_TILE. */
static void reduce_columns(int fold, int acc, int64_t rows, int64_t n, const void *x, int64_t ld, void *out) {
    TG_FOLD_CASES(fold)
}

#undef TG_FOLD_CASES
#undef TG_FOLD_CASE

/* x[i][j] -= c[i] (by row) or c[j] (by column), float or double: what a variance and a logsumexp do first. */
static void reduce_centre(int acc, int by_row, int64_t rows, int64_t n, void *x, const void *c) {
    if (acc == TG_ACC_F32) {
        float *restrict p = x;
        const float *restrict q = c;
        for (int64_t i = 0; i < rows; i++, p += n)
            for (int64_t j = 0; j < n; j++) p[j] -= by_row ? q[i] : q[j];
    } else {
        double *restrict p = x;
        const double *restrict q = c;
        for (int64_t i = 0; i < rows; i++, p += n)
            for (int64_t j = 0; j < n; j++) p[j] -= by_row ? q[i] : q[j];
    }
}

#endif
