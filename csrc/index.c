/* index.c: elements and rows at computed places: reading them (gather, take, index_select, embedding, x[i, j]) and
 * writing them (scatter, index_add, index_put, x[i, j] = v).
 *
 * Everything goes through *places*: row-major positions in the indexed dimensions of a tensor, made and checked once by
 * tg_index_places, before anything is written. tg_index_take and tg_index_put then trust them. */
#include <string.h>

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "status.h"

static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

/* Row o of the places: its first index in every view, and its sum of fixed terms. */
typedef struct row_start {
    const int64_t *index[TG_MAX_DIMS];
    int64_t fixed;
} row_start;

static void seek_row(row_start *r, int64_t o, int ndim, const int64_t *shape, const int64_t *base, int k,
                     const tg_view *const *index) {
    r->fixed = 0;
    for (int c = 0; c < k; c++) r->index[c] = (const int64_t *)index[c]->data;
    for (int d = ndim - 2; d >= 0; d--) {
        const int64_t i = o % shape[d];
        o /= shape[d];
        r->fixed += base ? i * base[d] : 0;
        for (int c = 0; c < k; c++) r->index[c] += i * index[c]->strides[d];
    }
}

int tg_index_places(int ndim, const int64_t *shape, const int64_t *base, int k, const tg_view *const *index,
                    const int64_t *sizes, const int64_t *strides, int wrap, int64_t *places, int *failed) {
    const int64_t n = ndim ? shape[ndim - 1] : 1, step = base && ndim ? base[ndim - 1] : 0;
    int64_t rows = 1;
    for (int d = 0; d < ndim - 1; d++) rows *= shape[d];
    if (n == 0 || rows == 0) return TG_OK;
    int bad = 0;
    TG_PARALLEL_FOR(o, rows, 0.4 * (double)n * k + 10) {
        row_start r;
        seek_row(&r, o, ndim, shape, base, k, index);
        int64_t *out = places + o * n;
        int wrong = 0;
        for (int64_t j = 0; j < n && !k; j++) out[j] = r.fixed + j * step;
        for (int c = 0; c < k; c++) {
            const int64_t s = ndim ? index[c]->strides[ndim - 1] : 0, size = sizes[c];
            wrong |= !tg_k->index_row(n, c == 0, r.fixed, step, r.index[c], s, wrap ? -size : 0, size, strides[c], out);
        }
        if (wrong) __atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
    }
    if (bad) /* say which: the first in order */
        for (int c = 0; c < k; c++)
            for (int64_t o = 0; o < rows; o++) {
                row_start r;
                seek_row(&r, o, ndim, shape, base, k, index);
                for (int64_t j = 0; j < n; j++) {
                    const int64_t i = r.index[c][ndim ? j * index[c]->strides[ndim - 1] : 0];
                    if (i >= sizes[c] || i < (wrap ? -sizes[c] : 0)) {
                        *failed = c;
                        return tg_set_bad_index(i);
                    }
                }
            }
    return TG_OK;
}

/* The dimensions that are not indexed: joined where both sides run on, the last one a run of contiguous elements of
 * `moving` (the side that is walked in whole rows), the others walked one by one. */
typedef struct rest {
    int n;
    int64_t size[TG_MAX_DIMS], xs[TG_MAX_DIMS], ys[TG_MAX_DIMS];
    int64_t run, run_x, run_y, positions;
} rest;

static void join_rest(rest *r, const tg_view *x, const tg_view *y) {
    r->n = 0;
    for (int d = 0; d < x->ndim; d++) {
        if (x->shape[d] == 1) continue;
        const int l = r->n - 1;
        if (l >= 0 && r->xs[l] == x->strides[d] * x->shape[d] && r->ys[l] == y->strides[d] * x->shape[d]) {
            r->size[l] *= x->shape[d], r->xs[l] = x->strides[d], r->ys[l] = y->strides[d];
        } else {
            r->size[r->n] = x->shape[d], r->xs[r->n] = x->strides[d], r->ys[r->n++] = y->strides[d];
        }
    }
    r->run = r->run_x = r->run_y = 1;
    if (r->n && r->xs[r->n - 1] == 1) r->n--, r->run = r->size[r->n], r->run_y = r->ys[r->n];
    r->positions = 1;
    for (int d = 0; d < r->n; d++) r->positions *= r->size[d];
}

static void seek_rest(const rest *r, int64_t p, int64_t *xo, int64_t *yo) {
    *xo = *yo = 0;
    for (int d = r->n - 1; d >= 0; d--) {
        const int64_t i = p % r->size[d];
        p /= r->size[d];
        *xo += i * r->xs[d], *yo += i * r->ys[d];
    }
}

/* Places as distances in memory: themselves times *scale where the indexed dimensions lie as one, else an array in *own. */
static const int64_t *distances(int64_t n, const int64_t *places, int k, const int64_t *sizes, const int64_t *strides,
                                int64_t *scale, int64_t **own) {
    int one = 1;
    for (int c = 0; c + 1 < k; c++) one &= strides[c] == strides[c + 1] * sizes[c + 1];
    *own = NULL;
    *scale = one && k ? strides[k - 1] : 1;
    if (one || n == 0) return places;
    int64_t *out = tg_scratch((size_t)n * sizeof(int64_t));
    if (!out) return NULL;
    *own = out;
    const int64_t blocks = (n + 4095) / 4096;
    TG_PARALLEL_FOR(b, blocks, 4096.0 * 4 * k) {
        for (int64_t i = b * 4096; i < n && i < (b + 1) * 4096; i++) {
            int64_t p = places[i], sum = 0;
            for (int c = k - 1; c >= 0; c--) sum += p % sizes[c] * strides[c], p /= sizes[c];
            out[i] = sum;
        }
    }
    return out;
}

#define TAKE(T)                                                                                                       \
    for (int64_t i = 0; i < m; i++) {                                                                                 \
        const T *s = (const T *)x + at[i] * scale;                                                                    \
        T *d = (T *)out + i * row;                                                                                    \
        if (run == 1)                                                                                                 \
            *d = *s;                                                                                                  \
        else if (step == 1 && run > 8)                                                                                \
            memcpy(d, s, (size_t)run * sizeof(T));                                                                    \
        else                                                                                                          \
            for (int64_t j = 0; j < run; j++) d[j * step] = s[j];                                                     \
    }                                                                                                                 \
    break;

static void take(int64_t size, int64_t m, const int64_t *at, int64_t scale, int64_t run, const char *x, char *out,
                 int64_t row, int64_t step) {
    switch (size) {
        case 1: TAKE(uint8_t)
        case 2: TAKE(uint16_t)
        case 4: TAKE(uint32_t)
        default: TAKE(uint64_t)
    }
}

int tg_index_take(int64_t n, const int64_t *places, int k, const int64_t *sizes, const int64_t *strides, const tg_view *x,
                  const tg_view *out, int64_t row) {
    rest r;
    join_rest(&r, x, out);
    if (n == 0 || r.positions == 0 || r.run == 0) return TG_OK;
    int64_t scale, *own;
    const int64_t *at = distances(n, places, k, sizes, strides, &scale, &own), z = tg_itemsize(x->dtype);
    if (!at) return TG_NO_MEMORY;
    const int64_t block = r.run < 4096 ? 4096 / r.run : 1, blocks = (n + block - 1) / block;
    TG_PARALLEL_FOR(u, r.positions * blocks, (double)(block * r.run) * 0.5 + (double)block) {
        const int64_t first = u % blocks * block, m = n - first < block ? n - first : block;
        int64_t xo, yo;
        seek_rest(&r, u / blocks, &xo, &yo);
        take(z, m, at + first, scale, r.run, x->data + xo * z, out->data + (yo + first * row) * z, row, r.run_y);
    }
    tg_scratch_free(own);
    return TG_OK;
}

#define FEW 8

int tg_index_put(int mode, int64_t n, const int64_t *places, int k, const int64_t *sizes, const int64_t *strides,
                 const tg_view *x, const tg_view *src, int64_t row) {
    rest r;
    if (x->dtype > TG_F64 && mode != TG_PUT_WRITE) return TG_NO_KERNEL;
    join_rest(&r, x, src);
    if (n == 0 || r.positions == 0 || r.run == 0) return TG_OK;
    int64_t scale, *own, low[TG_MAX_THREADS], high[TG_MAX_THREADS];
    const int64_t *at = distances(n, places, k, sizes, strides, &scale, &own), z = tg_itemsize(x->dtype);
    if (!at) return TG_NO_MEMORY;
    /* Threads share the positions of the rest. Where there are too few, they share the list of places if its parts write to
     * different memory (the rows of a gather), else the memory: each reads the whole list. For a few elements a place that is no
     * gain: a branch that is foreseen half of the time makes 262,144 single ones take 1.6 ms on two threads, 0.3 on one. Whatever
     * meets in one element comes in the list's order. */
    const double cost = (double)n * (1 + 0.5 * (double)r.run);
    const int team = tg_team(TG_MAX_THREADS, cost * (double)r.positions / TG_MAX_THREADS);
    int64_t parts = r.positions >= 4 * team ? 1 : team, last = INT64_MAX - 1;
    const int64_t length = (n + parts - 1) / parts;
    int apart = parts > 1;
    if (parts > 1) {
        TG_PARALLEL_FOR(b, parts, (double)length) {
            const int64_t first = at_most(b * length, n - 1), end = at_most((b + 1) * length, n);
            tg_k->index_span(end > first ? end - first : 1, at + first, low + b, high + b);
        }
        last = 0;
        for (int64_t b = 0; b < parts; b++) {
            apart &= b * length < n && (b == 0 || high[b - 1] < low[b]);
            last = high[b] > last ? high[b] : last;
        }
        if (!apart && r.run < FEW) parts = 1;
    }
    const int64_t width = last / parts + 1;
    TG_PARALLEL_FOR(u, r.positions * parts, cost / (double)parts) {
        const int64_t b = u % parts, lo = apart ? 0 : b * width, hi = apart ? INT64_MAX : lo + width;
        const int64_t first = apart ? b * length : 0, count = apart ? at_most(length, n - first) : n;
        int64_t xo, yo;
        seek_rest(&r, u / parts, &xo, &yo);
        tg_k->index_put(x->dtype, mode, count, at + first, lo, hi, scale, r.run, x->data + xo * z,
                        src->data + (yo + first * row) * z, row, r.run_y);
    }
    tg_scratch_free(own);
    return TG_OK;
}

#define BLOCK 65536

/* Blocks are counted, then every block knows where its part of the list starts. */
int64_t tg_nonzero_count(int64_t n, const uint8_t *mask, int64_t *starts) {
    const int64_t blocks = (n + BLOCK - 1) / BLOCK;
    TG_PARALLEL_FOR(b, blocks, BLOCK * 0.1) {
        const int64_t end = (b + 1) * BLOCK < n ? (b + 1) * BLOCK : n;
        int64_t count = 0;
        for (int64_t i = b * BLOCK; i < end; i++) count += mask[i] != 0;
        starts[b] = count;
    }
    int64_t total = 0;
    for (int64_t b = 0; b < blocks; b++) {
        const int64_t count = starts[b];
        starts[b] = total;
        total += count;
    }
    return total;
}

/* Which elements are true, without a branch on any of them: every index is written, and kept by counting it. */
static int64_t list_true(const uint8_t *mask, int64_t *i, int64_t end, int64_t most, int64_t *found) {
    int64_t n = 0;
    for (; *i < end && n < most; ++*i) found[n] = *i, n += mask[*i] != 0;
    return n;
}

void tg_nonzero(int64_t n, const uint8_t *mask, const int64_t *starts, int ndim, const int64_t *shape, int64_t *out) {
    const int64_t blocks = (n + BLOCK - 1) / BLOCK;
    TG_PARALLEL_FOR(b, blocks, BLOCK * 1.0) {
        const int64_t end = (b + 1) * BLOCK < n ? (b + 1) * BLOCK : n;
        int64_t found[1024], *to = out + starts[b] * ndim;
        for (int64_t i = b * BLOCK; i < end;) {
            const int64_t m = list_true(mask, &i, end, 1024, found);
            for (int64_t j = 0; j < m; j++, to += ndim) {
                int64_t p = found[j];
                for (int d = ndim - 1; d > 0; d--) to[d] = p % shape[d], p /= shape[d];
                to[0] = p;
            }
        }
    }
}
