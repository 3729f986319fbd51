/* pages.h: the large blocks of the allocator (memory.c), which holds its lock around every call. */
#ifndef TG_PAGES_H
#define TG_PAGES_H

#include <stddef.h>
#include <stdint.h>

/* What AddressSanitizer is told, so that it sees an access behind the bytes that were asked for, or to a block that waits. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define TG_CLOSE(p, nbytes) ASAN_POISON_MEMORY_REGION(p, nbytes)
#define TG_OPEN(p, nbytes) ASAN_UNPOISON_MEMORY_REGION(p, nbytes)
#else
#define TG_CLOSE(p, nbytes) ((void)(p), (void)(nbytes))
#define TG_OPEN(p, nbytes) ((void)(p), (void)(nbytes))
#endif

#define TG_PAGE ((size_t)2 << 20) /* a huge page: the unit of large blocks, and the smallest of them */

typedef struct tg_span {
    struct tg_span *next; /* in a list of free ones */
    char *start;          /* on a huge page */
    size_t pages, size;   /* size: bytes that were asked for */
} tg_span;

/* A block of at least nbytes >= 1, from free pages as far as there are any; NULL when memory is out. */
tg_span *tg_span_take(size_t nbytes);
tg_span *tg_span_of(const void *p); /* the block in use that starts at p, or NULL */
void tg_span_keep(tg_span *s);      /* its pages are free now, and wait */
void tg_span_drop(tg_span *s);      /* they go back to the system */
void tg_span_drop_free(void);       /* and so do all that wait */
size_t tg_span_free_bytes(void);

#endif
