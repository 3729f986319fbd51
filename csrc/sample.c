/* sample.c: planes read at weighted places that differ from sample to sample (grid_sample): the drivers of the three
 * bilinear maps that are each other's derivatives. */
#include <string.h>

#include "parallel.h"
#include "real.h"
#include "status.h"

#define TAP_NS 1.0
#define BLOCK 512 /* outputs of a task of tg_sample_dot */

/* Before anything is written: every place is inside its plane. */
static int check_places(const tg_sample_shape *s, const int64_t *at) {
    const int64_t n = s->n * s->out * s->taps;
    int bad = 0;
    for (int64_t i = 0; i < n; i++) bad |= (at[i] < 0) | (at[i] >= s->size);
    for (int64_t i = 0; bad && i < n; i++)
        if (at[i] < 0 || at[i] >= s->size) return tg_set_bad_index(at[i]);
    return TG_OK;
}

int tg_sample(int dtype, const tg_sample_shape *s, const void *x, const void *w, const int64_t *at, void *y) {
    const int64_t table = s->out * s->taps;
    if (check_places(s, at)) return TG_BAD_INDEX;
    TG_PARALLEL_FOR(i, s->n * s->c, (double)table * TAP_NS) {
        const int64_t n = i / s->c;
        TG_REAL_CALL(dtype, sample_read, s->out, s->taps, tg_at(dtype, w, n * table), at + n * table, tg_at(dtype, x, i * s->size),
                     tg_at(dtype, y, i * s->out));
    }
    return TG_OK;
}

int tg_sample_spread(int dtype, const tg_sample_shape *s, const void *g, const void *w, const int64_t *at, void *x) {
    const int64_t table = s->out * s->taps;
    if (check_places(s, at)) return TG_BAD_INDEX;
    TG_PARALLEL_FOR(i, s->n * s->c, (double)(table + s->size) * TAP_NS) {
        const int64_t n = i / s->c;
        TG_REAL_CALL(dtype, sample_spread, s->out, s->taps, tg_at(dtype, w, n * table), at + n * table,
                     tg_at(dtype, g, i * s->out), s->size, tg_at(dtype, x, i * s->size));
    }
    return TG_OK;
}

int tg_sample_dot(int dtype, const tg_sample_shape *s, const void *g, const void *x, const int64_t *at, void *w) {
    const int64_t blocks = (s->out + BLOCK - 1) / BLOCK;
    if (check_places(s, at)) return TG_BAD_INDEX;
    TG_PARALLEL_FOR(i, s->n * blocks, (double)(s->c * s->taps * BLOCK) * TAP_NS) {
        const int64_t n = i / blocks, q = i % blocks * BLOCK, k = tg_least(BLOCK, s->out - q), row = (n * s->out + q) * s->taps;
        memset(tg_at(dtype, w, row), 0, (size_t)(k * s->taps * tg_itemsize(dtype)));
        for (int64_t c = n * s->c; c < (n + 1) * s->c; c++)
            TG_REAL_CALL(dtype, sample_dot, k, s->taps, at + row, tg_at(dtype, g, c * s->out + q), tg_at(dtype, x, c * s->size),
                         tg_at(dtype, w, row));
    }
    return TG_OK;
}
