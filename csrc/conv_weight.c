/* conv_weight.c: the weight gradient of a convolution,
 *     gw[o, c, k] = sum over n, p of gy[n, o, p] * x[n, c, p * stride + k * dilation - pad],
 * a product of two matrices whose long side, all pixels of all images, is summed away. x is read through its lattice
 * (conv.h), so no column matrix is made; gy is the operand that is rearranged, once for each slice of input channels:
 *
 *   outer: gy is turned to [pixel, output channel]; vectors run over output channels, x is broadcast.
 *   dot:   vectors run over pixels of both; for few output channels (depthwise, first layers), which would leave the
 *          vectors of `outer` half empty.
 *
 * Images are cut into parts, input channels into slices, by the sizes alone. A task sums one part of one slice; the
 * parts are then added in order, so the bits do not depend on the number of threads. */
#include <string.h>

#include "conv.h"
#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "winograd.h"

/* With fewer channels the products of Winograd's weight gradient are too small: 3.4 ms against 2.7 for 4 groups of 16 on
 * 16 x 64 x 28 x 28. */
#define WINOGRAD_CHANNELS 32
/* So many tasks keep any usual team busy. */
#define TASKS 16
/* Bytes of lattice that leave room in a second-level cache for gy and the sums; taps a slice should have at least, so
 * that rearranging gy for each slice does not weigh; bytes of all partial sums together. */
#define LATTICE_BYTES (192 << 10)
#define SLICE_TAPS 256
#define PARTS_BYTES (32 << 20)

typedef struct plan {
    const tg_corr *q;
    const tg_conv_kernels *kernel;
    tg_panel_fn *turn;
    int64_t size, rows, slice, slices, parts;
    int dot, gathered; /* vectors over pixels; no lattice, but panels of columns: its zeros would be too many */
    int in_place;      /* the lattice is the image itself (outer reads no pixel that is not there) */
    int64_t part_bytes, scratch_bytes,
        lattice_bytes; /* of the sums of one part of a group; of a thread; of that its lattice */
    const char *x, *gy;
    char *sums, *scratch;
    const int64_t *off;
    tg_conv_lattice lattice;
} plan;

static int64_t up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

static int64_t slice_channels(const plan *p, int64_t slice) {
    int64_t left = p->q->c - slice * p->slice;
    return left < p->slice ? left : p->slice;
}

/* Pixels of a gathered panel. */
#define PANEL_PIXELS 256

/* out += gy [m, all rows of wide pixels] times the columns that lattice + off reads, rows `pitch` apart. */
static void multiply(const plan *p, const char *lattice, int64_t k, int64_t all, int64_t wide, int64_t pitch,
                     const char *gy, char *turned, char *sums) {
    const tg_corr *q = p->q;
    int64_t lanes = p->kernel->lanes, nr = p->kernel->nr;
    if (p->dot) {
        int64_t padded = up(wide, lanes);
        p->kernel->pad(q->m, all, wide, padded, q->y_plane, gy, turned);
        p->kernel->dot(q->m, k, all, wide, padded, pitch, lattice, p->off, turned, sums);
        return;
    }
    for (int64_t m = 0; m < q->m; m += nr) {
        int64_t left = q->m - m < nr ? q->m - m : nr, vn = (left + lanes - 1) / lanes;
        p->turn(all * wide, left, gy + m * q->y_plane * p->size, q->y_plane, 1, vn * lanes, turned);
        p->kernel->outer(vn, k, all, wide, pitch, lattice, p->off, turned, sums + m * k * p->size);
    }
}

/* The sums of all pixels of image n, for a slice of the channels of group g, by panels of gathered columns. */
static void gathered_image(const plan *p, int64_t n, int64_t g, int64_t slice, char *sums) {
    const tg_corr *q = p->q;
    int64_t pixels = q->y_plane, size = p->size, k = slice_channels(p, slice) * q->taps;
    char *panel = p->scratch + TG_THREAD() * p->scratch_bytes, *turned = panel + p->lattice_bytes;
    tg_run runs[PANEL_PIXELS];
    const char *x = p->x + (n * q->groups + g) * q->c * q->x_plane * size;
    const char *gy = p->gy + (n * q->groups + g) * q->m * q->y_plane * size;
    for (int64_t pix = 0; pix < pixels; pix += PANEL_PIXELS) {
        int64_t count = pixels - pix < PANEL_PIXELS ? pixels - pix : PANEL_PIXELS,
                n_runs = tg_runs(q, pix, count, runs);
        p->kernel->gather(q, runs, n_runs, slice * p->slice * q->taps, k, 0, x, PANEL_PIXELS, panel);
        multiply(p, panel, k, 1, count, PANEL_PIXELS, gy + pix * size, turned, sums);
    }
}

/* The sums of output rows row .. row + rows at depth od of image n, for a slice of the channels of group g. */
static void block(const plan *p, int64_t n, int64_t g, int64_t od, int64_t row, int64_t rows, int64_t slice,
                  char *sums) {
    const tg_corr *q = p->q;
    const tg_axis *a = q->axis;
    int64_t size = p->size, cols = a[2].out, channels = slice_channels(p, slice), k = channels * q->taps;
    char *lattice = p->scratch + TG_THREAD() * p->scratch_bytes, *turned = lattice + p->lattice_bytes;
    const char *image = p->x + ((n * q->groups + g) * q->c + slice * p->slice) * q->x_plane * size, *seen = lattice;
    if (p->in_place)
        seen = image + (od * a[1].in + row) * a[2].in * size;
    else
        p->kernel->lattice(q, &p->lattice, od, row, rows, channels, image, lattice);
    const char *gy = p->gy + ((n * q->groups + g) * q->m * q->y_plane + (od * a[1].out + row) * cols) * size;
    int64_t pitch = p->lattice.pitch, all = rows, wide = cols;
    if (pitch == cols) all = 1, wide = rows * cols; /* rows follow each other without a gap */
    multiply(p, seen, k, all, wide, pitch, gy, turned, sums);
}

/* Sums one part of the images for one slice. */
static void sum_part(const plan *p, int64_t part, int64_t g, int64_t slice) {
    const tg_corr *q = p->q;
    const tg_axis *a = q->axis;
    int64_t width = p->dot ? p->kernel->lanes * q->m : up(q->m, p->kernel->lanes);
    int64_t bytes = slice_channels(p, slice) * q->taps * width * p->size;
    char *sums = p->sums + (part * q->groups + g) * p->part_bytes + slice * p->slice * q->taps * width * p->size;
    memset(sums, 0, (size_t)bytes);
    for (int64_t n = part * q->n / p->parts; n < (part + 1) * q->n / p->parts; n++) {
        if (p->gathered) gathered_image(p, n, g, slice, sums);
        for (int64_t od = 0; od < (p->gathered ? 0 : a[0].out); od++)
            for (int64_t row = 0; row < a[1].out; row += p->rows)
                block(p, n, g, od, row, a[1].out - row < p->rows ? a[1].out - row : p->rows, slice, sums);
    }
}

/* The parts in order, as weights of rows m .. of the slice. */
static void add_parts(const plan *p, int64_t g, int64_t slice, char *gw) {
    const tg_corr *q = p->q;
    int64_t width = p->dot ? p->kernel->lanes * q->m : up(q->m, p->kernel->lanes), first = slice * p->slice * q->taps;
    int64_t step = q->groups * p->part_bytes / p->size;
    const char *sums = p->sums + g * p->part_bytes + first * width * p->size;
    gw += (g * q->w_group + first) * p->size;
    (p->dot ? p->kernel->sum_dot : p->kernel->sum_outer)(p->parts, step, q->m, slice_channels(p, slice) * q->taps, sums,
                                                         gw, q->w_row);
}

static int weight_gradient(int dtype, const tg_corr *q, const char *x, const char *gy, char *gw) {
    const tg_conv_kernels *kernel = &tg_k->conv[dtype == TG_F64];
    const tg_axis *a = q->axis;
    plan p = {.q = q, .kernel = kernel, .size = tg_itemsize(dtype), .x = x, .gy = gy};
    p.turn = tg_k->tiles[dtype == TG_F64].panel;
    /* The share of their lanes that is not padding: of dot's over a row, of outer's over the channels. */
    double row = (double)a[2].out / (double)up(a[2].out, kernel->lanes), all = (double)q->m / (double)up(q->m, kernel->lanes);
    p.dot = row > all && q->m * q->taps * kernel->lanes * p.size <= 64 << 10;
    p.slice = (SLICE_TAPS + q->taps - 1) / q->taps;
    if (p.slice > q->c) p.slice = q->c;
    p.slices = (q->c + p.slice - 1) / p.slice;
    p.part_bytes = up(q->k * (p.dot ? kernel->lanes * q->m : up(q->m, kernel->lanes)) * p.size, 64);
    double part = (double)p.part_bytes * (double)q->groups;
    p.parts = (TASKS + p.slices * q->groups - 1) / (p.slices * q->groups);
    if (p.parts > q->n) p.parts = q->n;
    if ((double)p.parts * part > PARTS_BYTES) p.parts = (int64_t)(PARTS_BYTES / part);
    if (p.parts < 1) p.parts = 1;
    p.rows = tg_conv_lattice_rows(q, p.slice, p.size, LATTICE_BYTES);
    p.gathered = !p.rows || tg_conv_forced() == 2;
    int64_t width = p.dot ? q->m : q->m < kernel->nr ? up(q->m, kernel->lanes) : kernel->nr, pixels = PANEL_PIXELS;
    if (p.gathered)
        p.lattice_bytes = up(p.slice * q->taps * PANEL_PIXELS * p.size, 64) + kernel->nr * p.size;
    else {
        /* Turned gy: at most 2048 pixels of a panel stay in the second-level cache. */
        while (p.rows > 1 && p.rows * a[2].out > 2048) p.rows = (p.rows + 1) / 2;
        p.in_place = !p.dot && tg_corr_inside(q);
        p.lattice = p.in_place ? tg_conv_lattice_image(q, p.rows) : tg_conv_lattice_of(q, p.rows);
        p.lattice_bytes = p.in_place ? 0 : up((p.slice * p.lattice.channel + kernel->nr) * p.size, 64);
        pixels = p.rows * up(a[2].out, kernel->lanes);
    }
    p.lattice_bytes = up(p.lattice_bytes, 64);
    p.scratch_bytes = p.lattice_bytes + up(width * pixels * p.size, 64);
    int64_t offs = p.slice * q->taps;
    if ((double)p.scratch_bytes * tg_get_threads() > 1e15) return TG_NO_MEMORY;
    char *memory =
        tg_scratch((size_t)(p.parts * q->groups * p.part_bytes + tg_get_threads() * p.scratch_bytes + offs * 8));
    if (!memory) return TG_NO_MEMORY;
    p.sums = memory;
    p.scratch = memory + p.parts * q->groups * p.part_bytes;
    p.off = (int64_t *)(p.scratch + tg_get_threads() * p.scratch_bytes);
    if (p.gathered)
        for (int64_t k = 0; k < offs; k++) ((int64_t *)p.off)[k] = k * PANEL_PIXELS;
    else
        tg_conv_lattice_offsets(q, &p.lattice, p.slice, (int64_t *)p.off);
    int64_t tasks = p.parts * q->groups * p.slices;
    double flops = 2.0 * (double)(q->n * q->groups * q->m * q->y_plane) * (double)(q->k + 8);
    TG_PARALLEL_FOR(t, tasks, flops / 40 / (double)tasks)
    sum_part(&p, t / p.slices / q->groups, t / p.slices % q->groups, t % p.slices);
    TG_PARALLEL_FOR(t, q->groups * p.slices, (double)(p.parts * p.slice * q->taps * q->m))
    add_parts(&p, t / p.slices, t % p.slices, gw);
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_conv_weight(int dtype, const tg_conv *s, const void *x, const void *gy, void *gw) {
    if (tg_conv_is_product(s)) return tg_conv_product_weight(dtype, s, x, gy, gw);
    tg_corr q;
    void *memory;
    int status = tg_corr_forward(s, &q, &memory);
    int wide = !status && q.c >= WINOGRAD_CHANNELS && q.m >= WINOGRAD_CHANNELS;
    if (!status && q.groups * q.m * q.k == 0) {
        tg_scratch_free(memory);
        return TG_OK;
    }
    if (!status && q.n * q.y_plane == 0)
        memset(gw, 0, (size_t)(q.groups * q.m * q.k * tg_itemsize(dtype)));
    else if (!status && tg_depthwise_fits(dtype, &q))
        status = tg_depthwise_weight(dtype, &q, x, gy, gw);
    else if (!status && (wide || tg_conv_forced()) && tg_conv_takes_winograd(dtype, &q))
        for (int64_t g = 0; g < q.groups && !status; g++)
            status = tg_winograd_weight(&q, (const float *)x + g * q.c * q.x_plane, (const float *)gy + g * q.m * q.y_plane,
                                        (float *)gw + g * q.w_group);
    else if (!status)
        status = weight_gradient(dtype, &q, x, gy, gw);
    tg_scratch_free(memory);
    return status;
}
