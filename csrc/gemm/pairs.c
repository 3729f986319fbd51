/* pairs.c: see pairs.h. Two steps of k are one step of the five loops, on elements that are pairs of bfloat16: half as many
 * multiplications, half the memory. Without such tiles, float32 makes the same products. */
#include "pairs.h"

typedef struct matrix {
    const float *x;
    int64_t ls, ks, k;
} matrix;

/* A last step without a partner is a pair with 0: the bits of the float itself. */
static void pack(const void *context, int64_t item, int64_t l0, int64_t lines, int64_t p0, int64_t k, int64_t width, void *dst) {
    const matrix *m = context;
    const float *x = m->x + l0 * m->ls + 2 * p0 * m->ks;
    const int64_t whole = 2 * (p0 + k) > m->k ? k - 1 : k;
    float *last = (float *)dst + whole * width;
    (void)item;
    tg_pair_tiles()->panel(whole, lines, x, m->ls, m->ks, width, dst);
    if (whole < k)
        for (int64_t l = 0; l < width; l++) last[l] = l < lines ? x[l * m->ls + 2 * whole * m->ks] : 0;
}

int tg_gemm_bfloat(tg_gemm_problem *g) {
    const matrix a = {g->a.data, g->a.ls, g->a.ks, g->k}, b = {g->b.data, g->b.ls, g->b.ks, g->k};
    if (tg_pair_tiles()) {
        g->dtype = TG_BF16, g->k = (g->k + 1) / 2;
        g->a.pack = g->b.pack = pack, g->a.context = &a, g->b.context = &b;
    }
    return tg_gemm_run(g);
}
