/* table.h: the table of kernels that each instruction set exports, made from kernels.def. */
#ifndef TG_TABLE_H
#define TG_TABLE_H

#include "../attention.h"
#include "../conv.h"
#include "../gemm/tile.h"
#include "../pool.h"
#include "../rnn.h"
#include "../tensorgrad.h"
#include "../winograd.h"

/* p[0] is the output, p[1..] the inputs, all contiguous in the compute dtype (the output: tg_map_result's dtype).
 * Answers TG_OK or TG_ZERO_DIVISION. */
typedef int tg_map_fn(int64_t n, char *const *p);

enum tg_map_id {
#define TG_MAP(name, inputs, ...) TG_MAP_##name,
#include "kernels.def"
#undef TG_MAP
    TG_MAPS
};

typedef struct tg_kernels {
    const char *isa;
    tg_tiles tiles[2];  /* GEMM: float32, float64 */
    tg_conv_kernels conv[2];  /* float32, float64 */
    tg_pool_kernels pool[2];
    tg_map_fn *map[TG_MAPS][TG_DTYPES];  /* NULL where a map has no kernel for a dtype */
#define TG_KERNEL(name, result, args) result(*name) args;
#include "kernels.def"
#undef TG_KERNEL
} tg_kernels;

/* The table in use (cpu.c). */
extern const tg_kernels *tg_k;

#endif
