/* tables.h: the tiles of this instruction set as data (included last of gemm/ by kernels/all.h). */
#ifndef TG_GEMM_TABLES_H
#define TG_GEMM_TABLES_H

#define TG_TILE_F32(r) {tile_vf32_##r##x1, tile_vf32_##r##x2},
#define TG_TILE_F64(r) {tile_vf64_##r##x1, tile_vf64_##r##x2},
static tg_tile_fn *tiles_f32[][2] = {TG_TILE_ROWS(TG_TILE_F32)};
static tg_tile_fn *tiles_f64[][2] = {TG_TILE_ROWS(TG_TILE_F64)};

#define TG_GEMM_TABLES                                                                                    \
    {{4, TG_TILE_MR, VF32, 2 * VF32, 512, tiles_f32, tile_copy_vf32, tile_edge_vf32, panel_vf32, \
      vector_lines_vf32, vector_steps_vf32, small_vf32, 0},                         \
     {8, TG_TILE_MR, VF64, 2 * VF64, 256, tiles_f64, tile_copy_vf64, tile_edge_vf64, panel_vf64,  \
      vector_lines_vf64, vector_steps_vf64, small_vf64, 0}}

#endif
