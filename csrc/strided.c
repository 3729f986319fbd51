/* strided.c: the plan of a walk over several strided views (strided.h). */
#include "strided.h"

#include <stdlib.h>

static int64_t distance(int64_t stride) { return stride < 0 ? -stride : stride; }

static void swap_dims(tg_plan *p, int a, int b) {
    int64_t t = p->shape[a];
    p->shape[a] = p->shape[b], p->shape[b] = t;
    for (int o = 0; o < p->operands; o++) {
        t = p->strides[o][a];
        p->strides[o][a] = p->strides[o][b], p->strides[o][b] = t;
    }
}

/* Dimensions of size > 1 with every operand's byte stride (0 where it is broadcast). */
static void collect(tg_plan *p, const tg_view *const *views) {
    const tg_view *out = views[0];
    p->ndim = 0;
    for (int d = 0; d < out->ndim; d++) {
        if (out->shape[d] == 1) continue;
        p->shape[p->ndim] = out->shape[d];
        for (int o = 0; o < p->operands; o++) {
            const tg_view *v = views[o];
            const int e = d - (out->ndim - v->ndim);
            p->strides[o][p->ndim] = e < 0 || v->shape[e] == 1 ? 0 : v->strides[e] * tg_itemsize(v->dtype);
        }
        p->ndim++;
    }
}

static int mergeable(const tg_plan *p, int d) {
    for (int o = 0; o < p->operands; o++)
        if (p->strides[o][d] != p->strides[o][d + 1] * p->shape[d + 1]) return 0;
    return 1;
}

/* Order dimensions by the output's stride (outermost first), then merge neighbours. */
static void order_and_merge(tg_plan *p) {
    for (int i = 1; i < p->ndim; i++)
        for (int j = i; j > 0 && distance(p->strides[0][j - 1]) < distance(p->strides[0][j]); j--) swap_dims(p, j - 1, j);
    for (int d = p->ndim - 2; d >= 0; d--) {
        if (!mergeable(p, d)) continue;
        p->shape[d] *= p->shape[d + 1];
        for (int o = 0; o < p->operands; o++) p->strides[o][d] = p->strides[o][d + 1];
        for (int e = d + 1; e < p->ndim - 1; e++) swap_dims(p, e, e + 1);
        p->ndim--;
    }
}

/* The dimension along which some operand's memory runs although the output's does not: -1 if there is none. */
static int across(const tg_plan *p) {
    const int inner = p->ndim - 1;
    for (int o = 1; o < p->operands; o++) {
        int best = inner;
        for (int d = 0; d < inner; d++)
            if (p->strides[o][d] && distance(p->strides[o][d]) < distance(p->strides[o][best])) best = d;
        if (best != inner) return best;
    }
    return -1;
}

/* n in as few parts of at most `limit` as can be, none of them much shorter than the others; whole cache lines where it is cut. */
static int64_t even_part(int64_t n, int64_t limit) {
    if (n <= limit) return n;
    const int64_t parts = (n + limit - 1) / limit, part = ((n + parts - 1) / parts + 15) / 16 * 16;
    return part < limit ? part : limit;
}

void tg_plan_make(tg_plan *p, int operands, const tg_view *const *views, int64_t limit) {
    p->operands = operands;
    for (int o = 0; o < operands; o++) p->data[o] = views[o]->data;
    collect(p, views);
    order_and_merge(p);
    while (p->ndim < 2) {  /* a row of one column, a column of one row */
        p->shape[p->ndim] = 1;
        for (int o = 0; o < operands; o++) p->strides[o][p->ndim] = 0;
        for (int d = p->ndim++; d > 0; d--) swap_dims(p, d - 1, d);
    }
    const int inner = p->ndim - 1, outer = p->ndim - 2, other = across(p);
    if (other >= 0) {
        for (int d = other; d < outer; d++) swap_dims(p, d, d + 1);
        p->cols = even_part(p->shape[inner], limit / TG_ACROSS);
    } else {
        p->cols = even_part(p->shape[inner], limit);
    }
    p->rows = other >= 0 ? TG_ACROSS : p->cols ? TG_CHUNK / p->cols : 1;
    if (p->rows > p->shape[outer]) p->rows = p->shape[outer];
    if (p->rows < 1) p->rows = 1;
    p->count = 1;
    for (int d = 0; d < p->ndim; d++) {
        const int64_t step = d == inner ? p->cols : d == outer ? p->rows : 1;
        p->tiles[d] = step ? (p->shape[d] + step - 1) / step : 0;
        p->count *= p->tiles[d];
    }
}

static void locate(const tg_plan *p, tg_tile *t) {
    const int inner = p->ndim - 1, outer = p->ndim - 2;
    const int64_t row = t->index[outer] * p->rows, col = t->index[inner] * p->cols;
    t->rows = p->shape[outer] - row < p->rows ? p->shape[outer] - row : p->rows;
    t->cols = p->shape[inner] - col < p->cols ? p->shape[inner] - col : p->cols;
    for (int o = 0; o < p->operands; o++) {
        int64_t offset = row * p->strides[o][outer] + col * p->strides[o][inner];
        for (int d = 0; d < outer; d++) offset += t->index[d] * p->strides[o][d];
        t->data[o] = p->data[o] + offset;
    }
}

void tg_plan_seek(const tg_plan *p, int64_t i, tg_tile *t) {
    for (int d = p->ndim - 1; d >= 0; d--) {
        t->index[d] = i % p->tiles[d];
        i /= p->tiles[d];
    }
    locate(p, t);
}

void tg_plan_next(const tg_plan *p, tg_tile *t) {
    for (int d = p->ndim - 1; d >= 0; d--) {
        if (++t->index[d] < p->tiles[d]) break;
        t->index[d] = 0;
    }
    locate(p, t);
}
