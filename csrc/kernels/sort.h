/* sort.h: the stable order of a row, whole or its first k, for every dtype.
 *
 * Elements become *ranks*, unsigned integers in the same order (a NaN last of all, -0 equal to 0; complemented where the
 * order falls), and a rank with its place behind it is one number: no two are equal, so any sort of them is stable.
 * Versions (1024 rows of 1024 floats, two threads; NumPy's argsort and a gather before: 50 ms):
 *   1. insertion up to 40 elements, else radix, one byte a pass, passes that would move nothing left out    4 ms
 * The first 5 of 1024 rows of 1000 floats (argpartition before: 8.2 ms):
 *   1. a heap, and whole blocks of ranks passed over    0.6 ms */
#ifndef TG_KERNELS_SORT_H
#define TG_KERNELS_SORT_H

#include "../sort.h"

/* ---- ranks ---- */

TG_INLINE uint32_t rank_of_f32(float x) {
    const uint32_t b = x != x ? 0x7fffffffu : x == 0 ? 0 : bits_of_float(x);
    return b >> 31 ? ~b : b | 0x80000000u;
}

TG_INLINE uint64_t rank_of_f64(double x) {
    const uint64_t b = x != x ? ~0ull >> 1 : x == 0 ? 0 : bits_of_double(x);
    return b >> 63 ? ~b : b | 1ull << 63;
}

#define RANK_bool(x) ((x) != 0)
#define RANK_u8(x) (x)
#define RANK_i8(x) ((uint32_t)(x) ^ 0x80000000u)
#define RANK_i16(x) ((uint32_t)(x) ^ 0x80000000u)
#define RANK_i32(x) ((uint32_t)(x) ^ 0x80000000u)
#define RANK_f16(x) rank_of_f32(half_to_float(x))
#define RANK_bf16(x) rank_of_f32(bfloat_to_float(x))
#define RANK_f32(x) rank_of_f32(x)
#define RANK_i64(x) ((uint64_t)(x) ^ 1ull << 63)
#define RANK_f64(x) rank_of_f64(x)

#define TG_RANK_CASE(code, name, T, U)                                                                                  \
    case code:                                                                                                          \
        if (step == 1)                                                                                                  \
            for (int64_t i = 0; i < n; i++) out[i] = (U)RANK_##name(((const T *)x)[i]) ^ flip;                          \
        else                                                                                                            \
            for (int64_t i = 0; i < n; i++) out[i] = (U)RANK_##name(((const T *)x)[i * step]) ^ flip;                   \
        break;

static void ranks_narrow(int dtype, int64_t n, const void *restrict x, int64_t step, uint32_t flip, uint32_t *restrict out) {
    switch (dtype) {
        TG_RANK_CASE(TG_BOOL, bool, uint8_t, uint32_t)
        TG_RANK_CASE(TG_U8, u8, uint8_t, uint32_t)
        TG_RANK_CASE(TG_I8, i8, int8_t, uint32_t)
        TG_RANK_CASE(TG_I16, i16, int16_t, uint32_t)
        TG_RANK_CASE(TG_I32, i32, int32_t, uint32_t)
        TG_RANK_CASE(TG_F16, f16, uint16_t, uint32_t)
        TG_RANK_CASE(TG_BF16, bf16, uint16_t, uint32_t)
        TG_RANK_CASE(TG_F32, f32, float, uint32_t)
    }
}

static void ranks_wide(int dtype, int64_t n, const void *restrict x, int64_t step, uint64_t flip, uint64_t *restrict out) {
    switch (dtype) {
        TG_RANK_CASE(TG_I64, i64, int64_t, uint64_t)
        TG_RANK_CASE(TG_F64, f64, double, uint64_t)
    }
}

/* ---- the order of (rank, place) ---- */

#define TG_INSERTION 40  /* below, histograms cost more than n^2 / 4 steps */
#define TG_FILTER 16     /* ranks that are compared with the worst of the best at once */

/* K: a rank U of `bits` bits above a place P of as many. a and b have room for n; the result lies in what is returned. */
#define TG_SORT(name, K, U, P, bits)                                                                                    \
    static K *radix_##name(int64_t n, K *a, K *b) {                                                                     \
        int64_t count[bits / 8][256];                                                                                   \
        memset(count, 0, sizeof count);                                                                                 \
        for (int64_t i = 0; i < n; i++) {                                                                               \
            const U r = (U)(a[i] >> bits);                                                                              \
            for (int d = 0; d < bits / 8; d++) count[d][r >> (8 * d) & 255]++;                                          \
        }                                                                                                               \
        for (int d = 0; d < bits / 8; d++) {                                                                            \
            int64_t *c = count[d], at = 0;                                                                              \
            if (c[(a[0] >> (bits + 8 * d)) & 255] == n) continue;                                                       \
            for (int i = 0; i < 256; i++) {                                                                             \
                const int64_t here = c[i];                                                                              \
                c[i] = at, at += here;                                                                                  \
            }                                                                                                           \
            for (int64_t i = 0; i < n; i++) b[c[(a[i] >> (bits + 8 * d)) & 255]++] = a[i];                              \
            K *t = a;                                                                                                   \
            a = b, b = t;                                                                                               \
        }                                                                                                               \
        return a;                                                                                                       \
    }                                                                                                                   \
    static void insertion_##name(int64_t n, K *a) {                                                                     \
        for (int64_t i = 1, j; i < n; i++) {                                                                            \
            const K x = a[i];                                                                                           \
            for (j = i; j > 0 && a[j - 1] > x; j--) a[j] = a[j - 1];                                                    \
            a[j] = x;                                                                                                   \
        }                                                                                                               \
    }                                                                                                                   \
    static K *sort_##name(int64_t n, const U *ranks, K *a, K *b) {                                                      \
        for (int64_t i = 0; i < n; i++) a[i] = (K)ranks[i] << bits | (P)i;                                              \
        if (n > TG_INSERTION) return radix_##name(n, a, b);                                                             \
        insertion_##name(n, a);                                                                                         \
        return a;                                                                                                       \
    }                                                                                                                   \
    /* heap[0] is the largest; x takes its place and sinks. */                                                          \
    static void sink_##name(int64_t k, K *heap, K x) {                                                                  \
        int64_t i = 0;                                                                                                  \
        for (int64_t child; (child = 2 * i + 1) < k; i = child) {                                                       \
            if (child + 1 < k && heap[child + 1] > heap[child]) child++;                                                \
            if (heap[child] <= x) break;                                                                                \
            heap[i] = heap[child];                                                                                      \
        }                                                                                                               \
        heap[i] = x;                                                                                                    \
    }                                                                                                                   \
    /* The first k in order: a heap of the best so far, and blocks in which nobody beats the worst of them passed over. */ \
    static K *select_##name(int64_t n, int64_t k, const U *ranks, K *a, K *b) {                                         \
        K *start = sort_##name(k, ranks, a, b);                                                                         \
        for (int64_t i = 0; i < k / 2; i++) { /* falling: a heap */                                                     \
            const K t = start[i];                                                                                       \
            start[i] = start[k - 1 - i], start[k - 1 - i] = t;                                                          \
        }                                                                                                               \
        U worst = (U)(start[0] >> bits);                                                                                \
        for (int64_t i = k; i < n; i += TG_FILTER) {                                                                    \
            const int64_t end = i + TG_FILTER < n ? i + TG_FILTER : n;                                                  \
            if (end - i == TG_FILTER) {                                                                                 \
                int better = 0;                                                                                         \
                for (int j = 0; j < TG_FILTER; j++) better |= ranks[i + j] < worst;                                     \
                if (!better) continue;                                                                                  \
            }                                                                                                           \
            for (int64_t j = i; j < end; j++)                                                                           \
                if (ranks[j] < worst) {                                                                                 \
                    sink_##name(k, start, (K)ranks[j] << bits | (P)j);                                                  \
                    worst = (U)(start[0] >> bits);                                                                      \
                }                                                                                                       \
        }                                                                                                               \
        for (int64_t i = k - 1; i > 0; i--) { /* the largest goes to the end, and the heap is one shorter */            \
            const K last = start[i];                                                                                    \
            start[i] = start[0];                                                                                        \
            sink_##name(i, start, last);                                                                                \
        }                                                                                                               \
        return start;                                                                                                   \
    }                                                                                                                   \
    static void order_##name(int64_t n, int64_t k, const U *ranks, void *work, int64_t *at, int64_t step) {             \
        K *a = work, *b = a + n;                                                                                        \
        const K *found = k < n / TG_SELECT_SHARE ? select_##name(n, k, ranks, a, b) : sort_##name(n, ranks, a, b);      \
        for (int64_t i = 0; i < k; i++) at[i * step] = (int64_t)(P)found[i];                                            \
    }

typedef unsigned __int128 tg_u128;
TG_SORT(narrow, uint64_t, uint32_t, uint32_t, 32)
TG_SORT(wide, tg_u128, uint64_t, uint64_t, 64)

/* at[0 .. k) (`stride` apart) = the places of the first k elements of x[n] (elements `step` apart) in rising or falling
 * order. work: TG_SORT_BYTES(dtype) * n bytes. */
static void sort_row(int dtype, int descending, int64_t n, int64_t k, const void *x, int64_t step, void *work, int64_t *at,
                     int64_t stride) {
    if (k == 0) return;
    if (TG_SORT_NARROW(dtype)) {
        uint32_t *ranks = (uint32_t *)((char *)work + 16 * n);
        ranks_narrow(dtype, n, x, step, descending ? ~0u : 0, ranks);
        order_narrow(n, k, ranks, work, at, stride);
    } else {
        uint64_t *ranks = (uint64_t *)((char *)work + 32 * n);
        ranks_wide(dtype, n, x, step, descending ? ~0ull : 0, ranks);
        order_wide(n, k, ranks, work, at, stride);
    }
}

#endif
