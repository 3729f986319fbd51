/* im2col.c: the column matrix of a convolution, and its adjoint; public as nn.functional.unfold and fold.
 *
 * im2col shares the panel packer's kernel with conv.c. col2im gives every channel of every image to one task, which
 * adds the taps in ascending order: deterministic, and no two threads write to the same element. */
#include "conv.h"
#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"

/* The correlation whose columns are wanted: one group of all channels, no weights. */
static int columns(const tg_conv *s, tg_corr *q, void **memory) {
    tg_conv one = *s;
    one.co = one.groups = 1;
    return tg_corr_forward(&one, q, memory);
}

int tg_im2col(int dtype, const tg_conv *s, const void *x, void *col) {
    tg_corr q;
    void *memory;
    if (columns(s, &q, &memory)) return TG_NO_MEMORY;
    int64_t rows = q.axis[0].out * q.axis[1].out, size = tg_itemsize(dtype);
    tg_run *runs = tg_scratch((size_t)rows * sizeof *runs);
    if (runs && rows && q.axis[2].out) {
        int64_t n_runs = tg_runs(&q, 0, q.y_plane, runs);
        TG_PARALLEL_FOR(i, q.n * q.c, (double)(q.taps * q.y_plane) / 2)
        tg_k->conv[dtype == TG_F64].gather(&q, runs, n_runs, 0, q.taps, 0, (const char *)x + i * q.x_plane * size,
                                           q.y_plane, (char *)col + i * q.taps * q.y_plane * size);
    }
    tg_scratch_free(runs);
    tg_scratch_free(memory);
    return runs ? TG_OK : TG_NO_MEMORY;
}

int tg_col2im(int dtype, const tg_conv *s, const void *col, void *x) {
    tg_corr q;
    void *memory;
    if (columns(s, &q, &memory)) return TG_NO_MEMORY;
    int64_t size = tg_itemsize(dtype);
    TG_PARALLEL_FOR(i, q.n * q.c, (double)(q.taps * q.y_plane) / 2)
    tg_k->conv[dtype == TG_F64].scatter(&q, (const char *)col + i * q.taps * q.y_plane * size,
                                        (char *)x + i * q.x_plane * size);
    tg_scratch_free(memory);
    return TG_OK;
}
