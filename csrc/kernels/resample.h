/* resample.h: y[j] = sum of weight[t] * x[place[t]] for start[j] <= t < start[j + 1]: down rows of contiguous images
 * ("plane": x[i] is a run of `inner` elements) and within rows ("row": x[i] is one element). */
#ifndef R
#define TG_TEXT "resample.h"
#include "real.h"
#else

/* Every output has `taps` of them: the compiler sees the number and keeps one loop. */
TG_INLINE void F(resample_row_of)(const int taps, int64_t m, const int64_t *restrict place, const R *restrict weight,
                                  const R *restrict x, R *restrict y) {
    for (int64_t j = 0; j < m; j++) {
        R sum = weight[j * taps] * x[place[j * taps]];
        for (int t = 1; t < taps; t++) sum += weight[j * taps + t] * x[place[j * taps + t]];
        y[j] = sum;
    }
}

static void F(resample_row)(int64_t rows, int64_t n, int64_t m, const int64_t *start, const int64_t *place, const R *weight,
                            const R *x, R *y) {
    int64_t taps = start[m] / m;
    for (int64_t j = 0; j < m; j++) taps = start[j + 1] - start[j] == taps ? taps : 0;
    for (; rows > 0; rows--, x += n, y += m) {
        if (taps == 1)
            F(resample_row_of)(1, m, place, weight, x, y);
        else if (taps == 2)
            F(resample_row_of)(2, m, place, weight, x, y);
        else if (taps == 4)
            F(resample_row_of)(4, m, place, weight, x, y);
        else
            for (int64_t j = 0; j < m; j++) {
                R sum = 0;
                for (int64_t t = start[j]; t < start[j + 1]; t++) sum += weight[t] * x[place[t]];
                y[j] = sum;
            }
    }
}

/* y = the weighted sum of two runs. */
TG_INLINE void F(blend)(int64_t n, R v, const R *restrict a, R w, const R *restrict b, R *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = v * a[i] + w * b[i];
}

TG_INLINE void F(add_scaled)(int64_t n, R w, const R *restrict a, R *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] += w * a[i];
}

static void F(resample_plane)(int64_t m, int64_t inner, const int64_t *start, const int64_t *place, const R *weight,
                              const R *x, R *y) {
    for (int64_t j = 0; j < m; j++, y += inner) {
        int64_t t = start[j];
        const int64_t taps = start[j + 1] - t;
        if (taps == 0)
            memset(y, 0, (size_t)inner * sizeof *y);
        else if (taps == 1)
            for (int64_t i = 0; i < inner; i++) y[i] = weight[t] * x[place[t] * inner + i];
        else
            F(blend)(inner, weight[t], x + place[t] * inner, weight[t + 1], x + place[t + 1] * inner, y);
        for (t += 2; t < start[j + 1]; t++) F(add_scaled)(inner, weight[t], x + place[t] * inner, y);
    }
}

#endif
