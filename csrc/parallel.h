/* parallel.h: the only file that says "omp". Drivers cut their work into blocks whose size does not depend on the number
 * of threads and run them with TG_PARALLEL_FOR; partial sums go into one slot a block and are added in block order, so the
 * bits of a result never depend on the number of threads.
 *
 *     TG_PARALLEL_FOR(b, blocks, cost) { ... body for block b ... }
 *
 * cost: rough nanoseconds (or flops / 10) of one block; tg_team decides from blocks * cost whether a team is worth it.
 * No nesting, no allocation from tg_alloc inside the body: per-thread scratch comes from tg_scratch (memory.h). */
#ifndef TG_PARALLEL_H
#define TG_PARALLEL_H

#include <stdint.h>

#include "tensorgrad.h"

/* Threads for `blocks` blocks of `cost` ns each, at most: 1 when all of it takes less than starting a team. */
int tg_team(int64_t blocks, double cost);

/* One run of TG_PARALLEL_FOR: its threads, when it began and how long they took for their shares, added up. */
typedef struct tg_region {
    int team;
    int64_t start, busy;
} tg_region;

int64_t tg_now(void); /* ns */
tg_region tg_region_begin(int64_t blocks, double cost);
void tg_region_end(tg_region *r);

#define TG_PRAGMA(x) _Pragma(#x)
#ifdef _OPENMP
#include <omp.h>
#define TG_PARALLEL_FOR(i, n, cost) \
    for (tg_region region_ = tg_region_begin((n), (cost)); region_.team; tg_region_end(&region_)) \
        TG_PRAGMA(omp parallel num_threads(region_.team)) for (int open_ = 1; open_; open_ = tg_region_done(&region_)) \
            TG_PRAGMA(omp for schedule(static) nowait) for (int64_t i = 0; i < (n); i++)
#define TG_THREAD() omp_get_thread_num()
static inline int tg_region_done(tg_region *r) {
    if (r->team > 1) __atomic_fetch_add(&r->busy, tg_now() - r->start, __ATOMIC_RELAXED);
    return 0;
}
/* Runs the next statement on each of n threads, which may wait for one another: TG_TEAM_SIZE() of them really run. */
#define TG_TEAM(n) TG_PRAGMA(omp parallel num_threads(n))
#define TG_TEAM_SIZE() omp_get_num_threads()
#define TG_BARRIER() TG_PRAGMA(omp barrier)
#else
#define TG_PARALLEL_FOR(i, n, cost) for (int64_t i = ((void)(cost), 0); i < (n); i++)
#define TG_THREAD() 0
#define TG_TEAM(n) for (int once_ = ((void)(n), 1); once_; once_ = 0)
#define TG_TEAM_SIZE() 1
#define TG_BARRIER() ((void)0)
#endif

/* How one thread of a TG_TEAM spends its time: {tg_now()} at first, tg_part at last. */
typedef struct tg_pace {
    int64_t since, busy, wait;
} tg_pace;

static inline void tg_meet(tg_pace *p) {
    const int64_t arrived = tg_now();
    TG_BARRIER();
    p->busy += arrived - p->since;
    p->since = tg_now();
    p->wait += p->since - arrived;
}

static inline void tg_part(const tg_pace *p, int64_t team) { tg_took(team, team * p->busy, p->busy + p->wait); }

#define TG_MAX_THREADS 256

#endif
