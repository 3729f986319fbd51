/* correlation.c: a convolution, and its input gradient, as correlations (conv.h); their lattices and runs. */
#include "conv.h"
#include "memory.h"

static int64_t gcd(int64_t a, int64_t b) { return b ? gcd(b, a % b) : a; }

static int64_t *finish_axis(tg_axis *a, int64_t period, int64_t *memory) {
    int64_t last = a->taps - 1, p = a->taps ? tg_floor_div(a->off[0], a->stride) : 0;
    int64_t r = a->taps ? tg_floor_div(a->off[last], a->stride) : 0;
    a->phases = period < a->taps ? period : a->taps;
    a->base = p < r ? p : r;
    a->span = p < r ? r - p : p - r;
    return memory + 2 * a->taps;
}

static int64_t *forward_axis(const tg_conv *s, int d, tg_axis *a, int64_t scale, int64_t *memory) {
    *a = (tg_axis){
        .in = s->in[d], .out = s->out[d], .stride = s->stride[d], .taps = s->kernel[d], .step = 1, .full = s->out[d]};
    a->off = memory;
    a->index = memory + a->taps;
    for (int64_t k = 0; k < a->taps; k++) {
        a->off[k] = k * s->dilation[d] - s->pad[d];
        a->index[k] = k * scale;
    }
    return finish_axis(a, s->stride[d] / gcd(s->stride[d], s->dilation[d]), memory);
}

/* The inputs i = first, first + stride, ...: output o saw i by tap k where o * stride + k * dilation - pad = i. */
static int64_t *input_axis(const tg_conv *s, int d, int64_t first, tg_axis *a, int64_t scale, int64_t *memory) {
    int64_t in = s->in[d], stride = s->stride[d];
    *a = (tg_axis){.in = s->out[d],
                   .out = first < in ? (in - first + stride - 1) / stride : 0,
                   .stride = 1,
                   .first = first,
                   .step = stride,
                   .full = in};
    for (int64_t k = 0; k < s->kernel[d]; k++) a->taps += (first + s->pad[d] - k * s->dilation[d]) % stride == 0;
    a->off = memory;
    a->index = memory + a->taps;
    int64_t t = 0;
    for (int64_t k = 0; k < s->kernel[d]; k++) {
        int64_t at = first + s->pad[d] - k * s->dilation[d];
        if (at % stride) continue;
        a->off[t] = at / stride;
        a->index[t++] = k * scale;
    }
    return finish_axis(a, 1, memory);
}

static void finish_corr(tg_corr *q) {
    q->taps = q->axis[0].taps * q->axis[1].taps * q->axis[2].taps;
    q->k = q->c * q->taps;
    q->x_plane = q->axis[0].in * q->axis[1].in * q->axis[2].in;
    q->y_plane = q->axis[0].full * q->axis[1].full * q->axis[2].full;
}

int64_t *tg_corr_memory(const tg_conv *s) {
    return tg_scratch((size_t)(s->kernel[0] + s->kernel[1] + s->kernel[2]) * 2 * sizeof(int64_t));
}

void tg_corr_input(const tg_conv *s, const int64_t first[3], int64_t count, int64_t *memory, tg_corr *q) {
    int64_t *m = memory, kw = s->kernel[2], khw = kw * s->kernel[1], taps = khw * s->kernel[0];
    int64_t low = INT64_MAX, high = INT64_MIN;
    *q = (tg_corr){.n = s->n, .groups = s->groups, .m = s->ci / s->groups, .c = s->co / s->groups};
    q->w_row = taps;
    q->w_channel = q->m * taps;
    q->w_group = q->c * q->w_channel;
    m = input_axis(s, 0, first[0], q->axis, khw, m);
    m = input_axis(s, 1, first[1], q->axis + 1, kw, m);
    for (int64_t r = 0; r < count; r++) {
        if (r) q[r] = q[0];
        tg_axis *a = q[r].axis + 2;
        m = input_axis(s, 2, first[2] + r, a, 1, m);
        finish_corr(q + r);
        if (a->taps && a->base < low) low = a->base;
        if (a->taps && a->base + a->span > high) high = a->base + a->span;
    }
    for (int64_t r = 0; r < count && low <= high; r++) {
        q[r].axis[2].base = low;
        q[r].axis[2].span = high - low;
    }
}

int tg_corr_forward(const tg_conv *s, tg_corr *q, void **memory) {
    int64_t *m = *memory = tg_corr_memory(s);
    if (!m) return TG_NO_MEMORY;
    int64_t kw = s->kernel[2], khw = kw * s->kernel[1], taps = khw * s->kernel[0];
    *q = (tg_corr){.n = s->n, .groups = s->groups, .m = s->co / s->groups, .c = s->ci / s->groups};
    q->w_channel = taps;
    q->w_row = q->c * taps;
    q->w_group = q->m * q->w_row;
    m = forward_axis(s, 0, q->axis, khw, m);
    m = forward_axis(s, 1, q->axis + 1, kw, m);
    forward_axis(s, 2, q->axis + 2, 1, m);
    finish_corr(q);
    return TG_OK;
}

tg_conv_lattice tg_conv_lattice_of(const tg_corr *q, int64_t rows) {
    const tg_axis *a = q->axis;
    tg_conv_lattice l = {
        .rows = rows, .depth = 1 + a[0].span, .height = rows + a[1].span, .pitch = a[2].out + a[2].span};
    l.plane = l.depth * l.height * l.pitch;
    l.channel = l.plane * a[0].phases * a[1].phases * a[2].phases;
    return l;
}

int tg_corr_inside(const tg_corr *q) {
    for (const tg_axis *a = q->axis; a < q->axis + 3; a++)
        if (a->stride != 1 || !a->taps || a->base != 0 || a->out + a->span > a->in) return 0;
    return 1;
}

tg_conv_lattice tg_conv_lattice_image(const tg_corr *q, int64_t rows) {
    const tg_axis *a = q->axis;
    return (tg_conv_lattice){.rows = rows, .depth = a[0].in, .height = a[1].in, .pitch = a[2].in, .plane = q->x_plane,
                             .channel = q->x_plane};
}

void tg_conv_lattice_offsets(const tg_corr *q, const tg_conv_lattice *l, int64_t channels, int64_t *off) {
    const tg_axis *a = q->axis, *b = a + 1, *c = a + 2;
    for (int64_t ch = 0; ch < channels; ch++)
        for (int64_t i = 0; i < a->taps; i++)
            for (int64_t j = 0; j < b->taps; j++)
                for (int64_t k = 0; k < c->taps; k++) {
                    int64_t phase = (i % a->phases * b->phases + j % b->phases) * c->phases + k % c->phases;
                    *off++ = ch * l->channel + phase * l->plane +
                             (tg_axis_pos(a, i) * l->height + tg_axis_pos(b, j)) * l->pitch + tg_axis_pos(c, k);
                }
}

/* More than this (or 16 times the image) is memory better not spent on zeros and copies. */
#define LATTICE_MAX ((double)(64 << 20))

int64_t tg_conv_lattice_rows(const tg_corr *q, int64_t channels, int64_t itemsize, int64_t bytes) {
    const tg_axis *a = q->axis;
    double row = (double)channels * (double)itemsize * (double)(1 + a[0].span) * (double)(a[2].out + a[2].span) *
                 (double)(a[0].phases * a[1].phases * a[2].phases);
    if (row * (1 + (double)a[1].span) > LATTICE_MAX) return 0;
    double fit = row > 0 ? (double)bytes / row - (double)a[1].span : (double)a[1].out;
    int64_t rows = fit < 1 ? 1 : fit > (double)a[1].out ? a[1].out : (int64_t)fit;
    int64_t blocks = (a[1].out + rows - 1) / rows;
    return (a[1].out + blocks - 1) / blocks; /* blocks of about the same size */
}

int64_t tg_runs(const tg_corr *q, int64_t p, int64_t len, tg_run *runs) {
    const tg_axis *a = q->axis;
    int64_t n = 0;
    int64_t o2 = p % a[2].out, row = p / a[2].out;
    int64_t o1 = row % a[1].out, o0 = row / a[1].out % a[0].out, image = row / (a[1].out * a[0].out);
    while (len > 0) {
        int64_t take = a[2].out - o2 < len ? a[2].out - o2 : len;
        runs[n++] = (tg_run){image, o0, o1, o2, take};
        len -= take;
        o2 = 0;
        if (++o1 < a[1].out) continue;
        o1 = 0;
        if (++o0 < a[0].out) continue;
        o0 = 0;
        image++;
    }
    return n;
}
