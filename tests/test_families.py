"""The families of ops that are loaded later: nothing shows that they were not there from the start."""

import subprocess
import sys

import pytest

import tensorgrad as tg
from tensorgrad.ops.contents import CONTENTS
from tensorgrad.ops.declare import METHODS, REGISTRY
from tensorgrad.ops.families import FIRST, LATER, load


def in_fresh_process(code):
    """What a program prints that has only just imported tensorgrad."""
    done = subprocess.run([sys.executable, "-c", "import sys, tensorgrad as tg\n" + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_import_loads_the_first_families():
    loaded = {name.rpartition(".")[2] for name in in_fresh_process("print(*[m for m in sys.modules if m.startswith('tensorgrad.ops.')])")}
    assert loaded == {*FIRST, "contents", "declare", "families", "shown"}


def test_every_family_is_loaded_by_each_of_its_names():
    """In a child of its own each, that has loaded nothing else."""
    in_fresh_process("""
import os
from importlib import import_module
from tensorgrad.ops.contents import CONTENTS
places = {"": tg, "Tensor": tg.Tensor, "nn.functional": import_module("tensorgrad.nn.functional"),
          "linalg": import_module("tensorgrad.linalg"), "special": import_module("tensorgrad.special")}
for family, spaces in CONTENTS.items():
    for space, names in spaces.items():
        if f"tensorgrad.ops.{family}" in sys.modules:
            continue  # by nn.functional's users
        child = os.fork()
        if not child:
            value = getattr(places[space], names.split()[0])
            os._exit(0 if callable(value) and f"tensorgrad.ops.{family}" in sys.modules else 1)
        assert os.waitpid(child, 0)[1] == 0, (family, space)
""")


def test_no_family_is_forgotten():
    assert set(CONTENTS) == set(LATER) and len({*FIRST, *LATER}) == len(FIRST + LATER)


def test_methods_of_classes_instances_and_subclasses():
    assert in_fresh_process("""
class Mine(tg.Tensor):
    def sum(self, *dims):
        return super().sum(*dims) + 1
print(tg.Tensor.mean(tg.ones(2)).item(), tg.ones(2).std().item(), Mine(tg.ones(2)).sum().item(), tg.Tensor.sum(tg.ones(2)).item())
print(hasattr(tg.Tensor, "svd"), hasattr(tg.ones(1), "no_such_method"), "kthvalue" in dir(tg.Tensor), "kthvalue" in dir(tg.ones(1)))
""") == ["1.0", "0.0", "3.0", "2.0", "True", "False", "True", "True"]


def test_star_import_and_dir_are_complete():
    printed = in_fresh_process("""
from tensorgrad import *
from tensorgrad.nn.functional import *
print(svd.__name__, conv2d.__name__, sum.__name__)
import tensorgrad.linalg
print(*dir(tg), *dir(tg.nn.functional), *dir(tg.linalg))
""")
    assert printed[:3] == ["svd", "conv2d", "sum"]
    assert {name for space, name in REGISTRY if space in ("", "nn.functional", "linalg")} <= set(printed)


@pytest.mark.parametrize("place", ["tg", "tg.linalg", "tg.special", "tg.nn.functional", "tg.ones(1)"])
def test_names_that_do_not_exist(place):
    assert in_fresh_process(f"""
import tensorgrad.linalg, tensorgrad.special, tensorgrad.nn
count = len(sys.modules)
print(hasattr({place}, "no_such_name"), len(sys.modules) - count)
try:
    {place}.no_such_name
except AttributeError as error:
    print("no_such_name" in str(error))
""") == ["False", "0", "True"]


def test_functions_can_be_pickled_before_and_after():
    assert in_fresh_process("""
import pickle
text = chr(10).join(["ctensorgrad", "logsumexp", "."])
print(pickle.loads(text.encode()) is tg.logsumexp, pickle.loads(pickle.dumps(tg.sort)) is tg.sort)
""") == ["True", "True"]


def test_threads_that_need_a_family_at_once():
    assert in_fresh_process("""
from threading import Barrier, Thread
names = ["svdvals", "eigh", "inv", "cholesky", "qr", "det", "matrix_norm", "pinv"]
import tensorgrad.linalg
sys.setswitchinterval(1e-6)
barrier, found = Barrier(len(names)), []
def work(name):
    barrier.wait()
    found.append(getattr(tg.linalg, name)(tg.eye(2)) is not None and tg.eye(2).logsumexp(0).mean().item() > 0)
threads = [Thread(target=work, args=(name,)) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found), all(found))
""") == ["8", "True"]


def test_all_loaded_all_attached():
    """What a family declares stands where users look, by the same function."""
    load()
    assert all(getattr(tg.Tensor, name) is not None for name in METHODS)
    for (space, name), entry in REGISTRY.items():
        if not space:
            assert getattr(tg, name) is entry.function, name


def test_children_of_a_fork_load_for_themselves():
    assert in_fresh_process("""
import os
child = os.fork()
if not child:
    os._exit(int(tg.ones(3).sum().item()))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), tg.ones(2).prod().item())
""") == ["3", "1.0"]
