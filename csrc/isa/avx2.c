/* avx2.c: the kernel table for x86-64 with AVX2 and FMA. */
#define TG_ISA avx2
#define TG_VEC_BYTES 32
#define TG_VEC_REGS 16
#include "table.h"
