/* index.h: places from indices, and writes at places, with or without arithmetic, for every dtype. */
#ifndef TG_KERNELS_INDEX_H
#define TG_KERNELS_INDEX_H

/* out[j] = (first ? fixed + j * step : out[j]) + index[j * s] * stride, a negative index counted from size; answers whether
 * all are in [low, size). In vectors 4096 x 64 of them take 48 us instead of 250. */
TG_INLINE int place_row(int64_t n, int first, int64_t fixed, int64_t step, const int64_t *restrict index, int64_t s, int64_t low,
                        int64_t size, int64_t stride, int64_t *restrict out) {
    int64_t wrong = 0;
    for (int64_t j = 0; j < n; j++) {
        const int64_t i = index[j * s], start = first ? fixed + j * step : out[j];
        wrong |= (i < low) | (i >= size);
        /* unsigned: the place of a wrong index may wrap around, and is not used */
        out[j] = (int64_t)((uint64_t)start + (uint64_t)(i < 0 ? i + size : i) * (uint64_t)stride);
    }
    return !wrong;
}

static int index_row(int64_t n, int first, int64_t fixed, int64_t step, const int64_t *index, int64_t s, int64_t low, int64_t size,
                     int64_t stride, int64_t *out) {
    if (s == 1 && first) return place_row(n, 1, fixed, step, index, 1, low, size, stride, out);
    return place_row(n, first, fixed, step, index, s, low, size, stride, out);
}

/* The smallest and the largest of n > 0 places. */
static void index_span(int64_t n, const int64_t *at, int64_t *low, int64_t *high) {
    int64_t least = at[0], most = at[0];
    for (int64_t i = 1; i < n; i++) {
        least = at[i] < least ? at[i] : least;
        most = at[i] > most ? at[i] : most;
    }
    *low = least, *high = most;
}

/* Row i of src (run elements, `step` apart, rows `row` apart) is combined into dst + at[i] * scale, rows in order, as far
 * as lo <= at[i] < hi: the caller gives each thread a range of its own, so that whatever the number of threads, every
 * element receives its contributions in the order of i. */
#define TG_PUT_ROWS(T, EXPR)                                                                                        \
    if (run == 1 && scale == 1 && row == 1) {                                                                       \
        TG_PUT_ONES(T, EXPR)                                                                                        \
    } else if (run == 1)                                                                                            \
        for (int64_t i = 0; i < m; i++) {                                                                           \
            if (at[i] < lo || at[i] >= hi) continue;                                                                \
            T *d = (T *)dst + at[i] * scale;                                                                        \
            const T a = *d, b = ((const T *)src)[i * row];                                                          \
            (void)a;                                                                                                \
            *d = (T)(EXPR);                                                                                         \
        }                                                                                                           \
    else                                                                                                            \
        for (int64_t i = 0; i < m; i++) {                                                                           \
            if (at[i] < lo || at[i] >= hi) continue;                                                                \
            T *d = (T *)dst + at[i] * scale;                                                                        \
            const T *s = (const T *)src + i * row;                                                                  \
            if (step == 1)                                                                                          \
                for (int64_t j = 0; j < run; j++) {                                                                 \
                    const T a = d[j], b = s[j];                                                                     \
                    (void)a;                                                                                        \
                    d[j] = (T)(EXPR);                                                                               \
                }                                                                                                   \
            else                                                                                                    \
                for (int64_t j = 0; j < run; j++) {                                                                 \
                    const T a = d[j], b = s[j * step];                                                              \
                    (void)a;                                                                                        \
                    d[j] = (T)(EXPR);                                                                               \
                }                                                                                                   \
        }

/* How many of at[0..m) follow each other, in whole groups of TG_PUT_GROUP. Vectors, because compilers leave the loop scalar. */
#define TG_PUT_GROUP 16
TG_INLINE int64_t place_run(const int64_t *at, int64_t m) {
    static const int64_t steps[TG_PUT_GROUP] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    enum { VL = TG_VEC_BYTES / 8 };
    int64_t n = 0;
    for (; n + TG_PUT_GROUP <= m; n += TG_PUT_GROUP) {
        vi64 jump = {0};
        int64_t any = 0;
        TG_UNROLL for (int k = 0; k < TG_PUT_GROUP; k += VL)
            jump |= *(const vi64u *)(at + n + k) - (*(const vi64u *)(steps + k) + (at[0] + n));
        TG_UNROLL for (int k = 0; k < VL; k++) any |= jump[k];
        if (any) break;
    }
    return n;
}

/* Single elements, as scatter has them. Where places follow each other, as they do when an index was expanded along the rows
 * of its source, they are a row. scatter_add of 4096 x 64 into 1000 x 64, on one thread: one by one 1,000 us, so 75. */
#define TG_PUT_ONES(T, EXPR)                                                                                        \
    T *const to = (T *)dst;                                                                                         \
    const T *const from = (const T *)src;                                                                           \
    for (int64_t i = 0, n; i < m; i += n) {                                                                         \
        const int64_t p = at[i];                                                                                    \
        n = place_run(at + i, m - i);                                                                               \
        if (n) {                                                                                                    \
            const int64_t start = p < lo ? lo - p : 0, end = hi - p < n ? hi - p : n;                               \
            T *restrict d = to + p;                                                                                 \
            const T *restrict s = from + i;                                                                         \
            for (int64_t j = start; j < end; j++) {                                                                 \
                const T a = d[j], b = s[j];                                                                         \
                (void)a;                                                                                            \
                d[j] = (T)(EXPR);                                                                                   \
            }                                                                                                       \
        } else {                                                                                                    \
            n = m - i < TG_PUT_GROUP ? m - i : TG_PUT_GROUP;                                                        \
            for (int64_t j = i; j < i + n; j++) {                                                                   \
                if (at[j] < lo || at[j] >= hi) continue;                                                            \
                const T a = to[at[j]], b = from[j];                                                                 \
                (void)a;                                                                                            \
                to[at[j]] = (T)(EXPR);                                                                              \
            }                                                                                                       \
        }                                                                                                           \
    }

#define TG_PUT_ARGS                                                                                                 \
    int mode, int64_t m, const int64_t *at, int64_t lo, int64_t hi, int64_t scale, int64_t run, void *restrict dst, \
        const void *restrict src, int64_t row, int64_t step

/* What adds, multiplies or compares. Those of the dtypes that hold indices, labels and images are built small (`cold`): at full
 * size they were a twentieth of the library. */
#define TG_PUT(attribute, name, T, SUM, PRODUCT, MORE, LESS)                                                        \
    attribute static void put_##name(TG_PUT_ARGS) {                                                                 \
        switch (mode) {                                                                                             \
            case TG_PUT_ADD: TG_PUT_ROWS(T, SUM) break;                                                             \
            case TG_PUT_MUL: TG_PUT_ROWS(T, PRODUCT) break;                                                         \
            case TG_PUT_MAX: TG_PUT_ROWS(T, MORE) break;                                                            \
            default: TG_PUT_ROWS(T, LESS)                                                                           \
        }                                                                                                           \
    }
#define TG_PUT_INT(attribute, name, T) \
    TG_PUT(attribute, name, T, (uint64_t)a + (uint64_t)b, (uint64_t)a * (uint64_t)b, TG_MAXOF(a, b), TG_MINOF(a, b))
#define TG_PUT_FLOAT(name, T) TG_PUT(, name, T, a + b, a * b, TG_MAXOF(a, b), TG_MINOF(a, b))
#define TG_PUT_HALF(name)                                                                                           \
    TG_PUT(TG_COLD, name, uint16_t, PUT_##name(GET_##name(a) + GET_##name(b)), PUT_##name(GET_##name(a) * GET_##name(b)), \
           PUT_##name(TG_MAXOF(GET_##name(a), GET_##name(b))), PUT_##name(TG_MINOF(GET_##name(a), GET_##name(b))))
#define TG_COLD __attribute__((cold))

TG_PUT(TG_COLD, bool, uint8_t, a | b, a & b, a | b, a & b)
TG_PUT_INT(TG_COLD, u8, uint8_t)
TG_PUT_INT(TG_COLD, i8, int8_t)
TG_PUT_INT(TG_COLD, i16, int16_t)
TG_PUT_INT(TG_COLD, i32, int32_t)
TG_PUT_INT(, i64, int64_t)
TG_PUT_HALF(f16)
TG_PUT_HALF(bf16)
TG_PUT_FLOAT(f32, float)
TG_PUT_FLOAT(f64, double)

/* Writing looks at no value: one function a size serves all dtypes. */
#define TG_PUT_WRITES(T) \
    static void put_##T(TG_PUT_ARGS) { (void)mode; TG_PUT_ROWS(T, b) }
TG_PUT_WRITES(uint8_t)
TG_PUT_WRITES(uint16_t)
TG_PUT_WRITES(uint32_t)
TG_PUT_WRITES(uint64_t)

static void index_put(int dtype, TG_PUT_ARGS) {
    static void (*const put[TG_F8E4])(TG_PUT_ARGS) = {put_bool, put_u8, put_i8, put_i16, put_i32,
                                                        put_i64, put_f16, put_bf16, put_f32, put_f64};
    static void (*const write[4])(TG_PUT_ARGS) = {put_uint8_t, put_uint16_t, put_uint32_t, put_uint64_t};
    (mode == TG_PUT_WRITE ? write[__builtin_ctzll(tg_itemsize(dtype))] : put[dtype])(mode, m, at, lo, hi, scale, run, dst, src, row, step);
}

#endif
