"""Over-fitting, and four cures: weight decay, dropout, both, early stopping.

A large network learns 150 digits by heart; what it knows of other digits is another matter.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import Accuracy, EarlyStopping, Trainer, plots
from tensorgrad.utils.data import DataLoader, TensorDataset

STATED = "at least 0.9, 0.72 of MNIST"

METHODS = {  # weight decay, dropout, early stopping
    "nothing": (0.0, 0.0, False),
    "weight decay": (2.0, 0.0, False),
    "dropout": (0.0, 0.4, False),
    "both": (0.3, 0.4, False),
    "early stopping": (0.0, 0.0, True),
}


def network(pixels, dropout, depth=5, width=200):
    """A deep MLP that is far too large for the data."""
    layers, n = [nn.Flatten()], pixels
    for _ in range(depth):
        layers += [nn.Linear(n, width), nn.ReLU(), nn.Dropout(dropout)]
        n = width
    return nn.Sequential(*layers, nn.Linear(n, 10))


def main():
    parser = common.parser(__doc__, "regularisation", STATED, mnist=True)
    parser.add_argument("--samples", type=common.positive, default=150, help="training images (default 150)")
    options = parser.parse_args()
    out = common.start(options)
    train, test = common.digits(options)
    loader = DataLoader(TensorDataset(*(t[:options.samples] for t in train)), batch_size=50, shuffle=True)
    held_out = DataLoader(TensorDataset(*test), batch_size=500)
    rows, figure, axes = [], *plots.new_figure(1, len(METHODS), (3.2 * len(METHODS), 3))
    for axis, (name, (decay, dropout, early)) in zip(axes, METHODS.items(), strict=True):
        torch.manual_seed(options.seed)
        model = network(train[0][0].numel(), dropout)
        callbacks = [EarlyStopping("val_accuracy", patience=10)] if early else []
        trainer = Trainer(model, nn.CrossEntropyLoss(), torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=decay),
                          metrics=[Accuracy()], callbacks=callbacks, progress=False)
        history = trainer.fit(loader, 5 if options.quick else 80, validation=held_out)
        for column in ("accuracy", "val_accuracy"):
            axis.plot([row[column] for row in history], label="training" if column == "accuracy" else "test")
        axis.set(title=name, xlabel="epoch", ylim=(0, 1.02))
        axis.legend()
        rows.append([name, len(history), trainer.evaluate(loader)["accuracy"], trainer.evaluate(held_out)["accuracy"]])
    plots.save_figure(figure, out / "curves.png")
    common.table(["method", "epochs", "training accuracy", "test accuracy"], rows)
    common.reached("best test accuracy", max(row[3] for row in rows), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
