/* sample.h: one plane of a tensor read at `taps` weighted places an output, and the two adjoints of that. */
#ifndef R
#define TG_TEXT "sample.h"
#include "real.h"
#else

/* y[q] = sum over t of w[q, t] x[at[q, t]] */
static void F(sample_read)(int64_t n, int64_t taps, const R *restrict w, const int64_t *restrict at, const R *restrict x,
                           R *restrict y) {
    for (int64_t q = 0; q < n; q++, w += taps, at += taps) {
        R sum = 0;
        for (int64_t t = 0; t < taps; t++) sum += w[t] * x[at[t]];
        y[q] = sum;
    }
}

/* x[p] = sum of w[q, t] g[q] over all (q, t) with at[q, t] = p, in their order */
static void F(sample_spread)(int64_t n, int64_t taps, const R *restrict w, const int64_t *restrict at, const R *restrict g,
                             int64_t size, R *restrict x) {
    memset(x, 0, (size_t)size * sizeof *x);
    for (int64_t q = 0; q < n; q++, w += taps, at += taps)
        for (int64_t t = 0; t < taps; t++) x[at[t]] += w[t] * g[q];
}

/* w[q, t] += g[q] x[at[q, t]] */
static void F(sample_dot)(int64_t n, int64_t taps, const int64_t *restrict at, const R *restrict g, const R *restrict x,
                          R *restrict w) {
    for (int64_t q = 0; q < n; q++, w += taps, at += taps)
        for (int64_t t = 0; t < taps; t++) w[t] += g[q] * x[at[t]];
}

#endif
