/* conv_product.c: a convolution whose kernel is as large as the image (the last one of LeNet): an image is a row of a
 * matrix, and so is a kernel. */
#include "conv.h"

int tg_conv_is_product(const tg_conv *s) {
    for (int d = 0; d < 3; d++)
        if (s->in[d] != s->kernel[d] || s->out[d] != 1 || s->pad[d] || (s->kernel[d] > 1 && s->dilation[d] != 1)) return 0;
    return s->groups == 1 && !tg_conv_forced();
}

static int64_t elements(const tg_conv *s) { return s->ci * s->in[0] * s->in[1] * s->in[2]; }

/* y [n, co] = x [n, k] @ w [co, k]^T + b */
int tg_conv_product(int dtype, const tg_conv *s, const void *x, const void *w, const void *b, void *y) {
    int64_t k = elements(s);
    return tg_gemm(dtype, s->n, s->co, k, x, k, 1, w, 1, k, y, s->co, 1, 0, b ? TG_GEMM_BIAS_COLUMN : TG_GEMM_BIAS_NONE, b,
                   TG_GEMM_LINEAR);
}

/* gx [n, k] = gy [n, co] @ w [co, k] */
int tg_conv_product_input(int dtype, const tg_conv *s, const void *gy, const void *w, void *gx) {
    int64_t k = elements(s);
    return tg_gemm(dtype, s->n, k, s->co, gy, s->co, 1, w, k, 1, gx, k, 1, 0, TG_GEMM_BIAS_NONE, NULL, TG_GEMM_LINEAR);
}

/* gw [co, k] = gy [n, co]^T @ x [n, k] */
int tg_conv_product_weight(int dtype, const tg_conv *s, const void *x, const void *gy, void *gw) {
    int64_t k = elements(s);
    return tg_gemm(dtype, s->co, k, s->n, gy, 1, s->co, x, k, 1, gw, k, 1, 0, TG_GEMM_BIAS_NONE, NULL, TG_GEMM_LINEAR);
}
