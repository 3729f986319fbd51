/* parallel.c: how many threads there are, when a team is worth it, and what happens at fork(). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tensorgrad.h"

/* What the machine or tg_set_threads said last: for threads that ask for the first time. From then on a thread's number is its
 * own, as in OpenMP, since a driver sizes its workspaces by it: nobody else may change it while the driver runs. */
static int common;
static _Thread_local int own;

/* The CPUs this process may use: the affinity mask, cut by the control group's CPU quota where there is one. */
int tg_cpus(void) {
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

#if defined(_OPENMP) && !defined(TG_OWN_TEAM)
static _Thread_local int asked, proved; /* for so many threads; so many could really be made */

static void *idle(void *arg) { return arg; }

/* An OpenMP runtime ends the process when it cannot make a thread, so ask the system first: as many as start here are safe. */
static int prove(int wanted) {
    pthread_t made[TG_MAX_THREADS];
    int n = 0;
    while (n < wanted - 1 && !pthread_create(&made[n], NULL, idle, NULL)) n++;
    for (int i = 0; i < n; i++) pthread_join(made[i], NULL);
    return n + 1;
}

static int limit(int n) {
    if (asked < n) proved = prove(asked = n);
    return n < proved ? n : proved;
}

/* Its idle threads do not exist in a forked child, which would wait for them for ever in its first parallel region; released
 * before the fork, both sides make new ones when they need them. */
static void before_fork(void) { omp_pause_resource_all(omp_pause_soft); }
#else
static int limit(int n) { return n; }
#endif

__attribute__((constructor)) static void start(void) {
    common = tg_cpus();
    const char *wanted = getenv("OMP_NUM_THREADS");
    if (wanted && atoi(wanted) > 0) tg_set_threads(atoi(wanted));
#if defined(_OPENMP) && !defined(TG_OWN_TEAM)
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
    __atomic_store_n(&common, own, __ATOMIC_RELAXED);
}

/* Starting a warm team costs 0.2 us, one that sleeps several; below TEAM_NS a second thread has nothing to win. */
#define TEAM_NS 4000.0

int tg_team(int64_t blocks, double cost) {
    if (blocks < 2 || (double)blocks * cost < TEAM_NS) return 1;
    int n = tg_get_threads();
    if (n < 2) return 1;
    n = limit(n);
    return blocks < n ? (int)blocks : n;
}
