/* depthwise_t.h: one channel against one kernel, for elements T in vectors V of VL lanes; see ../depthwise.c.
 *
 * A row of the lattice that was loaded is used for all the rows of outputs that see it: R rows of outputs and KH rows of
 * taps need R + KH - 1 loads for R KH multiply-adds (with R = 4, KH = 3: 2 a load, which is as many as the loads, most of
 * them across two cache lines, allow). KH is a constant, for the sums must be registers.
 *
 * Past versions, 3x3 on 32 x 128 x 28 x 28, milliseconds of one core for each pass: tiles of conv.c with one row, 4.4; this
 * one 2.3; with lattices made by whole rows, and the weight gradient channel by channel of a block of images instead of
 * image by image of one channel (each plane another page), 1.7. */
#define TG_PLANE_ROWS 4

/* Outputs of R rows (cols apart) at columns at0 (and at1, where NV is 2); x is where tap (0, 0) of output (0, 0) is. */
TG_INLINE void NAME(plane_tile)(const int KH, const int R, const int NV, int64_t kw, int64_t dc, int64_t pitch,
                                const T *restrict x, const T *restrict w, T bias, int64_t at0, int64_t at1, int64_t cols,
                                T *restrict y) {
    V acc[TG_PLANE_ROWS][2];
    TG_UNROLL for (int r = 0; r < R; r++)
        TG_UNROLL for (int v = 0; v < NV; v++) acc[r][v] = SET(bias);
    for (int64_t j = 0; j < kw; j++) {
        V tap[7];
        TG_UNROLL for (int i = 0; i < KH; i++) tap[i] = SET(w[i * kw + j]);
        TG_UNROLL for (int l = 0; l < R + KH - 1; l++)
            TG_UNROLL for (int v = 0; v < NV; v++) {
                V b = LOAD(x + l * pitch + (v ? at1 : at0) + j * dc);
                TG_UNROLL for (int r = 0; r < R; r++)
                    if (l - r >= 0 && l - r < KH) acc[r][v] += tap[l - r] * b;
            }
    }
    TG_UNROLL for (int r = 0; r < R; r++)
        TG_UNROLL for (int v = 0; v < NV; v++) {
            if (cols >= VL)
                *(VU *)(y + r * cols + (v ? at1 : at0)) = acc[r][v];
            else {
                T lanes[VL];
                *(VU *)lanes = acc[r][v];
                NAME(copy_row)(y + r * cols, lanes, cols);
            }
        }
}

TG_INLINE void NAME(plane_rows)(const int KH, const int R, int64_t kw, int64_t dc, int64_t cols, int64_t pitch,
                                const T *x, const T *w, T bias, T *y) {
    int64_t at = 0, last = cols > VL ? cols - VL : 0; /* the last vector steps back */
    for (; at + VL < cols; at += 2 * VL)
        NAME(plane_tile)(KH, R, 2, kw, dc, pitch, x, w, bias, at, at + VL < last ? at + VL : last, cols, y);
    if (at < cols) NAME(plane_tile)(KH, R, 1, kw, dc, pitch, x, w, bias, at < last ? at : last, 0, cols, y);
}

TG_INLINE void NAME(plane_of)(const int KH, int64_t kw, int64_t dc, int64_t rows, int64_t cols, int64_t pitch,
                              const T *x, const T *w, T bias, T *y) {
    int64_t r = 0;
    for (; r + TG_PLANE_ROWS <= rows; r += TG_PLANE_ROWS)
        NAME(plane_rows)(KH, TG_PLANE_ROWS, kw, dc, cols, pitch, x + r * pitch, w, bias, y + r * cols);
    for (; r < rows; r++) NAME(plane_rows)(KH, 1, kw, dc, cols, pitch, x + r * pitch, w, bias, y + r * cols);
}

/* y [rows, cols] = bias + sum over i < kh, j < kw of w[i, j] * x[row + i, col + j dc], rows of x pitch apart. */
static void NAME(depthwise_plane)(int64_t kh, int64_t kw, int64_t dc, int64_t rows, int64_t cols, int64_t pitch,
                                  const void *x, const void *w, const void *bias, void *y) {
    T b = *(const T *)bias;
    switch (kh) {
        case 1:
            NAME(plane_of)(1, kw, dc, rows, cols, pitch, x, w, b, y);
            break;
        case 3:
            NAME(plane_of)(3, kw, dc, rows, cols, pitch, x, w, b, y);
            break;
        case 5:
            NAME(plane_of)(5, kw, dc, rows, cols, pitch, x, w, b, y);
            break;
        default:
            NAME(plane_of)(7, kw, dc, rows, cols, pitch, x, w, b, y);
    }
}

/* The sums of R rows of g against KH taps of column j; lanes of both that are not outputs are masked: 0 * inf is not 0. */
TG_INLINE void NAME(plane_dots)(const int KH, const int R, const int masked, int64_t cols, int64_t pitch,
                                const T *restrict x, const T *restrict g, VI mask, V *restrict acc) {
    V row[TG_PLANE_ROWS];
    TG_UNROLL for (int r = 0; r < R; r++) {
        row[r] = LOAD(g + r * cols);
        if (masked) row[r] = (V)((VI)row[r] & mask);
    }
    TG_UNROLL for (int l = 0; l < R + KH - 1; l++) {
        V b = LOAD(x + l * pitch);
        if (masked) b = (V)((VI)b & mask);
        TG_UNROLL for (int r = 0; r < R; r++)
            if (l - r >= 0 && l - r < KH) acc[l - r] += row[r] * b;
    }
}

TG_INLINE void NAME(plane_column)(const int KH, const int masked, int64_t rows, int64_t cols, int64_t pitch,
                                  const T *restrict x, const T *restrict g, VI mask, T *restrict sums, int64_t lds) {
    V acc[7];
    TG_UNROLL for (int i = 0; i < KH; i++) acc[i] = LOAD(sums + i * lds);
    int64_t r = 0;
    for (; r + TG_PLANE_ROWS <= rows; r += TG_PLANE_ROWS)
        NAME(plane_dots)(KH, TG_PLANE_ROWS, masked, cols, pitch, x + r * pitch, g + r * cols, mask, acc);
    for (; r < rows; r++) NAME(plane_dots)(KH, 1, masked, cols, pitch, x + r * pitch, g + r * cols, mask, acc);
    TG_UNROLL for (int i = 0; i < KH; i++) *(VU *)(sums + i * lds) = acc[i];
}

TG_INLINE void NAME(plane_sums)(const int KH, int64_t kw, int64_t dc, int64_t rows, int64_t cols, int64_t pitch,
                                const T *x, const T *g, T *sums) {
    VI mask = NAME(below)(cols % VL);
    for (int64_t j = 0; j < kw; j++) {
        int64_t at = 0;
        for (; at + VL <= cols; at += VL)
            NAME(plane_column)(KH, 0, rows, cols, pitch, x + at + j * dc, g + at, mask, sums + j * VL, kw * VL);
        if (at < cols)
            NAME(plane_column)(KH, 1, rows, cols, pitch, x + at + j * dc, g + at, mask, sums + j * VL, kw * VL);
    }
}

/* sums [kh, kw, VL] += g[row, col] * x[row + i, col + j dc], col = lane modulo VL. Reads a vector behind g's last row. */
static void NAME(depthwise_sums)(int64_t kh, int64_t kw, int64_t dc, int64_t rows, int64_t cols, int64_t pitch,
                                 const void *x, const void *g, void *sums) {
    switch (kh) {
        case 1:
            NAME(plane_sums)(1, kw, dc, rows, cols, pitch, x, g, sums);
            break;
        case 3:
            NAME(plane_sums)(3, kw, dc, rows, cols, pitch, x, g, sums);
            break;
        case 5:
            NAME(plane_sums)(5, kw, dc, rows, cols, pitch, x, g, sums);
            break;
        default:
            NAME(plane_sums)(7, kw, dc, rows, cols, pitch, x, g, sums);
    }
}
