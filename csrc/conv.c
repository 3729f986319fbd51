/* conv.c: convolution forward and input gradient, as correlations (conv.h) by one of two algorithms.
 *
 *   shift: the lattice of a block of output rows is made once in the thread's scratch; a register tile of mr output
 * channels by nr pixels runs along it, reading tap k at lattice + off[k]. No im2col, no packing. A vector of outputs
 * may join the end of a row with the beginning of the next (and of the one after), so no column is wasted and every
 * store is a whole vector of the result; the last tile of a block steps back and makes some outputs twice. panel: nr
 * pixels, of several rows and images, are gathered into a panel [k, nr] (implicit im2col), which all output channels
 * then use. Images narrower than half a vector take it; and it needs no lattice, so huge dilations do too.
 *
 * The input gradient of a stride is one correlation for each residue of the input index. The residues along a row make
 * a family: they share the lattice, and their results are merged into whole rows.
 *
 * Each output is one sum over k in ascending order whatever the algorithm, the tile it falls in and the number of
 * threads. */
#include "conv.h"

#include <string.h>

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "winograd.h"

enum { AUTO, SHIFT, PANEL, WINOGRAD, SPREAD, DEPTHWISE };

static int forced;

void tg_conv_force(int algorithm) { forced = algorithm; }

int tg_conv_forced(void) { return forced; }

int tg_conv_takes_winograd(int dtype, const tg_corr *q) {
    return tg_winograd_fits(dtype, q) && (forced == WINOGRAD || (forced == AUTO && tg_winograd_pays(q)));
}

#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* Residues of a family at most; with a larger stride each residue is a family of its own. */
#define FAMILY 4

/* Everything a task needs; one for the whole call. */
typedef struct plan {
    const tg_corr *q; /* [family] */
    int64_t family;
    const tg_conv_kernels *kernel;
    int64_t size; /* of an element */
    const char *x, *w, *b;
    char *y, *packed[FAMILY], *zeros, *scratch;
    int64_t scratch_bytes, lattice_bytes; /* one thread's; of that its lattice */
    int64_t *off[FAMILY];
    tg_corr seen; /* one of the family that has taps, as wide as the widest; k = 0: there are none */
    tg_conv_lattice lattice;
    tg_tile_at *tiles[2];          /* of a block of all rows, and of the last block */
    int64_t n_tiles[2];
    int64_t panels, chunk, chunks; /* row panels of a group, of one task, tasks for all of them */
    int direct;                    /* rows of outputs follow each other in y */
    int in_place;                  /* the lattice is the image itself */
} plan;

/* Rows of panel i: as equal as they can be, none larger than the tile. */
static int64_t panel_rows(const plan *p, int64_t i, int64_t *m0) {
    int64_t rows = p->q->m / p->panels, more = p->q->m % p->panels;
    *m0 = i * rows + MIN(i, more);
    return rows + (i < more);
}

static char *result(const plan *p, const tg_corr *q, int64_t n, int64_t g, int64_t m, int64_t o0, int64_t o1,
                    int64_t o2) {
    const tg_axis *a = q->axis;
    int64_t at = ((a[0].first + o0 * a[0].step) * a[1].full + a[1].first + o1 * a[1].step) * a[2].full + a[2].first +
                 o2 * a[2].step;
    return p->y + (((n * q->groups + g) * q->m + m) * q->y_plane + at) * p->size;
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

static const char *weights_of(const plan *p, int64_t r, int64_t g, int64_t m, int64_t k0, int64_t mr) {
    return p->packed[r] + ((g * p->q->m + m) * p->q[r].k + k0 * mr) * p->size;
}

/* ---- shift ---- */

int64_t tg_conv_cut(const tg_conv_kernels *kernel, int64_t rows, int64_t cols, int64_t pitch, tg_tile_at *tiles,
                    int64_t *vectors) {
    int64_t lanes = kernel->lanes, total = rows * cols, n = 0, left = (total + lanes - 1) / lanes;
    for (int64_t f = 0; left > 0; n++) {
        tg_tile_at t = {.nv = (left == 3 || left > 4) && total >= 3 * lanes ? 3 : 2, .pieces = 1};
        int64_t start = f + t.nv * lanes <= total ? f : total < t.nv * lanes ? 0 : total - t.nv * lanes;
        t.start = start;
        for (int64_t v = 0; v < t.nv; v++) {
            int64_t at = start + v * lanes < total ? start + v * lanes : start;
            int64_t row = at / cols, end = MIN(at + lanes, total), first = (row + 1) * cols - at;
            t.at[v] = row * pitch + at - row * cols;
            t.first[v] = first;
            t.second[v] = first + cols;
            int64_t pieces = pitch == cols || at + first >= end ? 1 : at + first + cols >= end ? 2 : 3;
            if (pieces == 3 && at + first + 2 * cols < end) return 0;
            if (pieces > t.pieces) t.pieces = pieces;
        }
        f = start + t.nv * lanes;
        left -= t.nv;
        if (tiles) tiles[n] = t;
        if (vectors) vectors[t.pieces] += t.nv;
    }
    return n;
}

/* All rows of chunk `chunk` for output rows row .. row + rows at depth od of image n. */
static void shift_task(const plan *p, int64_t n, int64_t g, int64_t od, int64_t row, int64_t rows, int64_t chunk) {
    const tg_corr *q = p->q;
    const tg_axis *a = q->axis;
    int64_t size = p->size, lanes = p->kernel->lanes, cols = a[2].out, total = rows * cols;
    int64_t jump = p->lattice.pitch - cols, list = rows != p->lattice.rows;
    char *lattice = p->scratch + TG_THREAD() * p->scratch_bytes, *buffer = lattice + p->lattice_bytes;
    const char *image = p->x + (n * q->groups + g) * q->c * q->x_plane * size, *seen = lattice;
    if (p->in_place)
        seen = image + (od * a[1].in + row) * a[2].in * size;
    else if (p->seen.k)
        p->kernel->lattice(&p->seen, &p->lattice, od, row, rows, q->c, image, lattice);
    int64_t last = MIN((chunk + 1) * p->chunk, p->panels);
    int direct = p->direct && total >= 2 * lanes;
    int64_t ldc = direct ? q->y_plane : total < 2 * lanes ? 2 * lanes : total;
    for (int64_t i = chunk * p->chunk; i < last; i++) {
        int64_t m0, mr = panel_rows(p, i, &m0);
        char *y = direct ? result(p, q, n, g, m0, od, row, 0) : buffer;
        for (int64_t r = 0; r < p->family; r++)
            for (int64_t f = 0; f < p->n_tiles[list]; f++) {
                const tg_tile_at *t = p->tiles[list] + f;
                p->kernel->tile(t, mr, q[r].k, weights_of(p, r, g, m0, 0, mr), seen, p->off[r], jump,
                                bias_of(p, g, m0), y + (r * mr * ldc + t->start) * size, ldc);
            }
        if (direct) continue;
        for (int64_t m = 0; m < mr; m++)
            for (int64_t o = 0; o < rows; o++) {
                const char *from = buffer + (m * ldc + o * cols) * size;
                char *to = result(p, q, n, g, m0 + m, od, row + o, 0);
                if (p->family == MIN(a[2].step, a[2].full))
                    p->kernel->merge(a[2].step, a[2].full, from, mr * ldc, to);
                else
                    put(from, cols, to, a[2].step, size);
            }
    }
}

/* ---- panel ---- */

/* Panels of this many rows of k stay in the second-level cache beside the tile buffer. */
#define PANEL_K 512

/* All rows of chunk `chunk` for pixels pix .. pix + count <= nr of the whole batch. */
static void panel_task(const plan *p, int64_t r, int64_t g, int64_t pix, int64_t count, int64_t chunk) {
    const tg_corr *q = p->q + r;
    int64_t size = p->size, nr = p->kernel->nr, kc = MIN(q->k, PANEL_K), step = q->axis[2].step;
    char *panel = p->scratch + TG_THREAD() * p->scratch_bytes, *tiles = panel + kc * nr * size;
    tg_run *runs = (tg_run *)(panel + p->scratch_bytes - nr * (int64_t)sizeof(tg_run));
    tg_tile_at at = {.nv = 3, .pieces = 1, .at = {0, p->kernel->lanes, 2 * p->kernel->lanes}};
    int64_t n_runs = tg_runs(q, pix, count, runs);
    int64_t last = MIN((chunk + 1) * p->chunk, p->panels);
    const char *x = p->x + g * q->c * q->x_plane * size;
    int64_t k0 = 0, first_m;
    panel_rows(p, chunk * p->chunk, &first_m);
    do {
        int64_t kn = MIN(q->k - k0, PANEL_K);
        if (kn) p->kernel->gather(q, runs, n_runs, k0, kn, q->groups * q->c * q->x_plane, x, nr, panel);
        for (int64_t i = chunk * p->chunk; i < last; i++) {
            int64_t m0, mr = panel_rows(p, i, &m0);
            p->kernel->tile(&at, mr, kn, weights_of(p, r, g, m0, k0, mr), panel, p->off[r], 0,
                            k0 ? NULL : bias_of(p, g, m0), tiles + (m0 - first_m) * nr * size, nr);
        }
        k0 += PANEL_K;
    } while (k0 < q->k);
    int64_t m0, mr = panel_rows(p, last - 1, &m0), j = 0;
    for (int64_t i = 0; i < n_runs; j += runs[i++].len) {
        char *y = result(p, q, runs[i].n, g, first_m, runs[i].o0, runs[i].o1, runs[i].o2);
        for (int64_t m = 0; m < m0 + mr - first_m; m++)
            put(tiles + (m * nr + j) * size, runs[i].len, y + m * q->y_plane * size, step, size);
    }
}

/* Bytes of lattice that leave room in a second-level cache of 1 MB (512 KB on small machines) for weights and results.
 */
#define LATTICE_BYTES (320 << 10)

/* Rows of a block: so many that they are whole vectors, where that takes hardly more memory (1 x 1 on 28 x 28: 8.5 to
 * 8.1 ms for 32 x 256 -> 128, where 11 rows made 20 vectors of 19.25). */
static int64_t block_rows(const tg_conv_kernels *kernel, const tg_corr *q, int64_t size) {
    int64_t rows = tg_conv_lattice_rows(q, q->c, size, LATTICE_BYTES), step = kernel->lanes;
    while (step > 1 && step / 2 * q->axis[2].out % kernel->lanes == 0) step /= 2;
    int64_t whole = (rows + step - 1) / step * step;
    return whole < q->axis[1].out && whole <= rows + rows / 4 ? whole : rows;
}

/* The relative cost of an output by shift: the share of the vectors that is thrown away, and the loads that join rows
 * (118, 113 and 96 GFLOP/s; see conv_tile); 0 where a vector sees more than three rows. */
static double shift_cost(const tg_conv_kernels *kernel, int64_t rows, int64_t cols, int64_t pitch) {
    const double load[] = {0, 1, 1.04, 1.23};
    int64_t vectors[4] = {0};
    if (!tg_conv_cut(kernel, rows, cols, pitch, NULL, vectors)) return 0;
    double cost = 0;
    for (int i = 1; i < 4; i++) cost += load[i] * (double)(vectors[i] * kernel->lanes);
    return cost / (double)(rows * cols);
}

/* The columns that shift wastes against gathering k elements for m products each. */
static int choose(const tg_conv_kernels *kernel, const tg_corr *q, int64_t rows) {
    if (!rows) return PANEL;
    int64_t cols = q->axis[2].out, pitch = cols + q->axis[2].span, last = q->axis[1].out % rows;
    double shift = shift_cost(kernel, rows, cols, pitch), panel = 1 + 2.0 * (double)kernel->lanes / (double)q->m;
    if (shift == 0 || (last && !tg_conv_cut(kernel, last, cols, pitch, NULL, NULL))) return PANEL;
    if (forced == SHIFT || forced == PANEL) return forced;
    return shift <= panel ? SHIFT : PANEL;
}

/* Enough tasks that a team of any usual size is busy, none of them tiny. */
static void set_chunks(plan *p, int64_t tasks) {
    int64_t wanted = 4 * (int64_t)tg_get_threads(), chunks = tasks >= wanted ? 1 : (wanted + tasks - 1) / tasks;
    if (tg_get_threads() == 1) chunks = 1;
    p->panels = (p->q->m + p->kernel->mr - 1) / p->kernel->mr;
    if (chunks > p->panels) chunks = p->panels;
    p->chunk = (p->panels + chunks - 1) / chunks;
    p->chunks = (p->panels + p->chunk - 1) / p->chunk;
}

static int64_t round_up(int64_t n) { return (n + 63) / 64 * 64; }

/* The correlations of a family, which differ in their residue along a row. */
static int correlate(int dtype, const tg_corr *q, int64_t family, const char *x, const char *w, const char *b,
                     char *y) {
    const tg_conv_kernels *kernel = &tg_k->conv[dtype == TG_F64];
    const tg_axis *a = q->axis;
    int64_t size = tg_itemsize(dtype), nr = kernel->nr, depth = a[0].out, height = a[1].out, cols = a[2].out;
    if (q->n * q->groups * q->m * depth * height * cols == 0) return TG_OK;
    if (family == 1 && tg_depthwise_fits(dtype, q)) return tg_depthwise(dtype, q, x, w, b, y);
    if (family == 1 && tg_conv_takes_winograd(dtype, q)) {
        int status = TG_OK;
        for (int64_t g = 0; g < q->groups && !status; g++)
            status = tg_winograd(q, x + g * q->c * q->x_plane * size, w + g * q->w_group * size,
                                 b ? b + g * q->m * size : NULL, y + g * q->m * q->y_plane * size);
        return status;
    }
    plan p = {.q = q, .family = family, .kernel = kernel, .size = size, .x = x, .w = w, .b = b, .y = y};
    p.direct = a[2].step == 1 && a[1].step == 1 && a[2].full == cols;
    int64_t rows = block_rows(kernel, q, size), algorithm = choose(kernel, q, rows);
    int64_t blocks = 0, tasks = 0, n_tiles = 0, offs = 0, taps = 0;
    for (int64_t r = 0; r < family; r++) {
        if (q[r].k || !r) p.seen = q[r];
        taps += q[r].k;
        offs += algorithm == SHIFT ? q[r].k : MIN(q[r].k, PANEL_K);
    }
    if (algorithm == SHIFT) {
        p.seen.axis[2].out = cols;
        /* Rows without a gap: every tile reads its own pixels and nothing behind them (1 x 1: 20 to 15 ms a core for
         * 256 channels, where the copy waited for memory). */
        int64_t least = height % rows ? height % rows * cols : rows * cols;
        p.in_place = family == 1 && tg_corr_inside(q) && cols == a[2].in && least >= 2 * kernel->lanes;
        p.lattice = p.in_place ? tg_conv_lattice_image(q, rows) : tg_conv_lattice_of(&p.seen, rows);
        blocks = (height + rows - 1) / rows;
        tasks = q->n * q->groups * depth * blocks;
        set_chunks(&p, tasks);
        p.n_tiles[0] = tg_conv_cut(kernel, rows, cols, p.lattice.pitch, NULL, NULL);
        p.n_tiles[1] = height % rows ? tg_conv_cut(kernel, height % rows, cols, p.lattice.pitch, NULL, NULL) : 0;
        n_tiles = p.n_tiles[0] + p.n_tiles[1];
        /* Behind the lattice a tile may read vectors of rows that do not exist. */
        p.lattice_bytes = p.in_place ? 0 : round_up((q->c * p.lattice.channel + nr + 2 * p.lattice.pitch) * size);
        int64_t buffer = p.direct ? 2 * kernel->lanes : rows * cols + 2 * kernel->lanes;
        p.scratch_bytes = p.lattice_bytes + round_up(family * kernel->mr * buffer * size);
    } else {
        for (int64_t r = 0; r < family; r++) {
            blocks = (q[r].n * depth * height * q[r].axis[2].out + nr - 1) / nr;
            tasks += q->groups * blocks;
        }
        set_chunks(&p, tasks);
        int64_t deepest = 0;
        for (int64_t r = 0; r < family; r++)
            if (q[r].k > deepest) deepest = q[r].k;
        p.scratch_bytes = round_up((MIN(deepest, PANEL_K) + q->m) * nr * size + nr * (int64_t)sizeof(tg_run));
    }
    int64_t weights = round_up(q->groups * q->m * taps * size), zeros = round_up(kernel->mr * size);
    char *memory = tg_scratch((size_t)(p.scratch_bytes * tg_get_threads() + weights + zeros +
                                       n_tiles * (int64_t)sizeof(tg_tile_at) + offs * 8 + 64));
    if (!memory) return TG_NO_MEMORY;
    p.zeros = memset(memory + weights, 0, (size_t)zeros);
    p.tiles[0] = (tg_tile_at *)(p.zeros + zeros);
    p.tiles[1] = p.tiles[0] + p.n_tiles[0];
    if (algorithm == SHIFT) {
        tg_conv_cut(kernel, rows, cols, p.lattice.pitch, p.tiles[0], NULL);
        if (height % rows) tg_conv_cut(kernel, height % rows, cols, p.lattice.pitch, p.tiles[1], NULL);
    }
    int64_t *off = (int64_t *)(p.tiles[0] + n_tiles);
    for (int64_t r = 0; r < family; r++) {
        p.packed[r] = r ? p.packed[r - 1] + q->groups * q->m * q[r - 1].k * size : memory;
        p.off[r] = off;
        int64_t n = algorithm == SHIFT ? q[r].k : MIN(q[r].k, PANEL_K);
        if (algorithm == SHIFT)
            tg_conv_lattice_offsets(q + r, &p.lattice, q->c, off);
        else
            for (int64_t k = 0; k < n; k++) off[k] = k * nr;
        off += n;
    }
    p.scratch = (char *)off;
    p.scratch += -(uintptr_t)p.scratch & 63;
    for (int64_t r = 0; r < family; r++)
        TG_PARALLEL_FOR(t, q->groups * p.panels, (double)(q[r].k * kernel->mr)) {
            int64_t m0, g = t / p.panels, mr = panel_rows(&p, t % p.panels, &m0);
            kernel->pack(q + r, mr, w + (g * q->w_group + m0 * q->w_row) * size, (char *)weights_of(&p, r, g, m0, 0, mr));
        }
    double flops = 2.0 * (double)(q->n * q->groups * q->m * depth * height * cols) * (double)(taps + 8);
    if (algorithm == SHIFT) {
        tasks *= p.chunks;
        TG_PARALLEL_FOR(t, tasks, flops / 40 / (double)tasks) {
            int64_t i = t / p.chunks, row = i % blocks * rows, od = i / blocks % depth, ng = i / (blocks * depth);
            shift_task(&p, ng / q->groups, ng % q->groups, od, row, MIN(height - row, rows), t % p.chunks);
        }
    } else
        for (int64_t r = 0; r < family; r++) {
            int64_t pixels = q->n * depth * height * q[r].axis[2].out, pieces = (pixels + nr - 1) / nr;
            tasks = q->groups * pieces * p.chunks;
            TG_PARALLEL_FOR(t, tasks, flops / 40 / (double)tasks) {
                int64_t i = t / p.chunks, pix = i % pieces * nr;
                panel_task(&p, r, i / pieces, pix, MIN(pixels - pix, nr), t % p.chunks);
            }
        }
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_conv_forward(int dtype, const tg_conv *s, const void *x, const void *w, const void *b, void *y) {
    if (tg_conv_is_product(s)) return tg_conv_product(dtype, s, x, w, b, y);
    tg_corr q;
    void *memory;
    int status = tg_corr_forward(s, &q, &memory);
    if (!status) status = correlate(dtype, &q, 1, x, w, b, y);
    tg_scratch_free(memory);
    return status;
}

int tg_conv_algorithm(int dtype, const tg_conv *s) {
    tg_corr q;
    void *memory;
    if (tg_corr_forward(s, &q, &memory)) return 0;
    const tg_conv_kernels *kernel = &tg_k->conv[dtype == TG_F64];
    int algorithm = tg_depthwise_fits(dtype, &q)        ? DEPTHWISE
                    : tg_conv_takes_winograd(dtype, &q) ? WINOGRAD
                                                      : choose(kernel, &q, block_rows(kernel, &q, tg_itemsize(dtype)));
    tg_scratch_free(memory);
    return algorithm;
}

int tg_conv_input(int dtype, const tg_conv *s, const void *gy, const void *w, const void *b, void *gx) {
    if (!b && tg_conv_is_product(s)) return tg_conv_product_input(dtype, s, gy, w, gx);
    int64_t *memory = tg_corr_memory(s), family = s->stride[2] > FAMILY ? 1 : MIN(s->stride[2], s->in[2]);
    if (!memory) return TG_NO_MEMORY;
    tg_corr q[FAMILY];
    tg_corr_input(s, (int64_t[]){0, 0, 0}, 1, memory, q);
    int status = TG_OK, spreads = tg_conv_spreads(dtype, s) && !tg_conv_takes_winograd(dtype, q) && !tg_depthwise_fits(dtype, q);
    if (spreads) status = tg_conv_spread(dtype, s, gy, w, b, gx);
    for (int64_t i = 0; i < s->stride[0] && i < s->in[0] && !spreads; i++)
        for (int64_t j = 0; j < s->stride[1] && j < s->in[1]; j++)
            for (int64_t k = 0; k < s->stride[2] && k < s->in[2] && !status; k += family) {
                tg_corr_input(s, (int64_t[]){i, j, k}, family, memory, q);
                status = correlate(dtype, q, family, gy, w, b, gx);
            }
    tg_scratch_free(memory);
    return status;
}
