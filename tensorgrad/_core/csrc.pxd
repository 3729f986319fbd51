# The only `cdef extern`: csrc/tensorgrad.h as Cython sees it, in the same order.
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t, uint8_t


cdef extern from "tensorgrad.h" nogil:
    enum:
        TG_MAX_DIMS
        TG_ROOM
        TG_BOOL
        TG_U8
        TG_I8
        TG_I16
        TG_I32
        TG_I64
        TG_F16
        TG_BF16
        TG_F32
        TG_F64
        TG_F8E4
        TG_F8E5
        TG_DTYPES
        TG_OK
        TG_NO_MEMORY
        TG_BAD_INDEX
        TG_ZERO_DIVISION
        TG_NO_KERNEL

    ctypedef struct tg_view:
        char *data
        int32_t dtype
        int32_t ndim
        int64_t *shape  # arrays of TG_MAX_DIMS inside the struct
        int64_t *strides

    int64_t tg_itemsize(int dtype)
    const char *tg_isa()
    int tg_isa_available(int i, const char **name)
    int tg_isa_select(const char *name)
    const char *tg_compiler()
    int tg_has_openmp()
    int tg_get_threads()
    void tg_set_threads(int n)
    int64_t tg_bad_index()

    # memory.c
    void *tg_alloc(size_t nbytes)
    void tg_free(void *p)
    size_t tg_memory_stat(int which)
    void tg_memory_reset_peak()
    void tg_memory_set_limit(size_t nbytes)
    void tg_memory_release()

    # loops.c, copy.c
    int tg_map_find(const char *name)
    int tg_map_inputs(int map)
    int tg_map_result(int map, int dtype)
    int tg_map(int map, int compute, int nin, const tg_view **inputs, const tg_view *out)
    int tg_map_sum(int map, int dtype, int64_t n, int nin, const void *const *inputs, double divisor, void *out)
    int tg_copy(const tg_view *dst, const tg_view *src)
    int tg_join(int64_t outer, int n, const char **parts, const int64_t *widths, char *y)
    void tg_zero(void *p, int64_t nbytes)

    # reduce.c, scan.c
    enum:
        TG_SUM
        TG_MEAN
        TG_SUMSQ
        TG_SUMEXP
        TG_PROD
        TG_MAX
        TG_MIN
        TG_ANY
        TG_ALL
        TG_COUNT
        TG_ARGMAX
        TG_ARGMIN
        TG_CUMSUM
        TG_CUMPROD
        TG_CUMMAX
        TG_CUMMIN
    int tg_reduce(int kind, const tg_view *x, uint32_t dims, const tg_view *centre, const tg_view *out)
    int tg_sort(int dtype, int descending, int64_t outer, int64_t n, int64_t inner, int64_t k, const void *x, void *y,
                int64_t *at)
    int tg_scan(int scan, int dtype, int64_t outer, int64_t r, int64_t inner, const void *x, void *y, int64_t *at)

    # gemm/
    enum:
        TG_GEMM_BIAS_NONE
        TG_GEMM_BIAS_COLUMN
        TG_GEMM_BIAS_ROW
        TG_GEMM_LINEAR
        TG_GEMM_RELU
    int tg_gemm(int dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t rsa, int64_t csa, const void *b,
                int64_t rsb, int64_t csb, void *c, int64_t rsc, int64_t csc, int accumulate, int bias_kind,
                const void *bias, int activation)
    int tg_gemm_batched(int dtype, int ndim, const int64_t *shape, int64_t m, int64_t n, int64_t k, const void *a,
                        const int64_t *items_a, int64_t rsa, int64_t csa, const void *b, const int64_t *items_b,
                        int64_t rsb, int64_t csb, void *c, const int64_t *items_c, int64_t rsc, int64_t csc,
                        int accumulate, int bias_kind, const void *bias, int activation)

    # conv.c, conv_weight.c, im2col.c
    ctypedef struct tg_conv:
        int64_t n
        int64_t ci
        int64_t co
        int64_t groups
        int64_t *size "in"  # arrays of 3 inside the struct
        int64_t *kernel
        int64_t *out
        int64_t *stride
        int64_t *pad
        int64_t *dilation

    int tg_conv_forward(int dtype, const tg_conv *s, const void *x, const void *w, const void *b, void *y)
    int tg_conv_input(int dtype, const tg_conv *s, const void *gy, const void *w, const void *b, void *gx)
    int tg_conv_weight(int dtype, const tg_conv *s, const void *x, const void *gy, void *gw)
    void tg_conv_force(int algorithm)
    int tg_conv_algorithm(int dtype, const tg_conv *s)
    int tg_im2col(int dtype, const tg_conv *s, const void *x, void *col)
    int tg_col2im(int dtype, const tg_conv *s, const void *col, void *x)

    # pool.c
    ctypedef struct tg_pool:
        int64_t planes
        int64_t adaptive
        int64_t *size "in"
        int64_t *out
        int64_t *kernel
        int64_t *stride
        int64_t *pad
        int64_t *dilation

    int tg_max_pool(int dtype, const tg_pool *s, const void *x, void *y, int32_t *index)
    int tg_avg_pool(int dtype, const tg_pool *s, int padded, double divisor, const void *x, void *y)
    int tg_avg_pool_grad(int dtype, const tg_pool *s, int padded, double divisor, const void *gy, void *gx)
    int tg_pool_put(int dtype, int64_t planes, int64_t size, int64_t out, const void *gy, const int32_t *index, void *gx)
    int tg_pool_take(int dtype, int64_t planes, int64_t size, int64_t out, const void *x, const int32_t *index, void *y)

    # rows.c, norm.c, loss.c
    int tg_softmax(int dtype, int64_t outer, int64_t n, int64_t inner, const void *x, void *y)
    int tg_log_softmax(int dtype, int64_t outer, int64_t n, int64_t inner, const void *x, void *y)
    int tg_softmax_grad(int dtype, int64_t outer, int64_t n, int64_t inner, const void *g, const void *y, void *gx)
    int tg_log_softmax_grad(int dtype, int64_t outer, int64_t n, int64_t inner, const void *g, const void *y, void *gx)
    int tg_dropout(int dtype, int64_t n, double keep, const void *x, const uint8_t *mask, void *y)
    int tg_group_norm(int dtype, int64_t rows, int64_t groups, int64_t cg, int64_t hw, int centred, double eps,
                      const void *x, const void *w, const void *b, void *y, void *mean, void *rstd)
    int tg_group_norm_grad(int dtype, int64_t rows, int64_t groups, int64_t cg, int64_t hw, int centred, const void *g,
                           const void *x, const void *w, const void *mean, const void *rstd, void *gx, void *gw, void *gb)
    int tg_batch_norm(int dtype, int64_t n, int64_t c, int64_t hw, int training, double eps, double momentum,
                      const void *x, const void *w, const void *b, void *rm, void *rv, void *y, void *mean, void *rstd)
    int tg_batch_norm_grad(int dtype, int64_t n, int64_t c, int64_t hw, int training, const void *g, const void *x,
                           const void *w, const void *mean, const void *rstd, void *gx, void *gw, void *gb)
    int tg_nll(int dtype, int logits, int64_t outer, int64_t n, int64_t inner, const void *x, const int64_t *labels,
               const void *w, int64_t ignored, double smoothing, int reduction, void *y, void *stats, void *total)
    int tg_nll_grad(int dtype, int logits, int64_t outer, int64_t n, int64_t inner, const void *g, const void *x,
                    const int64_t *labels, const void *w, int64_t ignored, double smoothing, int reduction,
                    const void *stats, const void *total, void *gx)

    # rnn.c
    enum:
        TG_RNN_TANH
        TG_RNN_RELU
        TG_LSTM
        TG_GRU

    ctypedef struct tg_rnn:
        int kind
        int dtype
        int64_t steps
        int64_t total
        int64_t batch
        int64_t width
        int64_t inputs
        const int64_t *start
        const int64_t *rows
        const void *x
        const void *h0
        const void *c0
        const void *w
        const void *b
        void *y
        void *h
        void *c
        void *act
        void *cells

    int tg_rnn_forward(const tg_rnn *s)
    int tg_rnn_backward(const tg_rnn *s, const void *gy, const void *gh, const void *gc, void *gx, int64_t ldx, void *gh0,
                        void *gc0, void *gw, void *gb)
    int tg_rnn_cell(const tg_rnn *s, const void *z)
    int tg_rnn_cell_grad(const tg_rnn *s, const void *gh, const void *gc, void *gx, void *gz, void *gh0, void *gc0)

    # attention.c
    ctypedef struct tg_matrices:
        void *p
        int64_t *items  # an array of TG_MAX_DIMS inside the struct
        int64_t rs
        int64_t cs

    ctypedef struct tg_attention:
        int dtype
        int ndim
        int causal
        int mask_dtype
        int64_t *shape  # an array of TG_MAX_DIMS inside the struct
        int64_t rows
        int64_t keys
        int64_t e
        int64_t v
        double scale
        tg_matrices q
        tg_matrices k
        tg_matrices value
        tg_matrices mask
        tg_matrices y
        void *lse

    int tg_attention_forward(const tg_attention *s)
    int tg_attention_backward(const tg_attention *s, const tg_matrices *g, const tg_matrices *gq, const tg_matrices *gk,
                              const tg_matrices *gv)

    # ctc.c
    ctypedef struct tg_ctc:
        int64_t time
        int64_t n
        int64_t c
        int64_t width
        int64_t blank
        const int64_t *start
        const int64_t *steps
        const int64_t *labels

    int tg_ctc_forward(int dtype, const tg_ctc *s, const void *x, const int64_t *labels, double *alpha, double *loss)
    int tg_ctc_backward(int dtype, const tg_ctc *s, const void *g, const void *x, const int64_t *labels,
                        const double *alpha, const double *loss, int zero_infinity, void *gx)

    # resample.c
    int tg_resample(int dtype, int64_t outer, int64_t n, int64_t m, int64_t inner, const int64_t *start,
                    const int64_t *place, const void *weight, const void *x, void *y)

    # sample.c
    ctypedef struct tg_sample_shape:
        int64_t n
        int64_t c
        int64_t size
        int64_t out
        int64_t taps

    int tg_sample(int dtype, const tg_sample_shape *s, const void *x, const void *w, const int64_t *at, void *y)
    int tg_sample_spread(int dtype, const tg_sample_shape *s, const void *g, const void *w, const int64_t *at, void *x)
    int tg_sample_dot(int dtype, const tg_sample_shape *s, const void *g, const void *x, const int64_t *at, void *w)

    # index.c
    enum:
        TG_PUT_WRITE
        TG_PUT_ADD
        TG_PUT_MUL
        TG_PUT_MAX
        TG_PUT_MIN
    int tg_index_places(int ndim, const int64_t *shape, const int64_t *base, int k, const tg_view **index,
                        const int64_t *sizes, const int64_t *strides, int wrap, int64_t *places, int *failed)
    int tg_index_take(int64_t n, const int64_t *places, int k, const int64_t *sizes, const int64_t *strides,
                      const tg_view *x, const tg_view *out, int64_t row)
    int tg_index_put(int mode, int64_t n, const int64_t *places, int k, const int64_t *sizes, const int64_t *strides,
                     const tg_view *x, const tg_view *src, int64_t row)
    int64_t tg_nonzero_count(int64_t n, const uint8_t *mask, int64_t *starts)
    void tg_nonzero(int64_t n, const uint8_t *mask, const int64_t *starts, int ndim, const int64_t *shape, int64_t *out)

    # random.c
    ctypedef struct tg_rng:
        uint64_t seed
    enum:
        TG_RNG_BYTES
        TG_EXPONENTIAL
        TG_CAUCHY
        TG_GEOMETRIC
        TG_LOG_NORMAL
    void tg_rng_seed(tg_rng *rng, uint64_t seed)
    void tg_rng_save(const tg_rng *rng, void *bytes)
    int tg_rng_load(tg_rng *rng, const void *bytes)
    uint64_t tg_rng_next64(tg_rng *rng)
    int tg_rng_uniform(tg_rng *rng, int dtype, void *p, int64_t n, double low, double high)
    int tg_rng_normal(tg_rng *rng, int dtype, void *p, int64_t n, double mean, double std, int blocks)
    int tg_rng_integers(tg_rng *rng, int dtype, void *p, int64_t n, int64_t low, uint64_t range, int wide)
    int tg_rng_permutation(tg_rng *rng, int dtype, void *p, int64_t n)
    int tg_rng_bernoulli(tg_rng *rng, int dtype, void *p, int64_t n, double probability)
    int tg_rng_bernoulli_each(tg_rng *rng, int dtype, void *p, int64_t n, int of, const void *probability)
    int tg_rng_distribution(tg_rng *rng, int which, int dtype, void *p, int64_t n, double a, double b)
    int tg_rng_multinomial(tg_rng *rng, int dtype, const void *p, int64_t rows, int64_t k, int64_t samples,
                           int64_t *out)
    void tg_rng_poisson(tg_rng *rng, int64_t n, const double *rate, double *out)
    void tg_rng_binomial(tg_rng *rng, int64_t n, const double *count, const double *p, double *out)
    void tg_rng_gamma(tg_rng *rng, int64_t n, const double *alpha, double *out)

    # update.c
    enum:
        TG_SGD
        TG_ADAM
        TG_RMSPROP
        TG_ADAGRAD
        TG_ADADELTA
        TG_ADAMAX
        TG_NADAM
        TG_RADAM
        TG_ASGD
        TG_RPROP
        TG_BLEND
        TG_SHIFT
        TG_COMBINE
        TG_MAXIMIZE
        TG_DECAY
        TG_MOMENTUM
        TG_NESTEROV
        TG_FIRST
        TG_AMSGRAD
        TG_CENTERED
        TG_RECTIFIED
        TG_UPDATE_SLOTS
        TG_UPDATE_COEFFICIENTS
    ctypedef struct tg_update_item:
        char **slot  # an array of TG_UPDATE_SLOTS inside the struct
        double *c  # of TG_UPDATE_COEFFICIENTS
        int64_t n
        int32_t flags
    int tg_update(int rule, int dtype, int64_t count, tg_update_item *items)

    # flat.c, muon.c
    enum:
        TG_FLAT_MIXES
        TG_FLAT_PRODUCTS
        TG_FLAT_SUM
        TG_FLAT_LARGEST
    ctypedef struct tg_piece:
        const char *data
        int64_t end
    struct tg_flat_mix:
        char *out
        char *x
        char *y
        double a, b
    struct tg_flat_product:
        char *x
        char *y
    ctypedef struct tg_flat:
        int64_t n, pieces
        const tg_piece *piece
        char *whole
        char *sized
        int32_t mixes, products
        tg_flat_mix *mix  # of TG_FLAT_MIXES
        tg_flat_product *product  # of TG_FLAT_PRODUCTS
        double *sums  # of TG_FLAT_SUMS
    int tg_flat_pass(int dtype, tg_flat *f)
    int tg_bfloat(int64_t n, float *x, double divisor)
    int tg_newton_schulz(int64_t m, int64_t n, float *x, int64_t times, double a, double b, double c)

    # adafactor.c
    ctypedef struct tg_factored:
        int64_t batch, rows, cols
        void *p
        void *row
        void *col
        const void *g
        double fresh, least, rate, least_size, clip, shrink
    int tg_adafactor(int dtype, const tg_factored *f)

    # machine.c
    double tg_fma_peak()
    double tg_triad()
