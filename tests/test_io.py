"""save and load: what was written comes back, here and in PyTorch; nothing in a file is run; a damaged file or a failed write
changes nothing. torch_files.json holds files written by PyTorch 2.13 (store_files.py)."""

import base64
import io
import json
import os
import pickle
import random
import resource
import signal
import subprocess
import sys
import time
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_files import shown, state

import tensorgrad
from tensorgrad import nn
from tensorgrad.io.unpickling import OPCODES, Unpickler

STORED = {name: base64.b85decode(text) for name, text in
          json.loads((Path(__file__).parent / "torch_files.json").read_text()).items()}
DAMAGED = (tensorgrad.FileFormatError, tensorgrad.UnsafeFileError)


def through(value):
    """value after saving and loading."""
    buffer = io.BytesIO()
    tensorgrad.save(value, buffer)
    buffer.seek(0)
    return tensorgrad.load(buffer)


# ---- round trips ----

@pytest.mark.parametrize("name", ["zip", "old", "protocol 5"])
def test_files_of_torch_are_read(name):
    got = tensorgrad.load(io.BytesIO(STORED[name]))
    assert shown(got) == shown(state(tensorgrad))
    shares = {got[k].untyped_storage().data_ptr() for k in ("a", "transposed", "row")}
    assert len(shares) == 1 and got["list"] is got["same list"]
    got["row"].fill_(9)
    assert got["a"][1].tolist() == [9.0] * 4


def test_a_checkpoint_of_torch_goes_on_here():
    saved = tensorgrad.load(io.BytesIO(STORED["checkpoint"]))
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    assert repr(model.load_state_dict(saved["model"])) == "<All keys matched successfully>"
    assert saved["model"]._metadata[""] == {"version": 1}
    optimizer = tensorgrad.optim.Adam(model.parameters())
    scheduler = tensorgrad.optim.lr_scheduler.MultiStepLR(optimizer, [7])
    optimizer.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    assert scheduler.last_epoch == 1 and scheduler.milestones[2] == 1 and optimizer.param_groups[0]["lr"] == 1e-4
    assert float(optimizer.state[model[0].weight]["step"]) == 1
    model(tensorgrad.ones(3, 2)).sum().backward()
    optimizer.step()
    scheduler.step()


def test_round_trip(tmp_path):
    value = state(tensorgrad)
    path = tmp_path / "state.pt"
    tensorgrad.save(value, path)
    assert shown(tensorgrad.load(path)) == shown(tensorgrad.load(str(path))) == shown(value)
    assert os.listdir(tmp_path) == ["state.pt"]
    back = through(value)
    assert back["a"].untyped_storage() is back["transposed"].untyped_storage() and back["list"] is back["same list"]
    assert isinstance(back["parameter"], nn.Parameter) and not back["frozen"].requires_grad


def test_torch_reads_what_is_written_here(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "state.pt"
    tensorgrad.save(state(tensorgrad), path)
    for options in ({}, {"mmap": True}, {"weights_only": False}):
        got = torch.load(path, **options)
        assert shown(got) == shown(state(torch))
        assert got["a"].untyped_storage().data_ptr() == got["row"].untyped_storage().data_ptr() and got["list"] is got["same list"]
    ours = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    tensorgrad.save({"model": ours.state_dict(), "rng": tensorgrad.get_rng_state()}, path)
    saved = torch.load(path)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    theirs.load_state_dict(saved["model"])
    torch.set_rng_state(saved["rng"])
    assert torch.rand(3).tolist() == tensorgrad.rand(3).tolist()


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "ASGD", "Rprop", "NAdam", "Adafactor", "LBFGS"])
def test_optimizers_change_libraries_in_the_middle(name, tmp_path):
    torch = pytest.importorskip("torch")

    def run(lib, steps, optimizer_state=None, start=(0.5, -0.25, 2.0)):
        x = lib.tensor(start, dtype=lib.float64, requires_grad=True)
        optimizer = getattr(lib.optim, name)([x], lr=0.1)
        if optimizer_state:
            optimizer.load_state_dict(optimizer_state)

        def closure():
            optimizer.zero_grad()
            loss = (lib.arange(1, 4) * (x - 1) ** 4).sum()
            loss.backward()
            return loss

        for _ in range(steps):
            optimizer.step(closure)
        return x.tolist(), optimizer.state_dict()

    expected, _ = run(torch, 6)
    for first, second in ((torch, tensorgrad), (tensorgrad, torch), (tensorgrad, tensorgrad)):
        values, middle = run(first, 3)
        first.save(middle, tmp_path / "o.pt")
        got, _ = run(second, 3, second.load(tmp_path / "o.pt"), values)
        np.testing.assert_allclose(got, expected, rtol=1e-8)


def test_an_interrupted_run_goes_on(tmp_path):
    def run(until, path=None):
        tensorgrad.manual_seed(1)
        model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.3), nn.ReLU(), nn.Linear(8, 1))
        optimizer = tensorgrad.optim.Adam(model.parameters(), lr=0.05)
        scheduler = tensorgrad.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
        done, losses = 0, []
        if path:
            saved = tensorgrad.load(path)
            model.load_state_dict(saved["model"])
            optimizer.load_state_dict(saved["optimizer"])
            scheduler.load_state_dict(saved["scheduler"])
            tensorgrad.set_rng_state(saved["rng"])
            done, losses = saved["epoch"], saved["losses"]
        for _ in range(done, until):
            loss = (model(tensorgrad.rand(16, 4)) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        return losses, {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
                        "rng": tensorgrad.get_rng_state(), "epoch": until, "losses": losses}

    expected, _ = run(8)
    _, middle = run(5)
    tensorgrad.save(middle, tmp_path / "run.pt")
    assert run(8, tmp_path / "run.pt")[0] == expected


def test_recursive_structures_and_numpy_scalars():
    ring = [1]
    ring.append(ring)
    pair = ([],)
    pair[0].append(pair)
    back, twin = through([ring, pair])
    assert back[1] is back and twin[0][0] is twin
    got = through({"a": np.float64(0.5), "b": np.float32(0.25), "c": np.int64(7), "d": np.bool_(True)})
    assert got == {"a": 0.5, "b": 0.25, "c": 7, "d": True} and {type(v) for v in got.values()} == {float, int, bool}


def test_files_without_seek():
    class Pipe(io.RawIOBase):
        def __init__(self, data=b""):
            self.inner = io.BytesIO(data)

        def readable(self):
            return True

        writable = readable

        def write(self, data):
            return self.inner.write(data)

        def readinto(self, memory):
            return self.inner.readinto(memory)

    pipe = Pipe()
    tensorgrad.save({"w": tensorgrad.ones(3)}, pipe)
    assert tensorgrad.load(io.BufferedReader(Pipe(pipe.inner.getvalue())))["w"].tolist() == [1.0] * 3


def test_storages_are_aligned(tmp_path):
    tensorgrad.save([tensorgrad.ones(n) for n in (1, 2, 3)], tmp_path / "x.pt")
    data = (tmp_path / "x.pt").read_bytes()
    for info in zipfile.ZipFile(tmp_path / "x.pt").infolist():
        start = info.header_offset + 30 + len(info.filename) + int.from_bytes(data[info.header_offset + 28:info.header_offset + 30],
                                                                             "little")
        assert start % 64 == 0


@pytest.mark.parametrize(("value", "where"), [
    ({"model": nn.Linear(1, 1)}, r"state_dict.*|\['model'\]"), ([{"f": print}], r"\[0\]\['f'\]"),
    ({"x": np.ones(2)}, "from_numpy"), (object(), "the top"), ({"x": [tensorgrad.ones(2), (1, range(3))]}, r"\['x'\]\[1\]\[1\]"),
    (defaultdict(list), "defaultdict")])
def test_what_cannot_be_saved_is_named(tmp_path, value, where):
    path = tmp_path / "state.pt"
    path.write_text("old")
    with pytest.raises(TypeError, match=where):
        tensorgrad.save(value, path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["state.pt"]


# ---- safetensors ----

def named_tensors():
    tensors = state(tensorgrad)["tensors"]
    return {**tensors, "scalar": tensorgrad.tensor(2.5), "empty": tensorgrad.zeros(0, 3),
            "strided": tensorgrad.arange(6).reshape(2, 3).t()}


def test_safetensors_round_trip(tmp_path):
    path = tmp_path / "state.safetensors"
    tensorgrad.save(named_tensors(), path)
    back = tensorgrad.load(path)
    assert set(back) == set(named_tensors())
    for name, value in named_tensors().items():
        assert back[name].dtype == value.dtype and back[name].shape == value.shape and back[name].tolist() == value.tolist()
    back["scalar"].fill_(1)  # loaded tensors can be written to


def test_safetensors_is_what_its_own_package_writes_and_reads(tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    tensors = {k: v for k, v in named_tensors().items() if k != "bfloat16"}
    arrays = {k: v.contiguous().numpy() for k, v in tensors.items()}
    path = tmp_path / "s.safetensors"
    tensorgrad.save(tensors, path)
    for name, array in package.load_file(path).items():
        np.testing.assert_array_equal(array, arrays[name])
    package.save_file(arrays, path, metadata={"by": "test"})
    assert {k: v.tolist() for k, v in tensorgrad.load(path).items()} == {k: v.tolist() for k, v in tensors.items()}


@pytest.mark.parametrize("value", [{"w": 1}, {1: tensorgrad.ones(1)}])
def test_what_a_safetensors_file_cannot_hold(tmp_path, value):
    with pytest.raises(TypeError):
        tensorgrad.save(value, tmp_path / "x.safetensors")
    assert os.listdir(tmp_path) == []


def header(**entries):
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text


BROKEN = {
    "hole": header(a={"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}) + b"\0" * 8,
    "overlap": header(a={"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                      b={"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}) + b"\0" * 4,
    "short": header(a={"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}) + b"\0" * 4,
    "size": header(a={"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}) + b"\0" * 8,
    "negative": header(a={"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}) + b"\0" * 4,
    "huge": header(a={"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 4]}) + b"\0" * 4,
    "dtype": header(a={"dtype": "X9", "shape": [1], "data_offsets": [0, 4]}) + b"\0" * 4,
    "twice": len(b'{"a":1,"a":1}').to_bytes(8, "little") + b'{"a":1,"a":1}',
    "deep": (200000).to_bytes(8, "little") + b"[" * 200000,
    "list": (2).to_bytes(8, "little") + b"[]",
    "long header": (2**63).to_bytes(8, "little") + b"{}",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_safetensors(name):
    with pytest.raises(tensorgrad.FileFormatError):
        tensorgrad.load(io.BytesIO(BROKEN[name]))


# ---- damaged and hostile files ----

@pytest.mark.parametrize("name", ["bad.pt", "bad.safetensors"])
@pytest.mark.parametrize("spoil", [lambda b: b"", lambda b: b[:-1], lambda b: b[:20], lambda b: b[:-30], lambda b: b"\xff" * 64,
                                   lambda b: b[:8] + b"]" * 50 + b[58:]])
def test_damaged_file(tmp_path, spoil, name):
    path = tmp_path / name
    tensorgrad.save({"w": tensorgrad.ones(30)}, path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(tensorgrad.FileFormatError, match="bad"):
        tensorgrad.load(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        tensorgrad.load(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError):
        tensorgrad.save({"w": tensorgrad.ones(1)}, tmp_path / "no" / "folder")


def archive(pickled, **entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("x/data.pkl", pickled)
        for name, data in entries.items():
            out.writestr(f"x/data/{name.removeprefix('s')}", data)
    return io.BytesIO(buffer.getvalue())


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


class Attributes:
    pass


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", [Evil(), {"a": [Evil()]}, Attributes(), print, range(3), io.BytesIO, zipfile.ZipFile])
def test_hostile_pickles_run_nothing(tmp_path, monkeypatch, value, protocol):
    if isinstance(value, io.IOBase):
        pytest.skip("cannot be pickled")
    monkeypatch.chdir(tmp_path)
    hostile = pickle.dumps(value, protocol)
    for file in (archive(hostile), io.BytesIO(STORED["old"][:STORED["old"].index(b"Q") - 300] + hostile)):
        with pytest.raises(DAMAGED):
            tensorgrad.load(file)
    with pytest.raises(tensorgrad.UnsafeFileError, match="nothing of it was run"):
        tensorgrad.load(archive(hostile))
    assert os.listdir(tmp_path) == []


def opcodes(*parts):
    return b"\x80\x02" + b"".join(parts) + b"."


TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"


def reference(kind=b"FloatStorage", count=b"K\x02", key=b"0"):
    return b"(X\x07\0\0\0storagectorch\n" + kind + b"\nX" + len(key).to_bytes(4, "little") + key + b"X\x03\0\0\0cpu" + count + b"tQ"


def tensor_of(storage, offset=b"K\0", size=b"K\x02\x85", stride=b"K\x01\x85"):
    return opcodes(TENSOR, b"(", storage, offset, size, stride, b"\x89)tR")


HUGE = b"\x8a\x08" + (2**62).to_bytes(8, "little")
HOSTILE = {
    "good": None,
    "offset": tensor_of(reference(), offset=b"K\x01"), "negative offset": tensor_of(reference(), offset=b"J\xff\xff\xff\xff"),
    "size": tensor_of(reference(), size=b"K\x03\x85"), "negative size": tensor_of(reference(), size=b"J\xff\xff\xff\xff\x85"),
    "stride": tensor_of(reference(), stride=b"K\x02\x85"), "negative stride": tensor_of(reference(), stride=b"J\xff\xff\xff\xff\x85"),
    "dims": tensor_of(reference(), size=b"K\x01K\x01\x86"), "huge size": tensor_of(reference(), size=HUGE + b"\x85", stride=b"K\0\x85"),
    "product": tensor_of(reference(), size=(HUGE[:-1] + b"\x10") * 2 + b"\x86", stride=b"K\0K\0\x86"),
    "float size": tensor_of(reference(), size=b"G" + b"\0" * 8 + b"\x85"), "true size": tensor_of(reference(), size=b"\x88\x85"),
    "count": tensor_of(reference(count=b"K\x03")), "huge count": tensor_of(reference(count=HUGE)),
    "negative count": tensor_of(reference(count=b"J\xff\xff\xff\xff")), "kind": tensor_of(reference(b"DoubleStorage")),
    "missing": tensor_of(reference(key=b"7")), "outside": tensor_of(reference(key=b"../data.pkl")),
    "no storage": tensor_of(b"K\x01"), "no reference": opcodes(b"K\x01Q"), "quantised": tensor_of(reference(b"QInt8Storage")),
    "two kinds": opcodes(tensor_of(reference())[2:-1], tensor_of(reference(b"IntStorage"))[2:-1], b"\x86"),
    "parameter": opcodes(b"ctorch._utils\n_rebuild_parameter\nK\x01\x88)\x87R"),
    "empty stack": opcodes(), "underflow": opcodes(b"\x87"), "no mark": opcodes(b"t"), "below a mark": opcodes(b"K\x01(0000"),
    "two values": opcodes(b"NN"), "memo": opcodes(b"h\x07"), "append": opcodes(b"K\x01K\x02a"), "odd": opcodes(b"}(NNNu"),
    "list key": opcodes(b"}]Ns"), "length": opcodes(b"X\xff\xff\xff\xffab"), "length 8": opcodes(b"\x8e" + b"\xff" * 8),
    "negative length": opcodes(b"\x8b\xff\xff\xff\xff"), "utf-8": opcodes(b"X\x01\0\0\0\xff"), "no end": b"\x80\x02N",
    "no opcode": opcodes(b"\xfe"),
    "called mark": opcodes(b"ctorch\nFloatStorage\n)R"), "reduced list": opcodes(b"])R"), "attributes": opcodes(b"]}b"),
    "digits": opcodes(b"I" + b"9" * 100000 + b"\n"), "nothing": b"",
    # each tuple holds the one before twice: hashing the last would take 2^60 steps
    "exponential": opcodes(b"}", b"K\x01", b"2\x86" * 60, b"Ns"),
    "deep": opcodes(b"(" * 100000), "deep tuples": opcodes(b"}N", b"\x85" * 100000, b"Ns"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_storage_arithmetic_and_opcodes_are_checked(name):
    data = {"s0": b"\0" * 8}
    if name == "good":
        assert tensorgrad.load(archive(tensor_of(reference()), **data)).tolist() == [0.0, 0.0]
        return
    begin = time.process_time()
    with pytest.raises(DAMAGED):
        tensorgrad.load(archive(HOSTILE[name], **data))
    assert time.process_time() - begin < 2


def test_odd_archives(tmp_path):
    def made(*names, compress=zipfile.ZIP_STORED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compress) as out:
            for name in names:
                out.writestr(name, opcodes(b"N"))
        return io.BytesIO(buffer.getvalue())

    assert tensorgrad.load(made("x/data.pkl")) is None
    for bad in (made("data.pkl"), made("x/data.pkl", "y/data.pkl"), made("x/data.pkl", "x/constants.pkl"), made("x/version"),
                made("x/data.pkl", compress=zipfile.ZIP_DEFLATED)):
        with pytest.raises(tensorgrad.FileFormatError):
            tensorgrad.load(bad)


def test_the_other_byte_order():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("x/data.pkl", tensor_of(reference()))
        out.writestr("x/byteorder", "big")
        out.writestr("x/data/0", np.array([1, 2], ">f4").tobytes())
    buffer.seek(0)
    assert tensorgrad.load(buffer).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("name", ["zip", "old", "safetensors"])
def test_flipped_bits_and_cut_ends_are_found_or_harmless(name):
    """Whatever is done to a file: a value or one of two errors, and no more memory than the file's size allows."""
    if name == "safetensors":
        buffer = io.BytesIO()
        tensorgrad.io.safetensors.write(named_tensors(), buffer)
        data = buffer.getvalue()
    else:
        data = STORED[name]
    rng = random.Random(5)
    found = 0
    for i in range(600):
        spoiled = bytearray(data)
        if i % 4 == 0:
            del spoiled[rng.randrange(len(data)):]
        elif i % 4 == 1:
            start = rng.randrange(len(data))
            del spoiled[start:start + rng.randrange(1, 9)]
        for _ in range(rng.randrange(1, 4) if i % 4 > 1 else 0):
            spoiled[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            tensorgrad.load(io.BytesIO(spoiled))
        except DAMAGED:
            found += 1
    assert found > 200


@given(st.data())
def test_random_opcodes_build_a_value_or_raise(data):
    size = data.draw(st.integers(1, 60))
    codes = st.sampled_from([bytes([c]) for c in OPCODES] + [b"N", b"}", b"]", b"(", b"K\x01", b"X\x01\0\0\0a", TENSOR, reference()])
    pickled = b"".join(data.draw(st.one_of(codes, st.binary(max_size=4))) for _ in range(size)) + b"."
    try:
        Unpickler(pickled, 0, lambda reference: tensorgrad.zeros(4)).load()
    except DAMAGED:
        pass


@given(st.binary(max_size=200))
def test_random_bytes_are_no_file(data):
    for start in (b"", b"PK\x03\x04", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."):
        with pytest.raises(DAMAGED):
            tensorgrad.load(io.BytesIO(start + data))


# ---- all or nothing ----

def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "state"
    path.write_text("old")

    def full(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        tensorgrad.save({"w": tensorgrad.ones(1)}, path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["state"]


LIMITED = """
import resource, sys, tensorgrad
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    tensorgrad.save({"w": tensorgrad.zeros(200_000)}, sys.argv[1])
except OSError as error:
    print(type(error).__name__, error.errno)
"""


@pytest.mark.parametrize("name", ["state.pt", "state.safetensors"])
def test_a_full_disk_leaves_the_old_file(tmp_path, name):
    path = tmp_path / name
    tensorgrad.save({"w": tensorgrad.ones(3)}, path)
    done = subprocess.run([sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True)
    assert done.stdout.split() == ["OSError", "27"], done.stderr
    assert tensorgrad.load(path)["w"].tolist() == [1.0] * 3 and os.listdir(tmp_path) == [name]


REWRITING = """
import sys, tensorgrad
for value in range(1, 1_000_000):
    tensorgrad.save({"w": tensorgrad.full((300_000,), float(value)), "value": value}, sys.argv[1])
    print(value, flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_complete_file(tmp_path):
    path = tmp_path / "state.pt"
    rng = random.Random(0)
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", REWRITING, str(path)], stdout=subprocess.PIPE)
        process.stdout.readline()  # one save is done
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        told = process.communicate()[0].split()
        state = tensorgrad.load(path)
        assert (state["w"] == state["value"]).all().item() and state["value"] >= int(told[-1] if told else 1)


def test_a_link_stays_a_link_and_rights_stay(tmp_path):
    path, link = tmp_path / "state.pt", tmp_path / "link.pt"
    tensorgrad.save(1, path)
    path.chmod(0o640)
    link.symlink_to(path)
    tensorgrad.save(2, link)
    assert link.is_symlink() and tensorgrad.load(path) == 2 and path.stat().st_mode & 0o777 == 0o640


def test_memory_stays_within_the_size_of_the_file():
    """A file of 1 KB that claims a storage of 2^40 bytes, and a thousand entries that are all the same bytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(tensorgrad.FileFormatError, match="larger than the file"):
        tensorgrad.load(archive(tensor_of(reference(count=b"\x8a\x06" + (2**40).to_bytes(6, "little"))), s0=b"\0" * 8))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_number_is_no_file(tmp_path):
    """open() would take it for a file that is open already, read it and close it."""
    with open(tmp_path / "open", "wb") as file:
        with pytest.raises(TypeError, match="PathLike"):
            tensorgrad.load(file.fileno())
        file.write(b"still open")


def test_a_safetensors_file_is_made_of_a_dict(tmp_path):
    with pytest.raises(TypeError, match="dict of tensors, got Tensor"):
        tensorgrad.save(tensorgrad.ones(2), tmp_path / "a.safetensors")
    assert not list(tmp_path.iterdir())
