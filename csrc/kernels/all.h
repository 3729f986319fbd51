/* all.h: every kernel family, in the order in which they use each other. */
#include "../simd/vec.h"

#include "../gemm/ukernel.h"
#include "../gemm/pack.h"
#include "../gemm/tables.h"
