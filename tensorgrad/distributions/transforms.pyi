"""Written by `python tests/stubs.py`; not edited by hand."""
# mypy: ignore-errors
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tensorgrad import Size, Tensor, device, dtype

from tensorgrad.distributions import AbsTransform as AbsTransform
from tensorgrad.distributions import AffineTransform as AffineTransform
from tensorgrad.distributions import CatTransform as CatTransform
from tensorgrad.distributions import ComposeTransform as ComposeTransform
from tensorgrad.distributions import CorrCholeskyTransform as CorrCholeskyTransform
from tensorgrad.distributions import CumulativeDistributionTransform as CumulativeDistributionTransform
from tensorgrad.distributions import ExpTransform as ExpTransform
from tensorgrad.distributions import IndependentTransform as IndependentTransform
from tensorgrad.distributions import LowerCholeskyTransform as LowerCholeskyTransform
from tensorgrad.distributions import PositiveDefiniteTransform as PositiveDefiniteTransform
from tensorgrad.distributions import PowerTransform as PowerTransform
from tensorgrad.distributions import ReshapeTransform as ReshapeTransform
from tensorgrad.distributions import SigmoidTransform as SigmoidTransform
from tensorgrad.distributions import SoftmaxTransform as SoftmaxTransform
from tensorgrad.distributions import SoftplusTransform as SoftplusTransform
from tensorgrad.distributions import StackTransform as StackTransform
from tensorgrad.distributions import StickBreakingTransform as StickBreakingTransform
from tensorgrad.distributions import TanhTransform as TanhTransform
from tensorgrad.distributions import Transform as Transform
def identity_transform(x: Any) -> Any: ...
