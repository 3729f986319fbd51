/* gemm.c: C = act(A @ B + bias) by the five loops of BLIS (Van Zee and van de Geijn, 2015), once for every dtype,
 * instruction set, transpose and operand: sizes, tiles and packers are data.
 *
 *   jc  nc columns of B      packed panels of B (kc x nc) stay in the last-level cache
 *   pc  kc steps of k        one chain of FMAs, then the sums go to C
 *   ic  mc rows of A         packed panels of A (mc x kc) stay in the second-level cache
 *   jr  nr columns           one panel of B (kc x nr)
 *   ir  mr rows              the register tile (ukernel.h)
 *
 * An operand is packed when it is read often enough to pay for it, or when a tile cannot read it as it is.
 * Threads: C is cut into rectangles, one a worker, and each worker runs the five loops on its own, with panels of its
 * own; there is nothing to wait for. How m and n are cut follows the thread count, and may: an element of C is the same
 * chain of operations wherever it lies in a rectangle, a panel or a tile. k is cut by the problem's sizes alone. */
#include "gemm.h"

#include <unistd.h>

#include "../kernels/table.h"
#include "../memory.h"
#include "../parallel.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CEIL(a, b) (((a) + (b)-1) / (b))
#define UP(a, b) (CEIL(a, b) * (b))

/* Below so many columns a row of A is not read often enough to be worth packing. */
#define PACK_A_COLUMNS 192

/* One problem with everything decided. */
typedef struct plan {
    tg_gemm_problem g;
    const tg_tiles *t;
    int64_t kc, mc, nc;
    int pack_a, pack_b;
    int64_t bytes_a, bytes_b;  /* of one worker's panels */
    int64_t items;
} plan;

/* A rectangle of C of one item. */
typedef struct work {
    const char *a, *b;
    char *c;
    int64_t item, i0, m, j0, n;
} work;

static int64_t cache_bytes(int level) {
    long n = level == 2 ? sysconf(_SC_LEVEL2_CACHE_SIZE) : sysconf(_SC_LEVEL3_CACHE_SIZE);
    return n > 0 ? n : level == 2 ? 512 << 10 : 4 << 20;
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

static void make_plan(plan *p, const tg_gemm_problem *g, int workers) {
    p->g = *g;
    if (g->csc != 1 && g->rsc == 1) transpose(&p->g);
    g = &p->g;
    const tg_tiles *t = p->t = &tg_k->tiles[g->dtype == TG_F64];
    p->kc = g->k ? CEIL(g->k, CEIL(g->k, t->kc)) : 0;
    p->pack_a = g->a.pack || g->n >= PACK_A_COLUMNS;
    p->pack_b = g->b.pack || g->b.ls != 1 || g->m > 2 * t->mr;
    int64_t step = MAX(p->kc, 1) * t->size;
    p->mc = MAX(cache_bytes(2) / 2 / step / t->mr, 1) * t->mr;
    p->nc = MAX(cache_bytes(3) / 4 / MAX(workers, 1) / step / t->nr, 4) * t->nr;
    p->mc = MIN(p->mc, UP(g->m, t->mr));
    p->nc = MIN(p->nc, UP(g->n, t->nr));
    p->bytes_a = p->pack_a ? UP(p->mc * step, 64) : 0;
    p->bytes_b = UP((p->pack_b ? p->nc : t->nr) * step, 64);
    p->items = 1;
    for (int d = 0; d < g->ndim; d++) p->items *= g->shape[d];
}

/* Where lines lie side by side, so many steps of every panel come first: whole rows are read, not bits of many pages. */
#define PACK_STEPS 32

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

/* Loops jr and ir: C[i0.., j0..] of m x n, steps p0 .. p0+k, one register tile after the other. */
static void tiles(const plan *p, const work *w, const char *ap, char *bp, int64_t i0, int64_t m, int64_t j0, int64_t n,
                  int64_t p0, int64_t k, int flags) {
    const tg_gemm_problem *g = &p->g;
    const tg_tiles *t = p->t;
    const int64_t size = t->size, als = p->pack_a ? 1 : g->a.ls, aks = p->pack_a ? t->mr : g->a.ks;
    for (int64_t j = 0; j < n; j += t->nr) {
        int64_t cols = MIN(t->nr, n - j), vectors = cols <= t->lanes ? 1 : 2, width = vectors * t->lanes;
        const char *b = bp + j * k * size;
        int64_t bks = width;
        if (!p->pack_b) {
            b = w->b + ((j0 + j) * g->b.ls + p0 * g->b.ks) * size;
            bks = g->b.ks;
            if (cols < width) {
                t->panel(k, cols, b, g->b.ls, g->b.ks, width, bp);
                b = bp, bks = width;
            }
        }
        for (int64_t i = 0; i < m; i += t->mr) {
            int64_t rows = MIN(t->mr, m - i);
            const char *a = p->pack_a ? ap + i * k * size : w->a + ((i0 + i) * g->a.ls + p0 * g->a.ks) * size;
            char *c = w->c + ((i0 + i) * g->rsc + (j0 + j) * g->csc) * size;
            const char *bias = g->bias;
            if (flags & TG_TILE_BIAS_COLUMN) bias += (j0 + j) * size;
            if (flags & TG_TILE_BIAS_ROW) bias += (i0 + i) * size;
            if (cols == width && g->csc == 1) {
                t->tile[rows - 1][vectors - 1](k, a, als, aks, b, bks, c, g->rsc, flags, bias);
            } else {
                _Alignas(64) char sums[TG_TILE_MAX];
                t->tile[rows - 1][vectors - 1](k, a, als, aks, b, bks, sums, width, 0, NULL);
                t->edge(rows, cols, sums, width, c, g->rsc, g->csc, flags, bias);
            }
        }
    }
}

/* Loops jc, pc and ic on one rectangle of C. */
static void run(const plan *p, const work *w, char *scratch) {
    const tg_gemm_problem *g = &p->g;
    char *ap = scratch, *bp = scratch + p->bytes_a;
    const int bias[] = {0, TG_TILE_BIAS_COLUMN, TG_TILE_BIAS_ROW};
    int last = bias[g->bias_kind] | (g->activation == TG_GEMM_RELU ? TG_TILE_RELU : 0);
    for (int64_t jc = w->j0; jc < w->j0 + w->n; jc += p->nc) {
        int64_t n = MIN(p->nc, w->j0 + w->n - jc), pc = 0;
        do { /* once for k = 0, too */
            int64_t k = MIN(p->kc, g->k - pc);
            int flags = (pc || g->accumulate ? TG_TILE_ADD : 0) | (pc + k == g->k ? last : 0);
            if (p->pack_b) pack_panels(p, &g->b, w->b, w->item, jc, n, pc, k, p->t->nr, p->t->lanes, bp);
            for (int64_t ic = w->i0; ic < w->i0 + w->m; ic += p->mc) {
                int64_t m = MIN(p->mc, w->i0 + w->m - ic);
                if (p->pack_a) pack_panels(p, &g->a, w->a, w->item, ic, m, pc, k, p->t->mr, 0, ap);
                tiles(p, w, ap, bp, ic, m, jc, n, pc, k, flags);
            }
            pc += k;
        } while (pc < g->k);
    }
}

/* First element of an item of the batch. */
static char *item_of(const void *data, const int64_t *strides, const tg_gemm_problem *g, int64_t item, int64_t size) {
    int64_t offset = 0;
    if (strides)
        for (int d = g->ndim - 1; d >= 0; d--) {
            offset += item % g->shape[d] * strides[d];
            item /= g->shape[d];
        }
    return (char *)data + offset * size;
}

/* Rectangle `r` of item `item`, of a grid of rows x cols rectangles whose borders lie on tile borders. */
static void run_rectangle(const plan *p, int64_t item, int64_t r, int64_t rows, int64_t cols, char *scratch) {
    const tg_gemm_problem *g = &p->g;
    const tg_tiles *t = p->t;
    int64_t tm = CEIL(g->m, t->mr), tn = CEIL(g->n, t->nr), i = r / cols, j = r % cols;
    work w = {item_of(g->a.data, g->a.items, g, item, t->size), item_of(g->b.data, g->b.items, g, item, t->size),
              item_of(g->c, g->items_c, g, item, t->size), item, tm * i / rows * t->mr, 0, tn * j / cols * t->nr, 0};
    w.m = MIN(tm * (i + 1) / rows * t->mr, g->m) - w.i0;
    w.n = MIN(tn * (j + 1) / cols * t->nr, g->n) - w.j0;
    if (w.m > 0 && w.n > 0) run(p, &w, scratch);
}

int tg_gemm_run(const tg_gemm_problem *problem) {
    plan p;
    if (problem->m == 0 || problem->n == 0) return TG_OK;
    int threads = tg_get_threads();
    make_plan(&p, problem, threads);
    if (p.items == 0) return TG_OK;
    const tg_gemm_problem *g = &p.g;
    /* ns of everything, at 50 multiply-adds a ns */
    double cost = (double)p.items * (double)g->m * (double)g->n * (double)(g->k + 16) / 50;
    int64_t workers = tg_team(threads, cost / threads), rows = 1, cols = 1;
    if (p.items % workers && p.items < 8 * workers) {
        /* Each item is cut for all workers: in the way that packs least, rows * B + cols * A. */
        int64_t best = INT64_MAX;
        for (int64_t r = 1; r <= workers; r++)
            if (workers % r == 0) {
                int64_t q = workers / r;
                int64_t load = CEIL(CEIL(g->m, p.t->mr), r) * p.t->mr * CEIL(CEIL(g->n, p.t->nr), q) * p.t->nr;
                int64_t packed = load * 8 + (r * g->n + q * g->m);
                if (packed < best) best = packed, rows = r, cols = q;
            }
    }
    int64_t pieces = p.items * rows * cols;
    workers = MIN(workers, pieces);
    int64_t bytes = p.bytes_a + p.bytes_b;
    _Alignas(64) char small[8192];
    char *scratch = workers == 1 && bytes <= (int64_t)sizeof small ? small : tg_scratch((size_t)(bytes * workers));
    if (!scratch) return TG_NO_MEMORY;
    TG_PARALLEL_FOR(w, workers, cost / (double)workers)
        for (int64_t x = pieces * w / workers; x < pieces * (w + 1) / workers; x++)
            run_rectangle(&p, x / (rows * cols), x % (rows * cols), rows, cols, scratch + w * bytes);
    if (scratch != small) tg_scratch_free(scratch);
    return TG_OK;
}
