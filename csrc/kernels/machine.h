/* machine.h: the two limits of the machine that benchmarks compare with: multiply-adds and memory. */
#ifndef TG_MACHINE_H
#define TG_MACHINE_H

#include "../simd/vec.h"

/* Multiply-adds that do not wait for each other: latency times issue width is 8 to 16 everywhere, the rest of the
 * registers (less the two constants) is for machines to come. */
#define FMA_CHAINS (TG_VEC_REGS - 4)

/* `rounds` times FMA_CHAINS vector multiply-adds that touch no memory; answers the number of floating-point operations,
 * and in *sum something that depends on all of them. */
static double fma_chains(int64_t rounds, float *sum) {
    vf32 acc[FMA_CHAINS], m = vf32_set(0.5f), c = vf32_set(*sum);
    for (int i = 0; i < FMA_CHAINS; i++) acc[i] = vf32_set((float)i);
    for (int64_t r = 0; r < rounds; r++)
#pragma GCC unroll 32
        for (int i = 0; i < FMA_CHAINS; i++) acc[i] = acc[i] * m + c;
    vf32 total = acc[0];
    for (int i = 1; i < FMA_CHAINS; i++) total += acc[i];
    *sum = total[0];
    return 2.0 * FMA_CHAINS * VF32 * (double)rounds;
}

/* a = b + s c, all [n]: McCalpin's STREAM triad. */
static void triad(int64_t n, float s, const float *restrict b, const float *restrict c, float *restrict a) {
    for (int64_t i = 0; i < n; i++) a[i] = b[i] + s * c[i];
}

#endif
