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
    """In training each element is 0 with probability p, and divided by 1 - p otherwise; in eval y = x. Errors:
    DTypeError, ValueError. Source: torch.nn.Dropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout(0.5).eval()(tensorgrad.ones(2))
    tensor([1., 1.])
    """

    function = "dropout"


class Dropout1d(_Dropout):
    """Whole channels of (N, C, L) are 0 with probability p. Errors: ShapeError, DTypeError, ValueError. Source: torch.nn.Dropout1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout1d(0.5)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 8])
    """

    function = "dropout1d"


class Dropout2d(_Dropout):
    """Whole channels of (N, C, H, W) are 0 with probability p. Errors: ShapeError, DTypeError, ValueError. Source:
    torch.nn.Dropout2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout2d(0.5)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 8, 8])
    """

    function = "dropout2d"


class Dropout3d(_Dropout):
    """Whole channels of (N, C, D, H, W) are 0 with probability p. Errors: ShapeError, DTypeError, ValueError. Source:
    torch.nn.Dropout3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout3d(0.5)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 8, 8, 8])
    """

    function = "dropout3d"


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1: elements become SELU's negative limit with probability p.
    Errors: ValueError. Source: torch.nn.AlphaDropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.AlphaDropout(0.5)(tensorgrad.ones(2, 3)).shape
    tensorgrad.Size([2, 3])
    """

    def forward(self, input):
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels. Errors: ShapeError, ValueError. Source: torch.nn.FeatureAlphaDropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.FeatureAlphaDropout(0.5)(tensorgrad.ones(2, 3, 4)).shape
    tensorgrad.Size([2, 3, 4])
    """

    def forward(self, input):
        return F.feature_alpha_dropout(input, self.p, self.training)
