/* machine.c: what the machine can do at most with the threads in use, measured. */
#include <time.h>

#include "kernels/table.h"
#include "parallel.h"

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define FMA_REPEATS 200
#define FMA_ROUNDS 120000      /* about 0.5 ms: some of them run undisturbed */
#define TRIAD_REPEATS 20
#define TRIAD_BLOCK 65536
#define TRIAD_BLOCKS 256       /* three arrays of 64 MB: more than any cache */

/* float32 operations a second of all threads together; the best of many short runs, since others use the machine too. */
double tg_fma_peak(void) {
    const int n = tg_get_threads();
    static float sums[TG_MAX_THREADS];
    double best = 0;
    for (int r = 0; r < FMA_REPEATS; r++) {
        double work = 0;
        const double start = seconds();
        TG_PARALLEL_FOR(i, n, 1e9) {
            float sum = sums[i];
            const double done = tg_k->fma_chains(FMA_ROUNDS, &sum);
            sums[i] = sum;
            if (i == 0) work = done * n;
        }
        const double rate = work / (seconds() - start);
        if (rate > best) best = rate;
    }
    return best;
}

/* Bytes a second of the triad, 12 an element as STREAM counts them; 0 when there is no memory for it. */
double tg_triad(void) {
    const int64_t n = (int64_t)TRIAD_BLOCK * TRIAD_BLOCKS;
    float *const a = tg_alloc((size_t)n * 12), *const b = a + n, *const c = b + n;
    if (!a) return 0;
    for (int64_t i = 0; i < n; i++) a[i] = b[i] = c[i] = 1;
    double best = 0;
    for (int r = 0; r < TRIAD_REPEATS; r++) {
        const double start = seconds();
        TG_PARALLEL_FOR(i, TRIAD_BLOCKS, 1e4) {
            const int64_t at = i * TRIAD_BLOCK;
            tg_k->triad(TRIAD_BLOCK, 0.5f, b + at, c + at, a + at);
        }
        const double rate = 12 * (double)n / (seconds() - start);
        if (rate > best) best = rate;
    }
    tg_free(a);
    return best;
}
