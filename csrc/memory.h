/* memory.h: what drivers use of the caching allocator besides tg_alloc/tg_free. */
#ifndef TG_MEMORY_H
#define TG_MEMORY_H

#include <stddef.h>

#include "tensorgrad.h"

/* A driver's workspace: one 64-byte aligned block, taken before the parallel region and given back after it. It comes
 * from the same cache as the tensors, so a steady state touches no new page. NULL when memory is out. */
static inline void *tg_scratch(size_t nbytes) { return tg_alloc(nbytes); }
static inline void tg_scratch_free(void *p) { tg_free(p); }

#endif
