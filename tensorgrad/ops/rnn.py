"""Recurrent layers and cells: the definition as a composition of one step after the other, and records that equal it.

A layer's gates are x W_ih^T + b_ih, one product for all steps, and h W_hh^T + b_hh, one a step; the records take the first part
and do the rest. Gates lie side by side in the last dimension: i f g o of an LSTM, r z n of a GRU.
"""

from .._core.engine import run_backward
from .._core.graph import is_grad_enabled, switch_grad
from .._core.kernels import rnn as kernels
from .declare import op
from .linalg import linear
from .rearrange import cat, flip, stack
from .shape import chunk, expand_op, split

# ---- the definition ----

ACTIVATIONS = {"tanh": lambda x: x.tanh(), "relu": lambda x: x.relu()}
GATES = {"tanh": 1, "relu": 1, "lstm": 4, "gru": 3}


def lstm_cell(x, z, c):
    """i, f, o = sigmoid, g = tanh of the gates x + z; c' = f c + i g; h' = o tanh(c'): (h', c')."""
    i, f, g, o = chunk(x + z, 4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(x, z, h):
    """r, u = sigmoid of the gates; n = tanh(x_n + r z_n); h' = (1 - u) n + u h."""
    r_x, u_x, n_x = chunk(x, 3, -1)
    r_z, u_z, n_z = chunk(z, 3, -1)
    u = (u_x + u_z).sigmoid()
    n = (n_x + (r_x + r_z).sigmoid() * n_z).tanh()
    return n + u * (h - n)


def step(kind, x, state, w, b, w_hr):
    """The state (h,) or (h, c) after one step; w_hr projects an LSTM's h."""
    z = linear(state[0], w, b)
    if kind == "lstm":
        h, c = lstm_cell(x, z, state[1])
        return (h if w_hr is None else linear(h, w_hr)), c
    return (gru_cell(x, z, state[0]) if kind == "gru" else ACTIVATIONS[kind](x + z),)


def unroll(kind, x, state, w, b, w_hr=None, sizes=None, backwards=False):
    """(outputs of all steps, last state) of gates x (T, N, gates), or packed (sum of sizes, gates): sizes[t] sequences take part
    in step t. They leave the batch where they end, or, backwards, enter it there."""
    parts = list(x.unbind(0) if sizes is None else split(x, list(sizes)))
    first, outputs, ended = state, [], []
    if backwards:
        parts.reverse()
        state = state if sizes is None else [s[:0] for s in state]
    for part in parts:
        n, old = part.shape[0], state[0].shape[0]
        if n < old:
            ended.append([s[n:] for s in state])
            state = [s[:n] for s in state]
        elif n > old:
            state = [cat([s, f[old:n]]) for s, f in zip(state, first, strict=True)]
        state = step(kind, part, state, w, b, w_hr)
        outputs.append(state[0])
    if backwards and sizes is not None:
        outputs.reverse()
    y = stack(outputs) if sizes is None else cat(outputs)
    state = [cat(pieces) for pieces in zip(state, *reversed(ended), strict=True)] if ended else state
    return (flip(y, (0,)) if backwards and sizes is None else y), list(state)


# ---- records ----

def again(define, i, g, inputs):
    """The gradient of input i, given those of the outputs: of define(*inputs), which is computed once more and recorded."""
    keep = is_grad_enabled()  # whether the gradient itself is differentiated
    before = switch_grad(True)
    try:
        x = inputs[i]  # stands for itself here, whatever the other inputs were made of
        twin = expand_op(x, size=tuple(x.shape)) if keep else x.detach().requires_grad_()
        outputs = define(*inputs[:i], twin, *inputs[i + 1:])
        reached = [(y, d) for y, d in zip(outputs, g, strict=True) if d is not None]
        return run_backward([y for y, _ in reached], [d for _, d in reached], keep, keep, [twin], "rnn")[0]
    finally:
        switch_grad(before)


def unrolled(i, kind, g, x, state, w, b, sizes, backwards):
    """The gradient of input i of (x, *state, w, b)."""
    def define(x, *rest):
        y, last = unroll(kind, x, rest[:-2], *rest[-2:], None, sizes, backwards)
        return y, *last
    return again(define, i, g, (x, *state, w, b))


def lstm_formula(i):
    """Derivative of input i."""
    return lambda g, x, h, c, w, b, sizes, backwards: unrolled(i, "lstm", g, x, (h, c), w, b, sizes, backwards)


def gru_formula(i):
    """Derivative of input i."""
    return lambda g, x, h, w, b, sizes, backwards: unrolled(i, "gru", g, x, (h,), w, b, sizes, backwards)


def rnn_formula(i):
    """Derivative of input i."""
    return lambda g, x, h, w, b, sizes, backwards, kind: unrolled(i, kind, g, x, (h,), w, b, sizes, backwards)


def without_cell(kind, needs, *args):
    """sequence_grad of a kind that has no c."""
    gx, gh, _, gw, gb = kernels.sequence_grad(kind, (*needs[:2], False, *needs[2:]), *args)
    return gx, gh, gw, gb


lstm_op = op("lstm", kernels.lstm, inputs="x h c w b", outputs=3, aux="act cells", **{n: lstm_formula(i) for i, n in enumerate("xhcwb")},
             fused=lambda needs, g, h, c, w, b, y0, act, cells, sizes, backwards: kernels.sequence_grad(
                 "lstm", needs, g, h, c, w, b is not None, y0, act, cells, sizes, backwards))
gru_op = op("gru", kernels.gru, inputs="x h w b", outputs=2, aux="act", **{n: gru_formula(i) for i, n in enumerate("xhwb")},
            fused=lambda needs, g, h, w, b, y0, act, sizes, backwards: without_cell(
                "gru", needs, g, h, None, w, b is not None, y0, act, None, sizes, backwards))
rnn_op = op("rnn", kernels.rnn, inputs="x h w b", outputs=2, **{n: rnn_formula(i) for i, n in enumerate("xhwb")},
            fused=lambda needs, g, h, w, b, y0, sizes, backwards, kind: without_cell(
                kind, needs, g, h, None, w, b is not None, y0, None, None, sizes, backwards))


def sequence(kind, x, state, w, b, w_hr=None, sizes=None, backwards=False):
    """unroll in one pass; a projected state (w_hr) is another recurrence, which is composed, and one step is not worth arranging
    the weight."""
    sizes = None if sizes is None else tuple(sizes)
    if w_hr is not None:
        return unroll(kind, x, state, w, b, w_hr, sizes, backwards)
    if sizes is None and x.ndim == 3 and x.shape[0] == 1:
        state = cell(kind, x.squeeze(0), state, w, b)
        return state[0].unsqueeze(0), list(state)
    keep = is_grad_enabled() and any(t is not None and t.requires_grad for t in (x, *state, w, b))
    if kind == "lstm":
        y, h, c, _, _ = lstm_op(x, *state, w, b, sizes=sizes, backwards=backwards, keep=keep)
        return y, [h, c]
    if kind == "gru":
        y, h, _ = gru_op(x, *state, w, b, sizes=sizes, backwards=backwards, keep=keep)
    else:
        y, h = rnn_op(x, *state, w, b, sizes=sizes, backwards=backwards, kind=kind)
    return y, [h]


# ---- one step ----

def cell_grad(*args):
    """The gradients of x, z and of the state that the record takes."""
    return tuple(t for t in kernels.cell_grad(*args) if t is not None)


def lstm_cell_formula(i):
    """Derivative of input i."""
    return lambda g, x, z, c: again(lstm_cell, i, g, (x, z, c))


def gru_cell_formula(i):
    """Derivative of input i."""
    return lambda g, x, z, h: again(lambda *xs: (gru_cell(*xs),), i, (g,), (x, z, h))


def simple_formula(g, y, kind):
    """The derivative of an activation of x + z."""
    return g * (1 - y * y) if kind == "tanh" else g * (y > 0)


lstm_cell_op = op("lstm_cell", lambda x, z, c: kernels.cell("lstm", x, z, None, c), inputs="x z c", outputs=2, aux="act",
                  **{n: lstm_cell_formula(i) for i, n in enumerate("xzc")},
                  fused=lambda needs, g, c, y1, act: cell_grad("lstm", *g, None, c, None, y1, act))
gru_cell_op = op("gru_cell", lambda x, z, h: kernels.cell("gru", x, z, h, None)[::2], inputs="x z h", aux="act",
                 **{n: gru_cell_formula(i) for i, n in enumerate("xzh")},
                 fused=lambda needs, g, h, act: cell_grad("gru", g, None, h, None, None, None, act))
rnn_cell_op = op("rnn_cell", lambda x, z, kind: kernels.cell(kind, x, z, x, None)[0], inputs="x z", x=simple_formula,
                 z=simple_formula, fused=lambda needs, g, y, kind: cell_grad(kind, g, None, y, None, y, None, None))


def cell(kind, x, state, w, b):
    """The state after one step: step, whose gates are one pass."""
    z = linear(state[0], w, b)
    if kind == "lstm":
        return lstm_cell_op(x, z, state[1])[:2]
    return (gru_cell_op(x, z, state[0])[0] if kind == "gru" else rnn_cell_op(x, z, kind=kind),)
