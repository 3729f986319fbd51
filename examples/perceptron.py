"""Perceptrons: the gates AND, OR and NAND by hand-set and by learned weights, XOR by two layers.

A perceptron fires, y = 1, where w1 x1 + w2 x2 + b > 0: a straight line parts its inputs. XOR's cannot be parted so; NAND and OR
followed by AND do it, and a net with one hidden layer finds such weights by itself.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots

STATED = "all right, 1"

INPUTS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
BY_HAND = {"AND": (0.5, 0.5, -0.7), "OR": (0.5, 0.5, -0.2), "NAND": (-0.5, -0.5, 0.7)}


def gate(name, x):
    """The perceptron with hand-set weights: step(w1 x1 + w2 x2 + b)."""
    w1, w2, b = BY_HAND[name]
    return (x[:, 0] * w1 + x[:, 1] * w2 + b > 0).float()


def xor(x):
    """AND of NAND and OR: two layers of perceptrons."""
    return gate("AND", torch.stack([gate("NAND", x), gate("OR", x)], 1))


def learn_perceptron(target, epochs=20):
    """Rosenblatt's rule, w += (t - y) x for one sample after the other; (weights, whether it got all right)."""
    w = torch.zeros(3)
    samples = torch.cat([INPUTS, torch.ones(4, 1)], 1)
    for _ in range(epochs):
        for x, t in zip(samples, target, strict=True):
            w += (t - (x @ w > 0).float()) * x
    return w, bool(((samples @ w > 0).float() == torch.tensor(target).float()).all())


def learn_net(target, steps):
    """2-8-1 with tanh by Adam."""
    net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    t = torch.tensor(target).float().unsqueeze(1)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(net(INPUTS), t).backward()
        optimizer.step()
    return net


def draw(functions, path):
    """Each function's output over the unit square, with the four inputs."""
    figure, axes = plots.new_figure(1, len(functions), (3 * len(functions), 3.2))
    side = torch.linspace(-0.5, 1.5, 80)
    grid = torch.stack(torch.meshgrid(side, side, indexing="xy"), -1).reshape(-1, 2)
    for axis, (name, function) in zip(axes, functions.items(), strict=True):
        with torch.no_grad():
            axis.contourf(side.numpy(), side.numpy(), function(grid).reshape(80, 80).numpy(), levels=[-0.5, 0.5, 1.5], alpha=0.4)
        target = TARGETS[name.split()[0]]
        axis.scatter(INPUTS[:, 0].numpy(), INPUTS[:, 1].numpy(), c=target, cmap="gray", edgecolors="black", zorder=3)
        axis.set_title(name)
    plots.save_figure(figure, path)


def main():
    options = common.parser(__doc__, "perceptron", STATED).parse_args()
    out = common.start(options)
    rows, right = [], 0
    for name, target in TARGETS.items():
        by_hand = (xor(INPUTS) if name == "XOR" else gate(name, INPUTS)).int().tolist()
        weights, separable = learn_perceptron(target)
        net = learn_net(target, 60 if options.quick else 400)
        learned = (net(INPUTS)[:, 0] > 0).int().tolist()
        rows.append([name, target, by_hand, " ".join(f"{w:g}" for w in weights.tolist()) if separable else "cannot", learned])
        right += sum(a == b for a, b in zip(learned, target, strict=True))
    common.table(["gate", "target", "by hand", "perceptron rule", "two-layer net"], rows)
    draw({**{name: lambda x, name=name: gate(name, x) for name in BY_HAND}, "XOR by hand": xor,
          "XOR learned": lambda x: (net(x)[:, 0] > 0).float()}, out / "gates.png")
    common.reached("accuracy of the nets", right / 16, STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
