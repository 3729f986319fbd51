/* all.h: every kernel family, in the order in which they use each other. */
#include "../simd/vec.h"
#include "vecmath.h"
#include "scalarmath.h"

/* ---- elementwise ---- */
#include "move.h"
#include "convert.h"
#include "elementwise.h"
#include "arithmetic.h"

/* ---- gemm ---- */
#include "../gemm/all.h"

/* ---- reduce ---- */
#include "reduce.h"
#include "scan.h"
#include "sort.h"

/* ---- conv ---- */
#include "conv.h"
#include "winograd.h"

/* ---- pool ---- */
#include "pool.h"

/* ---- rows ---- */
#include "lanes.h"
#include "rows.h"
#include "norm.h"
#include "loss.h"
#include "resample.h"
#include "sample.h"
#include "rnn.h"
#include "attention.h"

/* ---- index ---- */
#include "index.h"

/* ---- random ---- */
#include "random.h"

/* ---- update ---- */
#include "update.h"

/* ---- machine ---- */
#include "machine.h"
