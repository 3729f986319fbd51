/* team.c: the threads of a parallel region. gcc makes a function of the body of `omp parallel` and hands it to GOMP_parallel;
 * this and the few other names that such code calls are here, so that libgomp is not loaded. What differs from it:
 *
 * - A share that nobody has begun by the time the caller is done with its own is the caller's: where another program holds the
 *   other CPU an op takes one thread's time, and does not wait for the scheduler's next slice (0.7 to 3 ms).
 * - A warm region of two threads takes 0.2 us instead of 0.7 to 1.1, a barrier 0.1 instead of 0.3 to 0.5, a region of a single
 *   thread nothing instead of 0.4.
 *
 * Each thread that starts regions has workers of its own, as in OpenMP; they end with it. A forked child has none of them and
 * makes new ones. Where the threads of a region wait for one another (TG_TEAM), each share has a thread of its own. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "parallel.h"

#ifdef TG_OWN_TEAM
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 200000      /* so long a thread looks out for what it waits for: most gaps between two ops are shorter */
#define RETRY_NS 1000000000 /* so long nobody asks for threads again after the system refused one */

typedef struct team team;

/* A worker has its own share of every region, so that a thread finds in its caches what it wrote in the last one. */
typedef struct worker {
    team *team;
    int number; /* of its share; the caller's is 0 */
    pthread_t thread;
    _Alignas(64) atomic_uint took; /* the last region whose share was taken: by the worker or, where it was late, the caller */
    _Alignas(64) atomic_uint asleep, bell; /* on which it sleeps */
} worker;

struct team {
    void (*run)(void *);
    void *data;
    int64_t refused;
    int cpus, workers; /* threads beside the caller */
    worker *worker[TG_MAX_THREADS];
    _Alignas(64) _Atomic uint64_t turn; /* region << 32 | its shares */
    _Alignas(64) atomic_uint done;      /* shares that workers finished */
    atomic_uint joining;                /* the caller sleeps on `done` */
    _Alignas(64) atomic_uint quit;
    atomic_uint spare; /* 1: each thread of the region has a CPU of its own; 0: nobody looks out, all sleep at once */
    _Alignas(64) atomic_uint arrived, phase, resting; /* the barrier */
};

static _Thread_local struct {
    team *own, *at; /* with this thread's workers; of the region it is in */
    int number, size, together;
} me = {.size = 1};

static pthread_key_t end_of_thread;

static int64_t now(void) { /* ns */
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_on(atomic_uint *word, unsigned value) { syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0); }
static void wake(atomic_uint *word, int n) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0); }

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Looks until `seen` holds, for a while: a thread that sleeps takes up to 50 us to wake. */
#define LOOK_OUT(seen, team)                                                                                    \
    for (int64_t end_ = atomic_load(&(team)->spare) ? now() + LOOK_NS : 0; !(seen) && end_ && now() < end_;) \
        for (int i_ = 0; i_ < 128 && !(seen); i_++) pause_briefly()

static int is_open(const worker *w) {
    const uint64_t turn = atomic_load(&w->team->turn);
    return (int)(uint32_t)turn > w->number && atomic_load(&w->took) != (uint32_t)(turn >> 32);
}

/* 1, and this thread has the worker's share of the region; 0: there is none, or somebody has it. A region ends when all of its
 * shares are done, so what was seen of an earlier one is not taken for this one. */
static int take(worker *w) {
    const uint64_t turn = atomic_load(&w->team->turn);
    const uint32_t region = (uint32_t)(turn >> 32);
    uint32_t before = atomic_load(&w->took);
    if ((int)(uint32_t)turn <= w->number || before == region || !atomic_compare_exchange_strong(&w->took, &before, region)) return 0;
    me.number = w->number;
    me.size = (int)(uint32_t)turn;
    return 1;
}

static void *work(void *arg) {
    worker *w = arg;
    team *t = me.at = w->team;
    while (!atomic_load(&t->quit)) {
        while (take(w)) {
            t->run(t->data);
            atomic_fetch_add(&t->done, 1);
            if (atomic_load(&t->joining)) wake(&t->done, 1);
        }
        LOOK_OUT(is_open(w) || atomic_load(&t->quit), t);
        atomic_store(&w->asleep, 1); /* before the last look: the caller rings if it sees this, or the look finds its region */
        const unsigned bell = atomic_load(&w->bell);
        if (!is_open(w) && !atomic_load(&t->quit)) sleep_on(&w->bell, bell);
        atomic_store(&w->asleep, 0);
    }
    return NULL;
}

static void ring(worker *w) {
    if (!atomic_load(&w->asleep)) return;
    atomic_fetch_add(&w->bell, 1);
    wake(&w->bell, 1);
}

static void disband(void *arg) {
    team *t = arg;
    atomic_store(&t->quit, 1);
    for (int i = 0; i < t->workers; i++) {
        ring(t->worker[i]);
        pthread_join(t->worker[i]->thread, NULL);
        free(t->worker[i]);
    }
    free(t);
    me.own = NULL;
}

static void *aligned(size_t bytes) {
    void *p = aligned_alloc(64, bytes);
    return p ? memset(p, 0, bytes) : NULL;
}

/* This thread's team, with so many workers if the system gives them; NULL where it has none. */
static team *summon(int workers) {
    team *t = me.own;
    if (t && (t->workers >= workers || now() < t->refused + RETRY_NS)) return t->workers ? t : NULL;
    if (!t) {
        if (!(t = aligned(sizeof *t))) return NULL;
        if (pthread_setspecific(end_of_thread, t)) {
            free(t);
            return NULL;
        }
        me.own = t;
    }
    sigset_t all, before; /* signals are for the program's threads */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (worker *w; t->workers < workers && (w = aligned(sizeof *w)); t->worker[t->workers++] = w) {
        w->team = t;
        w->number = t->workers + 1;
        w->took = (uint32_t)(atomic_load(&t->turn) >> 32);
        if (pthread_create(&w->thread, NULL, work, w)) {
            free(w);
            break;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    t->refused = t->workers < workers ? now() : -RETRY_NS;
    t->cpus = tg_cpus();
    return t->workers ? t : NULL;
}

/* Runs the region's shares: the caller's and, if their threads need not meet, those that no worker has begun by then. */
static void lead(team *t, void (*run)(void *), void *data, int size) {
    const uint64_t region = (atomic_load(&t->turn) >> 32) + 1;
    unsigned others = (unsigned)size - 1;
    const int together = me.together;
    t->run = run;
    t->data = data;
    atomic_store(&t->spare, size <= t->cpus);
    atomic_store(&t->done, 0);
    atomic_store(&t->turn, region << 32 | (uint64_t)size);
    for (int i = 0; i < size - 1; i++) ring(t->worker[i]);
    me.at = t;
    me.number = 0;
    me.size = size;
    run(data);
    for (int i = 0; i < size - 1 && !together && atomic_load(&t->done) < others; i++)
        if (take(t->worker[i])) {
            run(data);
            others--;
        }
    me.number = 0;
    me.size = 1;
    LOOK_OUT(atomic_load(&t->done) == others, t);
    if (atomic_load(&t->done) == others) return;
    atomic_store(&t->joining, 1);
    for (unsigned done; (done = atomic_load(&t->done)) != others;) sleep_on(&t->done, done);
    atomic_store(&t->joining, 0);
}

void GOMP_parallel(void (*run)(void *), void *data, unsigned threads, unsigned flags);
void GOMP_parallel(void (*run)(void *), void *data, unsigned threads, unsigned flags) {
    (void)flags;
    if (me.size > 1) { /* within a region: alone */
        const int number = me.number, size = me.size;
        me.number = 0;
        me.size = 1;
        run(data);
        me.number = number;
        me.size = size;
        return;
    }
    team *t = threads < 2 ? NULL : summon((int)threads - 1);
    if (t)
        lead(t, run, data, t->workers < (int)threads ? t->workers + 1 : (int)threads);
    else
        run(data);
}

int omp_get_thread_num(void) { return me.number; }
int omp_get_num_threads(void) { return me.size; }
int tg_together(int yes) { return me.together = yes; }

void GOMP_barrier(void);
void GOMP_barrier(void) {
    if (me.size < 2) return;
    team *t = me.at;
    const unsigned phase = atomic_load(&t->phase);
    if (atomic_fetch_add(&t->arrived, 1) + 1 == (unsigned)me.size) {
        atomic_store(&t->arrived, 0);
        atomic_store(&t->phase, phase + 1);
        if (atomic_load(&t->resting)) wake(&t->phase, INT_MAX);
        return;
    }
    LOOK_OUT(atomic_load(&t->phase) != phase, t);
    atomic_fetch_add(&t->resting, 1);
    while (atomic_load(&t->phase) == phase) sleep_on(&t->phase, phase);
    atomic_fetch_sub(&t->resting, 1);
}

/* A child has the memory of this thread's team, but not its threads. */
static void in_child(void) {
    if (!me.own) return;
    pthread_setspecific(end_of_thread, NULL);
    for (int i = 0; i < me.own->workers; i++) free(me.own->worker[i]);
    free(me.own);
    me.own = NULL;
}

__attribute__((constructor)) static void start(void) {
    pthread_key_create(&end_of_thread, disband);
    pthread_atfork(NULL, NULL, in_child);
}
#endif
