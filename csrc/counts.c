/* Random counts: Poisson and binomial numbers, drawn one after the other in PyTorch's order from uniform numbers of 53 bits. */

#include <math.h>

#include "tensorgrad.h"

static double uniform53(tg_rng *rng) { return (double)(tg_rng_next64(rng) & ((1ull << 53) - 1)) * 0x1p-53; }

/* Large means: rejection from a transformed uniform. W. Hoermann, "The transformed rejection method for generating Poisson
   random variables", 1993, algorithm PTRS. Small ones: uniform numbers are multiplied until their product is below e^-rate. */
static double poisson(tg_rng *rng, double rate) {
    if (rate == 0) return 0;
    if (rate < 10) {
        double limit = exp(-rate), product = 1, k = 0;
        for (;; k++) {
            product *= uniform53(rng);
            if (!(product > limit)) return k;
        }
    }
    double root = sqrt(rate), log_rate = log(rate);
    double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = uniform53(rng) - 0.5, v = uniform53(rng), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + rate + 0.43);
        if (us >= 0.07 && v <= v_r) return k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <= -rate + k * log_rate - lgamma(k + 1)) return k;
    }
}

/* log k! minus Stirling's formula around k + 1. */
static double stirling_tail(double k) {
    double n = k + 1;
    if (k <= 9) return lgamma(n) - ((k + 0.5) * log(n) - n + 0.91893853320467274178);
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / (n * n)) / (n * n)) / n;
}

/* Successes in n trials of probability p <= 1/2. Few expected: the gaps between successes are geometric. Many: rejection,
   W. Hoermann, "The generation of binomial random variates", 1993, algorithm BTRS. */
static double binomial_half(tg_rng *rng, double n, double p) {
    if (n * p < 10) {
        double log_q = log1p(-p), trials = 0;
        for (double k = 0;; k++) {
            trials += ceil(log(uniform53(rng)) / log_q);
            if (!(trials <= n)) return k;
        }
    }
    double deviation = sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * deviation;
    double a = -0.0873 + 0.0248 * b + 0.01 * p, c = n * p + 0.5, v_r = 0.92 - 4.2 / b, r = p / (1 - p);
    double alpha = (2.83 + 5.1 / b) * deviation, m = floor((n + 1) * p);
    for (;;) {
        double u = uniform53(rng) - 0.5, v = uniform53(rng), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + c);
        if (us >= 0.07 && v <= v_r) return k;
        if (k < 0 || k > n) continue;
        v = log(v * alpha / (a / (us * us) + b));
        double bound = (m + 0.5) * log((m + 1) / (r * (n - m + 1))) + (n + 1) * log((n - m + 1) / (n - k + 1)) +
                       (k + 0.5) * log(r * (n - k + 1) / (k + 1)) + stirling_tail(m) + stirling_tail(n - m) -
                       stirling_tail(k) - stirling_tail(n - k);
        if (v <= bound) return k;
    }
}

static double binomial(tg_rng *rng, double n, double p) {
    if (n <= 0 || p <= 0) return 0;
    if (p >= 1) return n;
    return p <= 0.5 ? binomial_half(rng, n, p) : n - binomial_half(rng, n, 1 - p);
}

/* out[i] = a Poisson number of mean rate[i] >= 0. */
void tg_rng_poisson(tg_rng *rng, int64_t n, const double *rate, double *out) {
    for (int64_t i = 0; i < n; i++) out[i] = poisson(rng, rate[i]);
}

/* out[i] = successes in count[i] trials of probability p[i]. */
void tg_rng_binomial(tg_rng *rng, int64_t n, const double *count, const double *p, double *out) {
    for (int64_t i = 0; i < n; i++) out[i] = binomial(rng, count[i], p[i]);
}
