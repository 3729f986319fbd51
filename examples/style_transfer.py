"""Neural style transfer: an image with the content of one picture and the style of another.

The image itself is optimised (by L-BFGS): its deep features shall be those of the content, the correlations of its features, the
Gram matrices, those of the style. With --weights FILE the features are VGG-16's (torchvision's checkpoint), otherwise those of a
small VGG that is first trained here to tell shapes apart. Source: Gatys, Ecker & Bethge, "A neural algorithm of artistic style",
2015.
"""

import sys
from pathlib import Path

import common
import shapes

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.nn import functional as F
from tensorgrad.training import plots

STATED = "at most 0.05"


def small_vgg(epochs):
    """Stacks of 3 x 3, trained to classify shapes: (features, layers of style, layer of content)."""
    def conv(ci, co):
        return [nn.Conv2d(ci, co, 3, padding=1), nn.ReLU()]
    features = nn.Sequential(*conv(3, 16), *conv(16, 16), nn.AvgPool2d(2), *conv(16, 32), *conv(32, 32), nn.AvgPool2d(2), *conv(32, 64))
    net = nn.Sequential(features, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(64, len(shapes.KINDS)))
    images, kinds = shapes.classified(300 if epochs == 1 else 2000)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(epochs):
        common.epoch(net, optimizer, images, kinds, 64)
    print(f"features of a network that classifies shapes with accuracy {common.accuracy(net, images, kinds):.3f}")
    return features.requires_grad_(False).eval(), [1, 3, 6, 8], 8


def vgg16(path):
    """torchvision's VGG-16 from a checkpoint: (features, layers of style, layer of content)."""
    from tensorgrad.vision import models

    features = models.vgg16(weights=path).features[:23]
    return features.requires_grad_(False).eval(), [3, 8, 15, 22], 15


def outputs(features, image, layers):
    """The outputs of some layers."""
    found, x = {}, image
    for number, layer in enumerate(features):
        x = layer(x)
        if number in layers:
            found[number] = x
    return found


def gram(x):
    """The correlations of the channels: (1, C, H, W) -> (C, C)."""
    flat = x[0].flatten(1)
    return flat @ flat.T / flat.numel()


def picture(path, side):
    """An image file as (1, 3, side, side)."""
    from PIL import Image

    with Image.open(path) as image:
        data = torch.tensor(list(image.convert("RGB").resize((side, side)).tobytes()), dtype=torch.float32)
    return data.view(1, side, side, 3).permute(0, 3, 1, 2) / 255


def stripes(side):
    """A style without a file: wavy stripes of three colours."""
    y, x = torch.meshgrid(torch.arange(side).float(), torch.arange(side).float(), indexing="ij")
    wave = (x * 0.5 + 3 * (y * 0.25).sin()).sin()
    return torch.stack([0.5 + 0.4 * wave, 0.4 + 0.3 * (wave * 3).cos(), 0.6 - 0.4 * wave]).unsqueeze(0)


def main():
    parser = common.parser(__doc__, "style_transfer", STATED)
    parser.add_argument("--content", type=Path, metavar="IMAGE", help="a picture (default: drawn shapes)")
    parser.add_argument("--style", type=Path, metavar="IMAGE", help="a picture (default: wavy stripes)")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="torchvision's checkpoint of VGG-16 (.pth)")
    parser.add_argument("--side", type=common.positive, default=96, help="pixels of the image's side (default 96)")
    parser.add_argument("--steps", type=common.positive, default=40, help="L-BFGS steps (default 40)")
    options = parser.parse_args()
    out = common.start(options)
    side = 48 if options.quick else options.side
    try:
        content = picture(options.content, side) if options.content else shapes.scenes(1, side, most=12)[0]
        style = picture(options.style, side) if options.style else stripes(side)
        features, of_style, of_content = vgg16(options.weights) if options.weights else small_vgg(1 if options.quick else 6)
    except (OSError, ValueError) as error:
        print(f"style_transfer: {error}", file=sys.stderr)
        return 2
    wanted = {layer: gram(x) for layer, x in outputs(features, style, of_style).items()}
    kept = outputs(features, content, [of_content])[of_content]

    def style_loss(found):
        return sum(F.mse_loss(gram(found[layer]), wanted[layer]) / wanted[layer].square().mean() for layer in of_style)

    raw = content.clamp(0.02, 0.98).logit().requires_grad_()  # the image is sigmoid(raw): whatever L-BFGS tries stays in [0, 1]
    optimizer = torch.optim.LBFGS([raw], max_iter=5, history_size=10, line_search_fn="strong_wolfe")
    curve = []

    def closure():
        optimizer.zero_grad()
        image = raw.sigmoid()
        found = outputs(features, image, {*of_style, of_content})
        of_image = F.mse_loss(found[of_content], kept) / kept.square().mean()
        smooth = (image[:, :, 1:] - image[:, :, :-1]).square().mean() + (image[:, :, :, 1:] - image[:, :, :, :-1]).square().mean()
        loss = of_image + 2 * style_loss(found) + smooth
        loss.backward()
        curve.append((of_image.item(), style_loss(found).item()))
        return loss

    for _ in range(3 if options.quick else options.steps):
        optimizer.step(closure)
    plots.images(torch.cat([content, style, raw.detach().sigmoid()]), out / "style.png", titles=["content", "style", "both"], columns=3)
    figure, (axis,) = plots.new_figure()
    axis.semilogy([c for c, _ in curve], label="content")
    axis.semilogy([s for _, s in curve], label="style")
    axis.set(xlabel="evaluation", ylabel="loss, relative")
    axis.legend()
    plots.save_figure(figure, out / "losses.png")
    common.table(["loss", "before", "after"], [["content", *(curve[i][0] for i in (0, -1))], ["style", *(curve[i][1] for i in (0, -1))]])
    common.reached("style loss, share that is left", curve[-1][1] / curve[0][1], STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
