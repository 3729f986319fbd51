"""Distances between the rows of two tensors."""

from . import functional as F
from .module import Module


class PairwiseDistance(Module):
    """The p-norm of x1 - x2 + eps over the last dimension: (..., D), (..., D), broadcast, -> (...), or (..., 1) with keepdim. Errors:
    ShapeError for shapes that do not broadcast. Source: torch.nn.PairwiseDistance.

    >>> import tensorgrad
    >>> tensorgrad.nn.PairwiseDistance()(tensorgrad.zeros(1, 2), tensorgrad.tensor([[3.0, 4.0]]))
    tensor([5.0000])
    """

    def __init__(self, p=2.0, eps=1e-06, keepdim=False):
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1, x2):
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class CosineSimilarity(Module):
    """x1 . x2 / max(|x1| |x2|, eps) along dim of x1 and x2, broadcast: the result has one dimension less. Errors: ShapeError for shapes
    that do not broadcast, OutOfRangeError for another dim, DTypeError for what is not floating-point. Source: torch.nn.CosineSimilarity.

    >>> import tensorgrad
    >>> tensorgrad.nn.CosineSimilarity()(tensorgrad.eye(2), tensorgrad.ones(2, 2))
    tensor([0.7071, 0.7071])
    """

    def __init__(self, dim=1, eps=1e-08):
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1, x2):
        return F.cosine_similarity(x1, x2, self.dim, self.eps)
