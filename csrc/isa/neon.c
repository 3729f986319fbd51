/* neon.c: the kernel table for aarch64 with NEON. */
#define TG_ISA neon
#define TG_VEC_BYTES 16
#define TG_VEC_REGS 32
#include "table.h"
