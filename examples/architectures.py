"""From LeNet to ResNet: the idea of each network, small, on coloured shapes of 32 x 32 pixels.

LeNet: convolutions and pooling. AlexNet: ReLU, more channels, dropout. VGG: stacks of 3 x 3. GoogLeNet: inception blocks, several
kernel sizes side by side. ResNet: blocks that add to their input. tensorgrad.vision.models has the full-size networks.
"""

import sys
import time

import common
import shapes

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots, summary

STATED = "a best test accuracy of at least 0.99"


def conv(ci, co, kernel, **options):
    """Convolution that keeps the size, batch norm, ReLU."""
    return nn.Sequential(nn.Conv2d(ci, co, kernel, padding=kernel // 2, bias=False, **options), nn.BatchNorm2d(co), nn.ReLU())


class Inception(nn.Module):
    """1 x 1, 3 x 3, 5 x 5 and pooling side by side; 1 x 1 first where it saves work."""

    def __init__(self, ci, co):
        super().__init__()
        quarter = co // 4
        self.ways = nn.ModuleList([conv(ci, quarter, 1),
                                   nn.Sequential(conv(ci, quarter, 1), conv(quarter, quarter, 3)),
                                   nn.Sequential(conv(ci, quarter // 2, 1), conv(quarter // 2, quarter, 5)),
                                   nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(ci, quarter, 1))])

    def forward(self, x):
        return torch.cat([way(x) for way in self.ways], 1)


class Residual(nn.Module):
    """relu(x + f(x)): the gradient reaches every block through the sum."""

    def __init__(self, ci, co, stride=1):
        super().__init__()
        self.change = nn.Sequential(conv(ci, co, 3, stride=stride), nn.Conv2d(co, co, 3, padding=1, bias=False), nn.BatchNorm2d(co))
        self.shortcut = nn.Identity() if ci == co and stride == 1 else nn.Conv2d(ci, co, 1, stride=stride, bias=False)

    def forward(self, x):
        return torch.relu(self.shortcut(x) + self.change(x))


def networks(classes):
    """Name -> network for images (N, 3, 32, 32)."""
    return {
        "LeNet": nn.Sequential(nn.Conv2d(3, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
                               nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes)),
        "AlexNet": nn.Sequential(nn.Conv2d(3, 32, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1),
                                 nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3),
                                 nn.Linear(64 * 16, 128), nn.ReLU(), nn.Linear(128, classes)),
        "VGG": nn.Sequential(conv(3, 16, 3), conv(16, 16, 3), nn.MaxPool2d(2), conv(16, 32, 3), conv(32, 32, 3), nn.MaxPool2d(2),
                             conv(32, 64, 3), conv(64, 64, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 16, classes)),
        "GoogLeNet": nn.Sequential(conv(3, 16, 3), nn.MaxPool2d(2), Inception(16, 32), Inception(32, 48), nn.MaxPool2d(2),
                                   Inception(48, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes)),
        "ResNet": nn.Sequential(conv(3, 16, 3), Residual(16, 16), Residual(16, 32, 2), Residual(32, 32), Residual(32, 64, 2),
                                nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes)),
    }


def train(model, images, labels, epochs):
    """Adam with a cosine schedule; the mean loss of each epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    curve = []
    for _ in range(epochs):
        curve.append(common.epoch(model, optimizer, images, labels, 64))
        schedule.step()
    return curve


def main():
    parser = common.parser(__doc__, "architectures", STATED)
    parser.add_argument("--epochs", type=common.positive, default=8, help="passes over 3,000 training images (default 8)")
    options = parser.parse_args()
    out = common.start(options)
    count, epochs = (300, 1) if options.quick else (3000, options.epochs)
    train_set, test = shapes.classified(count), shapes.classified(max(count // 5, 100))
    plots.images(train_set[0][:30], out / "shapes.png", titles=[shapes.KINDS[k] for k in train_set[1][:30].tolist()])
    train_set, test = (((images - 0.4) / 0.25, kinds) for images, kinds in (train_set, test))
    rows, (figure, (axis,)) = [], plots.new_figure()
    for name, model in networks(len(shapes.KINDS)).items():
        facts = summary(model, (1, 3, 32, 32))
        start = time.perf_counter()
        curve = train(model, *train_set, epochs)
        seconds = time.perf_counter() - start
        axis.semilogy(range(1, epochs + 1), curve, "o-", label=name)
        rows.append([name, f"{facts.parameters:,}", f"{facts.flops / 1e6:.1f}", f"{seconds:.1f}", curve[-1],
                     common.accuracy(model, *test)])
    axis.set(xlabel="epoch", ylabel="training loss")
    axis.legend()
    plots.save_figure(figure, out / "losses.png")
    common.table(["network", "parameters", "MFLOP an image", "seconds", "loss", "test accuracy"], rows)
    common.reached("best test accuracy", max(row[-1] for row in rows), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
