/* vecmath_t.h: the functions of vecmath.h whose text is the same for float and double; vecmath.h defines T, F(name) and
 * the constants of the type, and includes this twice. */

/* 2^n for the integer n in the low bits of (n + ROUNDER). */
TG_INLINE T F(power_of_two)(T shifted) { return FROM_BITS((TO_BITS(shifted) - TO_BITS(ROUNDER) + BIAS) << MANTISSA); }

/* exp(x) = 2^n (1 + r + r^2 P(r)), x = n ln 2 + r; 2^n in two factors, so that neither overflows. */
TG_INLINE T F(exp_scaled)(T k, T r) {
    const T p = 1 + (r + r * r * F(exp_poly)(r)), first = k * (T)0.5 + ROUNDER, second = k - (first - ROUNDER);
    return p * F(power_of_two)(first) * F(power_of_two)(second + ROUNDER);
}

TG_INLINE T F(exp)(T x0) {
    const T x = x0 < EXP_LOW ? EXP_LOW : x0 > EXP_HIGH ? EXP_HIGH : x0;
    const T k = (x * (T)1.4426950408889634 + ROUNDER) - ROUNDER;
    return F(exp_scaled)(k, (x - k * LN2_HIGH) - k * LN2_LOW);
}

/* exp(x) for x <= 0 where a result below the smallest normal number may be 0 (softmax): two thirds of exp's work. */
TG_INLINE T F(exp_below)(T x0) {
    const T x = x0 < EXP_NORMAL ? EXP_NORMAL : x0;
    const T shifted = x * (T)1.4426950408889634 + ROUNDER, k = shifted - ROUNDER;
    const T r = (x - k * LN2_HIGH) - k * LN2_LOW, y = (1 + (r + r * r * F(exp_poly)(r))) * F(power_of_two)(shifted);
    return x0 < EXP_NORMAL ? 0 : y;
}

/* exp(x) for x <= 0, subnormals too: 2^n is kept normal, too large by 2^(MANTISSA + 1) where it must be, and that is taken
 * back at the end. One clamp and one power less than exp. */
TG_INLINE T F(exp_negative)(T x0) {
    const T x = x0 < EXP_LOW ? EXP_LOW : x0, shifted = x * (T)1.4426950408889634 + ROUNDER, k = shifted - ROUNDER;
    const T r = (x - k * LN2_HIGH) - k * LN2_LOW, raised = shifted + (x < EXP_NORMAL ? (T)(MANTISSA + 1) : 0);
    const T y = (1 + (r + r * r * F(exp_poly)(r))) * F(power_of_two)(raised);
    return x < EXP_NORMAL ? y / ((T)2 * ((UI)1 << MANTISSA)) : y;
}

/* exp(x) where it is known to be a normal number. */
TG_INLINE T F(exp_normal)(T x) {
    const T shifted = x * (T)1.4426950408889634 + ROUNDER, k = shifted - ROUNDER;
    const T r = (x - k * LN2_HIGH) - k * LN2_LOW;
    return (1 + (r + r * r * F(exp_poly)(r))) * F(power_of_two)(shifted);
}

TG_INLINE T F(exp2)(T x0) {
    const T low = -(T)(BIAS + MANTISSA + 2), high = (T)BIAS + 2, x = x0 < low ? low : x0 > high ? high : x0;
    const T k = (x + ROUNDER) - ROUNDER;
    return F(exp_scaled)(k, (x - k) * (T)0.69314718055994530942);
}

/* exp(x) - 1 = 2^n t + (2^n - 1), t = r + r^2 P(r); half of it is computed, so that the largest 2^n exists. */
TG_INLINE T F(expm1)(T x0) {
    const T x = x0 < -44 ? -44 : x0 > EXP_HIGH ? EXP_HIGH : x0;
    const T shifted = x * (T)1.4426950408889634 + ROUNDER, k = shifted - ROUNDER;
    const T r = (x - k * LN2_HIGH) - k * LN2_LOW, t = r + r * r * F(exp_poly)(r);
    const T s = F(power_of_two)(k - 1 + ROUNDER), y = 2 * (s * t + (s - (T)0.5));
    return BUILTIN(fabs)(x0) < (T)1e-17 ? x0 : y;
}

/* x = 2^k (1 + f), 1 + f in [sqrt(1/2), sqrt(2)), for x > 0. */
TG_INLINE T F(split)(T x, T *k) {
    const UI root_half = TO_BITS((T)0.70710678118654752440);
    const T scale = (UI)1 << MANTISSA, y = x < SMALLEST_NORMAL ? x * scale : x;
    const UI over = TO_BITS(y) - root_half + ((UI)BIAS << MANTISSA);  /* the bias keeps it positive */
    const UI n = over >> MANTISSA;
    *k = (FROM_BITS(n + TO_BITS(ROUNDER)) - ROUNDER) - (T)BIAS - (x < SMALLEST_NORMAL ? (T)MANTISSA : 0);
    return FROM_BITS(TO_BITS(y) - ((n - BIAS) << MANTISSA)) - 1;
}

/* What every logarithm answers where x is not a positive finite number. */
TG_INLINE T F(log_edges)(T x, T y) {
    const T edge = x == 0 ? -(T)INFINITY : x > 0 ? x : (T)NAN;
    return ((x > 0) & (x <= LARGEST)) ? y : edge;
}

TG_INLINE T F(log)(T x) {
    T k;
    const T f = F(split)(x, &k);
    return F(log_edges)(x, k * LN2_HIGH + (F(log_near_one)(f) + k * LN2_LOW));
}

TG_INLINE T F(log2)(T x) {
    T k;
    const T f = F(split)(x, &k);
    return F(log_edges)(x, k + F(log_near_one)(f) * (T)1.4426950408889634074);
}

TG_INLINE T F(log10)(T x) {
    T k;
    const T f = F(split)(x, &k);
    return F(log_edges)(x, k * LOG10_2_HIGH + (F(log_near_one)(f) * (T)0.43429448190325182765 + k * LOG10_2_LOW));
}

/* log(u) + (what u = 1 + x lost) / u */
TG_INLINE T F(log1p)(T x) {
    const T u = 1 + x, lost = ((u > 0) & (u <= LARGEST)) ? (x - (u - 1)) / u : 0;
    return x == 0 ? x : F(log)(u) + lost;
}

/* log(1 + exp(-|x|)): what the softplus family adds to max(x, 0); no edges, since the logarithm's argument u is in [1, 2]. What u
 * lost counts 1 / u, for which a parabola is good enough: exact where all of e is lost, right to 0.05 of half a unit elsewhere.
 * With a division and the split of any number softplus took a third longer. */
TG_INLINE T F(log1p_exp)(T x) {
    const T e = F(exp_negative)(-BUILTIN(fabs)(x)), u = 1 + e, t = u - 1;
    const T k = u > (T)1.41421356237309504880 ? 1 : 0, f = (u > (T)1.41421356237309504880 ? (T)0.5 * u : u) - 1;
    return k * LN2_HIGH + (F(log_near_one)(f) + k * LN2_LOW) + (e - t) * (1 - t + (T)0.5 * t * t);
}

/* 1 / (1 + exp(-x)), for negative x as e / (1 + e) with e = exp(x), which keeps its digits down to the smallest number. */
TG_INLINE T F(sigmoid)(T x) {
    const T e = F(exp_negative)(-BUILTIN(fabs)(x));
    return (x < 0 ? e : 1) / (1 + e);
}

/* -t / (2 + t), t = exp(-2 |x|) - 1 */
TG_INLINE T F(tanh)(T x) {
    const T t = F(expm1)(-2 * BUILTIN(fabs)(x));
    return BUILTIN(copysign)(t / (2 + t), x);
}

TG_INLINE T F(sinh)(T x) {
    const T a = BUILTIN(fabs)(x), e = F(expm1)(a), h = F(exp)(a * (T)0.5);
    return BUILTIN(copysign)(a > 20 ? (T)0.5 * h * h : (T)0.5 * (e + e / (e + 1)), x);
}

TG_INLINE T F(cosh)(T x) {
    const T a = BUILTIN(fabs)(x), h = F(exp)(a * (T)0.5), e = F(exp)(a);
    return a > 20 ? (T)0.5 * h * h : (T)0.5 * (e + 1 / e);
}

/* The sine of r + q pi/2. */
TG_INLINE T F(quadrant)(T r, UI q) {
    const T z = r * r, s = r + r * z * F(sin_poly)(z), c = 1 - ((T)0.5 * z - z * z * F(cos_poly)(z));
    const T y = q & 1 ? c : s;
    return q & 2 ? -y : y;
}

TG_INLINE T F(sin)(T x) {
    UI n;
    const T r = F(pi_half)(x, &n);
    return x == 0 ? x : F(quadrant)(r, n);
}

TG_INLINE T F(cos)(T x) {
    UI n;
    const T r = F(pi_half)(x, &n);
    return F(quadrant)(r, n + 1);
}

TG_INLINE T F(tan)(T x) {
    UI n;
    const T r = F(pi_half)(x, &n), z = r * r;
    const T s = r + r * z * F(sin_poly)(z), c = 1 - ((T)0.5 * z - z * z * F(cos_poly)(z));
    return x == 0 ? x : n & 1 ? -c / s : s / c;
}

/* |t| <= tan(pi/8) after atan x = pi/4 + atan((x - 1) / (x + 1)) or pi/2 - atan(1 / x). */
TG_INLINE T F(atan)(T x) {
    const T a = BUILTIN(fabs)(x);
    const int big = a > (T)2.41421356237309504880, mid = a > (T)0.41421356237309504880;
    const T t = (big ? -1 : mid ? a - 1 : a) / (big ? a : mid ? a + 1 : 1), z = t * t;
    const T high = big ? (T)1.57079632679489661923 : mid ? (T)0.78539816339744830962 : 0;
    const T lost = big ? (T)(1.57079632679489661923L - (T)1.57079632679489661923)
                       : mid ? (T)(0.78539816339744830962L - (T)0.78539816339744830962) : 0;
    return BUILTIN(copysign)(high + (t + (t * z * F(atan_poly)(z) + lost)), x);
}

TG_INLINE T F(atan2)(T y, T x) {
    const T a = BUILTIN(fabs)(x), b = BUILTIN(fabs)(y), large = a > b ? a : b, small = a > b ? b : a;
    const T first = F(atan)(large == 0 ? 0 : small == large ? 1 : small / large);
    const T folded = b > a ? (T)1.57079632679489661923 - first : first;
    const T turned = BUILTIN(copysign)((T)1, x) < 0 ? (T)3.14159265358979323846 - folded : folded;
    return ((x != x) | (y != y)) ? x + y : BUILTIN(copysign)(turned, y);
}

/* asin(t) for 0 <= t <= 1/2, given z = t^2 */
TG_INLINE T F(asin_small)(T t, T z) { return t + t * z * F(asin_poly)(z); }

TG_INLINE T F(asin)(T x) {
    const T a = BUILTIN(fabs)(x);
    const int big = a > (T)0.5;
    const T z = big ? (1 - a) * (T)0.5 : a * a, y = F(asin_small)(big ? BUILTIN(sqrt)(z) : a, z);
    return BUILTIN(copysign)(big ? (T)1.57079632679489661923 - 2 * y : y, x);
}

TG_INLINE T F(acos)(T x) {
    const T a = BUILTIN(fabs)(x);
    const int big = a > (T)0.5;
    const T z = big ? (1 - a) * (T)0.5 : a * a, y = F(asin_small)(big ? BUILTIN(sqrt)(z) : a, z);
    const T lost = (T)(1.57079632679489661923L - (T)1.57079632679489661923);
    const T outer = x < 0 ? (T)3.14159265358979323846 - 2 * y : 2 * y;
    return big ? outer : (T)1.57079632679489661923 - (BUILTIN(copysign)(y, x) - lost);
}

TG_INLINE T F(asinh)(T x) {
    const T a = BUILTIN(fabs)(x), z = a * a;
    const T near = F(log1p)(a + z / (1 + BUILTIN(sqrt)(1 + z))), far = F(log)(a) + (T)0.69314718055994530942;
    return BUILTIN(copysign)(a > 0x1p26 ? far : near, x);
}

TG_INLINE T F(acosh)(T x) {
    const T t = x - 1, near = F(log1p)(t + BUILTIN(sqrt)(t * (2 + t))), far = F(log)(x) + (T)0.69314718055994530942;
    return x < 1 ? (T)NAN : x > 0x1p26 ? far : near;
}

TG_INLINE T F(atanh)(T x) {
    const T a = BUILTIN(fabs)(x);
    return BUILTIN(copysign)((T)0.5 * F(log1p)(2 * a / (1 - a)), x);
}

/* large sqrt(1 + (small / large)^2): neither overflows nor underflows. */
TG_INLINE T F(hypot)(T x, T y) {
    const T a = BUILTIN(fabs)(x), b = BUILTIN(fabs)(y), large = a > b ? a : b, small = a > b ? b : a;
    const T q = small / large, h = large == 0 ? 0 : large * BUILTIN(sqrt)(1 + q * q);
    return ((a > LARGEST) | (b > LARGEST)) ? (T)INFINITY : ((a != a) | (b != b)) ? (T)NAN : h;
}

TG_INLINE T F(sqrt)(T x) { return BUILTIN(sqrt)(x); }
TG_INLINE T F(fabs)(T x) { return BUILTIN(fabs)(x); }
TG_INLINE T F(floor)(T x) { return BUILTIN(floor)(x); }
TG_INLINE T F(ceil)(T x) { return BUILTIN(ceil)(x); }
TG_INLINE T F(trunc)(T x) { return BUILTIN(trunc)(x); }
TG_INLINE T F(rint)(T x) { return BUILTIN(rint)(x); }
TG_INLINE T F(copysign)(T x, T y) { return BUILTIN(copysign)(x, y); }

/* NaN in any operand is NaN; a bound below the other one wins at the top. */
TG_INLINE T F(clamp)(T x, T low, T high) {
    const T y = ((x > low) | (x != x)) ? x : low;
    return ((y < high) | (y != y)) ? y : high;
}

/* A slope of less than the smallest normal number may be 0. */
TG_INLINE T F(silu_slope)(T g, T x) {
    const T e = F(exp_below)(-BUILTIN(fabs)(x)), s = (x < 0 ? e : 1) / (1 + e);
    return g * s * (1 + x * (1 - s));
}

/* gelu_tanh(x) = x (1 + t) / 2, t = tanh(u), u = beta (x + 0.044715 x^3) */
TG_INLINE T F(gelu_tanh_slope)(T g, T x) {
    const T z = x * x, t = F(tanh)((T)TG_GELU_BETA * (x + (T)0.044715 * x * z));
    return g * ((T)0.5 * (1 + t) + (T)0.5 * x * (1 - t * t) * (T)TG_GELU_BETA * (1 + (T)(3 * 0.044715) * z));
}

/* tanh(log(1 + e)) = e (e + 2) / (e (e + 2) + 2), e = exp(x) */
TG_INLINE T F(tanh_softplus)(T x) {
    const T e = F(exp)(x > 20 ? 20 : x), n = e * (e + 2);
    return n / (n + 2);
}

TG_INLINE T F(mish_slope)(T g, T x) {
    const T t = F(tanh_softplus)(x);
    return g * (t + x * F(sigmoid)(x) * (1 - t * t));
}

#undef T
#undef UI
#undef F
#undef BUILTIN
#undef FROM_BITS
#undef TO_BITS
#undef MANTISSA
#undef BIAS
#undef ROUNDER
#undef SMALLEST_NORMAL
#undef LARGEST
#undef EXP_LOW
#undef EXP_HIGH
#undef EXP_NORMAL
#undef LN2_HIGH
#undef LN2_LOW
#undef LOG10_2_HIGH
#undef LOG10_2_LOW
