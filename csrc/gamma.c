/* Random gamma numbers, drawn one after the other in PyTorch's order from uniform numbers of 53 bits and normal numbers. */
#include <math.h>

#include "tensorgrad.h"

static double uniform(tg_rng *rng) {
    double u;
    tg_rng_uniform(rng, TG_F64, &u, 1, 0, 1);
    return u;
}

static double normal(tg_rng *rng) {
    double x;
    tg_rng_normal(rng, TG_F64, &x, 1, 0, 1, 0);
    return x;
}

/* Marsaglia and Tsang 2000: d (1 + c x)^3 with x normal; below 1 the number of alpha + 1 times u^(1/alpha). */
static double gamma_of(tg_rng *rng, double alpha) {
    double scale = 1;
    if (!(alpha > 0)) return alpha == 0 ? 0 : NAN;
    if (alpha < 1) {
        scale = pow(1 - uniform(rng), 1 / alpha);
        alpha += 1;
    }
    const double d = alpha - (double)(1.0f / 3), c = 1 / sqrt(9 * d);  /* PyTorch's third is a float */
    if (!(d < INFINITY)) return alpha;
    for (;;) {
        double x, y;
        do {
            x = normal(rng);
            y = 1 + c * x;
        } while (y <= 0);
        const double v = y * y * y, u = 1 - uniform(rng), xx = x * x;
        if (u < 1 - 0.0331 * xx * xx || log(u) < 0.5 * xx + d * (1 - v + log(v))) return scale * d * v;
    }
}

/* out[i] = a gamma number of rate 1 and concentration alpha[i]. */
void tg_rng_gamma(tg_rng *rng, int64_t n, const double *alpha, double *out) {
    for (int64_t i = 0; i < n; i++) out[i] = gamma_of(rng, alpha[i]);
}
