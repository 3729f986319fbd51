/* strided.h: how elementwise drivers walk several strided views at once: a plan cuts the common shape into tiles of
 * rows x cols, small enough that a dense copy of each operand's tile stays in the first-level cache. */
#ifndef TG_STRIDED_H
#define TG_STRIDED_H

#include "tensorgrad.h"

#define TG_MAX_OPERANDS 5   /* the output and up to four inputs */
#define TG_TILE 1024        /* elements that are buffered together */
#define TG_ACROSS 16        /* rows of a tile where some operand is transposed: a cache line of its floats */
#define TG_CHUNK 16384      /* elements a thread takes at a time */

/* Operand 0 is the output. The last dimension is a tile's columns, the one before its rows; size-1 dimensions are gone,
 * adjacent ones that every operand walks as one are merged, and there are always two. Strides are in bytes. */
typedef struct tg_plan {
    int operands, ndim;
    int64_t shape[TG_MAX_DIMS + 2];
    int64_t strides[TG_MAX_OPERANDS][TG_MAX_DIMS + 2];
    char *data[TG_MAX_OPERANDS];
    int64_t rows, cols;          /* of a tile; the last ones of a row or column of tiles may be smaller */
    int64_t tiles[TG_MAX_DIMS + 2];  /* tiles along each dimension */
    int64_t count;               /* tiles in all */
} tg_plan;

/* A place in the walk: the tile's index along each dimension. */
typedef struct tg_tile {
    int64_t index[TG_MAX_DIMS + 2];
    int64_t rows, cols;
    char *data[TG_MAX_OPERANDS];
} tg_tile;

/* views[0] has the full shape, the others are broadcast to it. A tile has at most `limit` columns (TG_ACROSS rows and
 * limit / TG_ACROSS columns where some operand runs across the grain of the others), and TG_CHUNK elements. */
void tg_plan_make(tg_plan *plan, int operands, const tg_view *const *views, int64_t limit);
void tg_plan_seek(const tg_plan *plan, int64_t i, tg_tile *tile);
void tg_plan_next(const tg_plan *plan, tg_tile *tile);

/* One tile from memory to memory: strides in bytes, any two dtypes. */
typedef struct tg_lattice {
    char *data;
    int dtype;
    int64_t row, col;
} tg_lattice;

void tg_copy_tile(int64_t rows, int64_t cols, const tg_lattice *dst, const tg_lattice *src);

#endif
