/* loss.h: the negative log-likelihood of labels: cross entropy straight from logits, which needs only two numbers a row (its
 * maximum m and s = log sum exp(x - m)) and never writes the probabilities. Labels were checked by the driver.
 *
 * With label smoothing t in n classes, weights w (1 where NULL) and label l, a row's loss is
 *     (1 - t) w[l] nlp[l] + t / n sum_c w[c] nlp[c],    nlp[c] = s - (x[c] - m),
 * and 0 where l is `ignored`. */
#ifndef R
#define TG_TEXT "loss.h"
#include "real.h"
#else

/* loss[r] for `rows` rows; class c of row r at x[r * step + c * stride]. */
static void F(xent_loss)(int64_t rows, int64_t step, int64_t n, int64_t stride, const R *x, const R *m, const R *s,
                         const int64_t *labels, const R *w, int64_t ignored, double smoothing, R *loss) {
    for (int64_t r = 0; r < rows; r++) {
        int64_t l = labels[r];
        const R *row = x + r * step;
        if (l == ignored) {
            loss[r] = 0;
            continue;
        }
        loss[r] = (w ? w[l] : 1) * (s[r] - (row[l * stride] - m[r]));
        if (smoothing == 0) continue;
        double all = 0;
        for (int64_t c = 0; c < n; c++) all += (w ? w[c] : 1) * (s[r] - (row[c * stride] - m[r]));
        loss[r] = (R)((1 - smoothing) * loss[r] + smoothing / (double)n * all);
    }
}

/* The gradient of a row for its scale k (gradient of the loss, over the divisor of a mean): gx[c] = p[c] *a - w[c] *c with
 * gx[l] less *b, where p = softmax(x). wsum: the sum of the weights. */
TG_INLINE void F(xent_slopes)(int64_t n, int64_t l, const R *w, R wsum, int64_t ignored, double smoothing, R k, R *a, R *b,
                              R *c) {
    *a = *b = *c = 0;
    if (l == ignored) return;
    *b = (R)((1 - smoothing) * (w ? w[l] : 1)) * k;
    *c = (R)(smoothing / (double)n) * k;
    *a = *b + *c * wsum;
}

/* Contiguous rows: x, gx [rows, n]; g[r * gstep] / divisor is the scale of row r. */
static void F(xent_grad_row)(int64_t rows, int64_t n, const R *restrict x, const R *m, const R *s, const int64_t *labels,
                             const R *w, R wsum, int64_t ignored, double smoothing, const R *g, int64_t gstep, R divisor,
                             R *restrict gx) {
    for (int64_t r = 0, k; r < rows; r += k) {
        k = n >= LONG_ROW ? 1 : F(group)(rows - r, n);
        for (int64_t i = r; i < r + k; i++)
            for (int64_t j = 0; j < n; j++) gx[i * n + j] = x[i * n + j] - m[i] - s[i];
        F(exponentials)(k * n, gx + r * n);
        for (int64_t i = r; i < r + k; i++) {
            R *row = gx + i * n, a, b, c;
            F(xent_slopes)(n, labels[i], w, wsum, ignored, smoothing, g[i * gstep] / divisor, &a, &b, &c);
            if (labels[i] == ignored) {
                for (int64_t j = 0; j < n; j++) row[j] = 0;
                continue;
            }
            if (c == 0)
                for (int64_t j = 0; j < n; j++) row[j] *= a;
            else
                for (int64_t j = 0; j < n; j++) row[j] = row[j] * a - (w ? w[j] : 1) * c;
            row[labels[i]] -= b;
        }
    }
}

/* Down a strip of columns: class i of column j at x[i * stride + j]. */
static void F(xent_grad_col)(int64_t n, int64_t stride, int64_t cols, const R *restrict x, const R *m, const R *s,
                             const int64_t *labels, const R *w, R wsum, int64_t ignored, double smoothing, const R *g,
                             int64_t gstep, R divisor, R *restrict gx) {
    R e[TG_ROW_BLOCK], a[TG_STRIP], b[TG_STRIP], c[TG_STRIP];
    int64_t rows = TG_ROW_BLOCK / cols;
    for (int64_t j = 0; j < cols; j++)
        F(xent_slopes)(n, labels[j], w, wsum, ignored, smoothing, g[j * gstep] / divisor, a + j, b + j, c + j);
    for (int64_t i = 0, k; i < n; i += k) {
        k = n - i < rows ? n - i : rows;
        F(exp_strip)(k, stride, cols, x + i * stride, m, s, e);
        for (int64_t q = 0; q < k; q++)
            for (int64_t j = 0; j < cols; j++)
                gx[(i + q) * stride + j] = e[q * cols + j] * a[j] - (w ? w[i + q] : 1) * c[j];
    }
    for (int64_t j = 0; j < cols; j++) {
        if (labels[j] != ignored) {
            gx[labels[j] * stride + j] -= b[j];
            continue;
        }
        for (int64_t i = 0; i < n; i++) gx[i * stride + j] = 0;
    }
}

/* gx[label] = -w[label] g / divisor where gx is zero: the gradient of the loss of log-probabilities. Strides as in xent_loss. */
static void F(nll_grad)(int64_t rows, int64_t step, int64_t stride, const int64_t *labels, const R *w, int64_t ignored,
                        const R *g, int64_t gstep, R divisor, R *gx) {
    for (int64_t r = 0; r < rows; r++)
        if (labels[r] != ignored)
            gx[r * step + labels[r] * stride] = -(w ? w[labels[r]] : 1) * (g[r * gstep] / divisor);
}

#endif
