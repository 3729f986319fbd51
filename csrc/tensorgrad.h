/* tensorgrad.h: the one public header of the C library: types, status codes and every driver.
 *
 * Words: a *kernel* (csrc/kernels) runs on one thread over contiguous memory, allocates nothing and knows one dtype;
 * a *driver* (csrc/ *.c) walks strided views, cuts the work into blocks and shares them among threads.
 * Nothing here knows Python. Drivers trust their caller (tensorgrad/_core) for shapes, and check indices themselves
 * before they write anything. */
#ifndef TENSORGRAD_H
#define TENSORGRAD_H

#include <stddef.h>
#include <stdint.h>

#define TG_API __attribute__((visibility("default")))
#define TG_MAX_DIMS 16

/* The order is the order of promotion within a kind; _core/dtype.pyx mirrors it. */
enum tg_dtype {
    TG_BOOL, TG_U8, TG_I8, TG_I16, TG_I32, TG_I64, TG_F16, TG_BF16, TG_F32, TG_F64,
    TG_F8E4, TG_F8E5,  /* stored and converted, but computed with by no kernel */
    TG_DTYPES
};

/* What a driver answers. Anything but TG_OK leaves every output untouched, unless the driver says otherwise. */
enum tg_status {
    TG_OK = 0,
    TG_NO_MEMORY = 1,  /* workspace could not be allocated */
    TG_BAD_INDEX = 2,  /* an index or label is out of range; tg_bad_index() tells which value */
    TG_ZERO_DIVISION = 4,  /* integer division or remainder by zero */
    TG_NO_KERNEL = 8,  /* there is no kernel for this dtype */
};

/* A strided window on memory. Strides count elements; a stride of 0 repeats (broadcasting). */
typedef struct tg_view {
    char *data;  /* address of element [0, 0, ...] */
    int32_t dtype;
    int32_t ndim;
    int64_t shape[TG_MAX_DIMS];
    int64_t strides[TG_MAX_DIMS];
} tg_view;

/* ---- dtype.c, cpu.c, parallel.c ---- */
TG_API int64_t tg_itemsize(int dtype);
TG_API const char *tg_isa(void);  /* name of the kernel table in use */
TG_API int tg_isa_available(int i, const char **name);  /* i-th table built in: 1 if this CPU runs it, 0 if not, -1 past the end */
TG_API int tg_isa_select(const char *name);  /* 0, or -1 if unknown or not runnable here */
TG_API const char *tg_compiler(void);
TG_API int tg_has_openmp(void);
TG_API int tg_get_threads(void);
TG_API void tg_set_threads(int n);  /* for the calling thread, and those that did not ask yet */
TG_API int64_t tg_bad_index(void);  /* the offending value of the last TG_BAD_INDEX on this thread */

/* ---- memory.c ---- */
/* Bytes that a tensor keeps in its own storage object: no allocator on its way. None under AddressSanitizer, which knows blocks. */
#ifdef __SANITIZE_ADDRESS__
#define TG_ROOM 0
#else
#define TG_ROOM 64
#endif
TG_API void *tg_alloc(size_t nbytes);  /* 64-byte aligned, NULL when there is none; nbytes 0 is allowed */
TG_API void tg_free(void *p);
TG_API size_t tg_memory_stat(int which);  /* 0 in use, 1 cached, 2 peak in use, 3 limit of the cache */
TG_API void tg_memory_reset_peak(void);
TG_API void tg_memory_set_limit(size_t nbytes);
TG_API void tg_memory_release(void);  /* give every cached block back */

/* ---- loops.c, copy.c: elementwise (kernels/kernels.def lists the maps) ---- */
TG_API int tg_map_find(const char *name);  /* -1 when there is no such map */
TG_API int tg_map_inputs(int map);
TG_API int tg_map_result(int map, int dtype);  /* dtype of the result when computed in dtype; -1: no kernel */
/* out[i] = map(in[0][i], in[1][i], ...) computed in dtype `compute`. out has the full shape; inputs are broadcast to it
 * (right-aligned), and may have any dtype and stride: blocks are converted on the way in and out. In-place use (an input
 * that is exactly out) is allowed, partial overlap is not. */
TG_API int tg_map(int map, int compute, int nin, const tg_view *const *in, const tg_view *out);
/* *out = the sum of map(in[0][i], in[1][i], ...) over i < n, divided by `divisor`; all contiguous, float32 or float64. */
TG_API int tg_map_sum(int map, int dtype, int64_t n, int nin, const void *const *in, double divisor, void *out);
TG_API int tg_copy(const tg_view *dst, const tg_view *src);  /* src broadcast to dst, any dtypes and strides */
/* y [outer, sum of widths] = n contiguous parts [outer, widths[i]] side by side, in bytes. */
TG_API int tg_join(int64_t outer, int n, const char *const *parts, const int64_t *widths, char *y);
TG_API void tg_zero(void *p, int64_t nbytes);  /* memset to 0, shared among the threads */

/* ---- reduce.c, scan.c ---- */
enum tg_reduction {
    TG_SUM, TG_MEAN,
    TG_SUMSQ,  /* of x, or of x - centre */
    TG_SUMEXP,  /* sum of exp(x - centre) */
    TG_PROD, TG_MAX, TG_MIN,  /* of nothing: undefined for max and min; a NaN wins */
    TG_ANY, TG_ALL, TG_COUNT  /* of what is not zero; a NaN is not zero */
};
/* out = reduction of x over every dimension d with bit d in dims. out and centre (NULL: none) have x's ndim and its shape,
 * but size 1 where x is reduced; any strides. Sums and products are computed in out's dtype (float16, bfloat16: in float;
 * integers: in int64), maxima in x's. Not in place. */
TG_API int tg_reduce(int kind, const tg_view *x, uint32_t dims, const tg_view *centre, const tg_view *out);
enum tg_scan { TG_ARGMAX, TG_ARGMIN, TG_CUMSUM, TG_CUMPROD, TG_CUMMAX, TG_CUMMIN };
/* Along the middle dimension of contiguous x [outer, r, inner], r > 0; float32, float64 or int64 (else TG_NO_KERNEL).
 * ARGMAX, ARGMIN: y, at [outer, inner], the extreme and the first index that has it (a NaN wins). Others: y [outer, r,
 * inner]; CUMMAX, CUMMIN: at too, the last index so far that has it. */
TG_API int tg_scan(int scan, int dtype, int64_t outer, int64_t r, int64_t inner, const void *x, void *y, int64_t *at);

/* ---- sort.c ---- */
/* at [outer, k, inner] = the places of the first k elements of contiguous x [outer, n, inner] in stable order along the
 * middle dimension, a NaN as the largest; y: those elements (NULL: not wanted). Any dtype. */
TG_API int tg_sort(int dtype, int descending, int64_t outer, int64_t n, int64_t inner, int64_t k, const void *x, void *y,
                   int64_t *at);

/* ---- gemm/ ---- */
enum tg_gemm_bias { TG_GEMM_BIAS_NONE, TG_GEMM_BIAS_COLUMN, TG_GEMM_BIAS_ROW };  /* none, (n,), (m,); contiguous */
enum tg_gemm_activation { TG_GEMM_LINEAR, TG_GEMM_RELU };
/* C (m, n) = activation(A (m, k) @ B (k, n) + bias), with accumulate: activation(C + A @ B + bias). Strides in elements,
 * any of them, of either sign or 0 (C: no two elements in one place): rs from row to row, cs from column to column.
 * dtype: float32, float64 or an integer type but bool (else TG_NO_KERNEL). k == 0 gives the bias. */
TG_API int tg_gemm(int dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t rsa, int64_t csa, const void *b,
                   int64_t rsb, int64_t csb, void *c, int64_t rsc, int64_t csc, int accumulate, int bias_kind,
                   const void *bias, int activation);
/* The same for every item of a batch of `ndim` dimensions (0: one product); items_x[d] is the stride of x along dimension
 * d of the batch, 0 where x is broadcast. The bias is one for all. */
TG_API int tg_gemm_batched(int dtype, int ndim, const int64_t *shape, int64_t m, int64_t n, int64_t k, const void *a,
                           const int64_t *items_a, int64_t rsa, int64_t csa, const void *b, const int64_t *items_b,
                           int64_t rsb, int64_t csb, void *c, const int64_t *items_c, int64_t rsc, int64_t csc,
                           int accumulate, int bias_kind, const void *bias, int activation);

/* ---- conv*.c, winograd.c, im2col.c ---- */
/* A convolution over (depth, height, width); fewer dimensions have 1, 1, 0 and 1 in front (size, stride, pad, dilation).
 *     y[n, o, p] = b[o] + sum over c, k of x[n, c, p * stride + k * dilation - pad] * w[o, c, k]
 * Outside of the image x is 0. x [n, ci, in], w [co, ci / groups, kernel], y [n, co, out], b [co]; `out` may be any size. All
 * are contiguous, f32 or f64. The caller has checked that p * stride + k * dilation and all sizes fit 62 bits. */
typedef struct tg_conv {
    int64_t n, ci, co, groups;
    int64_t in[3], kernel[3], out[3], stride[3], pad[3], dilation[3];
} tg_conv;

TG_API int tg_conv_forward(int dtype, const tg_conv *s, const void *x, const void *w, const void *b, void *y); /* b or NULL */
/* gx[n, c, i] = sum of gy * w over the outputs that saw x[n, c, i]; plus b[c] where b is given (conv_transpose's bias). */
TG_API int tg_conv_input(int dtype, const tg_conv *s, const void *gy, const void *w, const void *b, void *gx);
TG_API int tg_conv_weight(int dtype, const tg_conv *s, const void *x, const void *gy, void *gw);
/* Which algorithm the three use: 0 the fastest, 1 shift, 2 panel (conv.c), 3 winograd (winograd.c), 4 spread (conv_spread.c),
 * 5 depthwise (depthwise.c); 3 to 5: 1 or 2 where they do not fit. */
TG_API void tg_conv_force(int algorithm);
TG_API int tg_conv_algorithm(int dtype, const tg_conv *s); /* what tg_conv_forward would take: 1, 2 or 3 */

/* col[n, (c, k), p] = x[n, c, p * stride + k * dilation - pad] (0 outside); s->co and s->groups are not used. */
TG_API int tg_im2col(int dtype, const tg_conv *s, const void *x, void *col);
/* Its adjoint: x[n, c, i] = the sum of col over all (k, p) that im2col filled from x[n, c, i]. */
TG_API int tg_col2im(int dtype, const tg_conv *s, const void *col, void *x);

/* ---- pool.c ---- */
/* Pooling of `planes` images x [planes, in] to y [planes, out], f32 or f64, contiguous. The window of output o starts at
 * o * stride - pad and has `kernel` elements, `dilation` apart; adaptive: it is floor(o * in / out) .. ceil((o + 1) * in / out).
 * What lies outside of the image is not part of it. */
typedef struct tg_pool {
    int64_t planes, adaptive;
    int64_t in[3], out[3], kernel[3], stride[3], pad[3], dilation[3];
} tg_pool;

/* y = the largest (a NaN counts as largest), index = where in its plane (-1 for an empty window, y = -inf). */
TG_API int tg_max_pool(int dtype, const tg_pool *s, const void *x, void *y, int32_t *index);
/* y = sum / divisor; 0: the number of elements, of those inside the padded image where `padded`, else inside the image. */
TG_API int tg_avg_pool(int dtype, const tg_pool *s, int padded, double divisor, const void *x, void *y);
TG_API int tg_avg_pool_grad(int dtype, const tg_pool *s, int padded, double divisor, const void *gy, void *gx);
/* gx [planes, in] = 0 but the sum of gy [planes, out] at index [planes, out]; y = x at index. -1 is nowhere (y = 0).
 * TG_BAD_INDEX for any other index outside [0, in). */
TG_API int tg_pool_put(int dtype, int64_t planes, int64_t in, int64_t out, const void *gy, const int32_t *index, void *gx);
TG_API int tg_pool_take(int dtype, int64_t planes, int64_t in, int64_t out, const void *x, const int32_t *index, void *y);

/* ---- rows.c, norm.c, loss.c: float32 and float64; every array contiguous, NULL where an optional one is absent ---- */
/* Over the middle dimension of [outer, n, inner]. */
TG_API int tg_softmax(int dtype, int64_t outer, int64_t n, int64_t inner, const void *x, void *y);
TG_API int tg_log_softmax(int dtype, int64_t outer, int64_t n, int64_t inner, const void *x, void *y);
TG_API int tg_softmax_grad(int dtype, int64_t outer, int64_t n, int64_t inner, const void *g, const void *y, void *gx);
TG_API int tg_log_softmax_grad(int dtype, int64_t outer, int64_t n, int64_t inner, const void *g, const void *y, void *gx);
/* y = x * (mask ? 1 / keep : 0), all [n] */
TG_API int tg_dropout(int dtype, int64_t n, double keep, const void *x, const uint8_t *mask, void *y);
/* Group norm of x [rows, cg, hw], row r in group r % groups; w, b [groups * cg], mean, rstd [rows]. Layer norm: groups = 1,
 * hw = 1. centred = 0: RMS norm. */
TG_API int tg_group_norm(int dtype, int64_t rows, int64_t groups, int64_t cg, int64_t hw, int centred, double eps,
                         const void *x, const void *w, const void *b, void *y, void *mean, void *rstd);
TG_API int tg_group_norm_grad(int dtype, int64_t rows, int64_t groups, int64_t cg, int64_t hw, int centred, const void *g,
                              const void *x, const void *w, const void *mean, const void *rstd, void *gx, void *gw, void *gb);
/* Batch norm of x [n, c, hw]; everything else [c]. Training moves the running averages rm, rv; otherwise they are used. */
TG_API int tg_batch_norm(int dtype, int64_t n, int64_t c, int64_t hw, int training, double eps, double momentum,
                         const void *x, const void *w, const void *b, void *rm, void *rv, void *y, void *mean, void *rstd);
TG_API int tg_batch_norm_grad(int dtype, int64_t n, int64_t c, int64_t hw, int training, const void *g, const void *x,
                              const void *w, const void *mean, const void *rstd, void *gx, void *gw, void *gb);
/* Losses of labels [outer, inner] under logits (logits = 1: cross entropy) or log-probabilities x [outer, n, inner].
 * reduction 0: y [outer, inner]; 1: mean over the labels' weights; 2: sum. stats [2, outer * inner] (logits only) and total
 * (one number) are for the gradient. */
TG_API int tg_nll(int dtype, int logits, int64_t outer, int64_t n, int64_t inner, const void *x, const int64_t *labels,
                  const void *w, int64_t ignored, double smoothing, int reduction, void *y, void *stats, void *total);
TG_API int tg_nll_grad(int dtype, int logits, int64_t outer, int64_t n, int64_t inner, const void *g, const void *x,
                       const int64_t *labels, const void *w, int64_t ignored, double smoothing, int reduction,
                       const void *stats, const void *total, void *gx);

/* ---- rnn.c ---- */
enum tg_rnn_kind { TG_RNN_TANH, TG_RNN_RELU, TG_LSTM, TG_GRU };
/* A recurrent layer in one direction, float32 or float64, every array contiguous but where a row stride is named. Its steps
 * stand in the order in which they are taken: step s sees rows[s] sequences, whose rows begin at start[s]. From step to step
 * sequences only leave (at the end) or only enter (behind the others). gates: 1, 4 or 3 parts of `width` a row. */
typedef struct tg_rnn {
    int kind, dtype;
    int64_t steps, total, batch, width, inputs;  /* total: rows of all steps; batch: of the states; inputs: row stride of x */
    const int64_t *start, *rows;                 /* [steps] */
    const void *x;                               /* [total, gates]: the input's part of the gates */
    const void *h0, *c0;                         /* [batch, width]; c0: LSTM */
    const void *w, *b;                           /* [gates, width], [gates] or NULL: of the state's part */
    void *y, *h, *c;                             /* [total, width], and the last states [batch, width] */
    void *act, *cells;                           /* for the gradient, or NULL: [total, 4 width] (LSTM, GRU), [total, width] (LSTM) */
} tg_rnn;
TG_API int tg_rnn_forward(const tg_rnn *s);
/* gx (rows ldx apart), gh0, gc0, gw, gb from those of y, h and c, each of which may be NULL; gw, gb NULL: not wanted. */
TG_API int tg_rnn_backward(const tg_rnn *s, const void *gy, const void *gh, const void *gc, void *gx, int64_t ldx, void *gh0,
                           void *gc0, void *gw, void *gb);
/* One step without its products: z [batch, gates] is the state's part of the gates. The struct's x, h0, c0, h, c, act. */
TG_API int tg_rnn_cell(const tg_rnn *s, const void *z);
/* gx, gz [batch, gates] (LSTM, RNN: the same), gh0 (GRU), gc0 (LSTM) from gh and gc (each may be NULL). */
TG_API int tg_rnn_cell_grad(const tg_rnn *s, const void *gh, const void *gc, void *gx, void *gz, void *gh0, void *gc0);

/* ---- attention.c ---- */
/* softmax(q k^T scale + mask) v for every item of a batch of `ndim` dimensions; any strides, in elements: of the batch (0
 * where broadcast), from row to row, from column to column. */
typedef struct tg_matrices {
    void *p;
    int64_t items[TG_MAX_DIMS], rs, cs;
} tg_matrices;
typedef struct tg_attention {
    int dtype, ndim, causal;                 /* causal: row i attends to columns up to i */
    int mask_dtype;                          /* TG_BOOL: where to attend; else added, in dtype */
    int64_t shape[TG_MAX_DIMS];              /* of the batch */
    int64_t rows, keys, e, v;                /* q [rows, e], k [keys, e], v [keys, v], mask [rows, keys] or NULL, y [rows, v] */
    double scale;
    tg_matrices q, k, value, mask, y;        /* y: unit column stride */
    void *lse;                               /* [items, rows]: log of the sum of exponentials; inf where nothing is attended to */
} tg_attention;
TG_API int tg_attention_forward(const tg_attention *s);
/* gq, gk, gv (unit column stride; p = NULL: not wanted) from g, the gradient of y. */
TG_API int tg_attention_backward(const tg_attention *s, const tg_matrices *g, const tg_matrices *gq, const tg_matrices *gk,
                                 const tg_matrices *gv);

/* ---- ctc.c ---- */
/* Alignments of label sequences with log-probabilities x [time, n, c]: sample i has steps[i] <= time of them and the
 * labels[i] labels from start[i] on, each in [0, c). width = 2 * (most labels) + 1. */
typedef struct tg_ctc {
    int64_t time, n, c, width, blank;
    const int64_t *start, *steps, *labels; /* [n] */
} tg_ctc;
/* loss [n] = -log of the probability of the labels; alpha [n, time, width] is for the gradient. */
TG_API int tg_ctc_forward(int dtype, const tg_ctc *s, const void *x, const int64_t *labels, double *alpha, double *loss);
/* gx = g (exp(x) - the probability that x's class is said then): PyTorch's gradient, which supposes that x is normalised
 * and that its log_softmax is differentiated next. zero_infinity: none for samples whose loss is infinite. */
TG_API int tg_ctc_backward(int dtype, const tg_ctc *s, const void *g, const void *x, const int64_t *labels,
                           const double *alpha, const double *loss, int zero_infinity, void *gx);

/* ---- resample.c ---- */
/* y[o, j, i] = sum of weight[t] * x[o, place[t], i] for start[j] <= t < start[j + 1]; x [outer, n, inner], y [outer, m,
 * inner], start [m + 1], place and weight [start[m]]; f32 or f64. The caller has checked that 0 <= place < n. */
TG_API int tg_resample(int dtype, int64_t outer, int64_t n, int64_t m, int64_t inner, const int64_t *start,
                       const int64_t *place, const void *weight, const void *x, void *y);

/* ---- sample.c ---- */
/* Planes x [n, c, size] read at weighted places: y[n, c, q] = sum over t of w[n, q, t] x[n, c, at[n, q, t]]; y [n, c, out],
 * w and at [n, out, taps]; all contiguous, f32 or f64. The other two are its adjoints in x and in w. */
typedef struct tg_sample_shape {
    int64_t n, c, size, out, taps;
} tg_sample_shape;
TG_API int tg_sample(int dtype, const tg_sample_shape *s, const void *x, const void *w, const int64_t *at, void *y);
TG_API int tg_sample_spread(int dtype, const tg_sample_shape *s, const void *g, const void *w, const int64_t *at, void *x);
TG_API int tg_sample_dot(int dtype, const tg_sample_shape *s, const void *g, const void *x, const int64_t *at, void *w);

/* ---- index.c ---- */
/* places[p] = sum_d p[d] * base[d] (NULL: 0) + sum_c index[c][p] * strides[c] for every position p of `shape`, row-major.
 * The k index views are int64 with that shape (strides of 0 broadcast); 0 <= index < sizes[c], with wrap from -sizes[c].
 * TG_BAD_INDEX: *failed is the c. */
TG_API int tg_index_places(int ndim, const int64_t *shape, const int64_t *base, int k, const tg_view *const *index,
                           const int64_t *sizes, const int64_t *strides, int wrap, int64_t *places, int *failed);
enum tg_put { TG_PUT_WRITE, TG_PUT_ADD, TG_PUT_MUL, TG_PUT_MAX, TG_PUT_MIN };
/* places: n row-major positions in k dimensions of `sizes`, whose memory strides in x are `strides`; the views x, and out
 * or src, are the other dimensions, of one shape and dtype. Entry i of out or src starts `row` elements after entry i - 1
 * (src: any strides, 0 too). Contributions to one element are combined in the order of i. */
TG_API int tg_index_take(int64_t n, const int64_t *places, int k, const int64_t *sizes, const int64_t *strides,
                         const tg_view *x, const tg_view *out, int64_t row);
TG_API int tg_index_put(int mode, int64_t n, const int64_t *places, int k, const int64_t *sizes, const int64_t *strides,
                        const tg_view *x, const tg_view *src, int64_t row);
/* How many of n bools are true; starts [n / 65536 + 1] is for tg_nonzero, which writes the indices of each, row-major. */
TG_API int64_t tg_nonzero_count(int64_t n, const uint8_t *mask, int64_t *starts);
TG_API void tg_nonzero(int64_t n, const uint8_t *mask, const int64_t *starts, int ndim, const int64_t *shape, int64_t *out);

/* ---- random.c: PyTorch's CPU generator and its distributions; every fill is contiguous ---- */
#define TG_RNG_WORDS 624
#define TG_RNG_BYTES 5056  /* of a saved state, laid out as torch.get_rng_state() */
typedef struct tg_rng {
    uint32_t state[TG_RNG_WORDS];  /* mt19937 */
    uint32_t draws[TG_RNG_WORDS];  /* the same block, tempered */
    uint64_t seed;
    int32_t left, next;  /* draws[next] is the next draw; left - 1 of them remain in the block */
    int32_t has_normal, has_normal_f32;  /* a normal number waits for the next call */
    double normal;
    float normal_f32;
} tg_rng;
enum tg_distribution { TG_EXPONENTIAL, TG_CAUCHY, TG_GEOMETRIC, TG_LOG_NORMAL };

TG_API void tg_rng_seed(tg_rng *rng, uint64_t seed);
TG_API void tg_rng_save(const tg_rng *rng, void *bytes);
TG_API int tg_rng_load(tg_rng *rng, const void *bytes);  /* TG_BAD_INDEX, and nothing changed, if it is no state */
TG_API uint64_t tg_rng_next64(tg_rng *rng);
TG_API int tg_rng_uniform(tg_rng *rng, int dtype, void *p, int64_t n, double low, double high);
/* blocks: the tensor is contiguous, so that n >= 16 numbers are made in blocks of 16. */
TG_API int tg_rng_normal(tg_rng *rng, int dtype, void *p, int64_t n, double mean, double std, int blocks);
/* low + x % range (0 means 2^64); x is one draw, or two when wide. */
TG_API int tg_rng_integers(tg_rng *rng, int dtype, void *p, int64_t n, int64_t low, uint64_t range, int wide);
TG_API int tg_rng_permutation(tg_rng *rng, int dtype, void *p, int64_t n);  /* int64 or int32 */
TG_API int tg_rng_bernoulli(tg_rng *rng, int dtype, void *p, int64_t n, double probability);
TG_API int tg_rng_bernoulli_each(tg_rng *rng, int dtype, void *p, int64_t n, int of, const void *probability);
TG_API int tg_rng_distribution(tg_rng *rng, int which, int dtype, void *p, int64_t n, double a, double b);
/* p (rows, k) float32 or float64, rows with a positive finite sum; out (rows, samples), with replacement. */
TG_API int tg_rng_multinomial(tg_rng *rng, int dtype, const void *p, int64_t rows, int64_t k, int64_t samples,
                              int64_t *out);
/* counts.c: finite means >= 0; finite counts, probabilities in [0, 1]. */
TG_API void tg_rng_poisson(tg_rng *rng, int64_t n, const double *rate, double *out);
TG_API void tg_rng_binomial(tg_rng *rng, int64_t n, const double *count, const double *p, double *out);
TG_API void tg_rng_gamma(tg_rng *rng, int64_t n, const double *alpha, double *out);

/* ---- update.c: one optimiser step over all parameters ---- */
/* Reader: TG_RULE(id, kernel). kernels/update.h says what slots and coefficients a rule takes. */
#define TG_RULES                                                                                                \
    TG_RULE(TG_SGD, sgd) TG_RULE(TG_ADAM, adam) TG_RULE(TG_RMSPROP, rmsprop) TG_RULE(TG_ADAGRAD, adagrad)       \
    TG_RULE(TG_ADADELTA, adadelta) TG_RULE(TG_ADAMAX, adamax) TG_RULE(TG_NADAM, nadam) TG_RULE(TG_RADAM, radam) \
    TG_RULE(TG_ASGD, asgd) TG_RULE(TG_RPROP, rprop) TG_RULE(TG_BLEND, blend) TG_RULE(TG_SHIFT, shift)     \
    TG_RULE(TG_COMBINE, combine)
enum tg_rule {
#define TG_RULE(id, name) id,
    TG_RULES
#undef TG_RULE
};
enum tg_update_flags {
    TG_MAXIMIZE = 1,
    TG_DECAY = 2,      /* g + weight_decay * p stands for g */
    TG_MOMENTUM = 4,
    TG_NESTEROV = 8,
    TG_FIRST = 16,     /* the momentum buffer starts with this gradient */
    TG_AMSGRAD = 32,
    TG_CENTERED = 64,
    TG_RECTIFIED = 128,
};
#define TG_UPDATE_SLOTS 5
#define TG_UPDATE_COEFFICIENTS 10
typedef struct tg_update_item {
    char *slot[TG_UPDATE_SLOTS];  /* parameter, gradient, state ...; contiguous, NULL where the rule has no use for it */
    double c[TG_UPDATE_COEFFICIENTS];
    int64_t n, start;  /* elements; `start` belongs to the driver */
    int32_t flags;
} tg_update_item;
TG_API int tg_update(int rule, int dtype, int64_t count, tg_update_item *items);

/* flat.c: one pass over vectors of n elements. First whole = the pieces end to end, then each mix out = a x + b y (y NULL: a x; out
 * may be x), then sums[i] = the product of product[i]'s x and y, sums[TG_FLAT_SUM] and sums[TG_FLAT_LARGEST] the sum and the largest
 * of |sized|. What is NULL or counts 0 is left out. TG_NO_MEMORY. */
#define TG_FLAT_MIXES 2
#define TG_FLAT_PRODUCTS 3
enum { TG_FLAT_SUM = TG_FLAT_PRODUCTS, TG_FLAT_LARGEST, TG_FLAT_SUMS };
typedef struct tg_piece {
    const char *data;  /* NULL: zeros */
    int64_t end;       /* elements of this piece and all before it */
} tg_piece;
typedef struct tg_flat {
    int64_t n, pieces;
    const tg_piece *piece;
    char *whole, *sized;
    int32_t mixes, products;
    struct tg_flat_mix { char *out, *x, *y; double a, b; } mix[TG_FLAT_MIXES];
    struct tg_flat_product { char *x, *y; } product[TG_FLAT_PRODUCTS];
    double sums[TG_FLAT_SUMS];
} tg_flat;
TG_API int tg_flat_pass(int dtype, tg_flat *f);

/* muon.c: x /= divisor, rounded to bfloat16. */
TG_API int tg_bfloat(int64_t n, float *x, double divisor);
/* x (m, n), contiguous, of bfloat16 values: so many times x = a x + (b g + c g g) x with g = x x^T, where each sum is
 * rounded to bfloat16 once. TG_NO_MEMORY. */
TG_API int tg_newton_schulz(int64_t m, int64_t n, float *x, int64_t times, double a, double b, double c);

/* adafactor.c: a step for one parameter p of `batch` matrices [rows, cols] with gradient g. row [batch, rows] and col [batch, cols]
 * are the means of the squared gradient, mixed in with weight `fresh`; row NULL: col has p's shape and holds the squares. The
 * step has the size rate * max(least_size, rms(p)) / max(1, rms(move) / clip), after p *= shrink. TG_NO_MEMORY. */
typedef struct tg_factored {
    int64_t batch, rows, cols;
    void *p, *row, *col;
    const void *g;
    double fresh, least, rate, least_size, clip, shrink;  /* rate < 0 maximises */
} tg_factored;
TG_API int tg_adafactor(int dtype, const tg_factored *f);

/* ---- machine.c: the limits that benchmarks compare with, measured with the threads in use ---- */
TG_API double tg_fma_peak(void);  /* float32 operations a second */
TG_API double tg_triad(void);  /* bytes a second between memory and the threads; 0: no memory for the measurement */

#endif
