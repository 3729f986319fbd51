/* conv.h: how conv.c, conv_weight.c and kernels/conv_t.h see a convolution: a *correlation* whose taps have any
 * offsets.
 *
 *     y[n, m, t] = b[m] + sum over c, k of x[n, c, t * stride + off[k]] * w[m, c, k]
 *
 * Forward is one correlation (off[k] = k * dilation - pad). The input gradient is one correlation of gy with the
 * transposed weights for each residue of the input index modulo the stride (stride 1, the taps of that residue, results
 * `step` apart).
 *
 * The *lattice* of a block of outputs is a copy of the piece of x that they see, with zeros where the window hangs over
 * the edge, split into one plane a residue of the index modulo the stride. In it every tap is a shifted plane: moving
 * by one output moves by one element, whatever the stride and dilation. So the k-th row of the matrix that im2col would
 * build is lattice + off[k], read in place, and a register tile runs over it without packing. */
#ifndef TG_CONV_H
#define TG_CONV_H

#include "tensorgrad.h"

/* One spatial dimension of a correlation. */
typedef struct tg_axis {
    int64_t in, out, stride, taps;
    int64_t *off;              /* [taps] input index = output index * stride + off[tap], ascending or descending */
    int64_t *index;            /* [taps] the tap's index in the weights */
    int64_t first, step, full; /* output t is element first + t * step of `full` in memory */
    int64_t phases;            /* residues of off modulo stride that occur: tap k has that of tap k % phases */
    int64_t base, span;        /* smallest floor(off / stride); largest minus smallest */
} tg_axis;

typedef struct tg_corr {
    tg_axis axis[3];
    int64_t n, groups, m, c;           /* channels of one group */
    int64_t taps, k;                   /* taps of all axes, c * taps */
    int64_t w_group, w_row, w_channel; /* strides of the weights */
    int64_t x_plane, y_plane;          /* elements of one channel */
} tg_corr;

/* Geometry of the lattice of `rows` rows of outputs at one depth: planes of [depth, height, pitch], one a residue. */
typedef struct tg_conv_lattice {
    int64_t rows, depth, height, pitch;
    int64_t plane;   /* depth * height * pitch */
    int64_t channel; /* plane * residues: elements of one channel */
} tg_conv_lattice;

/* A run of `len` outputs of one row. */
typedef struct tg_run {
    int64_t n, o0, o1, o2, len;
} tg_run;

/* Where the nv vectors of a tile read the lattice: lane l of vector v is output start + v * lanes + l of the block, at
 * at[v] + l, plus a jump to the lattice's next row from lane first[v] on, and another one from second[v] on. pieces: so
 * many rows does one vector join at most. */
typedef struct tg_tile_at {
    int64_t nv, pieces, start, at[3], first[3], second[3];
} tg_tile_at;

/* The kernels of one dtype (kernels/conv_t.h), and the sizes they fix. */
typedef struct tg_conv_kernels {
    int64_t mr, nr, lanes; /* the register tile: mr output channels x nr pixels; elements of a vector */
    void (*lattice)(const tg_corr *q, const tg_conv_lattice *g, int64_t od, int64_t row, int64_t rows, int64_t channels,
                    const void *x, void *out);
    void (*gather)(const tg_corr *q, const tg_run *runs, int64_t n_runs, int64_t k0, int64_t kn, int64_t x_image,
                   const void *x, int64_t pitch, void *out);
    void (*pack)(const tg_corr *q, int64_t mr, const void *w, void *out);
    void (*tile)(const tg_tile_at *t, int64_t mr, int64_t k, const void *a, const void *b, const int64_t *off,
                 int64_t jump, const void *bias, void *c, int64_t ldc);
    void (*merge)(int64_t step, int64_t n, const void *from, int64_t ld, void *to);
    void (*spread)(int64_t taps, const int64_t *off, int64_t rows, int64_t cols, int64_t pitch, const void *col,
                   void *acc);
    void (*collect)(const tg_corr *q, const tg_conv_lattice *g, const void *lattice, const void *start, void *x);
    void (*outer)(int64_t vn, int64_t k, int64_t rows, int64_t cols, int64_t pitch, const void *x, const int64_t *off,
                  const void *g, void *out);
    void (*dot)(int64_t channels, int64_t k, int64_t rows, int64_t cols, int64_t padded, int64_t pitch, const void *x,
                const int64_t *off, const void *g, void *out);
    void (*pad)(int64_t channels, int64_t rows, int64_t cols, int64_t padded, int64_t ldg, const void *g, void *out);
    void (*sum_outer)(int64_t parts, int64_t part, int64_t m, int64_t k, const void *p, void *gw, int64_t ldw);
    void (*sum_dot)(int64_t parts, int64_t part, int64_t m, int64_t k, const void *p, void *gw, int64_t ldw);
    void (*scatter)(const tg_corr *q, const void *col, void *x);
    void (*plane)(int64_t kh, int64_t kw, int64_t dc, int64_t rows, int64_t cols, int64_t pitch, const void *x,
                  const void *w, const void *bias, void *y);
    void (*sums)(int64_t kh, int64_t kw, int64_t dc, int64_t rows, int64_t cols, int64_t pitch, const void *x,
                 const void *g, void *sums);
} tg_conv_kernels;

static inline int64_t tg_floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static inline int64_t tg_modulo(int64_t a, int64_t b) { return a % b < 0 ? a % b + b : a % b; }

static inline int64_t tg_axis_pos(const tg_axis *a, int64_t tap) {
    return tg_floor_div(a->off[tap], a->stride) - a->base;
}

/* conv.c: what tg_conv_force said; whether a correlation, or its weight gradient, goes to winograd.c. */
int tg_conv_forced(void);
int tg_conv_takes_winograd(int dtype, const tg_corr *q);
/* correlation.c: memory for the taps of any correlation that s gives, to be freed by the caller; or NULL. */
int64_t *tg_corr_memory(const tg_conv *s);
/* The correlations that make the input gradient for the inputs first[d] + t * stride[d]; along a row those of the
 * residues first[2] .. first[2] + count, which share one lattice. */
void tg_corr_input(const tg_conv *s, const int64_t first[3], int64_t count, int64_t *memory, tg_corr *q);
/* The correlation that is the forward pass; the caller frees *memory. TG_NO_MEMORY or TG_OK. */
int tg_corr_forward(const tg_conv *s, tg_corr *q, void **memory);
/* The lattice of `rows` rows, and off[k] for k = (channel, tap) of `channels` channels. */
tg_conv_lattice tg_conv_lattice_of(const tg_corr *q, int64_t rows);
void tg_conv_lattice_offsets(const tg_corr *q, const tg_conv_lattice *l, int64_t channels, int64_t *off);
/* Whether no output sees anything but the image, element by element; then the image is a lattice as it lies in memory. */
int tg_corr_inside(const tg_corr *q);
tg_conv_lattice tg_conv_lattice_image(const tg_corr *q, int64_t rows);
/* Rows of a block so that the lattice of `channels` channels takes about `bytes`; 0 when even one row takes far too
 * much. */
int64_t tg_conv_lattice_rows(const tg_corr *q, int64_t channels, int64_t itemsize, int64_t bytes);
/* conv.c: cuts `rows` rows of `cols` outputs, which follow each other in the result, into tiles; answers how many, or 0
 * when a vector sees more rows than a tile can join. tiles and vectors (so many of each number of pieces) may be NULL. */
int64_t tg_conv_cut(const tg_conv_kernels *kernel, int64_t rows, int64_t cols, int64_t pitch, tg_tile_at *tiles,
                    int64_t *vectors);
/* depthwise.c: whether it can take a correlation or its weight gradient, and those. */
int tg_depthwise_fits(int dtype, const tg_corr *q);
int tg_depthwise(int dtype, const tg_corr *q, const void *x, const void *w, const void *bias, void *y);
int tg_depthwise_weight(int dtype, const tg_corr *q, const void *x, const void *gy, void *gw);
/* conv_product.c: whether the kernel is as large as the image, so that all three are matrix products, and those. */
int tg_conv_is_product(const tg_conv *s);
int tg_conv_product(int dtype, const tg_conv *s, const void *x, const void *w, const void *b, void *y);
int tg_conv_product_input(int dtype, const tg_conv *s, const void *gy, const void *w, void *gx);
int tg_conv_product_weight(int dtype, const tg_conv *s, const void *x, const void *gy, void *gw);
/* conv_spread.c: whether the input gradient is cheaper through columns than as correlations, and that. */
int tg_conv_spreads(int dtype, const tg_conv *s);
int tg_conv_spread(int dtype, const tg_conv *s, const void *gy, const void *w, const void *b, void *gx);
/* Cuts the outputs p .. p + len of all images into runs; answers how many. */
int64_t tg_runs(const tg_corr *q, int64_t p, int64_t len, tg_run *runs);

#endif
