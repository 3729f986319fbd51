/* index.h: writes at computed places, with or without arithmetic, for every dtype. */
#ifndef TG_KERNELS_INDEX_H
#define TG_KERNELS_INDEX_H

/* Row i of src (run elements, `step` apart, rows `row` apart) is combined into dst + at[i] * scale, rows in order, as far
 * as lo <= at[i] < hi: the caller gives each thread a range of its own, so that whatever the number of threads, every
 * element receives its contributions in the order of i. */
#define TG_PUT_ROWS(T, EXPR)                                                                                        \
    for (int64_t i = 0; i < m; i++) {                                                                               \
        if (at[i] < lo || at[i] >= hi) continue;                                                                    \
        T *d = (T *)dst + at[i] * scale;                                                                            \
        const T *s = (const T *)src + i * row;                                                                      \
        if (step == 1)                                                                                              \
            for (int64_t j = 0; j < run; j++) {                                                                     \
                const T a = d[j], b = s[j];                                                                         \
                (void)a;                                                                                            \
                d[j] = (T)(EXPR);                                                                                   \
            }                                                                                                       \
        else                                                                                                        \
            for (int64_t j = 0; j < run; j++) {                                                                     \
                const T a = d[j], b = s[j * step];                                                                  \
                (void)a;                                                                                            \
                d[j] = (T)(EXPR);                                                                                   \
            }                                                                                                       \
    }

#define TG_PUT_ARGS                                                                                                 \
    int mode, int64_t m, const int64_t *at, int64_t lo, int64_t hi, int64_t scale, int64_t run, void *restrict dst, \
        const void *restrict src, int64_t row, int64_t step

#define TG_PUT(name, T, SUM, PRODUCT, MORE, LESS)                                                                   \
    static void put_##name(TG_PUT_ARGS) {                                                                           \
        switch (mode) {                                                                                             \
            case TG_PUT_ADD: TG_PUT_ROWS(T, SUM) break;                                                             \
            case TG_PUT_MUL: TG_PUT_ROWS(T, PRODUCT) break;                                                         \
            case TG_PUT_MAX: TG_PUT_ROWS(T, MORE) break;                                                            \
            case TG_PUT_MIN: TG_PUT_ROWS(T, LESS) break;                                                            \
            default: TG_PUT_ROWS(T, b)                                                                              \
        }                                                                                                           \
    }
#define TG_PUT_INT(name, T)                                                                                         \
    TG_PUT(name, T, (uint64_t)a + (uint64_t)b, (uint64_t)a * (uint64_t)b, TG_MAXOF(a, b), TG_MINOF(a, b))
#define TG_PUT_FLOAT(name, T) TG_PUT(name, T, a + b, a * b, TG_MAXOF(a, b), TG_MINOF(a, b))
#define TG_PUT_HALF(name)                                                                                           \
    TG_PUT(name, uint16_t, PUT_##name(GET_##name(a) + GET_##name(b)), PUT_##name(GET_##name(a) * GET_##name(b)),    \
           PUT_##name(TG_MAXOF(GET_##name(a), GET_##name(b))), PUT_##name(TG_MINOF(GET_##name(a), GET_##name(b))))

TG_PUT(bool, uint8_t, a | b, a & b, a | b, a & b)
TG_PUT_INT(u8, uint8_t)
TG_PUT_INT(i8, int8_t)
TG_PUT_INT(i16, int16_t)
TG_PUT_INT(i32, int32_t)
TG_PUT_INT(i64, int64_t)
TG_PUT_HALF(f16)
TG_PUT_HALF(bf16)
TG_PUT_FLOAT(f32, float)
TG_PUT_FLOAT(f64, double)

static void index_put(int dtype, TG_PUT_ARGS) {
    static void (*const put[TG_DTYPES])(TG_PUT_ARGS) = {put_bool, put_u8, put_i8, put_i16, put_i32,
                                                        put_i64, put_f16, put_bf16, put_f32, put_f64};
    put[dtype](mode, m, at, lo, hi, scale, run, dst, src, row, step);
}

#endif
