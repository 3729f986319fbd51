/* norm.c: drivers of normalisation: rows (group, layer, instance and RMS norm) and batch norm. */
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "real.h"

#define NORM_NS 0.3  /* one element, one pass */

/* Rows of a block; the gradients of w and b are summed a block, then over at most SUM_BLOCKS blocks in order. */
#define SUM_BLOCKS 32

/* Ones, or zeros, that stand in for an absent weight or bias. */
static void *constants(int dtype, int64_t n, double value) {
    void *p = tg_scratch((size_t)n * 8);
    if (p)
        for (int64_t i = 0; i < n; i++) tg_put(dtype, p, i, value);
    return p;
}

/* x, y [rows, cg, hw]; row r belongs to group r % groups; w, b [groups * cg] or NULL; mean, rstd [rows].
 * Layer norm is groups = 1, hw = 1; not centred (RMS norm): mean = 0. */
int tg_group_norm(int dtype, int64_t rows, int64_t groups, int64_t cg, int64_t hw, int centred, double eps, const void *x,
                  const void *w, const void *b, void *y, void *mean, void *rstd) {
    int64_t n = cg * hw;
    void *ones = w ? NULL : constants(dtype, groups * cg, 1), *zeros = b ? NULL : constants(dtype, groups * cg, 0);
    int status = (w || ones) && (b || zeros) ? TG_OK : TG_NO_MEMORY;
    if (status == TG_OK) {
        const void *ww = w ? w : ones, *bb = b ? b : zeros;
        int64_t per = 16384 / (n + 1) + 1, blocks = (rows + per - 1) / per;
        TG_PARALLEL_FOR(i, blocks, (double)per * (double)n * NORM_NS) {
            for (int64_t r = i * per; r < tg_least(i * per + per, rows); r++) {
                int64_t c = r % groups * cg;
                TG_REAL_CALL(dtype, group_norm, cg, hw, centred, eps, tg_at(dtype, x, r * n), tg_at(dtype, ww, c),
                             tg_at(dtype, bb, c), tg_at(dtype, y, r * n), tg_at(dtype, mean, r), tg_at(dtype, rstd, r));
            }
        }
    }
    tg_scratch_free(ones);
    tg_scratch_free(zeros);
    return status;
}

/* gx like x; gw, gb [groups * cg], each may be NULL. */
int tg_group_norm_grad(int dtype, int64_t rows, int64_t groups, int64_t cg, int64_t hw, int centred, const void *g,
                       const void *x, const void *w, const void *mean, const void *rstd, void *gx, void *gw, void *gb) {
    int64_t n = cg * hw, c = groups * cg, item = tg_itemsize(dtype);
    int64_t per = 16384 / (n + 1) + 1;
    if (per * SUM_BLOCKS < rows) per = (rows + SUM_BLOCKS - 1) / SUM_BLOCKS;
    int64_t blocks = (rows + per - 1) / per;
    void *ones = w ? NULL : constants(dtype, c, 1);
    char *sums = tg_scratch((size_t)((blocks + 1) * 2 * c * item));  /* [blocks, 2, c]; one more: never empty */
    int status = (w || ones) && sums ? TG_OK : TG_NO_MEMORY;
    if (status == TG_OK) {
        const void *ww = w ? w : ones;
        TG_PARALLEL_FOR(i, blocks, (double)per * (double)n * NORM_NS) {
            char *sw = sums + i * 2 * c * item, *sb = sw + c * item;
            memset(sw, 0, (size_t)(2 * c * item));
            for (int64_t r = i * per; r < tg_least(i * per + per, rows); r++) {
                int64_t at = r % groups * cg;
                TG_REAL_CALL(dtype, group_norm_grad, cg, hw, centred, tg_at(dtype, g, r * n), tg_at(dtype, x, r * n),
                             tg_at(dtype, ww, at), tg_at(dtype, mean, r), tg_at(dtype, rstd, r), tg_at(dtype, gx, r * n),
                             tg_at(dtype, sw, at), tg_at(dtype, sb, at));
            }
        }
        if (gw) TG_REAL_CALL(dtype, add_rows, blocks, 2 * c, c, (void *)sums, gw);
        if (gb) TG_REAL_CALL(dtype, add_rows, blocks, 2 * c, c, tg_at(dtype, sums, c), gb);
    }
    tg_scratch_free(ones);
    tg_scratch_free(sums);
    return status;
}

/* ---- batch norm of [n, c, hw] ---- */

/* Planes smaller than this are walked down columns, many channels at a time. */
#define SMALL_PLANE 16

/* Whole channels in a strip: all of TG_STRIP columns, or a cache line or two of them where that gives more strips. */
static int64_t strip_channels(int64_t c, int64_t hw) {
    int64_t cols = c * hw >= 8 * TG_STRIP ? TG_STRIP : TG_STRIP / 4;
    return cols / hw;
}

/* w, b [c] or NULL. Training: mean, rstd [c] are the batch's; the running averages rm, rv [c] (NULL: there are none) move by
 * momentum. Otherwise mean = rm, rstd = 1 / sqrt(rv + eps). */
int tg_batch_norm(int dtype, int64_t n, int64_t c, int64_t hw, int training, double eps, double momentum, const void *x,
                  const void *w, const void *b, void *rm, void *rv, void *y, void *mean, void *rstd) {
    double cost = (double)n * (double)hw * NORM_NS * 2;
    int streamed = n * c * hw * tg_itemsize(dtype) >= TG_STREAM_BYTES;
    if (hw >= SMALL_PLANE || c * hw == 0) {
        TG_PARALLEL_FOR(i, c, cost) {
            TG_REAL_CALL(dtype, batch_norm_plane, n, c * hw, hw, training, streamed, eps, momentum,
                         tg_at(dtype, x, i * hw), tg_at(dtype, w, i), tg_at(dtype, b, i), tg_at(dtype, rm, i), tg_at(dtype, rv, i),
                         tg_at(dtype, y, i * hw), tg_at(dtype, mean, i), tg_at(dtype, rstd, i));
        }
        return TG_OK;
    }
    int64_t per = strip_channels(c, hw), strips = (c + per - 1) / per;
    TG_PARALLEL_FOR(s, strips, cost * (double)per) {
        int64_t i = s * per, k = tg_least(per, c - i);
        TG_REAL_CALL(dtype, batch_norm_col, n, c * hw, k * hw, hw, training, eps, momentum, tg_at(dtype, x, i * hw),
                     tg_at(dtype, w, i), tg_at(dtype, b, i), tg_at(dtype, rm, i), tg_at(dtype, rv, i),
                     tg_at(dtype, y, i * hw), tg_at(dtype, mean, i), tg_at(dtype, rstd, i));
    }
    return TG_OK;
}

int tg_batch_norm_grad(int dtype, int64_t n, int64_t c, int64_t hw, int training, const void *g, const void *x, const void *w,
                       const void *mean, const void *rstd, void *gx, void *gw, void *gb) {
    double cost = (double)n * (double)hw * NORM_NS * 3;
    int streamed = n * c * hw * tg_itemsize(dtype) >= TG_STREAM_BYTES;
    if (hw >= SMALL_PLANE || c * hw == 0) {
        TG_PARALLEL_FOR(i, c, cost) {
            TG_REAL_CALL(dtype, batch_norm_grad_plane, n, c * hw, hw, training, streamed, tg_at(dtype, g, i * hw),
                         tg_at(dtype, x, i * hw), tg_at(dtype, w, i), tg_at(dtype, mean, i), tg_at(dtype, rstd, i),
                         tg_at(dtype, gx, i * hw), tg_at(dtype, gw, i), tg_at(dtype, gb, i));
        }
        return TG_OK;
    }
    int64_t per = strip_channels(c, hw), strips = (c + per - 1) / per;
    TG_PARALLEL_FOR(s, strips, cost * (double)per) {
        int64_t i = s * per, k = tg_least(per, c - i);
        TG_REAL_CALL(dtype, batch_norm_grad_col, n, c * hw, k * hw, hw, training, tg_at(dtype, g, i * hw),
                     tg_at(dtype, x, i * hw), tg_at(dtype, w, i), tg_at(dtype, mean, i), tg_at(dtype, rstd, i),
                     tg_at(dtype, gx, i * hw), tg_at(dtype, gw, i), tg_at(dtype, gb, i));
    }
    return TG_OK;
}
