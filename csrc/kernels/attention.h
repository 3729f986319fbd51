/* attention.h: what attention does to a block of scores. A block is [keys, TG_QUERIES]: a row a key and a column a query, so
 * that maxima and sums over the keys run down the lanes and nothing is ever added across a vector. */
#ifndef R
#define TG_TEXT "attention.h"
#include "real.h"
#else

#define QUERIES for (int q = 0; q < TG_QUERIES; q++)
#define KEYS for (int64_t k = 0; k < keys; k++, s += TG_QUERIES)

/* x = exp(x), x <= 0. On its own: the loops around it are unrolled. */
static __attribute__((noinline)) void F(exp_block)(int64_t n, R *x) {
    for (int64_t i = 0; i < n; i++) x[i] = F(exp_below)(x[i]);
}

/* The scores become exp(score - m), m the largest so far; sum and y [v, queries], made with an older m, are scaled to it. */
static void F(attend)(int64_t keys, int64_t v, R *restrict scores, R *restrict m, R *restrict sum, R *restrict y) {
    R top[TG_QUERIES], old[TG_QUERIES], *s = scores;
    QUERIES top[q] = m[q];
    KEYS QUERIES top[q] = s[q] > top[q] ? s[q] : top[q];
    QUERIES old[q] = m[q], m[q] = top[q];
    QUERIES top[q] = top[q] == -(R)INFINITY ? 0 : top[q];
    QUERIES old[q] = old[q] - top[q];
    s = scores;
    KEYS QUERIES s[q] -= top[q];
    F(exp_block)(TG_QUERIES, old);
    F(exp_block)(keys * TG_QUERIES, scores);
    s = scores;
    QUERIES top[q] = 0;
    KEYS QUERIES top[q] += s[q];
    QUERIES sum[q] = sum[q] * old[q] + top[q];
    for (int64_t i = 0; i < v; i++, y += TG_QUERIES) QUERIES y[q] *= old[q];
}

/* y /= sum, or 0 where nothing was attended to; m becomes the log of the sum of exp(score), infinite there. */
static void F(attend_end)(int64_t v, R *restrict m, const R *restrict sum, R *restrict y) {
    R scale[TG_QUERIES];
    QUERIES scale[q] = sum[q] == 0 ? 0 : 1 / sum[q];
    QUERIES m[q] = sum[q] == 0 ? (R)INFINITY : m[q] + F(log)(sum[q]);
    for (int64_t i = 0; i < v; i++, y += TG_QUERIES) QUERIES y[q] *= scale[q];
}

/* The scores become weights p = exp(score - lse), and g, the gradient of the weights, that of the scores: p (g - dot). */
static void F(attend_grad)(int64_t keys, R *restrict scores, R *restrict g, const R *restrict lse, const R *restrict dot) {
    R *s = scores;
    KEYS QUERIES s[q] -= lse[q];
    F(exp_block)(keys * TG_QUERIES, scores);
    s = scores;
    for (int64_t k = 0; k < keys; k++, s += TG_QUERIES, g += TG_QUERIES) QUERIES g[q] = s[q] * (g[q] - dot[q]);
}

/* dot[q] = sum over i of g[i, q] y[i, q] */
static void F(attend_dot)(int64_t v, const R *restrict g, const R *restrict y, R *restrict dot) {
    R sum[TG_QUERIES] = {0};
    for (int64_t i = 0; i < v; i++, g += TG_QUERIES, y += TG_QUERIES) QUERIES sum[q] += g[q] * y[q];
    QUERIES dot[q] = sum[q];
}

/* Key k is seen by the queries from k - ahead on. */
static void F(attend_causal)(int64_t keys, int64_t ahead, R *restrict s) {
    KEYS QUERIES s[q] = k > q + ahead ? -(R)INFINITY : s[q];
}

/* scores += mask [rows, keys], or minus infinity where a bool mask is false. */
static void F(attend_mask)(int64_t keys, int64_t rows, int is_bool, const void *mask, int64_t rs, int64_t cs, R *restrict s) {
    R m[TG_QUERIES][TG_KEYS] = {{0}};
    for (int64_t q = 0; q < rows; q++) {
        const uint8_t *b = (const uint8_t *)mask + q * rs;
        const R *f = (const R *)mask + q * rs;
        if (is_bool)
            for (int64_t k = 0; k < keys; k++) m[q][k] = b[k * cs] ? 0 : -(R)INFINITY;
        else if (cs == 1)
            memcpy(m[q], f, (size_t)keys * sizeof(R));
        else
            for (int64_t k = 0; k < keys; k++) m[q][k] = f[k * cs];
    }
    KEYS QUERIES s[q] += m[q][k];
}

/* x *= scale */
static void F(attend_scale)(int64_t n, double scale, R *restrict x) {
    for (int64_t i = 0; i < n; i++) x[i] *= (R)scale;
}

#undef QUERIES
#undef KEYS
#endif
