"""What a process lives through: fork, threads, memory that runs out, instruction sets, signals."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import tensorgrad as tg
from tensorgrad._core import runtime


def run(code, **environment):
    """A fresh interpreter; fails with its traceback if it does not end well within a minute."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **environment})
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


OWN_TEAM = pytest.mark.skipif(not runtime.has_openmp() or not runtime.compiler().startswith("gcc"),
                              reason="threads of our own (csrc/team.c) take gcc and OpenMP")

BUSY = """
import os, tensorgrad as tg
a = tg.ones(300, 300)
def work():
    return ((a @ a).exp().clamp(max=2.0) + a).sum().item()
"""


def test_a_forked_child_computes():
    run(BUSY + """
before = work()
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if work() == before else 1)
    assert os.waitpid(pid, 0)[1] == 0
assert work() == before
""")


@pytest.mark.parametrize("delay", [0.001, 0.003, 0.005])
def test_a_child_forked_while_another_thread_loads_its_first_ops(delay):
    run(BUSY + f"""
import threading, time
thread = threading.Thread(target=work)
thread.start()
time.sleep({delay})
pid = os.fork()
if pid == 0:
    os._exit(0 if work() > 0 else 1)
assert os.waitpid(pid, 0)[1] == 0
thread.join()
""")


def test_a_child_forked_while_another_thread_computes():
    run(BUSY + """
import threading
stop = False
def loop():
    while not stop:
        work()
thread = threading.Thread(target=loop)
thread.start()
for _ in range(10):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if work() > 0 else 1)
    assert os.waitpid(pid, 0)[1] == 0
stop = True
thread.join()
""")


def test_a_process_without_room_for_threads_computes_alone():
    run("import numpy\n" + BUSY + """
import resource
tg.set_num_threads(1)
alone = work()  # and all modules are loaded: the user below need not be able to read them
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
if os.getuid() == 0:  # the limit does not hold for root
    os.setuid(65534)
tg.set_num_threads(4)
assert work() == alone
""")


def test_memory_that_runs_out_is_an_exception_and_can_be_had_again():
    run("""
import resource, tensorgrad as tg
tg.ones(8)
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
kept = []
try:
    for _ in range(1000):
        kept.append(tg.ones(16 << 20))
    raise SystemExit("never ran out")
except MemoryError as error:
    assert "bytes" in str(error), error
n = len(kept)
kept.clear()
kept = [tg.ones(16 << 20) for _ in range(n - 2)]
assert kept[-1][-1].item() == 1.0
""")


@pytest.mark.parametrize("isa", ["scalar", "avx2", "avx512", "neon"])
def test_the_instruction_set_can_be_chosen(isa):
    found = run("import tensorgrad as tg; from tensorgrad._core import runtime; "
                "assert abs((tg.arange(1000.) * 0.01).exp().log().sum().item() - 4995) < 0.1; print(runtime.isa())", TENSORGRAD_ISA=isa)
    if isa in runtime.isas_available():
        assert found == isa
    else:  # an unknown or impossible wish is ignored: the process must not die of an illegal instruction
        assert found in runtime.isas_available()


def test_a_table_runs_only_where_the_cpu_has_all_it_was_compiled_for():
    """A flag of setup.py that cpu.c does not ask the CPU for would be an illegal instruction elsewhere."""
    root = Path(__file__).parents[1]
    compiled = set(re.findall(r'"-m(\w+)"', (root / "setup.py").read_text()))
    asked = set(re.findall(r'__builtin_cpu_supports\("(\w+)"\)', (root / "csrc/cpu.c").read_text()))
    assert compiled == asked >= {"avx2", "avx512f"}


def test_isa_is_validated():
    with pytest.raises(tg.ArgumentError, match="mmx"):
        runtime.select_isa("mmx")


def test_threads_are_validated_and_counted():
    n = tg.get_num_threads()
    assert n == (int(os.environ.get("OMP_NUM_THREADS", 0)) or len(os.sched_getaffinity(0))) or n >= 1
    for bad in (0, -3):
        with pytest.raises(tg.ArgumentError, match="positive"):
            tg.set_num_threads(bad)
    assert tg.get_num_threads() == n


@OWN_TEAM
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="takes Linux and two CPUs")
def test_an_op_does_not_wait_for_the_thread_that_another_program_holds_up():
    """The caller does what nobody has begun. A runtime that waits for all of its threads takes 0.4 s for the first op."""
    run("""
import os, subprocess, sys, time, tensorgrad as tg
x = tg.rand(512, 1024)
def seconds(threads):
    tg.set_num_threads(threads)
    start = time.perf_counter()
    found = [x.sum(1).tolist() for _ in range(40)]
    assert all(f == found[0] for f in found)
    return time.perf_counter() - start, found[0]
seconds(2)
here, there = sorted(os.sched_getaffinity(0))[:2]
me, worker = sorted(map(int, os.listdir("/proc/self/task")))
os.sched_setaffinity(me, {here})
os.sched_setaffinity(worker, {there})
os.sched_setscheduler(worker, os.SCHED_IDLE, os.sched_param(0))  # a thousandth of its CPU beside a program that is busy there
alone, expected = seconds(1)
busy = subprocess.Popen([sys.executable, "-c", f"import os; os.sched_setaffinity(0, {{{there}}}); print(flush=True)\\nwhile True: pass"],
                        stdout=subprocess.PIPE)
try:
    busy.stdout.readline()
    time.sleep(0.1)
    beside, found = min(seconds(2) for _ in range(3))
finally:
    busy.kill()
    busy.wait()
    busy.stdout.close()
assert found == expected
assert beside < 2 * alone + 0.1, (beside, alone)
""")


@OWN_TEAM
def test_workers_end_with_the_thread_they_work_for():
    run("""
import os, threading, time, tensorgrad as tg
def settles_at(n):  # threads that were joined may still be in the list for a moment
    end = time.monotonic() + 10
    while len(os.listdir("/proc/self/task")) != n:
        assert time.monotonic() < end, (os.listdir("/proc/self/task"), n)
tg.set_num_threads(4)
x = tg.rand(300, 300)
expected = (x @ x).tolist()
settles_at(4)
def work():
    for n in (2, 5, 3):
        tg.set_num_threads(n)
        found.append((x @ x).tolist())
    settles_at(4 + 5)
    found.append(expected)
for _ in range(20):
    found = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [expected] * 4
settles_at(4)
tg.set_num_threads(8)
assert (x @ x).tolist() == expected
settles_at(8)
""")


def test_python_threads_share_the_library():
    x = tg.from_numpy(np.random.RandomState(0).randn(200, 200))
    expected = (x @ x).exp().sum().item()
    results = []

    def work():
        for _ in range(20):
            y = x.clone().requires_grad_()
            (y * y).sum().backward()
            assert np.array_equal(y.grad.numpy(), 2 * x.numpy())
            results.append((x @ x).exp().sum().item())
    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(results) == 80 and set(results) == {expected}


def test_grad_mode_belongs_to_a_thread():
    seen = []
    with tg.no_grad():
        t = threading.Thread(target=lambda: seen.append(tg.is_grad_enabled()))
        t.start()
        t.join()
    assert seen == [True]


def test_allocator_reuses_and_counts_memory():
    run("""
import tensorgrad as tg
from tensorgrad._core.runtime import empty_cache, memory_stats, reset_peak_memory, set_cache_limit
x = tg.ones(1 << 20)
place, used = x.data_ptr(), memory_stats()["in_use"]
assert 4 << 20 <= used <= 5 << 20
del x
assert memory_stats()["in_use"] < 1 << 20 <= memory_stats()["cached"]
y = tg.ones(1 << 20)
assert y.data_ptr() == place and memory_stats()["peak"] >= used
del y
empty_cache()
assert memory_stats()["cached"] == 0
set_cache_limit(0)
del_me = tg.ones(1 << 20)
del del_me
assert memory_stats()["cached"] == 0
reset_peak_memory()
assert memory_stats()["peak"] == memory_stats()["in_use"]
""")


def test_interrupts_arrive():
    run("""
import signal, threading, os, time, tensorgrad as tg
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
a = tg.ones(256, 256)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
start = time.monotonic()
try:
    while time.monotonic() - start < 30:
        a @ a
    raise SystemExit("no interrupt in 30 s")
except KeyboardInterrupt:
    pass
""")


def test_a_steady_training_step_makes_no_page_faults():
    """After the warm-up every block comes from the cache: nothing is mapped, zeroed and given back step after step."""
    run("""
import resource, tensorgrad as tg
from tensorgrad import nn
tg.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                      nn.Linear(8 * 13 * 13, 32), nn.GELU(), nn.Linear(32, 10))
optimizer = tg.optim.Adam(model.parameters())
x, y = tg.randn(32, 1, 28, 28), tg.randint(0, 10, (32,))
def step():
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(10):
    step()
found = min(faults() for _ in range(5))
assert found == 0, f"{found} page faults in 20 steps"
""")
