"""Attention as a composition of matrix products and softmax."""

from .._core.errors import ArgumentError, ShapeError
from .create import ones, zeros
from .declare import bools, case, public
from .dropout import dropout
from .index import masked_fill
from .linalg import matmul
from .rearrange import tril
from .rows import softmax
from .shape import transpose_op


@public(samples=[case((2, 3, 4), (2, 5, 4), (2, 5, 6)), case((4, 3), (4, 3), (4, 3), is_causal=True),
                 case((2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4), bools((3, 5)), scale=0.5),
                 case((3, 4), (5, 4), (5, 4), (3, 5))],
        namespace="nn.functional")
def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None,
                                 enable_gqa=False):
    """softmax(query @ key^T * scale + mask) @ value, scale = 1 / sqrt(E) by default.

    query: (..., L, E), key: (..., S, E), value: (..., S, V); attn_mask: bool (False: not attended to) or float (added),
    broadcast to (..., L, S). A row that may attend to nothing gives zeros. Errors: ShapeError, ArgumentError. Source: Vaswani
    et al., Attention is all you need, 2017; torch.nn.functional.scaled_dot_product_attention.

    >>> import tensorgrad
    >>> q = tensorgrad.ones(1, 2, 4)
    >>> tensorgrad.nn.functional.scaled_dot_product_attention(q, q, q)
    tensor([[[1., 1., 1., 1.],
             [1., 1., 1., 1.]]])
    """
    name = "scaled_dot_product_attention"
    if min(query.ndim, key.ndim, value.ndim) < 2 or query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(f"{name}: query {tuple(query.shape)}, key {tuple(key.shape)} and value {tuple(value.shape)} do not fit")
    if enable_gqa:
        raise ArgumentError(f"{name}: enable_gqa=True is not offered; repeat the heads of key and value")
    if is_causal:
        if attn_mask is not None:
            raise ArgumentError(f"{name}: is_causal=True sets the mask; attn_mask of shape {tuple(attn_mask.shape)} is given too")
        attn_mask = tril(ones(query.shape[-2], key.shape[-2])) > 0
    scores = matmul(query * (query.shape[-1] ** -0.5 if scale is None else scale), transpose_op(key, dim0=-2, dim1=-1))
    if attn_mask is not None and attn_mask.dtype.is_floating_point:
        scores = scores + attn_mask
    elif attn_mask is not None:
        scores = masked_fill(scores, ~attn_mask, float("-inf"))
    weights = softmax(scores, -1)
    if attn_mask is not None and not attn_mask.dtype.is_floating_point:
        nothing = ~attn_mask.any(-1, keepdim=True)
        if nothing.any():
            weights = weights.where(~nothing, zeros((), dtype=weights.dtype))
    return matmul(dropout(weights, dropout_p) if dropout_p else weights, value)
