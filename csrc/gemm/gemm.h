/* gemm.h: GEMM as other drivers call it. tg_gemm and tg_gemm_batched (tensorgrad.h) are this with plain matrices. */
#ifndef TG_GEMM_H
#define TG_GEMM_H

#include "../tensorgrad.h"

/* Packs steps p0 .. p0+k of lines l0 .. l0+lines of an operand into one panel:
 *     dst[p * width + l] = operand(line l0 + l, step p0 + p)  for l < lines,  0  for lines <= l < width.
 * A line is a row of A or a column of B; item is the index in the batch. Called from several threads at once, each with
 * a dst of its own; it may not allocate. Panels are at most 64 lines wide and kc (<= 512) steps long. */
typedef void tg_pack_fn(const void *context, int64_t item, int64_t l0, int64_t lines, int64_t p0, int64_t k,
                        int64_t width, void *dst);

/* Called once for each rectangle of C, rows i .. i+m and columns j .. j+n, by the worker that has just made it. */
typedef void tg_finish_fn(const void *context, int64_t i, int64_t m, int64_t j, int64_t n);

typedef struct tg_operand {
    const void *data;      /* element (0, 0) of item 0 */
    int64_t ls, ks;        /* strides along lines (rows of A, columns of B) and along k, in elements */
    const int64_t *items;  /* strides along the batch dimensions, in elements; NULL where there is no batch */
    tg_pack_fn *pack;      /* not NULL: the operand is what pack makes of context; data, ls, ks, items are unused */
    const void *context;
} tg_operand;

/* C[item] (m x n) = act(A[item] (m x k) @ B[item] (k x n) + bias), or C += A @ B first. */
typedef struct tg_gemm_problem {
    int dtype;  /* TG_F32 or TG_F64; TG_BF16: C is float32, `pack` makes pairs of steps, and k counts pairs (pairs.h) */
    int64_t m, n, k;
    tg_operand a, b;
    void *c;
    int64_t rsc, csc;
    int ndim;                 /* dimensions of the batch, 0 for a single product */
    const int64_t *shape;     /* of the batch */
    const int64_t *items_c;   /* strides of C along the batch */
    int accumulate, bias_kind, activation;  /* as in tg_gemm */
    /* Where there is no batch, and csc is 1: */
    int lower;                /* C is symmetric: what stands above the diagonal need not be made */
    tg_finish_fn *finish;     /* may be NULL */
    const void *finisher;     /* its context */
    const void *bias;
} tg_gemm_problem;

int tg_gemm_run(const tg_gemm_problem *g);

#endif
