/* pages.c: blocks of huge pages that are never given up while they may be of use.
 *
 * The first touch of a fresh huge page costs a millisecond and more, so a block of n pages is made, in this order, of: a
 * free block of n pages, the last one freed first; the front of a larger one; the pages of several smaller ones, moved
 * to one place (mremap changes page tables, a microsecond a page, and copies nothing); fresh pages for what is missing.
 * So the pages that a process holds are those that were in use at its peak, whatever the sizes of its tensors. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "pages.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LISTS 64
/* A moved page is a mapping of its own; the system allows 65530 of them. */
#define MOVES 32768

static tg_span *lists[LISTS]; /* free blocks of 1, 2, .. LISTS - 1 pages, and in lists[0] of more */
static size_t free_pages, moved;

/* ---- which block starts at an address: two levels of pointers, by the number of its huge page ---- */

#define HALF 14
static tg_span **leaves[(size_t)1 << HALF];

static tg_span **slot(const void *p, int make) {
    size_t page = (uintptr_t)p / TG_PAGE, high = page >> HALF;
    if ((uintptr_t)p % TG_PAGE || high >> HALF) return NULL;
    if (!leaves[high] && make) leaves[high] = calloc((size_t)1 << HALF, sizeof(tg_span *));
    return leaves[high] ? leaves[high] + page % ((size_t)1 << HALF) : NULL;
}

tg_span *tg_span_of(const void *p) {
    tg_span **s = slot(p, 0);
    return s ? *s : NULL;
}

/* ---- mapping ---- */

/* Fresh pages that start on a huge page: one too much is mapped, both ends are cut off. */
static char *map(size_t pages) {
    size_t bytes = pages * TG_PAGE;
    char *p = mmap(NULL, bytes + TG_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    char *start = (char *)(((uintptr_t)p + TG_PAGE - 1) / TG_PAGE * TG_PAGE);
    if (start > p) munmap(p, (size_t)(start - p));
    if (p + TG_PAGE > start) munmap(start + bytes, (size_t)(p + TG_PAGE - start));
#ifdef MADV_HUGEPAGE
    madvise(start, bytes, MADV_HUGEPAGE);
#endif
    return start;
}

static void unmap(char *start, size_t pages) {
    TG_OPEN(start, pages * TG_PAGE);
    munmap(start, pages * TG_PAGE);
}

/* ---- free blocks ---- */

static void push(tg_span *s) {
    tg_span **list = lists + (s->pages < LISTS ? s->pages : 0);
    s->next = *list;
    *list = s;
    free_pages += s->pages;
}

static tg_span *pop(tg_span **at) {
    tg_span *s = *at;
    *at = s->next;
    free_pages -= s->pages;
    return s;
}

/* The free block of at least so many pages that has the fewest. */
static tg_span *fitting(size_t pages) {
    for (size_t i = pages; i < LISTS; i++)
        if (lists[i]) return pop(lists + i);
    tg_span **best = NULL;
    for (tg_span **at = lists; *at; at = &(*at)->next)
        if ((*at)->pages >= pages && (!best || (*at)->pages < (*best)->pages)) best = at;
    return best ? pop(best) : NULL;
}

#ifdef MREMAP_FIXED
/* Puts the page `from` in place of the fresh page `to`. 0: neither of them is there any more. */
static int move(char *from, char *to) {
    TG_OPEN(from, TG_PAGE);
    if (mremap(from, TG_PAGE, TG_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED) return 1;
    munmap(from, TG_PAGE);
    return mmap(to, TG_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

/* Moves free pages, of the largest blocks first, to the front of `pages` fresh ones. 0: there are holes now. */
static int gather(char *start, size_t pages) {
    for (size_t i = LISTS; i > 0 && pages; i--)
        while (lists[i % LISTS] && pages && moved < MOVES) {
            tg_span *s = pop(lists + i % LISTS);
            for (; s->pages && pages; s->pages--, pages--, s->start += TG_PAGE, start += TG_PAGE, moved++)
                if (!move(s->start, start)) {
                    s->start += TG_PAGE;
                    tg_span_drop((s->pages--, s));
                    return 0;
                }
            if (s->pages)
                push(s);
            else
                free(s);
        }
    return 1;
}
#else
static int gather(char *start, size_t pages) { return (void)start, (void)pages, 1; }
#endif

tg_span *tg_span_take(size_t nbytes) {
    size_t pages = (nbytes + TG_PAGE - 1) / TG_PAGE;
    tg_span *s = fitting(pages), *rest = NULL;
    if (s && s->pages > pages && (rest = malloc(sizeof *rest))) { /* without memory for a record: all of it */
        *rest = (tg_span){.start = s->start + pages * TG_PAGE, .pages = s->pages - pages};
        s->pages = pages;
        push(rest);
    }
    if (!s) {
        s = malloc(sizeof *s);
        if (!s) return NULL;
        *s = (tg_span){.start = map(pages), .pages = pages};
        if (!s->start || !gather(s->start, pages)) {
            if (s->start) unmap(s->start, pages);
            free(s);
            return NULL;
        }
    }
    tg_span **at = slot(s->start, 1);
    if (!at) {
        tg_span_drop(s);
        return NULL;
    }
    s->size = nbytes;
    return *at = s;
}

void tg_span_keep(tg_span *s) {
    *slot(s->start, 0) = NULL;
    push(s);
}

void tg_span_drop(tg_span *s) {
    tg_span **at = slot(s->start, 0);
    if (at) *at = NULL;
    if (s->pages) unmap(s->start, s->pages);
    free(s);
}

void tg_span_drop_free(void) {
    for (size_t i = 0; i < LISTS; i++)
        while (lists[i]) tg_span_drop(pop(lists + i));
    moved = 0;
}

size_t tg_span_free_bytes(void) { return free_pages * TG_PAGE; }
