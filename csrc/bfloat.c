/* bfloat.c: x = a x + b y or x / a, rounded to bfloat16 and kept as float32: what Muon's iteration does between its products.
 *
 * One pass over x and y. A strip goes through the kernels of the single operations while it is in the first cache, so each
 * operation rounds as it does alone (a fused one would not) and no temporary is longer than a strip. */
#include "kernels/table.h"
#include "parallel.h"

#define BLOCK 16384
#define STRIP 1024

static void run_strip(int64_t n, float *x, int map, float a, float b, const float *y) {
    float scaled[STRIP] __attribute__((aligned(64)));
    char half[2 * STRIP] __attribute__((aligned(64)));
    tg_k->arithmetic_f32(map, 1, n, x, n, x, n, 1, &a, 0, 0);
    if (y) {
        tg_k->arithmetic_f32(TG_MAP_mul, 1, n, scaled, n, y, n, 1, &b, 0, 0);
        tg_k->arithmetic_f32(TG_MAP_add, 1, n, x, n, x, n, 1, scaled, n, 1);
    }
    tg_k->convert(n, half, TG_BF16, (char *)x, TG_F32);
    tg_k->convert(n, (char *)x, TG_F32, half, TG_BF16);
}

int tg_bfloat(int64_t n, float *x, int divide, double a, double b, const float *y) {
    TG_PARALLEL_FOR(block, (n + BLOCK - 1) / BLOCK, 0.4 * BLOCK) {
        const int64_t end = (block + 1) * BLOCK < n ? (block + 1) * BLOCK : n;
        for (int64_t at = block * BLOCK; at < end; at += STRIP)
            run_strip(end - at < STRIP ? end - at : STRIP, x + at, divide ? TG_MAP_div : TG_MAP_mul, (float)a, (float)b, y ? y + at : NULL);
    }
    return TG_OK;
}
