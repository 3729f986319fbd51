/* pool.h: the pooling kernels, once for each dtype. */
#include "../pool.h"

#define T float
#define V vf32
#define VU vf32u
#define VL VF32
#define LOAD vf32_load
#define SET vf32_set
#define MASK4 tg_i32x4 /* what comparing four T gives */
#define NAME(name) name##_f32
#include "pool_t.h"
#undef T
#undef V
#undef VU
#undef VL
#undef LOAD
#undef SET
#undef MASK4
#undef NAME

#define T double
#define V vf64
#define VU vf64u
#define VL VF64
#define LOAD vf64_load
#define SET vf64_set
#define MASK4 tg_i64x4
#define NAME(name) name##_f64
#include "pool_t.h"
#undef T
#undef V
#undef VU
#undef VL
#undef LOAD
#undef SET
#undef MASK4
#undef NAME

#define TG_POOL_TABLE(t) \
    { max_pool_##t, avg_pool_##t, avg_pool_grad_##t, pool_put_##t, pool_take_##t }
#define TG_POOL_TABLES \
    { TG_POOL_TABLE(f32), TG_POOL_TABLE(f64) }
