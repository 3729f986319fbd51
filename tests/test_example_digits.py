"""examples/train_digits.py as a user runs it, small."""

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import tensorgrad

SCRIPT = Path(__file__).parents[1] / "examples" / "train_digits.py"
RESULTS = ["curve.png", "filters.png", "model.safetensors", "predictions.png"]


def run(*arguments):
    return subprocess.run([sys.executable, str(SCRIPT), *map(str, arguments)], capture_output=True, text=True,
                          timeout=300)


def accuracy(result):
    assert result.returncode == 0, result.stderr
    assert len(re.findall(r"^test accuracy ", result.stdout, re.M)) == 1
    return float(re.search(r"^test accuracy (\d\.\d+) ", result.stdout, re.M)[1])


def test_digits(tmp_path):
    first = run("--out", tmp_path / "a", "--epochs", 5, "--seed", 1, "--threads", 1)
    assert accuracy(first) > 0.85 and first.stdout.count("loss ") == 5 and "training" in first.stderr
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == RESULTS
    for name in RESULTS[:2] + RESULTS[3:]:
        assert (tmp_path / "a" / name).read_bytes().startswith(b"\x89PNG")
    state = tensorgrad.load(tmp_path / "a" / "model.safetensors")
    assert {name: tuple(v.shape) for name, v in state.items()} == {
        "0.weight": (16, 1, 5, 5), "0.bias": (16,), "3.weight": (32, 16, 5, 5), "3.bias": (32,), "7.weight": (10, 128),
        "7.bias": (10,)}
    again = run("--out", tmp_path / "b", "--epochs", 5, "--seed", 1, "--threads", 2)
    losses = [re.findall(r"loss (\S+)", r.stdout) for r in (first, again)]
    assert losses[0] == losses[1]
    assert (tmp_path / "a" / RESULTS[2]).read_bytes() == (tmp_path / "b" / RESULTS[2]).read_bytes()


def test_help():
    result = run("--help")
    assert result.returncode == 0
    for option in ("--mnist", "--seed", "--epochs", "--threads", "--out"):
        assert option in result.stdout


@pytest.mark.parametrize("damaged", [False, True])
def test_missing_or_damaged_files(tmp_path, damaged):
    source, out = tmp_path / "mnist", tmp_path / "out"
    source.mkdir()
    if damaged:
        (source / "t10k-images-idx3-ubyte").write_bytes(struct.pack(">4B3I", 0, 0, 8, 3, 10, 28, 28) + b"short")
        (source / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, 10) + bytes(10))
    result = run("--mnist", source, "--out", out)
    assert result.returncode == 2 and result.stdout == "" and not out.exists()
    assert result.stderr.count("\n") == 1 and "t10k-images-idx3-ubyte" in result.stderr


@pytest.mark.parametrize("arguments", [("--epochs", "0"), ("--threads", "-1"), ("--seed", "x"), ("--nonsense",)])
def test_wrong_options(tmp_path, arguments):
    result = run(*arguments, "--out", tmp_path / "out")
    assert result.returncode == 2 and result.stderr and not (tmp_path / "out").exists()


def test_mnist_files(tmp_path):
    images = bytes((i * 37 + j) % 256 for i in range(50) for j in range(784))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(struct.pack(">4B3I", 0, 0, 8, 3, 50, 28, 28) + images)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, 50) + bytes(i % 10
                                                                                                  for i in range(50)))
    result = run("--mnist", tmp_path, "--epochs", 1, "--out", tmp_path / "out")
    accuracy(result)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == RESULTS
