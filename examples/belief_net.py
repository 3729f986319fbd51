"""A deep belief net: restricted Boltzmann machines trained on digits without labels, layer by layer, then fine-tuned with few.

Each machine learns by contrastive divergence to reproduce what the one below it sees. Compared on 100 labelled digits: a network
that starts from the belief net's weights, and one that starts from random ones. Source: Hinton, Osindero & Teh, 2006.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots

STATED = "at least 0.86 from 100 labels, 0.72 of MNIST"


def fine_tune(net, images, labels, epochs):
    """Adam on the labelled digits."""
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(epochs):
        common.epoch(net, optimizer, images, labels, 20)


def main():
    parser = common.parser(__doc__, "belief_net", STATED, mnist=True)
    parser.add_argument("--epochs", type=common.positive, default=40, help="passes of the pretraining (default 40)")
    parser.add_argument("--labels", type=common.positive, default=100, help="labelled digits (default 100)")
    options = parser.parse_args()
    out = common.start(options)
    (images, labels), (test, test_labels) = common.digits(options)
    side = images.shape[-1]
    images, test = images.flatten(1), test.flatten(1)
    net = nn.DBN([side * side, 128, 64])
    errors = net.pretrain([batch.bernoulli() for batch in images.split(50)], epochs=2 if options.quick else options.epochs,
                          optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.5))
    figure, (axis,) = plots.new_figure()
    for depth, curve in enumerate(errors, 1):
        axis.plot(range(1, len(curve) + 1), curve, label=f"machine {depth}")
    axis.set(xlabel="epoch", ylabel="reconstruction error")
    axis.legend()
    plots.save_figure(figure, out / "errors.png")
    first = net.rbms[0]
    weights = first.weight.detach()[:40].reshape(-1, side, side)
    plots.images((weights - weights.min()) / (weights.max() - weights.min()), out / "features.png", title="what hidden units look for")
    with torch.no_grad():
        dreamt = first.visible_probabilities(first.hidden_probabilities(first.gibbs(test[:20].bernoulli(), k=20)))
    plots.images(torch.cat([test[:20], dreamt]).reshape(-1, 1, side, side), out / "dreams.png",
                 title="digits, and what the first machine makes of them in 20 steps")

    tuning = 5 if options.quick else 60
    rows = []
    for name, start in (("belief net's weights", net), ("random weights", nn.DBN([side * side, 128, 64]))):
        network = start.to_network(classes=10)
        fine_tune(network, images[:options.labels], labels[:options.labels], tuning)
        rows.append([name, common.accuracy(network, test, test_labels)])
    common.table(["start", f"test accuracy after {options.labels} labels"], rows)
    common.reached("test accuracy of the belief net", rows[0][1], STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
