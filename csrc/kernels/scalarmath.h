/* scalarmath.h: functions that are not vectorised: integer division and powers, remainders, the gamma family. */
#ifndef TG_SCALARMATH_H
#define TG_SCALARMATH_H

/* x < 0 for any integer type: a comparison that compilers do not warn about where the type is unsigned. */
TG_INLINE int negative(int64_t x) { return x < 0; }

/* Integers: every width computes in int64. The divisor is not 0; -1 is apart, because INT64_MIN / -1 traps. */
TG_INLINE int64_t divide_trunc(int64_t a, int64_t b) { return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b; }

TG_INLINE int64_t divide_floor(int64_t a, int64_t b) {
    if (b == -1) return (int64_t)(0 - (uint64_t)a);
    return a / b - ((a % b != 0) & ((a ^ b) < 0));
}

TG_INLINE int64_t modulo_trunc(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }

TG_INLINE int64_t modulo_floor(int64_t a, int64_t b) {
    const int64_t r = modulo_trunc(a, b);
    return r != 0 && (r ^ b) < 0 ? r + b : r;
}

/* a^b by squaring, wrapping; a negative power is 0 unless |a| is 1. */
TG_INLINE int64_t power_int(int64_t a, int64_t b) {
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
    uint64_t result = 1, factor = (uint64_t)a;
    for (; b; b >>= 1, factor *= factor)
        if (b & 1) result *= factor;
    return (int64_t)result;
}

/* The remainder with the divisor's sign (Python's %), and the quotient that belongs to it. */
TG_INLINE double remainder_f64(double a, double b) {
    const double r = fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

TG_INLINE double floor_divide_f64(double a, double b) {
    if (b == 0) return a / b;
    const double q = (a - remainder_f64(a, b)) / b, whole = floor(q);
    return q == 0 ? copysign(0, a / b) : q - whole > 0.5 ? whole + 1 : whole;
}

TG_INLINE double lgamma_f64(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

/* B(2k) / (2k)! for Euler-Maclaurin. */
static const double bernoulli[] = {
    8.3333333333333333e-2, -1.3888888888888889e-3, 3.3068783068783069e-5, -8.2671957671957672e-7, 2.0876756987868099e-8,
    -5.2841901386874932e-10, 1.3382536530684679e-11, -3.3896802963225829e-13, 8.5860620562778446e-15,
    -2.1748686985580619e-16, 5.5090028283602295e-18, -1.3954464685812523e-19};

/* Hurwitz zeta for q > 0: ten terms of the sum, then Euler-Maclaurin for the rest. */
static double zeta_positive(double s, double q) {
    double sum = 0;
    for (int i = 0; i < 10; i++) sum += pow(q + i, -s);
    const double a = q + 10, power = pow(a, -s);
    sum += a * power / (s - 1) + 0.5 * power;
    double factor = s * power / a;
    for (int k = 0; k < 12; k++) {
        sum += bernoulli[k] * factor;
        factor *= (s + 2 * k + 1) * (s + 2 * k + 2) / (a * a);
    }
    return sum;
}

/* sum over k >= 0 of (q + k)^-s. Below zero (whole s only) the terms of negative q + k are themselves a difference of two
 * zetas, so that no q makes a long loop. */
static double zeta_f64(double s, double q) {
    if (s == 1) return INFINITY;
    if (!(s > 1) || q != q) return NAN;
    if (q > 0) return q > DBL_MAX ? 0 : zeta_positive(s, q);
    if (q == floor(q)) return INFINITY;
    if (s != floor(s)) return NAN;
    const double fraction = q - floor(q), below = -floor(q);
    const double negative = zeta_positive(s, 1 - fraction) - zeta_positive(s, 1 - fraction + below);
    return zeta_positive(s, fraction) + (fmod(s, 2) != 0 ? -negative : negative);
}

/* The derivative of log gamma: recurrence up to x >= 10, then its asymptotic series; reflection below zero. */
static double digamma_f64(double x) {
    if (x == 0) return copysign(INFINITY, -x);
    double y = 0;
    if (x < 0) {
        if (x == floor(x)) return NAN;
        y = -M_PI / tan(M_PI * (x - trunc(x)));
        x = 1 - x;
    }
    for (; x < 10; x++) y -= 1 / x;
    const double z = 1 / (x * x);
    const double series = z * (1. / 12 - z * (1. / 120 - z * (1. / 252 - z * (1. / 240 - z * (1. / 132 - z * (691. / 32760 - z / 12))))));
    return y + log(x) - 0.5 / x - series;
}

/* Winitzki's approximation, then two steps of Halley's method on the complementary function, which keeps its digits. */
static double erfinv_f64(double x) {
    const double a = fabs(x);
    if (!(a < 1)) return a == 1 ? copysign(INFINITY, x) : NAN;
    if (a == 0) return x;
    const double l = log1p(-a * a), t = 2 / (M_PI * 0.147) + 0.5 * l;
    double y = sqrt(sqrt(t * t - l / 0.147) - t);
    if (a < 1e-8) y = a * 0.88622692545275801365;
    for (int i = 0; i < 2; i++) {
        const double error = a < 0.5 ? erf(y) - a : (1 - a) - erfc(y);
        const double step = error / (1.12837916709551257390 * exp(-y * y));
        y -= step / (1 + y * step);
    }
    return copysign(y, x);
}

TG_INLINE float remainder_f32(float a, float b) { return (float)remainder_f64(a, b); }
TG_INLINE float floor_divide_f32(float a, float b) { return (float)floor_divide_f64(a, b); }
TG_INLINE float lgamma_f32(float x) { return (float)lgamma_f64(x); }
TG_INLINE float digamma_f32(float x) { return (float)digamma_f64(x); }
TG_INLINE float zeta_f32(float s, float q) { return (float)zeta_f64(s, q); }
TG_INLINE float erfinv_f32(float x) { return (float)erfinv_f64(x); }
TG_INLINE float fmod_f32(float a, float b) { return fmodf(a, b); }
TG_INLINE double fmod_f64(double a, double b) { return fmod(a, b); }
TG_INLINE float nextafter_f32(float a, float b) { return nextafterf(a, b); }
TG_INLINE double nextafter_f64(double a, double b) { return nextafter(a, b); }

#endif
