"""Transforms: differentiable functions with an inverse and the logarithm of the Jacobian's determinant. The names are
torch.distributions.transforms'.

>>> import tensorgrad
>>> exp = tensorgrad.distributions.ExpTransform()
>>> exp.inv(exp(tensorgrad.tensor(2.0)))
tensor(2.)
"""

from .transform import Transform
from .transforms_composed import CatTransform, ComposeTransform, IndependentTransform, StackTransform, identity_transform
from .transforms_number import (
    AbsTransform,
    AffineTransform,
    CumulativeDistributionTransform,
    ExpTransform,
    PowerTransform,
    SigmoidTransform,
    SoftplusTransform,
    TanhTransform,
)
from .transforms_vector import (
    CorrCholeskyTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    ReshapeTransform,
    SoftmaxTransform,
    StickBreakingTransform,
)

__all__ = ["AbsTransform", "AffineTransform", "CatTransform", "ComposeTransform", "CorrCholeskyTransform",
           "CumulativeDistributionTransform", "ExpTransform", "IndependentTransform", "LowerCholeskyTransform",
           "PositiveDefiniteTransform", "PowerTransform", "ReshapeTransform", "SigmoidTransform", "SoftmaxTransform",
           "SoftplusTransform", "StackTransform", "StickBreakingTransform", "TanhTransform", "Transform", "identity_transform"]
