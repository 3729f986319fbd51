"""A recursive net over trees: it computes the value of logical expressions from their syntax trees.

A leaf is the embedding of T or F; an inner node combines its children, h = tanh(W [left, right] + b_op), with one matrix for each
operator; the root is classified as true or false. The net is trained on shallow trees and tested on deeper ones. The graph has
another shape for every tree: reverse mode does not mind. Source: Socher et al., "Parsing natural scenes and natural language with
recursive neural networks", 2011.
"""

import random
import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots

STATED = "at least 0.97"

OPERATORS = {"and": lambda a, b: a and b, "or": lambda a, b: a or b, "xor": lambda a, b: a != b}


def tree(depth, dice):
    """A random expression: True, False, or (operator, left, right)."""
    if depth == 0 or dice.random() < 0.1:
        return dice.random() < 0.5
    return dice.choice(list(OPERATORS)), tree(depth - 1, dice), tree(depth - 1, dice)


def value(expression):
    """What the expression is worth."""
    if isinstance(expression, bool):
        return expression
    operator, left, right = expression
    return OPERATORS[operator](value(left), value(right))


def written(expression):
    """The expression as a line of text."""
    if isinstance(expression, bool):
        return "T" if expression else "F"
    operator, left, right = expression
    return f"({written(left)} {operator} {written(right)})"


class TreeNet(nn.Module):
    """One vector a node, from the leaves to the root."""

    def __init__(self, size=16):
        super().__init__()
        self.leaves = nn.Embedding(2, size)
        self.combine = nn.ModuleDict({name: nn.Sequential(nn.Linear(2 * size, size), nn.Tanh()) for name in OPERATORS})
        self.head = nn.Linear(size, 2)

    def vector(self, expression):
        """The vector of a node."""
        if isinstance(expression, bool):
            return self.leaves(torch.tensor(int(expression)))
        operator, left, right = expression
        return self.combine[operator](torch.cat([self.vector(left), self.vector(right)]))

    def forward(self, expressions):
        return self.head(torch.stack([self.vector(expression) for expression in expressions]))


def share_right(model, expressions):
    """How many of the roots are classified right."""
    with torch.no_grad():
        return (model(expressions).argmax(1) == torch.tensor([int(value(e)) for e in expressions])).float().mean().item()


def main():
    options = common.parser(__doc__, "tree_net", STATED).parse_args()
    out = common.start(options)
    dice = random.Random(options.seed)
    model = TreeNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    curve = []
    for _ in range(20 if options.quick else 300):
        batch = [tree(dice.randint(1, 3), dice) for _ in range(32)]
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch), torch.tensor([int(value(e)) for e in batch]))
        loss.backward()
        optimizer.step()
        curve.append(loss.item())
    figure, (axis,) = plots.new_figure()
    axis.plot(curve)
    axis.set(xlabel="step", ylabel="loss")
    plots.save_figure(figure, out / "loss.png")
    rows = [[depth, share_right(model, [tree(depth, dice) for _ in range(200)])] for depth in range(1, 8)]
    common.table(["depth", "right"], rows)
    sample = tree(4, dice)
    print(written(sample), "=", "T" if model([sample]).argmax().item() else "F")
    common.reached("accuracy at depth 5", rows[4][1], STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
