"""The optimisers' rules written with tensor operations: what csrc/kernels/update.h computes, one function a rule, for steps
that are recorded in the graph (differentiable=True). The tests hold the kernels against them.

rule(p, g, state, c, flags) -> (new p, new state): g is the gradient with its sign and weight decay, state the list of
tensors and c the coefficients that the kernel gets.
"""

from .._core.kernels import update as kernels
from ..ops.elementwise import maximum
from ..ops.pointwise import clamp, where


def sgd(p, g, state, c, flags):
    lr, _, momentum, fresh = c
    if not flags & kernels.MOMENTUM:
        return p - lr * g, state
    buf = g if state[0] is None else state[0] * momentum + fresh * g
    return p - lr * (g + momentum * buf if flags & kernels.NESTEROV else buf), [buf]


def moments(g, state, w1, b2, w2):
    """Adam's m and v."""
    return state[0] + w1 * (g - state[0]), state[1] * b2 + w2 * g * g


def adam(p, g, state, c, flags):
    step, _, w1, b2, w2, root, eps, shrink = c
    m, v = moments(g, state, w1, b2, w2)
    top = [maximum(state[2], v)] if flags & kernels.AMSGRAD else []
    return p * shrink - step * (m / ((top or [v])[0].sqrt() / root + eps)), [m, v, *top]


def rmsprop(p, g, state, c, flags):
    lr, _, alpha, w, eps, momentum = c
    v, buf, mean = state[0] * alpha + w * g * g, state[1], state[2]
    spread = v
    if flags & kernels.CENTERED:
        mean = mean + w * (g - mean)
        spread = v - mean * mean
    move = g / (spread.sqrt() + eps)
    if flags & kernels.MOMENTUM:
        move = buf = buf * momentum + move
    return p - lr * move, [v, buf, mean]


def adagrad(p, g, state, c, flags):
    rate, _, eps = c
    total = state[0] + g * g
    return p - rate * (g / (total.sqrt() + eps)), [total]


def adadelta(p, g, state, c, flags):
    lr, _, rho, w, eps = c
    v = state[0] * rho + w * g * g
    move = (state[1] + eps).sqrt() / (v + eps).sqrt() * g
    return p - lr * move, [v, state[1] * rho + w * move * move]


def adamax(p, g, state, c, flags):
    rate, _, w1, b2, eps = c
    m, u = state[0] + w1 * (g - state[0]), maximum(g.abs() + eps, state[1] * b2)
    return p - rate * (m / u), [m, u]


def nadam(p, g, state, c, flags):
    rate_g, _, w1, b2, w2, fix, eps, shrink, rate_m = c
    m, v = moments(g, state, w1, b2, w2)
    below = (v / fix).sqrt() + eps
    return p * shrink - rate_g * (g / below) - rate_m * (m / below), [m, v]


def radam(p, g, state, c, flags):
    lr, _, w1, b2, w2, fix, eps, shrink, root, rectification, rectified = c
    m, v = moments(g, state, w1, b2, w2)
    move = m / fix * lr
    if rectified:
        move = move * (root / (v.sqrt() + eps)) * rectification
    return p * shrink - move, [m, v]


def asgd(p, g, state, c, flags):
    eta, _, shrink, mu = c
    p = p * shrink - eta * g
    return p, [p if mu == 1 else state[0] + (p - state[0]) * mu]


def rprop(p, g, state, c, flags):
    minus, plus, least, most = c
    turn = g * state[0]
    factor = 1 + (turn > 0).to(p.dtype) * (plus - 1) + (turn < 0).to(p.dtype) * (minus - 1)
    size = clamp(state[1] * factor, least, most)
    g = where(turn < 0, 0.0, g)
    return p - g.sign() * size, [g, size]


FORMULAS = {kernels.SGD: sgd, kernels.ADAM: adam, kernels.RMSPROP: rmsprop, kernels.ADAGRAD: adagrad, kernels.ADADELTA: adadelta,
            kernels.ADAMAX: adamax, kernels.NADAM: nadam, kernels.RADAM: radam, kernels.ASGD: asgd, kernels.RPROP: rprop}
