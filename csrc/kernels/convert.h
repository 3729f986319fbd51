/* convert.h: contiguous arrays from one dtype to another, a kernel for each pair.
 *
 * Rules (PyTorch's on a CPU): to bool is x != 0 (NaN is true); float to integer truncates; integers wrap; float16, bfloat16 and
 * the float8 types round to nearest even and go through float32. */
#ifndef TG_CONVERT_H
#define TG_CONVERT_H

/* binary16 -> binary32: the fields shifted into place are the value times 2^-112 (exact, subnormals too). */
TG_INLINE float half_to_float(uint16_t h) {
    const uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13;
    const uint32_t scaled = bits_of_float(float_of_bits(magnitude) * 0x1p112f);
    const uint32_t special = magnitude | 0x7f800000u;
    return float_of_bits((magnitude >= (0x7c00u << 13) ? special : scaled) | (uint32_t)(h & 0x8000) << 16);
}

/* binary32 -> binary16, ties to even. A normal result rounds by integer addition at bit 13 (a carry runs into the
 * exponent and up to infinity); a subnormal one by adding 0.5, whose last place is binary16's smallest subnormal. */
TG_INLINE uint16_t float_to_half(float x) {
    const uint32_t bits = bits_of_float(x), u = bits & 0x7fffffffu;
    const uint32_t normal = (u + 0xfffu + ((u >> 13) & 1) - (112u << 23)) >> 13;
    const uint32_t subnormal = bits_of_float(float_of_bits(u) + 0.5f) - 0x3f000000u;
    const uint32_t special = u > 0x7f800000u ? 0x7e00u : 0x7c00u;
    const uint32_t finite = u < 0x38800000u ? subnormal : normal;
    return (uint16_t)((u >= 0x47800000u ? special : finite) | (bits >> 16 & 0x8000u));
}

TG_INLINE float bfloat_to_float(uint16_t h) { return float_of_bits((uint32_t)h << 16); }

TG_INLINE uint16_t float_to_bfloat(float x) {
    const uint32_t u = bits_of_float(x);
    return (uint16_t)((u & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : (u + 0x7fffu + ((u >> 16) & 1)) >> 16);
}

/* The 8-bit floats of OCP's specification: a sign, then e4m3 (bias 7; no infinity, one NaN, largest 448) or e5m2 (the upper half
 * of a binary16). Both ways as above; what rounds beyond the largest becomes 448, and infinity for e5m2. */
TG_INLINE float float8e4_to_float(uint8_t h) {
    const uint32_t magnitude = (uint32_t)(h & 0x7f) << 20;
    const uint32_t bits = (h & 0x7f) == 0x7f ? 0x7fc00000u : bits_of_float(float_of_bits(magnitude) * 0x1p120f);
    return float_of_bits(bits | (uint32_t)(h & 0x80) << 24);
}

TG_INLINE float float8e5_to_float(uint8_t h) { return half_to_float((uint16_t)((uint32_t)h << 8)); }

/* x with `drop` mantissa bits fewer: `low` is the exponent field of the smallest normal number; a subnormal one is rounded
 * by adding `magic`, whose last place is the smallest of them. */
TG_INLINE uint32_t float8_bits(uint32_t u, int drop, uint32_t low, float magic) {
    const uint32_t normal = (u + ((1u << (drop - 1)) - 1) + ((u >> drop) & 1) - ((low - 1) << 23)) >> drop;
    const uint32_t subnormal = bits_of_float(float_of_bits(u) + magic) - bits_of_float(magic);
    return u < low << 23 ? subnormal : normal;
}

TG_INLINE uint8_t float_to_float8e4(float x) {
    const uint32_t bits = bits_of_float(x), u = bits & 0x7fffffffu;
    const uint32_t finite = float8_bits(u, 20, 121, 0x1p14f);
    return (uint8_t)((u > 0x7f800000u ? 0x7fu : finite > 0x7eu ? 0x7eu : finite) | (bits >> 24 & 0x80u));
}

TG_INLINE uint8_t float_to_float8e5(float x) {
    const uint32_t bits = bits_of_float(x), u = bits & 0x7fffffffu;
    const uint32_t special = u > 0x7f800000u ? 0x7fu : 0x7cu;
    return (uint8_t)((u >= 0x47800000u ? special : float8_bits(u, 21, 113, 0x1p7f)) | (bits >> 24 & 0x80u));
}

/* GET_<from>: an element's value; PUT_<to>: the bits to store for a value. Floats reach the narrow signed integers
 * through int32 and uint8 through int64, as in PyTorch. */
#define GET_bool(x) ((x) != 0)
#define GET_u8(x) (x)
#define GET_i8(x) (x)
#define GET_i16(x) (x)
#define GET_i32(x) (x)
#define GET_i64(x) (x)
#define GET_f16(x) half_to_float(x)
#define GET_bf16(x) bfloat_to_float(x)
#define GET_f32(x) (x)
#define GET_f64(x) (x)
#define WHOLE(v, wide) _Generic((v), float: (wide)(v), double: (wide)(v), default: (v))
#define PUT_bool(v) ((v) != 0)
#define PUT_u8(v) ((uint8_t)WHOLE(v, int64_t))
#define PUT_i8(v) ((int8_t)WHOLE(v, int32_t))
#define PUT_i16(v) ((int16_t)WHOLE(v, int32_t))
#define PUT_i32(v) ((int32_t)(v))
#define PUT_i64(v) ((int64_t)(v))
#define PUT_f16(v) float_to_half((float)(v))
#define PUT_bf16(v) float_to_bfloat((float)(v))
#define PUT_f32(v) ((float)(v))
#define PUT_f64(v) ((double)(v))

typedef void tg_convert_fn(int64_t n, char *dst, const char *src);

#define TG_CONVERT(from, FS, to, TS) \
    static void convert_##from##_##to(int64_t n, char *dst, const char *src) { \
        TS *restrict d = (TS *)dst; \
        const FS *restrict s = (const FS *)src; \
        for (int64_t i = 0; i < n; i++) d[i] = PUT_##to(GET_##from(s[i])); \
    }
/* Where int64 is on the way: AVX2 cannot make vectors of that, but of int32, to which most numbers can go. 1M floats to int64,
 * two threads: 310 -> 90 us. */
#if TG_VEC_BYTES == 32
#define TG_CONVERT_LONG(from, FS, to, TS) \
    static void convert_##from##_##to(int64_t n, char *dst, const char *src) { \
        TS *restrict d = (TS *)dst; \
        const FS *restrict s = (const FS *)src; \
        int64_t i = 0; \
        for (; i + 64 <= n; i += 64) { \
            int large = 0; \
            for (int j = 0; j < 64; j++) large |= !(s[i + j] < (FS)0x1p31 && s[i + j] > (FS)-0x1p31); \
            if (large) \
                for (int j = 0; j < 64; j++) d[i + j] = PUT_##to(s[i + j]); \
            else \
                for (int j = 0; j < 64; j++) d[i + j] = (TS)(int32_t)s[i + j]; \
        } \
        for (; i < n; i++) d[i] = PUT_##to(s[i]); \
    }
#else
#define TG_CONVERT_LONG TG_CONVERT
#endif
#define TG_CONVERT_FROM(from, S, LONG) \
    TG_CONVERT(from, S, bool, uint8_t) LONG(from, S, u8, uint8_t) TG_CONVERT(from, S, i8, int8_t) \
    TG_CONVERT(from, S, i16, int16_t) TG_CONVERT(from, S, i32, int32_t) LONG(from, S, i64, int64_t) \
    TG_CONVERT(from, S, f16, uint16_t) TG_CONVERT(from, S, bf16, uint16_t) TG_CONVERT(from, S, f32, float) \
    TG_CONVERT(from, S, f64, double)

TG_CONVERT_FROM(bool, uint8_t, TG_CONVERT)
TG_CONVERT_FROM(u8, uint8_t, TG_CONVERT)
TG_CONVERT_FROM(i8, int8_t, TG_CONVERT)
TG_CONVERT_FROM(i16, int16_t, TG_CONVERT)
TG_CONVERT_FROM(i32, int32_t, TG_CONVERT)
TG_CONVERT_FROM(i64, int64_t, TG_CONVERT)
TG_CONVERT_FROM(f16, uint16_t, TG_CONVERT)
TG_CONVERT_FROM(bf16, uint16_t, TG_CONVERT)
TG_CONVERT_FROM(f32, float, TG_CONVERT_LONG)
TG_CONVERT_FROM(f64, double, TG_CONVERT)

#define TG_CONVERT_ROW(from) \
    {convert_##from##_bool, convert_##from##_u8, convert_##from##_i8, convert_##from##_i16, convert_##from##_i32, \
     convert_##from##_i64, convert_##from##_f16, convert_##from##_bf16, convert_##from##_f32, convert_##from##_f64}

/* From or to a float8 type: by way of a block of float32, which is exact on the way in. */
static void convert_float8(int64_t n, char *dst, int to, const char *src, int from, tg_convert_fn *const *load, tg_convert_fn *const *store) {
    float block[256];
    for (int64_t at = 0; at < n; at += 256) {
        const int64_t m = n - at < 256 ? n - at : 256;
        const uint8_t *s = (const uint8_t *)src + at;
        uint8_t *d = (uint8_t *)dst + at;
        if (from == TG_F8E4)
            for (int64_t i = 0; i < m; i++) block[i] = float8e4_to_float(s[i]);
        else if (from == TG_F8E5)
            for (int64_t i = 0; i < m; i++) block[i] = float8e5_to_float(s[i]);
        else
            load[from](m, (char *)block, src + at * tg_itemsize(from));
        if (to == TG_F8E4)
            for (int64_t i = 0; i < m; i++) d[i] = float_to_float8e4(block[i]);
        else if (to == TG_F8E5)
            for (int64_t i = 0; i < m; i++) d[i] = float_to_float8e5(block[i]);
        else
            store[to](m, dst + at * tg_itemsize(to), (const char *)block);
    }
}

/* dst[i] = src[i], n elements of dtype `from` to dtype `to`; the arrays do not overlap. */
static void convert(int64_t n, char *dst, int to, const char *src, int from) {
    static tg_convert_fn *const table[TG_F8E4][TG_F8E4] = {
        TG_CONVERT_ROW(bool), TG_CONVERT_ROW(u8), TG_CONVERT_ROW(i8), TG_CONVERT_ROW(i16), TG_CONVERT_ROW(i32),
        TG_CONVERT_ROW(i64), TG_CONVERT_ROW(f16), TG_CONVERT_ROW(bf16), TG_CONVERT_ROW(f32), TG_CONVERT_ROW(f64)};
    static tg_convert_fn *const load[TG_F8E4] = {convert_bool_f32, convert_u8_f32, convert_i8_f32, convert_i16_f32, convert_i32_f32,
                                                 convert_i64_f32, convert_f16_f32, convert_bf16_f32, convert_f32_f32, convert_f64_f32};
    if (from == to && from >= TG_F8E4)
        convert_u8_u8(n, dst, src);
    else if (from >= TG_F8E4 || to >= TG_F8E4)
        convert_float8(n, dst, to, src, from, load, table[TG_F32]);
    else
        table[from][to](n, dst, src);
}

#endif
