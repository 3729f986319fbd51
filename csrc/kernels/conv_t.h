/* conv_t.h: convolution kernels for elements T in vectors V of VL lanes; see ../conv.h for lattice and runs. */

/* Tiles are TG_CONV_MR rows by 3 vectors: as many accumulators as the registers hold beside 3 operands and a broadcast.
 */
#define TG_CONV_NV 3
#define TG_CONV_MR (TG_VEC_REGS >= 32 ? 8 : 4)

/* dst[l] = x[start + l * stride], or 0 where that index is outside [0, in). */
TG_INLINE void NAME(line)(const T *x, int64_t in, int64_t start, int64_t stride, int64_t len, T *dst) {
    int64_t lo = 0, hi = len;
    if (stride == 1) {
        if (start < 0) lo = -start < len ? -start : len;
        if (start + len > in) hi = in - start;
    } else {
        if (start < 0) lo = (stride - 1 - start) / stride < len ? (stride - 1 - start) / stride : len;
        if (start + (len - 1) * stride >= in) hi = in > start ? (in - start + stride - 1) / stride : 0;
    }
    if (hi < lo) hi = lo;
    for (int64_t l = 0; l < lo; l++) dst[l] = 0;
    if (stride == 1)
        for (int64_t l = lo; l < hi; l++) dst[l] = x[start + l];
    else if (stride == 2)
        for (int64_t l = lo; l < hi; l++) dst[l] = x[start + l * 2];
    else
        for (int64_t l = lo; l < hi; l++) dst[l] = x[start + l * stride];
    for (int64_t l = hi; l < len; l++) dst[l] = 0;
}

/* The lattice of outputs (od, row .. row + rows) for `channels` channels of x [channels, in]. One pass over memory. */
static void NAME(conv_lattice)(const tg_corr *q, const tg_conv_lattice *g, int64_t od, int64_t row, int64_t rows,
                               int64_t channels, const void *xv, void *out) {
    const tg_axis *a = q->axis, *d = a, *h = a + 1, *w = a + 2;
    int64_t height = rows + h->span;
    for (int64_t c = 0; c < channels; c++) {
        T *dst = (T *)out + c * g->channel;
        const T *x = (const T *)xv + c * q->x_plane;
        for (int64_t f0 = 0; f0 < d->phases; f0++)
            for (int64_t f1 = 0; f1 < h->phases; f1++)
                for (int64_t f2 = 0; f2 < w->phases; f2++, dst += g->plane) {
                    int64_t start = w->base * w->stride + tg_modulo(w->off[f2], w->stride);
                    int64_t r0 = tg_modulo(d->off[f0], d->stride), r1 = tg_modulo(h->off[f1], h->stride);
                    int whole = w->stride == 1 && h->stride == 1 && start == 0 && g->pitch == w->in;
                    for (int64_t l0 = 0; l0 < g->depth; l0++) {
                        int64_t i0 = (od + l0 + d->base) * d->stride + r0;
                        int64_t i1 = (row + h->base) * h->stride + r1;
                        T *to = dst + l0 * g->height * g->pitch;
                        if (i0 >= 0 && i0 < d->in && whole && i1 >= 0 && i1 + height <= h->in) {
                            memcpy(to, x + (i0 * h->in + i1) * w->in, (size_t)(height * g->pitch) * sizeof(T));
                            continue;
                        }
                        for (int64_t l1 = 0; l1 < height; l1++, i1 += h->stride, to += g->pitch)
                            if (i0 < 0 || i0 >= d->in || i1 < 0 || i1 >= h->in)
                                memset(to, 0, (size_t)g->pitch * sizeof(T));
                            else
                                NAME(line)(x + (i0 * h->in + i1) * w->in, w->in, start, w->stride, g->pitch, to);
                    }
                }
    }
}

/* Rows k0 .. k0 + kn of the im2col matrix for the outputs in `runs`, `pitch` apart: gathered straight from the image x
 * of group 0's first channel (x_image elements from image to image). The columns after the last run are zero. */
static void NAME(conv_gather)(const tg_corr *q, const tg_run *runs, int64_t n_runs, int64_t k0, int64_t kn,
                              int64_t x_image, const void *xv, int64_t pitch, void *out) {
    const tg_axis *d = q->axis, *h = d + 1, *w = d + 2;
    int64_t t2 = k0 % w->taps, t1 = k0 / w->taps % h->taps, t0 = k0 / (w->taps * h->taps) % d->taps, c = k0 / q->taps;
    T *dst = out;
    for (int64_t k = 0; k < kn; k++, dst += pitch) {
        const T *x = (const T *)xv + c * q->x_plane;
        int64_t j = 0;
        for (int64_t i = 0; i < n_runs; j += runs[i++].len) {
            const tg_run *r = runs + i;
            int64_t i0 = r->o0 * d->stride + d->off[t0], i1 = r->o1 * h->stride + h->off[t1];
            if (i0 < 0 || i0 >= d->in || i1 < 0 || i1 >= h->in)
                for (int64_t l = 0; l < r->len; l++) dst[j + l] = 0;
            else
                NAME(line)
                (x + r->n * x_image + (i0 * h->in + i1) * w->in, w->in, r->o2 * w->stride + w->off[t2], w->stride,
                 r->len, dst + j);
        }
        for (; j < pitch; j++) dst[j] = 0;
        if (++t2 < w->taps) continue;
        t2 = 0;
        if (++t1 < h->taps) continue;
        t1 = 0;
        if (++t0 < d->taps) continue;
        t0 = 0;
        c++;
    }
}

/* Weights of rows m .. m + mr as a panel [k, mr]. */
static void NAME(conv_pack)(const tg_corr *q, int64_t mr, const void *wv, void *out) {
    const tg_axis *d = q->axis, *h = d + 1, *w = d + 2;
    T *dst = out;
    for (int64_t c = 0; c < q->c; c++)
        for (int64_t t0 = 0; t0 < d->taps; t0++)
            for (int64_t t1 = 0; t1 < h->taps; t1++)
                for (int64_t t2 = 0; t2 < w->taps; t2++) {
                    const T *src = (const T *)wv + c * q->w_channel + d->index[t0] + h->index[t1] + w->index[t2];
                    for (int64_t r = 0; r < mr; r++) *dst++ = src[r * q->w_row];
                }
}

/* c[r, j] = bias[r] (or c[r, j] where bias is NULL) + sum over k of a[k, r] * b[off[k] + j], j < 3 VL.
 * Each k: R broadcasts, 3 loads (at any alignment) and 3 R fused multiply-adds into registers. */
TG_INLINE void NAME(tile_rows)(const int R, int64_t k, const T *restrict a, const T *restrict b,
                               const int64_t *restrict off, const T *restrict bias, T *restrict c, int64_t ldc) {
    V acc[8][TG_CONV_NV];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 3
        for (int v = 0; v < TG_CONV_NV; v++) acc[r][v] = bias ? (V){0} + bias[r] : LOAD(c + r * ldc + v * VL);
    for (; k > 0; k--, a += R) {
        const T *p = b + *off++;
        V b0 = LOAD(p), b1 = LOAD(p + VL), b2 = LOAD(p + 2 * VL);
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) {
            V s = (V){0} + a[r];
            acc[r][0] += s * b0;
            acc[r][1] += s * b1;
            acc[r][2] += s * b2;
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 3
        for (int v = 0; v < TG_CONV_NV; v++) *(VU *)(c + r * ldc + v * VL) = acc[r][v];
}

static void NAME(conv_tile)(int64_t mr, int64_t k, const void *a, const void *b, const int64_t *off, const void *bias,
                            void *c, int64_t ldc) {
    switch (mr) {
#if TG_CONV_MR == 8
        case 8:
            NAME(tile_rows)(8, k, a, b, off, bias, c, ldc);
            break;
#endif
        case 4:
            NAME(tile_rows)(4, k, a, b, off, bias, c, ldc);
            break;
        case 2:
            NAME(tile_rows)(2, k, a, b, off, bias, c, ldc);
            break;
        default:
            NAME(tile_rows)(1, k, a, b, off, bias, c, ldc);
    }
}

/* out[r, v VL + i] += sum over (row, col) of x[off[r] + row * pitch + col] * g[row * cols + col, v VL + i], r < R.
 * The weight gradient with vectors over output channels: x is broadcast from the lattice, g is a panel of gy transposed
 * to [pixel, VN * VL]. The sum of one call starts at 0 in registers. */
TG_INLINE void NAME(outer_rows)(const int R, const int VN, int64_t rows, int64_t cols, int64_t pitch,
                                const T *restrict x, const int64_t *restrict off, const T *restrict g,
                                T *restrict out) {
    V acc[8][3];
    const T *p[8];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
        p[r] = x + off[r];
#pragma GCC unroll 3
        for (int v = 0; v < VN; v++) acc[r][v] = (V){0};
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = i * pitch; j < i * pitch + cols; j++, g += VN * VL) {
            V b0 = LOAD(g), b1 = VN > 1 ? LOAD(g + VL) : b0, b2 = VN > 2 ? LOAD(g + 2 * VL) : b0;
#pragma GCC unroll 8
            for (int r = 0; r < R; r++) {
                V s = (V){0} + p[r][j];
                acc[r][0] += s * b0;
                if (VN > 1) acc[r][1] += s * b1;
                if (VN > 2) acc[r][2] += s * b2;
            }
        }
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 3
        for (int v = 0; v < VN; v++) *(VU *)(out + (r * VN + v) * VL) += acc[r][v];
}

#define TG_OUTER(R)                                                                                 \
    if (vn == 1)                                                                                    \
        NAME(outer_rows)(R, 1, rows, cols, pitch, x, off, g, out);                                  \
    else if (vn == 2)                                                                               \
        NAME(outer_rows)(TG_VEC_REGS >= 32 || R < 8 ? R : 4, 2, rows, cols, pitch, x, off, g, out); \
    else                                                                                            \
        NAME(outer_rows)(TG_VEC_REGS >= 32 || R < 8 ? R : 4, 3, rows, cols, pitch, x, off, g, out)

/* All taps of one panel: out [k, vn * VL]. Eight taps at a time where the accumulators fit, then 4, 2, 1. */
static void NAME(conv_outer)(int64_t vn, int64_t k, int64_t rows, int64_t cols, int64_t pitch, const void *xv,
                             const int64_t *off, const void *gv, void *outv) {
    const T *x = xv, *g = gv;
    T *out = outv;
    while (k) {
        int64_t r = k >= 8 && (TG_VEC_REGS >= 32 || vn == 1) ? 8 : k >= 4 ? 4 : k >= 2 ? 2 : 1;
        switch (r) {
            case 8:
                TG_OUTER(8);
                break;
            case 4:
                TG_OUTER(4);
                break;
            case 2:
                TG_OUTER(2);
                break;
            default:
                TG_OUTER(1);
        }
        out += r * vn * VL;
        off += r;
        k -= r;
    }
}
#undef TG_OUTER

/* out [cols, width] = the transpose of g [channels, cols] (rows ldg apart), zeros in columns channels .. width. */
static void NAME(conv_turn)(int64_t channels, int64_t cols, int64_t ldg, int64_t width, const void *gv, void *outv) {
    const T *g = gv;
    T *out = outv;
    for (int64_t j = 0; j < cols; j++, out += width) {
        for (int64_t c = 0; c < channels; c++) out[c] = g[c * ldg + j];
        for (int64_t c = channels; c < width; c++) out[c] = 0;
    }
}

/* out[r, s, lane] += sum over (row, col) of g[r, row, col] * x[off[s] + row * pitch + col], r < R, s < S, col = lane
 * modulo VL. The weight gradient with vectors over pixels, for few output channels. Rows of g are padded to `padded` (a
 * multiple of VL) elements; the lanes of x beyond `cols` are masked, for 0 * inf is not 0. */
TG_INLINE void NAME(dot_rows)(const int R, const int S, int64_t rows, int64_t cols, int64_t padded, int64_t pitch,
                              const T *restrict x, const int64_t *restrict off, const T *restrict g, T *restrict out,
                              int64_t ldo) {
    V acc[4][6];
    const T *p[6];
    VI mask;
    for (int i = 0; i < VL; i++) mask[i] = padded - VL + i < cols ? -1 : 0;
#pragma GCC unroll 6
    for (int s = 0; s < S; s++) p[s] = x + off[s];
#pragma GCC unroll 4
    for (int r = 0; r < R; r++)
#pragma GCC unroll 6
        for (int s = 0; s < S; s++) acc[r][s] = LOAD(out + r * ldo + s * VL);
    for (int64_t i = 0; i < rows; i++) {
        const T *gr = g + i * padded;
        int64_t at = i * pitch, j = 0;
        for (; j < padded - VL; j += VL)
#pragma GCC unroll 6
            for (int s = 0; s < S; s++) {
                V b = LOAD(p[s] + at + j);
#pragma GCC unroll 4
                for (int r = 0; r < R; r++) acc[r][s] += LOAD(gr + r * rows * padded + j) * b;
            }
#pragma GCC unroll 6
        for (int s = 0; s < S; s++) {
            V b = (V)((VI)LOAD(p[s] + at + j) & mask);
#pragma GCC unroll 4
            for (int r = 0; r < R; r++) acc[r][s] += LOAD(gr + r * rows * padded + j) * b;
        }
    }
#pragma GCC unroll 4
    for (int r = 0; r < R; r++)
#pragma GCC unroll 6
        for (int s = 0; s < S; s++) *(VU *)(out + r * ldo + s * VL) = acc[r][s];
}

#define TG_DOT(R, S) \
    NAME(dot_rows)(R, S, rows, cols, padded, pitch, x, off + s, g + c * rows * padded, out + (c * k + s) * VL, k * VL)

/* out [channels, k, VL] += the products of all channels of g [channels, rows, padded] with all taps. */
static void NAME(conv_dot)(int64_t channels, int64_t k, int64_t rows, int64_t cols, int64_t padded, int64_t pitch,
                           const void *xv, const int64_t *off, const void *gv, void *outv) {
    const T *x = xv, *g = gv;
    T *out = outv;
    for (int64_t c = 0, r; c < channels; c += r) {
        r = channels - c >= 4 && TG_VEC_REGS >= 32 ? 4 : channels - c >= 2 ? 2 : 1;
        for (int64_t s = 0, n; s < k; s += n) {
            n = k - s >= 6 ? 6 : k - s >= 3 ? 3 : 1;
            if (r == 4) {
                if (n == 6)
                    TG_DOT(TG_VEC_REGS >= 32 ? 4 : 2, 6);
                else if (n == 3)
                    TG_DOT(4, 3);
                else
                    TG_DOT(4, 1);
            } else if (r == 2) {
                if (n == 6)
                    TG_DOT(2, 6);
                else if (n == 3)
                    TG_DOT(2, 3);
                else
                    TG_DOT(2, 1);
            } else if (n == 6)
                TG_DOT(1, 6);
            else if (n == 3)
                TG_DOT(1, 3);
            else
                TG_DOT(1, 1);
        }
    }
}
#undef TG_DOT

/* out [channels, rows, padded] = g's rows [channels, rows, cols] (channels ldg apart) with zeros behind each. */
static void NAME(conv_pad)(int64_t channels, int64_t rows, int64_t cols, int64_t padded, int64_t ldg, const void *gv,
                           void *outv) {
    T *out = outv;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t i = 0; i < rows; i++, out += padded) {
            const T *g = (const T *)gv + c * ldg + i * cols;
            for (int64_t j = 0; j < cols; j++) out[j] = g[j];
            for (int64_t j = cols; j < padded; j++) out[j] = 0;
        }
}

/* gw[m, k] for channels c0 .. of one group from `parts` partial sums, added in their order. Partial sums lie as [panel,
 * k, width] (panels of `width` channels, the last one narrower: its own width a multiple of VL), or as [m, k, VL]
 * lanes. */
static void NAME(conv_sum_outer)(int64_t parts, int64_t part, int64_t m, int64_t k, const void *pv, void *gwv,
                                 int64_t ldw) {
    const T *p = pv;
    T *gw = gwv;
    int64_t full = TG_CONV_NV * VL;
    for (int64_t r = 0; r < m; r++) {
        int64_t panel = r / full, rest = m - panel * full, width = rest >= full ? full : (rest + VL - 1) / VL * VL;
        const T *src = p + panel * full * k + r % full;
        for (int64_t i = 0; i < k; i++) {
            T sum = 0;
            for (int64_t b = 0; b < parts; b++) sum += src[b * part + i * width];
            gw[r * ldw + i] = sum;
        }
    }
}

static void NAME(conv_sum_dot)(int64_t parts, int64_t part, int64_t m, int64_t k, const void *pv, void *gwv,
                               int64_t ldw) {
    const T *p = pv;
    T *gw = gwv;
    for (int64_t r = 0; r < m; r++)
        for (int64_t i = 0; i < k; i++) {
            V sum = {0};
            for (int64_t b = 0; b < parts; b++) sum += LOAD(p + b * part + (r * k + i) * VL);
            T lane[VL];
            *(VU *)lane = sum;
            for (int64_t w = VL / 2; w; w /= 2)
                for (int64_t j = 0; j < w; j++) lane[j] += lane[j + w];
            gw[r * ldw + i] = lane[0];
        }
}

/* One channel of col2im: x [in] = the sum over taps of col [taps, out], each element where im2col took it from. */
static void NAME(conv_scatter)(const tg_corr *q, const void *cv, void *xv) {
    const tg_axis *d = q->axis, *h = d + 1, *w = d + 2;
    const T *col = cv;
    T *x = xv;
    memset(x, 0, (size_t)q->x_plane * sizeof(T));
    for (int64_t t0 = 0; t0 < d->taps; t0++)
        for (int64_t t1 = 0; t1 < h->taps; t1++)
            for (int64_t t2 = 0; t2 < w->taps; t2++) {
                int64_t s = w->stride, lo = 0, hi = w->out; /* outputs whose tap is inside the row */
                if (w->off[t2] < 0) lo = (s - 1 - w->off[t2]) / s;
                if (w->off[t2] + (hi - 1) * s >= w->in) hi = w->in > w->off[t2] ? (w->in - w->off[t2] + s - 1) / s : 0;
                for (int64_t o0 = 0; o0 < d->out; o0++) {
                    int64_t i0 = o0 * d->stride + d->off[t0];
                    for (int64_t o1 = 0; o1 < h->out; o1++, col += w->out) {
                        int64_t i1 = o1 * h->stride + h->off[t1];
                        if (i0 < 0 || i0 >= d->in || i1 < 0 || i1 >= h->in) continue;
                        T *row = x + (i0 * h->in + i1) * w->in + w->off[t2];
                        if (s == 1)
                            for (int64_t j = lo; j < hi; j++) row[j] += col[j];
                        else
                            for (int64_t j = lo; j < hi; j++) row[j * s] += col[j];
                    }
                }
            }
}
