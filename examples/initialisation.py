"""Initialisation and batch normalisation: why deep networks learn, or do not.

First, the activations of five tanh or ReLU layers under weights of standard deviation 1, 0.01, Xavier's 1/sqrt(n) and He's
sqrt(2/n): saturated, all alike, or spread. Then the losses of a ten-layer network with and without batch normalisation.
"""

import sys
from itertools import pairwise

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots

STATED = "at most 0.9, 1.8 of MNIST"

SCALES = {"1": lambda n: 1.0, "0.01": lambda n: 0.01, "Xavier": lambda n: n**-0.5, "He": lambda n: (2 / n) ** 0.5}


def deep(sizes, activation, scale, batch_norm=False):
    """Linear layers of the given sizes with weights of standard deviation scale(n)."""
    layers = []
    for n, m in pairwise(sizes):
        linear = nn.Linear(n, m)
        nn.init.normal_(linear.weight, std=scale(n))
        nn.init.zeros_(linear.bias)
        layers += [linear, *([nn.BatchNorm1d(m)] if batch_norm else []), activation()]
    return nn.Sequential(*layers)


def losses(net, images, labels, steps):
    """The training losses of a classifier on top of the net."""
    model = nn.Sequential(nn.Flatten(), net, nn.Linear(50, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    return common.descend(model, optimizer, images, labels, steps)


def main():
    options = common.parser(__doc__, "initialisation", STATED, mnist=True).parse_args()
    out = common.start(options)
    (images, labels), _ = common.digits(options)
    rows = []
    for activation in (nn.Tanh, nn.ReLU):
        for name, scale in SCALES.items():
            net = deep([100] * 6, activation, scale)
            spread = plots.activations(net, torch.randn(1000, 100), out / f"{activation.__name__}_{name}.png", kinds=(activation,))
            rows.append([activation.__name__, name, *[f"{std:.3g}" for _, _, std in spread]])
    common.table(["activation", "weights", *[f"std {i}" for i in range(1, 6)]], rows)

    steps = 30 if options.quick else 400
    pixels = images[0].numel()
    figure, axes = plots.new_figure(1, len(SCALES), (3.2 * len(SCALES), 3))
    rows = []
    for axis, (name, scale) in zip(axes, SCALES.items(), strict=True):
        row = [name]
        for batch_norm in (False, True):
            curve = losses(deep([pixels, *[50] * 9], nn.ReLU, scale, batch_norm), images, labels, steps)
            axis.plot(curve, label="batch norm" if batch_norm else "plain")
            row.append(sum(curve[-10:]) / 10)
        axis.set(title=f"weights {name}", xlabel="step", ylim=(0, 3))
        axis.legend()
        rows.append(row)
    plots.save_figure(figure, out / "losses.png")
    common.table(["weights", "loss, plain", "loss, batch norm"], rows)
    common.reached("worst loss with batch norm", max(row[2] for row in rows), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
