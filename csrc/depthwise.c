/* depthwise.c: correlations (conv.h) in which a channel is seen alone: the convolution of as many groups as channels,
 * its input gradient and its weight gradient. There is a multiply-add for each tap and nothing to share but the loads, so
 * a plane is copied into a lattice in the first-level cache, and each row that is loaded from there serves all the rows
 * of outputs that see it (kernels/depthwise_t.h): one pass over memory.
 *
 * One task makes one channel of one image, or sums one part of the images of one channel: the bits do not depend on the
 * number of threads. */
#include <string.h>

#include "conv.h"
#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"

/* Bytes of lattice that leave room in a first-level cache. */
#define LATTICE_BYTES (24 << 10)
/* So many tasks keep any usual team busy. */
#define TASKS 32
/* Channels of a task of the weight gradient: planes that follow each other in memory. */
#define CHANNELS 8
#define AHEAD 4096

static int64_t up(int64_t n) { return (n + 63) / 64 * 64; }

static int64_t step_of(const tg_axis *a) {
    int64_t step = a->taps > 1 ? a->off[1] - a->off[0] : 1;
    return step < 0 ? -step : step;
}

/* Channels alone, unit stride, rows of taps side by side and as many of them as there are kernels for. */
int tg_depthwise_fits(int dtype, const tg_corr *q) {
    const tg_axis *d = q->axis, *h = d + 1, *w = d + 2;
    int forced = tg_conv_forced();
    if (forced && forced != 5) return 0;
    if (d->taps != 1 || d->in != 1 || d->full != 1 || d->off[0] != 0) return 0;
    if (q->c != 1 || q->m > 2 || q->groups < 2 || h->taps > 7 || h->taps % 2 == 0 || w->taps == 0 || step_of(h) != 1) return 0;
    if (h->stride != 1 || w->stride != 1 || h->step != 1 || w->step != 1) return 0;
    return tg_conv_lattice_rows(q, 1, tg_itemsize(dtype), LATTICE_BYTES) > 0;
}

typedef struct plan {
    const tg_corr *q;
    const tg_conv_kernels *kernel;
    int64_t size, rows, lattice_bytes, scratch_bytes, parts;
    const char *x, *g;
    char *packed, *zeros, *scratch;
    tg_conv_lattice lattice;
} plan;

static plan make_plan(int dtype, const tg_corr *q) {
    plan p = {.q = q, .kernel = &tg_k->conv[dtype == TG_F64], .size = tg_itemsize(dtype)};
    p.rows = tg_conv_lattice_rows(q, 1, p.size, LATTICE_BYTES);
    if (!p.rows) return p;
    p.lattice = tg_conv_lattice_of(q, p.rows);
    p.lattice_bytes = up((p.lattice.channel + p.kernel->lanes) * p.size);
    return p;
}

/* The weights of each channel in the order of the lattice: the input gradient's taps run backwards. */
static void pack(const plan *p, const char *w) {
    const tg_axis *h = p->q->axis + 1, *c = h + 1;
    int64_t kh = h->taps, kw = c->taps;
    char *to = p->packed;
    for (int64_t g = 0; g < p->q->groups; g++)
        for (int64_t m = 0; m < p->q->m; m++)
            for (int64_t i = 0; i < kh; i++)
                for (int64_t j = 0; j < kw; j++, to += p->size) {
                    int64_t ti = kh > 1 && h->off[1] < h->off[0] ? kh - 1 - i : i;
                    int64_t tj = kw > 1 && c->off[1] < c->off[0] ? kw - 1 - j : j;
                    int64_t at = g * p->q->w_group + m * p->q->w_row + p->q->axis[0].index[0] + h->index[ti] + c->index[tj];
                    memcpy(to, w + at * p->size, (size_t)p->size);
                }
}

int tg_depthwise(int dtype, const tg_corr *q, const void *x, const void *w, const void *bias, void *y) {
    plan p = make_plan(dtype, q);
    const tg_axis *h = q->axis + 1, *c = h + 1;
    int64_t size = p.size, taps = q->taps, weights = up(q->groups * q->m * taps * size);
    char *memory = tg_scratch((size_t)(tg_get_threads() * p.lattice_bytes + weights + 64));
    if (!memory) return TG_NO_MEMORY;
    p.packed = memory + tg_get_threads() * p.lattice_bytes;
    const char *zero = memset(p.packed + weights, 0, 64);
    pack(&p, w);
    TG_PARALLEL_FOR(t, q->n * q->groups, (double)(q->m * q->y_plane * (taps + 8)) / 8) {
        char *lattice = memory + TG_THREAD() * p.lattice_bytes;
        for (int64_t row = 0; row < h->out; row += p.rows) {
            int64_t rows = h->out - row < p.rows ? h->out - row : p.rows;
            p.kernel->lattice(q, &p.lattice, 0, row, rows, 1, (const char *)x + t * q->x_plane * size, lattice);
            for (int64_t m = 0; m < q->m; m++) {
                int64_t to = t * q->m + m, from = t % q->groups * q->m + m;
                p.kernel->plane(h->taps, c->taps, step_of(c), rows, c->out, p.lattice.pitch, lattice,
                                p.packed + from * taps * size, bias ? (const char *)bias + from * size : zero,
                                (char *)y + (to * q->y_plane + row * c->out) * size);
            }
        }
    }
    tg_scratch_free(memory);
    return TG_OK;
}

/* Asks for what the next plane needs, or its first AHEAD bytes (gw of 32 x 128 x 28 x 28, 3 x 3, two cores: 1.42 to 1.18
 * ms; the passes that write as much as they read gain nothing). */
static void ahead(const char *at, int64_t bytes) {
    for (int64_t i = 0; i < bytes && i < AHEAD; i += 64) __builtin_prefetch(at + i);
}

/* Part `part` of the images of groups g0 .. g1: sums [group, m, taps, lanes]. */
static void sum_part(const plan *p, int64_t part, int64_t g0, int64_t g1, char *sums) {
    const tg_corr *q = p->q;
    const tg_axis *h = q->axis + 1, *c = h + 1;
    int64_t size = p->size, each = q->taps * p->kernel->lanes * size;
    char *lattice = p->scratch + TG_THREAD() * p->scratch_bytes, *copy = lattice + p->lattice_bytes;
    memset(sums, 0, (size_t)((g1 - g0) * q->m * each));
    for (int64_t n = part * q->n / p->parts; n < (part + 1) * q->n / p->parts; n++)
        for (int64_t plane = n * q->groups + g0; plane < n * q->groups + g1; plane++) {
            ahead(p->x + (plane + 1) * q->x_plane * size, q->x_plane * size);
            ahead(p->g + (plane + 1) * q->m * q->y_plane * size, q->m * q->y_plane * size);
            for (int64_t row = 0; row < h->out; row += p->rows) {
                int64_t rows = h->out - row < p->rows ? h->out - row : p->rows;
                p->kernel->lattice(q, &p->lattice, 0, row, rows, 1, p->x + plane * q->x_plane * size, lattice);
                for (int64_t m = plane * q->m; m < (plane + 1) * q->m; m++) {
                    int64_t start = m * q->y_plane + row * c->out, end = start + rows * c->out;
                    const char *gy = p->g + start * size;
                    if (end + p->kernel->lanes > q->n * q->groups * q->m * q->y_plane) /* a row's last vector ends there */
                        gy = memcpy(copy, gy, (size_t)((end - start) * size));
                    p->kernel->sums(h->taps, c->taps, step_of(c), rows, c->out, p->lattice.pitch, lattice, gy,
                                    sums + (m - (n * q->groups + g0) * q->m) * each);
                }
            }
        }
}

int tg_depthwise_weight(int dtype, const tg_corr *q, const void *x, const void *gy, void *gw) {
    plan p = make_plan(dtype, q);
    p.x = x, p.g = gy;
    int64_t lanes = p.kernel->lanes, part = q->m * q->taps * lanes;
    int64_t blocks = (q->groups + CHANNELS - 1) / CHANNELS;
    p.parts = (TASKS + blocks - 1) / blocks;
    if (p.parts > q->n) p.parts = q->n;
    p.scratch_bytes = p.lattice_bytes + up((p.rows * q->axis[2].out + lanes) * p.size);
    int64_t sums = up(p.parts * q->groups * part * p.size);
    char *memory = tg_scratch((size_t)(sums + tg_get_threads() * p.scratch_bytes));
    if (!memory) return TG_NO_MEMORY;
    p.scratch = memory + sums;
    double cost = (double)(CHANNELS * q->n * q->m * q->y_plane * (q->taps + 8)) / 8 / (double)p.parts;
    TG_PARALLEL_FOR(t, p.parts * blocks, cost) {
        int64_t n = t / blocks, g0 = t % blocks * CHANNELS, g1 = g0 + CHANNELS < q->groups ? g0 + CHANNELS : q->groups;
        sum_part(&p, n, g0, g1, memory + (n * q->groups + g0) * part * p.size);
    }
    p.kernel->sum_dot(p.parts, q->groups * part, q->groups * q->m, q->taps, memory, gw, q->w_row);
    tg_scratch_free(memory);
    return TG_OK;
}
