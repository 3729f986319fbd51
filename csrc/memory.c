/* memory.c: a caching allocator. The first touch of a fresh page costs microseconds (a fault and 4 KiB of zeroing), far
 * more than the arithmetic done on it, so freed blocks wait in one last-in-first-out list a size class and are handed out
 * again while they are hot. Classes are spaced 1/8 of a power of two apart: at most 12.5 % of a block is slack. Blocks of
 * 2 MiB and more are mapped on huge pages. The cache is bounded; over the limit a freed block goes back to the system. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN 64
#define HUGE ((size_t)2 << 20)
#define CLASSES 512

/* In front of every block, on a cache line of its own so that the block stays aligned. */
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

static size_t mapped_size(size_t size) { return (size + ALIGN + HUGE - 1) / HUGE * HUGE; }

static header *take_from_system(size_t size) {
    if (size + ALIGN < HUGE) {
        void *p = NULL;
        return posix_memalign(&p, ALIGN, size + ALIGN) ? NULL : p;
    }
    /* Map one huge page too much, cut both ends off: the block starts on a huge page. */
    size_t bytes = mapped_size(size);
    char *p = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    char *start = (char *)(((uintptr_t)p + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
    if (start > p) munmap(p, (size_t)(start - p));
    if (p + HUGE > start) munmap(start + bytes, (size_t)(p + HUGE - start));
#ifdef MADV_HUGEPAGE
    madvise(start, bytes, MADV_HUGEPAGE);
#endif
    return (header *)start;
}

static void give_to_system(header *h) {
    if (h->size + ALIGN < HUGE)
        free(h);
    else
        munmap(h, mapped_size(h->size));
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
            give_to_system(h);
        }
    pthread_mutex_unlock(&lock);
}

void *tg_alloc(size_t nbytes) {
    if (nbytes > (size_t)1 << 47) return NULL;
    size_t size;
    int class = class_of(nbytes, &size);
    pthread_mutex_lock(&lock);
    header *h = free_list[class];
    if (h) {
        free_list[class] = h->next;
        cached -= size;
    }
    in_use += size;
    if (in_use > peak) peak = in_use;
    pthread_mutex_unlock(&lock);
    if (!h) {
        h = take_from_system(size);
        if (!h) { /* what the cache holds may be what is missing */
            tg_memory_release();
            h = take_from_system(size);
        }
        if (!h) {
            pthread_mutex_lock(&lock);
            in_use -= size;
            pthread_mutex_unlock(&lock);
            return NULL;
        }
        h->size = size;
        h->class = class;
    }
    return (char *)h + ALIGN;
}

void tg_free(void *p) {
    if (!p) return;
    header *h = (header *)((char *)p - ALIGN);
    pthread_mutex_lock(&lock);
    in_use -= h->size;
    int keep = cached + h->size <= limit;
    if (keep) {
        h->next = free_list[h->class];
        free_list[h->class] = h;
        cached += h->size;
    }
    pthread_mutex_unlock(&lock);
    if (!keep) give_to_system(h);
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
