"""Dropout in its kinds: of elements, of channels, of SELU networks."""

from .._core.errors import ArgumentError
from . import functional as F
from .module import Module


class _Dropout(Module):
    function = ""  # its name in nn.functional

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ArgumentError(f"{type(self).__name__}: the probability p must be in [0, 1], got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input):
        return getattr(F, self.function)(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """In training each element is 0 with probability p, and divided by 1 - p otherwise; in eval y = x. Of any shape. Errors:
    ArgumentError for p outside [0, 1], DTypeError for what is not floating-point, GraphError where inplace meets a leaf that requires
    grad. Source: torch.nn.Dropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout(0.5).eval()(tensorgrad.ones(2))
    tensor([1., 1.])
    """

    function = "dropout"


class Dropout1d(_Dropout):
    """In training each whole channel of (N, C, L) or (C, L) is 0 with probability p, and divided by 1 - p otherwise; in eval y = x.
    Errors: ArgumentError for p outside [0, 1], ShapeError for other numbers of dimensions, GraphError where inplace meets a leaf that
    requires grad. Source: torch.nn.Dropout1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout1d(0.5)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 8])
    """

    function = "dropout1d"


class Dropout2d(_Dropout):
    """In training each whole channel of (N, C, H, W) is 0 with probability p, and divided by 1 - p otherwise; in eval y = x. Errors:
    ArgumentError for p outside [0, 1], ShapeError for less than 2 dimensions, GraphError where inplace meets a leaf that requires grad.
    Source: torch.nn.Dropout2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout2d(0.5)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 8, 8])
    """

    function = "dropout2d"


class Dropout3d(_Dropout):
    """In training each whole channel of (N, C, D, H, W) or (C, D, H, W) is 0 with probability p, and divided by 1 - p otherwise; in eval
    y = x. Errors: ArgumentError for p outside [0, 1], ShapeError for a scalar, GraphError where inplace meets a leaf that requires grad.
    Source: torch.nn.Dropout3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Dropout3d(0.5)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 8, 8, 8])
    """

    function = "dropout3d"


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1: in training y = a (x m - 1.7581 (1 - m)) + b, m 0 with probability p, else 1, a =
    1/sqrt((1 - p)(1 + 1.7581^2 p)), b = 1.7581 a p: what falls out takes SELU's negative limit. In eval y = x. Of any shape. Errors:
    ArgumentError for p outside [0, 1]. Source: torch.nn.AlphaDropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.AlphaDropout(0.5)(tensorgrad.ones(2, 3)).shape
    tensorgrad.Size([2, 3])
    """

    def forward(self, input):
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels: of (N, C, ...), which the result has. Errors: ArgumentError for p outside [0, 1], ShapeError for
    less than 2 dimensions. Source: torch.nn.FeatureAlphaDropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.FeatureAlphaDropout(0.5)(tensorgrad.ones(2, 3, 4)).shape
    tensorgrad.Size([2, 3, 4])
    """

    def forward(self, input):
        return F.feature_alpha_dropout(input, self.p, self.training)
