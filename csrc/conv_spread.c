/* conv_spread.c: the input gradient of a convolution through columns:
 *
 *     col[c, k, p] = sum over o of w[o, c, k] * gy[n, o, p],    gx[n, c, p * stride + k * dilation - pad] += col[c, k, p].
 *
 * As a correlation (conv.c) it multiplies the zeros around gy too: (12 / 8)^2 times the arithmetic where a 5 x 5 kernel
 * makes 8 x 8 of 12 x 12; and where the image has few channels, its tiles have few rows. Here all taps of a channel are
 * rows of tiles over gy as it lies in memory. Each column is then added once, into the channel's lattice (conv.h), where
 * every tap is a shifted plane, whatever the stride.
 *
 * One task makes one channel of one image, taps in ascending order: the bits do not depend on the number of threads. */
#include <string.h>

#include "conv.h"
#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"

/* Bytes of columns that stay in a second-level cache beside gy and the lattice. */
#define COLUMN_BYTES (64 << 10)
/* Bytes of a channel's lattice at most. */
#define LATTICE_BYTES (1 << 20)
/* Adding a vector of columns takes as long as so many multiply-adds. */
#define ADD_COST 7

static int64_t up(int64_t n) { return (n + 63) / 64 * 64; }

/* A tile of few rows is held up by its loads (conv_tile: 60 of 118 GFLOP/s with one row, 110 with two). */
static double slow(const tg_conv_kernels *kernel, int64_t rows) {
    int64_t panels = (rows + kernel->mr - 1) / kernel->mr;
    return rows / panels == 1 ? 2 : rows / panels < 4 ? 1.1 : 1;
}

int tg_conv_spreads(int dtype, const tg_conv *s) {
    const tg_conv_kernels *kernel = &tg_k->conv[dtype == TG_F64];
    int64_t lanes = kernel->lanes, m = s->ci / s->groups, taps = s->kernel[1] * s->kernel[2];
    int64_t pixels = s->out[1] * s->out[2], forced = tg_conv_forced();
    if (s->kernel[0] != 1 || s->in[0] != 1 || s->out[0] != 1 || s->pad[0] || pixels < 2 * lanes || m == 0) return 0;
    double lattice = (double)tg_itemsize(dtype), k = (double)(s->co / s->groups);
    for (int d = 1; d < 3; d++) {
        double reach = (double)(s->kernel[d] - 1) * (double)s->dilation[d] + (double)(s->out[d] * s->stride[d]);
        if (reach > 2 * (double)(s->in[d] + s->pad[d]) + 16) return 0; /* most of the lattice would be padding */
        lattice *= reach;
    }
    if (lattice > LATTICE_BYTES) return 0;
    if (forced) return forced == 4;
    double vectors = (double)((s->out[2] + lanes - 1) / lanes * lanes) / (double)s->out[2];
    double spread = (double)(pixels * taps) * (k * slow(kernel, taps) + ADD_COST * vectors);
    double correlation =
        (double)(s->in[1] * s->in[2] * taps) / (double)(s->stride[1] * s->stride[2]) * k * 1.1 * slow(kernel, m);
    return spread < correlation;
}

typedef struct plan {
    const tg_corr *q; /* of the forward pass */
    const tg_conv_kernels *kernel;
    int64_t size, rows, panels, scratch_bytes, acc_bytes;
    const char *gy, *b;
    char *gx, *packed, *zeros, *scratch;
    int64_t *off, *planes; /* taps in the lattice; channels of gy */
    tg_conv_lattice lattice;
    tg_tile_at *tiles[2];
    int64_t n_tiles[2];
} plan;

/* Rows of panel i of the taps of a channel. */
static int64_t panel_rows(const plan *p, int64_t i, int64_t *t0) {
    int64_t rows = p->q->taps / p->panels, more = p->q->taps % p->panels;
    *t0 = i * rows + (i < more ? i : more);
    return rows + (i < more);
}

/* The gradient of channel c of group g of image n. */
static void channel(const plan *p, int64_t n, int64_t g, int64_t c) {
    const tg_corr *q = p->q;
    int64_t size = p->size, cols = q->axis[2].out, height = q->axis[1].out;
    char *acc = p->scratch + TG_THREAD() * p->scratch_bytes, *col = acc + p->acc_bytes;
    const char *gy = p->gy + (n * q->groups + g) * q->m * q->y_plane * size;
    const char *packed = p->packed + (g * q->c + c) * q->taps * q->m * size;
    memset(acc, 0, (size_t)p->acc_bytes);
    for (int64_t row = 0; row < height; row += p->rows) {
        int64_t last = height - row < p->rows, rows = last ? height - row : p->rows, ld = rows * cols;
        for (int64_t i = 0; i < p->panels; i++) {
            int64_t t0, mr = panel_rows(p, i, &t0);
            for (int64_t f = 0; f < p->n_tiles[last]; f++) {
                const tg_tile_at *t = p->tiles[last] + f;
                p->kernel->tile(t, mr, q->m, packed + t0 * q->m * size, gy + row * cols * size, p->planes, 0, p->zeros,
                                col + (t0 * ld + t->start) * size, ld);
            }
        }
        p->kernel->spread(q->taps, p->off, rows, cols, p->lattice.pitch, col, acc + row * p->lattice.pitch * size);
    }
    p->kernel->collect(q, &p->lattice, acc, p->b ? p->b + (g * q->c + c) * size : p->zeros,
                       p->gx + ((n * q->groups + g) * q->c + c) * q->x_plane * size);
}

/* Weights [o, c, tap] of each channel as panels [o, mr]. */
static void pack(const plan *p, const char *w) {
    const tg_corr *q = p->q;
    char *to = p->packed;
    for (int64_t g = 0; g < q->groups; g++)
        for (int64_t c = 0; c < q->c; c++)
            for (int64_t i = 0; i < p->panels; i++) {
                int64_t t0, mr = panel_rows(p, i, &t0);
                for (int64_t o = 0; o < q->m; o++, to += mr * p->size)
                    memcpy(to, w + (g * q->w_group + o * q->w_row + c * q->taps + t0) * p->size, (size_t)(mr * p->size));
            }
}

static int run(int dtype, const tg_corr *q, const char *gy, const char *w, const char *b, char *gx) {
    const tg_conv_kernels *kernel = &tg_k->conv[dtype == TG_F64];
    int64_t cols = q->axis[2].out, height = q->axis[1].out, lanes = kernel->lanes;
    plan p = {.q = q, .kernel = kernel, .size = tg_itemsize(dtype), .gy = gy, .b = b, .gx = gx};
    p.panels = (q->taps + kernel->mr - 1) / kernel->mr;
    p.rows = COLUMN_BYTES / (q->taps * cols * p.size);
    if (p.rows * cols < 2 * lanes) p.rows = (2 * lanes + cols - 1) / cols;
    if (p.rows > height) p.rows = height;
    int64_t blocks = (height + p.rows - 1) / p.rows;
    p.rows = (height + blocks - 1) / blocks;
    int64_t rest = height % p.rows;
    if (rest && rest * cols < 2 * lanes) p.rows = height, rest = 0; /* a block of less than a tile */
    p.lattice = tg_conv_lattice_of(q, height);
    /* The lanes behind a row fall between the rows: a load that overlaps a store in flight waits for it (2x). */
    p.lattice.pitch += (lanes - cols % lanes) % lanes;
    p.lattice.plane = p.lattice.depth * p.lattice.height * p.lattice.pitch;
    p.lattice.channel = p.lattice.plane * q->axis[1].phases * q->axis[2].phases;
    p.n_tiles[0] = tg_conv_cut(kernel, 1, p.rows * cols, p.rows * cols, NULL, NULL);
    p.n_tiles[1] = rest ? tg_conv_cut(kernel, 1, rest * cols, rest * cols, NULL, NULL) : 0;
    p.acc_bytes = up((p.lattice.channel + lanes) * p.size);
    p.scratch_bytes = p.acc_bytes + up((q->taps * p.rows * cols + lanes) * p.size);
    int64_t weights = up(q->groups * q->c * q->taps * q->m * p.size), zeros = up(kernel->mr * p.size);
    int64_t tiles = p.n_tiles[0] + p.n_tiles[1];
    char *memory = tg_scratch((size_t)(p.scratch_bytes * tg_get_threads() + weights + zeros +
                                       tiles * (int64_t)sizeof(tg_tile_at) + (q->taps + q->m) * 8));
    if (!memory) return TG_NO_MEMORY;
    p.scratch = memory;
    p.packed = memory + p.scratch_bytes * tg_get_threads();
    p.zeros = memset(p.packed + weights, 0, (size_t)zeros);
    p.tiles[0] = (tg_tile_at *)(p.zeros + zeros);
    p.tiles[1] = p.tiles[0] + p.n_tiles[0];
    p.off = (int64_t *)(p.tiles[0] + tiles);
    p.planes = p.off + q->taps;
    tg_conv_cut(kernel, 1, p.rows * cols, p.rows * cols, p.tiles[0], NULL);
    if (rest) tg_conv_cut(kernel, 1, rest * cols, rest * cols, p.tiles[1], NULL);
    tg_conv_lattice_offsets(q, &p.lattice, 1, p.off);
    for (int64_t o = 0; o < q->m; o++) p.planes[o] = o * q->y_plane;
    pack(&p, w);
    double flops = 2.0 * (double)(q->taps * q->y_plane) * (double)(q->m + ADD_COST);
    TG_PARALLEL_FOR(t, q->n * q->groups * q->c, flops / 40)
    channel(&p, t / (q->groups * q->c), t / q->c % q->groups, t % q->c);
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_conv_spread(int dtype, const tg_conv *s, const void *gy, const void *w, const void *b, void *gx) {
    tg_corr q;
    void *memory;
    int status = tg_corr_forward(s, &q, &memory);
    if (!status) status = run(dtype, &q, gy, w, b, gx);
    tg_scratch_free(memory);
    return status;
}
