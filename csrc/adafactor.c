/* adafactor.c: one step of Adafactor in two passes over the gradient, the least there can be: the whole move's size clips each
 * element's. A composition takes ten, and a temporary of the parameter's size for most of them.
 *
 * The first pass sums the squares of rows and columns, which gives the mean squares v = r c / mean(r). The size of the move needs the
 * sum of g^2 / v, which is mean(r) times the sum over columns of (the sum over rows of g^2 / r) / c: a row's r is known when the row
 * has been summed, and while it is in the cache its g^2 / r are added to a second line of columns. That holds only if no v lies below
 * the least one allowed, the smallest r and c decide; else (a dead row is enough) a pass of its own takes the sum as it stands.
 *
 * A tensor is cut into lines: a row of one of its matrices or, where the squares are kept whole, CHUNK elements. Blocks of lines
 * are shared among the threads, each with sums of its own that are added in their order: the bits do not depend on the threads. */
#include <math.h>
#include <string.h>

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"
#include "real.h"
#include "status.h"

#define SMALLEST 1e-36  /* 1 / r is a float for what is above it */
#define CHUNK 16384  /* elements of a line of a vector */
#define BLOCK 65536  /* elements that a block has at least ... */
#define BLOCKS 64    /* ... unless a matrix had more blocks than this, each with a row of sums */

typedef struct cut {
    int64_t batch, rows, cols, n;   /* matrices, lines of each, elements of a line, elements */
    int64_t lines, blocks;          /* lines of a block, blocks of a matrix */
    int64_t size;
} cut;

static cut cut_of(int dtype, const tg_factored *f) {
    cut c = {.batch = f->batch, .rows = f->rows, .cols = f->cols, .n = f->batch * f->rows * f->cols, .size = tg_itemsize(dtype)};
    if (!f->row) c.batch = 1, c.rows = (c.n + CHUNK - 1) / CHUNK, c.cols = CHUNK;
    c.lines = c.cols < BLOCK ? BLOCK / c.cols : 1;
    if (c.lines * BLOCKS < c.rows) c.lines = (c.rows + BLOCKS - 1) / BLOCKS;
    c.blocks = (c.rows + c.lines - 1) / c.lines;
    return c;
}

/* Line i of all: where it begins, its length, and its elements of p, g and of what scales the columns. */
typedef struct line {
    int64_t at, n;
    char *p, *g, *col;
} line;

static line line_of(const cut *c, const tg_factored *f, int64_t i) {
    const int64_t at = i * c->cols, n = c->n - at < c->cols ? c->n - at : c->cols, col = f->row ? i / c->rows * c->cols : at;
    return (line){at, n, (char *)f->p + at * c->size, (char *)f->g + at * c->size, (char *)f->col + col * c->size};
}

static double total(int64_t n, const double *parts) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += parts[i];
    return sum;
}

#define CALL(name, n, flags, p, g, col, sum, ...) \
    (dtype == TG_F64 ? tg_k->update_##name##_f64 : tg_k->update_##name##_f32)( \
        n, flags, (char *const[]){p, g, col, (char *)(sum)}, (const double[]){__VA_ARGS__})
#define EACH_BLOCK(b) TG_PARALLEL_FOR(b, c.batch * c.blocks, 0.5 * (double)(c.lines * c.cols))
#define EACH_LINE(i, b) \
    for (int64_t i = (b) / c.blocks * c.rows + (b) % c.blocks * c.lines, \
                 end = (b) / c.blocks * c.rows + ((b) % c.blocks + 1 < c.blocks ? ((b) % c.blocks + 1) * c.lines : c.rows); i < end; i++)

/* The squares of the rows and columns go into f->row and f->col, then into scale[i], the factor of line i. Answers the sum of
 * g^2 / v, NAN where some v is below `least`. */
static double factors(int dtype, const tg_factored *f, const cut *whole, double least, double *scale, double *norms, char *sums) {
    const cut c = *whole;
    const int64_t width = c.cols * c.size;
    double moves = 0;
    EACH_BLOCK(b) {
        char *sum = sums + 2 * b * width;  /* of the squares, and of the squares over the row's r */
        memset(sum, 0, (size_t)(2 * width));
        EACH_LINE(i, b) {
            const line l = line_of(&c, f, i);
            const double old = tg_get(dtype, f->row, i);
            double square = 0;
            CALL(product, l.n, 0, NULL, l.g, l.g, &square, 0);
            CALL(factor_squares, l.n, 0, sum, l.g, NULL, NULL, 1);
            tg_put(dtype, f->row, i, old + f->fresh * (square / (double)c.cols - old));
            scale[i] = tg_get(dtype, f->row, i);
            CALL(factor_squares, l.n, 0, sum + width, l.g, NULL, NULL, 1 / scale[i]);
            CALL(product, l.n, 0, NULL, l.p, l.p, norms + b, 0);
        }
    }
    for (int64_t m = 0; m < c.batch; m++) {
        char *first = sums + 2 * m * c.blocks * width, *col = (char *)f->col + m * width;
        double *r = scale + m * c.rows, mean = total(c.rows, r) / (double)c.rows, low = INFINITY, lowest = INFINITY, move = 0;
        for (int64_t b = 1; b < c.blocks; b++)
            CALL(combine, 2 * c.cols, 0, first, first, first + 2 * b * width, NULL, 1, 1);
        CALL(factor_mix, c.cols, 0, col, first, NULL, NULL, f->fresh, 1 / (double)c.rows);
        if (mean < f->least) mean = f->least;
        for (int64_t i = 0; i < c.rows; i++) {
            low = r[i] > low ? low : r[i];  /* a NaN stays */
            r[i] /= mean;
        }
        for (int64_t j = 0; j < c.cols; j++) {
            const double v = tg_get(dtype, col, j);
            lowest = v > lowest ? lowest : v;
            move += tg_get(dtype, first + width, j) / v;
        }
        moves += low > SMALLEST && low / mean * lowest >= least ? mean * move : NAN;
    }
    return moves;
}

int tg_adafactor(int dtype, const tg_factored *f) {
    const cut c = cut_of(dtype, f);
    if (!c.n) return TG_OK;
    const int64_t lines = c.batch * c.rows, blocks = c.batch * c.blocks;
    const double least = f->least * f->least;
    const size_t sums = f->row ? (size_t)(2 * blocks * c.cols * c.size) : 0;
    double *scale = tg_scratch((size_t)(lines + 2 * blocks) * sizeof(double) + sums);
    if (!scale) return TG_NO_MEMORY;
    double *norms = scale + lines, *moves = norms + blocks;
    memset(norms, 0, (size_t)(2 * blocks) * sizeof(double));
    double sum = f->row ? factors(dtype, f, &c, least, scale, norms, (char *)(moves + blocks)) : NAN;
    if (isnan(sum)) {
        EACH_BLOCK(b) EACH_LINE(i, b) {
            const line l = line_of(&c, f, i);
            if (!f->row) {
                scale[i] = 1;
                CALL(factor_mix, l.n, TG_FIRST, l.col, l.g, NULL, NULL, f->fresh, 1);
                CALL(product, l.n, 0, NULL, l.p, l.p, norms + b, 0);
            }
            CALL(factor_size, l.n, 0, NULL, l.g, l.col, moves + b, scale[i], least);
        }
        sum = total(blocks, moves);
    }
    const double size = sqrt(total(blocks, norms) / (double)c.n), move = sqrt(sum / (double)c.n) / f->clip;
    const double step = f->rate * (size > f->least_size ? size : f->least_size) / (move > 1 ? move : 1);
    EACH_BLOCK(b) EACH_LINE(i, b) {
        const line l = line_of(&c, f, i);
        CALL(factor_step, l.n, 0, l.p, l.g, l.col, NULL, scale[i], least, f->shrink, step);
    }
    tg_scratch_free(scale);
    return TG_OK;
}
