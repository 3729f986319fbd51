/* muon.c: Muon's iteration, x = a x + (b g + c g g) x with g = x x^T, on matrices of bfloat16 values that are kept as float32.
 *
 * Three products a step. Two of them are symmetric: their lower triangle is made and mirrored. The worker that has made a
 * rectangle of a product adds and rounds it, while its caches have it: no pass of its own, and nothing to wait for.
 * Five steps of 256 x 256 on two threads, ms: 2.9 with whole products in float32 and passes that round; 2.3 with triangles;
 * 1.5 with pairs of bfloat16 (gemm/pairs.h); 1.4 without passes. */
#include <string.h>

#include "gemm/pairs.h"
#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"

#define BLOCK 16384
#define STRIP 1024
#define ROWS 16

/* n numbers, rounded to bfloat16, by way of `half`. */
static void round_strip(int64_t n, float *x, char *half) {
    tg_k->convert(n, half, TG_BF16, (char *)x, TG_F32);
    tg_k->convert(n, (char *)x, TG_F32, half, TG_BF16);
}

int tg_bfloat(int64_t n, float *x, double divisor) {
    const float a = (float)divisor;
    TG_PARALLEL_FOR(block, (n + BLOCK - 1) / BLOCK, 0.4 * BLOCK) {
        char half[2 * STRIP] __attribute__((aligned(64)));
        const int64_t end = (block + 1) * BLOCK < n ? (block + 1) * BLOCK : n;
        for (int64_t at = block * BLOCK; at < end; at += STRIP) {
            const int64_t m = end - at < STRIP ? end - at : STRIP;
            if (a != 1) tg_k->arithmetic_f32(TG_MAP_div, 1, m, x + at, m, x + at, m, 1, &a, 0, 0);
            round_strip(m, x + at, half);
        }
    }
    return TG_OK;
}

/* y = a x + b y, rounded; x NULL: y. n columns; lower: y is symmetric, and only its lower triangle is there. */
typedef struct sum {
    int64_t n;
    float *y, a, b;
    const float *x;
    int lower;
} sum;

/* A block of at most STRIP elements, in the first cache. It goes through the kernels of the single operations, so that each
 * of them rounds as it does alone (a fused one would not). */
static void finish_block(const sum *s, int64_t i, int64_t rows, int64_t j, int64_t cols) {
    float t[STRIP] __attribute__((aligned(64))), scaled[STRIP] __attribute__((aligned(64)));
    char half[2 * STRIP] __attribute__((aligned(64)));
    const int64_t n = s->n, row = n * (int64_t)sizeof(float), width = cols * (int64_t)sizeof(float);
    float *y = s->y + i * n + j;
    if (s->x) {
        tg_k->arithmetic_f32(TG_MAP_mul, rows, cols, scaled, cols, s->x + i * n + j, n, 1, &s->a, 0, 0);
        tg_k->arithmetic_f32(TG_MAP_mul, rows, cols, t, cols, y, n, 1, &s->b, 0, 0);
        tg_k->arithmetic_f32(TG_MAP_add, 1, rows * cols, t, rows * cols, scaled, rows * cols, 1, t, rows * cols, 1);
    } else
        tg_k->move(sizeof(float), rows, cols, (char *)t, width, sizeof(float), (char *)y, row, sizeof(float));
    round_strip(rows * cols, t, half);
    if (s->lower && i == j)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < r; c++) t[c * cols + r] = t[r * cols + c];
    tg_k->move(sizeof(float), rows, cols, (char *)y, row, sizeof(float), (char *)t, width, sizeof(float));
    if (s->lower && i != j)
        tg_k->move(sizeof(float), cols, rows, (char *)(s->y + j * n + i), row, sizeof(float), (char *)t, sizeof(float), width);
}

static void finish(const void *context, int64_t i0, int64_t m, int64_t j0, int64_t n) {
    const sum *s = context;
    for (int64_t i = i0; i < i0 + m; i += ROWS) {
        const int64_t rows = i0 + m - i < ROWS ? i0 + m - i : ROWS, end = s->lower ? i : j0 + n;
        for (int64_t j = j0; j < end; j += STRIP / ROWS)
            finish_block(s, i, rows, j, end - j < STRIP / ROWS ? end - j : STRIP / ROWS);
        if (s->lower) finish_block(s, i, rows, i, rows);
    }
}

/* y (m, n) = b (p q) + a x, rounded, for p (m, k) and q (k, n) of strides (ls, ks). */
static int product(int64_t m, int64_t n, int64_t k, const float *p, int64_t pls, int64_t pks, const float *q, int64_t qls,
                   int64_t qks, const sum *s) {
    tg_gemm_problem g = {.dtype = TG_F32, .m = m, .n = n, .k = k, .a = {.data = p, .ls = pls, .ks = pks},
                         .b = {.data = q, .ls = qls, .ks = qks}, .c = s->y, .rsc = n, .csc = 1, .lower = s->lower,
                         .finish = finish, .finisher = s};
    return tg_gemm_bfloat(&g);
}

int tg_newton_schulz(int64_t m, int64_t n, float *x, int64_t times, double a, double b, double c) {
    const size_t size = (size_t)(m * n) * sizeof(float);
    float *g = tg_scratch((size_t)(2 * m * m) * sizeof(float) + size), *h = g + m * m, *y = h + m * m, *from = x;
    if (!g) return TG_NO_MEMORY;
    int status = TG_OK;
    for (int64_t t = 0; t < times && status == TG_OK; t++) {
        float *to = from == x ? y : x;
        status |= product(m, m, n, from, n, 1, from, n, 1, &(sum){.n = m, .y = g, .lower = 1});
        status |= product(m, m, m, g, 1, m, g, 1, m, &(sum){.n = m, .y = h, .a = (float)b, .b = (float)c, .x = g, .lower = 1});
        status |= product(m, n, m, h, 1, m, from, 1, n, &(sum){.n = n, .y = to, .a = (float)a, .b = 1, .x = from});
        from = to;
    }
    if (from != x) memcpy(x, from, size);
    tg_scratch_free(g);
    return status;
}
