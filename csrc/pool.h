/* pool.h: what pool.c tells the pooling kernels of one plane (kernels/pool_t.h). */
#ifndef TG_POOL_H
#define TG_POOL_H

#include "tensorgrad.h"

/* The windows of one dimension: output o sees start[o], start[o] + step, ... < end[o]; count[o] divides (avg_pool). */
typedef struct tg_windows {
    int64_t in, out, step;
    int64_t *start, *end, *count; /* [out] */
    int64_t taps, stride, pad;    /* start[o] = o * stride - pad + k * step, first inside; taps 0: no such rule */
} tg_windows;

typedef struct tg_pool_kernels {
    void (*max)(const tg_windows *w, const void *x, void *y, int32_t *index);
    void (*avg)(int64_t planes, const tg_windows *w, double divisor, const void *x, void *y, void *row);
    void (*avg_grad)(int64_t planes, const tg_windows *w, double divisor, const void *gy, void *gx, void *row);
    void (*put)(int64_t in, int64_t out, const void *gy, const int32_t *index, void *gx);
    void (*take)(int64_t out, const void *x, const int32_t *index, void *y);
} tg_pool_kernels;

#endif
