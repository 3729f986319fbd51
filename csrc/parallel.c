/* parallel.c: how many threads there are, when a team is worth it, and what happens at fork(). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tensorgrad.h"

/* What the machine or tg_set_threads said last: for threads that ask for the first time. From then on a thread's number is its
 * own, as in OpenMP, since a driver sizes its workspaces by it: nobody else may change it while the driver runs. */
static int common;
static _Thread_local int own;
static _Thread_local int proved; /* so many threads could really be made */

/* Where another program holds a CPU of the team, the thread there gets its turn after a slice of the scheduler's (0.7 ms),
 * and the rest waits for it: with one busy process on two CPUs a convolution of 0.4 ms took 2.7. So what teams save and lose
 * against one thread is kept as credit, and when that is used up there is no team for a while, twice as long each time:
 * 0.6 ms, one thread's time and a try now and then. What one thread takes is told by the shares of all but the last.
 * The bits of a result do not depend on it. */
#define STALL_NS 300000   /* a smaller loss is somebody's odd block */
#define CREDIT_NS 2000000 /* the most that is kept; a try begins with half of it: threads must be woken */
#define LOSS_NS 2000000   /* the most that one stall costs: more of them make a pattern */
#define LEAST_NS 10000000
#define MOST_NS 160000000

static atomic_int alone;   /* no team until alone_until */
static atomic_int crowded; /* the last team was slow: its threads may have met on one CPU */
static _Atomic int64_t alone_until, credit = CREDIT_NS, leave = LEAST_NS;

/* The CPUs this process may use: the affinity mask, cut by the control group's CPU quota where there is one. */
static int allowed_cpus(void) {
    int n = 1;
#ifdef __linux__
    cpu_set_t set;
    if (!sched_getaffinity(0, sizeof set, &set)) n = CPU_COUNT(&set);
    long long quota, period;
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (f) {
        if (fscanf(f, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0) {
            int limit = (int)((quota + period - 1) / period);
            if (limit < n) n = limit;
        }
        fclose(f);
    }
#endif
    if (n < 1) n = 1;
    return n < TG_MAX_THREADS ? n : TG_MAX_THREADS;
}

static void *idle(void *arg) { return arg; }

/* libgomp ends the process when it cannot make a thread, so ask the system first: as many as start here are safe. */
static int prove(int wanted) {
    pthread_t made[TG_MAX_THREADS];
    int n = 0;
    while (n < wanted - 1 && !pthread_create(&made[n], NULL, idle, NULL)) n++;
    for (int i = 0; i < n; i++) pthread_join(made[i], NULL);
    return n + 1;
}

#ifdef _OPENMP
/* libgomp's idle threads do not exist in a forked child, which would wait for them for ever in its first parallel
 * region; released before the fork, both sides make new ones when they need them. */
static void before_fork(void) { omp_pause_resource_all(omp_pause_soft); }
#endif

__attribute__((constructor)) static void start(void) {
    common = allowed_cpus();
    const char *wanted = getenv("OMP_NUM_THREADS");
    if (wanted && atoi(wanted) > 0) tg_set_threads(atoi(wanted));
#ifdef _OPENMP
    pthread_atfork(before_fork, NULL, NULL);
#endif
}

int tg_has_openmp(void) {
#ifdef _OPENMP
    return 1;
#else
    return 0;
#endif
}

int tg_get_threads(void) {
    if (!own) own = __atomic_load_n(&common, __ATOMIC_RELAXED);
    return own;
}

void tg_set_threads(int n) {
    own = n < 1 ? 1 : n > TG_MAX_THREADS ? TG_MAX_THREADS : n;
    proved = 0;
    __atomic_store_n(&common, own, __ATOMIC_RELAXED);
    alone = 0;
    credit = CREDIT_NS;
    leave = LEAST_NS;
}

#if defined(_OPENMP) && !defined(__clang__)
/* What gcc makes of a parallel region calls GOMP_parallel, and the linker (--wrap) leads that here: for a team of one libgomp takes
 * 0.4 us and a system call, which is half of a small op. */
void __real_GOMP_parallel(void (*run)(void *), void *data, unsigned threads, unsigned flags);
void __wrap_GOMP_parallel(void (*run)(void *), void *data, unsigned threads, unsigned flags);
void __wrap_GOMP_parallel(void (*run)(void *), void *data, unsigned threads, unsigned flags) {
    if (threads == 1 && !omp_in_parallel())
        run(data);
    else
        __real_GOMP_parallel(run, data, threads, flags);
}
#endif

/* Starting a warm team costs 1-3 us; below TEAM_NS a second thread has nothing to win. */
#define TEAM_NS 8000.0

int tg_team(int64_t blocks, double cost) {
    if (blocks < 2 || (double)blocks * cost < TEAM_NS) return 1;
    int n = tg_get_threads();
    if (n < 2) return 1;
    if (!proved) proved = prove(n);
    if (n > proved) n = proved;
    return blocks < n ? (int)blocks : n;
}

int64_t tg_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void tg_took(int64_t team, int64_t one, int64_t ns) {
    if (ns - one / team < STALL_NS || ns < one + one / 2) {
        if (ns < one && credit < CREDIT_NS) credit += one - ns;
        if (leave > LEAST_NS && credit >= CREDIT_NS && tg_now() - alone_until > leave) leave = LEAST_NS; /* all is well for long */
    } else {
        crowded = 1;
        credit -= ns - one < LOSS_NS ? ns - one : LOSS_NS;
        if (credit >= 0) return;
        alone_until = tg_now() + leave;
        alone = 1;
        credit = CREDIT_NS / 2;
        if (leave < MOST_NS) leave = 2 * leave;
    }
}

/* Asked late, by a process that rested: what held it up before need not be there any more. */
int tg_alone(void) {
    if (alone) {
        const int64_t late = tg_now() - alone_until;
        if (late > LEAST_NS) leave = LEAST_NS;
        if (late >= 0) alone = 0;
    }
    return alone;
}

/* Threads that met on one CPU, since the others were busy at the time, may stay there beside an idle one for seconds: each
 * sleeps while the other works, so no balancer sees two that want to run. Whoever finds somebody on its CPU goes to one where
 * nobody is, if it may, and is free to go anywhere from there. Two programs in turns of 80 ms, a sum of 1024 x 1024 floats along
 * rows: in 1 of 3 turns it took one thread's time (60 us instead of 32), with this in none. */
static void spread(int team) {
#if defined(_OPENMP) && defined(__linux__)
    atomic_int cpu[TG_MAX_THREADS];
    for (int i = 0; i < team; i++) cpu[i] = -1;
    TG_TEAM(team) {
        const int me = TG_THREAD(), here = sched_getcpu();
        int met = 0;
        cpu_set_t mine, empty;
        cpu[me] = here;
        if (!sched_getaffinity(0, sizeof mine, &mine)) {
            empty = mine;
            for (int i = 0, there; i < team; i++)
                if ((there = cpu[i]) >= 0) {
                    CPU_CLR(there, &empty);
                    met |= i != me && there == here;
                }
            if (met && !sched_setaffinity(0, sizeof empty, &empty)) sched_setaffinity(0, sizeof mine, &mine);
        }
    }
#else
    (void)team;
#endif
}

tg_region tg_region_begin(int64_t blocks, double cost) {
    tg_region r = {.team = tg_team(blocks, cost)};
    if (r.team == 1) return r;
    if (tg_alone()) {
        r.team = 1;
        return r;
    }
    if (crowded) {
        crowded = 0;
        spread(r.team);
    }
    r.start = tg_now();
    return r;
}

void tg_region_end(tg_region *r) {
    if (r->team > 1) {
        const int64_t ns = tg_now() - r->start;
        tg_took(r->team, (r->busy - ns) * r->team / (r->team - 1), ns);
    }
    r->team = 0;
}
