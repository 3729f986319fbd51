"""The same seed gives the same curve: losses of six programs (curves.py) against those stored from PyTorch 2.13."""

import json
from pathlib import Path

import pytest
from curves import DATA, PROGRAMS, curve

import tensorgrad

STORED = json.loads((Path(__file__).parent / "curves_torch.json").read_text())


@pytest.mark.skipif(not DATA.exists(), reason=f"MNIST is not at {DATA}; the project does not carry its data")
@pytest.mark.parametrize("name", PROGRAMS)
def test_losses_equal_torch(name):
    got, expected = curve(tensorgrad, name), STORED[name]
    assert len(got) == len(expected) == 100 and expected[-1] < 0.7 * expected[0]
    assert abs(got[0] / expected[0] - 1) < 1e-5
    bound = 0.2 if name == "lstm" else 0.01  # RMSprop divides by gradients near zero: PyTorch differs from itself by 6 %
    assert max(abs(a / b - 1) for a, b in zip(got, expected, strict=True)) < bound
