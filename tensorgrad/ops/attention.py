"""Attention: the definition as a composition, and a record that equals it without the matrix of scores."""

from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.graph import is_grad_enabled
from .._core.kernels import attention as kernels
from .create import ones, zeros
from .declare import bools, case, check_tensors, op, public
from .dropout import dropout
from .index import masked_fill
from .linalg import linear, matmul
from .pad import pad
from .rearrange import cat, repeat, tril
from .rows import softmax
from .shape import chunk, expand_op, permute, reshape, transpose_op, unsqueeze_op


def turned(x):
    """The transposed matrices."""
    return transpose_op(x, dim0=-2, dim1=-1)


def causal_mask(query, key):
    """Row i attends to columns up to i."""
    return tril(ones(query.shape[-2], key.shape[-2])) > 0


def weigh(query, key, mask, scale, safe=False):
    """softmax(query @ key^T * scale + mask); safe: 0, not NaN, in rows that are masked altogether."""
    scores = matmul(query * scale, turned(key))
    if mask is not None:
        scores = scores + mask if mask.dtype.is_floating_point else masked_fill(scores, ~mask, float("-inf"))
    weights = softmax(scores, -1)
    if safe and mask is not None:
        nothing = ~(mask > float("-inf") if mask.dtype.is_floating_point else mask).any(-1, keepdim=True)
        if nothing.any():
            weights = weights.where(~nothing, zeros((), dtype=weights.dtype))
    return weights


def attend(query, key, value, mask, dropout_p, scale, safe=False):
    """(weights @ value, weights), the weights behind dropout."""
    weights = weigh(query, key, mask, scale, safe)
    weights = dropout(weights, dropout_p) if dropout_p else weights
    return matmul(weights, value), weights


def backwards(g, q, k, v, mask, scale, causal):
    """(weights, gradient of the scores)."""
    weights = weigh(q, k, causal_mask(q, k) if causal else mask, scale, safe=True)
    d = matmul(g, turned(v))
    return weights, weights * (d - (d * weights).sum(-1, True))


attention_op = op(
    "scaled_dot_product_attention", kernels.attention, inputs="q k v mask", aux="lse",
    q=lambda g, q, k, v, mask, scale, causal: matmul(backwards(g, q, k, v, mask, scale, causal)[1], k) * scale,
    k=lambda g, q, k, v, mask, scale, causal: matmul(turned(backwards(g, q, k, v, mask, scale, causal)[1]), q) * scale,
    v=lambda g, q, k, v, mask, scale, causal: matmul(turned(backwards(g, q, k, v, mask, scale, causal)[0]), g),
    fused=lambda needs, g, q, k, v, mask, y, lse, scale, causal: kernels.attention_grad(
        needs, g, q, k, v, mask, y, lse, scale, causal))


def repeat_heads(x, heads, name):
    """x (..., h, S, E) with every head repeated so that there are `heads` of them."""
    if x.ndim < 3 or heads % x.shape[-3]:
        raise ShapeError(f"{name}: the {heads} heads of query must be a multiple of those of key and value, got shape {tuple(x.shape)}")
    times = heads // x.shape[-3]
    *lead, h, s, e = x.shape
    return reshape(expand_op(unsqueeze_op(x, dim=x.ndim - 2), size=(*lead, h, times, s, e)), (*lead, heads, s, e))


@public(samples=[case((2, 3, 4), (2, 5, 4), (2, 5, 6)), case((4, 3), (4, 3), (4, 3), is_causal=True),
                 case((2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4), bools((3, 5)), scale=0.5),
                 case((3, 4), (5, 4), (5, 4), (3, 5)), case((1, 4, 2, 3), (1, 2, 3, 3), (1, 2, 3, 3), enable_gqa=True)],
        namespace="nn.functional")
def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None,
                                 enable_gqa=False):
    """softmax(query @ key^T * scale + mask) @ value, scale = 1 / sqrt(E) by default.

    query: (..., L, E), key: (..., S, E), value: (..., S, V); attn_mask: bool (False: not attended to) or float (added),
    broadcast to (..., L, S). A row that may attend to nothing gives zeros. is_causal: row i attends to columns up to i.
    enable_gqa: key and value may have fewer heads (dimension -3), each of which serves several of query. Without dropout and
    a mask that requires grad, no matrix of L x S is made. Errors: ShapeError, DTypeError, ArgumentError. Source: Vaswani et
    al., Attention is all you need, 2017; torch.nn.functional.scaled_dot_product_attention.

    >>> import tensorgrad
    >>> q = tensorgrad.ones(1, 2, 4)
    >>> tensorgrad.nn.functional.scaled_dot_product_attention(q, q, q)
    tensor([[[1., 1., 1., 1.],
             [1., 1., 1., 1.]]])
    """
    name = "scaled_dot_product_attention"
    check_tensors(name, query=query, key=key, value=value)
    if min(query.ndim, key.ndim, value.ndim) < 2 or query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(f"{name}: query {tuple(query.shape)}, key {tuple(key.shape)} and value {tuple(value.shape)} do not fit")
    if enable_gqa and query.ndim > 2:
        key, value = (repeat_heads(x, query.shape[-3], name) for x in (key, value))
    if attn_mask is not None:
        check_tensors(name, attn_mask=attn_mask)
    if is_causal and attn_mask is not None:
        raise ArgumentError(f"{name}: is_causal=True sets the mask; attn_mask of shape {tuple(attn_mask.shape)} is given too")
    scale = max(query.shape[-1], 1) ** -0.5 if scale is None else scale
    if dropout_p or (attn_mask is not None and attn_mask.requires_grad and is_grad_enabled()):  # these need the whole matrix
        mask = causal_mask(query, key) if is_causal else attn_mask
        return attend(query, key, value, mask, dropout_p, scale, safe=True)[0]
    return attention_op(query, key, value, attn_mask, scale=float(scale), causal=bool(is_causal))[0]


# ---- several heads ----

def additive(mask, dtype, name):
    """A mask as what is added to the scores: -inf where a bool mask is True."""
    if mask is None or mask.is_floating_point():
        return mask
    if mask.dtype.name != "bool":
        raise DTypeError(f"multi_head_attention_forward: {name} must be bool or floating point, got {mask.dtype}")
    return masked_fill(zeros(mask.shape, dtype=dtype), mask, float("-inf"))


def projections(query, key, value, weight, bias, separate):
    """query, key and value behind their projections: one packed weight, or three."""
    biases = (None,) * 3 if bias is None else chunk(bias, 3)
    if separate is not None:
        return [linear(x, w, b) for x, w, b in zip((query, key, value), separate, biases, strict=True)]
    if query is key and key is value:
        return chunk(linear(query, weight, bias), 3, -1)
    return [linear(x, w, b) for x, w, b in zip((query, key, value), chunk(weight, 3), biases, strict=True)]


def check_heads(query, key, value, key_padding_mask, attn_mask, embed_dim, heads):
    """The shapes of a call; whether it has a batch dimension."""
    name = "multi_head_attention_forward"
    check_tensors(name, query=query, key=key, value=value)
    shapes = f"query {tuple(query.shape)}, key {tuple(key.shape)}, value {tuple(value.shape)}"
    if query.ndim not in (2, 3) or key.ndim != query.ndim or value.ndim != query.ndim:
        raise ShapeError(f"{name}: query, key and value must all have 3 dimensions, or 2 without a batch; {shapes}")
    if query.shape[-1] != embed_dim or embed_dim % heads:
        raise ShapeError(f"{name}: query must have embed_dim {embed_dim} features, a multiple of the {heads} heads; {shapes}")
    batch = query.shape[1:-1]
    if key.shape[:-1] != value.shape[:-1] or key.shape[1:-1] != batch:
        raise ShapeError(f"{name}: key and value must have the same length, and the batch of query; {shapes}")
    length, s, n = query.shape[0], key.shape[0], batch[0] if batch else 1
    if key_padding_mask is not None and tuple(key_padding_mask.shape) != (*batch, s):
        raise ShapeError(f"{name}: key_padding_mask must have the shape {(*batch, s)}, got {tuple(key_padding_mask.shape)}; {shapes}")
    if attn_mask is not None and tuple(attn_mask.shape) not in ((length, s), (n * heads, length, s)):
        raise ShapeError(f"{name}: attn_mask must have the shape {(length, s)} or {(n * heads, length, s)}, got "
                         f"{tuple(attn_mask.shape)}; {shapes}")
    return bool(batch)


@public(namespace="nn.functional")
def multi_head_attention_forward(query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v,
                                 add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None,
                                 need_weights=True, attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None,
                                 k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None, average_attn_weights=True,
                                 is_causal=False):
    """Attention in num_heads parts of the features, between learned projections; (output, weights or None).

    query: (L, N, E), key, value: (S, N, features), or all without N; key_padding_mask (N, S) and attn_mask (L, S) or (N heads,
    L, S): bool (True: not attended to) or float (added). bias_k, bias_v, add_zero_attn: one more key and value. weights:
    (N, L, S), averaged over the heads, or (N, heads, L, S). Errors: ShapeError, DTypeError, ArgumentError. Source: Vaswani et
    al., Attention is all you need, 2017; torch.nn.functional.multi_head_attention_forward.

    >>> import tensorgrad
    >>> x, w = tensorgrad.ones(3, 1, 2), tensorgrad.ones(6, 2)
    >>> y, weights = tensorgrad.nn.functional.multi_head_attention_forward(
    ...     x, x, x, 2, 1, w, None, None, None, False, 0.0, tensorgrad.eye(2), None)
    >>> y.shape, weights.shape
    (tensorgrad.Size([3, 1, 2]), tensorgrad.Size([1, 3, 3]))
    """
    name = "multi_head_attention_forward"
    batched = check_heads(query, key, value, key_padding_mask, attn_mask, embed_dim_to_check, num_heads)
    if is_causal and attn_mask is None:
        raise ArgumentError(f"{name}: Need attn_mask if specifying the is_causal hint; "
                            "Transformer.generate_square_subsequent_mask makes it")
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    if (in_proj_weight is None if separate is None else None in separate) or (bias_k is None) != (bias_v is None):
        raise ArgumentError(f"{name}: give in_proj_weight or all of q_, k_ and v_proj_weight, and bias_k with bias_v")
    q, k, v = projections(query, key, value, in_proj_weight, in_proj_bias, separate)
    q, k, v = (x if batched else unsqueeze_op(x, dim=1) for x in (q, k, v))
    length, n, e = q.shape
    head, rows = e // num_heads, n * num_heads
    causal = is_causal and key_padding_mask is None and not need_weights
    mask, padding = None if causal else additive(attn_mask, q.dtype, "attn_mask"), additive(key_padding_mask, q.dtype, "key_padding_mask")
    more = (bias_k is not None) + bool(add_zero_attn)
    if bias_k is not None:
        k, v = cat([k, repeat(bias_k, 1, n, 1)]), cat([v, repeat(bias_v, 1, n, 1)])
    q, k, v = (transpose_op(reshape(x, (x.shape[0], rows, head)), dim0=0, dim1=1) for x in (q, k, v))
    k, v = k if static_k is None else static_k, v if static_v is None else static_v
    if tuple(k.shape[::2]) != (rows, head) or tuple(v.shape[::2]) != (rows, head):
        raise ShapeError(f"{name}: static_k and static_v must have the shape {(rows, 'S', head)}, got {tuple(k.shape)} and "
                         f"{tuple(v.shape)}")
    if add_zero_attn:
        k, v = (cat([x, zeros((rows, 1, head), dtype=x.dtype)], 1) for x in (k, v))
    if more:
        mask, padding = (None if m is None else pad(m, (0, more)) for m in (mask, padding))
    s = k.shape[1]
    q, k, v = (reshape(x, (n, num_heads, x.shape[1], head)) for x in (q, k, v))
    if mask is not None and mask.ndim == 3:
        mask = reshape(mask, (n, num_heads, length, s))
    if padding is not None:
        padding = reshape(padding, (n, 1, 1, s))
        mask = padding if mask is None else mask + padding
    p, weights = dropout_p if training else 0.0, None
    if need_weights:
        y, weights = attend(q, k, v, mask, p, head ** -0.5)
    else:
        y = scaled_dot_product_attention(q, k, v, mask, p, causal)
    y = linear(reshape(permute(y, (2, 0, 1, 3)), (length, n, e)), out_proj_weight, out_proj_bias)
    if weights is not None and average_attn_weights:
        weights = weights.mean(1)
    if batched:
        return y, weights
    return y.squeeze(1), None if weights is None else weights.squeeze(0)
