/* sort.c: the driver of sorting and of selecting the first few in order, along the middle dimension of [outer, n, inner]. */
#include "sort.h"

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"

/* Values follow their places, so that every bit of them (a NaN's, the sign of a zero) is kept. */
#define PICK(T)                                                                                                         \
    for (int64_t i = 0; i < k; i++) ((T *)y)[i * step] = ((const T *)x)[at[i * step] * step];                           \
    break;

static void pick(int64_t size, int64_t k, const char *x, int64_t step, const int64_t *at, char *y) {
    switch (size) {
        case 1: PICK(uint8_t)
        case 2: PICK(uint16_t)
        case 4: PICK(uint32_t)
        default: PICK(uint64_t)
    }
}

int tg_sort(int dtype, int descending, int64_t outer, int64_t n, int64_t inner, int64_t k, const void *x, void *y, int64_t *at) {
    const int64_t rows = outer * inner, z = tg_itemsize(dtype);
    if (dtype > TG_F64) return TG_NO_KERNEL;
    if (rows == 0 || n == 0 || k == 0) return TG_OK;
    if (TG_SORT_NARROW(dtype) && n > UINT32_MAX) return TG_NO_MEMORY; /* places would not fit beside the ranks */
    /* An element is ranked, moved four (eight) times and written; most of a selection is the ranking. */
    const double cost = (double)n * (k < n / TG_SELECT_SHARE ? 0.5 : TG_SORT_NARROW(dtype) ? 6 : 16);
    const size_t bytes = ((size_t)n * TG_SORT_BYTES(dtype) + 63) / 64 * 64;
    char *work = tg_scratch(bytes * (size_t)tg_team(rows, cost));
    if (!work) return TG_NO_MEMORY;
    TG_PARALLEL_FOR(r, rows, cost) {
        const int64_t o = r / inner, j = r % inner, to = o * k * inner + j;
        const char *row = (const char *)x + (o * n * inner + j) * z;
        tg_k->sort_row(dtype, descending, n, k, row, inner, work + bytes * (size_t)TG_THREAD(), at + to, inner);
        if (y) pick(z, k, row, inner, at + to, (char *)y + to * z);
    }
    tg_scratch_free(work);
    return TG_OK;
}
