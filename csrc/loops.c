/* loops.c: tg_map, elementwise kernels over strided, broadcast, threaded operands of any dtype. */
#include <string.h>

#include "kernels/table.h"
#include "parallel.h"
#include "real.h"
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

/* The dtype a map is computed in: the one asked for or, for logic of numbers, bool, as which each operand says whether it is 0. */
static int truth(int map, int dtype) { return maps[map].result == TRUTH && !tg_k->map[map][dtype] ? TG_BOOL : dtype; }

int tg_map_result(int map, int dtype) {
    return !tg_k->map[map][truth(map, dtype)] ? -1 : maps[map].result == TRUTH ? TG_BOOL : dtype;
}

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

/* A chunk whose result leaves by way of a buffer in the first cache. */
static int run_streamed(tg_map_fn *fn, int64_t n, int nin, char **p, int64_t zo, int64_t zi) {
    char buffer[TG_TILE * 8] __attribute__((aligned(64)));
    char *q[TG_MAX_OPERANDS] = {buffer};
    int status = TG_OK;
    for (int64_t i = 0; i < n; i += TG_TILE) {
        const int64_t count = n - i < TG_TILE ? n - i : TG_TILE;
        for (int k = 1; k <= nin; k++) q[k] = p[k] + i * zi;
        status |= fn(count, q);
        tg_k->stream(count * zo, p[0] + i * zo, buffer);
    }
    return status;
}

/* Every operand dense: the kernel runs on the tensors themselves, in chunks; smaller ones than elsewhere, since nothing is set up for
 * them: two threads take 16,384 tanh from 7.9 us to 5.9. */
#define DENSE_CHUNK 4096
static int run_dense(tg_map_fn *fn, int64_t n, int nin, const tg_view *const *in, const tg_view *out) {
    char *p[TG_MAX_OPERANDS] = {out->data};
    for (int i = 0; i < nin; i++) p[i + 1] = in[i]->data;
    const int64_t chunks = (n + DENSE_CHUNK - 1) / DENSE_CHUNK;
    if (n <= TG_CHUNK && tg_team(chunks, 0.3 * DENSE_CHUNK) == 1) return fn(n, p);
    const int64_t zo = tg_itemsize(out->dtype), zi = tg_itemsize(in[0]->dtype);
    int status = TG_OK, streamed = n * zo >= TG_STREAM_BYTES;
    for (int i = 1; i <= nin; i++) streamed &= p[i] != p[0];
    TG_PARALLEL_FOR(chunk, chunks, 0.3 * DENSE_CHUNK) {
        const int64_t first = chunk * DENSE_CHUNK, count = n - first < DENSE_CHUNK ? n - first : DENSE_CHUNK;
        char *q[TG_MAX_OPERANDS] = {p[0] + first * zo};
        for (int i = 1; i <= nin; i++) q[i] = p[i] + first * zi;
        const int answer = streamed ? run_streamed(fn, count, nin, q, zo, zi) : fn(count, q);
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

/* What is not dense in the compute dtype is brought into a buffer, or is there already (`held`), and a result that is not
 * dense leaves through one. `store` 0: run the kernel for its status alone. */
typedef struct workspace {
    char buffer[TG_MAX_OPERANDS][TG_TILE * 8] __attribute__((aligned(64)));
    char *held[TG_MAX_OPERANDS];
    int64_t held_rows, held_cols;
} workspace;

typedef struct job {
    const tg_plan *plan;
    tg_map_fn *fn;
    const int *dtypes;
    int compute, result, store;
} job;

/* Rows of a tile that fit a buffer, or a single one that is long enough to be worth a call of the kernel on its own: then
 * operands that are dense along the row need not be one run of memory over all rows. */
#define LONG_ROW 256

static int64_t strip_rows(int64_t cols) { return cols >= LONG_ROW ? 1 : TG_TILE / cols; }

static int run_strip(const job *q, int64_t rows, int64_t cols, char *const *data, workspace *w) {
    const tg_plan *plan = q->plan;
    const int inner = plan->ndim - 1, outer = plan->ndim - 2;
    const int64_t zc = tg_itemsize(q->compute), zr = tg_itemsize(q->result);
    if (rows != w->held_rows || cols != w->held_cols) {
        memset(w->held, 0, sizeof w->held);
        w->held_rows = rows, w->held_cols = cols;
    }
    char *p[TG_MAX_OPERANDS];
    for (int o = 1; o < plan->operands; o++) {
        const int64_t row = plan->strides[o][outer], col = plan->strides[o][inner];
        p[o] = data[o];
        if (q->dtypes[o] == q->compute && (col == zc || cols == 1) && (rows == 1 || row == cols * zc)) continue;
        p[o] = w->buffer[o];
        if (w->held[o] == data[o]) continue;
        tg_copy_tile(rows, cols, &(tg_lattice){p[o], q->compute, cols * zc, zc}, &(tg_lattice){data[o], q->dtypes[o], row, col});
        w->held[o] = data[o];
    }
    const int64_t row = plan->strides[0][outer], col = plan->strides[0][inner];
    const int direct = q->store && q->dtypes[0] == q->result && (col == zr || cols == 1) && (rows == 1 || row == cols * zr);
    p[0] = direct ? data[0] : w->buffer[0];
    const int status = q->fn(rows * cols, p);
    if (q->store && !direct)
        tg_copy_tile(rows, cols, &(tg_lattice){data[0], q->dtypes[0], row, col}, &(tg_lattice){p[0], q->result, cols * zr, zr});
    return status;
}

static int run_tile(const job *q, const tg_tile *tile, workspace *w) {
    const tg_plan *plan = q->plan;
    const int64_t step = strip_rows(tile->cols);
    char *data[TG_MAX_OPERANDS];
    memcpy(data, tile->data, sizeof data);
    int status = TG_OK;
    for (int64_t i = 0; i < tile->rows; i += step) {
        status |= run_strip(q, tile->rows - i < step ? tile->rows - i : step, tile->cols, data, w);
        for (int o = 0; o < plan->operands; o++) data[o] += step * plan->strides[o][plan->ndim - 2];
    }
    return status;
}

static int run_tiles(const job *q) {
    const tg_plan *plan = q->plan;
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
        for (int64_t i = first; i < last; i++, tg_plan_next(plan, &tile)) answer |= run_tile(q, &tile, &w);
        if (answer != TG_OK) __atomic_fetch_or(&status, answer, __ATOMIC_RELAXED);
    }
    return status;
}

/* Where kernels/arithmetic.h has the map, and all operands are dense or single along the rows of the plan. */
static int is_arithmetic(const tg_plan *plan, int map, const int *dtypes, int compute) {
    if ((compute != TG_F32 && compute != TG_F64) || plan->operands != 3) return 0;
    const int inner = plan->ndim - 1;
    const int64_t z = tg_itemsize(compute);
    for (int o = 0; o < 3; o++) {
        const int64_t col = plan->strides[o][inner];
        if (dtypes[o] != compute || (col != z && (col != 0 || (o == 0 && plan->shape[inner] > 1)))) return 0;
    }
    return TG_REAL_CALL(compute, arithmetic, map, 0, 0, NULL, 0, NULL, 0, 0, NULL, 0, 0) == TG_OK;
}

/* One tile, `rows` rows of it at a time; streamed: through a buffer, cut into pieces that fit it. */
static void arithmetic_tile(const tg_plan *plan, int map, int dtype, int streamed, const tg_tile *tile) {
    const int inner = plan->ndim - 1, outer = plan->ndim - 2;
    const int64_t z = tg_itemsize(dtype);
    int64_t row[3], col[3];
    for (int o = 0; o < 3; o++) row[o] = plan->strides[o][outer] / z, col[o] = plan->strides[o][inner] / z;
    if (!streamed) {
        TG_REAL_CALL(dtype, arithmetic, map, tile->rows, tile->cols, (void *)tile->data[0], row[0], (void *)tile->data[1], row[1],
                     col[1], (void *)tile->data[2], row[2], col[2]);
        return;
    }
    char buffer[TG_TILE * 8] __attribute__((aligned(64)));
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->cols; j += TG_TILE) {
            const int64_t n = tile->cols - j < TG_TILE ? tile->cols - j : TG_TILE;
            char *p[3];
            for (int o = 0; o < 3; o++) p[o] = tile->data[o] + (i * row[o] + j * col[o]) * z;
            TG_REAL_CALL(dtype, arithmetic, map, 1, n, (void *)buffer, 0, (void *)p[1], 0, col[1], (void *)p[2], 0, col[2]);
            tg_k->stream(n * z, p[0], buffer);
        }
}

static int run_arithmetic(const tg_plan *plan, int map, int dtype) {
    const int64_t elements = plan->rows * plan->cols, together = elements < TG_CHUNK ? TG_CHUNK / elements : 1;
    const int64_t chunks = (plan->count + together - 1) / together;
    const int streamed = plan->count * elements * tg_itemsize(dtype) >= TG_STREAM_BYTES && plan->cols >= LONG_ROW &&
                         plan->data[0] != plan->data[1] && plan->data[0] != plan->data[2];
    TG_PARALLEL_FOR(chunk, chunks, 0.2 * (double)(elements * together)) {
        tg_tile tile;
        const int64_t first = chunk * together, last = first + together < plan->count ? first + together : plan->count;
        tg_plan_seek(plan, first, &tile);
        for (int64_t i = first; i < last; i++, tg_plan_next(plan, &tile)) arithmetic_tile(plan, map, dtype, streamed, &tile);
    }
    return TG_OK;
}

/* Four ways, from the leanest: tiny, dense, arithmetic, tiles. A CHECKED map of integers is first run without storing, so that an
 * error leaves the output (which may be an input) untouched. */
int tg_map(int map, int compute, int nin, const tg_view *const *in, const tg_view *out) {
    compute = truth(map, compute);
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
    tg_plan_make(&plan, nin + 1, views, nin == 2 ? TG_CHUNK : TG_TILE);
    if (is_arithmetic(&plan, map, dtypes, compute)) return run_arithmetic(&plan, map, compute);
    if (nin == 2) tg_plan_make(&plan, nin + 1, views, TG_TILE);
    job q = {&plan, fn, dtypes, compute, result, 0};
    if (checked) {
        const int status = run_tiles(&q);
        if (status != TG_OK) return status;
    }
    q.store = 1;
    return run_tiles(&q);
}
