/* conv.c: convolution forward and input gradient, as correlations (conv.h) by one of two algorithms.
 *
 *   shift: the lattice of a block of output rows is made once in the thread's scratch; a register tile of mr output
 * channels by nr pixels runs along it, reading tap k at lattice + off[k]. No im2col, no packing; a tile also computes
 * the columns between two rows, which are thrown away (2 of 58 for a 3x3 kernel on 56 pixels). panel: nr pixels, of
 * several rows and images, are gathered into a panel [k, nr] (implicit im2col), which all output channels then use. No
 * column is wasted, so small images with many channels take it; and it needs no lattice, so huge dilations do too.
 *
 * Each output is one sum over k in ascending order whatever the algorithm, the tile it falls in and the number of
 * threads. */
#include "conv.h"

#include <string.h>

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "winograd.h"

enum { AUTO, SHIFT, PANEL, WINOGRAD };

static int forced;

void tg_conv_force(int algorithm) { forced = algorithm; }

int tg_conv_forced(void) { return forced; }

int tg_conv_takes_winograd(int dtype, const tg_corr *q) {
    return tg_winograd_fits(dtype, q) && (forced == WINOGRAD || (forced == AUTO && tg_winograd_pays(q)));
}

/* ---- a convolution as correlations ---- */

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

static int64_t *tap_memory(const tg_conv *s) {
    return tg_scratch((size_t)(s->kernel[0] + s->kernel[1] + s->kernel[2]) * 2 * sizeof(int64_t));
}

int tg_corr_forward(const tg_conv *s, tg_corr *q, void **memory) {
    int64_t *m = *memory = tap_memory(s);
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

/* ---- lattices and runs ---- */

tg_conv_lattice tg_conv_lattice_of(const tg_corr *q, int64_t rows) {
    const tg_axis *a = q->axis;
    tg_conv_lattice l = {
        .rows = rows, .depth = 1 + a[0].span, .height = rows + a[1].span, .pitch = a[2].out + a[2].span};
    l.plane = l.depth * l.height * l.pitch;
    l.channel = l.plane * a[0].phases * a[1].phases * a[2].phases;
    return l;
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

/* ---- the two algorithms ---- */

/* Everything a task needs; one for the whole call. */
typedef struct plan {
    const tg_corr *q;
    const tg_conv_kernels *kernel;
    int64_t size; /* of an element */
    const char *x, *w, *b;
    char *y, *packed, *zeros, *scratch;
    int64_t scratch_bytes; /* one thread's */
    const int64_t *off;
    tg_conv_lattice lattice;
    int64_t panels, chunk, chunks; /* row panels of a group, of one task, tasks for all of them */
} plan;

/* Rows of panel i: as many full ones as there are, the rest in powers of two. */
static int64_t panel_rows(const plan *p, int64_t i, int64_t *m0) {
    int64_t mr = p->kernel->mr, full = p->q->m / mr;
    if (i < full) return *m0 = i * mr, mr;
    int64_t at = full * mr, rest = p->q->m - at;
    for (i -= full;; i--) {
        int64_t rows = 1;
        while (rows * 2 <= rest) rows *= 2;
        if (!i) return *m0 = at, rows;
        at += rows;
        rest -= rows;
    }
}

static int64_t count_panels(const tg_conv_kernels *kernel, int64_t m) {
    return m / kernel->mr + __builtin_popcountll((unsigned long long)(m % kernel->mr));
}

static char *result(const plan *p, int64_t n, int64_t g, int64_t m, int64_t o0, int64_t o1, int64_t o2) {
    const tg_axis *a = p->q->axis;
    int64_t at = ((a[0].first + o0 * a[0].step) * a[1].full + a[1].first + o1 * a[1].step) * a[2].full + a[2].first +
                 o2 * a[2].step;
    return p->y + (((n * p->q->groups + g) * p->q->m + m) * p->q->y_plane + at) * p->size;
}

/* len elements from a tile to every step-th element of the result. */
static void put(const char *tile, int64_t len, char *y, int64_t step, int64_t size) {
    if (step == 1)
        memcpy(y, tile, (size_t)(len * size));
    else if (size == 4)
        for (int64_t i = 0; i < len; i++) ((float *)y)[i * step] = ((const float *)tile)[i];
    else
        for (int64_t i = 0; i < len; i++) ((double *)y)[i * step] = ((const double *)tile)[i];
}

static const char *bias_of(const plan *p, int64_t g, int64_t m) {
    return p->b ? p->b + (g * p->q->m + m) * p->size : p->zeros;
}

/* All rows of chunk `chunk` for output rows row .. row + rows at depth od of image n. */
static void shift_task(const plan *p, int64_t n, int64_t g, int64_t od, int64_t row, int64_t rows, int64_t chunk) {
    const tg_corr *q = p->q;
    const tg_axis *a = q->axis;
    int64_t size = p->size, nr = p->kernel->nr, pitch = p->lattice.pitch, cols = a[2].out;
    char *lattice = p->scratch + TG_THREAD() * p->scratch_bytes,
         *tile = lattice + p->scratch_bytes - p->kernel->mr * nr * size;
    if (q->k)
        p->kernel->lattice(q, &p->lattice, od, row, rows, q->c, p->x + (n * q->groups + g) * q->c * q->x_plane * size,
                           lattice);
    int64_t flat = (rows - 1) * pitch + cols; /* the last column that is wanted, plus one */
    int joined =
        pitch == cols && a[2].step == 1 && a[1].step == 1 && a[2].full == cols; /* rows follow each other in y too */
    int64_t last = (chunk + 1) * p->chunk < p->panels ? (chunk + 1) * p->chunk : p->panels;
    for (int64_t i = chunk * p->chunk; i < last; i++) {
        int64_t m0, mr = panel_rows(p, i, &m0);
        const char *panel = p->packed + (g * q->m + m0) * q->k * size, *bias = bias_of(p, g, m0);
        for (int64_t f = 0; f < flat; f += nr) {
            int64_t r = joined ? 0 : f / pitch, c = joined ? f : f - r * pitch, width = joined ? flat : cols;
            char *y = result(p, n, g, m0, od, row + r, c);
            if (a[2].step == 1 && c + nr <= width) {
                p->kernel->tile(mr, q->k, panel, lattice + f * size, p->off, bias, y, q->y_plane);
                continue;
            }
            p->kernel->tile(mr, q->k, panel, lattice + f * size, p->off, bias, tile, nr);
            for (int64_t j = 0; j < nr && f + j < flat; r++, j += pitch - c, c = 0) {
                int64_t len = width - c < nr - j ? width - c : nr - j;
                if (len <= 0) continue;
                y = result(p, n, g, m0, od, row + r, c);
                for (int64_t m = 0; m < mr; m++)
                    put(tile + (m * nr + j) * size, len, y + m * q->y_plane * size, a[2].step, size);
                if (joined) break;
            }
        }
    }
}

/* Panels of this many rows of k stay in the second-level cache beside the tile buffer. */
#define PANEL_K 512

/* All rows of chunk `chunk` for pixels pix .. pix + count <= nr of the whole batch. */
static void panel_task(const plan *p, int64_t g, int64_t pix, int64_t count, int64_t chunk) {
    const tg_corr *q = p->q;
    const tg_axis *a = q->axis;
    int64_t size = p->size, nr = p->kernel->nr, kc = q->k < PANEL_K ? q->k : PANEL_K;
    char *panel = p->scratch + TG_THREAD() * p->scratch_bytes, *tiles = panel + kc * nr * size;
    tg_run *runs = (tg_run *)(panel + p->scratch_bytes - nr * (int64_t)sizeof(tg_run));
    int64_t n_runs = tg_runs(q, pix, count, runs);
    int64_t last = (chunk + 1) * p->chunk < p->panels ? (chunk + 1) * p->chunk : p->panels;
    const char *x = p->x + g * q->c * q->x_plane * size;
    int64_t k0 = 0, first_m;
    panel_rows(p, chunk * p->chunk, &first_m);
    do {
        int64_t kn = q->k - k0 < PANEL_K ? q->k - k0 : PANEL_K;
        if (kn) p->kernel->gather(q, runs, n_runs, k0, kn, q->groups * q->c * q->x_plane, x, nr, panel);
        for (int64_t i = chunk * p->chunk; i < last; i++) {
            int64_t m0, mr = panel_rows(p, i, &m0);
            const char *rows = p->packed + ((g * q->m + m0) * q->k + k0 * mr) * size;
            p->kernel->tile(mr, kn, rows, panel, p->off, k0 ? NULL : bias_of(p, g, m0),
                            tiles + (m0 - first_m) * nr * size, nr);
        }
        k0 += PANEL_K;
    } while (k0 < q->k);
    int64_t m0, mr = panel_rows(p, last - 1, &m0), j = 0;
    for (int64_t i = 0; i < n_runs; j += runs[i++].len) {
        char *y = result(p, runs[i].n, g, first_m, runs[i].o0, runs[i].o1, runs[i].o2);
        for (int64_t m = 0; m < m0 + mr - first_m; m++)
            put(tiles + (m * nr + j) * size, runs[i].len, y + m * q->y_plane * size, a[2].step, size);
    }
}

/* Bytes of lattice that leave room in a second-level cache of 1 MB (512 KB on small machines) for weights and results.
 */
#define LATTICE_BYTES (320 << 10)

/* The relative cost of an output: the columns that shift wastes, against gathering k elements for m products each. */
static int choose(const tg_conv_kernels *kernel, const tg_corr *q, int64_t rows) {
    if (!rows) return PANEL;
    if (forced == SHIFT || forced == PANEL) return forced;
    int64_t pitch = q->axis[2].out + q->axis[2].span, flat = (rows - 1) * pitch + q->axis[2].out;
    double shift = (double)((flat + kernel->nr - 1) / kernel->nr * kernel->nr) / (double)(rows * q->axis[2].out);
    double panel = 1 + 2.0 * (double)kernel->lanes / (double)q->m;
    return shift <= panel ? SHIFT : PANEL;
}

/* Enough tasks that a team of any usual size is busy, none of them tiny. */
static void set_chunks(plan *p, int64_t tasks) {
    int64_t wanted = 4 * (int64_t)tg_get_threads(), chunks = tasks >= wanted ? 1 : (wanted + tasks - 1) / tasks;
    if (tg_get_threads() == 1) chunks = 1;
    p->panels = count_panels(p->kernel, p->q->m);
    if (chunks > p->panels) chunks = p->panels;
    p->chunk = (p->panels + chunks - 1) / chunks;
    p->chunks = (p->panels + p->chunk - 1) / p->chunk;
}

static int64_t round_up(int64_t n) { return (n + 63) / 64 * 64; }

static int correlate(int dtype, const tg_corr *q, const char *x, const char *w, const char *b, char *y) {
    const tg_conv_kernels *kernel = &tg_k->conv[dtype == TG_F64];
    const tg_axis *a = q->axis;
    int64_t pixels = a[0].out * a[1].out * a[2].out, size = tg_itemsize(dtype), nr = kernel->nr;
    if (q->n * q->groups * q->m * pixels == 0) return TG_OK;
    if (tg_conv_takes_winograd(dtype, q)) return tg_winograd(q, x, w, b, y);
    plan p = {.q = q, .kernel = kernel, .size = size, .x = x, .w = w, .b = b, .y = y};
    int64_t rows = tg_conv_lattice_rows(q, q->c, size, LATTICE_BYTES), algorithm = choose(kernel, q, rows), offs;
    int64_t blocks, tasks;
    if (algorithm == SHIFT) {
        p.lattice = tg_conv_lattice_of(q, rows);
        blocks = (a[1].out + rows - 1) / rows;
        tasks = q->n * q->groups * a[0].out * blocks;
        set_chunks(&p, tasks);
        offs = q->k;
        p.scratch_bytes = round_up((q->c * p.lattice.channel + nr + kernel->mr * nr) * size);
    } else {
        blocks = (q->n * pixels + nr - 1) / nr;
        tasks = q->groups * blocks;
        set_chunks(&p, tasks);
        offs = q->k < PANEL_K ? q->k : PANEL_K;
        p.scratch_bytes = round_up((offs + q->m) * nr * size + nr * (int64_t)sizeof(tg_run));
    }
    int64_t weights = round_up(q->groups * q->m * q->k * size), zeros = round_up(kernel->mr * size);
    char *memory = tg_scratch((size_t)(p.scratch_bytes * tg_get_threads() + weights + zeros + offs * 8));
    if (!memory) return TG_NO_MEMORY;
    p.packed = memory;
    p.zeros = memset(memory + weights, 0, (size_t)zeros);
    int64_t *off = (int64_t *)(p.zeros + zeros);
    p.off = off;
    p.scratch = (char *)(off + offs);
    p.scratch += -(uintptr_t)p.scratch & 63;
    if (algorithm == SHIFT)
        tg_conv_lattice_offsets(q, &p.lattice, q->c, off);
    else
        for (int64_t k = 0; k < offs; k++) off[k] = k * nr;
    TG_PARALLEL_FOR(t, q->groups * p.panels, (double)(q->k * kernel->mr)) {
        int64_t m0, g = t / p.panels, mr = panel_rows(&p, t % p.panels, &m0);
        kernel->pack(q, mr, w + (g * q->w_group + m0 * q->w_row) * size, p.packed + (g * q->m + m0) * q->k * size);
    }
    double flops = 2.0 * (double)(q->n * q->groups * q->m * pixels) * (double)(q->k + 8);
    tasks *= p.chunks;
    TG_PARALLEL_FOR(t, tasks, flops / 40 / (double)tasks) {
        int64_t chunk = t % p.chunks, i = t / p.chunks;
        if (algorithm == SHIFT) {
            int64_t row = i % blocks * rows, od = i / blocks % a[0].out, ng = i / (blocks * a[0].out);
            int64_t some = a[1].out - row < rows ? a[1].out - row : rows;
            shift_task(&p, ng / q->groups, ng % q->groups, od, row, some, chunk);
        } else {
            int64_t pix = i % blocks * nr, left = q->n * pixels - pix;
            panel_task(&p, i / blocks, pix, left < nr ? left : nr, chunk);
        }
    }
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_conv_forward(int dtype, const tg_conv *s, const void *x, const void *w, const void *b, void *y) {
    tg_corr q;
    void *memory;
    int status = tg_corr_forward(s, &q, &memory);
    if (!status) status = correlate(dtype, &q, x, w, b, y);
    tg_scratch_free(memory);
    return status;
}

int tg_conv_algorithm(int dtype, const tg_conv *s) {
    tg_corr q;
    void *memory;
    if (tg_corr_forward(s, &q, &memory)) return 0;
    int algorithm = tg_conv_takes_winograd(dtype, &q) ? WINOGRAD :
        choose(&tg_k->conv[dtype == TG_F64], &q, tg_conv_lattice_rows(&q, q.c, tg_itemsize(dtype), LATTICE_BYTES));
    tg_scratch_free(memory);
    return algorithm;
}

int tg_conv_input(int dtype, const tg_conv *s, const void *gy, const void *w, const void *b, void *gx) {
    int64_t *memory = tap_memory(s), kw = s->kernel[2], khw = kw * s->kernel[1], taps = khw * s->kernel[0];
    if (!memory) return TG_NO_MEMORY;
    tg_corr q = {.n = s->n, .groups = s->groups, .m = s->ci / s->groups, .c = s->co / s->groups};
    q.w_row = taps;
    q.w_channel = q.m * taps;
    q.w_group = q.c * q.w_channel;
    int status = TG_OK;
    for (int64_t i = 0; i < s->stride[0] && i < s->in[0]; i++)
        for (int64_t j = 0; j < s->stride[1] && j < s->in[1]; j++)
            for (int64_t k = 0; k < s->stride[2] && k < s->in[2] && !status; k++) {
                int64_t *m = input_axis(s, 0, i, q.axis, khw, memory);
                m = input_axis(s, 1, j, q.axis + 1, kw, m);
                input_axis(s, 2, k, q.axis + 2, 1, m);
                finish_corr(&q);
                status = correlate(dtype, &q, gy, w, b, gx);
            }
    tg_scratch_free(memory);
    return status;
}
