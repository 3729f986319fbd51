/* vecmath.h: elementary functions of float and double as branch-free C that the compiler vectorises inside a loop.
 *
 * Both branches of a choice are computed and one is selected; infinities, NaN, subnormals and signed zeros are right
 * without branches. What differs between the types is here; what is the same text is in vecmath_t.h, included twice.
 * The largest errors seen against 120-digit values stand in tests/test_maps.py, which holds them. */
#ifndef TG_VECMATH_H
#define TG_VECMATH_H

#include <float.h>

#include "polynomials.h"

TG_INLINE float float_of_bits(uint32_t u) {
    float f;
    memcpy(&f, &u, 4);
    return f;
}

TG_INLINE uint32_t bits_of_float(float f) {
    uint32_t u;
    memcpy(&u, &f, 4);
    return u;
}

TG_INLINE double double_of_bits(uint64_t u) {
    double f;
    memcpy(&f, &u, 8);
    return f;
}

TG_INLINE uint64_t bits_of_double(double f) {
    uint64_t u;
    memcpy(&u, &f, 8);
    return u;
}

/* log(1 + f) where 1 + f is in [sqrt(1/2), sqrt(2)]. */
TG_INLINE float log_near_one_f32(float f) { return f + f * f * (-0.5f + f * log_poly_f32(f)); }

TG_INLINE double log_near_one_f64(double f) {
    const double s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    return f - (half - s * (half + z * log_poly_f64(z)));
}

/* x = n pi/2 + r, |r| <= pi/4, for |x| <= 2^20: n comes from adding 1.5 * 2^52, which rounds to an integer and leaves its
 * low bits in *n; n times the first two parts of pi/2 (33 bits each) is exact. */
TG_INLINE double pi_half_f64(double x, uint64_t *n) {
    const double shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p52, k = shifted - 0x1.8p52;
    *n = bits_of_double(shifted);
    const double a = x - k * 0x1.921fb544p+0, b = a - k * 0x1.0b4611a6p-34;
    return b + (((a - b) - k * 0x1.0b4611a6p-34) - k * 0x1.3198a2e037073p-69);
}

TG_INLINE float pi_half_f32(float x, uint32_t *n) {
    const double shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p52, k = shifted - 0x1.8p52;
    *n = (uint32_t)bits_of_double(shifted);
    return (float)((x - k * 0x1.921fb544p+0) - k * 0x1.0b4611a626331p-34);
}

/* Beyond this the reduction above is not exact; the maps call libm instead (elementwise.h). */
#define TG_PERIODIC_LIMIT 0x1p20

#define TG_GELU_BETA 0.79788456080286535588  /* sqrt(2 / pi) */
#define TG_SELU_ALPHA 1.6732632423543772848
#define TG_SELU_SCALE 1.0507009873554804934

#define T float
#define UI uint32_t
#define F(name) name##_f32
#define BUILTIN(name) __builtin_##name##f
#define FROM_BITS float_of_bits
#define TO_BITS bits_of_float
#define MANTISSA 23
#define BIAS 127u
#define ROUNDER 0x1.8p23f
#define SMALLEST_NORMAL FLT_MIN
#define LARGEST FLT_MAX
#define EXP_LOW -104.0f   /* exp is 0 below, infinite above */
#define EXP_HIGH 89.0f
#define EXP_NORMAL -87.3f /* exp is a normal number above */
#define LN2_HIGH 0x1.62cp-1f
#define LN2_LOW 0x1.217f7ep-12f
#define LOG10_2_HIGH 0x1.344p-2f
#define LOG10_2_LOW 0x1.3509f8p-18f
#include "vecmath_t.h"

#define T double
#define UI uint64_t
#define F(name) name##_f64
#define BUILTIN(name) __builtin_##name
#define FROM_BITS double_of_bits
#define TO_BITS bits_of_double
#define MANTISSA 52
#define BIAS 1023u
#define ROUNDER 0x1.8p52
#define SMALLEST_NORMAL DBL_MIN
#define LARGEST DBL_MAX
#define EXP_LOW -746.0
#define EXP_HIGH 710.0
#define EXP_NORMAL -708.3
#define LN2_HIGH 0x1.62e42fefap-1
#define LN2_LOW 0x1.cf79abc9e3b3ap-40
#define LOG10_2_HIGH 0x1.34413509ep-2
#define LOG10_2_LOW 0x1.79fef311f12b3p-38
#include "vecmath_t.h"

/* erfc(a) for a >= 1/2: exp(-a^2) erfcx(a); a^2 is split, because its rounding error would be multiplied by a^2. */
TG_INLINE double erfc_tail_f64(double x) {
    const double a = x > 28 ? 28 : x;
    const double high = double_of_bits(bits_of_double(a) & ~0x7ffffffull), rest = (high - a) * (high + a);
    const double r = exp_f64(-high * high) * erfcx_poly_f64((a - 4) / (a + 4)) / (1 + 2 * a);
    return r + r * (rest + 0.5 * rest * rest);
}

TG_INLINE double erf_f64(double x) {
    const double a = fabs(x), tail = copysign(1 - erfc_tail_f64(a), x);
    return a < 1 ? x + x * erf_poly_f64(x * x) : x != x ? x : tail;
}

TG_INLINE double erfc_f64(double x) {
    const double a = fabs(x), tail = erfc_tail_f64(a), centre = 1 - (x + x * erf_poly_f64(x * x));
    return a < 0.5 ? centre : x < 0 ? 2 - tail : tail;
}

TG_INLINE float erf_f32(float x) {
    const float a = fabsf(x), near = x + x * erf_poly_f32(x * x);
    const float tail = copysignf(1 - exp_normal_f32(-erfc_exponent_f32(a > 4.1f ? 4.1f : a)), x);
    return a < 0.95f ? near : x != x ? x : tail;
}

TG_INLINE float erfc_f32(float x) { return (float)erfc_f64(x); }

/* exp(b log |a|) in double is exact enough for a float; the rest are the special cases of C's pow. */
TG_INLINE float pow_f32(float a, float b) {
    const double size = fabs((double)a), e = b;
    const double power = size == 1 ? 1 : exp_f64(e * log_f64(size));
    const double half = e * 0.5;
    const int whole = __builtin_floor(e) == e, odd = whole & (__builtin_floor(half) != half);
    const double sign = odd ? copysign(1, (double)a) : 1;
    const double signed_power = ((a < 0) & !whole & (size <= DBL_MAX)) ? (double)NAN : sign * power;
    return (float)(((b == 0) | (a == 1)) ? 1 : ((a != a) | (b != b)) ? (double)NAN : signed_power);
}

TG_INLINE double pow_f64(double a, double b) { return pow(a, b); }

#endif
