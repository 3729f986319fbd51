"""The names of docs/names.md exist, and what exists answers PyTorch's calls as PyTorch does. See tests/parity.py."""

from pathlib import Path

import parity
import pytest
import stored

API = Path(__file__).parents[2] / "shared" / "API.md"
LINES = [(topic, line) for topic, lines in parity.CALLS.items() for line in lines]
# Namespaces in which everything everyday and nine names in ten exist.
COMPLETE = ["tensorgrad", "Tensor methods", "Tensor operators", "Tensor attributes", "autograd", "linalg"]


def test_the_list_has_every_name_that_was_asked_for():
    if not API.exists():
        return  # an input of the project's, not part of it
    asked = {name for names in parity.sections(API).values() for name in names}
    listed = {name for names in parity.sections().values() for name in names}
    words = {"(float", "half", "double", "int", "long", "short", "are", "aliases;", "for", "fft", "alone,", "last)"}
    assert asked - listed <= words


@pytest.mark.parametrize("namespace", COMPLETE)
def test_names_exist(namespace):
    names = parity.sections()[namespace]
    absent = parity.missing(namespace, names)
    assert not [n for n in absent if names[n]]  # everyday ones
    assert len(absent) <= len(names) / 10


def test_what_is_left_out_is_absent():
    assert not [(space, name) for space, name in parity.left_out() if parity.exists(space, name)]


@pytest.mark.parametrize("namespace", ["nn. classes", "nn.functional", "nn.init", "optim", "optim.lr_scheduler", "distributions"])
def test_every_name_is_held_against_stored_values(namespace):
    """What is stored is compared by test_nn_torch.py, test_optim.py and test_distributions.py, without PyTorch."""
    without = set(parity.sections()[namespace]) - set(stored.checks()[namespace])
    assert without == (set(stored.WITHOUT_TWIN) if namespace == "nn.functional" else set())


@pytest.mark.skipif(parity.torch is None, reason="PyTorch, the oracle, is not installed")
@pytest.mark.parametrize(("topic", "line"), LINES, ids=[line for _, line in LINES])
def test_calls_agree_with_pytorch(topic, line):
    assert parity.disagreement(line) is None
