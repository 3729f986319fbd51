"""A variational autoencoder of handwritten digits.

The encoder gives mean and log-variance of a two-dimensional code, z = mean + std * noise, the decoder draws the digit again. The
loss is what the drawing costs in nats, plus KL(N(mean, std) || N(0, 1)). Source: Kingma & Welling, 2014.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.training import plots

STATED = "at most 25 nats an image, 170 of MNIST"


class VAE(nn.Module):
    """pixels -> 128 -> (mean, log-variance) of a code of `size` -> 128 -> pixels."""

    def __init__(self, pixels, size=2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 128), nn.ReLU(), nn.Linear(128, 2 * size))
        self.decoder = nn.Sequential(nn.Linear(size, 128), nn.ReLU(), nn.Linear(128, pixels))

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        return self.decoder(z), mean, log_variance


def elbo(model, x):
    """The two parts of the loss, each a mean over images: (cost of the drawing, KL)."""
    scores, mean, log_variance = model(x)
    drawing = nn.functional.binary_cross_entropy_with_logits(scores, x.flatten(1), reduction="sum") / len(x)
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum() / len(x)
    return drawing, kl


def main():
    parser = common.parser(__doc__, "vae", STATED, mnist=True)
    parser.add_argument("--epochs", type=common.positive, default=60, help="passes over the training images (default 60)")
    options = parser.parse_args()
    out = common.start(options)
    (images, _), (test, labels) = common.digits(options)
    side = images.shape[-1]
    model = VAE(side * side)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    epochs = 2 if options.quick else options.epochs
    for epoch in range(1, epochs + 1):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            drawing, kl = elbo(model, images[batch])
            (drawing + kl).backward()
            optimizer.step()
        if epoch % max(epochs // 6, 1) == 0:
            print(f"epoch {epoch:3d}   drawing {drawing.item():.3f}   KL {kl.item():.3f}")
    with torch.no_grad():
        drawing, kl = elbo(model, test)
        steps = torch.linspace(-2, 2, 12)
        grid = torch.stack([torch.stack([x, y]) for y in steps.flip(0) for x in steps])
        drawn = model.decoder(grid).sigmoid().reshape(-1, 1, side, side)
        codes = model.encoder(test)[:, :2]
    plots.images(drawn, out / "manifold.png", columns=12, title="digits drawn from the plane of codes")
    figure, (axis,) = plots.new_figure(size=(6, 5))
    points = axis.scatter(codes[:, 0].numpy(), codes[:, 1].numpy(), c=labels.numpy(), cmap="tab10", s=8)
    figure.colorbar(points, ticks=range(10))
    axis.set_title("codes of the hold-out")
    plots.save_figure(figure, out / "codes.png")
    common.table(["part", "nats an image"], [["drawing", drawing.item()], ["KL", kl.item()]])
    common.reached("loss on the hold-out", (drawing + kl).item(), STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
