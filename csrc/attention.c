/* attention.c: y = softmax(q k^T scale + mask) v without the matrix of scores (Dao et al., FlashAttention, 2022; Rabe and
 * Staats, Self-attention does not need O(n^2) memory, 2021). A block of scores lives in the first cache from the product
 * that makes it to the product that uses it:
 *
 *   forward    for 32 queries: scores of 64 keys after the other; a running maximum, the sum of exponentials and the sum of
 *              weighted values, scaled when the maximum grows. Only log sum exp is kept for the gradient.
 *   backward   the scores again, weights p = exp(score - lse), their gradient p (g v^T - g . y), and three products.
 *
 * Blocks are transposed, [keys, queries]: the vectors run over queries. Then k and v are operands whose elements are broadcast,
 * which tiles read with any strides, and the scores are an operand that is read as it was written: nothing is packed but the
 * queries. Blocks above the diagonal of a causal mask are left out.
 *
 * Tasks are blocks of queries (forward) or items of the batch, cut into chunks of queries where there are few (backward),
 * by the sizes alone; chunks are added in order. The bits do not depend on the number of threads. */
#include "attention.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "product.h"
#include "real.h"

#define Q TG_QUERIES
/* So many tasks of the backward pass keep a usual team busy. */
#define TASKS 8
/* Multiply-adds a ns. */
#define SPEED 40.0

typedef struct plan {
    const tg_attention *s;
    const tg_tiles *t;
    int64_t size, items, blocks, ep, vp; /* ep, vp: e and v in whole vectors */
} plan;

static plan make_plan(const tg_attention *s) {
    plan p = {.s = s, .t = &tg_k->tiles[s->dtype == TG_F64], .size = tg_itemsize(s->dtype), .items = 1};
    for (int d = 0; d < s->ndim; d++) p.items *= s->shape[d];
    p.blocks = (s->rows + Q - 1) / Q;
    p.ep = tg_up(s->e, p.t->lanes), p.vp = tg_up(s->v, p.t->lanes);
    return p;
}

/* Whether n numbers would not fit into any memory. An expanded operand may have any sizes without memory behind it; workspaces of
 * those sizes need it, and the arithmetic on them must not overflow. */
static int too_many(double n) { return n > (double)((int64_t)1 << 40); }

/* Element (row, 0) of an item of the batch. */
static __attribute__((noinline)) char *item_of(const plan *p, const tg_matrices *m, int64_t item, int64_t row, int64_t size) {
    int64_t offset = row * m->rs;
    for (int d = p->s->ndim - 1; d >= 0; d--) {
        offset += item % p->s->shape[d] * m->items[d];
        item /= p->s->shape[d];
    }
    return (char *)m->p + offset * size;
}

/* The keys that queries q0 .. q0 + n see. */
static int64_t seen(const tg_attention *s, int64_t q0, int64_t n) { return s->causal ? tg_least(s->keys, q0 + n) : s->keys; }

/* The transpose of n rows of m, [columns, Q], padded with zeros. */
static void columns(const plan *p, const tg_matrices *m, int64_t item, int64_t q0, int64_t n, int64_t cols, char *to) {
    p->t->panel(cols, n, item_of(p, m, item, q0, p->size), m->rs, m->cs, Q, to);
}

/* The rows themselves, [Q, width], padded with zeros. */
static void rows(const plan *p, const tg_matrices *m, int64_t item, int64_t q0, int64_t n, int64_t cols, int64_t width, char *to) {
    p->t->panel(n, cols, item_of(p, m, item, q0, p->size), m->cs, m->rs, width, to);
    memset(to + n * width * p->size, 0, (size_t)((Q - n) * width * p->size));
}

/* n rows of m from [columns, Q]; tmp [n, columns]. */
static void write_columns(const plan *p, const tg_matrices *m, int64_t item, int64_t q0, int64_t n, int64_t cols, const char *from,
                          char *tmp) {
    char *to = item_of(p, m, item, q0, p->size);
    p->t->panel(n, cols, from, Q, 1, cols, tmp);
    for (int64_t i = 0; i < n; i++) memcpy(to + i * m->rs * p->size, tmp + i * cols * p->size, (size_t)(cols * p->size));
}

/* Scores of n queries (from q0 on) with nk keys. */
static void scores(const plan *p, int64_t item, int64_t q0, int64_t n, int64_t k0, int64_t nk, const char *qt, char *s) {
    const tg_attention *a = p->s;
    tg_product(p->t, nk, Q, a->e, item_of(p, &a->k, item, k0, p->size), a->k.rs, a->k.cs, qt, Q, s, Q, 0, NULL);
    if (a->mask.p) {
        const int is_bool = a->mask_dtype == TG_BOOL;
        const int64_t size = is_bool ? 1 : p->size;
        TG_REAL_CALL(a->dtype, attend_mask, nk, n, is_bool, item_of(p, &a->mask, item, q0, size) + k0 * a->mask.cs * size,
                     a->mask.rs, a->mask.cs, (void *)s);
    }
    if (a->causal && k0 + nk > q0 + 1) TG_REAL_CALL(a->dtype, attend_causal, nk, q0 - k0, (void *)s);
}

/* ---- forward ---- */

static void forward_block(const plan *p, int64_t item, int64_t q0, char *memory) {
    const tg_attention *a = p->s;
    const int64_t line = Q * p->size, n = tg_least(Q, a->rows - q0), end = seen(a, q0, n);
    char *m = memory, *sum = m + line, *s = sum + line, *qt = s + TG_KEYS * line, *y = qt + (a->e > a->v ? a->e : a->v) * line;
    columns(p, &a->q, item, q0, n, a->e, qt);
    TG_REAL_CALL(a->dtype, attend_scale, a->e * Q, a->scale, (void *)qt);
    memset(sum, 0, (size_t)line);
    memset(y, 0, (size_t)(a->v * line));
    for (int64_t i = 0; i < Q; i++) tg_put(a->dtype, m, i, -(double)INFINITY);
    for (int64_t k0 = 0; k0 < end; k0 += TG_KEYS) {
        const int64_t nk = tg_least(TG_KEYS, end - k0);
        scores(p, item, q0, n, k0, nk, qt, s);
        TG_REAL_CALL(a->dtype, attend, nk, a->v, (void *)s, (void *)m, (void *)sum, (void *)y);
        tg_product(p->t, a->v, Q, nk, item_of(p, &a->value, item, k0, p->size), a->value.cs, a->value.rs, s, Q, y, Q, TG_TILE_ADD,
                   NULL);
    }
    TG_REAL_CALL(a->dtype, attend_end, a->v, (void *)m, (void *)sum, (void *)y);
    memcpy(tg_at(a->dtype, a->lse, item * a->rows + q0), m, (size_t)(n * p->size));
    write_columns(p, &a->y, item, q0, n, a->v, y, qt);
}

int tg_attention_forward(const tg_attention *s) {
    if (too_many((double)s->e + (double)s->v)) return TG_NO_MEMORY;
    const plan p = make_plan(s);
    const int64_t tasks = p.items * p.blocks, bytes = (2 + TG_KEYS + (s->e > s->v ? s->e : s->v) + s->v) * Q * p.size;
    if (tasks == 0) return TG_OK;
    const double cost = (double)(s->causal ? s->keys / 2 + 1 : s->keys) * Q * (double)(s->e + s->v + 16) / SPEED;
    char *memory = tg_scratch((size_t)(tg_team(tasks, cost) * bytes));
    if (!memory) return TG_NO_MEMORY;
    TG_PARALLEL_FOR(x, tasks, cost) { /* a causal mask makes late blocks longer: short and long ones alternate */
        const int64_t i = x % p.blocks, block = i % 2 ? p.blocks - 1 - i / 2 : i / 2;
        forward_block(&p, x / p.blocks, block * Q, memory + TG_THREAD() * bytes);
    }
    tg_scratch_free(memory);
    return TG_OK;
}

/* ---- backward ---- */

typedef struct grads {
    const tg_matrices *g, *gq, *gk, *gv;
    int64_t chunks, sums; /* bytes of one chunk's sums: gk [keys, ep], gv [keys, vp] */
} grads;

/* One block of queries: gq, and what it adds to gk and gv. */
static void backward_block(const plan *p, const grads *d, int64_t item, int64_t q0, char *gk, char *gv, char *memory) {
    const tg_attention *a = p->s;
    const int64_t line = Q * p->size, n = tg_least(Q, a->rows - q0), end = seen(a, q0, n), wide = a->e > a->v ? a->e : a->v;
    char *lse = memory, *dot = lse + line, *s = dot + line, *gs = s + TG_KEYS * line, *qt = gs + TG_KEYS * line;
    char *gt = qt + wide * line, *gqt = gt + a->v * line, *qr = gqt + wide * line, *gr = qr + p->ep * line;
    columns(p, &a->y, item, q0, n, a->v, gqt);
    columns(p, d->g, item, q0, n, a->v, gt);
    TG_REAL_CALL(a->dtype, attend_dot, a->v, (void *)gt, (void *)gqt, (void *)dot);
    columns(p, &a->q, item, q0, n, a->e, qt);
    rows(p, &a->q, item, q0, n, a->e, p->ep, qr);
    rows(p, d->g, item, q0, n, a->v, p->vp, gr);
    TG_REAL_CALL(a->dtype, attend_scale, a->e * Q, a->scale, (void *)qt);
    TG_REAL_CALL(a->dtype, attend_scale, p->ep * Q, a->scale, (void *)qr);
    for (int64_t i = n; i < Q; i++) tg_put(a->dtype, lse, i, (double)INFINITY);
    memcpy(lse, tg_at(a->dtype, a->lse, item * a->rows + q0), (size_t)(n * p->size));
    memset(gqt, 0, (size_t)(a->e * line));
    for (int64_t k0 = 0; k0 < end; k0 += TG_KEYS) {
        const int64_t nk = tg_least(TG_KEYS, end - k0);
        const char *k = item_of(p, &a->k, item, k0, p->size), *v = item_of(p, &a->value, item, k0, p->size);
        scores(p, item, q0, n, k0, nk, qt, s);
        tg_product(p->t, nk, Q, a->v, v, a->value.rs, a->value.cs, gt, Q, gs, Q, 0, NULL);
        TG_REAL_CALL(a->dtype, attend_grad, nk, (void *)s, (void *)gs, (void *)lse, (void *)dot);
        if (d->gq->p) tg_product(p->t, a->e, Q, nk, k, a->k.cs, a->k.rs, gs, Q, gqt, Q, TG_TILE_ADD, NULL);
        if (gk) tg_product(p->t, nk, p->ep, Q, gs, Q, 1, qr, p->ep, gk + k0 * p->ep * p->size, p->ep, TG_TILE_ADD, NULL);
        if (gv) tg_product(p->t, nk, p->vp, Q, s, Q, 1, gr, p->vp, gv + k0 * p->vp * p->size, p->vp, TG_TILE_ADD, NULL);
    }
    if (!d->gq->p) return;
    TG_REAL_CALL(a->dtype, attend_scale, a->e * Q, a->scale, (void *)gqt);
    write_columns(p, d->gq, item, q0, n, a->e, gqt, qt);
}

/* The sums of all chunks of an item, [chunks][keys, width] `step` bytes apart, to m. */
static void write_sums(const plan *p, const grads *d, const tg_matrices *m, int64_t item, int64_t cols, int64_t width, char *sums) {
    const int64_t n = p->s->keys * width;
    if (!m->p) return;
    for (int64_t c = 1; c < d->chunks; c++)
        p->t->edge(1, n, sums + c * d->sums, n, sums, n, 1, TG_TILE_ADD, NULL);
    char *to = item_of(p, m, item, 0, p->size);
    for (int64_t k = 0; k < p->s->keys; k++)
        memcpy(to + k * m->rs * p->size, sums + k * width * p->size, (size_t)(cols * p->size));
}

static void write_item(const plan *p, const grads *d, int64_t item, char *sums) {
    write_sums(p, d, d->gk, item, p->s->e, p->ep, sums);
    write_sums(p, d, d->gv, item, p->s->v, p->vp, sums + p->s->keys * p->ep * p->size);
}

int tg_attention_backward(const tg_attention *s, const tg_matrices *g, const tg_matrices *gq, const tg_matrices *gk,
                          const tg_matrices *gv) {
    const int over_keys = gk->p || gv->p;
    if (too_many(((double)s->e + (double)s->v) * (over_keys ? (double)s->keys : 1))) return TG_NO_MEMORY;
    const plan p = make_plan(s);
    grads d = {g, gq, gk, gv, 1, over_keys ? tg_up(s->keys * (p.ep + p.vp) * p.size, 64) : 0};
    if (p.items == 0) return TG_OK;
    if (p.items < TASKS && p.blocks > 1) d.chunks = tg_least(p.blocks, (TASKS + p.items - 1) / p.items);
    const int64_t tasks = p.items * d.chunks, wide = s->e > s->v ? s->e : s->v;
    const int64_t bytes = (2 + 2 * TG_KEYS + 2 * wide + s->v + p.ep + p.vp) * Q * p.size;
    const double pairs = (double)(s->causal ? s->keys / 2 + 1 : s->keys) * (double)s->rows / (double)d.chunks;
    const double cost = pairs * (double)(3 * s->e + 2 * s->v + 16) / SPEED;
    const int64_t team = tg_team(tasks, cost), slots = d.chunks > 1 ? tasks : team;
    char *memory = tg_scratch((size_t)(team * bytes + slots * d.sums));
    if (!memory) return TG_NO_MEMORY;
    char *sums = memory + team * bytes;
    TG_PARALLEL_FOR(x, tasks, cost) {
        const int64_t item = x / d.chunks;
        char *own = sums + (d.chunks > 1 ? x : TG_THREAD()) * d.sums;
        memset(own, 0, (size_t)d.sums);
        for (int64_t b = x % d.chunks; b < p.blocks; b += d.chunks)
            backward_block(&p, &d, item, b * Q, gk->p ? own : NULL, gv->p ? own + s->keys * p.ep * p.size : NULL,
                           memory + TG_THREAD() * bytes);
        if (d.chunks == 1) write_item(&p, &d, item, own);
    }
    if (d.chunks > 1)
        TG_PARALLEL_FOR(item, p.items, (double)d.sums / 10) write_item(&p, &d, item, sums + item * d.chunks * d.sums);
    tg_scratch_free(memory);
    return TG_OK;
}
