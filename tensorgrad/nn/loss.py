"""Losses: one class a function of nn.functional. `reduction` is 'mean', 'sum' or 'none'."""

import warnings

from .._core.errors import ArgumentError
from ..tensor import Tensor
from . import functional as F
from .distance import PairwiseDistance
from .module import Module


class _Loss(Module):
    """reduction, with PyTorch's old pair size_average, reduce translated; an optional weight is a buffer."""

    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        if size_average is not None or reduce is not None:
            keep = reduce is None or reduce
            reduction = ("mean" if size_average is None or size_average else "sum") if keep else "none"
            warnings.warn(f"{type(self).__name__}: size_average and reduce are deprecated, use reduction={reduction!r}")
        self.reduction = reduction


class _WeightedLoss(_Loss):
    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        if weight is not None and not isinstance(weight, Tensor):
            raise TypeError(f"{type(self).__name__}: weight must be a tensor, got {type(weight).__name__}")
        self.register_buffer("weight", weight)


class L1Loss(_Loss):
    """|x - y|, averaged or summed to a scalar, or, with reduction='none', of x's shape. x, y: of one shape, or broadcast (with a
    warning). Errors: ShapeError for others, ArgumentError for another reduction. Source: torch.nn.L1Loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.L1Loss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]))
    tensor(0.3750)
    """

    def forward(self, input, target):
        return F.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """(x - y)^2, averaged or summed to a scalar, or, with reduction='none', of x's shape. x, y: of one shape, or broadcast (with a
    warning). Errors: ShapeError for others, ArgumentError for another reduction. Source: torch.nn.MSELoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.MSELoss()(tensorgrad.tensor([1., 3.]), tensorgrad.zeros(2))
    tensor(5.)
    """

    def forward(self, input, target):
        return F.mse_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """(x - y)^2 / (2 beta) where |x - y| < beta, |x - y| - beta / 2 elsewhere, averaged or summed to a scalar, or, with reduction='none',
    of x's shape. x, y: of one shape, or broadcast (with a warning). Errors: ShapeError for others, ArgumentError for beta < 0 and for
    another reduction. Source: torch.nn.SmoothL1Loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.SmoothL1Loss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]))
    tensor(0.0781)
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input, target):
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """(x - y)^2 / 2 where |x - y| <= delta, delta (|x - y| - delta / 2) elsewhere, averaged or summed to a scalar, or, with
    reduction='none', of x's shape. x, y: of one shape, or broadcast (with a warning). Errors: ShapeError for others, ArgumentError for
    delta <= 0 and for another reduction. Source: torch.nn.HuberLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.HuberLoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]))
    tensor(0.0781)
    """

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input, target):
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class NLLLoss(_WeightedLoss):
    """-weight[y] x[y] of log-probabilities x (N, C, ...) and labels y (N, ...), or (C) and (); weight: (C). 'mean' divides by the sum of
    weights, without labels that are ignore_index; 'none' gives y's shape, else a scalar. Errors: ShapeError, OutOfRangeError for labels
    outside [0, C), DTypeError, ArgumentError for another reduction. Source: torch.nn.NLLLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.NLLLoss()(tensorgrad.tensor([[0.5, 0.25, 0.25]]).log(), tensorgrad.tensor([0]))
    tensor(0.6931)
    """

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        return F.nll_loss(input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class NLLLoss2d(NLLLoss):
    """-weight[y] x[y] of log-probabilities x (N, C, ...) and labels y (N, ...): NLLLoss by its old name, with a FutureWarning. Errors:
    ShapeError, OutOfRangeError, DTypeError, ArgumentError. Source: torch.nn.NLLLoss2d.

    >>> import tensorgrad
    >>> issubclass(tensorgrad.nn.NLLLoss2d, tensorgrad.nn.NLLLoss)
    True
    """

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
        warnings.warn("NLLLoss2d has been deprecated. Please use NLLLoss instead.", FutureWarning, stacklevel=2)
        super().__init__(weight, size_average, ignore_index, reduce, reduction)


class CTCLoss(_Loss):
    """-log of the sum, over all paths that spell the targets once repeated labels are joined and blanks dropped, of exp(sum over t of
    log_probs[t, path[t]]); see functional.ctc_loss.

    log_probs: (T, N, C) or (T, C); targets: (N, S) or (sum of target_lengths); input_lengths, target_lengths: (N). 'none' gives (N);
    'mean' divides by the target lengths first. Errors: ShapeError, DTypeError, OutOfRangeError for labels outside [0, C), ArgumentError
    for lengths, blank or reduction. Source: Graves et al. 2006; torch.nn.CTCLoss.

    >>> import tensorgrad
    >>> x = tensorgrad.zeros(2, 1, 2).log_softmax(2)
    >>> round(tensorgrad.nn.CTCLoss()(x, tensorgrad.tensor([[1]]), (2,), (1,)).item(), 4)  # log(4 / 3)
    0.2877
    """

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity)


class CrossEntropyLoss(_WeightedLoss):
    """-weight[y] log_softmax(x)[y] of scores x (N, C, ...) and labels y (N, ...), or (C) and (); of probabilities y of x's shape -sum
    over c of weight[c] y[c] log_softmax(x)[c]. weight: (C). label_smoothing s makes (1 - s) y + s / C of y. 'mean' divides by the sum of
    weights (with probabilities by N), 'none' gives (N, ...), else a scalar. Errors: ShapeError, OutOfRangeError for labels outside [0,
    C), DTypeError, ArgumentError for label_smoothing outside [0, 1] and another reduction. Source: torch.nn.CrossEntropyLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.CrossEntropyLoss()(tensorgrad.zeros(1, 4), tensorgrad.tensor([2]))
    tensor(1.3863)
    """

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                 label_smoothing=0.0):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input, target):
        return F.cross_entropy(input, target, weight=self.weight, ignore_index=self.ignore_index,
                               reduction=self.reduction,
                               label_smoothing=self.label_smoothing)


class BCELoss(_WeightedLoss):
    """-weight (y log x + (1 - y) log(1 - x)) of probabilities x, averaged or summed to a scalar, or, with reduction='none', of x's shape;
    the logarithms are limited to >= -100. x and y have one shape. Errors: ShapeError, DTypeError, ArgumentError for x outside [0, 1] and
    another reduction. Source: torch.nn.BCELoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.BCELoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]))
    tensor(0.4904)
    """

    def forward(self, input, target):
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_WeightedLoss):
    """-weight (pos_weight y log s + (1 - y) log(1 - s)), s = sigmoid(x), computed without overflow, averaged or summed to a scalar, or,
    with reduction='none', of x's shape. x and y have one shape; weight and pos_weight broadcast to it. Errors: ShapeError, DTypeError,
    ArgumentError for another reduction. Source: torch.nn.BCEWithLogitsLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.BCEWithLogitsLoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]))
    tensor(0.6500)
    """

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        return F.binary_cross_entropy_with_logits(input, target, self.weight, pos_weight=self.pos_weight,
                                                  reduction=self.reduction)


class KLDivLoss(_Loss):
    """y (log y - x) of log-probabilities x; log_target: exp(y) (y - x). Averaged or summed to a scalar ('batchmean': the sum divided by
    N), or, with reduction='none', of x's shape. x, y: of one shape, or broadcast. Errors: ShapeError for others, ArgumentError for
    another reduction. Source: torch.nn.KLDivLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.KLDivLoss(reduction='sum')(tensorgrad.tensor([0.25, 0.5]).log(), tensorgrad.tensor([0.25, 0.5]))
    tensor(0.)
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", log_target=False):
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input, target):
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(_Loss):
    """exp(x) - y x (log_input) or x - y log(x + eps); full adds Stirling's y log y - y + log(2 pi y) / 2 where y > 1. Averaged or summed
    to a scalar, or, with reduction='none', of x's shape. x, y: of one shape, or broadcast. Errors: ShapeError for others, ArgumentError
    for another reduction. Source: torch.nn.PoissonNLLLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.PoissonNLLLoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]))
    tensor(1.2164)
    """

    def __init__(self, log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, log_input, target):
        return F.poisson_nll_loss(log_input, target, log_input=self.log_input, full=self.full, eps=self.eps,
                                  reduction=self.reduction)


class GaussianNLLLoss(_Loss):
    """(log var + (x - y)^2 / var) / 2, var at least eps; full adds log(2 pi) / 2. Averaged or summed to a scalar, or, with
    reduction='none', of x's shape. x, y: of one shape, or broadcast; var: x's shape, that with a last size of 1, or that without the
    last. Errors: ShapeError for others, ArgumentError for var < 0 and another reduction. Source: torch.nn.GaussianNLLLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.GaussianNLLLoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]), tensorgrad.ones(2))
    tensor(0.0781)
    """

    def __init__(self, *, full=False, eps=1e-06, reduction="mean"):
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input, target, var):
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps, reduction=self.reduction)


class HingeEmbeddingLoss(_Loss):
    """x where y = 1, max(0, margin - x) where y = -1, averaged or summed to a scalar, or, with reduction='none', of x's shape. x, y: of
    one shape, or broadcast. Errors: ShapeError for others, ArgumentError for another reduction. Source: torch.nn.HingeEmbeddingLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.HingeEmbeddingLoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([1.0, -1.0]))
    tensor(0.3750)
    """

    def __init__(self, margin=1.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input, target):
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class MarginRankingLoss(_Loss):
    """max(0, -y (x1 - x2) + margin), averaged or summed to a scalar, or, with reduction='none', of x1's shape. x1, x2 and y have one
    shape. Errors: ShapeError, DTypeError for bools, ArgumentError for another reduction. Source: torch.nn.MarginRankingLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.MarginRankingLoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]), tensorgrad.tensor([1.0, -1.0]))
    tensor(0.)
    """

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        return F.margin_ranking_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(_Loss):
    """1 - cos(x1, x2) where y = 1, max(0, cos(x1, x2) - margin) where y = -1, averaged or summed to a scalar, or, with reduction='none',
    of y's shape. x1, x2: (N, D) with y: (N), or (D) with (). Errors: ShapeError, ArgumentError for another reduction. Source:
    torch.nn.CosineEmbeddingLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.CosineEmbeddingLoss()(tensorgrad.eye(2), tensorgrad.ones(2, 2), tensorgrad.ones(2))
    tensor(0.2929)
    """

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        return F.cosine_embedding_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class SoftMarginLoss(_Loss):
    """log(1 + exp(-y x)), averaged or summed to a scalar, or, with reduction='none', of x's shape. x, y: of one shape, or broadcast.
    Errors: ShapeError for others, DTypeError for bools, ArgumentError for another reduction. Source: torch.nn.SoftMarginLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.SoftMarginLoss()(tensorgrad.tensor([0.25, 0.5]), tensorgrad.tensor([0.0, 1.0]))
    tensor(0.5836)
    """

    def forward(self, input, target):
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class MultiMarginLoss(_WeightedLoss):
    """sum over i != y of weight[y] max(0, margin - x[y] + x[i])^p / C, averaged or summed to a scalar, or, with reduction='none', of y's
    shape. x: (N, C) with y: (N), or (C) with (); weight: (C). Errors: ArgumentError for p other than 1 and 2 and another reduction,
    ShapeError, OutOfRangeError for labels outside [0, C), DTypeError. Source: torch.nn.MultiMarginLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.MultiMarginLoss()(tensorgrad.tensor([[0.5, 0.25, 0.25]]), tensorgrad.tensor([0]))
    tensor(0.5000)
    """

    def __init__(self, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ArgumentError(f"MultiMarginLoss: only p = 1 and p = 2 are defined, got {p}")
        self.p, self.margin = p, margin

    def forward(self, input, target):
        return F.multi_margin_loss(input, target, p=self.p, margin=self.margin, weight=self.weight,
                                   reduction=self.reduction)


class MultiLabelMarginLoss(_Loss):
    """sum over labels j and others i of max(0, 1 - (x[j] - x[i])) / C, averaged or summed to a scalar, or, with reduction='none', (N);
    the labels of a row end at the first -1. x, y: (N, C) or (C). Errors: ShapeError, OutOfRangeError for labels outside [-1, C),
    DTypeError, ArgumentError for another reduction. Source: torch.nn.MultiLabelMarginLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.MultiLabelMarginLoss()(tensorgrad.tensor([[0.5, 0.25, 0.25]]), tensorgrad.tensor([[0, -1, 1]]))
    tensor(0.5000)
    """

    def forward(self, input, target):
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """The mean over classes of -weight (y log s + (1 - y) log(1 - s)), s = sigmoid(x), averaged or summed to a scalar, or, with
    reduction='none', (N). x, y: (N, C) or (C); weight: (C). Errors: ShapeError, OutOfRangeError for a scalar, DTypeError for bools,
    ArgumentError for another reduction. Source: torch.nn.MultiLabelSoftMarginLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.MultiLabelSoftMarginLoss()(tensorgrad.tensor([[0.5, 0.25, 0.25]]), tensorgrad.tensor([[1.0, 0.0, 0.0]]))
    tensor(0.7087)
    """

    def forward(self, input, target):
        return F.multilabel_soft_margin_loss(input, target, weight=self.weight, reduction=self.reduction)


class TripletMarginLoss(_Loss):
    """max(0, d(a, p) - d(a, n) + margin), d the p-norm distance, averaged or summed to a scalar, or, with reduction='none', (N); swap
    takes the smaller of d(a, n), d(p, n). a, p, n: (N, D) or (D). Errors: ArgumentError for margin <= 0 and another reduction,
    ShapeError. Source: torch.nn.TripletMarginLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.TripletMarginLoss()(tensorgrad.zeros(1, 2), tensorgrad.zeros(1, 2), tensorgrad.ones(1, 2))
    tensor(0.)
    """

    def __init__(self, margin=1.0, p=2.0, eps=1e-06, swap=False, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        if margin <= 0:
            raise ArgumentError(f"TripletMarginLoss: margin must be > 0, got {margin}")
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(self, anchor, positive, negative):
        return F.triplet_margin_loss(anchor, positive, negative, margin=self.margin, p=self.p, eps=self.eps,
                                     swap=self.swap,
                                     reduction=self.reduction)


class TripletMarginWithDistanceLoss(_Loss):
    """max(0, d(a, p) - d(a, n) + margin), d = distance_function (by default PairwiseDistance), averaged or summed to a scalar, or, with
    reduction='none', of d's shape; swap takes the smaller of d(a, n), d(p, n). a, p, n: of one number of dimensions, as (N, D). Errors:
    ArgumentError for margin <= 0 and another reduction, ShapeError. Source: torch.nn.TripletMarginWithDistanceLoss.

    >>> import tensorgrad
    >>> tensorgrad.nn.TripletMarginWithDistanceLoss()(tensorgrad.zeros(1, 2), tensorgrad.zeros(1, 2), tensorgrad.ones(1, 2))
    tensor(0.)
    """

    def __init__(self, *, distance_function=None, margin=1.0, swap=False, reduction="mean"):
        super().__init__(reduction=reduction)
        if margin <= 0:
            raise ArgumentError(f"TripletMarginWithDistanceLoss: margin must be > 0, got {margin}")
        self.distance_function = PairwiseDistance() if distance_function is None else distance_function
        self.margin, self.swap = margin, swap

    def forward(self, anchor, positive, negative):
        return F.triplet_margin_with_distance_loss(anchor, positive, negative, distance_function=self.distance_function,
                                                   margin=self.margin, swap=self.swap, reduction=self.reduction)
