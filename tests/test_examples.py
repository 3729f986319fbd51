"""Every example runs small, prints the figure it is judged by, and draws its pictures."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SHARED = {"common", "shapes"}  # modules of the others
PROGRAMS = sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem not in SHARED | {"train_digits"})  # that has its own test


def run(name, *arguments):
    return subprocess.run([sys.executable, str(EXAMPLES / f"{name}.py"), *map(str, arguments)], capture_output=True, text=True,
                          timeout=300)


@pytest.mark.parametrize("name", PROGRAMS)
def test_quick_run(name, tmp_path):
    result = run(name, "--quick", "--threads", 1, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    last = result.stdout.strip().splitlines()[-1]
    assert re.fullmatch(r".+ \d\S* \(.+\); pictures in .*", last) and str(tmp_path) in last
    pictures = list((tmp_path / "out").glob("*.png"))
    assert pictures and all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)


@pytest.mark.parametrize("name", PROGRAMS)
def test_help(name):
    result = run(name, "--help")
    assert result.returncode == 0 and all(option in result.stdout for option in ("--seed", "--threads", "--out", "--quick"))
    assert re.search(r"^Reached with the defaults: .*\d", result.stdout, re.M)


def test_files_that_are_not_there(tmp_path):
    for name, option in (("mlp_digits", "--mnist"), ("gpt", "--text"), ("style_transfer", "--content")):
        result = run(name, option, tmp_path / "nothing", "--out", tmp_path / "out", "--quick")
        assert result.returncode == 2 and result.stderr.count("\n") == 1 and "nothing" in result.stderr
