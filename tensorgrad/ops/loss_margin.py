"""Distances and similarities of vectors, and the losses that compare scores or distances by a margin."""

from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .declare import bools, case, check_tensors, ints, public
from .loss import reduced, reduction_of
from .loss_pointwise import like_reduced, softplus


def shapes(**tensors):
    """The shapes of named tensors, for messages."""
    return ", ".join(f"{name} {tuple(t.shape)}" for name, t in tensors.items())


# ---- vectors ----

def like_cosine(np, a, b, dim=1, eps=1e-8):
    """Definition, for the tests."""
    norm = lambda x: np.maximum(np.sqrt((x * x).sum(dim)), eps)
    a, b = np.broadcast_arrays(a, b)
    return (a * b).sum(dim) / (norm(a) * norm(b))


COSINE = [case((2, 3), (2, 3)), case((2, 3, 4), (3, 4), dim=-1), case((3,), (3,), dim=0), case((0, 3), (0, 3))]


@public(samples=COSINE, like=like_cosine)
def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """a . b / (max(|a|, eps) max(|b|, eps)) along dim.

    x1, x2: shapes that broadcast; dim is one of the common shape and disappears. Errors: ArgumentError for several dims, ShapeError,
    OutOfRangeError, DTypeError for integers. Source: torch.nn.functional.cosine_similarity.

    >>> import tensorgrad
    >>> a, b = tensorgrad.tensor([[3.0, 0.0]]), tensorgrad.tensor([[2.0, 0.0]])
    >>> tensorgrad.cosine_similarity(a, b).tolist()
    [1.0]
    """
    check_tensors("cosine_similarity", x1=x1, x2=x2)
    if not (x1.is_floating_point() and x2.is_floating_point()):
        raise DTypeError(f"cosine_similarity: expected floating-point tensors, got {x1.dtype} and {x2.dtype}; "
                         f"{shapes(x1=x1, x2=x2)}")
    if x1.ndim != x2.ndim:  # dim counts in the common shape
        n = max(x1.ndim, x2.ndim)
        x1, x2 = (x.reshape((1,) * (n - x.ndim) + tuple(x.shape)) for x in (x1, x2))
    a = x1 / x1.norm(2, dim, keepdim=True).clamp(min=eps)
    b = x2 / x2.norm(2, dim, keepdim=True).clamp(min=eps)
    return (a * b).sum(dim)


public(samples=COSINE, like=like_cosine, namespace="nn.functional")(cosine_similarity)


def like_distance(np, a, b, p=2.0, eps=1e-6, keepdim=False):
    """Definition, for the tests."""
    return (np.abs(a - b + eps) ** p).sum(-1, keepdims=keepdim) ** (1 / p)


DISTANCE = [case((2, 3), (2, 3)), case((2, 3), (3,), p=1.0, keepdim=True), case((3,), (3,), p=3.0),
            case((0, 3), (0, 3))]


@public(samples=DISTANCE, like=like_distance)
def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """|x1 - x2 + eps|_p along the last dimension.

    x1, x2: shapes that broadcast, [..., d] -> [...] (with keepdim [..., 1]). Errors: ShapeError, TypeError. Source:
    torch.nn.functional.pairwise_distance.

    >>> import tensorgrad
    >>> tensorgrad.pairwise_distance(tensorgrad.tensor([3.0, 4.0]), tensorgrad.zeros(2), eps=0.0).item()
    5.0
    """
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)


public(samples=DISTANCE, like=like_distance, namespace="nn.functional")(pairwise_distance)


@public(samples=[case((2, 3), (2, 3), bools((2,))), case((3,), (3,), bools(()), reduction="sum")],
        namespace="nn.functional", like=lambda np, a, b, t, margin=0.0, reduction="mean": like_reduced(
            np, np.where(t, 1 - like_cosine(np, a, b, -1), 0), reduction))
def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1, averaged or summed.

    input1, input2: [n, d] with target [n], or [d] with []. Errors: ShapeError, ArgumentError for another reduction, TypeError. Source:
    torch.nn.functional.cosine_embedding_loss.

    >>> import tensorgrad
    >>> a, b = tensorgrad.tensor([[1.0, 0.0]]), tensorgrad.tensor([[0.0, 1.0]])
    >>> tensorgrad.nn.functional.cosine_embedding_loss(a, b, tensorgrad.tensor([1])).item()
    1.0
    """
    check_tensors("cosine_embedding_loss", input1=input1, input2=input2, target=target)
    number = reduction_of("cosine_embedding_loss", reduction, size_average, reduce)
    if target.ndim not in (0, 1) or input1.ndim != target.ndim + 1 or input2.ndim != target.ndim + 1:
        raise ShapeError("cosine_embedding_loss: a 0-d target goes with 1-d inputs, a 1-d target with 2-d inputs; "
                         f"{shapes(input1=input1, input2=input2, target=target)}")
    tiny = 1e-12  # PyTorch's: added to the squared lengths
    lengths = ((input1 * input1).sum(-1) + tiny) * ((input2 * input2).sum(-1) + tiny)
    cos = (input1 * input2).sum(-1) / lengths.sqrt()
    loss = (1 - cos).masked_fill(target != 1, 0) + (cos - margin).clamp(min=0).masked_fill(target != -1, 0)
    return reduced(loss, number)


# ---- ranking ----

@public(samples=[case((3,), (3,), (3,)), case((2, 3), (2, 3), (2, 3), margin=0.5, reduction="none")],
        like=lambda np, a, b, t, margin=0.0, reduction="mean": like_reduced(
            np, np.maximum(-t * (a - b) + margin, 0), reduction), namespace="nn.functional")
def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """max(0, -t (x1 - x2) + margin), averaged or summed; target 1: x1 should rank higher, -1: x2.

    Three tensors of as many dimensions that broadcast. Errors: ShapeError, ArgumentError, DTypeError. Source:
    torch.nn.functional.margin_ranking_loss.

    >>> import tensorgrad
    >>> a, b = tensorgrad.tensor([1.0]), tensorgrad.tensor([3.0])
    >>> tensorgrad.nn.functional.margin_ranking_loss(a, b, tensorgrad.tensor([1.0])).item()
    2.0
    """
    check_tensors("margin_ranking_loss", input1=input1, input2=input2, target=target)
    number = reduction_of("margin_ranking_loss", reduction, size_average, reduce)
    if not input1.ndim == input2.ndim == target.ndim:
        raise ShapeError("margin_ranking_loss: all inputs should have the same number of dimensions, got "
                         f"{shapes(input1=input1, input2=input2, target=target)}")
    return reduced((-target * (input1 - input2) + margin).clamp(min=0), number)


def triplet(op, anchor, positive, negative, distance, margin, swap, number):
    """max(0, d(a, p) - d(a, n) + margin)."""
    check_tensors(op, anchor=anchor, positive=positive, negative=negative)
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise ShapeError(f"{op}: The anchor, positive, and negative tensors are expected to have the same number of "
                         f"dimensions, but got: {shapes(anchor=anchor, positive=positive, negative=negative)}")
    if not margin > 0:
        raise ArgumentError(f"{op}: margin must be greater than 0, got {margin}")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return reduced((near - far + margin).clamp(min=0), number)


TRIPLETS = [case((2, 3), (2, 3), (2, 3)), case((4, 3), (4, 3), (4, 3), swap=True, reduction="sum", margin=2.0)]


def like_triplet(np, a, p, n, swap=False, reduction="mean", margin=1.0):
    """Definition, for the tests."""
    far = like_distance(np, a, n)
    far = np.minimum(far, like_distance(np, p, n)) if swap else far
    return like_reduced(np, np.maximum(like_distance(np, a, p) - far + margin, 0), reduction)


@public(samples=TRIPLETS, like=like_triplet, namespace="nn.functional")
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None,
                        reduce=None, reduction="mean"):
    """max(0, |a - p + eps|_p - |a - n + eps|_p + margin), averaged or summed; swap: the nearer of |a - n| and |p - n|.

    Three tensors [n, d] or [d]. Errors: ShapeError, ArgumentError. Source: Balntas, Riba, Ponsa, Mikolajczyk 2016;
    torch.nn.functional.triplet_margin_loss.

    >>> import tensorgrad
    >>> a, p, n = tensorgrad.zeros(1, 2), tensorgrad.zeros(1, 2), tensorgrad.zeros(1, 2)
    >>> tensorgrad.nn.functional.triplet_margin_loss(a, p, n, margin=2.0).item()
    2.0
    """
    number = reduction_of("triplet_margin_loss", reduction, size_average, reduce)
    return triplet("triplet_margin_loss", anchor, positive, negative,
                   lambda x, y: pairwise_distance(x, y, p, eps), margin, swap, number)


@public(samples=TRIPLETS, like=like_triplet, namespace="nn.functional")
def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False,
                                      reduction="mean"):
    """max(0, d(a, p) - d(a, n) + margin) with any distance (default: pairwise_distance), averaged or summed.

    Three tensors that the distance takes. Errors: ShapeError, ArgumentError.
    Source: torch.nn.functional.triplet_margin_with_distance_loss.

    >>> import tensorgrad
    >>> a, n = tensorgrad.zeros(1, 2), tensorgrad.ones(1, 2)
    >>> dot = lambda x, y: (x * y).sum(-1)
    >>> tensorgrad.nn.functional.triplet_margin_with_distance_loss(a, a, n, distance_function=dot).item()
    1.0
    """
    number = reduction_of("triplet_margin_with_distance_loss", reduction)
    return triplet("triplet_margin_with_distance_loss", anchor, positive, negative,
                   distance_function or pairwise_distance, margin, swap, number)


# ---- many classes ----

def check_classes(op, input, target, per_class):
    """input [c] or [n, c] with an int64 target: of the same shape (per_class), or without the classes."""
    check_tensors(op, input=input, target=target)
    wanted = tuple(input.shape) if per_class else tuple(input.shape[:-1])
    if target.dtype.name != "int64":
        raise DTypeError(f"{op}: expected int64 class indices as target, got {target.dtype}; "
                         f"{shapes(input=input, target=target)}")
    if input.ndim not in (1, 2) or input.shape[-1] == 0 or tuple(target.shape) != wanted:
        raise ShapeError(f"{op}: expected a non-empty vector or matrix and a target of shape {wanted}, got "
                         f"{shapes(input=input, target=target)}")


def check_range(op, labels, low, high, input):
    """Every label is in [low, high)."""
    if labels.numel() == 0:
        return
    least, most = labels.min().item(), labels.max().item()
    if least < low or most >= high:
        raise OutOfRangeError(f"{op}: index {least if least < low else most} is out of range [{low}, {high - 1}]: target of "
                              f"shape {tuple(labels.shape)} for an input of shape {tuple(input.shape)}")


def like_multi_margin(np, x, t, p=1, margin=1.0, reduction="mean"):
    """Definition, for the tests."""
    rows, labels = x.reshape(-1, x.shape[-1]), t.reshape(-1)
    loss = np.zeros(len(rows))
    for i, (row, y) in enumerate(zip(rows, labels, strict=True)):
        terms = np.maximum(margin - row[y] + row, 0) ** p
        loss[i] = (terms.sum() - terms[y]) / len(row)
    return like_reduced(np, loss.reshape(t.shape), reduction)


@public(samples=[case((3, 4), ints((3,), 0, 4)), case((4,), ints((), 0, 4), p=2, reduction="sum"),
                 case((3, 4), ints((3,), 0, 4), 1, 0.5, reduction="none")], like=like_multi_margin,
        namespace="nn.functional")
def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """sum over c != t of weight[t] max(0, margin - x[t] + x[c])^p / classes, averaged or summed.

    input: [n, c] or [c]; target: int64 [n] or []; weight: [c]; p: 1 or 2. Errors: OutOfRangeError for a target that
    is no class, ShapeError, DTypeError, ArgumentError. Source: Crammer, Singer 2001;
    torch.nn.functional.multi_margin_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.multi_margin_loss(tensorgrad.zeros(1, 4), tensorgrad.tensor([0])).item()
    0.75
    """
    op = "multi_margin_loss"
    number = reduction_of(op, reduction, size_average, reduce)
    if p not in (1, 2):
        raise ArgumentError(f"{op}: only p == 1 and p == 2 supported, got {p}")
    check_classes(op, input, target, False)
    c = input.shape[-1]
    if weight is not None:
        check_tensors(op, weight=weight)
    if weight is not None and tuple(weight.shape) != (c,):
        raise ShapeError(f"{op}: weight must be one-dimensional with {c} elements; "
                         f"{shapes(weight=weight, input=input)}")
    check_range(op, target, 0, c, input)
    index = target.unsqueeze(-1)
    terms = (margin - input.gather(-1, index) + input).clamp(min=0).scatter(-1, index, 0.0)
    terms = terms * terms if p == 2 else terms
    if weight is not None:
        terms = terms * weight.gather(0, target.reshape(-1)).reshape(target.shape).unsqueeze(-1)
    return reduced(terms.sum(-1) / c, number)


def like_multilabel_margin(np, x, t, reduction="mean"):
    """Definition, for the tests."""
    rows, labels = x.reshape(-1, x.shape[-1]), t.reshape(-1, x.shape[-1])
    loss = np.zeros(len(rows))
    for i, (row, ys) in enumerate(zip(rows, labels, strict=True)):
        ys = ys[:np.argmax(ys < 0)] if (ys < 0).any() else ys
        others = [c for c in range(len(row)) if c not in ys]
        loss[i] = sum(max(0, 1 - row[y] + row[c]) for y in ys for c in others) / len(row)
    return like_reduced(np, loss.reshape(x.shape[:-1]), reduction)


@public(samples=[case((3, 4), ints((3, 4), -1, 4)), case((4,), ints((4,), -1, 4), reduction="sum"),
                 case((2, 3), ints((2, 3), -1, 3), reduction="none")],
        like=like_multilabel_margin, namespace="nn.functional")
def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """sum over labels y and other classes c of max(0, 1 - x[y] + x[c]) / classes, averaged or summed.

    input: [n, c] or [c]; target: int64 of the same shape, a row's labels are those before its first -1. Errors: ArgumentError for another
    reduction, OutOfRangeError for a label that is no class, ShapeError, DTypeError. Source: torch.nn.functional.multilabel_margin_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.multilabel_margin_loss(tensorgrad.zeros(4), tensorgrad.tensor([3, -1, 0, 0])).item()
    0.75
    """
    op = "multilabel_margin_loss"
    number = reduction_of(op, reduction, size_average, reduce)
    check_classes(op, input, target, True)
    c = input.shape[-1]
    check_range(op, target, -1, c, input)
    valid = (target < 0).to(target.dtype).cumsum(-1) == 0   # before the first -1
    is_label = input.new_zeros(input.shape).scatter_add(-1, target.clamp(min=0), valid.to(input.dtype)) > 0
    scores = input.gather(-1, target.clamp(min=0))
    terms = (1 - scores.unsqueeze(-1) + input.unsqueeze(-2)).clamp(min=0)   # [..., label, class]
    terms = terms.masked_fill(~valid.unsqueeze(-1) | is_label.unsqueeze(-2), 0)
    return reduced(terms.sum((-2, -1)) / c, number)


@public(samples=[case((3, 4), (3, 4)), case((4,), (4,), (4,), reduction="sum"), case((2, 3), (2, 3), reduction="none")],
        like=lambda np, x, t, w=1.0, reduction="mean": like_reduced(
            np, (w * (np.log1p(np.exp(-x)) + (1 - t) * x)).sum(-1) / x.shape[-1], reduction), namespace="nn.functional")
def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """-weight (t log s + (1 - t) log(1 - s)) with s = sigmoid(x), averaged over the classes, then averaged or summed.

    input, target: [..., c]; weight: [c]. Errors: ShapeError, ArgumentError, DTypeError. Source:
    torch.nn.functional.multilabel_soft_margin_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.multilabel_soft_margin_loss(tensorgrad.zeros(1, 2), tensorgrad.ones(1, 2)).exp().item()
    2.0
    """
    check_tensors("multilabel_soft_margin_loss", input=input, target=target)
    number = reduction_of("multilabel_soft_margin_loss", reduction, size_average, reduce)
    if not input.ndim:
        raise ShapeError("multilabel_soft_margin_loss: input needs a dimension of classes, got shape ()")
    loss = target * softplus(-input) + (1 - target) * softplus(input)
    if weight is not None:
        loss = loss * weight
    return reduced(loss.sum(-1) / input.size(-1), number)
