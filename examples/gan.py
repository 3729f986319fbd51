"""A generative adversarial net draws digits: fully connected, or with --dcgan by transposed convolutions.

The generator turns noise into images, the discriminator tells them from real ones; each learns from the other. How good the
drawings are is measured by a classifier of real digits: how sure it is of them (the inception score's idea, with our own net).
Source: Goodfellow et al., 2014; Radford et al., "Unsupervised representation learning with DCGAN", 2016.
"""

import sys

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.nn import functional as F
from tensorgrad.training import plots

STATED = "at least 0.5"

NOISE = 32


def mlp_pair(side):
    """(generator, discriminator) of linear layers."""
    generator = nn.Sequential(nn.Linear(NOISE, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 256), nn.BatchNorm1d(256),
                              nn.ReLU(), nn.Linear(256, side * side), nn.Sigmoid(), nn.Unflatten(1, (1, side, side)))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(side * side, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(256, 128),
                                  nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(128, 1))
    return generator, discriminator


def dcgan_pair(side):
    """(generator, discriminator) of convolutions: a quarter of the side, doubled twice."""
    quarter = side // 4
    generator = nn.Sequential(nn.Linear(NOISE, 64 * quarter**2), nn.Unflatten(1, (64, quarter, quarter)), nn.BatchNorm2d(64), nn.ReLU(),
                              nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
                              nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1), nn.Sigmoid())
    discriminator = nn.Sequential(nn.Conv2d(1, 32, 4, stride=2, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, stride=2, padding=1),
                                  nn.LeakyReLU(0.2), nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * quarter**2, 1))
    return generator, discriminator


def judge(images, labels, epochs):
    """A classifier of real digits."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(images[0].numel(), 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(epochs):
        common.epoch(model, optimizer, images, labels, 64)
    return model


def main():
    parser = common.parser(__doc__, "gan", STATED, mnist=True)
    parser.add_argument("--dcgan", action="store_true", help="convolutions instead of linear layers")
    parser.add_argument("--steps", type=common.positive, help="training steps of 64 digits (default 4000; with --dcgan and --mnist 2000)")
    options = parser.parse_args()
    out = common.start(options)
    (images, labels), _ = common.digits(options)
    generator, discriminator = (dcgan_pair if options.dcgan else mlp_pair)(images.shape[-1])
    for module in [*generator.modules(), *discriminator.modules()]:
        if options.dcgan and isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, std=0.05)
    to_draw = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    to_tell = torch.optim.Adam(discriminator.parameters(), lr=5e-4, betas=(0.5, 0.999))
    steps = 40 if options.quick else options.steps or (2000 if options.dcgan and options.mnist else 4000)
    goal = torch.cat([torch.full((64, 1), 0.9), torch.zeros(64, 1)])
    curve = []
    for step in range(1, steps + 1):
        real = images[torch.randint(0, len(images), (64,))]
        drawn = generator(torch.randn(64, NOISE))
        scores = torch.cat([discriminator(real), discriminator(drawn.detach())])
        to_tell.zero_grad()
        telling = F.binary_cross_entropy_with_logits(scores, goal)
        telling.backward()
        to_tell.step()
        to_draw.zero_grad()
        score = discriminator(drawn)
        drawing = F.binary_cross_entropy_with_logits(score, torch.ones_like(score))
        drawing.backward()
        to_draw.step()
        curve.append((telling.item(), drawing.item()))
        if step % max(steps // 8, 1) == 0:
            print(f"step {step:4d}   discriminator {curve[-1][0]:.3f}   generator {curve[-1][1]:.3f}")

    generator.eval()
    with torch.no_grad():
        drawn = generator(torch.randn(500, NOISE))
    classifier = judge(images, labels, 2 if options.quick else 20)
    with torch.no_grad():
        p, real = classifier(drawn).softmax(1), classifier(images).softmax(1)
    kinds = torch.bincount(p.argmax(1), minlength=10)
    plots.images(drawn[:60], out / "drawn.png", columns=12, title="drawn by the generator")
    figure, (axis,) = plots.new_figure()
    axis.plot([a for a, _ in curve], label="discriminator")
    axis.plot([b for _, b in curve], label="generator")
    axis.set(xlabel="step", ylabel="loss")
    axis.legend()
    plots.save_figure(figure, out / "losses.png")
    common.table(["digit", *range(10)], [["drawn", *kinds.tolist()]])
    sure, sure_of_real = ((q.max(1).values > 0.9).float().mean().item() for q in (p, real))
    print(f"digits drawn at least once in a hundred: {int((kinds >= 5).sum())}")
    print(f"of real digits the classifier is sure of {sure_of_real:.4f}")
    common.reached("share of drawings that the classifier is sure of", sure, STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
