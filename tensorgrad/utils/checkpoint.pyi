"""Written by `python tests/stubs.py`; not edited by hand."""
# mypy: ignore-errors
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tensorgrad import Size, Tensor, device, dtype

def checkpoint(function: Any, *args: Any, use_reentrant: Any = ..., context_fn: Any = ..., determinism_check: str = ..., debug: bool = ..., early_stop: bool = ..., preserve_rng_state: bool = ..., **kwargs: Any) -> Tensor: ...
def checkpoint_sequential(functions: Any, segments: Any, input: Tensor, use_reentrant: Any = ..., **kwargs: Any) -> Tensor: ...
