"""Scaled dot-product attention and its gradient, without the matrix of scores."""

from ..csrc cimport (TG_BOOL, TG_MAX_DIMS, int64_t, tg_attention, tg_attention_backward, tg_attention_forward, tg_matrices)
from ..dtype cimport dtype_of
from ..tensor cimport TensorBase, cast, check, is_contiguous, new_tensor, new_view, same_shape, shape_of
from .rows cimport like_input, real_dtype

from ..errors import DTypeError, ShapeError


cdef str OP = "scaled_dot_product_attention"


cdef int matrices(tg_matrices *m, TensorBase x, int ndim, const int64_t *shape, str name) except -1:
    """x (..., rows, columns) as items of a batch of that shape."""
    cdef int d, i, own = x.v.ndim - 2
    if own > ndim:
        raise ShapeError(f"{OP}: {name} of shape {shape_of(x)} does not broadcast to a batch of {ndim} dimensions")
    for d in range(ndim):
        i = d - (ndim - own)
        if i >= 0 and x.v.shape[i] != shape[d] and x.v.shape[i] != 1:
            raise ShapeError(f"{OP}: {name} of shape {shape_of(x)} does not broadcast to the batch "
                             f"{tuple([shape[d] for d in range(ndim)])}")
        m.items[d] = 0 if i < 0 or x.v.shape[i] == 1 and shape[d] != 1 else x.v.strides[i]
    m.p, m.rs, m.cs = x.v.data, x.v.strides[own], x.v.strides[own + 1]
    return 0


cdef TensorBase result(tg_matrices *m, tg_attention *s, int64_t rows, int64_t columns, TensorBase like):
    """A new tensor (batch, rows, columns). Where `like` is not contiguous its rows stand before all but the first dimension of the
    batch in memory: (n, heads, rows, e) is a view of (n, rows, heads * e), which is what projections read and write."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int d
    cdef TensorBase whole
    cdef int64_t step = columns
    strides[s.ndim + 1] = 1
    for d in range(s.ndim - 1, 0, -1):
        strides[d] = step
        step *= s.shape[d]
    strides[s.ndim] = step
    if s.ndim:
        strides[0] = step * rows
    for d in range(s.ndim):
        shape[d] = s.shape[d]
    shape[s.ndim], shape[s.ndim + 1] = rows, columns
    whole = new_tensor(s.dtype, s.ndim + 2, shape)
    if s.ndim > 1 and (like is None or not is_contiguous(like)):
        whole = new_view(whole, s.ndim + 2, shape, strides, 0)
    matrices(m, whole, s.ndim, s.shape, "result")
    return whole


cdef tuple describe(tg_attention *s, TensorBase q, TensorBase k, TensorBase v, TensorBase mask, double scale, bint causal):
    """Checks everything and fills in s, but y and lse; returns what holds the operands."""
    cdef int d, i
    cdef int64_t size
    cdef TensorBase x, a, b, c, m = None
    if min(q.v.ndim, k.v.ndim, v.v.ndim) < 2 or max(q.v.ndim, k.v.ndim, v.v.ndim) > TG_MAX_DIMS - 1 or (
            q.v.shape[q.v.ndim - 1] != k.v.shape[k.v.ndim - 1] or k.v.shape[k.v.ndim - 2] != v.v.shape[v.v.ndim - 2]):
        raise ShapeError(f"{OP}: query {shape_of(q)}, key {shape_of(k)} and value {shape_of(v)} do not fit")
    if q.v.dtype != k.v.dtype or q.v.dtype != v.v.dtype:
        raise DTypeError(f"{OP}: query, key and value must have one dtype, got {dtype_of(q.v.dtype)}, {dtype_of(k.v.dtype)} and "
                         f"{dtype_of(v.v.dtype)}")
    if mask is not None and mask.v.dtype != TG_BOOL and mask.v.dtype != q.v.dtype:
        raise DTypeError(f"{OP}: attn_mask {shape_of(mask)} must be bool or of query's dtype {dtype_of(q.v.dtype)}, got "
                         f"{dtype_of(mask.v.dtype)}")
    s.dtype, s.causal, s.scale = real_dtype(q, OP, "query"), causal, scale
    s.rows, s.e = q.v.shape[q.v.ndim - 2], q.v.shape[q.v.ndim - 1]
    s.keys, s.v = k.v.shape[k.v.ndim - 2], v.v.shape[v.v.ndim - 1]
    s.ndim = 0
    for x in (q, k, v):
        s.ndim = max(s.ndim, x.v.ndim - 2)
    for d in range(s.ndim):
        s.shape[d] = 1
        for x in (q, k, v):
            i = d - (s.ndim - (x.v.ndim - 2))
            size = x.v.shape[i] if i >= 0 else 1
            if size != 1:
                s.shape[d] = size
    a, b, c = cast(q, s.dtype), cast(k, s.dtype), cast(v, s.dtype)
    matrices(&s.q, a, s.ndim, s.shape, "query")
    matrices(&s.k, b, s.ndim, s.shape, "key")
    matrices(&s.value, c, s.ndim, s.shape, "value")
    s.mask.p = NULL
    if mask is not None:
        for d in range(2):
            size = mask.v.shape[mask.v.ndim - 2 + d] if mask.v.ndim - 2 + d >= 0 else 1
            if size != 1 and size != (s.keys if d else s.rows):
                raise ShapeError(f"{OP}: attn_mask of shape {shape_of(mask)} does not broadcast to {(s.rows, s.keys)}")
        m = mask if mask.v.dtype == TG_BOOL else cast(mask, s.dtype)
        s.mask_dtype = m.v.dtype
        m = m.expand(tuple([1] * max(0, 2 - m.v.ndim)) + shape_of(m)) if m.v.ndim < 2 else m
        matrices(&s.mask, m, s.ndim, s.shape, "attn_mask")
        if m.v.shape[m.v.ndim - 2] == 1:
            s.mask.rs = 0
        if m.v.shape[m.v.ndim - 1] == 1:
            s.mask.cs = 0
    return a, b, c, m


def attention(TensorBase q not None, TensorBase k not None, TensorBase v not None, TensorBase mask, double scale, bint causal):
    """(y, lse): y (..., L, V), lse (..., L) the log of the sum of a row's exponentials."""
    cdef tg_attention s
    cdef tuple _held = describe(&s, q, k, v, mask, scale, causal)
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int d, status
    cdef TensorBase y = result(&s.y, &s, s.rows, s.v, None), lse
    for d in range(s.ndim):
        shape[d] = s.shape[d]
    shape[s.ndim] = s.rows
    lse = new_tensor(s.dtype, s.ndim + 1, shape)
    s.lse = lse.v.data
    with nogil:
        status = tg_attention_forward(&s)
    check(status, OP)
    return like_input(y, q), lse


def attention_grad(tuple needs, TensorBase g, TensorBase q, TensorBase k, TensorBase v, TensorBase mask, TensorBase y, TensorBase lse,
                   double scale, bint causal):
    """(gq, gk, gv, None), each with the full batch."""
    cdef tg_attention s
    cdef tg_matrices gm, gqm, gkm, gvm
    cdef tuple _held = describe(&s, q, k, v, mask, scale, causal)
    cdef TensorBase gg, yy, gq = None, gk = None, gv = None
    cdef int status
    if not same_shape(g, y):
        raise ShapeError(f"{OP}: gradient of shape {shape_of(g)} for an output of shape {shape_of(y)}")
    gg, yy = cast(g, s.dtype), cast(y, s.dtype)
    matrices(&gm, gg, s.ndim, s.shape, "gradient")
    matrices(&s.y, yy, s.ndim, s.shape, "output")
    s.lse = lse.v.data
    gqm.p = gkm.p = gvm.p = NULL
    if needs[0]:
        gq = result(&gqm, &s, s.rows, s.e, q)
    if needs[1]:
        gk = result(&gkm, &s, s.keys, s.e, k)
    if needs[2]:
        gv = result(&gvm, &s, s.keys, s.v, v)
    with nogil:
        status = tg_attention_backward(&s, &gm, &gqm, &gkm, &gvm)
    check(status, OP)
    return tuple([None if t is None else like_input(<TensorBase>t, q) for t in (gq, gk, gv)]) + (None,)
