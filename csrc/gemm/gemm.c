/* gemm.c: C = act(A @ B + bias) by the five loops of BLIS (Van Zee and van de Geijn, 2015), once for every dtype,
 * instruction set, transpose and operand: sizes, tiles and packers are data.
 *
 *   jc  nc columns of B      packed panels of B (kc x nc) stay in the last-level cache
 *   pc  kc steps of k        one chain of FMAs, then the sums go to C
 *   ic  mc rows of A         packed panels of A (mc x kc) stay in the second-level cache
 *   jr  nr columns           one panel of B (kc x nr)
 *   ir  mr rows              the register tile (ukernel.h)
 *
 * An operand is packed when it is read often enough to pay for it, or when a tile cannot read it as it is. Columns of B
 * that lie side by side are packed by the first tile that reads them.
 * Threads: C is cut into rectangles, one a worker, and each worker runs the five loops on its own, with panels of its
 * own; there is nothing to wait for. How m and n are cut follows the thread count, and may: an element of C is the same
 * chain of operations wherever it lies in a rectangle, a panel or a tile. k is cut by the problem's sizes alone: into
 * blocks of kc, and, where C is so small that it cannot occupy the threads, into slices that are added in order. */
#include "gemm.h"

#include <math.h>
#include <unistd.h>

#include "../kernels/table.h"
#include "../memory.h"
#include "../parallel.h"
#include "pairs.h"

/* Multiply-adds of an item that small.h makes at once. */
#define SMALL_WORK 2048

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CEIL(a, b) (((a) + (b)-1) / (b))
#define UP(a, b) (CEIL(a, b) * (b))

/* Below so many columns a row of A is not read often enough to be worth packing. */
#define PACK_A_COLUMNS 192
/* Where lines lie side by side, so many steps of every panel are packed first: that reads whole rows. */
#define PACK_STEPS 32
/* A C of at most so many elements is made from slices of k, at least so many blocks of kc each, at most so many. */
#define SLICED_ELEMENTS 8192
#define SLICE_BLOCKS 4
#define SLICES 16
/* Elements of y that a product with a vector makes at a time: they stay in the first-level cache. */
#define VECTOR_LINES 1024

/* One problem with everything decided. */
typedef struct plan {
    tg_gemm_problem g;
    const tg_tiles *t;
    int64_t kc, mc, nc;
    int pack_a, pack_b;
    int small;              /* items that do not fill a vector: small.h instead of tiles */
    int vector;             /* m is 1 and B can be read as it is: vector.h instead of tiles */
    int64_t slices, slice;  /* of k; steps in each */
    int64_t items;
    int64_t bytes_a, bytes_b;  /* of one worker's panels */
    char *parts;               /* sums of the slices, [slice][m][n], where there are several */
} plan;

/* A rectangle of C of one item, and a slice of k. */
typedef struct work {
    const char *a, *b;
    char *c;          /* element (0, 0) of C, or of the slice's sums */
    int64_t rsc, csc;
    int first, last;  /* tg_tile_flags of the first block of k, and those that the last block adds */
    int64_t item, i0, m, j0, n, p0, k;
} work;

static int64_t cache2 = 512 << 10, cache3 = 4 << 20; /* bytes of the second- and third-level cache */

/* Once: asking costs microseconds on a virtual machine. */
__attribute__((constructor)) static void find_caches(void) {
    long n = sysconf(_SC_LEVEL2_CACHE_SIZE);
    if (n > 0) cache2 = n;
    n = sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (n > 0) cache3 = n;
}

/* C with unit row stride is C^T with unit column stride: swap the operands, and rows with columns. */
static void transpose(tg_gemm_problem *g) {
    tg_operand x = g->a;
    g->a = g->b, g->b = x;
    int64_t s = g->m;
    g->m = g->n, g->n = s;
    s = g->rsc, g->rsc = g->csc, g->csc = s;
    if (g->bias_kind) g->bias_kind = TG_GEMM_BIAS_COLUMN + TG_GEMM_BIAS_ROW - g->bias_kind;
}

static void make_plan(plan *p, const tg_gemm_problem *problem, int threads) {
    p->g = *problem;
    tg_gemm_problem *g = &p->g;
    const tg_tiles *t = p->t = g->dtype == TG_BF16 ? tg_pair_tiles() : &tg_k->tiles[g->dtype == TG_F64];
    if ((g->n == 1 && !g->finish) || (g->csc != 1 && g->rsc == 1)) transpose(g);
    p->items = 1;
    for (int d = 0; d < g->ndim; d++) p->items *= g->shape[d];
    p->vector = g->m == 1 && !g->a.pack && !g->b.pack && (g->b.ls == 1 || g->b.ks == 1 || g->n == 1);
    p->small = p->items > 1 && !p->vector && !g->a.pack && !g->b.pack && g->n <= MIN(TG_SMALL, t->lanes) && g->csc == 1 &&
               g->b.ls == 1 && g->m * g->n * g->k <= SMALL_WORK && g->k <= t->kc && !g->bias_kind && !g->accumulate &&
               g->activation == TG_GEMM_LINEAR;
    p->kc = g->k ? CEIL(g->k, CEIL(g->k, t->kc)) : 0;
    p->slices = 1, p->slice = g->k;
    if (p->items == 1 && g->k >= 2 * SLICE_BLOCKS * t->kc && g->m <= SLICED_ELEMENTS / g->n) {
        p->slices = MIN(SLICES, g->k / (SLICE_BLOCKS * t->kc));
        p->slice = UP(CEIL(g->k, p->slices), p->kc);
        p->slices = CEIL(g->k, p->slice);
        g->lower = 0; /* add_slices reads all of them */
    }
    int64_t step = MAX(p->kc, 1) * t->size;
    p->pack_a = g->a.pack || g->n >= PACK_A_COLUMNS;
    p->pack_b = g->b.pack || g->b.ls != 1 || g->m > 2 * t->mr;
    p->mc = MIN(MAX(cache2 * 9 / 16 / step / t->mr, 1) * t->mr, UP(g->m, t->mr));
    /* Panels of B that no second block of A will read need not leave the second-level cache. */
    int64_t room = g->m <= p->mc ? MAX(cache2 * 3 / 4 - g->m * step, cache2 / 4) : cache3 / 4 / threads;
    p->nc = MIN(MAX(room / step / t->nr, 4) * t->nr, UP(g->n, t->nr));
    p->bytes_a = p->pack_a ? UP(p->mc * step, 64) : 0;
    p->bytes_b = UP((p->pack_b ? p->nc : t->nr) * step, 64);
    if (p->small) p->bytes_a = p->bytes_b = 0;
    if (p->vector) {
        p->bytes_a = g->b.ks == 1 && g->a.ks != 1 ? UP(p->slice * t->size, 64) : 0;
        p->bytes_b = 0;
    }
}

/* Panels of `width` lines each (the last one `narrow` where that is enough), from line l0 on, steps p0 .. p0+k. */
static void pack_panels(const plan *p, const tg_operand *x, const char *data, int64_t item, int64_t l0, int64_t lines,
                        int64_t p0, int64_t k, int64_t width, int64_t narrow, char *dst) {
    const int64_t size = p->t->size, steps = x->ls == 1 && !x->pack ? PACK_STEPS : k;
    for (int64_t q = 0; q < k; q += steps)
        for (int64_t l = 0; l < lines; l += width) {
            int64_t w = MIN(width, lines - l), panel = w <= narrow ? narrow : width;
            const char *from = data + ((l0 + l) * x->ls + (p0 + q) * x->ks) * size;
            char *to = dst + (l * k + q * panel) * size;
            if (x->pack)
                x->pack(x->context, item, l0 + l, w, p0, k, panel, to);
            else
                p->t->panel(MIN(steps, k - q), w, from, x->ls, x->ks, panel, to);
        }
}

/* Loops jr and ir: C[i0.., j0..] of m x n, steps p0 .. p0+k, one register tile after the other. copies: B's panels are
 * still to be packed; once: nobody reads them later. */
static void tiles(const plan *p, const work *w, const char *ap, char *bp, int64_t i0, int64_t m, int64_t j0, int64_t n,
                  int64_t p0, int64_t k, int flags, int copies, int once) {
    const tg_gemm_problem *g = &p->g;
    const tg_tiles *t = p->t;
    const int64_t size = t->size, als = p->pack_a ? 1 : g->a.ls, aks = p->pack_a ? t->mr : g->a.ks;
    for (int64_t j = 0; j < n; j += t->nr) {
        int64_t cols = MIN(t->nr, n - j), vectors = cols <= t->lanes ? 1 : 2, width = vectors * t->lanes, bks = width;
        char *panel = p->pack_b && !once ? bp + j * k * size : bp;
        const char *b = panel, *from = w->b + ((j0 + j) * g->b.ls + p0 * g->b.ks) * size;
        const int copied = copies && cols == t->nr;
        if (!p->pack_b && cols == width)
            b = from, bks = g->b.ks;
        else if (!p->pack_b || (copies && !copied))
            t->panel(k, cols, from, g->b.ls, g->b.ks, width, panel);
        for (int64_t i = 0; i < m; i += t->mr) {
            int64_t rows = MIN(t->mr, m - i);
            if (g->lower && i0 + i + rows <= j0 + j) continue;
            const char *a = p->pack_a ? ap + i * k * size : w->a + ((i0 + i) * g->a.ls + p0 * g->a.ks) * size;
            char *c = w->c + ((i0 + i) * w->rsc + (j0 + j) * w->csc) * size;
            const char *bias = g->bias;
            if (flags & TG_TILE_BIAS_COLUMN) bias += (j0 + j) * size;
            if (flags & TG_TILE_BIAS_ROW) bias += (i0 + i) * size;
            if (copied && i == 0) {
                t->tile_copy(k, a, als, aks, from, g->b.ks, c, w->rsc, flags, bias, panel);
            } else if (cols == width && w->csc == 1 && (rows == t->mr || !t->whole)) {
                t->tile[rows - 1][vectors - 1](k, a, als, aks, b, bks, c, w->rsc, flags, bias);
            } else {
                _Alignas(64) char sums[TG_TILE_MAX];
                t->tile[rows - 1][vectors - 1](k, a, als, aks, b, bks, sums, width, 0, NULL);
                t->edge(rows, cols, sums, width, c, w->rsc, w->csc, flags, bias);
            }
        }
    }
}

/* Loops jc, pc and ic. */
static void run(const plan *p, const work *w, char *scratch) {
    const tg_gemm_problem *g = &p->g;
    const tg_tiles *t = p->t;
    char *ap = scratch, *bp = scratch + p->bytes_a;
    const int64_t pe = w->p0 + w->k, je = w->j0 + w->n, ie = w->i0 + w->m;
    const int64_t mc = UP(CEIL(w->m, CEIL(w->m, p->mc)), t->mr); /* blocks of about the same size */
    const int copies = p->pack_b && !g->b.pack && g->b.ls == 1 && w->csc == 1 && w->m >= t->mr && !g->lower;
    const int once = copies && w->m <= mc;
    const int64_t nc = once ? w->n : p->nc;
    for (int64_t jc = w->j0; jc < je; jc += nc) {
        int64_t n = MIN(nc, je - jc), pc = w->p0;
        do { /* once for k = 0, too */
            int64_t k = MIN(p->kc, pe - pc);
            int flags = (pc == w->p0 ? w->first : TG_TILE_ADD) | (pc + k == pe ? w->last : 0);
            if (p->pack_b && !copies) pack_panels(p, &g->b, w->b, w->item, jc, n, pc, k, t->nr, t->lanes, bp);
            for (int64_t ic = w->i0; ic < ie; ic += mc) {
                int64_t m = MIN(mc, ie - ic);
                if (p->pack_a) pack_panels(p, &g->a, w->a, w->item, ic, m, pc, k, t->mr, 0, ap);
                tiles(p, w, ap, bp, ic, m, jc, n, pc, k, flags, copies && ic == w->i0, once);
            }
            pc += k;
        } while (pc < pe);
    }
}

/* The row of C that a vector makes. */
static void run_vector(const plan *p, const work *w, char *scratch) {
    const tg_gemm_problem *g = &p->g;
    const tg_tiles *t = p->t;
    const char *x = w->a + w->p0 * g->a.ks * t->size;
    if (g->b.ks == 1 && g->a.ks != 1) {
        t->panel(w->k, 1, x, 1, g->a.ks, 1, scratch);
        x = scratch;
    }
    for (int64_t j = w->j0; j < w->j0 + w->n; j += VECTOR_LINES) {
        _Alignas(64) char sums[VECTOR_LINES * sizeof(double)];
        int64_t n = MIN(VECTOR_LINES, w->j0 + w->n - j);
        const char *b = w->b + (j * g->b.ls + w->p0 * g->b.ks) * t->size, *bias = g->bias;
        if (g->b.ks == 1)
            t->lines_of(w->k, n, x, b, g->b.ls, sums);
        else
            t->steps_of(w->k, n, x, g->a.ks, b, g->b.ks, sums);
        if (w->last & TG_TILE_BIAS_COLUMN) bias += j * t->size;
        t->edge(1, n, sums, n, w->c + j * w->csc * t->size, w->rsc, w->csc, w->first | w->last, bias);
    }
}

/* First element of an item of the batch. */
static char *item_of(const void *data, const int64_t *strides, const plan *p, int64_t item) {
    int64_t offset = 0;
    if (strides && p->g.ndim == 1)
        offset = item * strides[0];
    else if (strides)
        for (int d = p->g.ndim - 1; d >= 0; d--) {
            offset += item % p->g.shape[d] * strides[d];
            item /= p->g.shape[d];
        }
    return (char *)data + offset * p->t->size;
}

/* Items first .. last of a batch of small ones. */
static void run_small(const plan *p, int64_t first, int64_t last) {
    const tg_gemm_problem *g = &p->g;
    for (int64_t x = first; x < last; x++)
        p->t->small(g->m, g->n, g->k, item_of(g->a.data, g->a.items, p, x), g->a.ls, g->a.ks,
                    item_of(g->b.data, g->b.items, p, x), g->b.ks, item_of(g->c, g->items_c, p, x), g->rsc);
}

/* The flags that end an element of C. */
static int last_flags(const tg_gemm_problem *g) {
    const int bias[] = {0, TG_TILE_BIAS_COLUMN, TG_TILE_BIAS_ROW};
    return bias[g->bias_kind] | (g->activation == TG_GEMM_RELU ? TG_TILE_RELU : 0);
}

/* The first row that the i-th of `pieces` makes: the same number for each, or, of a triangle, the same area. A tile of fewer rows
 * takes less time, so pieces need not begin with one (at 1024 on two threads 512 rows and 512, not 518 and 506). */
static int64_t first_row(const plan *p, int64_t i, int64_t pieces) {
    const int64_t m = p->g.m, row = p->g.lower ? (int64_t)((double)m * sqrt((double)i / (double)pieces)) : m * i / pieces;
    return p->t->whole && i < pieces ? row / p->t->mr * p->t->mr : row;
}

/* Piece x of all: items, in each slices of k, in each a grid of rows x cols rectangles; columns are cut between tiles. */
static void run_piece(const plan *p, int64_t x, int64_t rows, int64_t cols, char *scratch) {
    const tg_gemm_problem *g = &p->g;
    const tg_tiles *t = p->t;
    const int64_t tn = CEIL(g->n, t->nr), j = x % cols, i = x / cols % rows;
    const int64_t s = x / (rows * cols) % p->slices, item = x / (rows * cols * p->slices);
    work w = {.a = item_of(g->a.data, g->a.items, p, item), .b = item_of(g->b.data, g->b.items, p, item),
              .c = item_of(g->c, g->items_c, p, item), .rsc = g->rsc, .csc = g->csc, .item = item,
              .first = g->accumulate ? TG_TILE_ADD : 0, .last = last_flags(g),
              .i0 = first_row(p, i, rows), .j0 = tn * j / cols * t->nr, .p0 = s * p->slice};
    w.m = first_row(p, i + 1, rows) - w.i0;
    w.n = MIN(g->lower ? w.i0 + w.m : tn * (j + 1) / cols * t->nr, g->n) - w.j0;
    w.k = MIN(p->slice, g->k - w.p0);
    if (p->slices > 1) {
        w.c = p->parts + s * g->m * g->n * t->size;
        w.rsc = g->n, w.csc = 1, w.first = w.last = 0;
    }
    if (w.m <= 0 || w.n <= 0) return;
    (p->vector ? run_vector : run)(p, &w, scratch);
    if (g->finish && p->slices == 1) g->finish(g->finisher, w.i0, w.m, w.j0, w.n);
}

/* C from the sums of the slices, in their order. */
static void add_slices(const plan *p) {
    const tg_gemm_problem *g = &p->g;
    const int64_t bytes = g->m * g->n * p->t->size;
    for (int64_t s = 1; s < p->slices; s++)
        p->t->edge(g->m, g->n, p->parts + s * bytes, g->n, p->parts, g->n, 1, TG_TILE_ADD, NULL);
    const int flags = last_flags(g) | (g->accumulate ? TG_TILE_ADD : 0);
    p->t->edge(g->m, g->n, p->parts, g->n, g->c, g->rsc, g->csc, flags, g->bias);
    if (g->finish) g->finish(g->finisher, 0, g->m, 0, g->n);
}

/* What packing a line costs: nothing much where lines lie side by side. */
static int64_t packing(const tg_operand *x) { return x->ls == 1 && !x->pack ? 1 : 3; }

/* Cuts each item for all workers in the way that leaves the least work to the busiest one and packs least. */
static void choose_grid(const plan *p, int64_t workers, int64_t *rows, int64_t *cols) {
    const tg_gemm_problem *g = &p->g;
    int64_t best = INT64_MAX;
    for (int64_t r = 1; r <= workers; r++) {
        if (workers % r) continue;
        int64_t q = workers / r, tn = CEIL(CEIL(g->n, p->t->nr), q);
        int64_t cost = CEIL(g->m, r) * tn * p->t->nr * 8 + r * g->n * packing(&g->b) + q * g->m * packing(&g->a);
        if (cost < best) best = cost, *rows = r, *cols = q;
    }
}

int tg_gemm_run(const tg_gemm_problem *problem) {
    plan p;
    if (problem->m == 0 || problem->n == 0) return TG_OK;
    const int threads = tg_get_threads();
    make_plan(&p, problem, threads);
    if (p.items == 0) return TG_OK;
    const tg_gemm_problem *g = &p.g;
    /* ns of everything: 50 multiply-adds a ns, or 5 elements of a matrix that is read once */
    const double cost = (double)p.items * (double)g->m * (double)g->n * (double)(g->k + 16) / (p.vector ? 5 : g->lower ? 100 : 50);
    int64_t workers = tg_team(threads, cost / threads), rows = 1, cols = 1, pieces = p.items * p.slices;
    if (p.small) {
        TG_PARALLEL_FOR(w, workers, cost / (double)workers)
            run_small(&p, pieces * w / workers, pieces * (w + 1) / workers);
        return TG_OK;
    }
    if (g->lower)
        rows = workers;
    else if (pieces % workers && pieces < 8 * workers)
        choose_grid(&p, workers, &rows, &cols);
    pieces *= rows * cols;
    workers = MIN(workers, pieces);
    const int64_t bytes = p.bytes_a + p.bytes_b, parts = p.slices > 1 ? p.slices * g->m * g->n * p.t->size : 0;
    _Alignas(64) char small[8192];
    char *scratch = small;
    if (parts || bytes * workers > (int64_t)sizeof small) scratch = tg_scratch((size_t)(bytes * workers + parts));
    if (!scratch) return TG_NO_MEMORY;
    p.parts = scratch + bytes * workers;
    if (workers == 1) /* entering a region costs more than a small product */
        for (int64_t x = 0; x < pieces; x++) run_piece(&p, x, rows, cols, scratch);
    else
        TG_PARALLEL_FOR(w, workers, cost / (double)workers)
            for (int64_t x = pieces * w / workers; x < pieces * (w + 1) / workers; x++)
                run_piece(&p, x, rows, cols, scratch + w * bytes);
    if (parts) add_slices(&p);
    if (scratch != small) tg_scratch_free(scratch);
    return TG_OK;
}
