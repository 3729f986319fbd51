/* avx512.c: the kernel table for x86-64 with AVX-512 F, BW, DQ and VL. */
#define TG_ISA avx512
#define TG_VEC_BYTES 64
#define TG_VEC_REGS 32
#define TG_BORROWS
#include "table.h"
