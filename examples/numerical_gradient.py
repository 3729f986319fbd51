"""Numerical gradient against backpropagation, in the two-layer net of the textbooks.

The central difference (f(w + h) - f(w - h)) / 2h needs two forward passes for every weight; backpropagation gives all gradients
in about the time of two. They must agree: that is how a gradient is tested.
"""

import sys
import time

import common

import tensorgrad as torch
from tensorgrad.nn import functional as F
from tensorgrad.training import plots

STATED = "at most 1e-7"


class TwoLayerNet:
    """affine - sigmoid - affine - softmax cross entropy, its weights in a dict."""

    def __init__(self, inputs, hidden, outputs, std=0.1):
        def leaf(*shape):
            return (std * torch.randn(*shape, dtype=torch.float64)).requires_grad_()
        self.weights = {"W1": leaf(inputs, hidden), "b1": leaf(hidden), "W2": leaf(hidden, outputs), "b2": leaf(outputs)}

    def loss(self, x, t):
        """The mean cross entropy of the labels t."""
        w = self.weights
        return F.cross_entropy(torch.sigmoid(x @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"], t)

    def gradient(self, x, t):
        """By backpropagation."""
        for w in self.weights.values():
            w.grad = None
        self.loss(x, t).backward()
        return {name: w.grad for name, w in self.weights.items()}

    @torch.no_grad()
    def numerical_gradient(self, x, t, h=1e-5, only=None):
        """By central differences, weight after weight; of one name only where that is given."""
        result = {}
        for name, w in self.weights.items():
            if only not in (None, name):
                continue
            flat, g = w.data.reshape(-1), torch.zeros(w.numel(), dtype=w.dtype)
            for i in range(len(flat)):
                kept = flat[i].item()
                flat[i] = kept + h
                above = self.loss(x, t).item()
                flat[i] = kept - h
                below = self.loss(x, t).item()
                flat[i] = kept
                g[i] = (above - below) / (2 * h)
            result[name] = g.reshape(w.shape)
        return result


def main():
    options = common.parser(__doc__, "numerical_gradient", STATED, mnist=True).parse_args()
    out = common.start(options)
    (images, labels), _ = common.digits(options)
    x, t = images[:16].flatten(1).double(), labels[:16]
    net = TwoLayerNet(x.shape[1], 4 if options.quick else 16, 10)

    start = time.perf_counter()
    exact = net.gradient(x, t)
    middle = time.perf_counter()
    numerical = net.numerical_gradient(x, t)
    end = time.perf_counter()

    rows, worst = [], 0.0
    for name, g in exact.items():
        difference = (g - numerical[name]).abs().max().item() / g.abs().max().item()
        worst = max(worst, difference)
        rows.append([name, tuple(g.shape), f"{g.norm().item():.6f}", f"{numerical[name].norm().item():.6f}", f"{difference:.1e}"])
    common.table(["weight", "shape", "norm by backprop", "norm by differences", "largest difference / largest gradient"], rows)
    print(f"backpropagation {1e3 * (middle - start):.2f} ms, differences {1e3 * (end - middle):.0f} ms, "
          f"{(end - middle) / (middle - start):.0f} times as long")
    steps = [10.0**-k for k in range(1, 13)]
    errors = [(net.numerical_gradient(x, t, h, only="b2")["b2"] - exact["b2"]).abs().max().item() for h in steps]
    figure, (axis,) = plots.new_figure()
    axis.loglog(steps, errors, "o-")
    axis.set(xlabel="step h", ylabel="error of the central difference", title="rounding on the left, curvature on the right")
    plots.save_figure(figure, out / "step.png")
    common.reached("largest relative difference", worst, STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
