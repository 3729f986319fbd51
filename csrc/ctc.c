/* ctc.c: connectionist temporal classification: the probability of a label sequence under all alignments, and its
 * gradient. Everything is computed in logarithms and float64, one sample of the batch a task.
 *
 * The labels l [s] with blanks around each make 2 s + 1 states; alpha[t][k] is the log-probability of the first t + 1 steps
 * that end in state k, beta[t][k] that of the steps from t on that start in it. Source: Graves et al., 2006. */
#include <math.h>

#include "memory.h"
#include "parallel.h"
#include "real.h"

#define STATE_NS 25.0

typedef struct sample {
    const int64_t *labels;
    int64_t steps, states, step; /* step: elements from one time to the next */
    const char *x;               /* log-probabilities of time 0 */
} sample;

static sample sample_of(int dtype, const tg_ctc *s, const void *x, const int64_t *labels, int64_t i) {
    return (sample){.labels = labels + s->start[i], .steps = s->steps[i], .states = 2 * s->labels[i] + 1, .step = s->n * s->c,
                    .x = tg_at(dtype, x, i * s->c)};
}

/* What state k says: the blank, or a label. */
static inline int64_t class_of(const sample *q, int64_t blank, int64_t k) { return k % 2 ? q->labels[k / 2] : blank; }

/* Whether the blank between state k - 2 and state k may be left out. */
static inline int skips(const sample *q, int64_t k) { return k % 2 && k > 1 && q->labels[k / 2] != q->labels[k / 2 - 1]; }

/* log(e^a + e^b + e^c) */
static inline double log_add(double a, double b, double c) {
    const double ab = a > b ? a : b, high = ab > c ? ab : c;
    return high == -INFINITY ? high : high + log(exp(a - high) + exp(b - high) + exp(c - high));
}

static void forward(int dtype, const sample *q, int64_t blank, int64_t width, double *alpha) {
    for (int64_t t = 0; t < q->steps; t++, alpha += width)
        for (int64_t k = 0; k < q->states; k++) {
            const double *before = alpha - width, x = tg_get(dtype, q->x, t * q->step + class_of(q, blank, k));
            if (t == 0)
                alpha[k] = k < 2 ? x : -INFINITY;
            else
                alpha[k] = x + log_add(before[k], k > 0 ? before[k - 1] : -INFINITY, skips(q, k) ? before[k - 2] : -INFINITY);
        }
}

int tg_ctc_forward(int dtype, const tg_ctc *s, const void *x, const int64_t *labels, double *alpha, double *loss) {
    const int64_t width = s->width;
    TG_PARALLEL_FOR(i, s->n, (double)(s->time * width) * STATE_NS) {
        const sample q = sample_of(dtype, s, x, labels, i);
        double *a = alpha + i * s->time * width, *last = a + (q.steps - 1) * width;
        if (q.steps == 0) {
            loss[i] = q.states == 1 ? 0 : INFINITY;
            continue;
        }
        forward(dtype, &q, s->blank, width, a);
        loss[i] = -(q.states == 1 ? last[0] : log_add(last[q.states - 1], last[q.states - 2], -INFINITY));
    }
    return TG_OK;
}

int tg_ctc_backward(int dtype, const tg_ctc *s, const void *g, const void *x, const int64_t *labels, const double *alpha,
                    const double *loss, int zero_infinity, void *gx) {
    const int64_t width = s->width, each = 2 * width + s->c;
    double *memory = tg_scratch((size_t)(tg_get_threads() * each) * sizeof *memory);
    if (!memory) return TG_NO_MEMORY;
    TG_PARALLEL_FOR(i, s->n, (double)(s->time * (2 * width + s->c)) * STATE_NS) {
        const sample q = sample_of(dtype, s, x, labels, i);
        double *beta = memory + TG_THREAD() * each, *after = beta + width, *through = after + width;
        const double scale = tg_get(dtype, g, i);
        const int nothing = zero_infinity && loss[i] == INFINITY;
        for (int64_t t = s->time - 1; t >= 0; t--) {
            char *out = tg_at(dtype, gx, (t * s->n + i) * s->c);
            if (t >= q.steps || nothing) {
                for (int64_t c = 0; c < s->c; c++) tg_put(dtype, out, c, 0);
                continue;
            }
            const double *a = alpha + (i * s->time + t) * width;
            for (int64_t c = 0; c < s->c; c++) through[c] = loss[i] == INFINITY ? NAN : 0; /* PyTorch's */
            for (int64_t k = q.states - 1; k >= 0; k--) {
                const int64_t c = class_of(&q, s->blank, k);
                const double v = tg_get(dtype, q.x, t * q.step + c);
                if (t == q.steps - 1)
                    beta[k] = k >= q.states - 2 ? v : -INFINITY;
                else
                    beta[k] = v + log_add(after[k], k + 1 < q.states ? after[k + 1] : -INFINITY,
                                          k + 2 < q.states && skips(&q, k + 2) ? after[k + 2] : -INFINITY);
                through[c] += exp(a[k] + beta[k] + loss[i] - v);
            }
            for (int64_t c = 0; c < s->c; c++) { /* alpha and beta both hold x */
                const double v = tg_get(dtype, q.x, t * q.step + c);
                tg_put(dtype, out, c, scale * (exp(v) - through[c]));
            }
            double *swap = beta;
            beta = after, after = swap;
        }
    }
    tg_scratch_free(memory);
    return TG_OK;
}
