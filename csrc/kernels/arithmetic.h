/* arithmetic.h: the six operations of two tensors that programs broadcast most, over rows of which either side may be one
 * number: it stays in a register, where the general way (loops.c) would fill a buffer with it and read that again.
 * Sum of 1023 x 1 and 1 x 1025, one thread: 171 us in tiles, 66 here. */
#ifndef TG_KERNELS_ARITHMETIC_H
#define TG_KERNELS_ARITHMETIC_H

/* out[i * ro + j] = a[i * ra + j * ca] op b[i * rb + j * cb]; ca and cb are 0 or 1. */
#define TG_ARITHMETIC_ARGS(T)                                                                                           \
    int64_t rows, int64_t cols, T *out, int64_t ro, const T *x, int64_t rx, int64_t cx, const T *y, int64_t ry, int64_t cy
#define TG_ARITHMETIC(name, T, EXPR)                                                                                    \
    static void arithmetic_##name(TG_ARITHMETIC_ARGS(T)) {                                                              \
        for (int64_t i = 0; i < rows; i++, out += ro, x += rx, y += ry) {                                               \
            if (cx && cy)                                                                                               \
                TG_IVDEP for (int64_t j = 0; j < cols; j++) {                                                           \
                    const T a = x[j], b = y[j];                                                                         \
                    out[j] = (EXPR);                                                                                    \
                }                                                                                                       \
            else if (cx) {                                                                                              \
                const T b = *y;                                                                                         \
                TG_IVDEP for (int64_t j = 0; j < cols; j++) {                                                           \
                    const T a = x[j];                                                                                   \
                    out[j] = (EXPR);                                                                                    \
                }                                                                                                       \
            } else {                                                                                                    \
                const T a = *x;                                                                                         \
                TG_IVDEP for (int64_t j = 0; j < cols; j++) {                                                           \
                    const T b = y[j * cy];                                                                              \
                    out[j] = (EXPR);                                                                                    \
                }                                                                                                       \
            }                                                                                                           \
        }                                                                                                               \
    }
#define TG_ARITHMETIC_ALL(X)                                                                                            \
    X(add, a + b) X(sub, a - b) X(mul, a * b) X(div, a / b) X(maximum, ((a > b) | (a != a)) ? a : b)                    \
    X(minimum, ((a < b) | (a != a)) ? a : b)
#define TG_ARITHMETIC_BOTH(name, ...)                                                                                   \
    TG_ARITHMETIC(name##_f32, float, __VA_ARGS__) TG_ARITHMETIC(name##_f64, double, __VA_ARGS__)
TG_ARITHMETIC_ALL(TG_ARITHMETIC_BOTH)

/* TG_OK, or TG_NO_KERNEL for a map that is none of the six; rows may be 0 to ask. Strides in elements. */
#define TG_ARITHMETIC_CASE_f32(name, ...) case TG_MAP_##name: arithmetic_##name##_f32(rows, cols, out, ro, x, rx, cx, y, ry, cy); break;
#define TG_ARITHMETIC_CASE_f64(name, ...) case TG_MAP_##name: arithmetic_##name##_f64(rows, cols, out, ro, x, rx, cx, y, ry, cy); break;
#define TG_ARITHMETIC_TABLE(R, T)                                                                                       \
    static int arithmetic_##R(int map, TG_ARITHMETIC_ARGS(T)) {                                                         \
        switch (map) {                                                                                                  \
            TG_ARITHMETIC_ALL(TG_ARITHMETIC_CASE_##R)                                                                   \
            default: return TG_NO_KERNEL;                                                                               \
        }                                                                                                               \
        return TG_OK;                                                                                                   \
    }
TG_ARITHMETIC_TABLE(f32, float)
TG_ARITHMETIC_TABLE(f64, double)

#endif
