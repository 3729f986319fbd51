/* rows.c: drivers of softmax and log_softmax over the middle dimension of contiguous [outer, n, inner], and dropout. */
#include "parallel.h"
#include "real.h"

#define EXP_NS 0.5  /* one element: an exponential and three passes through the first cache */
#define MUL_NS 0.2

int tg_softmax(int dtype, int64_t outer, int64_t n, int64_t inner, const void *x, void *y) {
    if (outer * n * inner == 0) return TG_OK;
    TG_OVER_ROWS(outer, n, inner, EXP_NS,
                 TG_REAL_CALL(dtype, softmax_row, k, n, tg_at(dtype, x, at), tg_at(dtype, y, at)),
                 TG_REAL_CALL(dtype, softmax_col, n, inner, k, tg_at(dtype, x, at), tg_at(dtype, y, at)));
    return TG_OK;
}

int tg_log_softmax(int dtype, int64_t outer, int64_t n, int64_t inner, const void *x, void *y) {
    if (outer * n * inner == 0) return TG_OK;
    TG_OVER_ROWS(outer, n, inner, EXP_NS,
                 TG_REAL_CALL(dtype, log_softmax_row, k, n, tg_at(dtype, x, at), tg_at(dtype, y, at)),
                 TG_REAL_CALL(dtype, log_softmax_col, n, inner, k, tg_at(dtype, x, at), tg_at(dtype, y, at)));
    return TG_OK;
}

int tg_softmax_grad(int dtype, int64_t outer, int64_t n, int64_t inner, const void *g, const void *y, void *gx) {
    if (outer * n * inner == 0) return TG_OK;
    TG_OVER_ROWS(outer, n, inner, MUL_NS,
                 TG_REAL_CALL(dtype, softmax_grad_row, k, n, tg_at(dtype, g, at), tg_at(dtype, y, at),
                              tg_at(dtype, gx, at)),
                 TG_REAL_CALL(dtype, softmax_grad_col, n, inner, k, tg_at(dtype, g, at), tg_at(dtype, y, at),
                              tg_at(dtype, gx, at)));
    return TG_OK;
}

int tg_log_softmax_grad(int dtype, int64_t outer, int64_t n, int64_t inner, const void *g, const void *y, void *gx) {
    if (outer * n * inner == 0) return TG_OK;
    TG_OVER_ROWS(outer, n, inner, EXP_NS,
                 TG_REAL_CALL(dtype, log_softmax_grad_row, k, n, tg_at(dtype, g, at), tg_at(dtype, y, at),
                              tg_at(dtype, gx, at)),
                 TG_REAL_CALL(dtype, log_softmax_grad_col, n, inner, k, tg_at(dtype, g, at), tg_at(dtype, y, at),
                              tg_at(dtype, gx, at)));
    return TG_OK;
}

/* y = x * (mask ? 1 / keep : 0): the multiplication is PyTorch's, so inf * 0 is NaN. Its own backward pass, on g. */
#define DROPOUT_BLOCK 65536

int tg_dropout(int dtype, int64_t n, double keep, const void *x, const uint8_t *mask, void *y) {
    int64_t blocks = (n + DROPOUT_BLOCK - 1) / DROPOUT_BLOCK;
    TG_PARALLEL_FOR(b, blocks, DROPOUT_BLOCK * MUL_NS) {
        int64_t at = b * DROPOUT_BLOCK, k = tg_least(DROPOUT_BLOCK, n - at);
        TG_REAL_CALL(dtype, dropout, k, keep, tg_at(dtype, x, at), mask + at, tg_at(dtype, y, at));
    }
    return TG_OK;
}
