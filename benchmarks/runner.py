"""Worker processes by turns: of all of them only one works at any moment, and each case goes through rounds
A B C, C B A, ... so that a machine that grows warmer, or busier, does so for everybody. Rounds are many and short: on a
shared machine a second core comes and goes within a tenth of a second, and medians of few long rounds compare its moods."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Process:
    """A worker as seen from outside."""

    def __init__(self, backend, threads):
        self.backend = backend
        count = str(threads)
        variables = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        # OpenBLAS's idle threads spin for 2^28 cycles, long into the next worker's turn, unless they are told 2^22.
        environment = {**os.environ, **dict.fromkeys(variables, count), "OPENBLAS_THREAD_TIMEOUT": "22"}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        self.process = subprocess.Popen([sys.executable, "-m", "benchmarks.worker", backend], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, do, **order):
        """Give an order and wait for the answer; a worker that died answers with an error."""
        try:
            self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            return {"error": f"the {self.backend} worker ended with status {self.process.wait()}"}
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Team:
    """One live worker a backend; a dead one is replaced before the next case."""

    def __init__(self, backends, threads):
        self.threads = threads
        self.workers = {b: Process(b, threads) for b in backends}

    def ask(self, backend, do, **order):
        """Give a backend's worker an order."""
        worker = self.workers[backend]
        if worker.process.poll() is not None:
            worker.close()
            worker = self.workers[backend] = Process(backend, self.threads)
        return worker.ask(do, **order)

    def close(self):
        for worker in self.workers.values():
            worker.close()


def run_case(team, case, rounds, seconds):
    """{backend: {"seconds": median of the rounds, "rounds": [...], "faults": ...} or {"error": ...}}."""
    out, order = {}, []
    for backend in team.workers:
        answer = team.ask(backend, "prepare", case=case.name, seconds=seconds / 2)
        if "error" in answer:
            out[backend] = answer
        elif not answer["missing"]:
            order.append(backend)
    readings = {b: [] for b in order}
    for turn in range(rounds):
        for backend in order if turn % 2 == 0 else reversed(order):
            if backend not in out:
                answer = team.ask(backend, "measure", seconds=seconds)
                if "error" in answer:
                    out[backend] = answer
                else:
                    readings[backend].append(answer)
    for backend in order:
        if backend not in out:
            times = [r["seconds"] for r in readings[backend]]
            out[backend] = {"seconds": statistics.median(times), "rounds": times,
                            "faults": min(r["faults"] for r in readings[backend])}
    return out


def peak_memory(backend, threads, case):
    """Bytes at the peak of a training step in a process of its own, or None where it failed."""
    worker = Process(backend, threads)
    answer = worker.ask("memory", case=case.name)
    worker.close()
    return answer.get("bytes")
