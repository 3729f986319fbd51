/* scalar.c: the kernel table for any CPU of the architecture (the reference the other tables are tested against). */
#define TG_ISA scalar
#define TG_VEC_BYTES 16
#define TG_VEC_REGS 16
#include "table.h"
