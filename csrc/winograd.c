/* winograd.c: 3 x 3 and 5 x 5 convolutions, their input gradients (the same with flipped weights) and weight gradients by
 * Winograd's F(4 x 4, 3 x 3) and F(2 x 2, 5 x 5); winograd.h has the mathematics, kernels/winograd.h the transforms.
 *
 * The products are those of GEMM's register tile, whose operands the transforms write in the order in which it reads
 * them, so nothing is packed: rows of a tile are image tiles, columns output channels, or in the weight gradient output
 * and input channels. There are two orders of work:
 *
 *   tiles: each task takes a block of tiles through all steps, with buffers that stay in its second-level cache; the
 *          transformed weights are made before, for everybody.
 *   chunks: for many channels and few tiles. All tiles are transformed first; then each task makes the weights of a
 *          chunk of output channels, which nobody else needs, and takes the chunk through the rest.
 *
 * Each output is the same chain of operations in either order: sums over KC channels at a time, in ascending order.
 *
 * 5 x 5, forward and both gradients on two Zen 4 cores, direct against this: 16 x 64 x 27 x 27 -> 192 (AlexNet's second
 * layer) 109 and 50 ms; 4 x 128 x 14 x 14 -> 128 10.2 and 4.8 ms; forward alone, 50 x 16 x 12 x 12 -> 32, 0.43 and 0.26 ms. */
#include "winograd.h"

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CEIL(a, b) (((a) + (b)-1) / (b))
#define UP(a, b) (CEIL(a, b) * (b))

#define KC 128    /* input channels whose transformed weights for a chunk of outputs stay in the second-level cache */
#define BLOCK 28  /* at most so many tiles in a task: two register tiles, and buffers of a few hundred KB */
#define STRIP 14  /* tiles that a task transforms where all tasks share the result */
#define SHARED (4 << 20)        /* elements of transformed tiles that are shared, for the products with the weights */
#define SHARED_BOTH (5 << 19)   /* and for products of two images */
#define SUMS (36 * 128 * 128)   /* elements of a weight gradient that is summed as a whole */

typedef struct plan {
    const tg_corr *q;
    const tg_tiles *t;
    const float *x, *w, *bias;
    float *y;
    tg_wino_images in, out;
    int64_t tiles, block, chunks; /* all; of one task; of output channels */
    int64_t pitch;                /* of a transformed tile */
    float *u;                     /* transformed weights of all chunks, or NULL */
} plan;

static int consecutive(const tg_axis *a) {
    return (a->taps == 3 || a->taps == 5) && a->stride == 1 && a->step == 1 &&
           (a->off[1] - a->off[0] == 1 || a->off[0] - a->off[1] == 1);
}

/* Rows and columns of outputs that a tile makes. */
static int64_t step_of(const tg_corr *q) { return TG_WINO_IN + 1 - q->axis[2].taps; }

int tg_winograd_fits(int dtype, const tg_corr *q) {
    const tg_axis *a = q->axis;
    return dtype == TG_F32 && a[0].taps == 1 && a[0].in == 1 && a[0].full == 1 && a[0].off[0] == 0 &&
           consecutive(a + 1) && consecutive(a + 2) && a[1].taps == a[2].taps && q->c && q->m && q->n && a[1].out && a[2].out;
}

/* Multiply-adds in the register tile that everything takes the time of, measured on Zen 4: a tile's 36 products, its
 * transforms, those of the weights; against 9 (or 25) products an output, done by a tile that meets more edges. */
int tg_winograd_pays(const tg_corr *q) {
    const tg_axis *a = q->axis;
    double tiles = (double)q->n * (double)CEIL(a[1].out, step_of(q)) * (double)CEIL(a[2].out, step_of(q));
    double pairs = (double)q->c * (double)q->m, channels = (double)UP(q->c, 16) + (double)UP(q->m, 16);
    double outputs = (double)q->n * (double)a[1].out * (double)a[2].out;
    return tiles * (40 * pairs + 550 * channels) + 250 * pairs < 10.5 / 9 * (double)q->taps * outputs * pairs;
}

static int64_t first(const tg_axis *a) { return MIN(a->off[0], a->off[a->taps - 1]); }

static void set_images(plan *p) {
    const tg_corr *q = p->q;
    const tg_axis *a = q->axis;
    const int64_t step = step_of(q);
    p->out = (tg_wino_images){.channels = q->groups * q->m, .h = a[1].out, .w = a[2].out, .step = step,
                              .rows = CEIL(a[1].out, step), .cols = CEIL(a[2].out, step)};
    p->in = p->out;
    p->in.channels = q->groups * q->c, p->in.h = a[1].in, p->in.w = a[2].in, p->in.top = first(a + 1), p->in.left = first(a + 2);
    p->tiles = q->n * p->out.rows * p->out.cols;
}

/* Elements of a plane of n: an odd number of cache lines, for the 36 planes are written side by side, and at equal
 * distances of a power of two all of them would meet in one set of the cache. */
static int64_t plane_of(int64_t n) { return ((n + 15) / 16 | 1) * 16; }

/* Elements of a transformed tile: the channels in whole vectors, and one vector more so that tiles do not all fall into
 * the same sets of the cache. */
static int64_t pitch_of(const plan *p, int64_t channels) { return UP(channels, p->t->lanes) + p->t->lanes; }

static int64_t width_of(const plan *p, int64_t channels) { return channels > p->t->lanes ? p->t->nr : p->t->lanes; }

static int64_t chunk_channels(const plan *p, int64_t chunk) { return MIN(p->t->nr, p->q->m - chunk * p->t->nr); }

/* Elements of transformed weights: KC input channels (or all) for a chunk of outputs. */
static int64_t weights_of(const plan *p) { return TG_WINO_AREA * plane_of(MIN(KC, p->q->c) * p->t->nr); }

/* Those of KC channels from k on, [36][channel][width]. */
static void make_weights(const plan *p, int64_t chunk, int64_t k, float *u) {
    int64_t m = chunk * p->t->nr, lines = chunk_channels(p, chunk), width = width_of(p, lines);
    int64_t steps = MIN(KC, p->q->c - k);
    tg_wino_buffer to = {u, plane_of(steps * width), width};
    tg_k->wino_weight(p->q, m, lines, k, steps, p->w, &to);
}

/* One chunk of output channels of the tiles that v holds: products into m, then y. own: weights where there are none. */
static void make_chunk(const plan *p, const tg_wino_buffer *v, int64_t tile, int64_t count, int64_t chunk, float *own,
                       float *sums) {
    const tg_tiles *t = p->t;
    int64_t lines = chunk_channels(p, chunk), width = width_of(p, lines), pieces = CEIL(count, t->mr);
    tg_wino_buffer m = {sums, plane_of(count * width), width};
    for (int64_t k = 0; k < p->q->c; k += KC) {
        int64_t steps = MIN(KC, p->q->c - k), plane = plane_of(steps * width);
        const float *u = p->u ? p->u + (chunk * CEIL(p->q->c, KC) + k / KC) * weights_of(p) : own;
        if (!p->u) make_weights(p, chunk, k, own);
        for (int64_t f = 0; f < TG_WINO_AREA; f++)
            for (int64_t i = 0; i < pieces; i++) {
                int64_t r = count * i / pieces, rows = count * (i + 1) / pieces - r;
                t->tile[rows - 1][width / t->lanes - 1](steps, v->data + f * v->plane + r * v->pitch + k, v->pitch, 1,
                                                        u + f * plane, width, sums + f * m.plane + r * width,
                                                        width, k ? TG_TILE_ADD : 0, NULL);
            }
    }
    tg_k->wino_output(&p->out, tile, count, chunk * t->nr, lines, &m, p->bias ? p->bias + chunk * t->nr : NULL, p->y);
}

static int by_tiles(plan *p) {
    int64_t c = p->q->c, m = p->q->m, nr = p->t->nr, threads = tg_get_threads(), steps = CEIL(c, KC);
    p->block = CEIL(p->tiles, threads * CEIL(p->tiles, threads * BLOCK)); /* as many for each thread */
    int64_t blocks = CEIL(p->tiles, p->block), weights = p->chunks * steps * weights_of(p);
    int64_t image = TG_WINO_AREA * plane_of(p->block * p->pitch), each = image + TG_WINO_AREA * plane_of(p->block * nr);
    float *memory = tg_scratch((size_t)(weights + threads * each) * sizeof(float));
    if (!memory) return TG_NO_MEMORY;
    TG_PARALLEL_FOR(i, p->chunks * steps, 4.0 * (double)(MIN(KC, c) * nr)) {
        make_weights(p, i / steps, i % steps * KC, memory + i * weights_of(p));
    }
    p->u = memory;
    TG_PARALLEL_FOR(i, blocks, (double)(p->block * c * m)) {
        float *own = memory + weights + TG_THREAD() * each;
        int64_t tile = i * p->block, count = MIN(p->block, p->tiles - tile);
        tg_wino_buffer v = {own, plane_of(count * p->pitch), p->pitch};
        tg_k->wino_image(&p->in, tile, count, 0, c, p->x, &v);
        for (int64_t chunk = 0; chunk < p->chunks; chunk++) make_chunk(p, &v, tile, count, chunk, NULL, own + image);
    }
    tg_scratch_free(memory);
    return TG_OK;
}

static int by_chunks(plan *p) {
    int64_t c = p->q->c, nr = p->t->nr, threads = tg_get_threads();
    int64_t most = SHARED / (TG_WINO_AREA * p->pitch), passes = CEIL(p->tiles, MAX(most, STRIP));
    p->block = CEIL(p->tiles, passes);
    int64_t image = TG_WINO_AREA * plane_of(p->block * p->pitch), weights = weights_of(p);
    int64_t each = weights + TG_WINO_AREA * plane_of(p->block * nr);
    float *memory = tg_scratch((size_t)(image + threads * each) * sizeof(float));
    if (!memory) return TG_NO_MEMORY;
    int64_t groups = CEIL(c, p->t->nr);
    for (int64_t tile = 0; tile < p->tiles; tile += p->block) {
        int64_t count = MIN(p->block, p->tiles - tile), strips = CEIL(count, STRIP);
        tg_wino_buffer v = {memory, plane_of(count * p->pitch), p->pitch};
        TG_PARALLEL_FOR(i, strips * groups, 50.0 * STRIP * (double)nr) {
            int64_t t = i / groups * STRIP, k = i % groups * nr;
            tg_wino_buffer part = {memory + t * p->pitch, v.plane, v.pitch};
            tg_k->wino_image(&p->in, tile + t, MIN(STRIP, count - t), k, MIN(nr, c - k), p->x, &part);
        }
        TG_PARALLEL_FOR(chunk, p->chunks, (double)(count * c * nr)) {
            float *own = memory + image + TG_THREAD() * each;
            make_chunk(p, &v, tile, count, chunk, own, own + weights);
        }
    }
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_winograd(const tg_corr *q, const void *x, const void *w, const void *b, void *y) {
    plan p = {.q = q, .t = &tg_k->tiles[0], .x = x, .w = w, .bias = b, .y = y};
    set_images(&p);
    p.chunks = CEIL(q->m, p.t->nr);
    p.pitch = pitch_of(&p, q->c);
    return p.tiles < q->m ? by_chunks(&p) : by_tiles(&p); /* what is smaller, tiles or weights, is shared by all */
}

/* ---- the weight gradient ---- */

typedef struct weight_plan {
    plan p;
    tg_wino_buffer v, g; /* transformed tiles of x and gy */
    int64_t count;
} weight_plan;

/* Products f .. last of gw for output channels m .. m + lines and input channels c .. c + channels, into s. */
static void multiply(const weight_plan *w, int64_t f, int64_t last, int64_t m, int64_t lines, int64_t c,
                     int64_t channels, int add, const tg_wino_buffer *s) {
    const tg_tiles *t = w->p.t;
    const tg_wino_buffer *v = &w->v, *g = &w->g;
    int64_t pieces = CEIL(lines, t->mr);
    for (; f < last; f++)
        for (int64_t k = 0; k < w->count; k += t->kc)
            for (int64_t j = 0; j < channels; j += t->nr)
                for (int64_t i = 0; i < pieces; i++) {
                    int64_t r = lines * i / pieces, rows = lines * (i + 1) / pieces - r;
                    t->tile[rows - 1][channels - j > t->lanes](
                        MIN(t->kc, w->count - k), g->data + f * g->plane + k * g->pitch + m + r, 1, g->pitch,
                        v->data + f * v->plane + k * v->pitch + c + j, v->pitch,
                        s->data + f * s->plane + r * s->pitch + j, s->pitch, k || add ? TG_TILE_ADD : 0, NULL);
                }
}

/* All tiles from `tile` on that the buffers hold, of x and gy. */
static void transform(const weight_plan *w, int64_t tile, const float *x, const float *gy) {
    const plan *p = &w->p;
    int64_t c = p->q->c, m = p->q->m, nr = p->t->nr, strips = CEIL(w->count, STRIP);
    int64_t images = CEIL(c, nr), groups = images + CEIL(m, nr);
    TG_PARALLEL_FOR(i, strips * groups, 50.0 * STRIP * (double)nr) {
        int64_t t = i / groups * STRIP, k = i % groups, some = MIN(STRIP, w->count - t);
        tg_wino_buffer v = w->v, g = w->g;
        v.data += t * v.pitch, g.data += t * g.pitch;
        if (k < images)
            tg_k->wino_image(&p->in, tile + t, some, k * nr, MIN(nr, c - k * nr), x, &v);
        else
            tg_k->wino_gradient(&p->out, tile + t, some, (k - images) * nr, MIN(nr, m - (k - images) * nr), gy, &g);
    }
}

int tg_winograd_weight(const tg_corr *q, const void *x, const void *gy, void *gw) {
    weight_plan w = {.p = {.q = q, .t = &tg_k->tiles[0]}};
    plan *p = &w.p;
    set_images(p);
    int64_t c = q->c, m = q->m, nr = p->t->nr, mr = p->t->mr, threads = tg_get_threads(), wide = UP(c, p->t->lanes);
    w.v.pitch = pitch_of(p, c), w.g.pitch = pitch_of(p, m);
    int64_t tile = TG_WINO_AREA * (w.v.pitch + w.g.pitch), passes = CEIL(p->tiles, MAX(SHARED_BOTH / tile, STRIP));
    p->block = CEIL(p->tiles, passes);
    /* Few channels: a task is one of the 36 products, and the sums of all are turned into gw at the end. Many: a task
     * is a piece of gw, whose sums stay in its second-level cache. */
    int whole = TG_WINO_AREA * m * wide <= SUMS;
    int64_t cols = CEIL(c, nr), rows = CEIL(m, 4 * mr);
    while (cols * rows < 4 * threads && rows < CEIL(m, mr)) rows++;
    int64_t shared = TG_WINO_AREA * (plane_of(p->block * w.v.pitch) + plane_of(p->block * w.g.pitch));
    int64_t plane = plane_of(whole ? m * wide : CEIL(m, rows) * nr), each = TG_WINO_AREA * plane;
    float *memory = tg_scratch((size_t)(shared + (whole ? 1 : threads) * each) * sizeof(float)), *sums = memory + shared;
    if (!memory) return TG_NO_MEMORY;
    tg_wino_buffer all = {sums, plane, wide};
    for (int64_t t = 0; t < p->tiles; t += p->block) {
        w.count = MIN(p->block, p->tiles - t);
        w.v.plane = plane_of(w.count * w.v.pitch), w.g.plane = plane_of(w.count * w.g.pitch);
        w.v.data = memory, w.g.data = memory + TG_WINO_AREA * w.v.plane;
        transform(&w, t, x, gy);
        if (whole) {
            TG_PARALLEL_FOR(f, TG_WINO_AREA, (double)(w.count * m * c) / 50)
            multiply(&w, f, f + 1, 0, m, 0, c, t > 0, &all);
            continue;
        }
        TG_PARALLEL_FOR(i, cols * rows, (double)(w.count * CEIL(m, rows) * nr)) {
            int64_t r = m * (i % rows) / rows, lines = m * (i % rows + 1) / rows - r, k = i / rows * nr;
            int64_t channels = MIN(nr, c - k);
            tg_wino_buffer s = {sums + TG_THREAD() * each, plane, nr};
            multiply(&w, 0, TG_WINO_AREA, r, lines, k, channels, 0, &s);
            tg_k->wino_weight_sum(q->axis[2].taps, lines, channels, &s, t > 0, (float *)gw + r * q->w_row + k * q->w_channel, q->w_row);
        }
    }
    if (whole) {
        TG_PARALLEL_FOR(i, CEIL(m, mr), 20.0 * (double)(mr * c)) {
            int64_t r = i * mr;
            tg_wino_buffer s = {sums + r * wide, all.plane, wide};
            tg_k->wino_weight_sum(q->axis[2].taps, MIN(mr, m - r), c, &s, 0, (float *)gw + r * q->w_row, q->w_row);
        }
    }
    tg_scratch_free(memory);
    return TG_OK;
}
