/* avx512bf16.c: the register tile on pairs of bfloat16, for x86-64 with AVX512_BF16; the rest of that CPU's table is avx512.c.
 *
 * vdpbf16ps adds two products to each of 16 sums, first those of the upper halves, each with a rounding of its own, as fast as an
 * FMA adds one. So a pair holds its first step in the upper half, and the sums have the bits of the float32 tile's; but for
 * numbers below 2^-126, which are 0 here. The only intrinsic of the library: vector extensions have no such operation. */
#define TG_VEC_BYTES 64
#define TG_VEC_REGS 32
#include <immintrin.h>

#include "../simd/vec.h"
#include "../gemm/pack.h"
#include "../gemm/ukernel.h"

/* A pair travels as a float, which nothing computes with. */
typedef vf32 pairs;
TG_INLINE pairs pairs_load(const float *p) { return vf32_load(p); }
TG_INLINE void pairs_store(float *p, pairs v) { vf32_store(p, v); }
TG_INLINE pairs pairs_set(float x) { return (pairs)_mm512_set1_ps(x); }
TG_INLINE pairs pairs_positive(pairs x) { return vf32_positive(x); }
#define TG_PAIRS_PLUS(s, x, b) s = (vf32)_mm512_dpbf16_ps((__m512)(s), (__m512bh)(x), (__m512bh)(b))
TG_TILE_BODY(float, pairs, VF32, TG_PAIRS_PLUS)

/* All tiles have all rows: little time is lost, a tenth of the code is left. */
TG_TILE(pairs, 14, 1)
TG_TILE(pairs, 14, 2)
#define TG_PAIRS_TABLE(r) {tile_pairs_14x1, tile_pairs_14x2},
static tg_tile_fn *tiles_pairs[][2] = {TG_TILE_ROWS(TG_PAIRS_TABLE)};

typedef uint32_t bits __attribute__((may_alias));
typedef uint32_t bits8 __attribute__((vector_size(32), aligned(4), may_alias));

/* n pairs of x[i] and y[i], eight at a time, some of the last ones twice. */
TG_INLINE void join(int64_t n, bits *to, const bits *x, const bits *y) {
    if (n < 8)
        for (int64_t i = 0; i < n; i++) to[i] = x[i] | y[i] >> 16;
    else
        for (int64_t i = 0; i < n; i += 8) {
            const int64_t at = TG_BACK(i, 8, n);
            *(bits8 *)(to + at) = *(const bits8 *)(x + at) | *(const bits8 *)(y + at) >> 16;
        }
}

#define BLOCK 16
static void panel_pairs(int64_t k, int64_t lines, const void *from, int64_t ls, int64_t ks, int64_t width, void *to) {
    const bits *src = from;
    bits *dst = to;
    if (ls == 1) {
        for (int64_t p = 0; p < k; p++, src += 2 * ks, dst += width) {
            join(lines, dst, src, src + ks);
            for (int64_t l = lines; l < width; l++) dst[l] = 0;
        }
        return;
    }
    for (int64_t p = 0; p < k; p += BLOCK) {
        bits block[64][BLOCK];
        const int64_t steps = k - p < BLOCK ? k - p : BLOCK;
        for (int64_t l = 0; l < lines; l++)
            for (int64_t i = 0; i < steps; i++) block[l][i] = src[l * ls + 2 * (p + i)] | src[l * ls + 2 * (p + i) + 1] >> 16;
        panel_vf32(steps, lines, block, BLOCK, 1, width, dst + p * width);
    }
}

/* C's edges are float32: cpu.c lends that of avx512.c. */
tg_tiles tg_tiles_bf16 = {.size = sizeof(bits), .mr = TG_TILE_MR, .lanes = VF32, .nr = 2 * VF32, .kc = 256, .tile = tiles_pairs,
                          .whole = 1, .panel = panel_pairs};
