"""The textbook's SimpleConvNet: conv 5x5x30, ReLU, pool, affine 100, ReLU, affine, on handwritten digits.

It shows the kernels before and after training and what the first layer makes of one digit.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import Accuracy, Trainer, plots
from tensorgrad.utils.data import DataLoader, TensorDataset

STATED = "at least 0.97"


class SimpleConvNet(nn.Module):
    """conv - relu - pool - affine - relu - affine for images of side x side pixels."""

    def __init__(self, side, channels=30, hidden=100):
        super().__init__()
        self.conv = nn.Conv2d(1, channels, 5, padding=2)
        self.affine1 = nn.Linear(channels * (side // 2) ** 2, hidden)
        self.affine2 = nn.Linear(hidden, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv(x)), 2)
        return self.affine2(torch.relu(self.affine1(x.flatten(1))))


def main():
    parser = common.parser(__doc__, "simple_convnet", STATED, mnist=True)
    parser.add_argument("--epochs", type=common.positive, default=15, help="passes over the training images (default 15)")
    options = parser.parse_args()
    out = common.start(options)
    train, test = common.digits(options)
    model = SimpleConvNet(train[0].shape[-1])
    plots.filters(model.conv.weight, out / "filters_before.png", title="kernels before training")
    trainer = Trainer(model, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=2e-3), metrics=[Accuracy()])
    trainer.fit(DataLoader(TensorDataset(*train), batch_size=50, shuffle=True), 2 if options.quick else options.epochs,
                validation=DataLoader(TensorDataset(*test), batch_size=500))
    plots.filters(model.conv.weight, out / "filters_after.png", title="kernels after training")
    plots.curves(trainer.history, out / "curves.png")
    with torch.no_grad():
        maps = torch.relu(model.conv(test[0][:1]))[0]
    plots.images(maps / maps.max(), out / "feature_maps.png", title="what the first layer makes of one digit")
    common.reached("test accuracy", trainer.history[-1]["val_accuracy"], STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
