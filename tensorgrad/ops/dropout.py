"""Dropout: elements, channels or their activations are left out at random, the rest is scaled up; and other noise (rrelu,
gumbel_softmax).

The draws are PyTorch's: one float64 uniform an element of the mask, in the order of memory, from the default generator.
"""

import warnings

from .._core.apply import write_back
from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, ShapeError
from .._core.kernels import rows as kernels
from .activation import in_place, leaky_relu
from .create import ones
from .declare import case, check_tensors, op, public
from .rows import softmax_raw
from .shape import inverse

# Linear in x: its derivative is itself.
dropout_raw = op("dropout", kernels.dropout, inputs="x mask",
                 x=lambda g, mask, keep: dropout_raw(g, mask, keep=keep))

ALPHA = 1.7580993408473766  # - the value that selu tends to at -infinity
STILL = [case((2, 3), 0.0), case((2, 3, 4), 0.5, training=False)]  # the samples of which no draw decides


def drop(op, input, p, training, inplace, feature=False, alpha=False):
    """input with the elements (feature: channels) left out with probability p; alpha: for selu."""
    check_tensors(op, input=input)
    if not 0 <= p <= 1:
        raise ArgumentError(f"{op}: dropout probability has to be between 0 and 1, but got {p}")
    if p == 0 or not training or input.numel() == 0:
        return input
    if feature and input.ndim < 2:
        raise ShapeError(f"{op}: Feature dropout requires at least 2 dimensions in the input, got {tuple(input.shape)}")
    y = input * 0.0 if p == 1 else noisy(input, 1 - p, feature, alpha)
    return write_back(input, y, op + "_") if inplace else y


def noisy(input, keep, feature, alpha):
    """Draw the mask and apply it."""
    order = list(range(input.ndim))
    if not feature and not input.is_contiguous():  # the draws go to the elements in the order of memory
        order.sort(key=lambda d: -input.stride(d))
    shape = (*input.shape[:2], *(1,) * (input.ndim - 2)) if feature else tuple(input.shape[d] for d in order)
    mask = input.new_empty(shape, dtype=BY_NAME["bool"]).bernoulli_(keep).permute(inverse(order))
    if alpha:
        p = 1 - keep
        a = ((ALPHA ** 2 * p + 1) * keep) ** -0.5
        noise = mask.to(input.dtype)
        return input * (noise * a) + ((noise - 1) * (ALPHA * a) + ALPHA * a * p)
    if feature:
        return input * (mask.to(input.dtype) / keep)
    return dropout_raw(input, mask, keep=keep)


def like_still(np, x, p, training=True):
    """Nothing is left out."""
    return x


@public(samples=STILL, like=like_still, namespace="nn.functional")
def dropout(input, p=0.5, training=True, inplace=False):
    """y = x / (1 - p) with probability 1 - p, x * 0 otherwise, element by element; x itself outside training.

    input: any shape. Errors: ArgumentError for p outside [0, 1]. Source: Srivastava et al. 2014;
    torch.nn.functional.dropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.dropout(tensorgrad.ones(2), training=False).tolist()
    [1.0, 1.0]
    """
    return drop("dropout", input, p, training, inplace)


@public(samples=STILL, like=like_still, namespace="nn.functional")
def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout for selu: y = a d + b, where d is x with probability 1 - p and selu's lower limit -1.7581 otherwise, element by element; a
    and b keep mean and variance. x itself outside training.

    input: any shape. Errors: ArgumentError for p outside [0, 1]. Source: Klambauer et al. 2017; torch.nn.functional.alpha_dropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.alpha_dropout(tensorgrad.ones(2)).tolist()
    [1.0, 1.0]
    """
    return drop("alpha_dropout", input, p, training, inplace, alpha=True)


@public(samples=STILL, like=like_still, namespace="nn.functional")
def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """alpha_dropout of whole channels.

    input: [n, c, ...]. Errors: ArgumentError for p outside [0, 1], ShapeError.
    Source: torch.nn.functional.feature_alpha_dropout.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.feature_alpha_dropout(tensorgrad.ones(1, 2)).tolist()
    [[1.0, 1.0]]
    """
    return drop("feature_alpha_dropout", input, p, training, inplace, feature=True, alpha=True)


def drop_channels(op, input, p, training, inplace, plain):
    """Dropout of whole channels; an input of `plain` dimensions has no batch."""
    if input.ndim != plain:
        return drop(op, input, p, training, inplace, feature=True)
    y = drop(op, input.unsqueeze(0), p, training, False, feature=True).squeeze(0)
    return write_back(input, y, op + "_") if inplace else y


@public(samples=[case((2, 3, 4), 0.5, training=False)], like=like_still, namespace="nn.functional")
def dropout1d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels of signals.

    input: [n, c, l] or [c, l]. Errors: ArgumentError for p outside [0, 1], ShapeError. Source: Tompson et al. 2015;
    torch.nn.functional.dropout1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.dropout1d(tensorgrad.ones(1, 2), training=False).tolist()
    [[1.0, 1.0]]
    """
    check_tensors("dropout1d", input=input)
    if input.ndim not in (2, 3):
        raise ShapeError(f"dropout1d: Expected 2D or 3D input, but received shape {tuple(input.shape)}")
    return drop_channels("dropout1d", input, p, training, inplace, 2)


@public(samples=[case((1, 2, 3, 4), 0.5, training=False)], like=like_still, namespace="nn.functional")
def dropout2d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels of images.

    input: [n, c, h, w]; three dimensions are read as [n, c, l], with a warning. Errors: ArgumentError for p outside
    [0, 1], ShapeError. Source: Tompson et al. 2015; torch.nn.functional.dropout2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.dropout2d(tensorgrad.ones(1, 1, 1, 2), training=False).tolist()
    [[[[1.0, 1.0]]]]
    """
    check_tensors("dropout2d", input=input)
    if input.ndim == 3:
        warnings.warn("dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout "
                      "is desired: the input is read as (N, C, L). Use dropout1d for that.", stacklevel=2)
    elif input.ndim != 4:
        warnings.warn(f"dropout2d: Received a {input.ndim}-D input to dropout2d, which is deprecated and will "
                      "result in an error in a future release. Use dropout instead.", stacklevel=2)
    return drop("dropout2d", input, p, training, inplace, feature=True)


@public(samples=[case((1, 1, 2, 3, 4), 0.5, training=False)], like=like_still, namespace="nn.functional")
def dropout3d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels of volumes.

    input: [n, c, d, h, w] or [c, d, h, w]. Errors: ArgumentError for p outside [0, 1], ShapeError.
    Source: Tompson et al. 2015; torch.nn.functional.dropout3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.dropout3d(tensorgrad.ones(1, 1, 1, 1, 2), training=False).tolist()
    [[[[[1.0, 1.0]]]]]
    """
    check_tensors("dropout3d", input=input)
    if input.ndim not in (4, 5):
        warnings.warn(f"dropout3d: Received a {input.ndim}-D input to dropout3d, which is deprecated and will "
                      "result in an error in a future release. Use dropout instead.", stacklevel=2)
    # As in PyTorch, anything but five dimensions is taken for one sample.
    return drop_channels("dropout3d", input, p, training, inplace, 0 if input.ndim == 5 else input.ndim)


def top_level(name, functional):
    """torch.<name>(input, p, train): both arguments must be given."""
    def variant(input, p, train):
        return functional(input, p, train)
    variant.__name__ = variant.__qualname__ = name
    variant.__doc__ = f"""{(functional.__doc__ or "").partition(chr(10))[0]}

    input: any shape the layer takes. Errors: ArgumentError for p outside [0, 1]. Source: torch.{name}.

    >>> import tensorgrad
    >>> tensorgrad.{name}(tensorgrad.ones(1, 2), 0.5, False).tolist()
    [[1.0, 1.0]]
    """
    public(samples=[case((2, 3), 0.5, False)], like=like_still)(variant)


def feature(input, p, train):
    """Dropout of whole channels, those of the second dimension."""
    return drop("feature_dropout", input, p, train, False, feature=True)


top_level("dropout", dropout)
top_level("alpha_dropout", alpha_dropout)
top_level("feature_alpha_dropout", feature_alpha_dropout)
top_level("feature_dropout", feature)


@public(samples=[case((2, 3)), case((2, 3), 0.25, 0.25, True), case((0, 3), training=True)], on=(0.2, 3),
        like=lambda np, x, lower=1 / 8, upper=1 / 3, training=False: np.where(x > 0, x, x * (lower + upper) / 2),
        namespace="nn.functional")
def rrelu(input, lower=1 / 8, upper=1 / 3, training=False, inplace=False):
    """x where x > 0, a x elsewhere; in training each a is drawn from U(lower, upper), else it is their mean. Element by element, of any
    shape.

    The draws are PyTorch's: one float64 for each element that is not positive. Errors: ArgumentError if lower > upper, TypeError for what
    is no tensor. Source: Xu et al., arXiv:1505.00853; torch.nn.functional.rrelu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.rrelu(tensorgrad.tensor([-2.0, 3.0]), 0.25, 0.75).tolist()
    [-1.0, 3.0]
    """
    check_tensors("rrelu", input=input)
    if not lower <= upper:
        raise ArgumentError(f"rrelu: Lower bound should be less than or equal to the upper bound, got {lower} and {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    negative = (input <= 0).detach()
    draws = input.new_empty((int(negative.sum()),), dtype=BY_NAME["float64"]).uniform_(lower, upper)
    y = input * ones(input.shape, dtype=input.dtype).masked_scatter(negative, draws.to(input.dtype))
    return write_back(input, y, "rrelu_") if inplace else y


in_place(rrelu)


@public(namespace="nn.functional")
def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """softmax((x + G) / tau) along dim with Gumbel noise G = -log(E), E exponential; hard: the one-hot of its maximum, with the same
    gradient.

    logits: any shape, which the result has. Errors: OutOfRangeError for dim, DTypeError for integers. Source: Jang, Gu, Poole 2017;
    Maddison, Mnih, Teh 2017; torch.nn.functional.gumbel_softmax.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.gumbel_softmax(tensorgrad.zeros(3, 1), hard=True).tolist()
    [[1.0], [1.0], [1.0]]
    """
    noise = -logits.new_empty(logits.shape).exponential_().log()
    soft = softmax_raw((logits + noise) / tau, dim=dim)
    if not hard:
        return soft
    one_hot = soft.detach() * 0.0
    return one_hot.scatter(dim, soft.detach().argmax(dim, keepdim=True), 1.0) - soft.detach() + soft
