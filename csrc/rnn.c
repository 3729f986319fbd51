/* rnn.c: a recurrent layer over all steps of its sequences. The input's part of the gates is there (one product for all
 * steps); here, per step, the state's part z = h W^T + b and what the gates do with it, which is one product [n, width] x
 * [width, gates] that cannot be joined with another step's.
 *
 * The hidden units are cut into slices of one register tile. A thread owns some slices, all gates of them, for the whole
 * sequence: its part of W, packed once, stays in its own cache, the tile's sums are used where they are made, and one
 * barrier a step says that the others' part of the state is there. The gradient goes the same way backwards: gates of the
 * thread's units, barrier, gz W for its columns. What is summed over all steps (W's and b's gradient) is one product at the
 * end. Each sum is the same chain of operations whoever computes it, so the bits do not depend on the number of threads. */
#include "rnn.h"

#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "product.h"
#include "real.h"

/* Sequences whose gates pass through the first cache together: four full tiles. */
#define BLOCK 56
/* A step of a cell takes so many ns a hidden unit. */
#define UNIT_NS 4.0

/* The state that all threads read lies in rows of a length of their own: tiles read several rows side by side, and rows
 * that are a large power of two apart would fall into one set of the first cache. */
static int64_t padded(int64_t n, int64_t size) { return n * size % 512 ? n : n + 64 / size; }

typedef struct plan {
    const tg_rnn *s;
    const tg_tiles *t;
    int64_t size, gates, slices, panel;         /* panel: bytes of one slice of W */
    int64_t ld;                                 /* row stride of `state` and of gz */
    char *weights, *bias, *state[2], *work, *z, *zeros;
    int64_t work_bytes;                         /* of each slice (backward) or thread (forward) */
} plan;

static const int GATES[] = {1, 1, 4, 3};

static plan make_plan(const tg_rnn *s) {
    plan p = {.s = s, .t = &tg_k->tiles[s->dtype == TG_F64], .size = tg_itemsize(s->dtype), .gates = GATES[s->kind]};
    p.slices = (s->width + p.t->nr - 1) / p.t->nr;
    p.panel = p.gates * s->width * p.t->nr * p.size;
    return p;
}

/* Tiles of fewer than four rows wait for their own sums: they take as long as those of four. */
static int team_of(const plan *p) {
    const double rows = p->s->batch < 4 ? 4 : (double)p->s->batch, width = (double)p->s->width;
    return tg_team(p->slices, rows * (double)p->gates * width * (width + 64) / 50 / (double)p->slices);
}

static inline int64_t first_unit(const plan *p, int64_t slice) { return slice * p->t->nr; }
static inline int64_t units(const plan *p, int64_t slice) { return tg_least(p->t->nr, p->s->width - slice * p->t->nr); }
static inline int64_t lanes(const plan *p, int64_t slice) { return tg_up(units(p, slice), p->t->lanes); }

/* Element (row, column) of a matrix whose rows are ld apart. */
static inline char *at(const plan *p, const void *m, int64_t row, int64_t ld, int64_t column) {
    return m ? (char *)m + (row * ld + column) * p->size : NULL;
}

/* Rows [first, last) of the columns of a slice from one matrix to another. */
static void move(const plan *p, int64_t first, int64_t last, int64_t n, void *to, int64_t ld_to, const void *from,
                 int64_t ld_from) {
    for (int64_t r = first; r < last; r++)
        memcpy(at(p, to, r, ld_to, 0), at(p, from, r, ld_from, 0), (size_t)(n * p->size));
}

/* How many sequences of step s go on from the step before. */
static inline int64_t old_rows(const tg_rnn *s, int64_t step) {
    return step == 0 || step == s->steps ? 0 : tg_least(s->rows[step - 1], s->rows[step]);
}

/* ---- forward ---- */

/* W^T of a slice, a panel [width, lanes] a gate, and the bias, padded. */
static void pack_forward(const plan *p, int64_t slice) {
    const tg_rnn *s = p->s;
    const int64_t j = first_unit(p, slice), n = units(p, slice), width = lanes(p, slice);
    char *to = p->weights + slice * p->panel, *bias = p->bias + slice * p->gates * p->t->nr * p->size;
    memset(bias, 0, (size_t)(p->gates * p->t->nr * p->size));
    for (int64_t g = 0; g < p->gates; g++) {
        p->t->panel(s->width, n, at(p, s->w, g * s->width + j, s->width, 0), s->width, 1, width,
                    to + g * s->width * width * p->size);
        if (s->b) memcpy(bias + g * p->t->nr * p->size, at(p, s->b, 0, 0, g * s->width + j), (size_t)(n * p->size));
    }
}

/* Sequences [first, last) of a step, one slice; before: the row of y and cells where this step's sequences were one step
 * earlier, or -1 for those that start here. */
static void step_rows(const plan *p, int64_t step, int64_t first, int64_t last, int64_t before, int64_t slice, char *z) {
    const tg_rnn *s = p->s;
    const tg_tiles *t = p->t;
    const int64_t j = first_unit(p, slice), width = lanes(p, slice), w = s->width;
    const char *bias = p->bias + slice * p->gates * t->nr * p->size;
    for (int64_t i = first; i < last; i += BLOCK) {
        const int64_t rows = tg_least(BLOCK, last - i), row = s->start[step] + i;
        for (int64_t g = 0; g < p->gates; g++)
            tg_product(t, rows, width, w, at(p, p->state[step & 1], i, p->ld, 0), p->ld, 1,
                       p->weights + slice * p->panel + g * w * width * p->size, width, z + g * BLOCK * t->nr * p->size, t->nr,
                       TG_TILE_BIAS_COLUMN, bias + g * t->nr * p->size);
        const void *h0 = before < 0 ? at(p, s->h0, i, w, j) : at(p, s->y, before + i, w, j);
        char *now = s->cells ? at(p, s->cells, row, w, j) : at(p, s->c, i, w, j);
        const void *c0 = before < 0 ? at(p, s->c0, i, w, j) : s->cells ? at(p, s->cells, before + i, w, j) : now;
        const tg_gates room = {z, t->nr, BLOCK * t->nr}, act = {at(p, s->act, row, 4 * w, j), 4 * w, w};
        const tg_cell c = {.rows = rows, .n = units(p, slice), .x = {at(p, s->x, row, s->inputs, j), s->inputs, w},
                           .z = room, .t = room, .act = s->act ? act : room, .h0 = {(void *)h0, w, 0}, .c0 = {(void *)c0, w, 0},
                           .h = {at(p, s->y, row, w, j), w, 0},
                           .c = {now, w, 0}, .copy = {at(p, p->state[~step & 1], i, p->ld, j), p->ld, 0}};
        TG_REAL_CALL(s->dtype, cell, s->kind, &c);
    }
}

static void forward_part(const plan *p, int64_t me, int64_t team) {
    const tg_rnn *s = p->s;
    const int64_t first = p->slices * me / team, last = p->slices * (me + 1) / team, w = s->width;
    for (int64_t x = first; x < last; x++) {
        pack_forward(p, x);
        move(p, 0, s->rows[0], units(p, x), at(p, p->state[0], 0, 0, first_unit(p, x)), p->ld,
             at(p, s->h0, 0, 0, first_unit(p, x)), w);
    }
    TG_BARRIER();
    for (int64_t step = 0; step < s->steps; step++) {
        const int64_t n = s->rows[step], old = old_rows(s, step), stay = old_rows(s, step + 1);
        const int64_t next = step + 1 < s->steps ? s->rows[step + 1] : 0;
        for (int64_t x = first; x < last; x++) {
            const int64_t j = first_unit(p, x), k = units(p, x);
            step_rows(p, step, 0, old, step ? s->start[step - 1] : -1, x, p->work + me * p->work_bytes);
            step_rows(p, step, old, n, -1, x, p->work + me * p->work_bytes);
            move(p, stay, n, k, at(p, s->h, 0, 0, j), w, at(p, s->y, s->start[step], w, j), w);
            if (s->c && s->cells) move(p, stay, n, k, at(p, s->c, 0, 0, j), w, at(p, s->cells, s->start[step], w, j), w);
            move(p, stay, next, k, at(p, p->state[~step & 1], 0, 0, j), p->ld, at(p, s->h0, 0, 0, j), w);
        }
        TG_BARRIER();
    }
}

int tg_rnn_forward(const tg_rnn *s) {
    if (s->total == 0 || s->width == 0) return TG_OK;
    plan p = make_plan(s);
    p.ld = padded(s->width, p.size);
    const int64_t team = team_of(&p), state = tg_up(s->batch * p.ld * p.size, 64);
    p.work_bytes = 4 * BLOCK * p.t->nr * p.size;
    char *memory = tg_scratch((size_t)(p.slices * (p.panel + p.gates * p.t->nr * p.size) + 2 * state + team * p.work_bytes));
    if (!memory) return TG_NO_MEMORY;
    p.weights = memory, p.work = p.weights + p.slices * p.panel, p.bias = p.work + team * p.work_bytes;
    p.state[0] = p.bias + p.slices * p.gates * p.t->nr * p.size, p.state[1] = p.state[0] + state;
    if (team == 1)
        forward_part(&p, 0, 1);
    else
        TG_TEAM(team) forward_part(&p, TG_THREAD(), TG_TEAM_SIZE());
    tg_scratch_free(memory);
    return TG_OK;
}

/* ---- backward ---- */

typedef struct grads {
    const void *gy, *gh, *gc;
    char *gx, *gz;       /* gz: gx but for a GRU */
    int64_t ldx, ldz;
    void *gh0, *gc0;
    char *before;        /* [total, width]: the state before each row of y, for W's gradient; NULL: not wanted */
} grads;

/* The carried gradients of a slice: dh and dc, [batch, lanes]. */
static inline char *carried(const plan *p, int64_t slice, int cell) {
    return p->work + slice * p->work_bytes + cell * p->s->batch * p->t->nr * p->size;
}

/* Gates of sequences [first, last): before as in step_rows. */
static void grad_rows(const plan *p, const grads *g, int64_t step, int64_t first, int64_t last, int64_t before, int64_t slice) {
    const tg_rnn *s = p->s;
    if (first >= last) return;
    const int64_t j = first_unit(p, slice), w = s->width, row = s->start[step] + first, ld = lanes(p, slice), i = first;
    const void *h0 = before < 0 ? at(p, s->h0, i, w, j) : at(p, s->y, before + i, w, j);
    const void *c0 = before < 0 ? at(p, s->c0, i, w, j) : at(p, s->cells, before + i, w, j);
    _Alignas(64) char line[64 * sizeof(double)]; /* a tile is not wider */
    const tg_cell c = {.rows = last - first, .n = units(p, slice), .t = {line, 0, 0}, .h0 = {(void *)h0, w, 0}, .c0 = {(void *)c0, w, 0},
                       .act = {at(p, s->act, row, 4 * w, j), 4 * w, w}, .h = {at(p, s->y, row, w, j), w, 0},
                       .c = {at(p, s->cells, row, w, j), w, 0},
                       .gy = {g->gy ? at(p, g->gy, row, w, j) : p->zeros, g->gy ? w : 0, 0},
                       .dh = {at(p, carried(p, slice, 0), i, ld, 0), ld, 0}, .dc = {at(p, carried(p, slice, 1), i, ld, 0), ld, 0},
                       .gx = {at(p, g->gx, row, g->ldx, j), g->ldx, w}, .gz = {at(p, g->gz, row, g->ldz, j), g->ldz, w}};
    TG_REAL_CALL(s->dtype, cell_grad, s->kind, &c);
    if (g->before)
        move(p, 0, last - first, units(p, slice), at(p, g->before, row, w, j), w, h0, w);
}

/* Rows [first, last) of a carried gradient: from `from` [batch, width], or zeros. */
static void set_carried(const plan *p, char *to, int64_t ld, int64_t first, int64_t last, const void *from, int64_t slice) {
    const int64_t j = first_unit(p, slice);
    if (last > first) memset(at(p, to, first, ld, 0), 0, (size_t)((last - first) * ld * p->size));
    if (from) move(p, first, last, units(p, slice), to, ld, at(p, from, 0, 0, j), p->s->width);
}

static void backward_part(const plan *p, const grads *g, int64_t me, int64_t team) {
    const tg_rnn *s = p->s;
    const int64_t first = p->slices * me / team, last = p->slices * (me + 1) / team, w = s->width, depth = p->gates * w;
    for (int64_t x = first; x < last; x++)
        p->t->panel(depth, units(p, x), at(p, s->w, 0, 0, first_unit(p, x)), 1, w, lanes(p, x), p->weights + x * p->panel);
    for (int64_t step = s->steps - 1; step >= 0; step--) {
        const int64_t n = s->rows[step], old = old_rows(s, step), stay = old_rows(s, step + 1);
        for (int64_t x = first; x < last; x++) {
            set_carried(p, carried(p, x, 0), lanes(p, x), stay, n, g->gh, x);
            if (s->kind == TG_LSTM) set_carried(p, carried(p, x, 1), lanes(p, x), stay, n, g->gc, x);
            grad_rows(p, g, step, 0, old, step ? s->start[step - 1] : -1, x);
            grad_rows(p, g, step, old, n, -1, x);
        }
        TG_BARRIER();
        for (int64_t x = first; x < last; x++) {
            const int64_t j = first_unit(p, x), ld = lanes(p, x);
            tg_product(p->t, n, ld, depth, at(p, g->gz, s->start[step], g->ldz, 0), g->ldz, 1, p->weights + x * p->panel, ld,
                       carried(p, x, 0), ld, s->kind == TG_GRU ? TG_TILE_ADD : 0, NULL);
            move(p, old, n, units(p, x), at(p, g->gh0, 0, 0, j), w, carried(p, x, 0), ld);
            if (s->kind == TG_LSTM) move(p, old, n, units(p, x), at(p, g->gc0, 0, 0, j), w, carried(p, x, 1), ld);
        }
    }
}

int tg_rnn_backward(const tg_rnn *s, const void *gy, const void *gh, const void *gc, void *gx, int64_t ldx, void *gh0,
                    void *gc0, void *gw, void *gb) {
    if (s->width == 0) return TG_OK;
    plan p = make_plan(s);
    const int64_t team = team_of(&p), depth = p.gates * s->width;
    const int64_t gz = s->kind == TG_GRU ? tg_up(s->total * padded(depth, p.size) * p.size, 64) : 0;
    const int64_t before = gw ? tg_up(s->total * s->width * p.size, 64) : 0;
    p.work_bytes = 2 * s->batch * p.t->nr * p.size;
    char *memory = tg_scratch((size_t)(p.slices * (p.panel + p.work_bytes) + gz + before + p.t->nr * p.size));
    if (!memory) return TG_NO_MEMORY;
    p.weights = memory, p.work = memory + p.slices * p.panel, p.zeros = p.work + p.slices * p.work_bytes + gz + before;
    memset(p.zeros, 0, (size_t)(p.t->nr * p.size));
    grads g = {.gy = gy, .gh = gh, .gc = gc, .gx = gx, .gz = gx, .ldx = ldx, .ldz = ldx, .gh0 = gh0, .gc0 = gc0};
    if (gz) g.gz = p.work + p.slices * p.work_bytes, g.ldz = padded(depth, p.size);
    if (gw) g.before = p.work + p.slices * p.work_bytes + gz;
    if (s->total == 0)
        ;
    else if (team == 1)
        backward_part(&p, &g, 0, 1);
    else
        TG_TEAM(team) backward_part(&p, &g, TG_THREAD(), TG_TEAM_SIZE());
    const float one32 = 1;
    const double one64 = 1;
    const void *one = s->dtype == TG_F64 ? (const void *)&one64 : &one32;
    int status = TG_OK;
    if (gw)
        status = tg_gemm(s->dtype, depth, s->width, s->total, g.gz, 1, g.ldz, g.before, s->width, 1, gw, s->width, 1, 0,
                         TG_GEMM_BIAS_NONE, NULL, TG_GEMM_LINEAR);
    if (gb && !status) /* a row of ones, made of one element with strides 0, times gz */
        status = tg_gemm(s->dtype, 1, depth, s->total, one, 0, 0, g.gz, g.ldz, 1, gb, depth, 1, 0, TG_GEMM_BIAS_NONE, NULL,
                         TG_GEMM_LINEAR);
    tg_scratch_free(memory);
    return status;
}

/* ---- one step ---- */

/* The rows of a step, shared among threads; room: bytes of a row's gates. */
static int each_row(const tg_rnn *s, int backward, int64_t room, const tg_cell *all) {
    const int64_t size = tg_itemsize(s->dtype), w = s->width;
    const double cost = UNIT_NS * (double)w;
    char *memory = tg_scratch((size_t)(tg_team(s->batch, cost) * room));
    if (!memory) return TG_NO_MEMORY;
    TG_PARALLEL_FOR(r, s->batch, cost) {
        tg_cell c = *all;
        tg_gates *const m[] = {&c.x, &c.z, &c.h0, &c.c0, &c.act, &c.h, &c.c, &c.copy, &c.gy, &c.dh, &c.dc, &c.gx, &c.gz};
        for (size_t i = 0; i < sizeof m / sizeof *m; i++)
            if (m[i]->p) m[i]->p = (char *)m[i]->p + r * m[i]->ld * size;
        c.rows = 1;
        c.t = (tg_gates){memory + TG_THREAD() * room, w, w};
        if (backward)
            TG_REAL_CALL(s->dtype, cell_grad, s->kind, &c);
        else
            TG_REAL_CALL(s->dtype, cell, s->kind, &c);
    }
    tg_scratch_free(memory);
    return TG_OK;
}

int tg_rnn_cell(const tg_rnn *s, const void *z) {
    const int64_t w = s->width, g = GATES[s->kind] * w;
    const tg_cell c = {.n = w, .x = {(void *)s->x, s->inputs, w}, .z = {(void *)z, g, w}, .h0 = {(void *)s->h0, w, 0},
                       .c0 = {(void *)s->c0, w, 0}, .act = {s->act, 4 * w, w}, .h = {s->h, w, 0}, .c = {s->c, w, 0},
                       .copy = {s->h, w, 0}};
    return each_row(s, 0, tg_up(g * tg_itemsize(s->dtype), 64), &c);
}

int tg_rnn_cell_grad(const tg_rnn *s, const void *gh, const void *gc, void *gx, void *gz, void *gh0, void *gc0) {
    const int64_t w = s->width, g = GATES[s->kind] * w, size = tg_itemsize(s->dtype), bytes = s->batch * w * size;
    char *zeros = tg_scratch((size_t)(w * size));
    if (!zeros) return TG_NO_MEMORY;
    memset(zeros, 0, (size_t)(w * size));
    if (s->kind == TG_GRU) tg_zero(gh0, bytes);
    if (s->kind == TG_LSTM && gc) memcpy(gc0, gc, (size_t)bytes);
    if (s->kind == TG_LSTM && !gc) tg_zero(gc0, bytes);
    const tg_cell c = {.n = w, .h0 = {(void *)s->h0, w, 0}, .c0 = {(void *)s->c0, w, 0}, .act = {s->act, 4 * w, w},
                       .h = {s->h, w, 0}, .c = {s->c, w, 0}, .gy = {gh ? (void *)gh : zeros, gh ? w : 0, 0},
                       .dh = {s->kind == TG_GRU ? gh0 : zeros, s->kind == TG_GRU ? w : 0, 0}, .dc = {gc0, w, 0},
                       .gx = {gx, g, w}, .gz = {gz, g, w}};
    int status = each_row(s, 1, tg_up(w * size, 64), &c);
    tg_scratch_free(zeros);
    return status;
}
