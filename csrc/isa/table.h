/* isa/table.h: included last by each isa/<name>.c, which has defined TG_ISA (an identifier): the whole kernel set as
 * static functions, and the one symbol that this translation unit exports. TG_BORROWS: without what cpu.c fills in. */
#include "../kernels/table.h"

#include "../kernels/all.h"

#define TG_STRING_(x) #x
#define TG_STRING(x) TG_STRING_(x)
#define TG_CAT_(a, b) a##b
#define TG_CAT(a, b) TG_CAT_(a, b)

tg_kernels TG_CAT(tg_kernels_, TG_ISA) = {
    .isa = TG_STRING(TG_ISA),
    .tiles = TG_GEMM_TABLES,
    .conv = TG_CONV_TABLES,
    .pool = TG_POOL_TABLES,
#define TG_KERNEL(name, result, args) .name = name,
#ifdef TG_BORROWS
#define TG_BORROWED(...)
#endif
#include "../kernels/kernels.def"
#undef TG_KERNEL
#undef TG_BORROWED
    .map = {
#define TG_MAP(name, inputs, result, ...) [TG_MAP_##name] = {TG_PASTE(TG_ENTRY_, TG_PAIRS(__VA_ARGS__))(name, __VA_ARGS__)},
#include "../kernels/kernels.def"
#undef TG_MAP
    },
};
