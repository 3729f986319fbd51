/* flat.c: passes over vectors as long as all parameters together, for optimisers that search along a line.
 *
 * A pass makes vectors (one of pieces laid end to end, others out = a x + b y) and then takes sums of what there is. Blocks are shared
 * among the threads; a block is done strip by strip, and a strip stays in the first cache until all that the pass does to it is done:
 * memory sees every vector once, however many vectors and sums there are. One small kernel an operation does; a kernel for each
 * combination would save loads from the first cache, which memory is too slow to notice.
 *
 * A strip is summed in the vectors' own dtype in a fixed order; strips and blocks are added in double precision in their order: the bits
 * do not depend on the threads. */
#include <math.h>
#include <string.h>

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "real.h"
#include "reduce.h"

#define BLOCK 16384
#define STRIP 1024

#define CALL(name, n, p, x, y, sum, ...) \
    (dtype == TG_F64 ? tg_k->update_##name##_f64 : tg_k->update_##name##_f32)( \
        n, 0, (char *const[]){p, x, y, (char *)(sum)}, (const double[]){__VA_ARGS__})

/* Lay the pieces end to end into whole[at .. at + n); i: the piece that element `at` belongs to. Answers the next element's. */
static int64_t lay(const tg_flat *f, int64_t i, int64_t at, int64_t n, int64_t size) {
    char *to = (char *)f->whole + at * size;
    for (const int64_t end = at + n; at < end;) {
        while (f->piece[i].end <= at) i++;
        const int64_t stop = f->piece[i].end < end ? f->piece[i].end : end, begin = i ? f->piece[i - 1].end : 0;
        const size_t bytes = (size_t)((stop - at) * size);
        if (f->piece[i].data)
            memcpy(to, f->piece[i].data + (at - begin) * size, bytes);
        else
            memset(to, 0, bytes);
        to += bytes;
        at = stop;
    }
    return i;
}

static void measure(int dtype, int64_t n, char *x, double *sums) {
    char size[STRIP * 8] __attribute__((aligned(64)));
    double sum, largest;
    const int acc = dtype == TG_F64 ? TG_ACC_F64 : TG_ACC_F32;
    tg_k->map[TG_MAP_abs][dtype](n, (char *const[]){size, x});
    tg_k->reduce_rows(TG_FOLD_SUM, acc, 1, n, size, n, &sum);
    tg_k->reduce_rows(TG_FOLD_MAX, acc, 1, n, size, n, &largest);
    const double most = tg_get(dtype, &largest, 0);
    sums[TG_FLAT_SUM] += tg_get(dtype, &sum, 0);
    if (most > sums[TG_FLAT_LARGEST]) sums[TG_FLAT_LARGEST] = most;
}

static void run_block(int dtype, const tg_flat *f, int64_t at, int64_t end, double *sums) {
    const int64_t size = tg_itemsize(dtype);
    int64_t piece = 0;
    if (f->whole)
        for (int64_t high = f->pieces; high - piece > 1;) {  /* the first piece that ends behind `at` */
            const int64_t middle = piece + (high - piece) / 2;
            if (f->piece[middle - 1].end <= at)
                piece = middle;
            else
                high = middle;
        }
    for (; at < end; at += STRIP) {
        const int64_t n = end - at < STRIP ? end - at : STRIP, o = at * size;
        if (f->whole) piece = lay(f, piece, at, n, size);
        for (int i = 0; i < f->mixes; i++) {
            char *y = f->mix[i].y;
            CALL(combine, n, f->mix[i].out + o, f->mix[i].x + o, y ? y + o : NULL, NULL, f->mix[i].a, f->mix[i].b);
        }
        for (int i = 0; i < f->products; i++) CALL(product, n, NULL, f->product[i].x + o, f->product[i].y + o, sums + i, 0);
        if (f->sized) measure(dtype, n, f->sized + o, sums);
    }
}

int tg_flat_pass(int dtype, tg_flat *f) {
    const int64_t blocks = (f->n + BLOCK - 1) / BLOCK;
    double *parts = f->sums;
    if (blocks > 1 && !(parts = tg_scratch((size_t)blocks * sizeof f->sums))) return TG_NO_MEMORY;
    memset(f->sums, 0, sizeof f->sums);
    if (blocks > 1) memset(parts, 0, (size_t)blocks * sizeof f->sums);
    TG_PARALLEL_FOR(b, blocks, 0.4 * BLOCK)
        run_block(dtype, f, b * BLOCK, b + 1 < blocks ? (b + 1) * BLOCK : f->n, parts + b * TG_FLAT_SUMS);
    if (blocks > 1) {
        for (int64_t b = 0; b < blocks; b++) {
            const double *part = parts + b * TG_FLAT_SUMS, largest = part[TG_FLAT_LARGEST];
            for (int i = 0; i < TG_FLAT_LARGEST; i++) f->sums[i] += part[i];
            if (largest > f->sums[TG_FLAT_LARGEST]) f->sums[TG_FLAT_LARGEST] = largest;
        }
        tg_scratch_free(parts);
    }
    if (isnan(f->sums[TG_FLAT_SUM])) f->sums[TG_FLAT_LARGEST] = NAN;  /* comparisons pass a NaN over, additions keep it */
    return TG_OK;
}
