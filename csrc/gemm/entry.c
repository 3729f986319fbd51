/* entry.c: products of integer matrices, and the entry points of GEMM. Integers wrap around; a plain loop over rows,
 * steps and columns, blocked by rows among threads. */
#include "gemm.h"
#include "../parallel.h"

typedef struct matrices {
    int64_t m, n, k;
    const char *a, *b, *bias;
    char *c;
    int64_t rsa, csa, rsb, csb, rsc, csc;
    int accumulate, bias_kind, activation;
} matrices;

#define ROW(T, U, name)                                                                                        \
    static void row_##name(const matrices *x, int64_t i) {                                                     \
        const T *a = (const T *)x->a + i * x->rsa, *b = (const T *)x->b, *bias = (const T *)x->bias;           \
        T *c = (T *)x->c + i * x->rsc;                                                                         \
        if (!x->accumulate)                                                                                    \
            for (int64_t j = 0; j < x->n; j++) c[j * x->csc] = 0;                                              \
        for (int64_t p = 0; p < x->k; p++) {                                                                   \
            U s = (U)a[p * x->csa];                                                                            \
            const T *bp = b + p * x->rsb;                                                                      \
            if (x->csb == 1 && x->csc == 1)                                                                    \
                for (int64_t j = 0; j < x->n; j++) c[j] = (T)((U)c[j] + s * (U)bp[j]);                         \
            else                                                                                               \
                for (int64_t j = 0; j < x->n; j++) c[j * x->csc] = (T)((U)c[j * x->csc] + s * (U)bp[j * x->csb]); \
        }                                                                                                      \
        for (int64_t j = 0; j < x->n; j++) {                                                                   \
            T *y = c + j * x->csc;                                                                             \
            if (x->bias_kind == TG_GEMM_BIAS_COLUMN) *y = (T)((U)*y + (U)bias[j]);                             \
            if (x->bias_kind == TG_GEMM_BIAS_ROW) *y = (T)((U)*y + (U)bias[i]);                                \
            if (x->activation == TG_GEMM_RELU) *y = *y > 0 ? *y : 0;                                           \
        }                                                                                                      \
    }
ROW(uint8_t, uint32_t, u8)
ROW(int8_t, uint32_t, i8)
ROW(int16_t, uint32_t, i16)
ROW(int32_t, uint32_t, i32)
ROW(int64_t, uint64_t, i64)

static void (*const row[TG_DTYPES])(const matrices *, int64_t) = {
    [TG_U8] = row_u8, [TG_I8] = row_i8, [TG_I16] = row_i16, [TG_I32] = row_i32, [TG_I64] = row_i64};

int tg_gemm_batched(int dtype, int ndim, const int64_t *shape, int64_t m, int64_t n, int64_t k, const void *a,
                    const int64_t *items_a, int64_t rsa, int64_t csa, const void *b, const int64_t *items_b,
                    int64_t rsb, int64_t csb, void *c, const int64_t *items_c, int64_t rsc, int64_t csc, int accumulate,
                    int bias_kind, const void *bias, int activation) {
    if (dtype == TG_F32 || dtype == TG_F64) {
        tg_gemm_problem g = {.dtype = dtype, .m = m, .n = n, .k = k,
                             .a = {.data = a, .ls = rsa, .ks = csa, .items = items_a},
                             .b = {.data = b, .ls = csb, .ks = rsb, .items = items_b},
                             .c = c, .rsc = rsc, .csc = csc, .ndim = ndim, .shape = shape, .items_c = items_c,
                             .accumulate = accumulate, .bias_kind = bias_kind, .activation = activation, .bias = bias};
        return tg_gemm_run(&g);
    }
    if (!row[dtype]) return TG_NO_KERNEL;
    int64_t size = tg_itemsize(dtype), items = 1;
    for (int d = 0; d < ndim; d++) items *= shape[d];
    TG_PARALLEL_FOR(r, items * m, (double)n * (double)k) {
        int64_t item = r / m, oa = 0, ob = 0, oc = 0;
        for (int d = ndim - 1; d >= 0; d--) {
            int64_t x = item % shape[d];
            item /= shape[d];
            oa += x * items_a[d], ob += x * items_b[d], oc += x * items_c[d];
        }
        matrices x = {m, n, k, (const char *)a + oa * size, (const char *)b + ob * size, bias, (char *)c + oc * size,
                      rsa, csa, rsb, csb, rsc, csc, accumulate, bias_kind, activation};
        row[dtype](&x, r % m);
    }
    return TG_OK;
}

int tg_gemm(int dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t rsa, int64_t csa, const void *b,
            int64_t rsb, int64_t csb, void *c, int64_t rsc, int64_t csc, int accumulate, int bias_kind,
            const void *bias, int activation) {
    return tg_gemm_batched(dtype, 0, NULL, m, n, k, a, NULL, rsa, csa, b, NULL, rsb, csb, c, NULL, rsc, csc, accumulate,
                           bias_kind, bias, activation);
}
