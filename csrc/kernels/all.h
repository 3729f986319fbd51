/* all.h: every kernel family, in the order in which they use each other. */
#include "../simd/vec.h"

