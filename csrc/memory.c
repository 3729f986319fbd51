/* memory.c: a caching allocator. The first touch of a fresh page costs microseconds (a fault and 4 KiB of zeroing), far
 * more than the arithmetic done on it, so freed blocks wait and are handed out again while they are hot. Blocks below
 * 2 MiB have one last-in-first-out list a size class; classes are spaced 1/8 of a power of two apart: at most 12.5 % of
 * a block is slack. Larger ones consist of huge pages (pages.c). The cache is bounded; over the limit a freed block
 * goes back to the system. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"

#define ALIGN 64
#define CLASSES 128

/* In front of every small block, on a cache line of its own so that the block stays aligned. */
typedef struct header {
    struct header *next; /* in the free list */
    size_t size;         /* usable bytes, a class size */
    int class;
} header;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static header *free_list[CLASSES];
static size_t in_use, cached, peak, limit;

/* Size class: 64-byte steps up to 512, then eight steps each power of two. */
static int class_of(size_t n, size_t *size) {
    if (n <= 512) {
        int c = n ? (int)((n - 1) / 64) : 0;
        *size = (size_t)(c + 1) * 64;
        return c;
    }
    int log = 63 - __builtin_clzll(n - 1); /* 2^log <= n - 1 < 2^(log + 1) */
    size_t step = (size_t)1 << (log - 3);
    size_t steps = (n - ((size_t)1 << log) + step - 1) / step; /* 1..8 */
    *size = ((size_t)1 << log) + steps * step;
    return 8 + (log - 9) * 8 + (int)steps - 1;
}

static header *take_from_system(size_t size) {
    void *p = NULL;
    return posix_memalign(&p, ALIGN, size + ALIGN) ? NULL : p;
}

static size_t default_limit(void) {
    const char *wanted = getenv("TENSORGRAD_CACHE_BYTES");
    if (wanted) return strtoull(wanted, NULL, 10);
    return (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) / 2;
}

/* A child of fork() must not find the lock held by a thread that it does not have. */
static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) { pthread_mutex_unlock(&lock); }

__attribute__((constructor)) static void start(void) {
    limit = default_limit();
    pthread_atfork(before_fork, after_fork, after_fork);
}

void tg_memory_release(void) {
    pthread_mutex_lock(&lock);
    for (int c = 0; c < CLASSES; c++)
        while (free_list[c]) {
            header *h = free_list[c];
            free_list[c] = h->next;
            cached -= h->size;
            free(h);
        }
    cached -= tg_span_free_bytes();
    tg_span_drop_free();
    pthread_mutex_unlock(&lock);
}

/* Both with the lock: a block that is counted, or NULL. */
static void count(size_t size) {
    in_use += size;
    if (in_use > peak) peak = in_use;
}

static void *take_large(size_t nbytes) {
    cached -= tg_span_free_bytes();
    tg_span *s = tg_span_take(nbytes);
    cached += tg_span_free_bytes();
    if (!s) return NULL;
    count(nbytes);
    TG_CLOSE(s->start, s->pages * TG_PAGE);
    return s->start;
}

static void *take_small(size_t nbytes) {
    size_t size;
    int class = class_of(nbytes, &size);
    header *h = free_list[class];
    if (h) {
        free_list[class] = h->next;
        cached -= size;
    } else {
        h = take_from_system(size);
        if (!h) return NULL;
        h->size = size;
        h->class = class;
        TG_CLOSE(h + 1, ALIGN - sizeof *h + size);
    }
    count(size);
    return (char *)h + ALIGN;
}

void *tg_alloc(size_t nbytes) {
    if (nbytes > (size_t)1 << 47) return NULL;
    void *p = NULL;
    for (int attempt = 0; attempt < 2 && !p; attempt++) {
        if (attempt) tg_memory_release(); /* what the cache holds may be what is missing */
        pthread_mutex_lock(&lock);
        p = nbytes < TG_PAGE ? take_small(nbytes) : take_large(nbytes);
        if (p) TG_OPEN(p, nbytes);
        pthread_mutex_unlock(&lock);
    }
    return p;
}

void tg_free(void *p) {
    if (!p) return;
    pthread_mutex_lock(&lock);
    tg_span *s = tg_span_of(p);
    header *h = s ? NULL : (header *)((char *)p - ALIGN);
    size_t bytes = s ? s->pages * TG_PAGE : h->size;
    in_use -= s ? s->size : bytes;
    TG_CLOSE(p, bytes);
    int keep = cached + bytes <= limit;
    if (keep) cached += bytes;
    if (s && keep)
        tg_span_keep(s);
    else if (s)
        tg_span_drop(s);
    else if (keep) {
        h->next = free_list[h->class];
        free_list[h->class] = h;
    }
    pthread_mutex_unlock(&lock);
    if (h && !keep) free(h);
}

size_t tg_memory_stat(int which) {
    const size_t stats[] = {in_use, cached, peak, limit};
    return which >= 0 && which < 4 ? stats[which] : 0;
}

void tg_memory_reset_peak(void) { peak = in_use; }

void tg_memory_set_limit(size_t nbytes) {
    limit = nbytes;
    if (cached > limit) tg_memory_release();
}
