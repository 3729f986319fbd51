/* pool.h: the pooling kernels, once for each dtype. */
#include "../pool.h"

#define T float
#define MASK4 tg_i32x4 /* what comparing four T gives */
#define NAME(name) name##_f32
#include "pool_t.h"
#undef T
#undef MASK4
#undef NAME

#define T double
#define MASK4 tg_i64x4
#define NAME(name) name##_f64
#include "pool_t.h"
#undef T
#undef MASK4
#undef NAME

#define TG_POOL_TABLE(t) \
    { max_pool_##t, avg_pool_##t, avg_pool_grad_##t, pool_put_##t, pool_take_##t }
#define TG_POOL_TABLES \
    { TG_POOL_TABLE(f32), TG_POOL_TABLE(f64) }
