/* update.c: one optimiser step over all parameters: every parameter is cut into chunks, all chunks of all parameters
 * are shared among the threads. Each element is computed alone, so the bits do not depend on the cut. */
#include "kernels/table.h"
#include "parallel.h"

#define CHUNK 16384  /* elements: long enough to hide the call, short enough to balance two parameters */

typedef void update_fn(int64_t n, int flags, char *const *slot, const double *c);

static update_fn *kernel(int rule, int dtype) {
    switch (rule * 2 + (dtype == TG_F64)) {
#define TG_RULE(id, name)                                 \
    case id * 2: return tg_k->update_##name##_f32;        \
    case id * 2 + 1: return tg_k->update_##name##_f64;
        TG_RULES
#undef TG_RULE
    }
    return NULL;
}

/* items[0..count): one a parameter. The items' `start` is filled in here: chunks before this parameter's first. */
int tg_update(int rule, int dtype, int64_t count, tg_update_item *items) {
    update_fn *update = kernel(rule, dtype);
    if (!update || (dtype != TG_F32 && dtype != TG_F64)) return TG_NO_KERNEL;
    int64_t chunks = 0;
    double elements = 0;
    const int64_t size = tg_itemsize(dtype);
    for (int64_t i = 0; i < count; i++) {
        items[i].start = chunks;
        chunks += (items[i].n + CHUNK - 1) / CHUNK;
        elements += (double)items[i].n;
    }
    if (!chunks) return TG_OK;
    TG_PARALLEL_FOR(b, chunks, 0.5 * elements / (double)chunks) {
        int64_t low = 0, high = count;  /* the last item that starts at or before b: empty ones start where the next does */
        while (high - low > 1) {
            int64_t middle = low + (high - low) / 2;
            if (items[middle].start <= b)
                low = middle;
            else
                high = middle;
        }
        const tg_update_item *item = items + low;
        int64_t first = (b - item->start) * CHUNK, n = item->n - first < CHUNK ? item->n - first : CHUNK;
        char *slot[TG_UPDATE_SLOTS];
        for (int s = 0; s < TG_UPDATE_SLOTS; s++) slot[s] = item->slot[s] ? item->slot[s] + first * size : NULL;
        update(n, item->flags, slot, item->c);
    }
    return TG_OK;
}
