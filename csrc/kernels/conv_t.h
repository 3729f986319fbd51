/* conv_t.h: convolution kernels for elements T in vectors V of VL lanes; see ../conv.h for lattice and runs. */

/* Tiles are TG_CONV_MR rows by 3 vectors: as many accumulators as the registers hold beside 3 operands and a broadcast.
 */
#define TG_CONV_NV 3
#define TG_CONV_MR (TG_VEC_REGS >= 32 ? 8 : 4)

/* Short rows are what images are made of: whole vectors, the last one stepping back to end where the row ends, and no
 * call of memcpy or memset. */
TG_INLINE void NAME(copy_row)(T *dst, const T *src, int64_t n) {
    if (n >= VL)
        for (int64_t i = 0; i < n; i += VL) {
            int64_t at = TG_BACK(i, VL, n);
            *(VU *)(dst + at) = LOAD(src + at);
        }
    else if (n >= 4)
        for (int64_t i = 0; i < n; i += 4) {
            int64_t at = TG_BACK(i, 4, n);
            *(V4 *)(dst + at) = *(const V4 *)(src + at);
        }
    else {
        if (n > 2) dst[2] = src[2];
        if (n > 1) dst[1] = src[1];
        if (n > 0) dst[0] = src[0];
    }
}

TG_INLINE void NAME(clear_row)(T *dst, int64_t n) {
    if (n >= VL)
        for (int64_t i = 0; i < n; i += VL) *(VU *)(dst + TG_BACK(i, VL, n)) = (V){0};
    else if (n >= 4)
        for (int64_t i = 0; i < n; i += 4) *(V4 *)(dst + TG_BACK(i, 4, n)) = (V4){0};
    else {
        if (n > 2) dst[2] = 0;
        if (n > 1) dst[1] = 0;
        if (n > 0) dst[0] = 0;
    }
}

/* dst[i] = src[2 i], i < n, of which `whole` have an element behind them that may be read too. By vectors and not by four
 * elements, and so in `interleave`: 3 x 3 by 2 on 16 x 64 x 56 x 56 -> 128, two cores, forward 10.6 to 10.1 ms, input
 * gradient 10.6 to 9.8. */
TG_INLINE void NAME(every_second)(T *dst, const T *src, int64_t n, int64_t whole) {
    if (whole >= VL)
        for (int64_t i = 0; i < whole; i += VL) {
            int64_t at = TG_BACK(i, VL, whole);
            *(VU *)(dst + at) = TG_SHUFFLE(VI, LOAD(src + 2 * at), LOAD(src + 2 * at + VL), LANES(TG_EVEN, ));
        }
    else if (whole >= 4)
        for (int64_t i = 0; i < whole; i += 4) {
            int64_t at = TG_BACK(i, 4, whole);
            V4 a = *(const V4 *)(src + 2 * at), b = *(const V4 *)(src + 2 * at + 4);
            *(V4 *)(dst + at) = TG_SHUFFLE4(I4, a, b, TG_EVEN4);
        }
    for (int64_t i = whole >= 4 || whole >= VL ? whole : 0; i < n; i++) dst[i] = src[2 * i];
}

/* dst[2 i] = even[i] + *start, dst[2 i + 1] = odd[i] + *start, i < n; start may be NULL. */
TG_INLINE void NAME(interleave)(T *dst, const T *even, const T *odd, int64_t n, const T *start) {
    const V add = start ? SET(*start) : (V){0};
    if (n >= VL)
        for (int64_t i = 0; i < n; i += VL) {
            int64_t at = TG_BACK(i, VL, n);
            V a = LOAD(even + at), b = LOAD(odd + at);
            V low = TG_SHUFFLE(VI, a, b, LANES(TG_ZIP, _LOW)), high = TG_SHUFFLE(VI, a, b, LANES(TG_ZIP, _HIGH));
            *(VU *)(dst + 2 * at) = start ? add + low : low;
            *(VU *)(dst + 2 * at + VL) = start ? add + high : high;
        }
    else
        for (int64_t i = 0; i < n; i++) {
            dst[2 * i] = start ? *start + even[i] : even[i];
            dst[2 * i + 1] = start ? *start + odd[i] : odd[i];
        }
}

/* Which l < len have an index start + l * stride in [0, in): lo .. hi. */
TG_INLINE void NAME(inside)(int64_t in, int64_t start, int64_t stride, int64_t len, int64_t *lo, int64_t *hi) {
    *lo = 0, *hi = len;
    if (stride == 1) {
        if (start < 0) *lo = -start < len ? -start : len;
        if (start + len > in) *hi = in - start;
    } else {
        if (start < 0) *lo = (stride - 1 - start) / stride < len ? (stride - 1 - start) / stride : len;
        if (start + (len - 1) * stride >= in) *hi = in > start ? (in - start + stride - 1) / stride : 0;
    }
    if (*hi < *lo) *hi = *lo;
}

/* dst[l] = x[start + l * stride] for lo <= l < hi, 0 for the others below len. */
TG_INLINE void NAME(line)(const T *x, int64_t in, int64_t start, int64_t stride, int64_t lo, int64_t hi, int64_t len,
                          T *dst) {
    NAME(clear_row)(dst, lo);
    if (stride == 1)
        NAME(copy_row)(dst + lo, x + start + lo, hi - lo);
    else if (stride == 2)
        NAME(every_second)(dst + lo, x + start + lo * 2, hi - lo, start + hi * 2 <= in ? hi - lo : hi - lo - 1);
    else
        for (int64_t l = lo; l < hi; l++) dst[l] = x[start + l * stride];
    NAME(clear_row)(dst + hi, len - hi);
}

/* dst [rows, pitch] = rows of x, `in` apart, from column `start` (at most 0) on: zeros, all of the row, zeros. */
TG_INLINE void NAME(padded_rows)(const T *x, int64_t in, int64_t start, int64_t rows, int64_t pitch, T *dst) {
    int64_t behind = pitch + start - in;
    for (int64_t l = 0; l < rows; l++, x += in, dst += pitch) {
        *(V4 *)dst = *(V4 *)(dst + pitch - 4) = (V4){0};
        if (start < -4) NAME(clear_row)(dst, -start);
        if (behind > 4) NAME(clear_row)(dst + pitch - behind, behind);
        NAME(copy_row)(dst - start, x, in);
    }
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
                    int plain = w->stride == 1 && h->stride == 1 && start <= 0 && g->pitch + start >= w->in && g->pitch >= 4;
                    int whole = w->stride == 1 && h->stride == 1 && start == 0 && g->pitch == w->in;
                    int64_t lo, hi;
                    NAME(inside)(w->in, start, w->stride, g->pitch, &lo, &hi);
                    for (int64_t l0 = 0; l0 < g->depth; l0++) {
                        int64_t i0 = (od + l0 + d->base) * d->stride + r0;
                        int64_t i1 = (row + h->base) * h->stride + r1;
                        T *to = dst + l0 * g->height * g->pitch;
                        if (i0 >= 0 && i0 < d->in && whole && i1 >= 0 && i1 + height <= h->in) {
                            memcpy(to, x + (i0 * h->in + i1) * w->in, (size_t)(height * g->pitch) * sizeof(T));
                            continue;
                        }
                        if (i0 >= 0 && i0 < d->in && plain && h->in > 0) {
                            int64_t above = i1 < 0 ? (-i1 < height ? -i1 : height) : 0;
                            int64_t inside = h->in - (i1 + above) < height - above ? h->in - (i1 + above) : height - above;
                            if (inside < 0) inside = 0;
                            NAME(clear_row)(to, above * g->pitch);
                            NAME(padded_rows)
                            (x + (i0 * h->in + i1 + above) * w->in, w->in, start, inside, g->pitch, to + above * g->pitch);
                            NAME(clear_row)
                            (to + (above + inside) * g->pitch, (height - above - inside) * g->pitch);
                            continue;
                        }
                        for (int64_t l1 = 0; l1 < height; l1++, i1 += h->stride, to += g->pitch)
                            if (i0 < 0 || i0 >= d->in || i1 < 0 || i1 >= h->in)
                                NAME(clear_row)(to, g->pitch);
                            else
                                NAME(line)(x + (i0 * h->in + i1) * w->in, w->in, start, w->stride, lo, hi, g->pitch, to);
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
            int64_t start = r->o2 * w->stride + w->off[t2], lo, hi;
            NAME(inside)(w->in, start, w->stride, r->len, &lo, &hi);
            if (i0 < 0 || i0 >= d->in || i1 < 0 || i1 >= h->in)
                NAME(clear_row)(dst + j, r->len);
            else
                NAME(line)
                (x + r->n * x_image + (i0 * h->in + i1) * w->in, w->in, start, w->stride, lo, hi, r->len, dst + j);
        }
        NAME(clear_row)(dst + j, pitch - j);
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

/* VL outputs that follow each other in memory, from `np` rows of the lattice: lanes below `first` from p, those below
 * `second` from p + jump, the rest from p + 2 jump. */
TG_INLINE V NAME(joined)(const int np, const T *p, int64_t jump, VI first, VI second) {
    VI x = (VI)LOAD(p);
    if (np > 2) x = (x & first) | ((((VI)LOAD(p + jump) & second) | ((VI)LOAD(p + 2 * jump) & ~second)) & ~first);
    if (np == 2) x = (x & first) | ((VI)LOAD(p + jump) & ~first);
    return (V)x;
}

/* All ones in the lanes below n. */
TG_INLINE VI NAME(below)(int64_t n) {
    VI m;
    for (int i = 0; i < VL; i++) m[i] = i < n ? -1 : 0;
    return m;
}

/* c[r, v VL + i] = bias[r] (or c[r, ..] where bias is NULL) + sum over k of a[k, r] * (what output v VL + i sees of
 * b + off[k]), r < R, v < NV. Each k: NV times np loads at any alignment, R broadcasts and R NV fused multiply-adds
 * into registers.
 *
 * Past versions, 3x3 on 16 x 64 x 28 x 28 in 4 groups, one core of 118 GFLOP/s: tiles along the lattice's rows, columns
 * between two images' rows thrown away, and ends of rows copied from a buffer: 83 GFLOP/s; tiles of joined rows, which
 * write whole vectors where they belong: 92 (5x5 on 50 x 1 x 28 x 28 -> 16: 58 and 94). In the first-level cache the tile
 * of 8 x 3 reaches 118 with one row, 113 with two joined, 96 with three. */
TG_INLINE void NAME(tile_rows)(const int R, const int NV, const int np, const tg_tile_at *at, int64_t k,
                               const T *restrict a, const T *restrict b, const int64_t *restrict off, int64_t jump,
                               const T *restrict bias, T *restrict c, int64_t ldc) {
    V acc[8][3];
    const T *p[3];
    VI first[3], second[3];
    TG_UNROLL for (int v = 0; v < NV; v++) {
        p[v] = b + at->at[v];
        if (np > 1) first[v] = NAME(below)(at->first[v]);
        if (np > 2) second[v] = NAME(below)(at->second[v]);
    }
    TG_UNROLL for (int r = 0; r < R; r++)
        TG_UNROLL for (int v = 0; v < NV; v++) acc[r][v] = bias ? SET(bias[r]) : LOAD(c + r * ldc + v * VL);
    for (; k > 0; k--, a += R) {
        int64_t o = *off++;
        V x[3];
        TG_UNROLL for (int v = 0; v < NV; v++) x[v] = NAME(joined)(np, p[v] + o, jump, first[v], second[v]);
        TG_UNROLL for (int r = 0; r < R; r++) {
            V s = SET(a[r]);
            TG_UNROLL for (int v = 0; v < NV; v++) acc[r][v] += s * x[v];
        }
    }
    TG_UNROLL for (int r = 0; r < R; r++)
        TG_UNROLL for (int v = 0; v < NV; v++) *(VU *)(c + r * ldc + v * VL) = acc[r][v];
}

/* A tile that joins two rows may be made as one that joins three. For doubles it is: 90 KB less. */
#define TG_TWO_PIECES (sizeof(T) == 4 && t->pieces == 2)
#define TG_TILE_ROWS_OF(R)                                                       \
    case R:                                                                      \
        if (t->nv == 3) {                                                        \
            if (t->pieces == 1)                                                  \
                NAME(tile_rows)(R, 3, 1, t, k, a, b, off, jump, bias, c, ldc);   \
            else if (TG_TWO_PIECES)                                              \
                NAME(tile_rows)(R, 3, 2, t, k, a, b, off, jump, bias, c, ldc);   \
            else                                                                 \
                NAME(tile_rows)(R, 3, 3, t, k, a, b, off, jump, bias, c, ldc);   \
        } else if (t->pieces == 1)                                               \
            NAME(tile_rows)(R, 2, 1, t, k, a, b, off, jump, bias, c, ldc);       \
        else if (TG_TWO_PIECES)                                                  \
            NAME(tile_rows)(R, 2, 2, t, k, a, b, off, jump, bias, c, ldc);       \
        else                                                                     \
            NAME(tile_rows)(R, 2, 3, t, k, a, b, off, jump, bias, c, ldc);       \
        break;

static void NAME(conv_tile)(const tg_tile_at *t, int64_t mr, int64_t k, const void *a, const void *b,
                            const int64_t *off, int64_t jump, const void *bias, void *c, int64_t ldc) {
    switch (mr) {
#if TG_CONV_MR == 8
        TG_TILE_ROWS_OF(8)
        TG_TILE_ROWS_OF(7)
        TG_TILE_ROWS_OF(6)
        TG_TILE_ROWS_OF(5)
#endif
        TG_TILE_ROWS_OF(4)
        TG_TILE_ROWS_OF(3)
        TG_TILE_ROWS_OF(2)
        TG_TILE_ROWS_OF(1)
    }
}
#undef TG_TILE_ROWS_OF
#undef TG_TWO_PIECES

/* dst[i] = src[i % step, i / step] for i < n, rows of src ld apart: the residues of a row side by side. */
static void NAME(conv_merge)(int64_t step, int64_t n, const void *from, int64_t ld, void *to) {
    const T *src = from;
    T *dst = to;
    if (step == 1)
        NAME(copy_row)(dst, src, n);
    else if (step == 2) {
        NAME(interleave)(dst, src, src + ld, n / 2, NULL);
        if (n % 2) dst[n - 1] = src[n / 2];
    } else
        for (int64_t r = 0; r < step; r++)
            for (int64_t i = r; i < n; i += step) dst[i] = src[r * ld + i / step];
}

/* The adjoint of reading a lattice: acc[off[t] + row pitch + j] += col[t, row, j] for all taps. The lanes behind a row
 * add 0 to what follows there. Two additions to the same place are a whole tap apart, since a load that overlaps a
 * store in flight waits for it. */
static void NAME(conv_spread)(int64_t taps, const int64_t *off, int64_t rows, int64_t cols, int64_t pitch,
                              const void *colv, void *accv) {
    const T *col = colv;
    T *acc = accv;
    int64_t whole = cols / VL * VL;
    VI rest = NAME(below)(cols - whole);
    for (int64_t t = 0; t < taps; t++)
        for (int64_t row = 0; row < rows; row++, col += cols) {
            T *to = acc + off[t] + row * pitch;
            for (int64_t j = 0; j < whole; j += VL) *(VU *)(to + j) = LOAD(to + j) + LOAD(col + j);
            if (whole < cols) *(VU *)(to + whole) = LOAD(to + whole) + (V)((VI)LOAD(col + whole) & rest);
        }
}

/* x [in] of one channel = start + what is in the lattice of its whole height: the adjoint of conv_lattice at depth 1. */
static void NAME(conv_collect)(const tg_corr *q, const tg_conv_lattice *g, const void *lattice, const void *startv,
                               void *xv) {
    const tg_axis *h = q->axis + 1, *w = q->axis + 2;
    const T *src = lattice;
    const T start = *(const T *)startv;
    T *x = xv;
    if (h->phases < h->stride || w->phases < w->stride || h->base > 0 || w->base > 0 ||
        (h->base + g->height) * h->stride < h->in || (w->base + g->pitch) * w->stride < w->in)
        for (int64_t i = 0; i < q->x_plane; i++) x[i] = start; /* some inputs are seen by no output */
    const int both = w->stride == 2 && w->phases == 2; /* the planes of a row are put together at once */
    const T *even = src, *odd = src + g->plane;
    if (both && tg_modulo(w->off[0], 2)) even = odd, odd = src;
    for (int64_t f1 = 0; both && f1 < h->phases; f1++, even += 2 * g->plane, odd += 2 * g->plane) {
        int64_t r1 = tg_modulo(h->off[f1], h->stride), lo = w->base < 0 ? -w->base : 0;
        int64_t pairs = w->in / 2 - w->base < g->pitch ? w->in / 2 - w->base : g->pitch;
        for (int64_t l = 0; l < g->height; l++) {
            int64_t i1 = (l + h->base) * h->stride + r1;
            if (i1 < 0 || i1 >= h->in) continue;
            T *to = x + i1 * w->in + 2 * w->base;
            const T *e = even + l * g->pitch, *o = odd + l * g->pitch;
            NAME(interleave)(to + 2 * lo, e + lo, o + lo, pairs - lo, &start);
            if (w->in % 2 && pairs < g->pitch && pairs >= lo) to[2 * pairs] = start + e[pairs];
        }
    }
    for (int64_t f1 = 0; !both && f1 < h->phases; f1++)
        for (int64_t f2 = 0; f2 < w->phases; f2++, src += g->plane) {
            int64_t s = w->stride, at = w->base * s + tg_modulo(w->off[f2], s), r1 = tg_modulo(h->off[f1], h->stride);
            int64_t lo = at < 0 ? (s - 1 - at) / s : 0, hi = w->in > at ? (w->in - at + s - 1) / s : 0;
            if (hi > g->pitch) hi = g->pitch;
            for (int64_t l = 0; l < g->height; l++) {
                int64_t i1 = (l + h->base) * h->stride + r1;
                if (i1 < 0 || i1 >= h->in) continue;
                const T *from = src + l * g->pitch;
                T *to = x + i1 * w->in + at;
                if (s == 1)
                    for (int64_t j = lo; j < hi; j++) to[j] = start + from[j];
                else
                    for (int64_t j = lo; j < hi; j++) to[j * s] = start + from[j];
            }
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
