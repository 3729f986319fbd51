"""Recurrent layers over whole sequences, and one step of a cell, with their gradients."""

from ..csrc cimport (TG_GRU, TG_I64, TG_LSTM, TG_MAX_DIMS, TG_RNN_RELU, TG_RNN_TANH, int64_t, tg_itemsize, tg_rnn, tg_rnn_backward,
                     tg_rnn_cell, tg_rnn_cell_grad, tg_rnn_forward)
from ..dtype cimport dtype_of
from ..tensor cimport (TensorBase, as_operand, check, new_like, new_tensor, new_view, numel, same_shape, shape_of)
from .rows cimport address, like_input, product, real_dtype

from ..errors import ArgumentError, DTypeError, ShapeError

KINDS = {"tanh": (TG_RNN_TANH, 1), "relu": (TG_RNN_RELU, 1), "lstm": (TG_LSTM, 4), "gru": (TG_GRU, 3)}


cdef int same_dtypes(str op, tuple names, tuple tensors) except -1:
    cdef TensorBase first = tensors[0], t
    for name, x in zip(names, tensors):
        if x is not None:
            t = x
            if t.v.dtype != first.v.dtype:
                raise DTypeError(f"{op}: {names[0]} {shape_of(first)} has dtype {dtype_of(first.v.dtype)} and {name} {shape_of(t)} "
                                 f"{dtype_of(t.v.dtype)}; they must be the same")
    return 0


cdef int expect(str op, str name, TensorBase x, tuple shape) except -1:
    if x is not None and shape_of(x) != shape:
        raise ShapeError(f"{op}: {name} must have the shape {shape}, got {shape_of(x)}")
    return 0


cdef TensorBase optional(TensorBase x, int dtype):
    return None if x is None else as_operand(x, dtype)


cdef TensorBase steps_of(tg_rnn *s, TensorBase x, object sizes, bint backwards, str op):
    """Fills in which rows each step sees, in the order of the steps; returns what holds them."""
    cdef int64_t n, left, i, at
    cdef TensorBase table
    cdef int64_t *start
    cdef int64_t *rows
    if sizes is None:
        if x.v.ndim != 3 or x.v.shape[0] == 0:
            raise ShapeError(f"{op}: the gates must be (steps, batch, width) with at least one step, got {shape_of(x)}")
        s.steps, s.batch, s.total = x.v.shape[0], x.v.shape[1], x.v.shape[0] * x.v.shape[1]
    else:
        if x.v.ndim != 2 or not sizes:
            raise ShapeError(f"{op}: packed gates must be (rows, width) with at least one step, got {shape_of(x)}")
        s.steps, s.batch, s.total = <int64_t>len(sizes), sizes[0], x.v.shape[0]
    n = 2 * s.steps
    table = new_tensor(TG_I64, 1, &n)
    start = <int64_t *>table.v.data
    rows = start + s.steps
    left = s.total
    for i in range(s.steps):
        at = s.steps - 1 - i if backwards else i
        start[at] = s.total - left
        rows[at] = s.batch if sizes is None else sizes[i]
        if rows[at] < 0 or (sizes is not None and i and sizes[i] > sizes[i - 1]):
            raise ArgumentError(f"{op}: the batch sizes of a packed sequence must not grow, got {sizes}")
        left -= rows[at]
        if left < 0:  # a sum of the sizes might overflow
            break
    if left:
        raise ShapeError(f"{op}: the batch sizes {sizes} add up to {sum(sizes)}, the gates have the shape {shape_of(x)}")
    s.start, s.rows = start, rows
    return table


cdef int describe(tg_rnn *s, int64_t *gates, str kind, TensorBase x, TensorBase h, TensorBase c, TensorBase w, TensorBase b) except -1:
    """Checks shapes and dtypes of a step or a sequence; fills in kind, dtype and width."""
    cdef int64_t width = h.v.shape[h.v.ndim - 1]
    s.kind, gates[0] = KINDS[kind]
    s.dtype = real_dtype(x, kind, "the input's part of the gates")
    gates[0] *= width
    same_dtypes(kind, ("gates", "h", "c", "weight", "bias"), (x, h, c, w, b))
    if x.v.shape[x.v.ndim - 1] != gates[0]:
        raise ShapeError(f"{kind}: gates {shape_of(x)} must have {gates[0]} columns for a state {shape_of(h)}")
    expect(kind, "the weight", w, (gates[0], width))
    expect(kind, "the bias", b, (gates[0],))
    s.width, s.inputs = width, gates[0]
    return 0


cdef tuple sequence(str kind, TensorBase x, TensorBase h, TensorBase c, TensorBase w, TensorBase b, object sizes, bint backwards,
                    bint keep):
    """(y, h, c, act, cells), None where the kind has none; act and cells are empty unless the gradient will want them (keep)."""
    cdef tg_rnn s
    cdef int64_t gates
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i, status
    cdef TensorBase _table, xx, hh, cc, ww, bb, y, hn, cn = None, act = None, cells = None
    if h.v.ndim != 2 or x.v.ndim < 2:
        raise ShapeError(f"{kind}: a state must be (batch, width), got {shape_of(h)}; gates {shape_of(x)}")
    describe(&s, &gates, kind, x, h, c, w, b)
    _table = steps_of(&s, x, sizes, backwards, kind)
    expect(kind, "a state", h, (s.batch, s.width))
    expect(kind, "the cells' state", c, (s.batch, s.width))
    xx, hh, cc = as_operand(x, s.dtype), as_operand(h, s.dtype), optional(c, s.dtype)
    ww, bb = as_operand(w, s.dtype), optional(b, s.dtype)
    for i in range(x.v.ndim):
        shape[i] = x.v.shape[i]
    shape[x.v.ndim - 1] = s.width
    y, hn = new_tensor(s.dtype, x.v.ndim, shape), new_like(hh)
    if s.kind == TG_LSTM:
        shape[x.v.ndim - 1] = s.width if keep else 0
        cells, cn = new_tensor(s.dtype, x.v.ndim, shape), new_like(hh)
    if s.kind == TG_LSTM or s.kind == TG_GRU:
        shape[x.v.ndim - 1] = 4 * s.width if keep else 0
        act = new_tensor(s.dtype, x.v.ndim, shape)
    s.x, s.h0, s.c0, s.w, s.b = xx.v.data, hh.v.data, address(cc), ww.v.data, address(bb)
    s.y, s.h, s.c, s.act, s.cells = y.v.data, hn.v.data, address(cn), address(act) if keep else NULL, address(cells) if keep else NULL
    with nogil:
        status = tg_rnn_forward(&s)
    check(status, kind)
    return like_input(y, x), like_input(hn, x), None if cn is None else like_input(cn, x), act, cells


def lstm(TensorBase x not None, TensorBase h, TensorBase c, TensorBase w not None, TensorBase b, sizes, bint backwards, bint keep):
    """(y, h, c, act, cells) of all steps."""
    return sequence("lstm", x, h, c, w, b, sizes, backwards, keep)


def gru(TensorBase x not None, TensorBase h, TensorBase w not None, TensorBase b, sizes, bint backwards, bint keep):
    """(y, h, act) of all steps."""
    y, hn, _, act, _ = sequence("gru", x, h, None, w, b, sizes, backwards, keep)
    return y, hn, act


def rnn(TensorBase x not None, TensorBase h, TensorBase w not None, TensorBase b, sizes, bint backwards, str kind):
    """(y, h) of all steps; kind: 'tanh' or 'relu'."""
    return sequence(kind, x, h, None, w, b, sizes, backwards, True)[:2]


def sequence_grad(str kind, needs, tuple g, TensorBase h, TensorBase c, TensorBase w, bint bias, TensorBase y,
                  TensorBase act, TensorBase cells, sizes, bint backwards):
    """(gx, gh, gc, gw, gb) for needs, bools in the same order. y: the outputs; bias: whether there is one."""
    cdef tg_rnn s
    cdef int64_t gates = 0, ld, rows
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int i, status
    cdef TensorBase _table, gy, ghn, gcn, hh, cc, ww, yy, whole, gx, gh, gc = None, gw = None, gb = None
    s.kind, gates = KINDS[kind]
    s.dtype, s.width = real_dtype(y, kind, "the output"), h.v.shape[1]
    gates *= s.width
    _table = steps_of(&s, y, sizes, backwards, kind)
    gy, ghn, gcn = optional(g[0], s.dtype), optional(g[1], s.dtype), optional(g[2] if len(g) > 2 else None, s.dtype)
    hh, cc, ww, yy = as_operand(h, s.dtype), optional(c, s.dtype), as_operand(w, s.dtype), as_operand(y, s.dtype)
    # The rows of gx are kept from being a large power of two apart: a product reads several of them side by side.
    rows = s.total
    ld = gates if gates * tg_itemsize(s.dtype) % 512 else gates + 64 // tg_itemsize(s.dtype)
    shape[0], shape[1] = rows, ld
    whole = new_tensor(s.dtype, 2, shape)
    for i in range(y.v.ndim - 1, -1, -1):
        shape[i] = y.v.shape[i]
        strides[i] = 1 if i == y.v.ndim - 1 else ld if i == y.v.ndim - 2 else ld * s.batch
    shape[y.v.ndim - 1] = gates
    gx, gh = new_view(whole, y.v.ndim, shape, strides, 0), new_like(hh)
    whole = None
    if c is not None:
        gc = new_like(cc)
    if needs[3]:
        gw = new_like(ww)
    if bias and needs[4]:
        gb = new_tensor(s.dtype, 1, &gates)
    s.h0, s.c0, s.w, s.y, s.act, s.cells = hh.v.data, address(cc), ww.v.data, yy.v.data, address(act), address(cells)
    with nogil:
        status = tg_rnn_backward(&s, address(gy), address(ghn), address(gcn), gx.v.data, ld, gh.v.data, address(gc), address(gw),
                                 address(gb))
    check(status, kind)
    return tuple([None if t is None else like_input(t, h) for t in (gx, gh, gc, gw, gb)])


# ---- one step ----

def cell(str kind, TensorBase x, TensorBase z, TensorBase h, TensorBase c):
    """(h, c, act) after a step: x and z (..., gates) are the input's and the state's part; None where the kind has none. h:
    the state before; an LSTM takes c alone, h may be None."""
    cdef tg_rnn s
    cdef int64_t gates
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i, status
    cdef TensorBase state = h if c is None else c, xx, zz, hh, cc, hn, cn = None, act = None
    if state.v.ndim == 0 or x.v.ndim != state.v.ndim:
        raise ShapeError(f"{kind}: gates {shape_of(x)} and a state {shape_of(state)} must have as many dimensions, at least one")
    describe(&s, &gates, kind, x, state, None, None, None)
    same_dtypes(kind, ("gates", "hidden gates", "h", "c"), (x, z, h, c))
    if not same_shape(x, z) or product(x, 0, x.v.ndim - 1) != product(state, 0, state.v.ndim - 1):
        raise ShapeError(f"{kind}: gates {shape_of(x)} and {shape_of(z)} for a state {shape_of(state)}")
    xx, zz, hh, cc = as_operand(x, s.dtype), as_operand(z, s.dtype), optional(h, s.dtype), optional(c, s.dtype)
    hn = new_like(hh if cc is None else cc)
    if s.kind == TG_LSTM:
        cn = new_like(cc)
    if s.kind == TG_LSTM or s.kind == TG_GRU:
        for i in range(state.v.ndim):
            shape[i] = state.v.shape[i]
        shape[state.v.ndim - 1] *= 4
        act = new_tensor(s.dtype, state.v.ndim, shape)
    s.batch = numel(state) // s.width if s.width else 0
    s.x, s.h0, s.c0, s.h, s.c, s.act = xx.v.data, address(hh), address(cc), hn.v.data, address(cn), address(act)
    with nogil:
        status = tg_rnn_cell(&s, zz.v.data)
    check(status, kind)
    return like_input(hn, x), None if cn is None else like_input(cn, x), act


def cell_grad(str kind, TensorBase gh, TensorBase gc, TensorBase h0, TensorBase c0, TensorBase h, TensorBase c, TensorBase act):
    """(gx, gz, gh0 (GRU), gc0 (LSTM)) from the gradients of h and c; None where the kind has none, or for h where c has one."""
    cdef tg_rnn s
    cdef int64_t gates
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i, status
    cdef TensorBase state = h0 if c0 is None else c0, a, b, hh0, cc0, hh, cc, gx, gz, gh0 = None, gc0 = None
    s.kind, gates = KINDS[kind]
    s.dtype, s.width = real_dtype(state, kind, "a state"), state.v.shape[state.v.ndim - 1]
    a, b = optional(gh, s.dtype), optional(gc, s.dtype)
    hh0, cc0, hh, cc = optional(h0, s.dtype), optional(c0, s.dtype), optional(h, s.dtype), optional(c, s.dtype)
    for i in range(state.v.ndim):
        shape[i] = state.v.shape[i]
    shape[state.v.ndim - 1] = gates * s.width
    gx = gz = new_tensor(s.dtype, state.v.ndim, shape)
    if s.kind == TG_GRU:
        gz, gh0 = new_like(gx), new_like(hh0)
    if s.kind == TG_LSTM:
        gc0 = new_like(cc0)
    s.batch = numel(state) // s.width if s.width else 0
    s.h0, s.c0, s.h, s.c, s.act = address(hh0), address(cc0), address(hh), address(cc), address(act)
    with nogil:
        status = tg_rnn_cell_grad(&s, address(a), address(b), gx.v.data, gz.v.data, address(gh0), address(gc0))
    check(status, kind)
    return tuple([None if t is None else like_input(t, state) for t in (gx, gz, gh0, gc0)])
