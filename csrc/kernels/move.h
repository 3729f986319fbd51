/* move.h: elements of one size from lattice to lattice (copies, broadcasts, transposes) and past the caches. Versions:
 *   1. loops over rows and columns                            transpose of 2048 x 2048: 4.6 ms, row of one number: 90 ns
 *   2. the same loops compiled for each instruction set       row of one number (4 KB): 20 ns
 *   3. transposes in square tiles of registers                2048 x 2048: 0.8 ms
 *   4. results larger than the cache leave through `stream`   16M elements copied: 3.0 -> 1.9 ms
 *   5. rows of up to 1 KB without a call of memcpy            12 x 64 x 4 rows of 32 floats: 8.7 -> 7.2 us */
#ifndef TG_KERNELS_MOVE_H
#define TG_KERNELS_MOVE_H

/* A tile of N x N elements (N: lanes of a vector) is transposed in registers: source lines in, log2 N rounds in which
 * lines i and i + N/2 are zipped into lines 2i and 2i + 1, lines of the result out. A round turns the bits of (line, lane)
 * by one place; after all of them line and lane have changed places. Every cache line on either side is touched once, so
 * lines that are a power of two apart, which share few sets of the cache, do no harm. */
#define TG_TURN(T, V, VU, N, LOW, HIGH)                                                                                 \
    TG_INLINE void turn_tile_##T(const char *s, int64_t sc, char *d, int64_t dr) {                                      \
        V a[N], b[N];                                                                                                   \
        TG_UNROLL for (int i = 0; i < N; i++) a[i] = *(const VU *)(s + i * sc);                                         \
        TG_UNROLL for (int round = 1; round < N; round *= 2) {                                                          \
            TG_UNROLL for (int i = 0; i < N / 2; i++) {                                                                 \
                b[2 * i] = TG_SHUFFLE(V, a[i], a[i + N / 2], LOW);                                                      \
                b[2 * i + 1] = TG_SHUFFLE(V, a[i], a[i + N / 2], HIGH);                                                 \
            }                                                                                                           \
            TG_UNROLL for (int i = 0; i < N; i++) a[i] = b[i];                                                          \
        }                                                                                                               \
        TG_UNROLL for (int i = 0; i < N; i++) *(VU *)(d + i * dr) = a[i];                                               \
    }                                                                                                                   \
    /* d[i][j] = s[j][i]: the source runs along i, the result along j. */                                               \
    static void turn_##T(int64_t rows, int64_t cols, char *d, int64_t dr, const char *s, int64_t sc) {                  \
        const int64_t z = sizeof(T), whole = rows / N * N;                                                              \
        int64_t j = 0;                                                                                                  \
        for (; j + N <= cols; j += N)                                                                                   \
            for (int64_t i = 0; i < whole; i += N) turn_tile_##T(s + j * sc + i * z, sc, d + i * dr + j * z, dr);       \
        for (int64_t i = 0; i < rows; i++)                                                                              \
            for (int64_t k = i < whole ? j : 0; k < cols; k++) *(T *)(d + i * dr + k * z) = *(const T *)(s + k * sc + i * z); \
    }

#if TG_VEC_BYTES == 64
TG_TURN(uint32_t, vi32, vi32u, 16, TG_ZIP16_LOW, TG_ZIP16_HIGH)
TG_TURN(uint64_t, vi64, vi64u, 8, TG_ZIP8_LOW, TG_ZIP8_HIGH)
#elif TG_VEC_BYTES == 32
TG_TURN(uint32_t, vi32, vi32u, 8, TG_ZIP8_LOW, TG_ZIP8_HIGH)
TG_TURN(uint64_t, vi64, vi64u, 4, TG_ZIP4_LOW, TG_ZIP4_HIGH)
#else
TG_TURN(uint32_t, vi32, vi32u, 4, TG_ZIP4_LOW, TG_ZIP4_HIGH)
TG_TURN(uint64_t, vi64, vi64u, 2, TG_ZIP2_LOW, TG_ZIP2_HIGH)
#endif

/* Narrow elements are seldom transposed: a loop will do. */
#define TG_TURN_PLAIN(T)                                                                                                \
    static void turn_##T(int64_t rows, int64_t cols, char *d, int64_t dr, const char *s, int64_t sc) {                  \
        const int64_t z = sizeof(T);                                                                                    \
        for (int64_t i = 0; i < rows; i++)                                                                              \
            for (int64_t j = 0; j < cols; j++) *(T *)(d + i * dr + j * z) = *(const T *)(s + j * sc + i * z);           \
    }
TG_TURN_PLAIN(uint8_t)
TG_TURN_PLAIN(uint16_t)

/* n >= TG_VEC_BYTES bytes of any alignment, few enough that a call of memcpy would count; the last vector may overlap the one
 * before. */
#define TG_FEW_BYTES 1024
TG_INLINE void move_vector(char *d, const char *s) {
    vi32 v;
    memcpy(&v, s, sizeof v);
    memcpy(d, &v, sizeof v);
}
TG_INLINE void move_few(char *d, const char *s, int64_t n) {
    int64_t i = 0;
    for (; i + TG_VEC_BYTES <= n; i += TG_VEC_BYTES) move_vector(d + i, s + i);
    if (i < n) move_vector(d + n - TG_VEC_BYTES, s + n - TG_VEC_BYTES);
}

#define TG_MOVE(T)                                                                                                      \
    static void move_##T(int64_t rows, int64_t cols, char *d, int64_t dr, int64_t dc, const char *s, int64_t sr,        \
                         int64_t sc) {                                                                                  \
        const int64_t z = sizeof(T);                                                                                    \
        if (dc == z && sr == z && sc != z && sc != 0 && rows > 1) {                                                                \
            turn_##T(rows, cols, d, dr, s, sc);                                                                         \
            return;                                                                                                     \
        }                                                                                                               \
        if (dc == z && sc == z && cols * z >= TG_VEC_BYTES && cols * z <= TG_FEW_BYTES) {                               \
            for (int64_t i = 0; i < rows; i++) move_few(d + i * dr, s + i * sr, cols * z);                              \
            return;                                                                                                     \
        }                                                                                                               \
        for (int64_t i = 0; i < rows; i++, d += dr, s += sr) {                                                          \
            if (dc == z && sc == z && cols > 16)                                                                        \
                memcpy(d, s, (size_t)(cols * z));                                                                       \
            else if (dc == z && sc == z)                                                                                \
                for (int64_t j = 0; j < cols; j++) ((T *)d)[j] = ((const T *)s)[j];                                     \
            else if (dc == z && sc == 0) {                                                                              \
                const T value = *(const T *)s;                                                                          \
                for (int64_t j = 0; j < cols; j++) ((T *)d)[j] = value;                                                 \
            } else if (dc == z)                                                                                         \
                for (int64_t j = 0; j < cols; j++) ((T *)d)[j] = *(const T *)(s + j * sc);                              \
            else                                                                                                        \
                for (int64_t j = 0; j < cols; j++) *(T *)(d + j * dc) = *(const T *)(s + j * sc);                       \
        }                                                                                                               \
    }
TG_MOVE(uint8_t)
TG_MOVE(uint16_t)
TG_MOVE(uint32_t)
TG_MOVE(uint64_t)

/* d[i * dr + j * dc] = s[i * sr + j * sc] for elements of `size` bytes; strides in bytes. */
static void move(int64_t size, int64_t rows, int64_t cols, char *d, int64_t dr, int64_t dc, const char *s, int64_t sr,
                 int64_t sc) {
    if (rows > 1 && dr == cols * dc && sr == cols * sc) cols *= rows, rows = 1;
    switch (size) {
        case 1: move_uint8_t(rows, cols, d, dr, dc, s, sr, sc); break;
        case 2: move_uint16_t(rows, cols, d, dr, dc, s, sr, sc); break;
        case 4: move_uint32_t(rows, cols, d, dr, dc, s, sr, sc); break;
        default: move_uint64_t(rows, cols, d, dr, dc, s, sr, sc);
    }
}

/* n bytes from s, which is in the first cache, to d in memory without reading d's lines first. */
static void stream(int64_t n, char *d, const char *s) {
    const int64_t head = -(intptr_t)d & (TG_VEC_BYTES - 1);
    if (n < head + TG_VEC_BYTES) {
        memcpy(d, s, (size_t)n);
        return;
    }
    memcpy(d, s, (size_t)head);
    int64_t i = head;
    for (; i + TG_VEC_BYTES <= n; i += TG_VEC_BYTES) TG_STREAM((vf32 *)(d + i), *(const vf32u *)(s + i));
    memcpy(d + i, s + i, (size_t)(n - i));
}

#endif
