/* all.h: the kernels of GEMM (included by kernels/all.h). */
#include "ukernel.h"
#include "pack.h"
#include "vector.h"
#include "small.h"
#include "tables.h"
