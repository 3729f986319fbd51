/* scan.h: what runs along one dimension and remembers where: arg-reductions and cumulative folds, in float, double and
 * int64_t. x[r][w], a row every ld elements, is walked row by row, vectorised across w <= TG_REDUCE_TILE columns; a single
 * long row is walked as a matrix of TG_FOLD_LANES columns where the order allows it. */
#ifndef TG_KERNELS_SCAN_H
#define TG_KERNELS_SCAN_H

/* v beats the best so far: it is greater (less), or the first NaN. */
#define TG_GREATER(v, b) ((v) > (b) || ((v) != (v) && (b) == (b)))
#define TG_LESS(v, b) ((v) < (b) || ((v) != (v) && (b) == (b)))

/* best[j] = the extreme of column j, at[j] = the first row that has it. */
#define TG_ARG(name, T, BEATS)                                                                                      \
    static void name##_columns(int64_t r, int64_t w, const T *x, int64_t ld, T *restrict best, int64_t *restrict at) { \
        for (int64_t j = 0; j < w; j++) best[j] = x[j], at[j] = 0;                                                  \
        for (int64_t i = 1; i < r; i++) {                                                                           \
            const T *row = x + i * ld;                                                                              \
            for (int64_t j = 0; j < w; j++) {                                                                       \
                const int wins = BEATS(row[j], best[j]);                                                            \
                at[j] = wins ? i : at[j];                                                                           \
                best[j] = wins ? row[j] : best[j];                                                                  \
            }                                                                                                       \
        }                                                                                                           \
    }                                                                                                               \
    static void name##_row(int64_t n, const T *x, T *out, int64_t *where) {                                         \
        T best[TG_FOLD_LANES];                                                                                      \
        int64_t at[TG_FOLD_LANES], lanes = n < 4 * TG_FOLD_LANES ? 1 : TG_FOLD_LANES, rows = n / lanes;             \
        name##_columns(rows, lanes, x, lanes, best, at);                                                            \
        T b = best[0];                                                                                              \
        int64_t w = at[0] * lanes;                                                                                  \
        for (int64_t l = 1; l < lanes; l++) {                                                                       \
            const int64_t place = at[l] * lanes + l;                                                                \
            const int same = best[l] == b || (best[l] != best[l] && b != b);                                        \
            if (BEATS(best[l], b) || (same && place < w)) b = best[l], w = place;                                   \
        }                                                                                                           \
        for (int64_t i = rows * lanes; i < n; i++)                                                                  \
            if (BEATS(x[i], b)) b = x[i], w = i;                                                                    \
        *out = b;                                                                                                   \
        *where = w;                                                                                                 \
    }                                                                                                               \
    static void name(int64_t r, int64_t w, const T *x, int64_t ld, T *best, int64_t *at) {                          \
        if (w == 1 && ld == 1)                                                                                      \
            name##_row(r, x, best, at);                                                                             \
        else                                                                                                        \
            name##_columns(r, w, x, ld, best, at);                                                                  \
    }

TG_ARG(argmax_f32, float, TG_GREATER)
TG_ARG(argmax_f64, double, TG_GREATER)
TG_ARG(argmax_i64, int64_t, TG_GREATER)
TG_ARG(argmin_f32, float, TG_LESS)
TG_ARG(argmin_f64, double, TG_LESS)
TG_ARG(argmin_i64, int64_t, TG_LESS)

/* y[i][j] = x[0][j] op ... op x[i][j]; float accumulates in double, as PyTorch does. */
#define TG_SCAN(name, T, A, OP, START)                                                                              \
    static void name(int64_t r, int64_t w, const T *x, int64_t ld, T *restrict y) {                                 \
        A acc[TG_REDUCE_TILE];                                                                                      \
        if (w == 1) {                                                                                               \
            A s = START;                                                                                            \
            for (int64_t i = 0; i < r; i++) s = OP(s, x[i * ld]), y[i * ld] = (T)s;                                 \
            return;                                                                                                 \
        }                                                                                                           \
        for (int64_t j = 0; j < w; j++) acc[j] = START;                                                             \
        for (int64_t i = 0; i < r; i++)                                                                             \
            for (int64_t j = 0; j < w; j++) acc[j] = OP(acc[j], x[i * ld + j]), y[i * ld + j] = (T)acc[j];          \
    }

TG_SCAN(cumsum_f32, float, double, TG_FADD, 0)
TG_SCAN(cumsum_f64, double, double, TG_FADD, 0)
TG_SCAN(cumsum_i64, int64_t, int64_t, TG_IADD, 0)
TG_SCAN(cumprod_f32, float, double, TG_FMUL, 1)
TG_SCAN(cumprod_f64, double, double, TG_FMUL, 1)
TG_SCAN(cumprod_i64, int64_t, int64_t, TG_IMUL, 1)

/* y[i][j] = the extreme of x[0 .. i][j], at[i][j] = the last row that has it; from a NaN on it is NaN. */
#define TG_CUMEXTREME(name, T, NOT_WORSE)                                                                           \
    static void name(int64_t r, int64_t w, const T *x, int64_t ld, T *restrict y, int64_t *restrict at) {           \
        for (int64_t j = 0; j < w; j++) y[j] = x[j], at[j] = 0;                                                     \
        for (int64_t i = 1; i < r; i++)                                                                             \
            for (int64_t j = 0; j < w; j++) {                                                                       \
                const T v = x[i * ld + j], b = y[(i - 1) * ld + j];                                                 \
                const int wins = v NOT_WORSE b || v != v;                                                           \
                y[i * ld + j] = wins ? v : b;                                                                       \
                at[i * ld + j] = wins ? i : at[(i - 1) * ld + j];                                                   \
            }                                                                                                       \
    }

TG_CUMEXTREME(cummax_f32, float, >=)
TG_CUMEXTREME(cummax_f64, double, >=)
TG_CUMEXTREME(cummax_i64, int64_t, >=)
TG_CUMEXTREME(cummin_f32, float, <=)
TG_CUMEXTREME(cummin_f64, double, <=)
TG_CUMEXTREME(cummin_i64, int64_t, <=)

#define TG_BY_DTYPE(name, ...)                                                                                      \
    (dtype == TG_F32 ? name##_f32(__VA_ARGS__) : dtype == TG_F64 ? name##_f64(__VA_ARGS__) : name##_i64(__VA_ARGS__))

/* One tile of enum tg_scan: y and at as tg_scan wants them (arg-reductions: one row, else r rows ld apart). */
static void scan_tile(int scan, int dtype, int64_t r, int64_t w, const void *x, int64_t ld, void *y, int64_t *at) {
    switch (scan) {
        case TG_ARGMAX: TG_BY_DTYPE(argmax, r, w, x, ld, y, at); break;
        case TG_ARGMIN: TG_BY_DTYPE(argmin, r, w, x, ld, y, at); break;
        case TG_CUMSUM: TG_BY_DTYPE(cumsum, r, w, x, ld, y); break;
        case TG_CUMPROD: TG_BY_DTYPE(cumprod, r, w, x, ld, y); break;
        case TG_CUMMAX: TG_BY_DTYPE(cummax, r, w, x, ld, y, at); break;
        case TG_CUMMIN: TG_BY_DTYPE(cummin, r, w, x, ld, y, at); break;
    }
}
#undef TG_BY_DTYPE

#endif
