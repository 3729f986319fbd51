/* loops.c: tg_map, elementwise kernels over strided, broadcast, threaded operands of any dtype. */
#include <string.h>

#include "kernels/table.h"
#include "parallel.h"
#include "strided.h"

enum result { SAME, TRUTH, CHECKED, PERIODIC };

static const struct { const char *name; int8_t inputs, result; } maps[] = {
#define TG_MAP(name, inputs, result, ...) {#name, inputs, result},
#include "kernels/kernels.def"
#undef TG_MAP
};

int tg_map_find(const char *name) {
    for (int i = 0; i < TG_MAPS; i++)
        if (!strcmp(maps[i].name, name)) return i;
    return -1;
}

int tg_map_inputs(int map) { return maps[map].inputs; }

int tg_map_result(int map, int dtype) { return !tg_k->map[map][dtype] ? -1 : maps[map].result == TRUTH ? TG_BOOL : dtype; }

static int contiguous(const tg_view *v) {
    int64_t step = 1;
    for (int d = v->ndim - 1; d >= 0; d--) {
        if (v->shape[d] != 1 && v->strides[d] != step) return 0;
        step *= v->shape[d];
    }
    return 1;
}

static int64_t size(const tg_view *v) {
    int64_t n = 1;
    for (int d = 0; d < v->ndim; d++) n *= v->shape[d];
    return n;
}

/* Every operand dense: the kernel runs on the tensors themselves, in chunks. */
static int run_dense(tg_map_fn *fn, int64_t n, int nin, const tg_view *const *in, const tg_view *out) {
    char *p[TG_MAX_OPERANDS] = {out->data};
    for (int i = 0; i < nin; i++) p[i + 1] = in[i]->data;
    if (n <= TG_CHUNK) return fn(n, p);
    const int64_t zo = tg_itemsize(out->dtype), zi = tg_itemsize(in[0]->dtype);
    int status = TG_OK;
    TG_PARALLEL_FOR(chunk, (n + TG_CHUNK - 1) / TG_CHUNK, 0.3 * TG_CHUNK) {
        const int64_t first = chunk * TG_CHUNK, count = n - first < TG_CHUNK ? n - first : TG_CHUNK;
        char *q[TG_MAX_OPERANDS] = {p[0] + first * zo};
        for (int i = 1; i <= nin; i++) q[i] = p[i] + first * zi;
        const int answer = fn(count, q);
        if (answer != TG_OK) __atomic_fetch_or(&status, answer, __ATOMIC_RELAXED);
    }
    return status;
}

/* At most 16 elements, dense or single: single ones are repeated in a small buffer. */
static int run_tiny(tg_map_fn *fn, int64_t n, int nin, const tg_view *const *in, const int64_t *sizes, const tg_view *out) {
    uint64_t repeated[TG_MAX_OPERANDS][16];
    char *p[TG_MAX_OPERANDS] = {out->data};
    for (int i = 0; i < nin; i++) {
        p[i + 1] = in[i]->data;
        if (sizes[i] == n) continue;
        p[i + 1] = (char *)repeated[i];
        const int64_t z = tg_itemsize(in[i]->dtype);
        for (int64_t j = 0; j < n; j++) memcpy(p[i + 1] + j * z, in[i]->data, (size_t)z);
    }
    return fn(n, p);
}

/* One tile: what is not dense in the compute dtype is brought into a buffer, or is there already (`held`), and a result
 * that is not dense leaves through one. `store` 0: run the kernel for its status alone. */
typedef struct workspace {
    char buffer[TG_MAX_OPERANDS][TG_TILE * 8] __attribute__((aligned(64)));
    char *held[TG_MAX_OPERANDS];
    int64_t held_rows, held_cols;
} workspace;

static int run_tile(const tg_plan *plan, tg_map_fn *fn, const int *dtypes, int compute, int result, int store,
                    const tg_tile *tile, workspace *w) {
    const int inner = plan->ndim - 1, outer = plan->ndim - 2;
    const int64_t zc = tg_itemsize(compute), zr = tg_itemsize(result), rows = tile->rows, cols = tile->cols;
    if (rows != w->held_rows || cols != w->held_cols) {
        memset(w->held, 0, sizeof w->held);
        w->held_rows = rows, w->held_cols = cols;
    }
    char *p[TG_MAX_OPERANDS];
    for (int o = 1; o < plan->operands; o++) {
        const int64_t row = plan->strides[o][outer], col = plan->strides[o][inner];
        p[o] = tile->data[o];
        if (dtypes[o] == compute && (col == zc || cols == 1) && (rows == 1 || row == cols * zc)) continue;
        p[o] = w->buffer[o];
        if (w->held[o] == tile->data[o]) continue;
        tg_copy_tile(rows, cols, (tg_lattice){p[o], compute, cols * zc, zc}, (tg_lattice){tile->data[o], dtypes[o], row, col});
        w->held[o] = tile->data[o];
    }
    const int64_t row = plan->strides[0][outer], col = plan->strides[0][inner];
    const int direct = store && dtypes[0] == result && (col == zr || cols == 1) && (rows == 1 || row == cols * zr);
    p[0] = direct ? tile->data[0] : w->buffer[0];
    const int status = fn(rows * cols, p);
    if (store && !direct)
        tg_copy_tile(rows, cols, (tg_lattice){tile->data[0], dtypes[0], row, col}, (tg_lattice){p[0], result, cols * zr, zr});
    return status;
}

static int run_tiles(const tg_plan *plan, tg_map_fn *fn, const int *dtypes, int compute, int result, int store) {
    const int64_t elements = plan->rows * plan->cols, together = elements < TG_CHUNK ? TG_CHUNK / elements : 1;
    const int64_t chunks = (plan->count + together - 1) / together;
    int status = TG_OK;
    TG_PARALLEL_FOR(chunk, chunks, 0.5 * (double)(elements * together)) {
        workspace w;
        w.held_rows = w.held_cols = 0;
        tg_tile tile;
        const int64_t first = chunk * together, last = first + together < plan->count ? first + together : plan->count;
        tg_plan_seek(plan, first, &tile);
        int answer = TG_OK;
        for (int64_t i = first; i < last; i++, tg_plan_next(plan, &tile))
            answer |= run_tile(plan, fn, dtypes, compute, result, store, &tile, &w);
        if (answer != TG_OK) __atomic_fetch_or(&status, answer, __ATOMIC_RELAXED);
    }
    return status;
}

/* Three ways, from the leanest: tiny, dense, tiles. A CHECKED map of integers is first run without storing, so that an
 * error leaves the output (which may be an input) untouched. */
int tg_map(int map, int compute, int nin, const tg_view *const *in, const tg_view *out) {
    tg_map_fn *fn = tg_k->map[map][compute];
    if (!fn) return TG_NO_KERNEL;
    const int result = maps[map].result == TRUTH ? TG_BOOL : compute;
    const int checked = maps[map].result == CHECKED && compute < TG_F16;
    const int64_t n = size(out);
    if (!n) return TG_OK;

    int64_t sizes[TG_MAX_OPERANDS];
    int plain = out->dtype == result && contiguous(out) && !checked, same = 1;
    for (int i = 0; plain && i < nin; i++) {
        plain = in[i]->dtype == compute && contiguous(in[i]);
        sizes[i] = size(in[i]);
        same &= sizes[i] == n;
        plain &= sizes[i] == n || (sizes[i] == 1 && n <= 16);
    }
    if (plain) return same ? run_dense(fn, n, nin, in, out) : run_tiny(fn, n, nin, in, sizes, out);

    const tg_view *views[TG_MAX_OPERANDS] = {out};
    int dtypes[TG_MAX_OPERANDS] = {out->dtype};
    for (int i = 0; i < nin; i++) views[i + 1] = in[i], dtypes[i + 1] = in[i]->dtype;
    tg_plan plan;
    tg_plan_make(&plan, nin + 1, views, TG_TILE);
    if (checked) {
        const int status = run_tiles(&plan, fn, dtypes, compute, result, 0);
        if (status != TG_OK) return status;
    }
    return run_tiles(&plan, fn, dtypes, compute, result, 1);
}
