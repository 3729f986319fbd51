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

int tg_cpus(void); /* that this process may use */

#define TG_PRAGMA(x) _Pragma(#x)
#ifdef _OPENMP
#include <omp.h>
#if defined(__linux__) && !defined(__clang__)
#define TG_OWN_TEAM       /* team.c; clang's code calls another library */
int tg_together(int yes); /* 1, until 0: the threads of regions wait for one another */
#else
#define tg_together(yes) (yes)
#endif
#define TG_PARALLEL_FOR(i, n, cost)                                                       \
    TG_PRAGMA(omp parallel for schedule(static) num_threads(tg_team((n), (cost)))) \
    for (int64_t i = 0; i < (n); i++)
#define TG_THREAD() omp_get_thread_num()
/* Runs the next statement on each of n threads, which may wait for one another: TG_TEAM_SIZE() of them really run. */
#define TG_TEAM(n)                                                         \
    for (int once_ = tg_together(1); once_; once_ = tg_together(0)) \
    TG_PRAGMA(omp parallel num_threads(n))
#define TG_TEAM_SIZE() omp_get_num_threads()
#define TG_BARRIER() TG_PRAGMA(omp barrier)
#else
#define TG_PARALLEL_FOR(i, n, cost) for (int64_t i = ((void)(cost), 0); i < (n); i++)
#define TG_THREAD() 0
#define TG_TEAM(n) for (int once_ = ((void)(n), 1); once_; once_ = 0)
#define TG_TEAM_SIZE() 1
#define TG_BARRIER() ((void)0)
#endif

#define TG_MAX_THREADS 256

#endif
