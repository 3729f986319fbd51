/* cpu.c: which instruction sets this CPU (and its operating system) has, and the table of kernels that follows from it.
 * TENSORGRAD_ISA=scalar|avx2|avx512|neon overrides the choice where the CPU can run it. */
#include <stdlib.h>
#include <string.h>

#include "gemm/pairs.h"
#include "kernels/table.h"

#if defined(__x86_64__)
extern tg_kernels tg_kernels_scalar, tg_kernels_avx2, tg_kernels_avx512;
extern tg_tiles tg_tiles_bf16; /* beside tg_kernels_avx512 */

static int has_scalar(void) { return 1; }

/* __builtin_cpu_supports also asks XGETBV whether the operating system saves the wide registers. */
static int has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void) {
    __builtin_cpu_init();
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static const struct { const tg_kernels *table; int (*runs)(void); } tables[] = {
    {&tg_kernels_scalar, has_scalar}, {&tg_kernels_avx2, has_avx2}, {&tg_kernels_avx512, has_avx512}};
#elif defined(__aarch64__)
extern tg_kernels tg_kernels_scalar, tg_kernels_neon;

static int always(void) { return 1; }  /* NEON is part of the aarch64 baseline */

static const struct { const tg_kernels *table; int (*runs)(void); } tables[] = {
    {&tg_kernels_scalar, always}, {&tg_kernels_neon, always}};
#else
extern tg_kernels tg_kernels_scalar;

static int always(void) { return 1; }

static const struct { const tg_kernels *table; int (*runs)(void); } tables[] = {{&tg_kernels_scalar, always}};
#endif

/* Fill in what a table leaves to another one that runs on the same CPU. */
__attribute__((unused)) static void borrow(tg_kernels *table, const tg_kernels *from) {
    for (int i = 0; i < TG_MAPS; i++)
        for (int d = 0; d < TG_DTYPES; d++)
            if (!table->map[i][d]) table->map[i][d] = from->map[i][d];
#define TG_KERNEL(name, ...) if (!table->name) table->name = from->name;
#include "kernels/kernels.def"
#undef TG_KERNEL
}

#define TABLES ((int)(sizeof tables / sizeof *tables))

const tg_kernels *tg_k = &tg_kernels_scalar;

int tg_isa_available(int i, const char **name) {
    if (i < 0 || i >= TABLES) return -1;
    *name = tables[i].table->isa;
    return tables[i].runs();
}

int tg_isa_select(const char *name) {
    for (int i = 0; i < TABLES; i++)
        if (!strcmp(tables[i].table->isa, name) && tables[i].runs()) {
            tg_k = tables[i].table;
            return 0;
        }
    return -1;
}

const tg_tiles *tg_pair_tiles(void) {
#if defined(__x86_64__)
    if (tg_k == &tg_kernels_avx512 && __builtin_cpu_supports("avx512bf16")) return &tg_tiles_bf16;
#endif
    return NULL;
}

const char *tg_isa(void) { return tg_k->isa; }

/* Runs when the library is loaded: the last runnable table of the list is the best one. */
__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
    borrow(&tg_kernels_avx512, &tg_kernels_avx2);
    tg_tiles_bf16.edge = tg_kernels_avx512.tiles[0].edge;
#endif
    for (int i = 0; i < TABLES; i++)
        if (tables[i].runs()) tg_k = tables[i].table;
    const char *wanted = getenv("TENSORGRAD_ISA");
    if (wanted) tg_isa_select(wanted);
}

const char *tg_compiler(void) {
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}
