"""Output layers of many classes: a projection and its loss in one module."""

import math
from collections import namedtuple

from .._core.errors import ArgumentError, OutOfRangeError, ShapeError
from ..ops.declare import check_tensors
from ..ops.rearrange import cat
from . import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .loss import _WeightedLoss
from .module import Module

ASMoutput = namedtuple("ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """log_softmax over n_classes in clusters: frequent ones in the head, rarer ones in ever narrower tails: log p(y) =
    log_softmax(head(x))[y] in the head, log_softmax(head(x))[cluster] + log_softmax(tail(x))[y] in the tail of a cluster.

    cutoffs: where the clusters end, ascending; cluster i is reached over in_features // div_value^(i + 1) features. Input (N,
    in_features) or (in_features), target (N) or (): returns (output: the log-probability of each target, loss: minus its mean, a scalar).
    Errors: ArgumentError unless cutoffs rise between 0 and n_classes and div_value > 0, ShapeError, OutOfRangeError for targets outside
    [0, n_classes), DTypeError. Source: Grave et al., Efficient softmax approximation for GPUs, 2017; torch.nn.AdaptiveLogSoftmaxWithLoss.

    >>> import tensorgrad
    >>> layer = tensorgrad.nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs=[5, 10])
    >>> layer.log_prob(tensorgrad.ones(3, 8)).exp().sum(1).round().tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None, dtype=None):
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs or any(int(c) != c for c in cutoffs) or not all(
                a < b for a, b in zip([0, *cutoffs], [*cutoffs, n_classes], strict=True)):
            raise ArgumentError("AdaptiveLogSoftmaxWithLoss: cutoffs should be a sequence of unique, positive integers sorted in an "
                                f"increasing order, where each value is between 1 and n_classes-1, got {cutoffs} for "
                                f"n_classes {n_classes}")
        if not div_value > 0:
            raise ArgumentError(f"AdaptiveLogSoftmaxWithLoss: div_value must be positive, got {div_value}")
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, [*cutoffs, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = self.cutoffs[0], len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        options = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **options)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(self._clusters()):
            width = int(in_features // div_value ** (i + 1))
            self.tail.append(Sequential(Linear(in_features, width, bias=False, **options),
                                        Linear(width, high - low, bias=False, **options)))

    def _clusters(self):
        """(first class, one past the last) of every tail."""
        return zip(self.cutoffs[:-1], self.cutoffs[1:], strict=True)

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.AdaptiveLogSoftmaxWithLoss(4, 6, [2])
        >>> layer.reset_parameters()
        >>> bool((layer.head.weight.abs() <= 0.5).all())
        True
        """
        self.head.reset_parameters()
        for inner, outer in self.tail:
            inner.reset_parameters()
            outer.reset_parameters()

    def forward(self, input_, target_):
        name = type(self).__name__
        check_tensors(name, input_=input_, target_=target_)
        if target_.dim() > 1 or input_.dim() != target_.dim() + 1 or input_.shape[:-1] != target_.shape:
            raise ShapeError(f"{name}: expected an input (N, {self.in_features}) and a target (N), or without N, got "
                             f"{tuple(input_.shape)} and {tuple(target_.shape)}")
        single = target_.dim() == 0
        input, target = (input_.unsqueeze(0), target_.unsqueeze(0)) if single else (input_, target_)
        if target.numel() and not 0 <= target.min().item() <= target.max().item() < self.n_classes:
            raise OutOfRangeError(f"{name}: Target values should be in [0, {self.n_classes - 1}], but values in range "
                                  f"[{target.min().item()}, {target.max().item()}] were found; target {tuple(target_.shape)}")
        in_head, output = target, input.new_zeros(target.shape[0])
        for i, (low, high) in enumerate(self._clusters()):
            mask = (target >= low) & (target < high)
            rows = mask.nonzero().reshape(-1)
            if rows.numel():
                scores = self.tail[i](input.index_select(0, rows)).log_softmax(1)
                picked = scores.gather(1, (target.index_select(0, rows) - low).unsqueeze(1)).squeeze(1)
                output = output.index_copy(0, rows, picked)
                in_head = in_head.masked_fill(mask, self.shortlist_size + i)
        output = output + self.head(input).log_softmax(1).gather(1, in_head.unsqueeze(1)).squeeze(1)
        loss = (-output).mean()
        return ASMoutput(output.squeeze(0) if single else output, loss)

    def _full_log_prob(self, input, head):
        head = head.log_softmax(1)
        tails = [tail(input).log_softmax(1) + head[:, self.shortlist_size + i].unsqueeze(1) for i, tail in enumerate(self.tail)]
        return cat([head[:, :self.shortlist_size], *tails], 1)

    def log_prob(self, input):
        """The log-probabilities of all classes: (N, in_features) -> (N, n_classes). Errors: ShapeError for other features,
        TypeError for what is no tensor.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.AdaptiveLogSoftmaxWithLoss(4, 10, cutoffs=[3])
        >>> m.log_prob(tensorgrad.ones(2, 4)).shape
        tensorgrad.Size([2, 10])
        """
        return self._full_log_prob(input, self.head(input))

    def predict(self, input):
        """The most probable class: (N, in_features) -> (N), looking into the tails only where the head says so. Errors: ShapeError
        for other features, TypeError for what is no tensor.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.AdaptiveLogSoftmaxWithLoss(4, 10, cutoffs=[3])
        >>> m.predict(tensorgrad.ones(2, 4)).shape
        tensorgrad.Size([2])
        """
        head = self.head(input)
        best = head.argmax(1)
        rare = best >= self.shortlist_size
        if not rare.any():
            return best
        return self._full_log_prob(input, head).argmax(1).where(rare, best)


class LinearCrossEntropyLoss(_WeightedLoss):
    """CrossEntropyLoss of the scores x W^T + b: (N, in_features) or (in_features) with labels (N, *out_features) or probabilities (N,
    num_classes, *out_features) -> a scalar, or, with reduction='none', (N, *out_features). Errors: ShapeError, OutOfRangeError for labels
    outside [0, num_classes), DTypeError, ArgumentError for label_smoothing outside [0, 1] and another reduction. Source:
    torch.nn.LinearCrossEntropyLoss.

    >>> import tensorgrad
    >>> loss = tensorgrad.nn.LinearCrossEntropyLoss(3, 4)
    >>> loss(tensorgrad.ones(2, 3), tensorgrad.tensor([0, 1])).shape
    tensorgrad.Size([])
    """

    def __init__(self, in_features, num_classes, *, out_features=(), bias=False, device=None, dtype=None, reduction="mean",
                 weight=None, ignore_index=None, label_smoothing=0.0, options=None):
        if not 0 <= label_smoothing <= 1:
            raise ArgumentError(f"LinearCrossEntropyLoss: expected label_smoothing to be in range [0, 1], got {label_smoothing}")
        super().__init__(weight, reduction=reduction)
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise ShapeError(f"LinearCrossEntropyLoss: expected weight shape to be {(num_classes,)}, got {tuple(weight.shape)}")
        self.num_classes, self.out_features = num_classes, out_features
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing
        self.linear = Linear(in_features, math.prod(out_features, start=num_classes), bias=bias, device=device, dtype=dtype)
        self.options = options

    def forward(self, input, target):
        shape = (self.num_classes, *self.out_features)
        bias = self.linear.bias
        return F.linear_cross_entropy(
            input, self.linear.weight.reshape((*shape, self.linear.in_features)), target,
            linear_bias=None if bias is None else bias.reshape(shape), weight=self.weight, reduction=self.reduction,
            ignore_index=self.ignore_index, label_smoothing=self.label_smoothing, options=self.options)

    def extra_repr(self):
        return (f"in_features={self.linear.in_features}, num_classes={self.num_classes}, out_features={self.out_features}, "
                f"bias={self.linear.bias is not None}, reduction={self.reduction}, ignore_index={self.ignore_index}, "
                f"label_smoothing={self.label_smoothing}, options={self.options}")
