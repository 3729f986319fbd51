"""Sequences classified by an LSTM or a GRU: handwritten digits read line by line, from top to bottom.

Each line of pixels is one time step; the state after the last line says which digit it was. Part of the sequences end early: they
are padded, and the state of their own last line counts.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots

STATED = "at least 0.95, 0.97 of MNIST"


class Reader(nn.Module):
    """A recurrent net over lines (N, T, pixels), and a linear layer on the state of the last line."""

    def __init__(self, kind, pixels, hidden=64):
        super().__init__()
        self.rnn = getattr(nn, kind)(pixels, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 10)

    def forward(self, x, lengths):
        y, _ = self.rnn(x)
        return self.head(y[torch.arange(len(x)), lengths - 1])


def cut(images):
    """Lines (N, side, side) and lengths: a third of the digits lose their last eighth of lines."""
    x = images[:, 0].clone()
    side = x.shape[1]
    lengths = torch.full((len(x),), side)
    lengths[::3] = side - max(side // 8, 1)
    for i in range(0, len(x), 3):
        x[i, lengths[i].item():] = 0
    return x, lengths


def main():
    parser = common.parser(__doc__, "sequence_classification", STATED, mnist=True)
    parser.add_argument("--epochs", type=common.positive, default=20, help="passes over the training images (default 20)")
    options = parser.parse_args()
    out = common.start(options)
    (images, labels), (test_images, test_labels) = common.digits(options)
    x, lengths = cut(images)
    test_x, test_lengths = cut(test_images)
    rows, (figure, (axis,)) = [], plots.new_figure()
    for kind in ("RNN", "GRU", "LSTM"):
        torch.manual_seed(options.seed)
        model = Reader(kind, x.shape[2])
        optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
        curve = []
        for _ in range(2 if options.quick else options.epochs):
            model.train()
            for batch in torch.randperm(len(labels)).split(64):
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(x[batch], lengths[batch]), labels[batch])
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
            model.eval()
            with torch.no_grad():
                right = (model(test_x, test_lengths).argmax(1) == test_labels).float().mean().item()
            curve.append(right)
        axis.plot(range(1, len(curve) + 1), curve, "o-", label=kind)
        rows.append([kind, sum(p.numel() for p in model.parameters()), loss.item(), curve[-1]])
    axis.set(xlabel="epoch", ylabel="test accuracy")
    axis.legend()
    plots.save_figure(figure, out / "accuracy.png")
    common.table(["net", "parameters", "last loss", "test accuracy"], rows)
    common.reached("best test accuracy", max(row[3] for row in rows), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
