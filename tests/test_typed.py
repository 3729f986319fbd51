"""The program that mypy checks also runs, and the stubs say what the modules hold."""

import stubs
from typed_program import Settings, train, train_images


def test_the_typed_program_trains():
    loss, accuracy = train(Settings())
    assert loss < 0.3 and accuracy > 0.9
    assert train_images() > 0.9


def test_the_stubs_are_up_to_date():
    stale = [str(path.relative_to(stubs.ROOT)) for path, text in stubs.stubs().items()
             if not path.exists() or path.read_text() != text]
    assert not stale, f"run `python tests/stubs.py`: {stale}"
