/* conv_weight_t.h: the weight gradient's kernels for elements T in vectors V of VL lanes; see ../conv_weight.c. */

/* out[r, v VL + i] += sum over (row, col) of x[off[r] + row * pitch + col] * g[row * cols + col, v VL + i], r < R.
 * The weight gradient with vectors over output channels: x is broadcast from the lattice, g is a panel of gy transposed
 * to [pixel, VN * VL]. The sum of one call starts at 0 in registers.
 *
 * Past versions, 5x5 on 50 x 1 x 28 x 28 -> 16, one core: vectors over pixels (conv_dot) 404 us; over channels with
 * broadcasts as 0 + x, an addition, 391; as plain broadcasts 287. */
TG_INLINE void NAME(outer_rows)(const int R, const int VN, int64_t rows, int64_t cols, int64_t pitch,
                                const T *restrict x, const int64_t *restrict off, const T *restrict g,
                                T *restrict out) {
    V acc[8][3];
    const T *p[8];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
        p[r] = x + off[r];
#pragma GCC unroll 3
        for (int v = 0; v < VN; v++) acc[r][v] = (V){0};
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = i * pitch; j < i * pitch + cols; j++, g += VN * VL) {
            V b0 = LOAD(g), b1 = VN > 1 ? LOAD(g + VL) : b0, b2 = VN > 2 ? LOAD(g + 2 * VL) : b0;
#pragma GCC unroll 8
            for (int r = 0; r < R; r++) {
                V s = SET(p[r][j]);
                acc[r][0] += s * b0;
                if (VN > 1) acc[r][1] += s * b1;
                if (VN > 2) acc[r][2] += s * b2;
            }
        }
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 3
        for (int v = 0; v < VN; v++) *(VU *)(out + (r * VN + v) * VL) += acc[r][v];
}

#define TG_OUTER(R)                                                                                 \
    if (vn == 1)                                                                                    \
        NAME(outer_rows)(R, 1, rows, cols, pitch, x, off, g, out);                                  \
    else if (vn == 2)                                                                               \
        NAME(outer_rows)(TG_VEC_REGS >= 32 || R < 8 ? R : 4, 2, rows, cols, pitch, x, off, g, out); \
    else                                                                                            \
        NAME(outer_rows)(TG_VEC_REGS >= 32 || R < 8 ? R : 4, 3, rows, cols, pitch, x, off, g, out)

/* All taps of one panel: out [k, vn * VL]. Eight taps at a time where the accumulators fit, then 4, 2, 1. */
static void NAME(conv_outer)(int64_t vn, int64_t k, int64_t rows, int64_t cols, int64_t pitch, const void *xv,
                             const int64_t *off, const void *gv, void *outv) {
    const T *x = xv, *g = gv;
    T *out = outv;
    while (k) {
        int64_t r = k >= 8 && (TG_VEC_REGS >= 32 || vn == 1) ? 8 : k >= 4 ? 4 : k >= 2 ? 2 : 1;
        switch (r) {
            case 8:
                TG_OUTER(8);
                break;
            case 4:
                TG_OUTER(4);
                break;
            case 2:
                TG_OUTER(2);
                break;
            default:
                TG_OUTER(1);
        }
        out += r * vn * VL;
        off += r;
        k -= r;
    }
}
#undef TG_OUTER

/* out[r, s, lane] += sum over (row, col) of g[r, row, col] * x[off[s] + row * pitch + col], r < R, s < S, col = lane
 * modulo VL. The weight gradient with vectors over pixels, for few output channels. Rows of g are padded to `padded` (a
 * multiple of VL) elements; the lanes of x beyond `cols` are masked, for 0 * inf is not 0. */
TG_INLINE void NAME(dot_rows)(const int R, const int S, int64_t rows, int64_t cols, int64_t padded, int64_t pitch,
                              const T *restrict x, const int64_t *restrict off, const T *restrict g, T *restrict out,
                              int64_t ldo) {
    V acc[4][6];
    const T *p[6];
    VI mask;
    for (int i = 0; i < VL; i++) mask[i] = padded - VL + i < cols ? -1 : 0;
#pragma GCC unroll 6
    for (int s = 0; s < S; s++) p[s] = x + off[s];
#pragma GCC unroll 4
    for (int r = 0; r < R; r++)
#pragma GCC unroll 6
        for (int s = 0; s < S; s++) acc[r][s] = LOAD(out + r * ldo + s * VL);
    for (int64_t i = 0; i < rows; i++) {
        const T *gr = g + i * padded;
        int64_t at = i * pitch, j = 0;
        for (; j < padded - VL; j += VL)
#pragma GCC unroll 6
            for (int s = 0; s < S; s++) {
                V b = LOAD(p[s] + at + j);
#pragma GCC unroll 4
                for (int r = 0; r < R; r++) acc[r][s] += LOAD(gr + r * rows * padded + j) * b;
            }
#pragma GCC unroll 6
        for (int s = 0; s < S; s++) {
            V b = (V)((VI)LOAD(p[s] + at + j) & mask);
#pragma GCC unroll 4
            for (int r = 0; r < R; r++) acc[r][s] += LOAD(gr + r * rows * padded + j) * b;
        }
    }
#pragma GCC unroll 4
    for (int r = 0; r < R; r++)
#pragma GCC unroll 6
        for (int s = 0; s < S; s++) *(VU *)(out + r * ldo + s * VL) = acc[r][s];
}

#define TG_DOT(R, S) \
    NAME(dot_rows)(R, S, rows, cols, padded, pitch, x, off + s, g + c * rows * padded, out + (c * k + s) * VL, k * VL)

/* out [channels, k, VL] += the products of all channels of g [channels, rows, padded] with all taps. */
static void NAME(conv_dot)(int64_t channels, int64_t k, int64_t rows, int64_t cols, int64_t padded, int64_t pitch,
                           const void *xv, const int64_t *off, const void *gv, void *outv) {
    const T *x = xv, *g = gv;
    T *out = outv;
    for (int64_t c = 0, r; c < channels; c += r) {
        r = channels - c >= 4 && TG_VEC_REGS >= 32 ? 4 : channels - c >= 2 ? 2 : 1;
        for (int64_t s = 0, n; s < k; s += n) {
            n = k - s >= 6 ? 6 : k - s >= 3 ? 3 : 1;
            if (r == 4) {
                if (n == 6)
                    TG_DOT(TG_VEC_REGS >= 32 ? 4 : 2, 6);
                else if (n == 3)
                    TG_DOT(4, 3);
                else
                    TG_DOT(4, 1);
            } else if (r == 2) {
                if (n == 6)
                    TG_DOT(2, 6);
                else if (n == 3)
                    TG_DOT(2, 3);
                else
                    TG_DOT(2, 1);
            } else if (n == 6)
                TG_DOT(1, 6);
            else if (n == 3)
                TG_DOT(1, 3);
            else
                TG_DOT(1, 1);
        }
    }
}
#undef TG_DOT

/* out [channels, rows, padded] = g's rows [channels, rows, cols] (channels ldg apart) with zeros behind each. */
static void NAME(conv_pad)(int64_t channels, int64_t rows, int64_t cols, int64_t padded, int64_t ldg, const void *gv,
                           void *outv) {
    T *out = outv;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t i = 0; i < rows; i++, out += padded) {
            const T *g = (const T *)gv + c * ldg + i * cols;
            for (int64_t j = 0; j < cols; j++) out[j] = g[j];
            for (int64_t j = cols; j < padded; j++) out[j] = 0;
        }
}

/* gw[m, k] for channels c0 .. of one group from `parts` partial sums, added in their order. Partial sums lie as [panel,
 * k, width] (panels of `width` channels, the last one narrower: its own width a multiple of VL), or as [m, k, VL]
 * lanes. */
static void NAME(conv_sum_outer)(int64_t parts, int64_t part, int64_t m, int64_t k, const void *pv, void *gwv,
                                 int64_t ldw) {
    const T *p = pv;
    T *gw = gwv;
    int64_t full = TG_CONV_NV * VL;
    for (int64_t r = 0; r < m; r += VL) {
        int64_t panel = r / full, rest = m - panel * full, width = rest >= full ? full : (rest + VL - 1) / VL * VL;
        int64_t lines = m - r < VL ? m - r : VL;
        const T *src = p + panel * full * k + r % full;
        for (int64_t i = 0; i < k; i += VL) {
            T sums[VL][VL]; /* of VL taps: rows of gw are written VL elements at a time */
            int64_t taps = k - i < VL ? k - i : VL;
            for (int64_t t = 0; t < taps; t++) {
                V sum = {0};
                for (int64_t b = 0; b < parts; b++) sum += LOAD(src + b * part + (i + t) * width);
                *(VU *)sums[t] = sum;
            }
            for (int64_t l = 0; l < lines; l++)
                for (int64_t t = 0; t < taps; t++) gw[(r + l) * ldw + i + t] = sums[t][l];
        }
    }
}

static void NAME(conv_sum_dot)(int64_t parts, int64_t part, int64_t m, int64_t k, const void *pv, void *gwv,
                               int64_t ldw) {
    const T *p = pv;
    T *gw = gwv;
    for (int64_t r = 0; r < m; r++)
        for (int64_t i = 0; i < k; i++) {
            V sum = {0};
            for (int64_t b = 0; b < parts; b++) sum += LOAD(p + b * part + (r * k + i) * VL);
            T lane[VL];
            *(VU *)lane = sum;
            for (int64_t w = VL / 2; w; w /= 2)
                for (int64_t j = 0; j < w; j++) lane[j] += lane[j + w];
            gw[r * ldw + i] = lane[0];
        }
}
