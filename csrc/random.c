/* random.c: the numbers of PyTorch's CPU generator: one stream of mt19937 draws, and for each distribution the same
 * draws in the same order put through the same transformation (with FMA where PyTorch's build has it). Oracle:
 * PyTorch 2.13 (tests/test_random.py).
 *
 * A fill works on chunks: draws into a small buffer, a kernel or a scalar loop turns them into numbers of the type they
 * are computed in, and tg_copy converts where the tensor has another one. */
#include <math.h>
#include <string.h>

#include "kernels/table.h"
#include "memory.h"
#include "parallel.h"

#define CHUNK 1024  /* numbers at a time: 8 KB of draws and as much of results stay in the first-level cache */

static const double PI = 3.14159265358979323846;

/* init_genrand of Matsumoto and Nishimura: the low 32 bits of the seed, spread by a linear congruence. */
void tg_rng_seed(tg_rng *rng, uint64_t seed) {
    memset(rng, 0, sizeof *rng);
    rng->seed = seed;
    rng->state[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < TG_RNG_WORDS; i++)
        rng->state[i] = 1812433253u * (rng->state[i - 1] ^ (rng->state[i - 1] >> 30)) + i;
    rng->left = 1;
}

/* out[0..n): the next n draws. `left` counts as PyTorch's does: one more than the words of this block not yet drawn. */
static void draw(tg_rng *rng, uint32_t *out, int64_t n) {
    while (n > 0) {
        if (rng->left <= 1) {
            tg_k->rng_twist(rng->state, rng->draws);
            rng->left = TG_RNG_WORDS + 1;
            rng->next = 0;
        }
        int64_t m = rng->left - 1 < n ? rng->left - 1 : n;
        memcpy(out, rng->draws + rng->next, (size_t)m * sizeof *out);
        rng->left -= (int32_t)m;
        rng->next += (int32_t)m;
        out += m;
        n -= m;
    }
}

static uint32_t draw32(tg_rng *rng) {
    uint32_t word;
    draw(rng, &word, 1);
    return word;
}

static uint64_t draw64(tg_rng *rng) {
    uint32_t word[2];
    draw(rng, word, 2);
    return (uint64_t)word[0] << 32 | word[1];
}

/* A double in [0, 1) from two draws. */
static double draw_double(tg_rng *rng) { return (double)(draw64(rng) & (((uint64_t)1 << 53) - 1)) * 0x1p-53; }

uint64_t tg_rng_next64(tg_rng *rng) { return draw64(rng); }

/* ---- the state as bytes, in the layout of torch.get_rng_state() ---- */

typedef struct {
    uint64_t seed;
    int32_t left, seeded;
    uint64_t next, state[TG_RNG_WORDS];
    double normal_x, normal, normal_rho;
    int32_t has_normal, pad;
    float normal_f32;
    uint8_t has_normal_f32, pad2[3];
} saved;

_Static_assert(sizeof(saved) == TG_RNG_BYTES, "the layout of PyTorch's generator state");

void tg_rng_save(const tg_rng *rng, void *bytes) {
    saved s = {.seed = rng->seed, .left = rng->left, .seeded = 1, .next = (uint64_t)rng->next, .normal = rng->normal,
               .has_normal = rng->has_normal, .normal_f32 = rng->normal_f32,
               .has_normal_f32 = (uint8_t)rng->has_normal_f32};
    for (int i = 0; i < TG_RNG_WORDS; i++) s.state[i] = rng->state[i];
    memcpy(bytes, &s, sizeof s);
}

int tg_rng_load(tg_rng *rng, const void *bytes) {
    saved s;
    memcpy(&s, bytes, sizeof s);
    if (s.seeded != 1 || s.left < 1 || s.left > TG_RNG_WORDS + 1 || s.next > TG_RNG_WORDS ||
        s.next + (uint64_t)s.left > TG_RNG_WORDS + 1)
        return TG_BAD_INDEX;
    rng->seed = s.seed;
    rng->left = s.left;
    rng->next = (int32_t)s.next;
    rng->normal = s.has_normal ? s.normal : 0;
    rng->has_normal = s.has_normal != 0;
    rng->normal_f32 = s.has_normal_f32 ? s.normal_f32 : 0;
    rng->has_normal_f32 = s.has_normal_f32 != 0;
    for (int i = 0; i < TG_RNG_WORDS; i++) rng->state[i] = (uint32_t)s.state[i];
    tg_k->rng_temper(rng->state, rng->draws);
    return TG_OK;
}

/* ---- chunks ---- */

static tg_view line(int dtype, void *p, int64_t n) {
    return (tg_view){.data = p, .dtype = dtype, .ndim = 1, .shape = {n}, .strides = {1}};
}

/* Calls make(rng, parameters, count, where) for pieces of at most CHUNK numbers of type `made`, which land in `p`. */
typedef void maker(tg_rng *rng, const double *parameters, int64_t n, void *out);

static int fill(tg_rng *rng, int dtype, void *p, int64_t n, int made, maker *make, const double *parameters) {
    char buffer[CHUNK * sizeof(double)] __attribute__((aligned(64)));
    const int64_t size = tg_itemsize(dtype);
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK;
        char *out = (char *)p + i * size;
        make(rng, parameters, m, dtype == made ? out : buffer);
        if (dtype != made) tg_k->convert(m, out, dtype, buffer, made);
    }
    return TG_OK;
}

static void make_uniform_f32(tg_rng *rng, const double *p, int64_t n, void *out) {
    uint32_t draws[CHUNK];
    draw(rng, draws, n);
    tg_k->rng_uniform_f32(n, draws, (float)p[0], (float)p[1] - (float)p[0], out);
}

static void make_uniform_f64(tg_rng *rng, const double *p, int64_t n, void *out) {
    uint32_t draws[2 * CHUNK];
    draw(rng, draws, 2 * n);
    tg_k->rng_uniform_f64(n, draws, p[0], p[1] - p[0], out);
}

/* u * (high - low) + low: a float (and the half types) from 24 bits of one draw, a double from 53 bits of two. */
int tg_rng_uniform(tg_rng *rng, int dtype, void *p, int64_t n, double low, double high) {
    const double ends[] = {low, high};
    if (dtype == TG_F64) return fill(rng, dtype, p, n, TG_F64, make_uniform_f64, ends);
    return fill(rng, dtype, p, n, TG_F32, make_uniform_f32, ends);
}

/* One normal number; they come in pairs, the second one waits in the generator. */
static double draw_normal(tg_rng *rng, double mean, double std) {
    if (rng->has_normal) {
        rng->has_normal = 0;
        return fma(rng->normal, std, mean);
    }
    double u1 = draw_double(rng), u2 = draw_double(rng);
    double r = sqrt(-2.0 * log1p(-u2)), t = 2.0 * PI * u1;
    rng->normal = r * sin(t);
    rng->has_normal = 1;
    return fma(r * cos(t), std, mean);
}

static void make_normal(tg_rng *rng, const double *p, int64_t n, void *out) {
    for (int64_t i = 0; i < n; i++) ((double *)out)[i] = draw_normal(rng, p[0], p[1]);
}

/* One block of 16 doubles as kernels/random.h does it for floats. */
static void normal_block(double *u, double mean, double std) {
    for (int j = 0; j < 8; j++) {
        double r = sqrt(-2.0 * log(1.0 - u[j])), t = 2.0 * PI * u[j + 8];
        u[j] = fma(r * cos(t), std, mean);
        u[j + 8] = fma(r * sin(t), std, mean);
    }
}

#define NORMAL_BLOCKS 256  /* blocks of 16 in one piece of parallel work */

static void normal_blocks(int dtype, char *p, int64_t blocks, double mean, double std) {
    TG_PARALLEL_FOR(i, (blocks + NORMAL_BLOCKS - 1) / NORMAL_BLOCKS, NORMAL_BLOCKS * (dtype == TG_F32 ? 16.0 : 300.0)) {
        int64_t first = i * NORMAL_BLOCKS, count = blocks - first < NORMAL_BLOCKS ? blocks - first : NORMAL_BLOCKS;
        if (dtype == TG_F32)
            tg_k->rng_normal_f32(count, (float *)p + 16 * first, (float)mean, (float)std);
        else
            for (int64_t b = 0; b < count; b++) normal_block((double *)p + 16 * (first + b), mean, std);
    }
}

/* float16 and bfloat16 draw block by block in float32: no uniforms are drawn ahead for a tail. */
static int normal_half(tg_rng *rng, int dtype, char *p, int64_t n, double mean, double std) {
    for (int64_t i = 0; i < n; i += 16) {
        const double unit[] = {0, 1};
        float block[16];
        int64_t at = i + 16 <= n ? i : n - 16;
        make_uniform_f32(rng, unit, 16, block);
        tg_k->rng_normal_f32(1, block, (float)mean, (float)std);
        tg_view from = line(TG_F32, block, 16), to = line(dtype, p + 2 * at, 16);
        int status = tg_copy(&to, &from);
        if (status != TG_OK) return status;
    }
    return TG_OK;
}

/* mean + std * z. `blocks` (a contiguous tensor) and n >= 16: uniforms for all, then Box-Muller on blocks of 16, the
 * last 16 drawn anew where 16 does not divide n. Otherwise one by one, in double precision. */
int tg_rng_normal(tg_rng *rng, int dtype, void *p, int64_t n, double mean, double std, int blocks) {
    if (!blocks || n < 16) {
        const double parameters[] = {mean, std};
        return fill(rng, dtype, p, n, TG_F64, make_normal, parameters);
    }
    if (dtype != TG_F32 && dtype != TG_F64) return normal_half(rng, dtype, p, n, mean, std);
    tg_rng_uniform(rng, dtype, p, n, 0, 1);
    normal_blocks(dtype, p, n / 16, mean, std);
    if (n % 16) {
        char *tail = (char *)p + (n - 16) * tg_itemsize(dtype);
        tg_rng_uniform(rng, dtype, tail, 16, 0, 1);
        normal_blocks(dtype, tail, 1, mean, std);
    }
    return TG_OK;
}

/* low + x % range (range 0: 2^64), x one draw, or two when `wide`. The value lives in int64; tg_copy narrows it. */
int tg_rng_integers(tg_rng *rng, int dtype, void *p, int64_t n, int64_t low, uint64_t range, int wide) {
    int64_t buffer[CHUNK];
    uint32_t draws[2 * CHUNK];
    const int64_t size = tg_itemsize(dtype);
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK;
        char *to = (char *)p + i * size;
        int64_t *out = dtype == TG_I64 ? (int64_t *)to : buffer;
        draw(rng, draws, wide ? 2 * m : m);
        if (!wide && range && range <= UINT32_MAX)
            tg_k->rng_remainders(m, draws, (uint32_t)range, 0, low, out);
        else for (int64_t j = 0; j < m; j++) {
            uint64_t x = wide ? (uint64_t)draws[2 * j] << 32 | draws[2 * j + 1] : draws[j];
            if (wide)
                x = range ? x % range : x;
            out[j] = (int64_t)(x + (uint64_t)low);
        }
        if (dtype != TG_I64) {
            tg_view from = line(TG_I64, buffer, m), view = line(dtype, to, m);
            int status = tg_copy(&view, &from);
            if (status != TG_OK) return status;
        }
    }
    return TG_OK;
}

/* Fisher-Yates from the front: p[i] changes places with p[i + x % (n - i)]. From 2^32 / 20 on, where one draw would be
 * visibly uneven, the "inside-out" variant with two draws. Versions, 100,000 numbers:
 *   1. draw, divide, exchange, one after the other                                        620 us
 *   2. a chunk of draws and remainders (rng_remainders) at a time, then the exchanges     220 us */
#define SHUFFLE(T)                                                      \
    if (n < UINT32_MAX / 20) {                                          \
        for (int64_t i = 0; i < n; i++) ((T *)p)[i] = (T)i;             \
        for (int64_t i = 0, m; i < n - 1; i += m) {                     \
            int64_t steps[CHUNK];                                       \
            uint32_t draws[CHUNK];                                      \
            m = n - 1 - i < CHUNK ? n - 1 - i : CHUNK;                  \
            draw(rng, draws, m);                                        \
            tg_k->rng_remainders(m, draws, (uint32_t)(n - i), 1, 0, steps); \
            for (int64_t j = 0; j < m; j++) {                           \
                T *a = (T *)p + i + j, *b = a + steps[j], t = *a;       \
                *a = *b;                                                \
                *b = t;                                                 \
            }                                                           \
        }                                                               \
    } else                                                              \
        for (int64_t i = 0; i < n; i++) {                               \
            int64_t z = (int64_t)(draw64(rng) % (uint64_t)(i + 1));     \
            ((T *)p)[i] = (T)i;                                         \
            ((T *)p)[i] = ((T *)p)[z];                                  \
            ((T *)p)[z] = (T)i;                                         \
        }

/* A permutation of 0 .. n - 1, as int64 (itemsize 8) or int32 (4): other types are converted by the caller. */
int tg_rng_permutation(tg_rng *rng, int dtype, void *p, int64_t n) {
    if (dtype == TG_I64) {
        SHUFFLE(int64_t)
    } else if (dtype == TG_I32) {
        SHUFFLE(int32_t)
    } else
        return TG_NO_KERNEL;
    return TG_OK;
}

/* u < p for doubles u of 53 bits means: the 53-bit integer is below ceil(p 2^53), which is exact in a double. */
static uint64_t bernoulli_limit(double p) { return (uint64_t)ceil(p * 0x1p53); }

static void make_bernoulli(tg_rng *rng, const double *p, int64_t n, void *out) {
    uint32_t draws[2 * CHUNK];
    draw(rng, draws, 2 * n);
    tg_k->rng_bernoulli(n, draws, bernoulli_limit(p[0]), out);
}

/* 1 with probability p, else 0. */
int tg_rng_bernoulli(tg_rng *rng, int dtype, void *p, int64_t n, double probability) {
    return fill(rng, dtype, p, n, dtype == TG_U8 ? TG_U8 : TG_BOOL, make_bernoulli, &probability);
}

/* out[i] = u_i < probability[i]: float32 probabilities take a float u of one draw, float64 ones a double of two. */
int tg_rng_bernoulli_each(tg_rng *rng, int dtype, void *p, int64_t n, int of, const void *probability) {
    uint8_t buffer[CHUNK];
    const int64_t size = tg_itemsize(dtype);
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK;
        for (int64_t j = 0; j < m; j++)
            buffer[j] = of == TG_F64 ? draw_double(rng) < ((const double *)probability)[i + j]
                                     : (float)(draw32(rng) & 0xffffff) * 0x1p-24f < ((const float *)probability)[i + j];
        tg_view from = line(TG_BOOL, buffer, m), to = line(dtype, (char *)p + i * size, m);
        int status = tg_copy(&to, &from);
        if (status != TG_OK) return status;
    }
    return TG_OK;
}

static void make_exponential(tg_rng *rng, const double *p, int64_t n, void *out) {
    for (int64_t i = 0; i < n; i++) ((double *)out)[i] = -1.0 / p[0] * log1p(-draw_double(rng));
}

static void make_cauchy(tg_rng *rng, const double *p, int64_t n, void *out) {
    for (int64_t i = 0; i < n; i++) ((double *)out)[i] = p[0] + p[1] * tan(PI * (draw_double(rng) - 0.5));
}

static void make_geometric(tg_rng *rng, const double *p, int64_t n, void *out) {
    for (int64_t i = 0; i < n; i++) ((double *)out)[i] = ceil(log(draw_double(rng)) / log1p(-p[0]));
}

static void make_log_normal(tg_rng *rng, const double *p, int64_t n, void *out) {
    for (int64_t i = 0; i < n; i++) ((double *)out)[i] = exp(draw_normal(rng, p[0], p[1]));
}

/* The distributions that are drawn one by one in double precision: exponential(rate), Cauchy(median, sigma),
 * geometric(p), log-normal(mean, std). */
int tg_rng_distribution(tg_rng *rng, int which, int dtype, void *p, int64_t n, double a, double b) {
    static maker *const makers[] = {make_exponential, make_cauchy, make_geometric, make_log_normal};
    const double parameters[] = {a, b};
    return fill(rng, dtype, p, n, TG_F64, makers[which], parameters);
}

/* out (rows, samples): indices into each row of p (rows, k), drawn with replacement with probabilities proportional to
 * the row: the first cumulated probability that is not below a double u. */
#define CUMULATE(T)                                                                          \
    {                                                                                        \
        T *sums = workspace, total = 0;                                                      \
        for (int64_t j = 0; j < k; j++) sums[j] = total += ((const T *)p)[r * k + j];        \
        for (int64_t j = 0; j < k; j++) sums[j] /= total;                                    \
        sums[k - 1] = 1;                                                                     \
        for (int64_t s = 0; s < samples; s++) {                                              \
            double u = draw_double(rng);                                                     \
            int64_t low = 0, high = k;                                                       \
            while (low < high) {                                                             \
                int64_t middle = low + (high - low) / 2;                                     \
                if ((double)sums[middle] < u)                                                \
                    low = middle + 1;                                                        \
                else                                                                         \
                    high = middle;                                                           \
            }                                                                                \
            out[r * samples + s] = low;                                                      \
        }                                                                                    \
    }

int tg_rng_multinomial(tg_rng *rng, int dtype, const void *p, int64_t rows, int64_t k, int64_t samples, int64_t *out) {
    void *workspace = tg_scratch((size_t)k * (size_t)tg_itemsize(dtype));
    if (!workspace) return TG_NO_MEMORY;
    for (int64_t r = 0; r < rows; r++) {
        if (dtype == TG_F64)
            CUMULATE(double)
        else
            CUMULATE(float)
    }
    tg_scratch_free(workspace);
    return TG_OK;
}
