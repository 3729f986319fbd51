/* rows.h: softmax and log_softmax with their gradients, along contiguous rows ("row": elements of a row side by side)
 * and down columns ("col": element i of column j at x[i * stride + j]).
 *
 * exp is the cost. A long row is one loop of exponentials with their sum; a short one would leave lanes empty, so a
 * group of short rows, shifted by their maxima, is one flat array in the first cache and one loop of exponentials. */
#ifndef R
#include "strip.h"
#define LONG_ROW 64
#define TG_TEXT "rows.h"
#include "real.h"
#else

TG_INLINE void F(exponentials)(int64_t n, R *x) {
    for (int64_t i = 0; i < n; i++) x[i] = F(exp_below)(x[i]);
}

/* sum of exp(x[i] - m); e, where it is not NULL, gets the exponentials. (Prefetching the next row meanwhile was slower.) */
TG_INLINE R F(exp_sum)(int64_t n, const R *x, R m, R *e) {
    R a[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) {
            R v = F(exp_below)(x[i + j] - m);
            if (e) e[i + j] = v;
            a[j] += v;
        }
    for (int j = 0; j < n - i; j++) {
        R v = F(exp_below)(x[i + j] - m);
        if (e) e[i + j] = v;
        a[j] += v;
    }
    return F(fold)(a);
}

/* How many of the next short rows make a group. */
TG_INLINE int64_t F(group)(int64_t rows, int64_t n) {
    int64_t k = TG_ROW_BLOCK / (n ? n : 1);
    if (k > TG_ROW_GROUP) k = TG_ROW_GROUP;
    return k < rows ? k : rows;
}

/* m[r] = max_i x[r, i], s[r] = log sum_i exp(x[r, i] - m[r]); the two together are a logsumexp that keeps the small part
 * of a sum of large numbers. x [rows, n]. */
static void F(lse_row)(int64_t rows, int64_t n, const R *restrict x, R *restrict m, R *restrict s) {
    R e[TG_ROW_BLOCK];
    if (n >= LONG_ROW) {
        for (int64_t r = 0; r < rows; r++, x += n) {
            m[r] = F(largest)(n, x);
            s[r] = F(log)(F(exp_sum)(n, x, m[r], NULL));
        }
        return;
    }
    for (int64_t r = 0, k; r < rows; r += k, x += k * n, m += k, s += k) {
        k = F(group)(rows - r, n);
        for (int64_t i = 0; i < k; i++) {
            m[i] = F(largest)(n, x + i * n);
            for (int64_t j = 0; j < n; j++) e[i * n + j] = x[i * n + j] - m[i];
        }
        F(exponentials)(k * n, e);
        for (int64_t i = 0; i < k; i++) s[i] = F(sum)(n, e + i * n);
        for (int64_t i = 0; i < k; i++) s[i] = F(log)(s[i]);
    }
}

/* y = exp(x - max x) / sum exp(x - max x). x, y [rows, n]. */
static void F(softmax_row)(int64_t rows, int64_t n, const R *restrict x, R *restrict y) {
    if (n >= LONG_ROW) {
        for (int64_t r = 0; r < rows; r++, x += n, y += n) {
            R scale = 1 / F(exp_sum)(n, x, F(largest)(n, x), y);
            for (int64_t j = 0; j < n; j++) y[j] *= scale;
        }
        return;
    }
    for (int64_t r = 0, k; r < rows; r += k, x += k * n, y += k * n) {
        k = F(group)(rows - r, n);
        for (int64_t i = 0; i < k; i++) {
            R m = F(largest)(n, x + i * n);
            for (int64_t j = 0; j < n; j++) y[i * n + j] = x[i * n + j] - m;
        }
        F(exponentials)(k * n, y);
        for (int64_t i = 0; i < k; i++) {
            R scale = 1 / F(sum)(n, y + i * n);
            for (int64_t j = 0; j < n; j++) y[i * n + j] *= scale;
        }
    }
}

/* y = x - max x - log sum exp(x - max x). x, y [rows, n]. */
static void F(log_softmax_row)(int64_t rows, int64_t n, const R *restrict x, R *restrict y) {
    R m[TG_ROW_GROUP], s[TG_ROW_GROUP];
    for (int64_t r = 0, k; r < rows; r += k, x += k * n, y += k * n) {
        k = n >= LONG_ROW ? 1 : F(group)(rows - r, n);
        F(lse_row)(k, n, x, m, s);
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = 0; j < n; j++) y[i * n + j] = x[i * n + j] - m[i] - s[i];
    }
}

/* gx = y (g - sum_i g_i y_i), y = softmax(x). All [rows, n]. */
static void F(softmax_grad_row)(int64_t rows, int64_t n, const R *restrict g, const R *restrict y, R *restrict gx) {
    for (int64_t r = 0; r < rows; r++, g += n, y += n, gx += n) {
        R s = F(dot)(n, g, y);
        for (int64_t j = 0; j < n; j++) gx[j] = y[j] * (g[j] - s);
    }
}

/* gx = g - exp(y) sum_i g_i, y = log_softmax(x). All [rows, n]. */
static void F(log_softmax_grad_row)(int64_t rows, int64_t n, const R *restrict g, const R *restrict y, R *restrict gx) {
    if (n >= LONG_ROW) {
        for (int64_t r = 0; r < rows; r++, g += n, y += n, gx += n) {
            R s = F(sum)(n, g);
            for (int64_t j = 0; j < n; j++) gx[j] = g[j] - F(exp_below)(y[j]) * s;
        }
        return;
    }
    for (int64_t r = 0, k; r < rows; r += k, g += k * n, y += k * n, gx += k * n) {
        k = F(group)(rows - r, n);
        for (int64_t j = 0; j < k * n; j++) gx[j] = F(exp_below)(y[j]);
        for (int64_t i = 0; i < k; i++) {
            R s = F(sum)(n, g + i * n);
            for (int64_t j = 0; j < n; j++) gx[i * n + j] = g[i * n + j] - gx[i * n + j] * s;
        }
    }
}

/* ---- down a strip of `cols` <= TG_STRIP columns; sums are sums of blocks of rows, so that a long column loses little ---- */

/* e[i, j] = exp(x[i, j] - m[j] - s[j]) for k rows of a strip, packed. */
TG_INLINE void F(exp_strip)(int64_t k, int64_t stride, int64_t cols, const R *x, const R *m, const R *s, R *restrict e) {
    for (int64_t i = 0; i < k; i++)
        for (int64_t j = 0; j < cols; j++) e[i * cols + j] = x[i * stride + j] - m[j] - s[j];
    F(exponentials)(k * cols, e);
}

/* m[j] = max_i x[i, j] */
TG_INLINE void F(largest_col)(int64_t n, int64_t stride, int64_t cols, const R *restrict x, R *restrict m) {
    for (int64_t j = 0; j < cols; j++) m[j] = -(R)INFINITY;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < cols; j++) m[j] = x[i * stride + j] > m[j] ? x[i * stride + j] : m[j];
}

/* s[j] += sum over k packed rows */
TG_INLINE void F(add_strip)(int64_t k, int64_t cols, const R *restrict e, R *restrict s) {
    R part[TG_STRIP] = {0};
    for (int64_t i = 0; i < k; i++)
        for (int64_t j = 0; j < cols; j++) part[j] += e[i * cols + j];
    for (int64_t j = 0; j < cols; j++) s[j] += part[j];
}

static void F(lse_col)(int64_t n, int64_t stride, int64_t cols, const R *restrict x, R *restrict m, R *restrict s) {
    R e[TG_ROW_BLOCK], none[TG_STRIP] = {0};
    int64_t rows = TG_ROW_BLOCK / cols;
    F(largest_col)(n, stride, cols, x, m);
    for (int64_t j = 0; j < cols; j++) s[j] = 0;
    for (int64_t i = 0, k; i < n; i += k) {
        k = n - i < rows ? n - i : rows;
        F(exp_strip)(k, stride, cols, x + i * stride, m, none, e);
        F(add_strip)(k, cols, e, s);
    }
    for (int64_t j = 0; j < cols; j++) s[j] = F(log)(s[j]);
}

static void F(softmax_col)(int64_t n, int64_t stride, int64_t cols, const R *restrict x, R *restrict y) {
    R e[TG_ROW_BLOCK], m[TG_STRIP], s[TG_STRIP] = {0}, none[TG_STRIP] = {0};
    int64_t rows = TG_ROW_BLOCK / cols;
    F(largest_col)(n, stride, cols, x, m);
    for (int64_t i = 0, k; i < n; i += k) {
        k = n - i < rows ? n - i : rows;
        F(exp_strip)(k, stride, cols, x + i * stride, m, none, e);
        F(add_strip)(k, cols, e, s);
        for (int64_t a = 0; a < k; a++)
            for (int64_t j = 0; j < cols; j++) y[(i + a) * stride + j] = e[a * cols + j];
    }
    for (int64_t j = 0; j < cols; j++) s[j] = 1 / s[j];
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < cols; j++) y[i * stride + j] *= s[j];
}

static void F(log_softmax_col)(int64_t n, int64_t stride, int64_t cols, const R *restrict x, R *restrict y) {
    R m[TG_STRIP], s[TG_STRIP];
    F(lse_col)(n, stride, cols, x, m, s);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < cols; j++) y[i * stride + j] = x[i * stride + j] - m[j] - s[j];
}

static void F(softmax_grad_col)(int64_t n, int64_t stride, int64_t cols, const R *restrict g, const R *restrict y,
                                R *restrict gx) {
    R s[TG_STRIP] = {0};
    int64_t rows = TG_ROW_BLOCK / cols;
    for (int64_t i = 0, end; i < n; i = end) {
        R part[TG_STRIP] = {0};
        for (end = n - i < rows ? n : i + rows; i < end; i++)
            for (int64_t j = 0; j < cols; j++) part[j] += g[i * stride + j] * y[i * stride + j];
        for (int64_t j = 0; j < cols; j++) s[j] += part[j];
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < cols; j++) gx[i * stride + j] = y[i * stride + j] * (g[i * stride + j] - s[j]);
}

static void F(log_softmax_grad_col)(int64_t n, int64_t stride, int64_t cols, const R *restrict g, const R *restrict y,
                                    R *restrict gx) {
    R e[TG_ROW_BLOCK], s[TG_STRIP] = {0}, none[TG_STRIP] = {0};
    int64_t rows = TG_ROW_BLOCK / cols;
    for (int64_t i = 0, end; i < n; i = end) {
        R part[TG_STRIP] = {0};
        for (end = n - i < rows ? n : i + rows; i < end; i++)
            for (int64_t j = 0; j < cols; j++) part[j] += g[i * stride + j];
        for (int64_t j = 0; j < cols; j++) s[j] += part[j];
    }
    for (int64_t i = 0, k; i < n; i += k) {
        k = n - i < rows ? n - i : rows;
        F(exp_strip)(k, stride, cols, y + i * stride, none, none, e);
        for (int64_t a = 0; a < k; a++)
            for (int64_t j = 0; j < cols; j++)
                gx[(i + a) * stride + j] = g[(i + a) * stride + j] - e[a * cols + j] * s[j];
    }
}

/* y = x * (mask ? 1 / keep : 0) */
static void F(dropout)(int64_t n, double keep, const R *restrict x, const uint8_t *restrict mask, R *restrict y) {
    R scale = 1 / (R)keep;
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * (mask[i] ? scale : 0);
}

#endif
