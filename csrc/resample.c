/* resample.c: one dimension of a tensor read at weighted places. Interpolation along a dimension is this with a table of
 * taps; its gradient is this with the transposed table. */
#include "parallel.h"
#include "real.h"

#define TAP_NS 0.3
#define ROW_BLOCK 64 /* rows of a task where the last dimension is resampled */

int tg_resample(int dtype, int64_t outer, int64_t n, int64_t m, int64_t inner, const int64_t *start, const int64_t *place,
                const void *weight, const void *x, void *y) {
    if (outer * m * inner == 0) return TG_OK;
    const double taps = (double)start[m] * TAP_NS;
    if (inner == 1) {
        const int64_t blocks = (outer + ROW_BLOCK - 1) / ROW_BLOCK;
        TG_PARALLEL_FOR(b, blocks, taps * 4 * ROW_BLOCK) {
            const int64_t o = b * ROW_BLOCK;
            TG_REAL_CALL(dtype, resample_row, tg_least(ROW_BLOCK, outer - o), n, m, start, place, weight,
                         tg_at(dtype, x, o * n), tg_at(dtype, y, o * m));
        }
    } else {
        TG_PARALLEL_FOR(o, outer, taps * (double)inner)
        TG_REAL_CALL(dtype, resample_plane, m, inner, start, place, weight, tg_at(dtype, x, o * n * inner),
                     tg_at(dtype, y, o * m * inner));
    }
    return TG_OK;
}
