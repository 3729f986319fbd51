"""Written by `python tests/stubs.py`; not edited by hand."""
# mypy: ignore-errors
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tensorgrad import Size, Tensor, device, dtype
from . import checkpoint as checkpoint
from . import data as data

