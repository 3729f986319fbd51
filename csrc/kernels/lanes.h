/* lanes.h: sums and maxima of a contiguous row in a fixed order (see real.h), for the kernels of rows, norms and losses. */
#ifndef R
#define TG_TEXT "lanes.h"
#include "real.h"
#else

/* a[0] + ... + a[LANES - 1], in halves. */
TG_INLINE R F(fold)(R *a) {
    for (int w = LANES / 2; w; w /= 2)
        for (int j = 0; j < w; j++) a[j] += a[j + w];
    return a[0];
}

/* Rows of fewer than SHORT elements are added one after the other: their neighbours' additions hide the latency. */
#define SHORT 16

/* sum of x[0..n) */
TG_INLINE R F(sum)(int64_t n, const R *x) {
    R a[LANES] = {0};
    int64_t i = 0;
    if (n < SHORT) {
        for (; i < n; i++) a[0] += x[i];
        return a[0];
    }
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) a[j] += x[i + j];
    for (int j = 0; j < n - i; j++) a[j] += x[i + j];
    return F(fold)(a);
}

/* sum of x[i] * y[i] */
TG_INLINE R F(dot)(int64_t n, const R *x, const R *y) {
    R a[LANES] = {0};
    int64_t i = 0;
    if (n < SHORT) {
        for (; i < n; i++) a[0] += x[i] * y[i];
        return a[0];
    }
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) a[j] += x[i + j] * y[i + j];
    for (int j = 0; j < n - i; j++) a[j] += x[i + j] * y[i + j];
    return F(fold)(a);
}

/* sum of (x[i] - c)^2 */
TG_INLINE R F(squares)(int64_t n, const R *x, R c) {
    R a[LANES] = {0};
    int64_t i = 0;
    if (n < SHORT) {
        for (; i < n; i++) a[0] += (x[i] - c) * (x[i] - c);
        return a[0];
    }
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) a[j] += (x[i + j] - c) * (x[i + j] - c);
    for (int j = 0; j < n - i; j++) a[j] += (x[i + j] - c) * (x[i + j] - c);
    return F(fold)(a);
}

/* the largest element; a NaN is passed over (it comes back when the row is shifted by the maximum) */
TG_INLINE R F(largest)(int64_t n, const R *x) {
    R a[LANES];
    int64_t i = 0;
    for (int j = 0; j < LANES; j++) a[j] = -(R)INFINITY;
    if (n < SHORT) {
        for (; i < n; i++) a[0] = x[i] > a[0] ? x[i] : a[0];
        return a[0];
    }
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) a[j] = x[i + j] > a[j] ? x[i + j] : a[j];
    for (int j = 0; j < n - i; j++) a[j] = x[i + j] > a[j] ? x[i + j] : a[j];
    for (int w = LANES / 2; w; w /= 2)
        for (int j = 0; j < w; j++) a[j] = a[j] > a[j + w] ? a[j] : a[j + w];
    return a[0];
}

#endif
