/* tile.h: what an instruction set tells the five loops about its register tile (the tile itself: ukernel.h). */
#ifndef TG_TILE_H
#define TG_TILE_H

#include <stdint.h>

/* What happens to the sums at the end of a tile, in this order. */
enum tg_tile_flags {
    TG_TILE_ADD = 1,          /* c + sum: an earlier block of k is in c, or the caller accumulates */
    TG_TILE_BIAS_COLUMN = 2,  /* + bias[j] */
    TG_TILE_BIAS_ROW = 4,     /* + bias[i] */
    TG_TILE_RELU = 8,         /* max(., 0), NaN stays */
};

#define TG_TILE_MAX 4096  /* bytes of the largest tile: 14 x 32 floats = 1792 */

/* c[i][j] = sum over p of a[i * als + p * aks] * b[p * bks + j] for the rows and vectors of this tile; c has unit
 * column stride, strides count elements. */
typedef void tg_tile_fn(int64_t k, const void *a, int64_t als, int64_t aks, const void *b, int64_t bks, void *c,
                        int64_t rs, int flags, const void *bias);
/* The same for mr rows of two vectors; B is also written to a panel, [k][nr]. */
typedef void tg_tile_copy_fn(int64_t k, const void *a, int64_t als, int64_t aks, const void *b, int64_t bks, void *c,
                             int64_t rs, int flags, const void *bias, void *panel);
typedef void tg_tile_edge_fn(int64_t r, int64_t w, const void *tile, int64_t width, void *c, int64_t rs, int64_t cs,
                             int flags, const void *bias);
/* dst[p][l] = src[l * ls + p * ks] for p < k, l < lines, and 0 for lines <= l < width: a panel as the tile reads it. */
typedef void tg_panel_fn(int64_t k, int64_t lines, const void *src, int64_t ls, int64_t ks, int64_t width, void *dst);

/* y = x @ b for a vector x of k elements and n lines of b, with unit stride along the steps or along the lines. */
typedef void tg_lines_fn(int64_t k, int64_t n, const void *x, const void *b, int64_t ls, void *y);
typedef void tg_steps_fn(int64_t k, int64_t n, const void *x, int64_t xs, const void *b, int64_t ks, void *y);

/* c[i][j] = sum over p of a[i * als + p * aks] * b[p * bks + j] for n <= TG_SMALL columns, the chain of a tile without one. */
#define TG_SMALL 16
typedef void tg_small_fn(int64_t m, int64_t n, int64_t k, const void *a, int64_t als, int64_t aks, const void *b,
                         int64_t bks, void *c, int64_t rs);

typedef struct tg_tiles {
    int size;              /* bytes of an element */
    int mr, lanes, nr;     /* rows of the tile, elements of a vector, columns of the tile (2 vectors) */
    int64_t kc;            /* longest chain of FMAs before sums go to C; the bits of a result depend on it */
    tg_tile_fn *(*tile)[2];  /* [rows - 1][vectors - 1] */
    tg_tile_copy_fn *tile_copy;
    tg_tile_edge_fn *edge;
    tg_panel_fn *panel;
    tg_lines_fn *lines_of;
    tg_steps_fn *steps_of;
    tg_small_fn *small;
    int whole;  /* every tile makes mr rows: where that is too many, in a place of its own, and `edge` takes what counts */
} tg_tiles;

#endif
