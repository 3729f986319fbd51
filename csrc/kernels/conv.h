/* conv.h: the convolution kernels, once for each dtype. */
#include "../conv.h"

#define T float
#define V vf32
#define VU vf32u
#define VI vi32
#define VL VF32
#define V4 tg_f32x4
#define I4 tg_i32x4
#define LANES TG_LANES_F32
#define LOAD vf32_load
#define SET vf32_set
#define NAME(name) name##_f32
#include "conv_t.h"
#include "conv_weight_t.h"
#include "depthwise_t.h"
#undef T
#undef V
#undef VU
#undef VI
#undef VL
#undef V4
#undef I4
#undef LANES
#undef LOAD
#undef SET
#undef NAME

#define T double
#define V vf64
#define VU vf64u
#define VI vi64
#define VL VF64
#define V4 tg_f64x4
#define I4 tg_i64x4
#define LANES TG_LANES_F64
#define LOAD vf64_load
#define SET vf64_set
#define NAME(name) name##_f64
#include "conv_t.h"
#include "conv_weight_t.h"
#include "depthwise_t.h"
#undef T
#undef V
#undef VU
#undef VI
#undef VL
#undef V4
#undef I4
#undef LANES
#undef LOAD
#undef SET
#undef NAME

#define TG_CONV_TABLE(t, lanes)                                                                                     \
    {                                                                                                               \
        TG_CONV_MR, TG_CONV_NV *lanes, lanes, conv_lattice_##t, conv_gather_##t, conv_pack_##t, conv_tile_##t,      \
            conv_merge_##t, conv_spread_##t, conv_collect_##t, conv_outer_##t, conv_dot_##t, conv_pad_##t,          \
            conv_sum_outer_##t, conv_sum_dot_##t, conv_scatter_##t, depthwise_plane_##t, depthwise_sums_##t         \
    }
#define TG_CONV_TABLES \
    { TG_CONV_TABLE(f32, VF32), TG_CONV_TABLE(f64, VF64) }
