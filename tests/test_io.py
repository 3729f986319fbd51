"""save and load: what was written comes back; a damaged file or a failed write changes nothing."""

import os
import sys

import pytest

import tensorgrad
from tensorgrad import nn


def test_round_trip_of_every_dtype(tmp_path):
    path = tmp_path / "state.safetensors"
    state = {f"a.{d}": tensorgrad.tensor([[0, 1, 2]]).to(getattr(tensorgrad, d)) for d in (
        "float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")}
    state["scalar"], state["empty"] = tensorgrad.tensor(2.5), tensorgrad.zeros(0, 3)
    state["strided"] = tensorgrad.arange(6).reshape(2, 3).t()
    tensorgrad.save(state, path)
    back = tensorgrad.load(str(path))
    assert set(back) == set(state)
    for name, value in state.items():
        assert back[name].dtype == value.dtype and back[name].shape == value.shape and back[name].tolist() == value.tolist()
    back["scalar"].fill_(1)  # loaded tensors can be written to
    assert os.listdir(tmp_path) == ["state.safetensors"]


def test_a_module_comes_back(tmp_path):
    a, b = (nn.ParameterList([tensorgrad.full((3,), float(v))]) for v in (1, 2))
    tensorgrad.save(a.state_dict(), tmp_path / "m")
    assert repr(b.load_state_dict(tensorgrad.load(tmp_path / "m"))) == "<All keys matched successfully>"
    assert b[0].tolist() == [1, 1, 1] and b[0].requires_grad


@pytest.mark.parametrize("spoil", [lambda b: b"", lambda b: b[:-1], lambda b: b[:20], lambda b: b + b"x",
                                   lambda b: b"\xff" * 64,
                                   lambda b: b[:8] + b"]" + b[9:]])
def test_damaged_file(tmp_path, spoil):
    path = tmp_path / "bad"
    tensorgrad.save({"w": tensorgrad.ones(3)}, path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(tensorgrad.FileFormatError, match="bad"):
        tensorgrad.load(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        tensorgrad.load(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError):
        tensorgrad.save({"w": tensorgrad.ones(1)}, tmp_path / "no" / "folder")


@pytest.mark.parametrize("state", [{"w": 1}, {1: tensorgrad.ones(1)}, {"w": tensorgrad.ones(1,
                                                                                            dtype=tensorgrad.bfloat16)}])
def test_what_cannot_be_saved(tmp_path, state):
    path = tmp_path / "state"
    path.write_text("old")
    with pytest.raises(TypeError):
        tensorgrad.save(state, path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["state"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "state"
    path.write_text("old")

    def full(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        tensorgrad.save({"w": tensorgrad.ones(1)}, path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["state"]


def test_without_the_safetensors_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for call in (lambda: tensorgrad.save({}, tmp_path / "x"), lambda: tensorgrad.load(tmp_path / "x")):
        with pytest.raises(ImportError, match=r"pip install tensorgrad-cpu\[io\]"):
            call()
