"""The program that mypy checks also runs."""

from typed_program import train


def test_the_typed_program_trains():
    assert train(20) < 1e-3
