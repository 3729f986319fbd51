/* reduce.h: words shared by the reduction driver and its kernels. */
#ifndef TG_REDUCE_H
#define TG_REDUCE_H

#include <stdint.h>

enum { TG_ACC_F32, TG_ACC_F64, TG_ACC_I64, TG_ACC_BOOL, TG_ACCS };  /* what a fold is computed in */
enum { TG_FOLD_SUM, TG_FOLD_SUMSQ, TG_FOLD_PROD, TG_FOLD_MAX, TG_FOLD_MIN };

#define TG_REDUCE_TILE 512    /* columns (or rows) of one call of a kernel: their accumulators stay in L1 */
#define TG_REDUCE_UNIT 32768  /* elements of one unit of work: half a second-level cache when it must be converted */
#define TG_REDUCE_UNITS 128   /* of a longer row that need not be, more elements each: enough for every thread */

#endif
