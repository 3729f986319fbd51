"""Pictures of drawn shapes, for examples that need coloured images: classes, boxes, as many as wanted, no download."""

import math

import tensorgrad as torch

KINDS = ["circle", "square", "triangle", "cross", "ring", "bar"]


def masks(kinds, x, y, radius, angle, side):
    """(N, side, side) of 0 and 1: shape i of the kind kinds[i] around (x[i], y[i]), turned by an angle, anti-aliased."""
    ticks = torch.arange(side).float() + 0.5
    dx, dy = ticks.view(1, 1, -1) - x.view(-1, 1, 1), ticks.view(1, -1, 1) - y.view(-1, 1, 1)
    c, s, r = angle.cos().view(-1, 1, 1), angle.sin().view(-1, 1, 1), radius.view(-1, 1, 1)
    u, v = (c * dx + s * dy) / r, (c * dy - s * dx) / r
    far = (u * u + v * v).sqrt()
    h = 3**0.5 / 2
    # each shape is where its function is negative; the value is about the distance to its edge, in radii
    inside = torch.stack([
        far - 1,
        torch.maximum(u.abs(), v.abs()) - 0.8,
        torch.maximum(torch.maximum(h * u + v / 2, v / 2 - h * u), -v) - 0.5,
        torch.minimum(torch.maximum(u.abs() - 1, v.abs() - 0.3), torch.maximum(v.abs() - 1, u.abs() - 0.3)),
        (far - 0.75).abs() - 0.25,
        torch.maximum(u.abs() - 1, v.abs() - 0.35),
    ])
    chosen = inside[kinds, torch.arange(len(kinds))]
    return (0.5 - chosen * r).clamp(0, 1)


def colors(n):
    """(N, 3, 1, 1) random bright colours."""
    hue = 2 * math.pi * torch.rand(n, 1)
    return (0.55 + 0.45 * torch.cos(hue + torch.tensor([0.0, 2.1, 4.2]))).view(n, 3, 1, 1)


def classified(n, side=32):
    """(images (N, 3, side, side) in [0, 1], kinds (N,)): one shape each on a noisy ground."""
    kinds = torch.randint(0, len(KINDS), (n,))
    radius = side * (0.2 + 0.2 * torch.rand(n))
    x, y = (radius + (side - 2 * radius) * torch.rand(n) for _ in range(2))
    mask = masks(kinds, x, y, radius, 2 * math.pi * torch.rand(n), side).unsqueeze(1)
    ground = 0.35 * torch.rand(n, 3, 1, 1) + 0.25 * torch.rand(n, 3, side, side)
    return mask * colors(n) + (1 - mask) * ground, kinds


def scenes(n, side=64, most=3):
    """(images (N, 3, side, side), [{"boxes": (M, 4) as x1 y1 x2 y2, "labels": (M,)}]): one to `most` shapes each.

    The box is that of the drawn pixels; a shape that would hide another one is left out.
    """
    images = 0.3 * torch.rand(n, 3, 1, 1) + 0.2 * torch.rand(n, 3, side, side)
    truth = [{"boxes": [], "labels": []} for _ in range(n)]
    taken = torch.zeros(n, side, side)
    for layer in range(most):
        kinds, radius = torch.randint(0, len(KINDS), (n,)), side * (0.1 + 0.1 * torch.rand(n))
        x, y = (radius + (side - 2 * radius) * torch.rand(n) for _ in range(2))
        mask = masks(kinds, x, y, radius, 2 * math.pi * torch.rand(n), side)
        free = ((taken * mask).flatten(1).sum(1) == 0) & ((torch.rand(n) < 0.6) | (layer == 0))
        mask = mask * free.float().view(n, 1, 1)
        taken = torch.maximum(taken, mask)
        images = mask.unsqueeze(1) * colors(n) + (1 - mask.unsqueeze(1)) * images
        for i in torch.nonzero(free)[:, 0].tolist():
            rows, columns = (torch.nonzero((mask[i] > 0.5).any(dim))[:, 0] for dim in (1, 0))
            truth[i]["boxes"].append([columns[0].item(), rows[0].item(), columns[-1].item() + 1, rows[-1].item() + 1])
            truth[i]["labels"].append(kinds[i].item())
    return images, [{"boxes": torch.tensor(t["boxes"]).float(), "labels": torch.tensor(t["labels"])} for t in truth]
