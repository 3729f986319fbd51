"""Texts of tensors are PyTorch's: tests/printing_torch.json has what PyTorch 2.13 printed for each expression."""

import json
from pathlib import Path

import pytest

import tensorgrad as tg

PRINTED = json.loads((Path(__file__).parent / "printing_torch.json").read_text())
OPTIONS = {"precision=2": lambda: tg.tensor([1 / 3, 2.0]), "sci_mode=True": lambda: tg.tensor([1 / 3, 2.0]),
           "sci_mode=False": lambda: tg.tensor([1e-6, 2e6]), "threshold=5, edgeitems=1": lambda: tg.arange(12).reshape(3, 4),
           "linewidth=30": lambda: tg.arange(12.0), "profile='short'": lambda: tg.arange(2000.0) / 3}


@pytest.mark.parametrize("expression", [e for e in PRINTED if e not in OPTIONS])
def test_texts_are_pytorchs(expression):
    tg.manual_seed(0)
    assert repr(eval(expression, {"t": tg})) == PRINTED[expression].replace("torch.", "tensorgrad.")


@pytest.mark.parametrize("options", OPTIONS)
def test_options_change_the_text(options):
    try:
        eval(f"tg.set_printoptions({options})", {"tg": tg})
        assert repr(OPTIONS[options]()) == PRINTED[options]
    finally:
        tg.set_printoptions(profile="default")
