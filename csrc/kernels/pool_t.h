/* pool_t.h: pooling of one plane of elements T; windows are ../pool.h's. */

/* The larger of m and v into m, its place into at; a NaN wins over everything, the last of several too. */
#define TG_TAKE_LARGER(m, at, v, place)      \
    do {                                     \
        T v_ = (v);                          \
        int take_ = (v_ > (m)) | (v_ != v_); \
        (m) = take_ ? v_ : (m);              \
        (at) = take_ ? (place) : (at);       \
    } while (0)

/* 2 x 2 windows, stride 2: rows a and b give y [out]. One pass, no branch: the compiler makes vectors of it. */
TG_INLINE void NAME(max_2x2_run)(const T *restrict a, const T *restrict b, int64_t out, int32_t place, int32_t below,
                                 T *restrict y, int32_t *restrict index) {
    for (int64_t o = 0; o < out; o++) {
        T m = a[2 * o];
        int32_t p = place + 2 * (int32_t)o, at = p;
        TG_TAKE_LARGER(m, at, a[2 * o + 1], p + 1);
        TG_TAKE_LARGER(m, at, b[2 * o], p + below);
        TG_TAKE_LARGER(m, at, b[2 * o + 1], p + below + 1);
        y[o] = m;
        index[o] = at;
    }
}

/* The same for 4 outputs. Loops shorter than a vector would be left to scalar code, whose branches on the data cost ten
 * times as much (rows of 12: 10 ns an output): rows of small images go four by four. */
TG_INLINE void NAME(max_2x2_four)(const T *a, const T *b, int32_t place, int32_t below, T *y, int32_t *index) {
    typedef T four __attribute__((vector_size(4 * sizeof(T))));
    four r[4], m, v;
    MASK4 take, first = (MASK4){0, 2, 4, 6} + place, at = first;
    memcpy(r, a, 2 * sizeof *r);
    memcpy(r + 2, b, 2 * sizeof *r);
    m = TG_SHUFFLE4(MASK4, r[0], r[1], 0, 2, 4, 6);
#define TG_TAKE(from, offset)                                \
    v = (from), take = (v > m) | (v != v);                   \
    m = (four)(((MASK4)v & take) | ((MASK4)m & ~take));      \
    at = ((first + (offset)) & take) | (at & ~take);
    TG_TAKE(TG_SHUFFLE4(MASK4, r[0], r[1], 1, 3, 5, 7), 1)
    TG_TAKE(TG_SHUFFLE4(MASK4, r[2], r[3], 0, 2, 4, 6), below)
    TG_TAKE(TG_SHUFFLE4(MASK4, r[2], r[3], 1, 3, 5, 7), below + 1)
#undef TG_TAKE
    memcpy(y, &m, sizeof m);
    const tg_i32x4 place4 = __builtin_convertvector(at, tg_i32x4);
    memcpy(index, &place4, sizeof place4);
}

/* One row of outputs; the last four go over what the four before them have done. */
TG_INLINE void NAME(max_2x2)(const T *a, const T *b, int64_t out, int32_t place, int32_t below, T *y, int32_t *index) {
    if (out < 4 || out >= 64) {
        NAME(max_2x2_run)(a, b, out, place, below, y, index);
        return;
    }
    for (int64_t o = 0; o < out; o += 4) {
        const int64_t at = o + 4 <= out ? o : out - 4;
        NAME(max_2x2_four)(a + 2 * at, b + 2 * at, place + 2 * (int32_t)at, below, y + at, index + at);
    }
}

/* y and index [hi - lo] updated with x[0], x[stride], ..., which lie at place, place + stride, ...; index -1: nothing
 * yet. */
TG_INLINE void NAME(max_tap)(const int64_t stride, const T *restrict x, int64_t n, int32_t place, T *restrict y,
                             int32_t *restrict index) {
    for (int64_t o = 0; o < n; o++) {
        T v = x[o * stride];
        int take = (v > y[o]) | (v != v) | (index[o] < 0);
        y[o] = take ? v : y[o];
        index[o] = take ? place + (int32_t)(o * stride) : index[o];
    }
}

/* Regular windows: for each row of outputs, tap after tap over the whole row. */
static void NAME(max_pool_taps)(const tg_windows *w, const T *x, T *y, int32_t *index) {
    const tg_windows *d = w, *h = w + 1, *c = w + 2;
    int64_t s = c->stride;
    for (int64_t o0 = 0; o0 < d->out; o0++)
        for (int64_t o1 = 0; o1 < h->out; o1++, y += c->out, index += c->out) {
            for (int64_t o = 0; o < c->out; o++) y[o] = (T)-INFINITY, index[o] = -1;
            for (int64_t i0 = d->start[o0]; i0 < d->end[o0]; i0 += d->step)
                for (int64_t i1 = h->start[o1]; i1 < h->end[o1]; i1 += h->step)
                    for (int64_t k = 0; k < c->taps; k++) {
                        int64_t first = k * c->step - c->pad, lo = 0, hi = c->out; /* outputs whose tap is inside */
                        if (first < 0) lo = (s - 1 - first) / s;
                        if (first + (hi - 1) * s >= c->in) hi = c->in > first ? (c->in - first + s - 1) / s : 0;
                        if (lo >= hi) continue;
                        int64_t place = (i0 * h->in + i1) * c->in + first + lo * s;
                        if (s == 1)
                            NAME(max_tap)(1, x + place, hi - lo, (int32_t)place, y + lo, index + lo);
                        else if (s == 2)
                            NAME(max_tap)(2, x + place, hi - lo, (int32_t)place, y + lo, index + lo);
                        else
                            NAME(max_tap)(s, x + place, hi - lo, (int32_t)place, y + lo, index + lo);
                    }
        }
}

static void NAME(max_pool)(const tg_windows *w, const void *xv, void *yv, int32_t *index) {
    const tg_windows *d = w, *h = w + 1, *c = w + 2;
    const T *x = xv;
    T *y = yv;
    if (d->out == 1 && d->in == 1 && h->taps == 2 && c->taps == 2 && h->stride == 2 && c->stride == 2 && !h->pad &&
        !c->pad && h->step == 1 && c->step == 1 && 2 * h->out <= h->in && 2 * c->out <= c->in) {
        for (int64_t o = 0; o < h->out; o++, x += 2 * c->in, y += c->out, index += c->out)
            NAME(max_2x2)(x, x + c->in, c->out, (int32_t)(2 * o * c->in), (int32_t)c->in, y, index);
        return;
    }
    if (c->taps) {
        NAME(max_pool_taps)(w, x, y, index);
        return;
    }
    for (int64_t o0 = 0; o0 < d->out; o0++)
        for (int64_t o1 = 0; o1 < h->out; o1++)
            for (int64_t o2 = 0; o2 < c->out; o2++) {
                T m = (T)-INFINITY;
                int32_t at = -1;
                for (int64_t i0 = d->start[o0]; i0 < d->end[o0]; i0++)
                    for (int64_t i1 = h->start[o1]; i1 < h->end[o1]; i1++)
                        for (int64_t i2 = c->start[o2]; i2 < c->end[o2]; i2++) {
                            int64_t place = (i0 * h->in + i1) * c->in + i2;
                            if (at < 0) at = (int32_t)place, m = x[place];
                            TG_TAKE_LARGER(m, at, x[place], (int32_t)place);
                        }
                *y++ = m;
                *index++ = at;
            }
}
#undef TG_TAKE_LARGER

/* Whether a plane is one window: global pooling, the end of most networks, where all else would be overhead. */
TG_INLINE int NAME(pool_is_global)(const tg_windows *w) {
    for (int d = 0; d < 3; d++)
        if (w[d].out != 1 || w[d].step != 1 || w[d].start[0] != 0 || w[d].end[0] != w[d].in) return 0;
    return 1;
}

/* Whether windows lie side by side along a dimension and none reaches over the edge. */
TG_INLINE int NAME(pool_is_disjoint)(const tg_windows *w) {
    return w->taps && w->taps == w->stride && w->step == 1 && !w->pad && w->out * w->stride <= w->in;
}

/* x[0] + ... + x[n - 1]: lane by lane, the lanes in halves, then what is left. (A scalar added to a lane in memory would
 * hold up the load of the vector around it: 35 ns a plane of 49 instead of 20.) */
TG_INLINE T NAME(pool_sum)(int64_t n, const T *x) {
    V sum = {0};
    T lanes[VL], rest = 0;
    int64_t i = 0;
    for (; i + VL <= n; i += VL) sum += LOAD(x + i);
    *(VU *)lanes = sum;
    for (; i < n; i++) rest += x[i];
    for (int64_t half = VL / 2; half; half /= 2)
        for (int64_t j = 0; j < half; j++) lanes[j] += lanes[j + half];
    return lanes[0] + rest;
}

/* y = the windows' sums / divisor (0: their counts). The rows of a window are added first, in vectors, then its
 * columns. */
TG_INLINE void NAME(avg_plane)(const tg_windows *w, double divisor, const T *x, T *y, T *restrict row) {
    const tg_windows *d = w, *h = w + 1, *c = w + 2;
    for (int64_t o0 = 0; o0 < d->out; o0++)
        for (int64_t o1 = 0; o1 < h->out; o1++, y += c->out) {
            int first = 1;
            for (int64_t i0 = d->start[o0]; i0 < d->end[o0]; i0++)
                for (int64_t i1 = h->start[o1]; i1 < h->end[o1]; i1++, first = 0) {
                    const T *src = x + (i0 * h->in + i1) * c->in;
                    if (first)
                        for (int64_t j = 0; j < c->in; j++) row[j] = src[j];
                    else
                        for (int64_t j = 0; j < c->in; j++) row[j] += src[j];
                }
            if (first) memset(row, 0, (size_t)c->in * sizeof(T));
            int64_t rows = d->count[o0] * h->count[o1];
            if (c->taps == 2 && c->stride == 2 && !c->pad && 2 * c->out <= c->in)
                for (int64_t o = 0; o < c->out; o++) y[o] = row[2 * o] + row[2 * o + 1];
            else
                for (int64_t o = 0; o < c->out; o++) {
                    T sum = 0;
                    for (int64_t j = c->start[o]; j < c->end[o]; j++) sum += row[j];
                    y[o] = sum;
                }
            for (int64_t o = 0; o < c->out; o++) y[o] /= divisor != 0 ? (T)divisor : (T)(rows * c->count[o]);
        }
}

static void NAME(avg_pool)(int64_t planes, const tg_windows *w, double divisor, const void *xv, void *yv, void *row) {
    int64_t in = w[0].in * w[1].in * w[2].in, out = w[0].out * w[1].out * w[2].out;
    const T *x = xv;
    T *y = yv;
    if (!NAME(pool_is_global)(w)) {
        for (int64_t p = 0; p < planes; p++) NAME(avg_plane)(w, divisor, x + p * in, y + p * out, row);
        return;
    }
    T count = divisor != 0 ? (T)divisor : (T)(w[0].count[0] * w[1].count[0] * w[2].count[0]);
    for (int64_t p = 0; p < planes; p++) y[p] = NAME(pool_sum)(in, x + p * in) / count;
}

/* A row of inputs from the gradients of a row of outputs, windows side by side: every element is written once. */
TG_INLINE void NAME(avg_row)(const tg_windows *c, T divisor, const T *restrict gy, T *restrict row) {
    int64_t s = c->stride, end = c->out * s;
    if (s == 2)
        for (int64_t o = 0; o < c->out; o++) row[2 * o] = row[2 * o + 1] = gy[o] / divisor;
    else
        for (int64_t o = 0; o < c->out; o++) {
            T g = gy[o] / divisor;
            for (int64_t j = 0; j < s; j++) row[o * s + j] = g;
        }
    for (int64_t j = end; j < c->in; j++) row[j] = 0;
}

/* Its adjoint: the gradients of a row of outputs are spread over a row of inputs once, which is added to all its rows,
 * or, where windows are side by side, written to them.
 *
 * Past versions, milliseconds of two cores for 32 x 64 x 56 x 56 by 2 x 2, forward and backward: rows always added to
 * zeros, 6.6. Global, 32 x 512 x 7 x 7: by rows of windows, 1.2. */
TG_INLINE void NAME(avg_plane_grad)(const tg_windows *w, double divisor, const T *gy, T *gx, T *restrict row) {
    const tg_windows *d = w, *h = w + 1, *c = w + 2;
    if (d->in == 1 && d->out == 1 && d->count[0] == 1 && NAME(pool_is_disjoint)(h) && NAME(pool_is_disjoint)(c)) {
        T count = divisor != 0 ? (T)divisor : (T)(h->taps * c->taps);
        for (int64_t o = 0; o < h->out; o++, gy += c->out) {
            NAME(avg_row)(c, count, gy, gx);
            for (int64_t i = 1; i < h->taps; i++) memcpy(gx + i * c->in, gx, (size_t)c->in * sizeof(T));
            gx += h->taps * c->in;
        }
        memset(gx, 0, (size_t)((h->in - h->out * h->taps) * c->in) * sizeof(T));
        return;
    }
    memset(gx, 0, (size_t)(d->in * h->in * c->in) * sizeof(T));
    for (int64_t o0 = 0; o0 < d->out; o0++)
        for (int64_t o1 = 0; o1 < h->out; o1++, gy += c->out) {
            memset(row, 0, (size_t)c->in * sizeof(T));
            int64_t rows = d->count[o0] * h->count[o1];
            for (int64_t o = 0; o < c->out; o++) {
                T g = gy[o] / (divisor != 0 ? (T)divisor : (T)(rows * c->count[o]));
                for (int64_t j = c->start[o]; j < c->end[o]; j++) row[j] += g;
            }
            for (int64_t i0 = d->start[o0]; i0 < d->end[o0]; i0++)
                for (int64_t i1 = h->start[o1]; i1 < h->end[o1]; i1++) {
                    T *dst = gx + (i0 * h->in + i1) * c->in;
                    for (int64_t j = 0; j < c->in; j++) dst[j] += row[j];
                }
        }
}

static void NAME(avg_pool_grad)(int64_t planes, const tg_windows *w, double divisor, const void *gv, void *xv,
                                void *row) {
    int64_t in = w[0].in * w[1].in * w[2].in, out = w[0].out * w[1].out * w[2].out;
    const T *gy = gv;
    T *gx = xv;
    if (!NAME(pool_is_global)(w)) {
        for (int64_t p = 0; p < planes; p++) NAME(avg_plane_grad)(w, divisor, gy + p * out, gx + p * in, row);
        return;
    }
    T count = divisor != 0 ? (T)divisor : (T)(w[0].count[0] * w[1].count[0] * w[2].count[0]);
    for (int64_t p = 0; p < planes; p++, gx += in) {
        T g = gy[p] / count;
        int64_t i = 0;
        for (; i + VL <= in; i += VL) *(VU *)(gx + i) = SET(g);
        for (; i < in; i++) gx[i] = g;
    }
}

static void NAME(pool_put)(int64_t in, int64_t out, const void *gv, const int32_t *index, void *xv) {
    const T *gy = gv;
    T *gx = xv;
    memset(gx, 0, (size_t)in * sizeof(T));
    for (int64_t o = 0; o < out; o++)
        if (index[o] >= 0) gx[index[o]] += gy[o];
}

static void NAME(pool_take)(int64_t out, const void *xv, const int32_t *index, void *yv) {
    for (int64_t o = 0; o < out; o++) ((T *)yv)[o] = index[o] >= 0 ? ((const T *)xv)[index[o]] : 0;
}
