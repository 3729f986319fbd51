/* reduce.h: folds of contiguous memory in the accumulator types: float, double, int64_t, and bool's byte (any, all).
 *
 * Both folds are pairwise, so the error of a sum grows with log n, not n, and both depend on n alone: never on threads,
 * nor (but for the FMA of a sum of squares) on the instruction set. */
#ifndef TG_KERNELS_REDUCE_H
#define TG_KERNELS_REDUCE_H

#include "../reduce.h"

#define TG_FOLD_STEP 128  /* rows that are folded in fours, one four after the other, before halves are paired */
#define TG_FOLD_LANES 64  /* a long row is folded as a matrix with so many columns (of doubles: half): 4 registers of AVX-512 */
#define TG_LANES_STEP 128 /* rows of that matrix that are folded one after the other */

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
 * name_fold: the same for any number of rows, in halves; w <= TG_REDUCE_TILE.
 * name_few:  op over x[n], 2 <= n, in halves: n <= TG_FOLD_LANES. */
#define TG_FOLD_COLUMNS(name, T, OP, PRE)                                                                           \
    TG_INLINE void name##_step(int64_t rows, int64_t w, const T *restrict x, int64_t ld, T *restrict acc) {         \
        if (name##_narrow(rows, w, x, ld, acc)) return;                                                             \
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
    static T name##_few(int64_t n, const T *x) {                                                                 \
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

/* name_narrow: name_step for a few vectors of columns, one vector after the other down all rows in a register; the last one may
 * overlap the one before. 0 where it is not for so few or so many. 65 rows of 17: 140 -> 70 ns. */
#define TG_NARROW 64
#define TG_FOLD_NARROW(name, T, OP, PRE, V)                                                                         \
    TG_INLINE int name##_narrow(int64_t rows, int64_t w, const T *restrict x, int64_t ld, T *restrict acc) {        \
        enum { VL = sizeof(V) / sizeof(T) };                                                                        \
        if (w < VL || w > TG_NARROW) return 0;                                                                      \
        for (int64_t j = 0; j < w; j += VL) {                                                                       \
            const int64_t at = j + VL <= w ? j : w - VL;                                                            \
            const T *p = x + at;                                                                                    \
            const V first = *(const V##u *)p;                                                                       \
            V s = PRE(first);                                                                                       \
            int64_t i = 1;                                                                                          \
            for (p += ld; i + 4 <= rows; i += 4, p += 4 * ld) {                                                     \
                const V a = *(const V##u *)p, b = *(const V##u *)(p + ld);                                          \
                const V c = *(const V##u *)(p + 2 * ld), d = *(const V##u *)(p + 3 * ld);                           \
                const V ab = OP(PRE(a), PRE(b)), cd = OP(PRE(c), PRE(d)), all = OP(ab, cd);                         \
                s = OP(s, all);                                                                                     \
            }                                                                                                       \
            for (; i < rows; i++, p += ld) {                                                                        \
                const V v = *(const V##u *)p;                                                                       \
                s = OP(s, PRE(v));                                                                                  \
            }                                                                                                       \
            *(V##u *)(acc + at) = s;                                                                                \
        }                                                                                                           \
        return 1;                                                                                                   \
    }
#define TG_NO_NARROW(name, T)                                                                                       \
    TG_INLINE int name##_narrow(int64_t rows, int64_t w, const T *x, int64_t ld, T *acc) {                          \
        (void)rows, (void)w, (void)x, (void)ld, (void)acc;                                                          \
        return 0;                                                                                                   \
    }

/* name_lanes: acc[LANES] = op over the rows of x[rows][LANES], a width that the compiler knows. name_row: op over x[n]. */
#define TG_FOLD_LINES(name, T, LANES, OP, PRE)                                                                      \
    TG_INLINE void name##_lines(int64_t rows, const T *x, T *acc) {                                                 \
        T a[LANES];                                                                                                 \
        for (int l = 0; l < LANES; l++) a[l] = PRE(x[l]);                                                           \
        for (int64_t i = 1; i < rows; i++)                                                                          \
            for (int l = 0; l < LANES; l++) a[l] = OP(a[l], PRE(x[i * LANES + l]));                                 \
        for (int l = 0; l < LANES; l++) acc[l] = a[l];                                                              \
    }                                                                                                               \
    TG_INLINE T name##_all(const T *acc) {                                                                          \
        T a[LANES];                                                                                                 \
        for (int l = 0; l < LANES; l++) a[l] = acc[l];                                                              \
        TG_UNROLL for (int h = LANES / 2; h; h /= 2)                                                                \
            for (int l = 0; l < h; l++) a[l] = OP(a[l], a[h + l]);                                                  \
        return a[0];                                                                                                \
    }

/* The same in vectors V that stay in registers: compilers keep the arrays above in memory. */
#define TG_FOLD_VECTORS(name, T, LANES, OP, PRE, V, I, HALVES)                                                      \
    TG_INLINE void name##_lines(int64_t rows, const T *x, T *acc) {                                                 \
        enum { VL = sizeof(V) / sizeof(T), N = LANES / VL };                                                        \
        V a[N];                                                                                                     \
        TG_UNROLL for (int k = 0; k < N; k++) {                                                                     \
            const V v = *(const V##u *)(x + k * VL);                                                                \
            a[k] = PRE(v);                                                                                          \
        }                                                                                                           \
        for (int64_t i = 1; i < rows; i++) {                                                                        \
            x += LANES;                                                                                             \
            TG_UNROLL for (int k = 0; k < N; k++) {                                                                 \
                const V v = *(const V##u *)(x + k * VL);                                                            \
                a[k] = OP(a[k], PRE(v));                                                                            \
            }                                                                                                       \
        }                                                                                                           \
        TG_UNROLL for (int k = 0; k < N; k++) *(V##u *)(acc + k * VL) = a[k];                                       \
    }                                                                                                               \
    TG_INLINE T name##_all(const T *acc) {                                                                          \
        enum { VL = sizeof(V) / sizeof(T), N = LANES / VL };                                                        \
        V a[N];                                                                                                     \
        TG_UNROLL for (int k = 0; k < N; k++) a[k] = *(const V##u *)(acc + k * VL);                                 \
        TG_UNROLL for (int h = N / 2; h; h /= 2)                                                                    \
            TG_UNROLL for (int k = 0; k < h; k++) a[k] = OP(a[k], a[h + k]);                                        \
        HALVES(a[0], OP, I)                                                                                         \
        return a[0][0];                                                                                             \
    }

/* v = op(v, its upper half in the place of the lower one), down to one lane. */
#define TG_HALF2(v, OP, I) v = OP(v, TG_SHUFFLE(I, v, v, 1, 0));
#define TG_HALF4(v, OP, I) v = OP(v, TG_SHUFFLE(I, v, v, 2, 3, 0, 1)); v = OP(v, TG_SHUFFLE(I, v, v, 1, 0, 3, 2));
#define TG_HALF8(v, OP, I)                                                                                          \
    v = OP(v, TG_SHUFFLE(I, v, v, 4, 5, 6, 7, 0, 1, 2, 3)); v = OP(v, TG_SHUFFLE(I, v, v, 2, 3, 0, 1, 6, 7, 4, 5)); \
    v = OP(v, TG_SHUFFLE(I, v, v, 1, 0, 3, 2, 5, 4, 7, 6));
#define TG_HALF16(v, OP, I)                                                                                         \
    v = OP(v, TG_SHUFFLE(I, v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));                           \
    v = OP(v, TG_SHUFFLE(I, v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));                           \
    v = OP(v, TG_SHUFFLE(I, v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));                           \
    v = OP(v, TG_SHUFFLE(I, v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
#if TG_VEC_BYTES == 64
#define TG_HALVES_f32 TG_HALF16
#define TG_HALVES_f64 TG_HALF8
#elif TG_VEC_BYTES == 32
#define TG_HALVES_f32 TG_HALF8
#define TG_HALVES_f64 TG_HALF4
#else
#define TG_HALVES_f32 TG_HALF4
#define TG_HALVES_f64 TG_HALF2
#endif

/* A row is read once from its start to its end, a line after the other: that is what prefetchers follow. Versions, sum of
 * 16M floats / of 1024 x 1024 along rows:
 *   1. four lines of the matrix added before they meet the accumulators      2.3 ms / 44 us
 *   2. every line straight into the accumulators                             1.2 ms / 32 us
 *   3. 128 rows of the matrix between two halvings, not 32 (memory idles)    1.12 times as fast */
#define TG_FOLD_ROWS(name, T, LANES, OP, PRE)                                                                       \
    static void name##_lanes(int64_t rows, const T *restrict x, T *restrict acc) {                                  \
        if (rows <= TG_LANES_STEP) {                                                                                \
            name##_lines(rows, x, acc);                                                                             \
            return;                                                                                                 \
        }                                                                                                           \
        T half[LANES];                                                                                              \
        int64_t top = (rows / 2 + TG_LANES_STEP - 1) / TG_LANES_STEP * TG_LANES_STEP;                               \
        name##_lanes(top, x, acc);                                                                                  \
        name##_lanes(rows - top, x + top * LANES, half);                                                            \
        for (int64_t j = 0; j < LANES; j++) acc[j] = OP(acc[j], half[j]);                                           \
    }                                                                                                               \
    TG_INLINE T name##_row(int64_t n, const T *x) {                                                                 \
        if (n == 1) return PRE(x[0]);                                                                               \
        if (n < LANES) return name##_few(n, x);                                                                     \
        T acc[LANES];                                                                                               \
        const int64_t rows = n / LANES;                                                                             \
        name##_lanes(rows, x, acc);                                                                                 \
        x += rows * LANES, n -= rows * LANES;                                                                       \
        for (int64_t l = 0; l < n; l++) acc[l] = OP(acc[l], PRE(x[l]));                                             \
        return name##_all(acc);                                                                                     \
    }                                                                                                               \
    static void name##_rows(int64_t rows, int64_t n, const T *x, int64_t ld, T *out) {                              \
        for (int64_t i = 0; i < rows; i++) out[i] = name##_row(n, x + i * ld);                                      \
    }

#define TG_FOLD(name, T, OP, PRE)                                                                                   \
    TG_NO_NARROW(name, T)                                                                                           \
    TG_FOLD_COLUMNS(name, T, OP, PRE)                                                                               \
    TG_FOLD_LINES(name, T, TG_FOLD_LANES, OP, PRE)                                                                  \
    TG_FOLD_ROWS(name, T, TG_FOLD_LANES, OP, PRE)
#define TG_FOLD_F32(name, OP, PRE)                                                                                  \
    TG_FOLD_NARROW(name, float, OP, PRE, vf32)                                                                      \
    TG_FOLD_COLUMNS(name, float, OP, PRE)                                                                           \
    TG_FOLD_VECTORS(name, float, TG_FOLD_LANES, OP, PRE, vf32, vi32, TG_HALVES_f32)                                 \
    TG_FOLD_ROWS(name, float, TG_FOLD_LANES, OP, PRE)
#define TG_FOLD_F64(name, OP, PRE)                                                                                  \
    TG_FOLD_NARROW(name, double, OP, PRE, vf64)                                                                     \
    TG_FOLD_COLUMNS(name, double, OP, PRE)                                                                          \
    TG_FOLD_VECTORS(name, double, 32, OP, PRE, vf64, vi64, TG_HALVES_f64)                            \
    TG_FOLD_ROWS(name, double, 32, OP, PRE)

/* The extreme of a long row of floats: the order is free, so a comparison and a select an element, which pass a NaN over,
 * and one test an unordered pair. (With the select of TG_MAXOF 1024 x 1024 took 61 us, so 33; with sums in halves of what
 * the tests found, not one after the other, 28.) */
#define TG_FOLD_EXTREME(name, T, LANES, OP, BEATS)                                                                  \
    TG_NO_NARROW(name, T)                                                                                           \
    TG_FOLD_COLUMNS(name, T, OP, TG_PLAIN)                                                                          \
    static T name##_row(int64_t n, const T *restrict x) {                                                           \
        T best[LANES], odd[LANES / 2];                                                                              \
        if (n == 1) return x[0];                                                                                    \
        if (n < LANES) return name##_few(n, x);                                                                     \
        for (int l = 0; l < LANES; l++) best[l] = x[l];                                                             \
        for (int l = 0; l < LANES / 2; l++) odd[l] = __builtin_isunordered(x[l], x[l + LANES / 2]) ? (T)NAN : 0;    \
        int64_t i = LANES;                                                                                          \
        for (; i + LANES <= n; i += LANES)                                                                          \
            for (int l = 0; l < LANES / 2; l++) {                                                                   \
                const T a = x[i + l], b = x[i + l + LANES / 2];                                                     \
                best[l] = a BEATS best[l] ? a : best[l];                                                            \
                best[l + LANES / 2] = b BEATS best[l + LANES / 2] ? b : best[l + LANES / 2];                        \
                odd[l] = __builtin_isunordered(a, b) ? (T)NAN : odd[l];                                             \
            }                                                                                                       \
        int bad = 0;                                                                                                \
        for (int64_t l = 0; l < n - i; l++) best[l] = x[i + l] BEATS best[l] ? x[i + l] : best[l];                  \
        for (int64_t l = 0; l < n - i; l++) bad |= x[i + l] != x[i + l];                                            \
        TG_UNROLL for (int h = LANES / 2; h; h /= 2)                                                                \
            for (int l = 0; l < h; l++) best[l] = best[h + l] BEATS best[l] ? best[h + l] : best[l];                \
        TG_UNROLL for (int h = LANES / 4; h; h /= 2)                                                                \
            for (int l = 0; l < h; l++) odd[l] += odd[h + l];                                                       \
        return bad || odd[0] != odd[0] ? (T)NAN : best[0];                                                                \
    }                                                                                                               \
    static void name##_rows(int64_t rows, int64_t n, const T *x, int64_t ld, T *out) {                              \
        for (int64_t i = 0; i < rows; i++) out[i] = name##_row(n, x + i * ld);                                      \
    }

TG_FOLD_F32(sum_f32, TG_FADD, TG_PLAIN)
TG_FOLD_F64(sum_f64, TG_FADD, TG_PLAIN)
TG_FOLD(sum_i64, int64_t, TG_IADD, TG_PLAIN)
TG_FOLD_F32(sumsq_f32, TG_FADD, TG_SQUARE)
TG_FOLD_F64(sumsq_f64, TG_FADD, TG_SQUARE)
TG_FOLD_F32(prod_f32, TG_FMUL, TG_PLAIN)
TG_FOLD_F64(prod_f64, TG_FMUL, TG_PLAIN)
TG_FOLD(prod_i64, int64_t, TG_IMUL, TG_PLAIN)
TG_FOLD_EXTREME(max_f32, float, 64, TG_MAXOF, >)
TG_FOLD_EXTREME(max_f64, double, 32, TG_MAXOF, >)
TG_FOLD(max_i64, int64_t, TG_MAXOF, TG_PLAIN)
TG_FOLD_EXTREME(min_f32, float, 64, TG_MINOF, <)
TG_FOLD_EXTREME(min_f64, double, 32, TG_MINOF, <)
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
