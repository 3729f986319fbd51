"""A multi-layer perceptron reads handwritten digits: two hidden layers, ReLU, dropout, Adam."""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import Accuracy, ConfusionMatrix, Trainer, plots, summary
from tensorgrad.utils.data import DataLoader, TensorDataset

STATED = "at least 0.97, 0.965 of MNIST"


def main():
    parser = common.parser(__doc__, "mlp_digits", STATED, mnist=True)
    parser.add_argument("--epochs", type=common.positive, default=30, help="passes over the training images (default 30)")
    options = parser.parse_args()
    out = common.start(options)
    train, test = common.digits(options)
    pixels = train[0][0].numel()
    model = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 128), nn.ReLU(),
                          nn.Linear(128, 10))
    print(summary(model, train[0][:1]))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    epochs = 3 if options.quick else options.epochs
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, scheduler=schedule, metrics=[Accuracy()])
    held_out = DataLoader(TensorDataset(*test), batch_size=500)
    trainer.fit(DataLoader(TensorDataset(*train), batch_size=64, shuffle=True), epochs, validation=held_out)

    predicted = trainer.predict(held_out).argmax(1)
    matrix = ConfusionMatrix(10)
    matrix.update(predicted, test[1])
    plots.curves(trainer.history, out / "curves.png", title="multi-layer perceptron on digits")
    plots.confusion_matrix(matrix.compute(), out / "confusion.png", title="digits of the hold-out")
    common.reached("test accuracy", trainer.history[-1]["val_accuracy"], STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
