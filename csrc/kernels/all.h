/* all.h: every kernel family, in the order in which they use each other. */
#include "../simd/vec.h"
#include "vecmath.h"

/* ---- elementwise ---- */
#include "convert.h"
#include "elementwise.h"

/* ---- gemm ---- */
#include "../gemm/ukernel.h"
#include "../gemm/pack.h"
#include "../gemm/tables.h"

/* ---- reduce ---- */

/* ---- conv ---- */

/* ---- pool ---- */

/* ---- rows ---- */
#include "lanes.h"
#include "rows.h"
#include "norm.h"
#include "loss.h"

/* ---- index ---- */

/* ---- update ---- */
