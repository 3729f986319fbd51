/* winograd.h: the transforms of Winograd's convolution (../winograd.h), with vectors over channels.
 *
 * Images are gathered in strips of a few tiles, turned to [row, column, lane], so that every tile is made of whole
 * vectors wherever it lies; a transform of columns and one of rows follow, each row of the matrices written out once. */
#include "../winograd.h"

#define WA 0.66666666666666666667f /* a, b and the rest of ../winograd.h */
#define WB 1.5f
#define WA2 (WA * WA)
#define WB2 (WB * WB)
#define WA4 (WA2 * WA2)
#define WB4 (WB2 * WB2)
#define WS 2.69444444444444444444f
#define WNA -0.62307692307692307692f /* 1 / (2 a^2 (a^2 - b^2)) = -81 / 130 */
#define WNB 0.12307692307692307692f  /* 1 / (2 b^2 (b^2 - a^2)) = 8 / 65 */

#define WINO_STRIP 8    /* tiles */
#define WINO_WEIGHTS 16 /* input channels */

/* y = B' x */
TG_INLINE void wino_image6(const vf32 *x, vf32 *y) {
    vf32 ea = x[4] - WB2 * x[2], oa = WA * (x[3] - WB2 * x[1]), eb = x[4] - WA2 * x[2], ob = WB * (x[3] - WA2 * x[1]);
    y[0] = x[0] + x[4] - WS * x[2];
    y[1] = ea + oa;
    y[2] = ea - oa;
    y[3] = eb + ob;
    y[4] = eb - ob;
    y[5] = x[1] + x[5] - WS * x[3];
}

/* y = A x for a tile of n outputs */
TG_INLINE void wino_gradient_n(const int n, const vf32 *x, vf32 *y) {
    if (n == 2) {
        vf32 oa = WA * x[1], ob = WB * x[1];
        y[0] = x[0];
        y[1] = x[0] + oa;
        y[2] = x[0] - oa;
        y[3] = x[0] + ob;
        y[4] = x[0] - ob;
        y[5] = x[1];
        return;
    }
    vf32 ea = x[0] + WA2 * x[2], oa = WA * (x[1] + WA2 * x[3]), eb = x[0] + WB2 * x[2], ob = WB * (x[1] + WB2 * x[3]);
    y[0] = x[0];
    y[1] = ea + oa;
    y[2] = ea - oa;
    y[3] = eb + ob;
    y[4] = eb - ob;
    y[5] = x[3];
}

/* y = A' x for a tile of n outputs */
TG_INLINE void wino_output_n(const int n, const vf32 *x, vf32 *y) {
    vf32 sa = x[1] + x[2], da = WA * (x[1] - x[2]), sb = x[3] + x[4], db = WB * (x[3] - x[4]);
    y[0] = x[0] + sa + sb;
    if (n == 2) {
        y[1] = da + (db + x[5]);
        return;
    }
    y[1] = da + db;
    y[2] = WA2 * sa + WB2 * sb;
    y[3] = WA2 * da + (WB2 * db + x[5]);
}

/* y = G x for r taps */
TG_INLINE void wino_weight6(const int r, const vf32 *x, vf32 *y) {
    vf32 ea = WNA * x[0] + WNA * WA2 * x[2], oa = WNA * WA * x[1];
    vf32 eb = WNB * x[0] + WNB * WB2 * x[2], ob = WNB * WB * x[1];
    if (r == 5) {
        ea += WNA * WA4 * x[4], oa += WNA * WA * WA2 * x[3];
        eb += WNB * WB4 * x[4], ob += WNB * WB * WB2 * x[3];
    }
    y[0] = x[0];
    y[1] = ea + oa;
    y[2] = ea - oa;
    y[3] = eb + ob;
    y[4] = eb - ob;
    y[5] = x[r - 1];
}

/* y = G' x for r taps */
TG_INLINE void wino_weight_n(const int r, const vf32 *x, vf32 *y) {
    vf32 sa = WNA * (x[1] + x[2]), da = WNA * WA * (x[1] - x[2]), sb = WNB * (x[3] + x[4]),
         db = WNB * WB * (x[3] - x[4]);
    y[0] = x[0] + sa + sb;
    y[1] = da + db;
    y[2] = r == 3 ? WA2 * sa + (WB2 * sb + x[5]) : WA2 * sa + WB2 * sb;
    if (r == 3) return;
    y[3] = WA2 * da + WB2 * db;
    y[4] = WA4 * sa + (WB4 * sb + x[5]);
}

/* out [size, wide, VF32] = rows top .. top + size and columns left .. left + wide of `channels` <= VF32 channels. */
TG_INLINE void wino_gather(const tg_wino_images *g, const float *x, int64_t channels, int64_t top, int64_t left,
                           int64_t size, int64_t wide, float *out) {
    int64_t lo = left < 0 ? -left : 0, hi = left + wide > g->w ? g->w - left : wide;
    for (int64_t i = top; i < top + size; i++, out += wide * VF32) {
        int64_t first = lo, last = hi;
        if (i < 0 || i >= g->h || lo >= hi) first = last = wide;
        memset(out, 0, (size_t)(first * VF32) * sizeof(float));
        if (first < last)
            panel_vf32(last - first, channels, x + i * g->w + left + first, g->h * g->w, 1, VF32, out + first * VF32);
        memset(out + last * VF32, 0, (size_t)((wide - last) * VF32) * sizeof(float));
    }
}

/* Transforms `count` tiles, from `tile` on, of channels c .. c + channels of images x: n = 6: B' d B of 6 x 6 inputs,
 * n = step: A d A' of that many outputs. Lanes beyond the channels become 0. Tile `tile` is tile 0 of the buffer. */
TG_INLINE void wino_tiles(const int n, const int step, const tg_wino_images *g, int64_t tile, int64_t count, int64_t c,
                          int64_t channels, const float *x, const tg_wino_buffer *v) {
    float strip[TG_WINO_IN * (4 * WINO_STRIP + 2) * VF32] __attribute__((aligned(64)));
    int64_t plane = g->h * g->w;
    for (int64_t t = 0, run; t < count; t += run) {
        int64_t col = (tile + t) % g->cols, row = (tile + t) / g->cols % g->rows, image = (tile + t) / g->cols / g->rows;
        run = g->cols - col < count - t ? g->cols - col : count - t;
        if (run > WINO_STRIP) run = WINO_STRIP;
        int64_t wide = step * run + n - step, line = wide * VF32;
        for (int64_t k = 0; k < channels; k += VF32) {
            int64_t lanes = channels - k < VF32 ? channels - k : VF32;
            wino_gather(g, x + (image * g->channels + c + k) * plane, lanes, g->top + step * row, g->left + step * col, n,
                        wide, strip);
            vf32 a[6], b[6];
            for (float *p = strip; p < strip + line; p += VF32) {
                TG_UNROLL for (int i = 0; i < n; i++) a[i] = vf32_load(p + i * line);
                n == 6 ? wino_image6(a, b) : wino_gradient_n(n, a, b);
                TG_UNROLL for (int i = 0; i < 6; i++) vf32_store(p + i * line, b[i]);
            }
            float *out = v->data + t * v->pitch + c + k;
            for (int i = 0; i < 6; i++) {
                const float *p = strip + i * line;
                float *q = out + i * 6 * v->plane;
                for (int64_t j = 0; j < run; j++, p += step * VF32, q += v->pitch) {
                    TG_UNROLL for (int l = 0; l < n; l++) a[l] = vf32_load(p + l * VF32);
                    n == 6 ? wino_image6(a, b) : wino_gradient_n(n, a, b);
                    TG_UNROLL for (int l = 0; l < 6; l++) vf32_store(q + l * v->plane, b[l]);
                }
            }
        }
    }
}

static void wino_image(const tg_wino_images *g, int64_t tile, int64_t count, int64_t c, int64_t channels,
                       const float *x, const tg_wino_buffer *v) {
    if (g->step == 4)
        wino_tiles(6, 4, g, tile, count, c, channels, x, v);
    else
        wino_tiles(6, 2, g, tile, count, c, channels, x, v);
}

static void wino_gradient(const tg_wino_images *g, int64_t tile, int64_t count, int64_t c, int64_t channels,
                          const float *x, const tg_wino_buffer *v) {
    if (g->step == 4)
        wino_tiles(4, 4, g, tile, count, c, channels, x, v);
    else
        wino_tiles(2, 2, g, tile, count, c, channels, x, v);
}

/* y [channels, ...] (planes apart) = the transpose of strip [wide, VF32], `wide` elements of each channel. */
TG_INLINE void wino_scatter(const float *strip, int64_t wide, int64_t channels, int64_t plane, float *y) {
    if (wide < 4 || channels < 4) {
        for (int64_t c = 0; c < channels; c++)
            for (int64_t j = 0; j < wide; j++) y[c * plane + j] = strip[j * VF32 + c];
        return;
    }
    for (int64_t k = 0; k < channels; k += 4)
        for (int64_t j = 0; j < wide; j += 4) {
            int64_t c = TG_BACK(k, 4, channels), at = TG_BACK(j, 4, wide);
            transpose4_vf32(strip + at * VF32 + c, VF32, y + c * plane + at, plane);
        }
}

/* y = A' m A + bias for `count` tiles, from `tile` on, and channels c .. c + channels of images y; m: tile `tile` and
 * channel c are the first of the buffer. bias [channels] or NULL. */
TG_INLINE void wino_outputs(const int n, const tg_wino_images *g, int64_t tile, int64_t count, int64_t c,
                            int64_t channels, const tg_wino_buffer *m, const float *bias, float *y) {
    float strip[4 * 4 * WINO_STRIP * VF32] __attribute__((aligned(64)));
    int64_t plane = g->h * g->w;
    for (int64_t t = 0, run; t < count; t += run) {
        int64_t col = (tile + t) % g->cols, row = (tile + t) / g->cols % g->rows, image = (tile + t) / g->cols / g->rows;
        run = g->cols - col < count - t ? g->cols - col : count - t;
        if (run > WINO_STRIP) run = WINO_STRIP;
        int64_t line = n * run * VF32, wide = g->w - n * col < n * run ? g->w - n * col : n * run;
        for (int64_t k = 0; k < channels; k += VF32) {
            int64_t lanes = channels - k < VF32 ? channels - k : VF32;
            vf32 a[6], b[4][6], d[4], add = {0};
            for (int64_t i = 0; bias && i < lanes; i++) add[i] = bias[k + i];
            for (int64_t s = 0; s < run; s++) {
                const float *p = m->data + (t + s) * m->pitch + k;
                TG_UNROLL for (int j = 0; j < 6; j++) {
                    TG_UNROLL for (int i = 0; i < 6; i++) a[i] = vf32_load(p + (i * 6 + j) * m->plane);
                    wino_output_n(n, a, d);
                    TG_UNROLL for (int i = 0; i < n; i++) b[i][j] = d[i];
                }
                TG_UNROLL for (int i = 0; i < n; i++) {
                    wino_output_n(n, b[i], d);
                    TG_UNROLL for (int j = 0; j < n; j++)
                        vf32_store(strip + i * line + (n * s + j) * VF32, d[j] + add);
                }
            }
            float *to = y + (image * g->channels + c + k) * plane + n * row * g->w + n * col;
            for (int64_t i = 0; i < n && n * row + i < g->h; i++)
                wino_scatter(strip + i * line, wide, lanes, plane, to + i * g->w);
        }
    }
}

static void wino_output(const tg_wino_images *g, int64_t tile, int64_t count, int64_t c, int64_t channels,
                        const tg_wino_buffer *m, const float *bias, float *y) {
    if (g->step == 4)
        wino_outputs(4, g, tile, count, c, channels, m, bias, y);
    else
        wino_outputs(2, g, tile, count, c, channels, m, bias, y);
}

/* u = G w G' for output channels m .. m + lines (the rest of a vector is 0) and input channels c .. c + steps of the
 * weights of q: channel c is tile 0 of the buffer, output m its channel 0. */
TG_INLINE void wino_weights(const int kw, const tg_corr *q, int64_t m, int64_t lines, int64_t c, int64_t steps,
                            const float *w, const tg_wino_buffer *u) {
    const int n = kw * kw;
    float taps[25 * WINO_WEIGHTS * VF32] __attribute__((aligned(64)));
    int64_t flip = q->axis[2].off[0] > q->axis[2].off[1] ? n - 1 : 0;
    int64_t most = q->w_channel == n ? WINO_WEIGHTS : 1; /* channels side by side are turned together */
    for (int64_t l = 0; l < u->pitch; l += VF32)
        for (int64_t k = 0, some; k < steps; k += some) {
            int64_t rows = lines - l < VF32 ? lines - l : VF32;
            const float *from = w + (m + l) * q->w_row + (c + k) * q->w_channel;
            some = steps - k < most ? steps - k : most;
            if (k + 2 * most <= steps) /* weights come from memory, in short pieces of many rows: ask for the next ones */
                for (int64_t r = 0; r < rows; r++)
                    for (int64_t i = 0; i < n * most; i += 16)
                        __builtin_prefetch(from + most * q->w_channel + r * q->w_row + i);
            panel_vf32(n * some, rows, from, q->w_row, 1, VF32, taps);
            for (int64_t s = 0; s < some; s++) {
                vf32 a[5], b[6][5], d[6];
                TG_UNROLL for (int j = 0; j < kw; j++) {
                    TG_UNROLL for (int i = 0; i < kw; i++) {
                        int64_t tap = kw * i + j;
                        a[i] = vf32_load(taps + (n * s + (flip ? flip - tap : tap)) * VF32);
                    }
                    wino_weight6(kw, a, d);
                    TG_UNROLL for (int i = 0; i < 6; i++) b[i][j] = d[i];
                }
                float *to = u->data + (k + s) * u->pitch + l;
                TG_UNROLL for (int i = 0; i < 6; i++) {
                    wino_weight6(kw, b[i], d);
                    TG_UNROLL for (int j = 0; j < 6; j++) vf32_store(to + (i * 6 + j) * u->plane, d[j]);
                }
            }
        }
}

static void wino_weight(const tg_corr *q, int64_t m, int64_t lines, int64_t c, int64_t steps, const float *w,
                        const tg_wino_buffer *u) {
    if (q->axis[2].taps == 3)
        wino_weights(3, q, m, lines, c, steps, w, u);
    else
        wino_weights(5, q, m, lines, c, steps, w, u);
}

/* gw [lines, channels, kw, kw] (lines ldw apart) = or += G' s G of sums s: line r is tile r of the buffer. */
TG_INLINE void wino_weight_sums(const int kw, int64_t lines, int64_t channels, const tg_wino_buffer *s, int add,
                                float *gw, int64_t ldw) {
    const int n = kw * kw;
    float taps[25][VF32] __attribute__((aligned(64)));
    for (int64_t r = 0; r < lines; r++)
        for (int64_t c = 0; c < channels; c += VF32) {
            const float *p = s->data + r * s->pitch + c;
            vf32 a[6], b[5][6], d[5];
            TG_UNROLL for (int j = 0; j < 6; j++) {
                TG_UNROLL for (int i = 0; i < 6; i++) a[i] = vf32_load(p + (i * 6 + j) * s->plane);
                wino_weight_n(kw, a, d);
                TG_UNROLL for (int i = 0; i < kw; i++) b[i][j] = d[i];
            }
            TG_UNROLL for (int i = 0; i < kw; i++) {
                wino_weight_n(kw, b[i], d);
                TG_UNROLL for (int j = 0; j < kw; j++) vf32_store(taps[kw * i + j], d[j]);
            }
            float *to = gw + r * ldw + c * n;
            int64_t some = channels - c < VF32 ? channels - c : VF32;
            for (int64_t l = 0; l < some; l++, to += n)
                for (int k = 0; k < n; k++) to[k] = add ? to[k] + taps[k][l] : taps[k][l];
        }
}

static void wino_weight_sum(int64_t taps, int64_t lines, int64_t channels, const tg_wino_buffer *s, int add, float *gw,
                            int64_t ldw) {
    if (taps == 3)
        wino_weight_sums(3, lines, channels, s, add, gw, ldw);
    else
        wino_weight_sums(5, lines, channels, s, add, gw, ldw);
}

#undef WA
#undef WB
#undef WA2
#undef WB2
#undef WA4
#undef WB4
#undef WS
#undef WNA
#undef WNB
