/* scan.h: what runs along one dimension and remembers where: arg-reductions and cumulative folds, in float, double and
 * int64_t. x[r][w], a row every ld elements, is walked row by row, vectorised across w <= TG_REDUCE_TILE columns; arg-reductions of
 * contiguous rows have ways of their own. */
#ifndef TG_KERNELS_SCAN_H
#define TG_KERNELS_SCAN_H

/* v beats the best so far: it is greater (less), or the first NaN. */
#define TG_GREATER(v, b) ((v) > (b) || ((v) != (v) && (b) == (b)))
#define TG_LESS(v, b) ((v) < (b) || ((v) != (v) && (b) == (b)))

#define TG_PIECE 128  /* elements that are searched together */
/* best[j] = the extreme of column j, at[j] = the first row that has it. */
#define TG_ARG(name, T, BEATS, EXTREME)                                                                                      \
    static void name(int64_t r, int64_t w, const T *x, int64_t ld, T *restrict best, int64_t *restrict at) { \
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
    /* A long row: the extreme first, then the first element that is it, the farthest from the end of a piece. (A look at 64  \
     * elements at a time, then at each of 64: 1024 x 1024 took 1.5 times as long.) */                               \
    static void name##_row(int64_t n, const T *x, T *out, int64_t *where) {                                         \
        const T b = EXTREME(n, x);                                                                                  \
        int64_t i = 0;                                                                                              \
        for (; b == b && i + TG_PIECE <= n; i += TG_PIECE) {                                                        \
            int32_t far = 0;                                                                                        \
            for (int32_t l = 0; l < TG_PIECE; l++) {                                                                \
                const int32_t here = x[i + l] == b ? TG_PIECE - l : 0;                                              \
                far = here > far ? here : far;                                                                      \
            }                                                                                                       \
            if (far) {                                                                                              \
                i += TG_PIECE - far;                                                                                \
                break;                                                                                              \
            }                                                                                                       \
        }                                                                                                           \
        for (; i < n - 1 && x[i] != b && x[i] == x[i]; i++) {}                                                      \
        *out = x[i];                                                                                                \
        *where = i;                                                                                                 \
    }                                                                                                               \
    /* Short rows, 16 at a time: a lane each. */                                                                    \
    static void name##_rows(int64_t rows, int64_t n, const T *x, T *out, int64_t *where) {                          \
        int64_t r = 0;                                                                                              \
        if (n < 2 * TG_FOLD_LANES)                                                                                  \
            for (; r + 16 <= rows; r += 16) {                                                                       \
                T best[16];                                                                                         \
                int32_t at[16] = {0};                                                                               \
                for (int l = 0; l < 16; l++) best[l] = x[(r + l) * n];                                              \
                for (int i = 1; i < n; i++)                                                                         \
                    for (int l = 0; l < 16; l++) {                                                                  \
                        const T v = x[(r + l) * n + i];                                                             \
                        const int wins = BEATS(v, best[l]);                                                         \
                        at[l] = wins ? i : at[l];                                                                   \
                        best[l] = wins ? v : best[l];                                                               \
                    }                                                                                               \
                for (int l = 0; l < 16; l++) out[r + l] = best[l], where[r + l] = at[l];                            \
            }                                                                                                       \
        for (; r < rows; r++) name##_row(n, x + r * n, out + r, where + r);                                         \
    }                                                                                                               \

TG_ARG(argmax_f32, float, TG_GREATER, max_f32_row)
TG_ARG(argmax_f64, double, TG_GREATER, max_f64_row)
TG_ARG(argmax_i64, int64_t, TG_GREATER, max_i64_row)
TG_ARG(argmin_f32, float, TG_LESS, min_f32_row)
TG_ARG(argmin_f64, double, TG_LESS, min_f64_row)
TG_ARG(argmin_i64, int64_t, TG_LESS, min_i64_row)

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

/* Contiguous rows, TG_SCAN_ROWS at a time: one row is a chain of additions, each of which waits for the one before. Cumulative
 * sums along the rows of 1024 x 1024: 530 -> 340 us. More rows, where they are a power of two long, would share too few sets of
 * the first cache. */
#define TG_SCAN_ROWS 4
#define TG_SCAN_BY_ROW(name, T, A, OP, START)                                                                       \
    static void name##_rows(int64_t rows, int64_t n, const T *restrict x, T *restrict y) {                          \
        int64_t r = 0;                                                                                              \
        for (; r + TG_SCAN_ROWS <= rows; r += TG_SCAN_ROWS, x += TG_SCAN_ROWS * n, y += TG_SCAN_ROWS * n) {         \
            A s[TG_SCAN_ROWS];                                                                                      \
            TG_UNROLL for (int l = 0; l < TG_SCAN_ROWS; l++) s[l] = START;                                          \
            for (int64_t i = 0; i < n; i++)                                                                         \
                TG_UNROLL for (int l = 0; l < TG_SCAN_ROWS; l++) s[l] = OP(s[l], x[l * n + i]), y[l * n + i] = (T)s[l]; \
        }                                                                                                           \
        for (; r < rows; r++, x += n, y += n) name(n, 1, x, 1, y);                                                  \
    }

TG_SCAN(cumsum_f32, float, double, TG_FADD, 0)
TG_SCAN(cumsum_f64, double, double, TG_FADD, 0)
TG_SCAN(cumsum_i64, int64_t, int64_t, TG_IADD, 0)
TG_SCAN(cumprod_f32, float, double, TG_FMUL, 1)
TG_SCAN(cumprod_f64, double, double, TG_FMUL, 1)
TG_SCAN(cumprod_i64, int64_t, int64_t, TG_IMUL, 1)
TG_SCAN_BY_ROW(cumsum_f32, float, double, TG_FADD, 0)
TG_SCAN_BY_ROW(cumsum_f64, double, double, TG_FADD, 0)
TG_SCAN_BY_ROW(cumsum_i64, int64_t, int64_t, TG_IADD, 0)
TG_SCAN_BY_ROW(cumprod_f32, float, double, TG_FMUL, 1)
TG_SCAN_BY_ROW(cumprod_f64, double, double, TG_FMUL, 1)
TG_SCAN_BY_ROW(cumprod_i64, int64_t, int64_t, TG_IMUL, 1)

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

#define TG_BY_DTYPE(name, form, ...)                                                                                \
    (dtype == TG_F32   ? name##_f32##form(__VA_ARGS__)                                                              \
     : dtype == TG_F64 ? name##_f64##form(__VA_ARGS__)                                                              \
                       : name##_i64##form(__VA_ARGS__))

/* One tile of enum tg_scan: y and at as tg_scan wants them (arg-reductions: one row, else r rows ld apart). */
static void scan_tile(int scan, int dtype, int64_t r, int64_t w, const void *x, int64_t ld, void *y, int64_t *at) {
    switch (scan) {
        case TG_ARGMAX: TG_BY_DTYPE(argmax, , r, w, x, ld, y, at); break;
        case TG_ARGMIN: TG_BY_DTYPE(argmin, , r, w, x, ld, y, at); break;
        case TG_CUMSUM: TG_BY_DTYPE(cumsum, , r, w, x, ld, y); break;
        case TG_CUMPROD: TG_BY_DTYPE(cumprod, , r, w, x, ld, y); break;
        case TG_CUMMAX: TG_BY_DTYPE(cummax, , r, w, x, ld, y, at); break;
        case TG_CUMMIN: TG_BY_DTYPE(cummin, , r, w, x, ld, y, at); break;
    }
}

/* ARGMAX or ARGMIN of `rows` contiguous rows of n. */
static void arg_rows(int scan, int dtype, int64_t rows, int64_t n, const void *x, void *y, int64_t *at) {
    if (scan == TG_ARGMAX)
        TG_BY_DTYPE(argmax, _rows, rows, n, x, y, at);
    else
        TG_BY_DTYPE(argmin, _rows, rows, n, x, y, at);
}

/* CUMSUM or CUMPROD of `rows` contiguous rows of n. */
static void cumulate_rows(int scan, int dtype, int64_t rows, int64_t n, const void *x, void *y) {
    if (scan == TG_CUMSUM)
        TG_BY_DTYPE(cumsum, _rows, rows, n, x, y);
    else
        TG_BY_DTYPE(cumprod, _rows, rows, n, x, y);
}
#undef TG_BY_DTYPE

#endif
