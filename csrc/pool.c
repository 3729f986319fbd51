/* pool.c: max, average and adaptive pooling and their gradients: planes are shared among threads, windows are tabulated
 * once a dimension (pool.h) so that the kernels divide nothing and look at nothing outside of the image. */
#include "pool.h"

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "status.h"

/* Tables of one dimension in memory [3 * out]. `padded`: elements in the padding count too (avg_pool). */
static int64_t *tabulate(const tg_pool *s, int d, int padded, tg_windows *w, int64_t *memory) {
    int64_t in = s->in[d], out = s->out[d];
    *w = (tg_windows){.in = in, .out = out, .step = 1, .start = memory, .end = memory + out, .count = memory + 2 * out};
    if (s->adaptive) {
        for (int64_t o = 0; o < out; o++) {
            w->start[o] = (int64_t)((__int128)o * in / out);
            w->end[o] = (int64_t)(((__int128)(o + 1) * in + out - 1) / out);
            w->count[o] = w->end[o] - w->start[o];
        }
        return memory + 3 * out;
    }
    w->step = s->dilation[d];
    w->taps = s->kernel[d];
    w->stride = s->stride[d];
    w->pad = s->pad[d];
    for (int64_t o = 0; o < out; o++) {
        int64_t start = o * w->stride - w->pad, end = start + (w->taps - 1) * w->step + 1;
        int64_t limit = in + w->pad, whole = (end < limit ? end : limit) - start;
        if (start < 0) start += (-start + w->step - 1) / w->step * w->step;
        w->start[o] = start;
        w->end[o] = end < in ? end : in;
        w->count[o] = padded ? whole : w->end[o] - start;
        if (w->count[o] < 1) w->count[o] = 1; /* an empty window's sum is 0 */
    }
    return memory + 3 * out;
}

/* Tables of all dimensions and a row of scratch for each thread behind them; NULL when memory is out. */
static int64_t *prepare(const tg_pool *s, int padded, tg_windows w[3], char **rows) {
    int64_t tables = 3 * (s->out[0] + s->out[1] + s->out[2]);
    int64_t *memory = tg_scratch((size_t)(tables + tg_get_threads() * s->in[2]) * 8), *m = memory;
    if (!memory) return NULL;
    for (int d = 0; d < 3; d++) m = tabulate(s, d, padded, w + d, m);
    *rows = (char *)m;
    return memory;
}

/* Planes of one call: small ones are many. */
#define PLANES(elements) ((elements) < 2048 ? 4096 / ((elements) + 1) + 1 : 1)

static int64_t product(const int64_t *size) { return size[0] * size[1] * size[2]; }

int tg_max_pool(int dtype, const tg_pool *s, const void *x, void *y, int32_t *index) {
    tg_windows w[3];
    char *rows;
    int64_t *memory = prepare(s, 0, w, &rows), in = product(s->in), out = product(s->out), size = tg_itemsize(dtype);
    if (!memory) return TG_NO_MEMORY;
    TG_PARALLEL_FOR(i, out ? s->planes : 0, (double)(in + out))
    tg_k->pool[dtype == TG_F64].max(w, (const char *)x + i * in * size, (char *)y + i * out * size, index + i * out);
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_avg_pool(int dtype, const tg_pool *s, int padded, double divisor, const void *x, void *y) {
    tg_windows w[3];
    char *rows;
    int64_t *memory = prepare(s, padded, w, &rows), in = product(s->in), out = product(s->out),
            size = tg_itemsize(dtype);
    if (!memory) return TG_NO_MEMORY;
    int64_t run = PLANES(in);
    TG_PARALLEL_FOR(b, out ? (s->planes + run - 1) / run : 0, (double)(run * (in + out)) / 4) {
        int64_t i = b * run, n = s->planes - i < run ? s->planes - i : run;
        tg_k->pool[dtype == TG_F64].avg(n, w, divisor, (const char *)x + i * in * size, (char *)y + i * out * size,
                                        rows + TG_THREAD() * s->in[2] * 8);
    }
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_avg_pool_grad(int dtype, const tg_pool *s, int padded, double divisor, const void *gy, void *gx) {
    tg_windows w[3];
    char *rows;
    int64_t *memory = prepare(s, padded, w, &rows), in = product(s->in), out = product(s->out),
            size = tg_itemsize(dtype);
    if (!memory) return TG_NO_MEMORY;
    int64_t run = PLANES(in);
    TG_PARALLEL_FOR(b, (s->planes + run - 1) / run, (double)(run * (in + out)) / 4) {
        int64_t i = b * run, n = s->planes - i < run ? s->planes - i : run;
        tg_k->pool[dtype == TG_F64].avg_grad(n, w, divisor, (const char *)gy + i * out * size, (char *)gx + i * in * size,
                                             rows + TG_THREAD() * s->in[2] * 8);
    }
    tg_scratch_free(memory);
    return TG_OK;
}

/* Before anything is written: every index is -1 or inside its plane. */
static int bad_index(int64_t n, int64_t in, const int32_t *index) {
    int bad = 0;
    int64_t block = 1 << 14;
    TG_PARALLEL_FOR(b, (n + block - 1) / block, 4000) {
        int found = 0;
        for (int64_t i = b * block; i < n && i < (b + 1) * block; i++) found |= (index[i] < -1) | (index[i] >= in);
        if (found) __atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
    }
    for (int64_t i = 0; bad && i < n; i++)
        if (index[i] < -1 || index[i] >= in) return tg_set_bad_index(index[i]);
    return TG_OK;
}

int tg_pool_put(int dtype, int64_t planes, int64_t in, int64_t out, const void *gy, const int32_t *index, void *gx) {
    if (bad_index(planes * out, in, index)) return TG_BAD_INDEX;
    int64_t size = tg_itemsize(dtype);
    TG_PARALLEL_FOR(i, planes, (double)in / 4 + (double)out)
    tg_k->pool[dtype == TG_F64].put(in, out, (const char *)gy + i * out * size, index + i * out,
                                    (char *)gx + i * in * size);
    return TG_OK;
}

int tg_pool_take(int dtype, int64_t planes, int64_t in, int64_t out, const void *x, const int32_t *index, void *y) {
    if (bad_index(planes * out, in, index)) return TG_BAD_INDEX;
    int64_t size = tg_itemsize(dtype);
    TG_PARALLEL_FOR(i, planes, (double)out)
    tg_k->pool[dtype == TG_F64].take(out, (const char *)x + i * in * size, index + i * out, (char *)y + i * out * size);
    return TG_OK;
}
