"""Optimisers compared: their paths over a narrow valley, and their losses on handwritten digits.

The valley is f(x, y) = x^2 / 20 + y^2, twenty times as steep across as along: plain gradient descent zigzags, momentum overshoots,
the adaptive methods scale each direction.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn, optim
from tensorgrad.training import plots

STATED = "at most 0.2, 0.3 of MNIST"

PATHS = {
    "SGD": lambda p: optim.SGD(p, lr=0.95),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=1.5),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.3),
    "Adam": lambda p: optim.Adam(p, lr=0.3),
}
RATES = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.02, momentum=0.9),
    "Nesterov": lambda p: optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.02),
    "Adadelta": lambda p: optim.Adadelta(p, lr=1.0),
    "RMSprop": lambda p: optim.RMSprop(p, lr=1e-3),
    "Adam": lambda p: optim.Adam(p, lr=2e-3),
    "Adamax": lambda p: optim.Adamax(p, lr=4e-3),
    "NAdam": lambda p: optim.NAdam(p, lr=2e-3),
}


def valley(p):
    """x^2 / 20 + y^2 of points (..., 2)."""
    return p[..., 0] ** 2 / 20 + p[..., 1] ** 2


def path(make, steps=30):
    """The points that an optimiser visits from (-7, 2)."""
    p = torch.tensor([-7.0, 2.0], requires_grad=True)
    optimizer, points = make([p]), [p.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        valley(p).backward()
        optimizer.step()
        points.append(p.tolist())
    return torch.tensor(points)


def digits_losses(make, images, labels, steps, seed):
    """The losses of an MLP under an optimiser, from the same weights over the same batches."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(images[0].numel(), 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))
    return common.descend(model, make(model.parameters()), images, labels, steps)


def main():
    options = common.parser(__doc__, "compare_optimizers", STATED, mnist=True).parse_args()
    out = common.start(options)
    (images, labels), _ = common.digits(options)

    figure, axes = plots.new_figure(2, 3, (12, 6))
    xs, ys = torch.linspace(-10, 10, 100), torch.linspace(-5, 5, 100)
    heights = valley(torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1))
    for axis, (name, make) in zip(axes, PATHS.items(), strict=True):
        points = path(make)
        axis.contour(xs.numpy(), ys.numpy(), heights.numpy(), levels=[0.1, 0.5, 1, 2, 4, 8, 16], cmap="Greys")
        axis.plot(points[:, 0].numpy(), points[:, 1].numpy(), "o-", color="tab:red", markersize=3)
        axis.plot(0, 0, "+", color="black")
        axis.set_title(f"{name}: f = {valley(points[-1]).item():.1e}")
    plots.save_figure(figure, out / "paths.png")

    steps = 40 if options.quick else 500
    figure, (axis,) = plots.new_figure(size=(9, 5))
    rows = []
    for name, make in RATES.items():
        losses = digits_losses(make, images, labels, steps, options.seed)
        smooth = [sum(losses[max(0, i - 9):i + 1]) / len(losses[max(0, i - 9):i + 1]) for i in range(len(losses))]
        axis.semilogy(smooth, label=name)
        rows.append([name, smooth[min(50, steps - 1)], smooth[-1]])
    axis.set(xlabel="step", ylabel="loss, mean of 10 steps")
    axis.legend()
    plots.save_figure(figure, out / "losses.png")
    common.table(["optimiser", "loss after 50 steps", f"after {steps}"], rows)
    common.reached("worst final loss", max(row[2] for row in rows), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
