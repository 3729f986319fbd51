"""The top level's names for what nn.functional has too: the same function where the arguments are the same, else a call with
the order of arguments that PyTorch's top level has (reduction: 0 none, 1 mean, 2 sum; PyTorch's
own default at the top level is none, whatever its stubs say). Named by programs that were traced or
ported from C++."""

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError
from .._core.history import detach as detach_
from .create import tensor
from .declare import METHODS, bools, case, ints, public, register
from .families import entry
from .linalg import mm

SAME = ("bilinear", "celu", "hardshrink", "prelu", "rms_norm", "rrelu", "selu", "threshold")
REDUCTIONS = {0: "none", 1: "mean", 2: "sum"}


def functional(name):
    """nn.functional's function of that name."""
    return entry("nn.functional", name).function


def reduction_of(name, reduction):
    if reduction not in REDUCTIONS:
        raise ArgumentError(f"{name}: reduction must be 0 (none), 1 (mean) or 2 (sum), got {reduction!r}")
    return REDUCTIONS[reduction]


for _name in SAME:
    _entry = entry("nn.functional", _name)
    register(_name, _entry.function, like=_entry.like, samples=_entry.samples, on=_entry.domain, grad=_entry.grad)
METHODS.setdefault("hardshrink", functional("hardshrink"))


@public(grad=False)
def detach(input):
    """The same memory outside the graph, of the same shape. Errors: TypeError for what is no tensor. Source: torch.detach.

    >>> import tensorgrad
    >>> tensorgrad.detach(tensorgrad.ones(1, requires_grad=True)).requires_grad
    False
    """
    return detach_(input)


@public(samples=[case((2, 3), (3, 4))], like="matmul")
def spmm(input, mat2):
    """The product of two matrices, [n, k], [k, m] -> [n, m]; every matrix here is dense. Errors: ShapeError, DTypeError where the dtypes
    differ. Source: torch.spmm.

    >>> import tensorgrad
    >>> tensorgrad.spmm(tensorgrad.eye(2), tensorgrad.ones(2, 1)).tolist()
    [[1.0], [1.0]]
    """
    return mm(input, mat2)


# ---- normalisation ----

@public(samples=[case((2, 3), [3], (3,), (3,))])
def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True):
    """nn.functional.layer_norm, y = (x - mean) / sqrt(var + eps) weight + bias over the last dimensions: [..., *normalized_shape], of
    which the result has the shape. Errors: ShapeError for other shapes, DTypeError for integers. Source: torch.layer_norm.

    >>> import tensorgrad
    >>> tensorgrad.layer_norm(tensorgrad.tensor([1., 3.]), [2], eps=0.)
    tensor([-1.,  1.])
    """
    return functional("layer_norm")(input, normalized_shape, weight, bias, eps)


@public(samples=[case((2, 4, 3), 2, (4,), (4,))])
def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05, cudnn_enabled=True):
    """nn.functional.group_norm, y = (x - mean) / sqrt(var + eps) weight + bias over each group of channels of [n, c, ...]. Errors:
    ShapeError unless num_groups divides c, ArgumentError for one value a group, DTypeError for integers. Source: torch.group_norm.

    >>> import tensorgrad
    >>> tensorgrad.group_norm(tensorgrad.tensor([[1., 3.]]), 1, eps=0.)
    tensor([[-1.,  1.]])
    """
    return functional("group_norm")(input, num_groups, weight, bias, eps)


@public(samples=[case((4, 3), (3,), (3,), None, None, True, 0.1, 1e-5, False)])
def batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled):
    """nn.functional.batch_norm, y = (x - mean) / sqrt(var + eps) weight + bias over each channel of [n, c, ...], with other arguments.
    Errors: ShapeError, ArgumentError for one value a channel and without averages outside training, DTypeError for integers. Source:
    torch.batch_norm.

    >>> import tensorgrad
    >>> tensorgrad.batch_norm(tensorgrad.tensor([[1.], [3.]]), None, None, None, None, True, 0.1, 0., False)
    tensor([[-1.],
            [ 1.]])
    """
    return functional("batch_norm")(input, running_mean, running_var, weight, bias, training, momentum, eps)


@public(samples=[case((2, 3, 5), (3,), (3,), None, None, True, 0.1, 1e-5, False)])
def instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled):
    """nn.functional.instance_norm, y = (x - mean) / sqrt(var + eps) weight + bias over each channel of each sample of [n, c, ...].
    Errors: ShapeError, ArgumentError for one spatial element, DTypeError for integers. Source: torch.instance_norm.

    >>> import tensorgrad
    >>> tensorgrad.instance_norm(tensorgrad.tensor([[[1., 3.]]]), None, None, None, None, True, 0.1, 0., False)
    tensor([[[-1.,  1.]]])
    """
    return functional("instance_norm")(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


# ---- tables ----

@public(samples=[case((4, 3), ints((2, 5), 0, 4)), case((4, 3), ints((5,), 0, 4), 1)])
def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    """nn.functional.embedding, y[...] = weight[indices[...]]: [rows, dim], [...] -> [..., dim]; padding_idx -1: none. Errors: ShapeError
    unless weight is a matrix, OutOfRangeError for an index that is not there, DTypeError for one that is no integer. Source:
    torch.embedding.

    >>> import tensorgrad
    >>> tensorgrad.embedding(tensorgrad.tensor([[1.], [2.]]), tensorgrad.tensor([1, 0]))
    tensor([[2.],
            [1.]])
    """
    padding = None if padding_idx < 0 else padding_idx
    return functional("embedding")(indices, weight, padding, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)


@public(samples=[case((4, 3), ints((5,), 0, 4), ints((1,), 0, 1), mode=1)])
def embedding_bag(weight, indices, offsets, scale_grad_by_freq=False, mode=0, sparse=False, per_sample_weights=None,
                  include_last_offset=False, padding_idx=None):
    """(nn.functional.embedding_bag [bags, dim], the bag of each index, the size of each bag [bags], the indices of the largest [bags,
    dim]); mode 0 is sum, 1 mean, 2 max; the last is told for max alone, the second not for sum. Errors: ArgumentError for another mode
    and other offsets, ShapeError, OutOfRangeError for an index that is not there, DTypeError. Source: torch.embedding_bag.

    >>> import tensorgrad
    >>> w = tensorgrad.tensor([[1.], [2.]])
    >>> tensorgrad.embedding_bag(w, tensorgrad.tensor([1, 0]), tensorgrad.tensor([0]))[0]
    tensor([[3.]])
    """
    if mode not in (0, 1, 2):
        raise ArgumentError(f"embedding_bag: mode must be 0 (sum), 1 (mean) or 2 (max), got {mode!r}")
    padding = None if padding_idx is None or padding_idx < 0 else padding_idx
    y = functional("embedding_bag")(indices, weight, offsets, scale_grad_by_freq=scale_grad_by_freq,
                                    mode=("sum", "mean", "max")[mode], sparse=sparse, per_sample_weights=per_sample_weights,
                                    include_last_offset=include_last_offset, padding_idx=padding)
    return y, *bags(indices.tolist(), offsets.tolist(), weight.detach(), mode, include_last_offset, padding)


def bags(indices, offsets, weight, mode, include_last_offset, padding):
    """What embedding_bag tells about the bags."""
    ends = offsets[1:] if include_last_offset else [*offsets, len(indices)][1:]
    starts = offsets[:len(ends)]
    of = [b for b, (i, j) in enumerate(zip(starts, ends, strict=True)) for _ in range(i, j)]
    kept = [[k for k in indices[i:j] if k != padding] for i, j in zip(starts, ends, strict=True)]
    long = BY_NAME["int64"]
    if mode < 2:
        sizes = [len(b) for b in kept] if mode else [0] * len(kept)
        return tensor(of if mode else [], dtype=long), tensor(sizes, dtype=long), tensor(sizes, dtype=long)
    largest = [[b[j] for j in weight[b].argmax(0).tolist()] if b else [0] * weight.shape[1] for b in kept]
    return tensor(of, dtype=long), tensor([len(b) for b in kept], dtype=long), tensor(largest, dtype=long)


# ---- losses ----

@public(samples=[case((4, 2, 3), ints((2, 2), 1, 3), input_lengths=(4, 3), target_lengths=(2, 1)),
                 case((4, 2, 3), ints((2, 2), 1, 3), input_lengths=(4, 3), target_lengths=(2, 1), reduction=1)],
        on=(-3, -0.5), grad=False)
def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction=0, zero_infinity=False):
    """nn.functional.ctc_loss, -log of the probability that log_probs [t, n, c] spell the targets [n, s]. Errors: OutOfRangeError for a
    target that is no class, ShapeError, ArgumentError for another blank or reduction, DTypeError. Source: torch.ctc_loss.

    >>> import tensorgrad
    >>> x = tensorgrad.zeros(1, 1, 2).log_softmax(2)
    >>> round(tensorgrad.ctc_loss(x, tensorgrad.tensor([[1]]), (1,), (1,), reduction=1).item(), 4)
    0.6931
    """
    return functional("ctc_loss")(log_probs, targets, input_lengths, target_lengths, blank,
                                  reduction_of("ctc_loss", reduction), zero_infinity)


@public(samples=[case((2, 3), (2, 3)), case((2, 3), (2, 3), None, None, 1), case((2, 3), (2, 3), None, None, 2)])
def binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, reduction=0):
    """nn.functional.binary_cross_entropy_with_logits, -weight (pos_weight t log s + (1 - t) log(1 - s)) with s = sigmoid(x), for two
    tensors of one shape. Errors: ShapeError, ArgumentError for another reduction, DTypeError. Source:
    torch.binary_cross_entropy_with_logits.

    >>> import tensorgrad
    >>> tensorgrad.binary_cross_entropy_with_logits(tensorgrad.zeros(1), tensorgrad.ones(1))
    tensor([0.6931])
    """
    return functional("binary_cross_entropy_with_logits")(
        input, target, weight, pos_weight=pos_weight, reduction=reduction_of("binary_cross_entropy_with_logits", reduction))


@public(samples=[case((2, 3), (2, 3)), case((2, 3), (2, 3), 2, log_target=True)], on=(0.1, 1))
def kl_div(input, target, reduction=0, *, log_target=False):
    """nn.functional.kl_div, t (log t - x), for shapes that broadcast. Errors: ShapeError, ArgumentError for another reduction. Source:
    torch.kl_div.

    >>> import tensorgrad
    >>> tensorgrad.kl_div(tensorgrad.zeros(1), tensorgrad.ones(1), 1)
    tensor(0.)
    """
    y = functional("kl_div")(input, target, reduction="none", log_target=log_target)
    kind = reduction_of("kl_div", reduction)
    return y.mean() if kind == "mean" else y.sum() if kind == "sum" else y


@public(samples=[case((2, 3), bools((2, 3))), case((2, 3), bools((2, 3)), 0.5, 0)])
def hinge_embedding_loss(input, target, margin=1.0, reduction=0):
    """nn.functional.hinge_embedding_loss, x where the target is 1, max(0, margin - x) where it is -1, for shapes that broadcast. Errors:
    ShapeError, ArgumentError for another reduction. Source: torch.hinge_embedding_loss.

    >>> import tensorgrad
    >>> tensorgrad.hinge_embedding_loss(tensorgrad.tensor([0.5]), tensorgrad.tensor([-1]))
    tensor([0.5000])
    """
    return functional("hinge_embedding_loss")(input, target, margin, reduction=reduction_of("hinge_embedding_loss", reduction))


@public(samples=[case((2, 3), (2, 3), bools((2,)))])
def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction=0):
    """nn.functional.cosine_embedding_loss, 1 - cos where the target is 1, max(0, cos - margin) where it is -1: [n, d], [n, d], [n].
    Errors: ShapeError, ArgumentError for another reduction. Source: torch.cosine_embedding_loss.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(1, 2)
    >>> round(tensorgrad.cosine_embedding_loss(x, -x, tensorgrad.tensor([1])).item(), 4)
    2.0
    """
    return functional("cosine_embedding_loss")(input1, input2, target, margin,
                                               reduction=reduction_of("cosine_embedding_loss", reduction))


@public(samples=[case((3,), (3,), (3,)), case((3,), (3,), (3,), 0.5, 2)])
def margin_ranking_loss(input1, input2, target, margin=0.0, reduction=0):
    """nn.functional.margin_ranking_loss, max(0, -t (x1 - x2) + margin), for shapes that broadcast. Errors: ShapeError, ArgumentError for
    another reduction, DTypeError for bool. Source: torch.margin_ranking_loss.

    >>> import tensorgrad
    >>> x, y = tensorgrad.tensor([1.]), tensorgrad.tensor([3.])
    >>> tensorgrad.margin_ranking_loss(x, y, tensorgrad.tensor([1.]))
    tensor([2.])
    """
    return functional("margin_ranking_loss")(input1, input2, target, margin,
                                             reduction=reduction_of("margin_ranking_loss", reduction))


@public(samples=[case((2, 3), (2, 3), True, False, 1e-8, 1), case((2, 3), (2, 3), False, True, 1e-8, 2)], on=(1.1, 3))
def poisson_nll_loss(input, target, log_input, full, eps, reduction):
    """nn.functional.poisson_nll_loss, exp(x) - t x, or x - t log(x + eps) without log_input, for shapes that broadcast. Errors:
    ShapeError, ArgumentError for another reduction. Source: torch.poisson_nll_loss.

    >>> import tensorgrad
    >>> tensorgrad.poisson_nll_loss(tensorgrad.zeros(1), tensorgrad.ones(1), True, False, 1e-8, 1)
    tensor(1.)
    """
    return functional("poisson_nll_loss")(input, target, log_input, full, eps=eps,
                                          reduction=reduction_of("poisson_nll_loss", reduction))


@public(samples=[case((2, 3), (2, 3), (2, 3)), case((2, 3), (2, 3), (2, 3), 0.5, 2, 1e-6, True, 2)])
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-06, swap=False, reduction=0):
    """nn.functional.triplet_margin_loss, max(0, |a - p + eps|_p - |a - n + eps|_p + margin), three tensors [n, d] or [d]. Errors:
    ShapeError, ArgumentError for another reduction. Source: torch.triplet_margin_loss.

    >>> import tensorgrad
    >>> a = tensorgrad.zeros(1, 2)
    >>> round(tensorgrad.triplet_margin_loss(a, a, a).item(), 4)
    1.0
    """
    return functional("triplet_margin_loss")(anchor, positive, negative, margin, p, eps, swap,
                                             reduction=reduction_of("triplet_margin_loss", reduction))


# ---- the rest ----

@public(samples=[case((2, 3, 7), 2), case((2, 3, 7), 3, 2, 1)])
def max_pool1d_with_indices(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """(values, indices) of nn.functional.max_pool1d, [n, c, w] -> two of [n, c, (w + 2 padding - dilation (kernel - 1) - 1) // stride +
    1]. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.max_pool1d_with_indices.

    >>> import tensorgrad
    >>> tensorgrad.max_pool1d_with_indices(tensorgrad.tensor([[1., 2.]]), 2)[1]
    tensor([[1]])
    """
    return functional("max_pool1d")(input, kernel_size, None if stride == () else stride, padding, dilation, ceil_mode, True)


@public(samples=[case((1, 2, 5), (3, 2, 2), (3,), [1], [0], [1], False, [0], 1),
                 case((1, 2, 4, 4), (2, 3, 2, 2), None, [2, 2], [0, 0], [1, 1], True, [1, 0], 1)])
def convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups):
    """conv1d, conv2d or conv3d, by the dimensions of weight, or their transposes: y[n, o, p] = bias[o] + sum over c, k of x[n, c, p
    stride + k dilation - padding] weight[o, c, k]. Errors: ArgumentError for a weight of other than 3 to 5 dimensions, ShapeError,
    DTypeError. Source: torch.convolution.

    >>> import tensorgrad
    >>> x, w = tensorgrad.ones(1, 1, 3), tensorgrad.ones(1, 1, 2)
    >>> tensorgrad.convolution(x, w, None, [1], [0], [1], False, [0], 1)
    tensor([[[2., 2.]]])
    """
    n = weight.ndim - 2
    if n not in (1, 2, 3):
        raise ArgumentError(f"convolution: weight must have 3 to 5 dimensions, got shape {tuple(weight.shape)}")
    stride, padding, dilation = (tuple(v) * n if len(v) == 1 else tuple(v) for v in (stride, padding, dilation))
    if transposed:
        extra = tuple(output_padding) * n if len(output_padding) == 1 else tuple(output_padding)
        return functional(f"conv_transpose{n}d")(input, weight, bias, stride, padding, extra, groups, dilation)
    return functional(f"conv{n}d")(input, weight, bias, stride, padding, dilation, groups)


@public(samples=[case((1, 2, 3), size=(1, 1, 2, 2), align_corners=False), case((2, 3, 4), size=(2, 1, 2, 2, 3), align_corners=True)])
def affine_grid_generator(theta, size, align_corners):
    """nn.functional.affine_grid, the grid whose point p is theta @ (p, 1): theta [n, 2, 3] -> [n, h, w, 2]. Errors: ShapeError,
    DTypeError. Source: torch.affine_grid_generator.

    >>> import tensorgrad
    >>> tensorgrad.affine_grid_generator(tensorgrad.eye(2, 3)[None], (1, 1, 2, 2), True).shape
    tensorgrad.Size([1, 2, 2, 2])
    """
    return functional("affine_grid")(theta, size, align_corners)


@public(samples=[case((2, 3, 7), 2)])
def adaptive_max_pool1d(input, output_size):
    """(values, indices) of nn.functional.adaptive_max_pool1d, [n, c, w] -> two of [n, c, output_size]. Errors: ShapeError, ArgumentError,
    DTypeError. Source: torch.adaptive_max_pool1d.

    >>> import tensorgrad
    >>> tensorgrad.adaptive_max_pool1d(tensorgrad.tensor([[1., 2.]]), 1)[1]
    tensor([[1]])
    """
    return functional("adaptive_max_pool1d")(input, output_size, return_indices=True)
