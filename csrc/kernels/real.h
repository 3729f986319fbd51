/* real.h: compiles one text for float and for double. A text asks for it by naming itself in TG_TEXT:
 *
 *     #ifndef R
 *     #define TG_TEXT "rows.h"
 *     #include "real.h"
 *     #else
 *     ... R is float, then double; F(sum) is sum_f32, then sum_f64 ...
 *     #endif
 *
 * LANES: a sum over n elements runs in that many partial sums (128 bytes of them), element i going to lane i % LANES, and
 * folds them in halves: the same order of additions on every instruction set, with registers to spare on each. */
#define R float
#define F(name) name##_f32
#define LANES 32
#include TG_TEXT
#undef R
#undef F
#undef LANES

#define R double
#define F(name) name##_f64
#define LANES 16
#include TG_TEXT
#undef R
#undef F
#undef LANES
#undef TG_TEXT
