/* pairs.h: products of matrices of bfloat16 values (kept as float32) by the CPU's own products of bfloat16. */
#ifndef TG_PAIRS_H
#define TG_PAIRS_H

#include "gemm.h"
#include "tile.h"

/* Tiles whose element is a pair of steps of k, the first in the upper half of 32 bits; C is float32. Their `panel` makes pairs of
 * float32: dst[p][l] = (src[l * ls + 2p * ks], src[l * ls + (2p + 1) * ks]), where ls or ks is 1. NULL where the CPU or the
 * table in use has none. (cpu.c) */
const tg_tiles *tg_pair_tiles(void);

/* Runs g, of float32 matrices of bfloat16 values that have a stride of 1 each, on these tiles if there are some: C is the same. */
int tg_gemm_bfloat(tg_gemm_problem *g);

#endif
