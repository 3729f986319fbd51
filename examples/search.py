"""Hyper-parameters of an MLP on digits found by random search: learning rate, weight decay and width, on a log scale.

A fifth of the training images is held back to judge the choices; the best choice is then trained on all and tested once.
Source: Bergstra & Bengio, "Random search for hyper-parameter optimization", 2012.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import find_lr, plots, random_search
from tensorgrad.utils.data import DataLoader, TensorDataset

STATED = "at least 0.95, 0.94 of MNIST"


def network(pixels, width):
    """pixels -> width -> 10."""
    return nn.Sequential(nn.Flatten(), nn.Linear(pixels, width), nn.ReLU(), nn.Linear(width, 10))


def trained(choice, images, labels, epochs, seed):
    """A network trained with a choice of hyper-parameters."""
    generator = torch.Generator().manual_seed(seed)
    model = network(images[0].numel(), choice["width"])
    optimizer = torch.optim.SGD(model.parameters(), lr=choice["lr"], momentum=0.9, weight_decay=choice["weight_decay"])
    for _ in range(epochs):
        common.epoch(model, optimizer, images, labels, 50, generator)
    return model


def main():
    parser = common.parser(__doc__, "search", STATED, mnist=True)
    parser.add_argument("--trials", type=common.positive, default=30, help="choices to try (default 30)")
    options = parser.parse_args()
    out = common.start(options)
    (images, labels), test = common.digits(options)
    cut = len(labels) * 4 // 5
    epochs, trials = (1, 4) if options.quick else (6, options.trials)

    model = network(images[0].numel(), 64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(TensorDataset(images, labels), batch_size=50, shuffle=True)
    rates, losses, suggestion = find_lr(model, nn.functional.cross_entropy, optimizer, loader, low=1e-5, high=3.0)
    plots.lr_curve(rates, losses, suggestion, out / "lr.png")
    print(f"a single sweep of the learning rate suggests {suggestion:.3g}")

    def judge(choice):
        model = trained(choice, images[:cut], labels[:cut], epochs, options.seed)
        return common.accuracy(model, images[cut:], labels[cut:])

    results = random_search(judge, {"lr": (1e-4, 1.0), "weight_decay": (1e-8, 1e-2), "width": [16, 32, 64, 128]}, trials, maximize=True)
    common.table(["validation accuracy", "lr", "weight decay", "width"],
                 [[value, f"{c['lr']:.2e}", f"{c['weight_decay']:.1e}", c["width"]] for value, c in results[:10]])
    figure, (axis,) = plots.new_figure()
    points = axis.scatter([c["lr"] for _, c in results], [c["weight_decay"] for _, c in results], c=[v for v, _ in results], s=60)
    axis.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="weight decay")
    figure.colorbar(points, label="validation accuracy")
    plots.save_figure(figure, out / "search.png")
    model = trained(results[0][1], images, labels, 2 * epochs, options.seed)
    common.reached("test accuracy of the best choice", common.accuracy(model, *test), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
