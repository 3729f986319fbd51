/* convert.h: contiguous arrays from one dtype to another, a kernel for each pair.
 *
 * Rules (PyTorch's on a CPU): to bool is x != 0 (NaN is true); float to integer truncates; integers wrap; float16 and
 * bfloat16 round to nearest even and go through float32. */
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
#define TG_CONVERT_FROM(from, S) \
    TG_CONVERT(from, S, bool, uint8_t) TG_CONVERT(from, S, u8, uint8_t) TG_CONVERT(from, S, i8, int8_t) \
    TG_CONVERT(from, S, i16, int16_t) TG_CONVERT(from, S, i32, int32_t) TG_CONVERT(from, S, i64, int64_t) \
    TG_CONVERT(from, S, f16, uint16_t) TG_CONVERT(from, S, bf16, uint16_t) TG_CONVERT(from, S, f32, float) \
    TG_CONVERT(from, S, f64, double)

TG_CONVERT_FROM(bool, uint8_t)
TG_CONVERT_FROM(u8, uint8_t)
TG_CONVERT_FROM(i8, int8_t)
TG_CONVERT_FROM(i16, int16_t)
TG_CONVERT_FROM(i32, int32_t)
TG_CONVERT_FROM(i64, int64_t)
TG_CONVERT_FROM(f16, uint16_t)
TG_CONVERT_FROM(bf16, uint16_t)
TG_CONVERT_FROM(f32, float)
TG_CONVERT_FROM(f64, double)

#define TG_CONVERT_ROW(from) \
    {convert_##from##_bool, convert_##from##_u8, convert_##from##_i8, convert_##from##_i16, convert_##from##_i32, \
     convert_##from##_i64, convert_##from##_f16, convert_##from##_bf16, convert_##from##_f32, convert_##from##_f64}

/* dst[i] = src[i], n elements of dtype `from` to dtype `to`; the arrays do not overlap. */
static void convert(int64_t n, char *dst, int to, const char *src, int from) {
    static tg_convert_fn *const table[TG_DTYPES][TG_DTYPES] = {
        TG_CONVERT_ROW(bool), TG_CONVERT_ROW(u8), TG_CONVERT_ROW(i8), TG_CONVERT_ROW(i16), TG_CONVERT_ROW(i32),
        TG_CONVERT_ROW(i64), TG_CONVERT_ROW(f16), TG_CONVERT_ROW(bf16), TG_CONVERT_ROW(f32), TG_CONVERT_ROW(f64)};
    table[from][to](n, dst, src);
}

#endif
