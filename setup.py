"""Builds libtensorgrad (the C kernels, once per instruction set) and the Cython modules that stand on it.

One shared library holds all of the C code, so that the allocator, the thread team and the kernel table exist once in a
process; every Cython module links against it with a run path of its own folder. Objects are rebuilt only when they are
older than what they include (the compiler's own dependency files say what that is).

Environment: TENSORGRAD_OPENMP=0 builds without OpenMP; TENSORGRAD_CFLAGS is appended (sanitizers, -g).
"""

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
CFLAGS = ["-std=gnu11", "-O3", "-fPIC", "-fvisibility=hidden", "-fno-asynchronous-unwind-tables", "-fno-math-errno",
          "-fno-trapping-math", "-ffp-contract=fast", "-Wall", "-Wextra", "-Wno-unused-function", "-Wno-unknown-pragmas", "-Wno-psabi",
          "-Wno-pass-failed"]  # clang reports each loop that it keeps scalar
# gcc 16 (12 not yet) takes some sums of products, but not all, for faster without FMA: bits would depend on the place in a tile.
FMA = ["-mavx2", "-mfma", "--param=avoid-fma-max-bits=0", "-Wno-unused-command-line-argument"]  # clang has no such thing, and says so
AVX512 = ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", *FMA, "-mprefer-vector-width=512"]
ISA_FLAGS = {
    "x86_64": {
        "scalar": ["-Os", "-ftree-vectorize"],  # for CPUs without AVX2: unrolled loops would be a tenth of the wheel
        "avx2": FMA,
        "avx512": AVX512,
        "avx512bf16": [*AVX512, "-mavx512bf16"],
    },
    "aarch64": {"scalar": [], "neon": []},
}.get(platform.machine(), {"scalar": []})


# Half as many pieces to map at import; and no libgomp, of which csrc/team.c has all that is called.
LINK_FLAGS = ["-Wl,-z,noseparate-code", "-Wl,--as-needed"]


def modules() -> list[str]:
    """Dotted names of every .pyx below tensorgrad/."""
    return sorted(str(p.relative_to(ROOT).with_suffix("")).replace(os.sep, ".") for p in (ROOT / "tensorgrad").rglob("*.pyx"))


def library_sources() -> list[tuple[Path, list[str]]]:
    """(source, extra flags) of every translation unit of libtensorgrad."""
    isa = [(ROOT / "csrc/isa" / f"{name}.c", flags) for name, flags in ISA_FLAGS.items()]
    drivers = sorted([*(ROOT / "csrc").glob("*.c"), *(ROOT / "csrc/gemm").glob("*.c")])
    return isa + [(path, []) for path in drivers]  # the slow ones first: they run beside the rest


class Build(build_ext):
    """build_ext that first makes libtensorgrad.so beside the modules."""

    def run(self):
        self.jobs = int(os.environ.get("TENSORGRAD_JOBS", os.cpu_count() or 1))
        self.cc = shlex.split(os.environ.get("CC", "cc"))
        self.extra = shlex.split(os.environ.get("TENSORGRAD_CFLAGS", ""))
        self.parallel = self.parallel or self.jobs
        self.library()
        self.reuse()
        super().run()

    def reuse(self):
        """pip makes an editable install in empty folders: start there from the modules beside the sources. Those of which no
        source is newer are done."""
        for built, kept in self.get_output_mapping().items():
            if os.path.exists(kept) and not os.path.exists(built):
                os.makedirs(os.path.dirname(built), exist_ok=True)
                shutil.copy2(kept, built)

    def openmp(self) -> list[str]:
        """-fopenmp where the compiler has it and nobody said TENSORGRAD_OPENMP=0."""
        if os.environ.get("TENSORGRAD_OPENMP") == "0":
            return []
        with tempfile.TemporaryDirectory() as folder:
            probe = Path(folder) / "probe.c"
            probe.write_text("#include <omp.h>\nint main(void) { return omp_get_max_threads() < 0; }\n")
            command = [*self.cc, "-fopenmp", str(probe), "-o", str(Path(folder) / "probe")]
            found = subprocess.run(command, capture_output=True).returncode == 0
        if not found:
            print("tensorgrad: the compiler has no OpenMP; the kernels will run on one thread", file=sys.stderr)
        return ["-fopenmp"] if found else []

    def library(self):
        """Compile what changed, in parallel, and link it."""
        openmp = self.openmp()
        temp = ROOT / "build" / f"csrc-{sys.platform}-{platform.machine()}"  # outlives the folders that pip builds in
        temp.mkdir(parents=True, exist_ok=True)
        units = []
        for source, flags in library_sources():
            target = temp / f"{source.parent.name}-{source.stem}.o"
            command = [*self.cc, *CFLAGS, *openmp, *flags, *self.extra, "-MMD", "-c", str(source), "-o", str(target)]
            units.append((command, target))
        with ThreadPoolExecutor(self.jobs) as pool:
            list(pool.map(self.compile_unit, units))
        folder = ROOT if self.inplace else Path(self.build_lib)
        target = folder / "tensorgrad/_core/libtensorgrad.so"
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or any(o.stat().st_mtime > target.stat().st_mtime for _, o in units):
            link = [*self.cc, "-shared", *LINK_FLAGS, *openmp, *self.extra, *(str(o) for _, o in units), "-o", str(target), "-lm",
                    "-lpthread"]
            if "-g" not in self.extra:
                link.append("-s")
            subprocess.run(link, check=True)
        for ext in self.extensions:
            depth = ext.name.count(".") - 2  # below tensorgrad/_core
            ext.library_dirs.append(str(target.parent))
            ext.extra_link_args.append("-Wl,-rpath,$ORIGIN" + "/.." * depth)

    def compile_unit(self, unit):
        command, target = unit
        recipe = target.with_suffix(".cmd")
        if target.exists() and recipe.exists() and recipe.read_text() == shlex.join(command):
            made = target.stat().st_mtime
            words = target.with_suffix(".d").read_text().replace("\\\n", " ").split()[1:]
            if all(os.path.exists(w) and os.path.getmtime(w) <= made for w in words):
                return
        subprocess.run(command, check=True)
        recipe.write_text(shlex.join(command))

    def get_outputs(self):
        return [*super().get_outputs(), os.path.join(self.build_lib, "tensorgrad/_core/libtensorgrad.so")]


# What runs for every op is built for speed. The rest, mostly checks in front of kernels, is built small: a tenth of the wheel.
HOT = {"apply", "engine", "graph", "maps", "tensor", "cyutility"}
# What Cython would otherwise put into each of the modules: its function type, the parsing of arguments. A twentieth of the wheel.
UTILITY = "tensorgrad._core.cyutility"


# Classes whose methods must see that they are called on one of their own, as Tensor.item(None) is not: Python's descriptors do.
CLASSES = {"tensorgrad._core.tensor", "tensorgrad._core.random", "tensorgrad._core.storage"}


def extensions():
    from Cython.Build import cythonize

    extra = shlex.split(os.environ.get("TENSORGRAD_CFLAGS", ""))
    sources = {name: name.replace(".", "/") + ".pyx" for name in modules()} | {UTILITY: UTILITY.replace(".", "/") + ".c"}
    exts = [
        Extension(name, [source], include_dirs=["csrc"], libraries=["tensorgrad"],
                  extra_compile_args=["-O2" if name.rsplit(".", 1)[1] in HOT else "-Os", "-fvisibility=hidden",
                                      "-fno-asynchronous-unwind-tables", "-Wno-unused-function", "-Wno-array-bounds",
                                      "-DCYTHON_COMPRESS_STRINGS=0", *extra],  # else done twice, and undone at each import
                  extra_link_args=[*LINK_FLAGS, *extra, *([] if "-g" in extra else ["-s"])],
                  depends=["csrc/tensorgrad.h", "setup.py"])
        for name, source in sources.items()
    ]
    stale = [ext for ext in exts if not translated(ext)]
    # Kernels, which only ops call, need not tell of themselves (a tenth of each module); classes do it as those of Python's own C.
    kinds = {ext.name: "kernel" if ".kernels." in ext.name else "class" if ext.name in CLASSES else "" for ext in exts}
    for kind in ("", "kernel", "class"):
        cythonize([ext for ext in stale if kinds[ext.name] == kind], force=True, language_level=3, quiet=True,
                  nthreads=0, shared_utility_qualified_name=UTILITY, shared_utility_features_disabled=["MemoryView"],
                  # autotestdict would keep each docstring that has an example twice, for doctest; the tests find them all.
                  compiler_directives={"boundscheck": False, "wraparound": False, "cdivision": True, "initializedcheck": False,
                                       "embedsignature": kind == "class", "embedsignature.format": "clinic", "binding": not kind,
                                       "auto_pickle": False, "autotestdict": False})
    for ext in exts:
        ext.sources = [os.path.splitext(ext.sources[0])[0] + ".c"]
    return exts


def translated(ext) -> bool:
    """Whether this Cython has already made the C file, of what now lies in this folder. (cythonize itself also counts the age of the
    files that come with Cython, which pip unpacks anew for each build.)"""
    from Cython import __version__
    from Cython.Build.Dependencies import create_dependency_tree

    source = ext.sources[0]
    target = Path(os.path.splitext(source)[0] + ".c")
    if not target.exists() or f"Cython {__version__} " not in target.open().readline():
        return False
    inside = (ROOT / "tensorgrad").resolve()
    read = create_dependency_tree(quiet=True).all_dependencies(source) if source.endswith(".pyx") else []
    own = [ROOT / "setup.py", *(path for path in read if Path(path).resolve().is_relative_to(inside))]
    return all(os.path.getmtime(path) <= target.stat().st_mtime for path in own)


# How zipfile packs a wheel, for which it has no options: at zlib's best level (10 kB less), in shorter blocks, each with a code of its
# own (5 kB less). gzip says itself what it wants.
zlib.Z_DEFAULT_COMPRESSION, compressobj = zlib.Z_BEST_COMPRESSION, zlib.compressobj
zlib.compressobj = lambda level, method, wbits, memory=6, *more: compressobj(level, method, wbits, memory, *more)
setup(ext_modules=extensions(), cmdclass={"build_ext": Build})
