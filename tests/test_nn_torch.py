"""Every class of nn, function of nn.functional and initialiser against stored values of PyTorch 2.13 (nn_torch.json, written by
make_nn_torch.py): reprs, initial values draw for draw, state dicts, results, gradients of inputs and parameters, signatures."""

import json
from pathlib import Path

import pytest
from nn_cases import FUNCTIONS, INITIALISERS, LAYERS, UTILITIES, WITHOUT_TWIN, run, signature, split

import tensorgrad

STORED = json.loads(Path(__file__).with_name("nn_torch.json").read_text())
CASES = {" | ".join([case[0], " ".join(case[1]), case[2]]): case
         for table in (LAYERS, FUNCTIONS, UTILITIES, INITIALISERS) for case in split(table)}


def same(found, stored, path, tolerance):
    """Equal structures, numbers to seven digits of the larger sums."""
    if isinstance(stored, dict):
        assert list(found) == list(stored), path
        for key in stored:
            same(found[key], stored[key], f"{path}.{key}", tolerance)
    elif isinstance(stored, list):
        assert len(found) == len(stored), path
        for i, (a, b) in enumerate(zip(found, stored, strict=True)):
            same(a, b, f"{path}[{i}]", tolerance)
    elif isinstance(stored, float):
        assert found == pytest.approx(stored, rel=tolerance, abs=tolerance, nan_ok=True), path
    else:
        assert found == stored, path


@pytest.mark.parametrize("key", CASES)
def test_case_equals_pytorchs(key):
    tolerance = 2e-5 if "orthogonal" in key else 2e-6  # all is computed in float64, but a QR decomposition in float32
    same(run(tensorgrad, CASES[key]), STORED["cases"][key], "", tolerance)


def test_stored_values_are_those_of_the_cases():
    assert list(STORED["cases"]) == list(CASES)


# PyTorch's signature says nothing, or more than a caller may use; the names are the same
LOOSE = {"RNN": "*args, **kwargs, of which the first four have names here"}


def plain(texts):
    """Without library names."""
    return [t.replace("torch.", "").replace("tensorgrad.", "") for t in texts]


@pytest.mark.parametrize("name", [n for n in STORED["classes"] if n not in LOOSE])
def test_constructor_has_pytorchs_arguments(name):
    stored = STORED["classes"][name]
    if stored is not None:
        assert plain(signature(getattr(tensorgrad.nn, name).__init__)) == plain(stored)


@pytest.mark.parametrize("name", STORED["functions"])
def test_function_has_pytorchs_arguments(name):
    stored = STORED["functions"][name]
    if stored is None or stored == ["*args", "**kwargs"] or stored == ["input"]:
        assert callable(getattr(tensorgrad.nn.functional, name))  # a builtin of PyTorch's, or a dispatcher: nothing to compare
    else:
        assert plain(signature(getattr(tensorgrad.nn.functional, name))) == plain(stored)


def test_what_pytorch_has_on_a_gpu_alone_says_so():
    for name in WITHOUT_TWIN:
        with pytest.raises(NotImplementedError):
            getattr(tensorgrad.nn.functional, name)(*[None] * 6)
