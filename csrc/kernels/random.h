/* random.h: the parts of the random number generator that are worth a vector: the Mersenne Twister's recurrence and the
 * transformations of its draws. csrc/random.c says in which order they are used. */
#ifndef TG_RANDOM_KERNELS_H
#define TG_RANDOM_KERNELS_H

#include "../tensorgrad.h"

#define MT_M 397  /* the recurrence's lag: word i of the next block is made of words i, i + 1 and i + MT_M of this one */

TG_INLINE uint32_t mt_next(uint32_t word, uint32_t after, uint32_t far) {
    uint32_t y = (word & 0x80000000u) | (after & 0x7fffffffu);
    return far ^ (y >> 1) ^ (-(after & 1u) & 0x9908b0dfu);
}

/* draws[i] = temper(state[i]): 624 words. */
static void rng_temper(const uint32_t *restrict state, uint32_t *restrict draws) {
    for (int i = 0; i < TG_RNG_WORDS; i++) {
        uint32_t y = state[i];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        draws[i] = y ^ (y >> 18);
    }
}

/* The next 624 words of mt19937, in place, and their tempered values. Both loops carry a dependence of 227 words or more,
 * so any vector is short enough for them (Matsumoto and Nishimura 1998). */
static void rng_twist(uint32_t *restrict state, uint32_t *restrict draws) {
    for (int i = 0; i < TG_RNG_WORDS - MT_M; i++) state[i] = mt_next(state[i], state[i + 1], state[i + MT_M]);
    for (int i = TG_RNG_WORDS - MT_M; i < TG_RNG_WORDS - 1; i++)
        state[i] = mt_next(state[i], state[i + 1], state[i + MT_M - TG_RNG_WORDS]);
    state[TG_RNG_WORDS - 1] = mt_next(state[TG_RNG_WORDS - 1], state[0], state[MT_M - 1]);
    rng_temper(state, draws);
}

/* out[i] = (low 24 bits of draws[i]) / 2^24 * range + low, computed in double and rounded once. */
static void rng_uniform_f32(int64_t n, const uint32_t *restrict draws, float low, float range, float *restrict out) {
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)((double)((float)(int32_t)(draws[i] & 0xffffffu) * 0x1p-24f) * (double)range + (double)low);
}

/* The 53 bits that a double is made of: two draws, the first one high. As a number below 2^53 in two 32-bit halves it
 * needs no 64-bit lane: high = draws[2i] & (2^21 - 1), low = draws[2i + 1]. */
#define RNG_HIGH_BITS 0x1fffffu

/* out[i] = (53 bits) / 2^53 * range + low; the sum of the halves is exact. */
static void rng_uniform_f64(int64_t n, const uint32_t *restrict draws, double low, double range, double *restrict out) {
    for (int64_t i = 0; i < n; i++) {
        double high = (double)(int32_t)(draws[2 * i] & RNG_HIGH_BITS);
        double rest = (double)(int32_t)(draws[2 * i + 1] ^ 0x80000000u) + 0x1p31;
        out[i] = (high * 0x1p32 + rest) * 0x1p-53 * range + low;
    }
}

/* 1 where the 53-bit number of pair i is below `limit` = ceil(p * 2^53) (which is what u < p means), else 0. */
TG_INLINE uint32_t rng_below(const uint32_t *draws, int64_t i, uint32_t limit_high, uint32_t limit_low) {
    uint32_t high = draws[2 * i] & RNG_HIGH_BITS, low = draws[2 * i + 1];
    return (high < limit_high) | ((high == limit_high) & (low < limit_low));
}

/* out[i] = u_i < p, one byte each. */
static void rng_bernoulli(int64_t n, const uint32_t *restrict draws, uint64_t limit, uint8_t *restrict out) {
    const uint32_t high = (uint32_t)(limit >> 32), low = (uint32_t)limit;
    for (int64_t i = 0; i < n; i++) out[i] = (uint8_t)rng_below(draws, i, high, low);
}

/* out[i] = low + draws[i] % (range - i * step) for range - n * step >= 0 (step 0: integers, 1: a shuffle). The quotient is rounded
 * to the nearest integer by adding 2^52, and so at most one too large; all numbers are integers below 2^53, hence exact. randint
 * of 1M: 2.0 -> 0.6 ms. */
static void rng_remainders(int64_t n, const uint32_t *restrict draws, uint32_t range, int step, int64_t low, int64_t *restrict out) {
    const double first = range, down = step, inverse = 1.0 / first;
    if (step == 0)
        for (int64_t i = 0; i < n; i++) {
            const double x = draws[i], q = (x * inverse + 0x1p52) - 0x1p52, r = x - q * first;
            out[i] = (int64_t)(bits_of_double((r < 0 ? r + first : r) + 0x1p52) - bits_of_double(0x1p52) + (uint64_t)low);
        }
    else
        for (int64_t i = 0; i < n; i++) {
            const double x = draws[i], d = first - down * (double)(int32_t)i, q = (x / d + 0x1p52) - 0x1p52, r = x - q * d;
            out[i] = (int64_t)(bits_of_double((r < 0 ? r + d : r) + 0x1p52) - bits_of_double(0x1p52) + (uint64_t)low);
        }
}

/* ---- normal numbers in single precision: eight lanes of Cephes' logf, sinf and cosf ---- */

typedef float f8 __attribute__((vector_size(32)));
typedef int32_t i8 __attribute__((vector_size(32)));

TG_INLINE f8 f8_select(i8 mask, f8 yes, f8 no) { return (f8)((mask & (i8)yes) | (~mask & (i8)no)); }

/* log(x) for normal x > 0: x = 2^e m with m in [sqrt(1/2), sqrt(2)), a polynomial in m - 1, e log 2 in two parts. */
TG_INLINE f8 f8_log(f8 x) {
    i8 bits = (i8)x;
    f8 e = __builtin_convertvector((bits >> 23) - 127, f8) + 1.0f;
    f8 m = (f8)((bits & 0x7fffff) | 0x3f000000);
    i8 small = m < 0.707106781186547524f;
    f8 r = m - 1.0f + f8_select(small, m, (f8){0});
    e -= f8_select(small, (f8){0} + 1.0f, (f8){0});
    f8 z = r * r;
    f8 y = 7.0376836292e-2f * r - 1.1514610310e-1f;
    y = y * r + 1.1676998740e-1f;
    y = y * r - 1.2420140846e-1f;
    y = y * r + 1.4249322787e-1f;
    y = y * r - 1.6668057665e-1f;
    y = y * r + 2.0000714765e-1f;
    y = y * r - 2.4999993993e-1f;
    y = y * r + 3.3333331174e-1f;
    y = y * r * z;
    y = e * -2.12194440e-4f + y;
    y = y - z * 0.5f;
    return e * 0.693359375f + (r + y);
}

/* sin and cos of x in [0, 2 pi]: the octant j of x, the rest x - j pi/4 by three-part pi/4, one polynomial for each. */
TG_INLINE void f8_sincos(f8 x, f8 *sine, f8 *cosine) {
    i8 j = __builtin_convertvector(x * 1.27323954473516f, i8);
    j = (j + 1) & ~1;
    f8 octant = __builtin_convertvector(j, f8);
    x = octant * -0.78515625f + x;
    x = octant * -2.4187564849853515625e-4f + x;
    x = octant * -3.77489497744594108e-8f + x;
    i8 sine_sign = (j & 4) << 29, cosine_sign = (~(j - 2) & 4) << 29, straight = (j & 2) == 0;
    f8 z = x * x;
    f8 c = 2.443315711809948e-5f * z - 1.388731625493765e-3f;
    c = c * z + 4.166664568298827e-2f;
    c = c * z * z;
    c = c - z * 0.5f + 1.0f;
    f8 s = -1.9515295891e-4f * z + 8.3321608736e-3f;
    s = s * z - 1.6666654611e-1f;
    s = s * z * x + x;
    *sine = (f8)((i8)f8_select(straight, s, c) ^ sine_sign);
    *cosine = (f8)((i8)f8_select(straight, c, s) ^ cosine_sign);
}

#define NORMAL_BATCH 8  /* blocks whose square roots are taken together */

/* Box-Muller in place on `blocks` blocks of 16 uniforms u: for j < 8, r = sqrt(-2 log(1 - u[j])), t = 2 pi u[j + 8];
 * u[j] = r cos(t) * std + mean, u[j + 8] = r sin(t) * std + mean. */
static void rng_normal_f32(int64_t blocks, float *u, float mean, float std) {
    float radius[NORMAL_BATCH * 8] __attribute__((aligned(64)));
    for (int64_t start = 0; start < blocks; start += NORMAL_BATCH) {
        int count = (int)(blocks - start < NORMAL_BATCH ? blocks - start : NORMAL_BATCH);
        float *p = u + 16 * start;
        for (int b = 0; b < count; b++) {
            f8 v;
            memcpy(&v, p + 16 * b, sizeof v);
            v = -2.0f * f8_log(1.0f - v);
            memcpy(radius + 8 * b, &v, sizeof v);
        }
        for (int i = 0; i < 8 * count; i++) radius[i] = sqrtf(radius[i]);
        for (int b = 0; b < count; b++) {
            f8 t, r, sine, cosine;
            memcpy(&t, p + 16 * b + 8, sizeof t);
            memcpy(&r, radius + 8 * b, sizeof r);
            f8_sincos(t * 6.283185307179586f, &sine, &cosine);
            cosine = r * cosine * std + mean;
            sine = r * sine * std + mean;
            memcpy(p + 16 * b, &cosine, sizeof cosine);
            memcpy(p + 16 * b + 8, &sine, sizeof sine);
        }
    }
}

#endif
