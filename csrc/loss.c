/* loss.c: drivers of cross entropy (from logits) and of the negative log-likelihood (of log-probabilities), over the middle
 * dimension of contiguous [outer, n, inner] with labels [outer, inner]. */
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "real.h"
#include "status.h"

#define EXP_NS 0.5

/* Every label is a class or the ignored one; *total gets the sum of the weights of those that are not ignored. */
static int check_labels(int dtype, int64_t rows, int64_t n, const int64_t *labels, const void *w, int64_t ignored,
                        double *total) {
    double sum = 0;
    for (int64_t r = 0; r < rows; r++) {
        int64_t l = labels[r];
        if (l == ignored) continue;
        if (l < 0 || l >= n) return tg_set_bad_index(l);
        sum += w ? tg_get(dtype, w, l) : 1;
    }
    *total = sum;
    return TG_OK;
}

/* reduction: 0 none (y [outer, inner]), 1 mean over the labels' weights, 2 sum (y: one number).
 * logits: x are logits and stats [2, outer * inner] gets max x and log sum exp(x - max x), for the gradient; otherwise x are
 * log-probabilities, and stats is NULL. total: the sum of the labels' weights, one number. */
int tg_nll(int dtype, int logits, int64_t outer, int64_t n, int64_t inner, const void *x, const int64_t *labels,
           const void *w, int64_t ignored, double smoothing, int reduction, void *y, void *stats, void *total) {
    int64_t rows = outer * inner, item = tg_itemsize(dtype);
    double weights = 0;
    int status = check_labels(dtype, rows, n, labels, w, ignored, &weights);
    if (status != TG_OK) return status;
    void *zeros = NULL, *loss = y;
    if (!logits && !(zeros = stats = tg_scratch((size_t)(2 * rows * item)))) return TG_NO_MEMORY;
    if (reduction && !(loss = tg_scratch((size_t)(rows * item)))) {
        tg_scratch_free(zeros);
        return TG_NO_MEMORY;
    }
    if (zeros) memset(zeros, 0, (size_t)(2 * rows * item));
    if (n > 0 && rows > 0) {
        void *m = stats, *s = tg_at(dtype, stats, rows);
        if (logits)
            TG_OVER_ROWS(outer, n, inner, EXP_NS,
                         TG_REAL_CALL(dtype, lse_row, k, n, tg_at(dtype, x, at), tg_at(dtype, m, first),
                                      tg_at(dtype, s, first)),
                         TG_REAL_CALL(dtype, lse_col, n, inner, k, tg_at(dtype, x, at), tg_at(dtype, m, first),
                                      tg_at(dtype, s, first)));
        double ns = smoothing == 0 ? 2.0 / (double)n : 1;
        TG_OVER_ROWS(outer, n, inner, ns,
                     TG_REAL_CALL(dtype, xent_loss, k, n, n, 1, tg_at(dtype, x, at), tg_at(dtype, m, first),
                                  tg_at(dtype, s, first), labels + first, w, ignored, smoothing,
                                  tg_at(dtype, loss, first)),
                     TG_REAL_CALL(dtype, xent_loss, k, 1, n, inner, tg_at(dtype, x, at), tg_at(dtype, m, first),
                                  tg_at(dtype, s, first), labels + first, w, ignored, smoothing,
                                  tg_at(dtype, loss, first)));
    }
    if (reduction) {
        double sum = 0;
        for (int64_t r = 0; r < rows; r++) sum += n ? tg_get(dtype, loss, r) : 0;
        tg_put(dtype, y, 0, reduction == 1 ? sum / weights : sum);
        tg_scratch_free(loss);
    } else if (!n)
        memset(y, 0, (size_t)(rows * item));
    tg_put(dtype, total, 0, weights);
    tg_scratch_free(zeros);
    return TG_OK;
}

/* The gradient of tg_nll for g (one number a loss). The labels were checked when the loss was computed, and are again: their
 * memory is the user's. */
int tg_nll_grad(int dtype, int logits, int64_t outer, int64_t n, int64_t inner, const void *g, const void *x,
                const int64_t *labels, const void *w, int64_t ignored, double smoothing, int reduction, const void *stats,
                const void *total, void *gx) {
    int64_t rows = outer * inner;
    double weights = 0, wsum = 0, divisor = reduction == 1 ? tg_get(dtype, total, 0) : 1;
    int status = check_labels(dtype, rows, n, labels, w, ignored, &weights);
    if (status != TG_OK || n * rows == 0) return status;
    for (int64_t c = 0; c < n; c++) wsum += w ? tg_get(dtype, w, c) : 1;
    int64_t gstep = reduction ? 0 : 1;
    if (!logits) {
        tg_zero(gx, rows * n * tg_itemsize(dtype));
        TG_OVER_ROWS(outer, n, inner, 2.0 / (double)n,
                     TG_REAL_CALL(dtype, nll_grad, k, n, 1, labels + first, w, ignored, tg_at(dtype, g, first * gstep),
                                  gstep, divisor, tg_at(dtype, gx, at)),
                     TG_REAL_CALL(dtype, nll_grad, k, 1, inner, labels + first, w, ignored,
                                  tg_at(dtype, g, first * gstep), gstep, divisor, tg_at(dtype, gx, at)));
        return TG_OK;
    }
    const void *m = stats, *s = tg_at(dtype, stats, rows);
    TG_OVER_ROWS(outer, n, inner, EXP_NS,
                 TG_REAL_CALL(dtype, xent_grad_row, k, n, tg_at(dtype, x, at), tg_at(dtype, m, first),
                              tg_at(dtype, s, first), labels + first, w, wsum, ignored, smoothing,
                              tg_at(dtype, g, first * gstep), gstep, divisor, tg_at(dtype, gx, at)),
                 TG_REAL_CALL(dtype, xent_grad_col, n, inner, k, tg_at(dtype, x, at), tg_at(dtype, m, first),
                              tg_at(dtype, s, first), labels + first, w, wsum, ignored, smoothing,
                              tg_at(dtype, g, first * gstep), gstep, divisor, tg_at(dtype, gx, at)));
    return TG_OK;
}
