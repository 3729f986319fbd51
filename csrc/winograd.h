/* winograd.h: convolution with 3 x 3 kernels by Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray, 2016), and
 * with 5 x 5 kernels by F(2 x 2, 5 x 5).
 *
 * A tile of 4 x 4 outputs and the 6 x 6 inputs d that it sees:  y = A' [(G w G') o (B' d B)] A, where ' transposes and o
 * multiplies element by element: 36 multiplications instead of 144. Summed over channels, o is 36 products of matrices.
 * The same matrices give the weight gradient: gw = G' [(B' d B) o (A gy A')] G, summed over tiles.
 *
 * The matrices are Toom and Cook's for the points 0, a, -a, b, -b and infinity; a = 2/3 and b = 3/2 round half as much
 * as the usual 1 and 2 (docs/architecture.md has the figures). With ab = 1 and s = a^2 + b^2:
 *
 *          1   0     -s   0   1  0          1   0   0    0           1     0      0
 *          0  -b    -b^2  a   1  0          1   a   a^2  a^3         na    na a   na a^2        na = 1 / (2 a^2 (a^2 - b^2))
 *     B' = 0   b    -b^2 -a   1  0      A = 1  -a   a^2 -a^3     G = na   -na a   na a^2        nb = 1 / (2 b^2 (b^2 - a^2))
 *          0  -a    -a^2  b   1  0          1   b   b^2  b^3         nb    nb b   nb b^2
 *          0   a    -a^2 -b   1  0          1  -b   b^2 -b^3         nb   -nb b   nb b^2
 *          0   1     0   -s   0  1          0   0   0    1           0     0      1
 *
 * A tile of 2 x 2 outputs of a 5 x 5 kernel sees 6 x 6 inputs, too, and needs 36 multiplications instead of 100. The points
 * and B are the same; A loses columns 2 and 3, its last row is 0 1, and G gains the third and fourth powers of the points
 * (its last row: 0 0 0 0 1).
 */
#ifndef TG_WINOGRAD_H
#define TG_WINOGRAD_H

#include "conv.h"

#define TG_WINO_IN 6    /* a tile sees 6 x 6 inputs, */
#define TG_WINO_AREA 36 /* which are as many products of matrices */

/* Images of channels [h, w], cut into tiles that start `step` apart at (top, left), 4 for 3 x 3 kernels and 2 for 5 x 5;
 * what lies outside is 0. */
typedef struct tg_wino_images {
    int64_t channels, h, w, step;
    int64_t top, left;
    int64_t rows, cols; /* tiles of an image; tile t is number t % cols of row t / cols % rows of image t / (rows cols) */
} tg_wino_images;

/* A buffer of transformed tiles: element f (of 36) of channel c of tile t is at f * plane + t * pitch + c. */
typedef struct tg_wino_buffer {
    float *data;
    int64_t plane, pitch;
} tg_wino_buffer;

/* Whether these can take a correlation or its weight gradient, one group at a time (the pointers are its first channel's),
 * and whether they are the fastest that can. */
int tg_winograd_fits(int dtype, const tg_corr *q);
int tg_winograd_pays(const tg_corr *q);
int tg_winograd(const tg_corr *q, const void *x, const void *w, const void *b, void *y);
int tg_winograd_weight(const tg_corr *q, const void *x, const void *gy, void *gw);

#endif
