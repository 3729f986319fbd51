/* scan.c: arg-reductions and cumulative folds along the middle dimension of a contiguous [outer, r, inner]. */
#include "kernels/table.h"
#include "parallel.h"
#include "reduce.h"

/* Units of work: a tile of columns of one outer index; with inner = 1 a group of outer indices. Along r the order is
 * kept, so nothing depends on the number of threads. */
int tg_scan(int scan, int dtype, int64_t outer, int64_t r, int64_t inner, const void *x, void *y, int64_t *at) {
    if (dtype != TG_F32 && dtype != TG_F64 && dtype != TG_I64) return TG_NO_KERNEL;
    if (outer == 0 || r == 0 || inner == 0) return TG_OK;
    const int argument = scan == TG_ARGMAX || scan == TG_ARGMIN;
    const int64_t z = tg_itemsize(dtype), rows = argument ? 1 : r;
    if (argument && inner == 1) {
        const int64_t group = 16384 / r + 16, groups = (outer + group - 1) / group;
        TG_PARALLEL_FOR(u, groups, (double)(r * group) * 0.2) {
            const int64_t first = u * group, k = outer - first < group ? outer - first : group;
            tg_k->arg_rows(scan, dtype, k, r, (const char *)x + first * r * z, (char *)y + first * z, at + first);
        }
        return TG_OK;
    }
    if (inner == 1 && (scan == TG_CUMSUM || scan == TG_CUMPROD)) {
        const int64_t group = 16384 / r + 4, groups = (outer + group - 1) / group;
        TG_PARALLEL_FOR(u, groups, (double)(r * group) * 0.5) {
            const int64_t first = u * group, k = outer - first < group ? outer - first : group;
            tg_k->cumulate_rows(scan, dtype, k, r, (const char *)x + first * r * z, (char *)y + first * r * z);
        }
        return TG_OK;
    }
    const int64_t width = inner < TG_REDUCE_TILE ? inner : TG_REDUCE_TILE, tiles = (inner + width - 1) / width;
    const int64_t total = outer * tiles, group = r * width < 4096 ? 4096 / (r * width) : 1;
    const int64_t units = (total + group - 1) / group;
    TG_PARALLEL_FOR(u, units, (double)(r * width * group)) {
        const int64_t last = (u + 1) * group < total ? (u + 1) * group : total;
        for (int64_t i = u * group; i < last; i++) {
            const int64_t o = i / tiles, j = i % tiles * width, w = inner - j < width ? inner - j : width;
            tg_k->scan_tile(scan, dtype, r, w, (const char *)x + (o * r * inner + j) * z, inner,
                            (char *)y + (o * rows * inner + j) * z, at ? at + o * rows * inner + j : 0);
        }
    }
    return TG_OK;
}
