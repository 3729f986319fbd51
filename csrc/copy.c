/* copy.c: tg_copy and the copy of one tile, the step in which strides and dtypes are dealt with. */
#include <string.h>

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "strided.h"

/* Lines of which the last element comes first (flips): loops of known steps, which become vectors where elements are wide. 64 x 3 x
 * 224 x 224 floats mirrored: 7.9 -> 5.4 ms; bytes are better off in `move`. */
#define REVERSED(T)                                                                                    \
    for (int64_t i = 0; i < rows; i++) {                                                               \
        T *restrict to = (T *)(d->data + i * d->row);                                                  \
        const T *restrict from = (const T *)(s->data + i * s->row) - (cols - 1);                       \
        for (int64_t j = 0; j < cols; j++) to[j] = from[cols - 1 - j];                                 \
    }

static void reverse(int64_t size, int64_t rows, int64_t cols, const tg_lattice *d, const tg_lattice *s) {
    if (size == 4) {
        REVERSED(uint32_t)
    } else {
        REVERSED(uint64_t)
    }
}

void tg_copy_tile(int64_t rows, int64_t cols, const tg_lattice *d, const tg_lattice *s) {
    const int64_t dz = tg_itemsize(d->dtype), sz = tg_itemsize(s->dtype);
    if (d->dtype == s->dtype && dz >= 4 && d->col == dz && s->col == -sz) {
        reverse(dz, rows, cols, d, s);
        return;
    }
    if (d->dtype == s->dtype) {
        tg_k->move(dz, rows, cols, d->data, d->row, d->col, s->data, s->row, s->col);
        return;
    }
    if (d->col == dz && s->col == sz) {
        if (d->row == cols * dz && s->row == cols * sz) cols *= rows, rows = 1;
        for (int64_t i = 0; i < rows; i++) tg_k->convert(cols, d->data + i * d->row, d->dtype, s->data + i * s->row, s->dtype);
        return;
    }
    /* Dense on the way in and on the way out; a tile is gathered, converted and scattered in pieces of TG_TILE. */
    char in[TG_TILE * 8] __attribute__((aligned(64))), out[TG_TILE * 8] __attribute__((aligned(64)));
    const int64_t height = rows < TG_ACROSS ? rows : TG_ACROSS, width = TG_TILE / height;
    for (int64_t i = 0; i < rows; i += height)
        for (int64_t j = 0; j < cols; j += width) {
            const int64_t r = rows - i < height ? rows - i : height, c = cols - j < width ? cols - j : width;
            tg_k->move(sz, r, c, in, c * sz, sz, s->data + i * s->row + j * s->col, s->row, s->col);
            tg_k->convert(r * c, out, d->dtype, in, s->dtype);
            tg_k->move(dz, r, c, d->data + i * d->row + j * d->col, d->row, d->col, out, c * dz, dz);
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
                         &(tg_lattice){tile.data[0], dst->dtype, plan.strides[0][outer], plan.strides[0][inner]},
                         &(tg_lattice){tile.data[1], src->dtype, plan.strides[1][outer], plan.strides[1][inner]});
    }
    return TG_OK;
}

#define JOIN_BLOCK 65536

/* Pieces of about JOIN_BLOCK bytes, each some rows of a part or a piece of a row of it. One region for all parts: a copy of each of
 * 8 parts of 128 x 1024 floats took 76 us, this 66. */
int tg_join(int64_t outer, int n, const char *const *parts, const int64_t *widths, char *y) {
    int64_t *first = tg_scratch((size_t)(2 * n + 1) * sizeof(int64_t)), *offset = first + n + 1, total = 0;
    if (!first) return TG_NO_MEMORY;
    first[0] = 0;
    for (int i = 0; i < n; i++) {
        const int64_t w = widths[i], rows = w && w < JOIN_BLOCK ? JOIN_BLOCK / w : 1, cuts = (w + JOIN_BLOCK - 1) / JOIN_BLOCK;
        first[i + 1] = first[i] + (outer + rows - 1) / rows * cuts;
        offset[i] = total;
        total += w;
    }
    TG_PARALLEL_FOR(u, first[n], JOIN_BLOCK * 0.03) {
        int i = 0;
        while (first[i + 1] <= u) i++;
        const int64_t w = widths[i], rows = w < JOIN_BLOCK ? JOIN_BLOCK / w : 1, cuts = (w + JOIN_BLOCK - 1) / JOIN_BLOCK;
        const int64_t r = (u - first[i]) / cuts * rows, c = (u - first[i]) % cuts * JOIN_BLOCK;
        const int64_t size = w - c < JOIN_BLOCK ? w - c : JOIN_BLOCK, end = r + rows < outer ? r + rows : outer;
        if (w == total)
            memcpy(y + r * w + c, parts[i] + r * w + c, (size_t)(cuts > 1 ? size : (end - r) * w));
        else
            for (int64_t k = r; k < end; k++) memcpy(y + k * total + offset[i] + c, parts[i] + k * w + c, (size_t)size);
    }
    tg_scratch_free(first);
    return TG_OK;
}

#define ZERO_BLOCK 131072

void tg_zero(void *p, int64_t nbytes) {
    TG_PARALLEL_FOR(b, (nbytes + ZERO_BLOCK - 1) / ZERO_BLOCK, ZERO_BLOCK * 0.03) {
        const int64_t at = b * ZERO_BLOCK;
        memset((char *)p + at, 0, (size_t)(nbytes - at < ZERO_BLOCK ? nbytes - at : ZERO_BLOCK));
    }
}
