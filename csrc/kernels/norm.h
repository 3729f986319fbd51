/* norm.h: normalisation. Group norm and its special cases (layer norm: one group, hw = 1; instance norm: one channel a
 * group; RMS norm: not centred) work on rows [cg channels, hw], contiguous; batch norm on one channel over n planes of hw
 * elements, or, where planes are small, on a strip of columns of [n, c * hw].
 *
 * Variances are two passes over what lies in the first cache (mean, then squares about it), and longer runs are joined by
 * Chan's formula: one pass over memory without the cancellation of E x^2 - (E x)^2.
 * Gradients need only sum g and sum g (x - mean) of each channel; the rest is one more line a element. */
#ifndef R
#include "strip.h"
#define TG_TEXT "norm.h"
#include "real.h"
#else

/* Joins (n, mean, m2) of k more elements: m2 is the sum of squares about the mean. */
TG_INLINE void F(join)(double n, R *mean, R *m2, double k, R other, R other2) {
    double d = (double)other - *mean;
    *mean = (R)(*mean + d * (k / (n + k)));
    *m2 = (R)(*m2 + (double)other2 + d * d * (n / (n + k) * k));
}

/* sum of (x[i] - c)^2, and *rest = sum of x[i] - c */
TG_INLINE R F(deviations)(int64_t n, const R *x, R c, R *rest) {
    R a[LANES] = {0}, b[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) {
            R d = x[i + j] - c;
            a[j] += d * d;
            b[j] += d;
        }
    for (int j = 0; j < n - i; j++) {
        R d = x[i + j] - c;
        a[j] += d * d;
        b[j] += d;
    }
    *rest = F(fold)(b);
    return F(fold)(a);
}

/* mean and sum of squares about it of x[0..n); `seen` elements are in *mean, *m2 already. What is left of x about the
 * rounded mean corrects both: the sum of large numbers may be rough. */
TG_INLINE void F(moments)(int64_t seen, int64_t n, const R *x, R *mean, R *m2) {
    for (int64_t at = 0; at < n; at += TG_ROW_BLOCK) {
        int64_t k = n - at < TG_ROW_BLOCK ? n - at : TG_ROW_BLOCK;
        R mu = F(sum)(k, x + at) / (R)k, rest, sq = F(deviations)(k, x + at, mu, &rest);
        sq -= rest * rest / (R)k;
        if (sq < 0) sq = 0;
        mu += rest / (R)k;
        if (seen + at)
            F(join)((double)(seen + at), mean, m2, (double)k, mu, sq);
        else
            *mean = mu, *m2 = sq;
    }
}

/* *sg += sum g, *sgx += sum g (x - mean) */
TG_INLINE void F(grad_sums)(int64_t n, const R *g, const R *x, R mean, R *sg, R *sgx) {
    R a[LANES] = {0}, b[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) {
            a[j] += g[i + j];
            b[j] += g[i + j] * (x[i + j] - mean);
        }
    for (int j = 0; j < n - i; j++) {
        a[j] += g[i + j];
        b[j] += g[i + j] * (x[i + j] - mean);
    }
    *sg += F(fold)(a);
    *sgx += F(fold)(b);
}

/* y = (x - mean) a + b */
TG_INLINE void F(affine)(int64_t n, const R *restrict x, R mean, R a, R b, R *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * a + b;
}

/* The same for an array that does not stay in the cache (TG_STREAM_BYTES): past it, by way of a buffer. */
TG_INLINE void F(affine_streamed)(int64_t n, const R *restrict x, R mean, R a, R b, R *restrict y) {
    R buffer[TG_ROW_BLOCK] __attribute__((aligned(64)));
    for (int64_t i = 0; i < n; i += TG_ROW_BLOCK) {
        const int64_t k = n - i < TG_ROW_BLOCK ? n - i : TG_ROW_BLOCK;
        F(affine)(k, x + i, mean, a, b, buffer);
        stream(k * (int64_t)sizeof(R), (char *)(y + i), (const char *)buffer);
    }
}

/* gx = g a + (x - mean) b + c */
TG_INLINE void F(affine_grad)(int64_t n, const R *restrict g, const R *restrict x, R mean, R a, R b, R c, R *restrict gx) {
    for (int64_t i = 0; i < n; i++) gx[i] = g[i] * a + ((x[i] - mean) * b + c);
}

TG_INLINE void F(affine_grad_streamed)(int64_t n, const R *restrict g, const R *restrict x, R mean, R a, R b, R c,
                                       R *restrict gx) {
    R buffer[TG_ROW_BLOCK] __attribute__((aligned(64)));
    for (int64_t i = 0; i < n; i += TG_ROW_BLOCK) {
        const int64_t k = n - i < TG_ROW_BLOCK ? n - i : TG_ROW_BLOCK;
        F(affine_grad)(k, g + i, x + i, mean, a, b, c, buffer);
        stream(k * (int64_t)sizeof(R), (char *)(gx + i), (const char *)buffer);
    }
}

/* One row x [cg, hw]: y = (x - mean) rstd w + b, with rstd = 1 / sqrt(mean (x - mean)^2 + eps) and w, b [cg]. Not centred:
 * mean = 0. */
static void F(group_norm)(int64_t cg, int64_t hw, int centred, double eps, const R *restrict x, const R *restrict w,
                          const R *restrict b, R *restrict y, R *mean_out, R *rstd_out) {
    int64_t n = cg * hw;
    R mean = 0, m2 = 0;
    if (centred)
        F(moments)(0, n, x, &mean, &m2);
    else
        m2 = F(squares)(n, x, 0);
    R rstd = 1 / F(sqrt)((R)(m2 / (R)n + (R)eps));
    if (hw == 1)
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * rstd * w[i] + b[i];
    else
        for (int64_t c = 0; c < cg; c++) F(affine)(hw, x + c * hw, mean, rstd * w[c], b[c], y + c * hw);
    *mean_out = mean;
    *rstd_out = rstd;
}

/* The gradients of one row: gw += sum_hw g (x - mean) rstd, gb += sum_hw g, and with s = sum_c w gb, t = sum_c w gw / n:
 * gx = w rstd g - rstd s / n - (x - mean) rstd^2 t. */
static void F(group_norm_grad)(int64_t cg, int64_t hw, int centred, const R *restrict g, const R *restrict x,
                               const R *restrict w, const R *mean_in, const R *rstd_in, R *restrict gx, R *restrict gw,
                               R *restrict gb) {
    int64_t n = cg * hw;
    R mean = *mean_in, rstd = *rstd_in, s = 0, t = 0;
    if (hw == 1) {
        R a[LANES] = {0}, d[LANES] = {0};
        int64_t i = 0;
        for (; i + LANES <= n; i += LANES)
            for (int j = 0; j < LANES; j++) {
                R v = g[i + j], h = (x[i + j] - mean) * rstd;
                gb[i + j] += v;
                gw[i + j] += v * h;
                a[j] += v * w[i + j];
                d[j] += v * w[i + j] * h;
            }
        for (int j = 0; j < n - i; j++) {
            R v = g[i + j], h = (x[i + j] - mean) * rstd;
            gb[i + j] += v;
            gw[i + j] += v * h;
            a[j] += v * w[i + j];
            d[j] += v * w[i + j] * h;
        }
        s = F(fold)(a);
        t = F(fold)(d);
    } else {
        for (int64_t c = 0; c < cg; c++) {
            R sg = 0, sgx = 0;
            F(grad_sums)(hw, g + c * hw, x + c * hw, mean, &sg, &sgx);
            gb[c] += sg;
            gw[c] += sgx * rstd;
            s += w[c] * sg;
            t += w[c] * sgx * rstd;
        }
    }
    R k2 = -rstd * rstd * t / (R)n, k3 = centred ? -rstd * s / (R)n : 0;
    if (hw == 1)
        for (int64_t i = 0; i < n; i++) gx[i] = g[i] * w[i] * rstd + ((x[i] - mean) * k2 + k3);
    else
        for (int64_t c = 0; c < cg; c++) F(affine_grad)(hw, g + c * hw, x + c * hw, mean, w[c] * rstd, k2, k3, gx + c * hw);
}

/* y[j] = sum_i x[i * stride + j] for j < n, in the order of i. */
static void F(add_rows)(int64_t rows, int64_t stride, int64_t n, const R *restrict x, R *restrict y) {
    for (int64_t j = 0; j < n; j++) y[j] = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < n; j++) y[j] += x[i * stride + j];
}

/* ---- batch norm: the numbers of one channel ---- */

/* Training: rstd from the moments of m elements, and the running averages (of the unbiased variance, as PyTorch) move by
 * `momentum`. Otherwise mean and rstd come from the running averages. rm, rv may be NULL in training. */
TG_INLINE void F(channel_stats)(int training, double m, double eps, double momentum, R m2, R *mean, R *rstd, R *rm, R *rv) {
    if (!training) {
        *mean = *rm;
        *rstd = 1 / F(sqrt)((R)(*rv + (R)eps));
        return;
    }
    *rstd = (R)(1 / sqrt((double)m2 / m + eps));
    if (rm) *rm = (R)(momentum * *mean + (1 - momentum) * *rm);
    if (rv) *rv = (R)(momentum * (m2 / (m - 1)) + (1 - momentum) * *rv);
}

/* gx = a g + (x - mean) b + c from sg = sum g, sgx = sum g (x - mean) over m elements. */
TG_INLINE void F(channel_slopes)(int training, double m, R w, R rstd, R sg, R sgx, R *a, R *b, R *c) {
    *a = w * rstd;
    *b = training ? (R)(-*a * rstd * rstd * (sgx / m)) : 0;
    *c = training ? (R)(-*a * (sg / m)) : 0;
}

/* One channel: n planes of hw elements, `stride` apart. w, b, rm, rv, mean, rstd: the channel's entries (w, b may be NULL). */
static void F(batch_norm_plane)(int64_t n, int64_t stride, int64_t hw, int training, int streamed, double eps, double momentum,
                                const R *x, const R *w, const R *b, R *rm, R *rv, R *y, R *mean, R *rstd) {
    R m2 = 0;
    if (training)
        for (int64_t i = 0; i < n; i++) F(moments)(i * hw, hw, x + i * stride, mean, &m2);
    F(channel_stats)(training, (double)n * (double)hw, eps, momentum, m2, mean, rstd, rm, rv);
    R a = w ? *w * *rstd : *rstd, c = b ? *b : 0;
    for (int64_t i = 0; i < n; i++)
        if (streamed)
            F(affine_streamed)(hw, x + i * stride, *mean, a, c, y + i * stride);
        else
            F(affine)(hw, x + i * stride, *mean, a, c, y + i * stride);
}

/* gw = sum g (x - mean) rstd, gb = sum g, gx = w rstd (g - [training] (gb + (x - mean) rstd gw) / m). Without training gx needs
 * no sum of the whole channel, and each plane is read once: 32 x 64 x 56 x 56, forward and backward, 5.6 -> 3.8 ms. */
static void F(batch_norm_grad_plane)(int64_t n, int64_t stride, int64_t hw, int training, int streamed, const R *g, const R *x,
                                     const R *w, const R *mean, const R *rstd, R *gx, R *gw, R *gb) {
    R sg = 0, sgx = 0, a, b, c;
    if (training)
        for (int64_t i = 0; i < n; i++) F(grad_sums)(hw, g + i * stride, x + i * stride, *mean, &sg, &sgx);
    F(channel_slopes)(training, (double)n * (double)hw, w ? *w : 1, *rstd, sg, sgx, &a, &b, &c);
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = i * stride;
        if (!training) F(grad_sums)(hw, g + at, x + at, *mean, &sg, &sgx);
        if (streamed)
            F(affine_grad_streamed)(hw, g + at, x + at, *mean, a, b, c, gx + at);
        else
            F(affine_grad)(hw, g + at, x + at, *mean, a, b, c, gx + at);
    }
    *gw = sgx * *rstd;
    *gb = sg;
}

/* Moments of each of `cols` columns. */
TG_INLINE void F(col_moments)(int64_t n, int64_t stride, int64_t cols, const R *restrict x, R *restrict mean,
                              R *restrict m2) {
    int64_t rows = TG_ROW_BLOCK / cols;
    for (int64_t at = 0; at < n; at += rows) {
        int64_t k = n - at < rows ? n - at : rows;
        R mu[TG_STRIP] = {0}, sq[TG_STRIP] = {0}, rest[TG_STRIP] = {0};
        for (int64_t i = at; i < at + k; i++)
            for (int64_t j = 0; j < cols; j++) mu[j] += x[i * stride + j];
        for (int64_t j = 0; j < cols; j++) mu[j] /= (R)k;
        for (int64_t i = at; i < at + k; i++)
            for (int64_t j = 0; j < cols; j++) {
                R d = x[i * stride + j] - mu[j];
                sq[j] += d * d;
                rest[j] += d;
            }
        for (int64_t j = 0; j < cols; j++) {
            sq[j] -= rest[j] * rest[j] / (R)k;
            sq[j] = sq[j] < 0 ? 0 : sq[j];
            mu[j] += rest[j] / (R)k;
        }
        for (int64_t j = 0; j < cols; j++)
            if (at)
                F(join)((double)at, mean + j, m2 + j, (double)k, mu[j], sq[j]);
            else
                mean[j] = mu[j], m2[j] = sq[j];
    }
}

/* The same for small planes, down a strip of `cols` <= TG_STRIP columns of [n, c * hw] that holds whole channels: channel c
 * is columns c * hw .. c * hw + hw - 1, and its numbers stand at w[c] and so on. */
static void F(batch_norm_col)(int64_t n, int64_t stride, int64_t cols, int64_t hw, int training, double eps, double momentum,
                              const R *restrict x, const R *w, const R *b, R *rm, R *rv, R *restrict y, R *mean, R *rstd) {
    R mu[TG_STRIP] = {0}, m2[TG_STRIP] = {0}, a[TG_STRIP], d[TG_STRIP];
    if (training) F(col_moments)(n, stride, cols, x, mu, m2);
    for (int64_t c = 0, j = 0; j < cols; c++, j += hw) {
        for (int64_t i = 1; i < hw; i++) F(join)((double)n * (double)i, mu + j, m2 + j, (double)n, mu[j + i], m2[j + i]);
        mean[c] = mu[j];
        F(channel_stats)(training, (double)n * (double)hw, eps, momentum, m2[j], mean + c, rstd + c, rm ? rm + c : NULL,
                         rv ? rv + c : NULL);
        for (int64_t i = j; i < j + hw; i++) mu[i] = mean[c], a[i] = w ? w[c] * rstd[c] : rstd[c], d[i] = b ? b[c] : 0;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < cols; j++) y[i * stride + j] = (x[i * stride + j] - mu[j]) * a[j] + d[j];
}

static void F(batch_norm_grad_col)(int64_t n, int64_t stride, int64_t cols, int64_t hw, int training, const R *restrict g,
                                   const R *restrict x, const R *w, const R *mean, const R *rstd, R *restrict gx, R *gw,
                                   R *gb) {
    R mu[TG_STRIP], sg[TG_STRIP] = {0}, sgx[TG_STRIP] = {0}, a[TG_STRIP], b[TG_STRIP], d[TG_STRIP];
    for (int64_t j = 0; j < cols; j++) mu[j] = mean[j / hw];
    int64_t rows = TG_ROW_BLOCK / cols;
    for (int64_t at = 0; at < n; at += rows) {  /* a sum of sums keeps the rounding error of a long column small */
        int64_t end = n - at < rows ? n : at + rows;
        R s[TG_STRIP] = {0}, t[TG_STRIP] = {0};
        for (int64_t i = at; i < end; i++)
            for (int64_t j = 0; j < cols; j++) {
                s[j] += g[i * stride + j];
                t[j] += g[i * stride + j] * (x[i * stride + j] - mu[j]);
            }
        for (int64_t j = 0; j < cols; j++) sg[j] += s[j], sgx[j] += t[j];
    }
    for (int64_t c = 0, j = 0; j < cols; c++, j += hw) {
        for (int64_t i = 1; i < hw; i++) sg[j] += sg[j + i], sgx[j] += sgx[j + i];
        gw[c] = sgx[j] * rstd[c];
        gb[c] = sg[j];
        for (int64_t i = j; i < j + hw; i++)
            F(channel_slopes)(training, (double)n * (double)hw, w ? w[c] : 1, rstd[c], gb[c], sgx[j], a + i, b + i, d + i);
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < cols; j++)
            gx[i * stride + j] = g[i * stride + j] * a[j] + ((x[i * stride + j] - mu[j]) * b[j] + d[j]);
}

#endif
