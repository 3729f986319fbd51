/* elementwise.h: one static loop for every map of kernels.def and every dtype it is defined on.
 *
 *   TG_MAP(name, inputs, result, dtypes, expression [, dtypes, expression])
 *
 * The expression is C in a, b, c, d (one element of each input, of type T) and may use
 *   T  the compute type (bool: _Bool),
 *   U  T for floats, the unsigned type of int's or T's width for integers: arithmetic in U wraps instead of overflowing,
 *   M(f)  f_f32 or f_f64 of vecmath.h, status  of a CHECKED map, to which TG_ZERO_DIVISION may be assigned.
 * result: SAME (dtype of the result is T), TRUTH (bool), CHECKED (SAME, and integer kernels may answer an error), PERIODIC
 * (SAME; `wide` says that the last input has values for which vecmath.h's reduction by pi/2 is not made).
 * dtypes: FLOATS f32 f64, INTS u8 i8 i16 i32 i64, BOOLS bool, BITS bool and INTS, NUMBERS INTS and FLOATS, ALL.
 *
 * The loops are contiguous and branch-free, so that the compiler vectorises them; out may be one of the inputs. */
#ifndef TG_ELEMENTWISE_H
#define TG_ELEMENTWISE_H

/* "No element depends on another iteration": true for the same array in and out, and what restrict could not say. */
#ifdef __clang__
#define TG_IVDEP _Pragma("clang loop vectorize(assume_safety)")
#else
#define TG_IVDEP _Pragma("GCC ivdep")
#endif

#define M(f) _Generic((T)0, float: f##_f32, default: f##_f64)
#define K(x) ((T)(x))

#define TG_LOAD_1(S) const T a = (T)((const S *)p[1])[i];
#define TG_LOAD_2(S) TG_LOAD_1(S) const T b = (T)((const S *)p[2])[i];
#define TG_LOAD_3(S) TG_LOAD_2(S) const T c = (T)((const S *)p[3])[i];
#define TG_LOAD_4(S) TG_LOAD_3(S) const T d = (T)((const S *)p[4])[i];

/* S: what an element is in memory. OS, O: the same and the value's type for the output. */
#define TG_LOOP(fn, wide_, inputs, S, T_, U_, OS, O, ...) \
    static int fn(int64_t n, char *const *p) { \
        typedef T_ T; \
        typedef U_ U; \
        (void)sizeof(U); \
        enum { wide = wide_ }; \
        int status = TG_OK; \
        OS *out = (OS *)p[0]; \
        TG_IVDEP for (int64_t i = 0; i < n; i++) { \
            TG_LOAD_##inputs(S) \
            out[i] = (O)(__VA_ARGS__); \
        } \
        return status; \
    }

#define TG_LOOP_SAME(fn, inputs, S, T, U, ...) TG_LOOP(fn, 0, inputs, S, T, U, S, T, __VA_ARGS__)
#define TG_LOOP_TRUTH(fn, inputs, S, T, U, ...) TG_LOOP(fn, 0, inputs, S, T, U, uint8_t, _Bool, __VA_ARGS__)
#define TG_LOOP_CHECKED TG_LOOP_SAME
#define TG_LOOP_PERIODIC(fn, inputs, S, T, U, ...) \
    TG_LOOP(fn##_near, 0, inputs, S, T, U, S, T, __VA_ARGS__) \
    TG_LOOP(fn##_wide, 1, inputs, S, T, U, S, T, __VA_ARGS__) \
    static int fn(int64_t n, char *const *p) { \
        const T *x = (const T *)p[inputs]; \
        int far = 0; \
        for (int64_t i = 0; i < n; i++) far |= (x[i] > (T)TG_PERIODIC_LIMIT) | (x[i] < -(T)TG_PERIODIC_LIMIT); \
        return far ? fn##_wide(n, p) : fn##_near(n, p); \
    }

#define TG_LOOPS_FLOATS(name, inputs, result, ...) \
    TG_LOOP_##result(map_##name##_f32, inputs, float, float, float, __VA_ARGS__) \
    TG_LOOP_##result(map_##name##_f64, inputs, double, double, double, __VA_ARGS__)
#define TG_LOOPS_INTS(name, inputs, result, ...) \
    TG_LOOP_##result(map_##name##_u8, inputs, uint8_t, uint8_t, uint32_t, __VA_ARGS__) \
    TG_LOOP_##result(map_##name##_i8, inputs, int8_t, int8_t, uint32_t, __VA_ARGS__) \
    TG_LOOP_##result(map_##name##_i16, inputs, int16_t, int16_t, uint32_t, __VA_ARGS__) \
    TG_LOOP_##result(map_##name##_i32, inputs, int32_t, int32_t, uint32_t, __VA_ARGS__) \
    TG_LOOP_##result(map_##name##_i64, inputs, int64_t, int64_t, uint64_t, __VA_ARGS__)
#define TG_LOOPS_BOOLS(name, inputs, result, ...) \
    TG_LOOP_##result(map_##name##_bool, inputs, uint8_t, _Bool, uint32_t, __VA_ARGS__)
#define TG_LOOPS_BITS(name, inputs, result, ...) \
    TG_LOOPS_BOOLS(name, inputs, result, __VA_ARGS__) TG_LOOPS_INTS(name, inputs, result, __VA_ARGS__)
#define TG_LOOPS_NUMBERS(name, inputs, result, ...) \
    TG_LOOPS_INTS(name, inputs, result, __VA_ARGS__) TG_LOOPS_FLOATS(name, inputs, result, __VA_ARGS__)
#define TG_LOOPS_ALL(name, inputs, result, ...) \
    TG_LOOPS_BITS(name, inputs, result, __VA_ARGS__) TG_LOOPS_FLOATS(name, inputs, result, __VA_ARGS__)

/* The same classes as rows of the table (isa/table.h). */
#define TG_ROW_FLOATS(name) [TG_F32] = map_##name##_f32, [TG_F64] = map_##name##_f64,
#ifdef TG_BORROWS
#define TG_ROW_INTS(name) [TG_I64] = map_##name##_i64,
#else
#define TG_ROW_INTS(name) \
    [TG_U8] = map_##name##_u8, [TG_I8] = map_##name##_i8, [TG_I16] = map_##name##_i16, [TG_I32] = map_##name##_i32, \
    [TG_I64] = map_##name##_i64,
#endif
#define TG_ROW_BOOLS(name) [TG_BOOL] = map_##name##_bool,
#define TG_ROW_BITS(name) TG_ROW_BOOLS(name) TG_ROW_INTS(name)
#define TG_ROW_NUMBERS(name) TG_ROW_INTS(name) TG_ROW_FLOATS(name)
#define TG_ROW_ALL(name) TG_ROW_BITS(name) TG_ROW_FLOATS(name)

/* One or two (dtypes, expression) pairs. */
#define TG_PAIRS_(_1, _2, _3, _4, n, ...) n
#define TG_PAIRS(...) TG_PAIRS_(__VA_ARGS__, 2, _, 1, _)
#define TG_PASTE_(a, b) a##b
#define TG_PASTE(a, b) TG_PASTE_(a, b)
#define TG_DEFINE_1(name, inputs, result, t, e) TG_LOOPS_##t(name, inputs, result, e)
#define TG_DEFINE_2(name, inputs, result, t, e, t2, e2) \
    TG_DEFINE_1(name, inputs, result, t, e) TG_DEFINE_1(name, inputs, result, t2, e2)
#define TG_ENTRY_1(name, t, e) TG_ROW_##t(name)
#define TG_ENTRY_2(name, t, e, t2, e2) TG_ROW_##t(name) TG_ROW_##t2(name)

#define TG_MAP(name, inputs, result, ...) TG_PASTE(TG_DEFINE_, TG_PAIRS(__VA_ARGS__))(name, inputs, result, __VA_ARGS__)
#include "kernels.def"
#undef TG_MAP

#endif
