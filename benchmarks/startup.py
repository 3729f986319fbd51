"""What a user waits for first: the import over bare Python, and the wheel. Alone: `python -m benchmarks.startup`."""

import io
import os
import statistics
import subprocess
import sys
import time
import zipfile

from .runner import ROOT

IMPORT_GOAL = 30e-3    # seconds
WHEEL_GOAL = 3 << 20   # bytes


def run_time(code):
    """Seconds from start to end of `python -c code`, run where the package is found, with its bytecode kept as pip does."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment)
    return time.perf_counter() - start


def import_time(module, runs=15):
    """Median seconds that `import module` adds to an interpreter that does nothing; the two alternate."""
    bare, full = [], []
    run_time(f"import {module}")
    for _ in range(runs):
        bare.append(run_time("pass"))
        full.append(run_time(f"import {module}"))
    return statistics.median(full) - statistics.median(bare)


def wheel_size():
    """Bytes of the newest wheel in dist/; without one, of what a wheel would hold, compressed as a wheel is."""
    wheels = sorted((ROOT / "dist").glob("tensorgrad*.whl"), key=lambda path: path.stat().st_mtime)
    if wheels:
        return wheels[-1].stat().st_size
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (ROOT / "tensorgrad").rglob("*"):
            if path.suffix in (".py", ".pyi", ".so", ".typed"):
                archive.write(path)
    return packed.tell()


def measure(backends, runs):
    """Import seconds of each backend, and the wheel's bytes."""
    return {"import": {b: import_time(b, runs) for b in backends}, "wheel": wheel_size()}


if __name__ == "__main__":
    seconds = import_time("tensorgrad")
    print(f"import tensorgrad: {1e3 * seconds:.1f} ms over bare Python (goal: {1e3 * IMPORT_GOAL:.0f} ms)")
    print(f"wheel: {wheel_size() / 2**20:.2f} MB (goal: {WHEEL_GOAL / 2**20:.0f} MB)")
