"""Transfer learning: a network trained on many pictures of some shapes learns others from a few.

It is pretrained on four kinds of shapes, then meets two new kinds, of which there are twenty pictures each. Compared: from scratch;
frozen features with a new head; fine-tuning with a lower rate for the features than for the head; and a head of six classes that
keeps the four old rows.
"""

import copy
import sys

import common
import shapes

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots

STATED = "at least 0.98"

OLD, NEW = 4, 2  # kinds of shapes


def features():
    """Six convolutions, then the mean over all places: 64 numbers an image."""
    def conv(ci, co, stride=1):
        return nn.Sequential(nn.Conv2d(ci, co, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(co), nn.ReLU())
    return nn.Sequential(conv(3, 16), conv(16, 16), conv(16, 32, 2), conv(32, 32), conv(32, 64, 2), conv(64, 64),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten())


def train(model, images, labels, epochs, groups, frozen=None):
    """Adam over parameter groups; a frozen part stays in evaluation mode, so that its batch norms keep their statistics."""
    optimizer = torch.optim.Adam(groups)
    for _ in range(epochs):
        model.train()
        if frozen is not None:
            frozen.eval()
        common.epoch(model, optimizer, images, labels, 32)


def main():
    parser = common.parser(__doc__, "transfer", STATED)
    parser.add_argument("--epochs", type=common.positive, default=8, help="passes of the pretraining (default 8)")
    options = parser.parse_args()
    out = common.start(options)
    count, epochs, later = (300, 1, 2) if options.quick else (3000, options.epochs, 30)
    images, kinds = shapes.classified(count)
    old = kinds < OLD
    body = features()
    net = nn.Sequential(body, nn.Linear(64, OLD))
    train(net, images[old], kinds[old], epochs, [{"params": net.parameters(), "lr": 2e-3}])

    few, few_kinds = shapes.classified(count)
    chosen = torch.cat([torch.nonzero(few_kinds == OLD + k)[:20, 0] for k in range(NEW)])
    few, few_kinds = few[chosen], few_kinds[chosen] - OLD
    test, test_kinds = shapes.classified(900)
    novel, test_old = test_kinds >= OLD, test_kinds < OLD
    rows = [["pretrained, on its own four kinds", common.accuracy(net, test[test_old], test_kinds[test_old])]]

    scratch = nn.Sequential(features(), nn.Linear(64, NEW))
    train(scratch, few, few_kinds, later, [{"params": scratch.parameters(), "lr": 2e-3}])
    rows.append(["from scratch", common.accuracy(scratch, test[novel], test_kinds[novel] - OLD)])

    frozen = nn.Sequential(copy.deepcopy(body), nn.Linear(64, NEW))
    frozen[0].requires_grad_(False)
    train(frozen, few, few_kinds, later, [{"params": frozen[1].parameters(), "lr": 1e-2}], frozen=frozen[0])
    rows.append(["frozen features, new head", common.accuracy(frozen, test[novel], test_kinds[novel] - OLD)])

    tuned = nn.Sequential(copy.deepcopy(body), nn.Linear(64, NEW))
    train(tuned, few, few_kinds, later, [{"params": tuned[0].parameters(), "lr": 2e-4}, {"params": tuned[1].parameters(), "lr": 1e-2}])
    rows.append(["fine-tuned, lower rate for features", common.accuracy(tuned, test[novel], test_kinds[novel] - OLD)])

    wider = nn.Sequential(copy.deepcopy(body), nn.Linear(64, OLD + NEW))
    with torch.no_grad():
        wider[1].weight[:OLD], wider[1].bias[:OLD] = net[1].weight, net[1].bias
    seen = torch.nonzero(old)[:20 * OLD, 0]
    wider[0].requires_grad_(False)
    train(wider, torch.cat([few, images[seen]]), torch.cat([few_kinds + OLD, kinds[seen]]), later,
          [{"params": wider[1].parameters(), "lr": 1e-2}], frozen=wider[0])
    rows.append(["all six kinds, old rows of the head kept", common.accuracy(wider, test, test_kinds)])

    common.table(["training", "test accuracy"], rows)
    figure, (axis,) = plots.new_figure()
    axis.barh([row[0] for row in rows], [row[1] for row in rows])
    axis.invert_yaxis()
    axis.set(xlabel="test accuracy", xlim=(0, 1))
    plots.save_figure(figure, out / "accuracy.png")
    common.reached("accuracy of transfer", max(rows[2][1], rows[3][1]), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
