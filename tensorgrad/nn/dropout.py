"""Dropout in its kinds: of elements, of channels, of SELU networks."""

from . import functional as F
from .module import Module


class _Dropout(Module):
    function = ""  # its name in nn.functional

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: the probability p must be in [0, 1], got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input):
        return getattr(F, self.function)(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """In training each element is 0 with probability p, and divided by 1 - p otherwise; in eval y = x.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout(0.5).eval()(tensorgrad.ones(2))
    tensor([1., 1.])
    """

    function = "dropout"


class Dropout1d(_Dropout):
    """Whole channels of (N, C, L) are 0 with probability p."""

    function = "dropout1d"


class Dropout2d(_Dropout):
    """Whole channels of (N, C, H, W) are 0 with probability p."""

    function = "dropout2d"


class Dropout3d(_Dropout):
    """Whole channels of (N, C, D, H, W) are 0 with probability p."""

    function = "dropout3d"


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1: elements become SELU's negative limit with probability p."""

    def forward(self, input):
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels."""

    def forward(self, input):
        return F.feature_alpha_dropout(input, self.p, self.training)
