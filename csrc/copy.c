/* copy.c: tg_copy and the copy of one tile, the step in which strides and dtypes are dealt with. */
#include <string.h>

#include "kernels/table.h"
#include "parallel.h"
#include "strided.h"

/* Elements of one size from lattice to lattice. Rows that are dense on both sides go through memcpy; a column stride of
 * the source that is larger than its row stride (a transpose) is walked along the source's rows, whose lines are the
 * further apart ones. */
#define MOVE(T) \
    static void move_##T(int64_t rows, int64_t cols, char *d, int64_t dr, int64_t dc, const char *s, int64_t sr, int64_t sc) { \
        const int64_t z = sizeof(T); \
        for (int64_t i = 0; i < rows; i++, d += dr, s += sr) { \
            if (dc == z && sc == z && cols > 16) \
                memcpy(d, s, (size_t)(cols * z)); \
            else if (dc == z && sc == z) \
                for (int64_t j = 0; j < cols; j++) ((T *)d)[j] = ((const T *)s)[j]; \
            else if (dc == z && sc == 0) { \
                const T value = *(const T *)s; \
                for (int64_t j = 0; j < cols; j++) ((T *)d)[j] = value; \
            } else if (dc == z) \
                for (int64_t j = 0; j < cols; j++) ((T *)d)[j] = *(const T *)(s + j * sc); \
            else \
                for (int64_t j = 0; j < cols; j++) *(T *)(d + j * dc) = *(const T *)(s + j * sc); \
        } \
    }
MOVE(uint8_t)
MOVE(uint16_t)
MOVE(uint32_t)
MOVE(uint64_t)

static void move(int64_t size, int64_t rows, int64_t cols, tg_lattice d, tg_lattice s) {
    if (rows > 1 && d.row == cols * d.col && s.row == cols * s.col) cols *= rows, rows = 1;
    switch (size) {
        case 1: move_uint8_t(rows, cols, d.data, d.row, d.col, s.data, s.row, s.col); break;
        case 2: move_uint16_t(rows, cols, d.data, d.row, d.col, s.data, s.row, s.col); break;
        case 4: move_uint32_t(rows, cols, d.data, d.row, d.col, s.data, s.row, s.col); break;
        default: move_uint64_t(rows, cols, d.data, d.row, d.col, s.data, s.row, s.col);
    }
}

void tg_copy_tile(int64_t rows, int64_t cols, tg_lattice d, tg_lattice s) {
    const int64_t dz = tg_itemsize(d.dtype), sz = tg_itemsize(s.dtype);
    if (d.dtype == s.dtype) {
        move(dz, rows, cols, d, s);
        return;
    }
    if (d.col == dz && s.col == sz) {
        if (d.row == cols * dz && s.row == cols * sz) cols *= rows, rows = 1;
        for (int64_t i = 0; i < rows; i++) tg_k->convert(cols, d.data + i * d.row, d.dtype, s.data + i * s.row, s.dtype);
        return;
    }
    /* Dense on the way in and on the way out; a tile is gathered, converted and scattered in pieces of TG_TILE. */
    char in[TG_TILE * 8] __attribute__((aligned(64))), out[TG_TILE * 8] __attribute__((aligned(64)));
    const int64_t width = cols < TG_TILE ? cols : TG_TILE, height = TG_TILE / width;
    for (int64_t i = 0; i < rows; i += height)
        for (int64_t j = 0; j < cols; j += width) {
            const int64_t r = rows - i < height ? rows - i : height, c = cols - j < width ? cols - j : width;
            move(sz, r, c, (tg_lattice){in, s.dtype, c * sz, sz}, (tg_lattice){s.data + i * s.row + j * s.col, s.dtype, s.row, s.col});
            tg_k->convert(r * c, out, d.dtype, in, s.dtype);
            move(dz, r, c, (tg_lattice){d.data + i * d.row + j * d.col, d.dtype, d.row, d.col}, (tg_lattice){out, d.dtype, c * dz, dz});
        }
}

int tg_copy(const tg_view *dst, const tg_view *src) {
    const tg_view *const views[] = {dst, src};
    tg_plan plan;
    tg_plan_make(&plan, 2, views, TG_CHUNK);
    if (!plan.count) return TG_OK;
    const int inner = plan.ndim - 1, outer = plan.ndim - 2;
    const int64_t elements = plan.rows * plan.cols, together = elements < TG_CHUNK ? TG_CHUNK / elements : 1;
    const int64_t chunks = (plan.count + together - 1) / together;
    TG_PARALLEL_FOR(chunk, chunks, 0.25 * (double)(elements * together)) {
        tg_tile tile;
        const int64_t first = chunk * together, last = first + together < plan.count ? first + together : plan.count;
        tg_plan_seek(&plan, first, &tile);
        for (int64_t i = first; i < last; i++, tg_plan_next(&plan, &tile))
            tg_copy_tile(tile.rows, tile.cols,
                         (tg_lattice){tile.data[0], dst->dtype, plan.strides[0][outer], plan.strides[0][inner]},
                         (tg_lattice){tile.data[1], src->dtype, plan.strides[1][outer], plan.strides[1][inner]});
    }
    return TG_OK;
}
