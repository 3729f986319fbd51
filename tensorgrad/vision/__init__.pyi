"""Written by `python tests/stubs.py`; not edited by hand."""
# mypy: ignore-errors
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tensorgrad import Size, Tensor, device, dtype
from . import datasets as datasets
from . import models as models
from . import ops as ops
from . import transforms as transforms
from . import utils as utils

__version__: str
