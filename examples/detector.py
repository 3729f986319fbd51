"""A single-shot detector finds drawn shapes: what they are and where.

At each place of an 8 x 8 and a 4 x 4 feature map stand three anchors. Each anchor is assigned the true box that it overlaps most,
or the background; the network predicts a class score (focal loss) and an offset of the box (smooth L1) for each. At the end,
overlapping finds of one class are thinned out (non-maximum suppression) and judged by mean average precision.
Source: Liu et al., "SSD: single shot multibox detector", 2016; Lin et al., "Focal loss for dense object detection", 2017.
"""

import sys

import common
import shapes

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.nn import functional as F
from tensorgrad.training import MeanAveragePrecision, plots
from tensorgrad.vision import ops

STATED = "a mean average precision of at least 0.93"

SIDE = 64
CLASSES = len(shapes.KINDS)


class Detector(nn.Module):
    """A body with two feature maps (stride 8 and 16); a head on each for classes and boxes of its anchors."""

    def __init__(self):
        super().__init__()
        def conv(ci, co, stride=1):
            return nn.Sequential(nn.Conv2d(ci, co, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(co), nn.ReLU())
        self.near = nn.Sequential(conv(3, 16), nn.MaxPool2d(2), conv(16, 32), nn.MaxPool2d(2), conv(32, 64),
                                  conv(64, 64, 2), conv(64, 64))
        self.far = nn.Sequential(conv(64, 64, 2), conv(64, 64))
        self.anchors = ops.AnchorGenerator(sizes=((12, 16, 20), (20, 26, 32)), aspect_ratios=((1.0,), (1.0,)))
        self.classes = nn.ModuleList(nn.Conv2d(64, 3 * CLASSES, 3, padding=1) for _ in range(2))
        self.boxes = nn.ModuleList(nn.Conv2d(64, 3 * 4, 3, padding=1) for _ in range(2))
        for head in self.classes:
            nn.init.constant_(head.bias, -4.0)  # almost all anchors are background: begin with that opinion

    def forward(self, x):
        """(class scores (N, anchors, CLASSES), offsets (N, anchors, 4)); anchor order: map, row, column, size."""
        near = self.near(x)
        maps = [near, self.far(near)]
        def flat(head, features, last):
            return head(features).permute(0, 2, 3, 1).reshape(len(x), -1, last)
        return (torch.cat([flat(head, m, CLASSES) for head, m in zip(self.classes, maps, strict=True)], 1),
                torch.cat([flat(head, m, 4) for head, m in zip(self.boxes, maps, strict=True)], 1))


def assigned(truth, anchors, matcher, coder):
    """For a batch: class targets (N, anchors, CLASSES), box targets (N, anchors, 4), which anchors stand for a box, which count."""
    n, a = len(truth), len(anchors)
    classes, boxes = torch.zeros(n, a, CLASSES), torch.zeros(n, a, 4)
    matched, counted = torch.zeros(n, a, dtype=torch.bool), torch.ones(n, a, dtype=torch.bool)
    for i, t in enumerate(truth):
        match = matcher(ops.box_iou(t["boxes"], anchors))
        hit = match >= 0
        matched[i], counted[i] = hit, match != -2  # an anchor between the thresholds says nothing
        classes[i][hit] = F.one_hot(t["labels"][match[hit]], CLASSES).float()
        boxes[i][hit] = coder.encode_single(t["boxes"][match[hit]], anchors[hit])
    return classes, boxes, matched, counted


@torch.no_grad()
def detect(model, images, anchors, coder, least=0.3):
    """[{"boxes", "scores", "labels"}] of a batch, after non-maximum suppression."""
    scores, offsets = model(images)
    found = []
    for p, offset in zip(scores.sigmoid(), offsets, strict=True):
        best, label = p.max(1)
        keep = best > least
        boxes = ops.clip_boxes_to_image(coder.decode_single(offset[keep], anchors[keep]), (SIDE, SIDE))
        best, label = best[keep], label[keep]
        chosen = ops.batched_nms(boxes, best, label, 0.4)
        found.append({"boxes": boxes[chosen], "scores": best[chosen], "labels": label[chosen]})
    return found


def draw(images, found, path):
    """Images with the boxes found in them."""
    figure, axes = plots.new_figure(3, 6, (12, 6))
    for axis, image, f in zip(axes, images, found, strict=False):
        axis.imshow(image.permute(1, 2, 0).clamp(0, 1).numpy())
        axis.set(xticks=[], yticks=[])
        for (x1, y1, x2, y2), score, label in zip(f["boxes"].tolist(), f["scores"].tolist(), f["labels"].tolist(), strict=True):
            axis.plot([x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1], color="white", linewidth=1.5)
            axis.text(x1, y1 - 1, f"{shapes.KINDS[label]} {score:.2f}", color="white", fontsize=7)
    plots.save_figure(figure, path)


def main():
    parser = common.parser(__doc__, "detector", STATED)
    parser.add_argument("--epochs", type=common.positive, default=14, help="passes over 1,500 scenes (default 14)")
    options = parser.parse_args()
    out = common.start(options)
    count, epochs = (60, 1) if options.quick else (1500, options.epochs)
    images, truth = shapes.scenes(count, SIDE)
    test, test_truth = shapes.scenes(max(count // 5, 18), SIDE)
    model = Detector()
    anchors = model.anchors((SIDE, SIDE), [(8, 8), (4, 4)])
    matcher, coder = ops.Matcher(0.5, 0.4, allow_low_quality_matches=True), ops.BoxCoder((10.0, 10.0, 5.0, 5.0))
    targets = assigned(truth, anchors, matcher, coder)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=epochs * -(-count // 32))
    for epoch in range(1, epochs + 1):
        model.train()
        sums = [0.0, 0.0]
        for batch in torch.randperm(count).split(32):
            classes, boxes, matched, counted = (t[batch] for t in targets)
            scores, offsets = model(images[batch])
            number = max(int(matched.sum()), 1)
            of_class = ops.sigmoid_focal_loss(scores[counted], classes[counted], reduction="sum") / number
            of_box = F.smooth_l1_loss(offsets[matched], boxes[matched], reduction="sum") / number
            optimizer.zero_grad()
            (of_class + of_box).backward()
            optimizer.step()
            schedule.step()
            sums[0] += of_class.item()
            sums[1] += of_box.item()
        if epoch % max(epochs // 7, 1) == 0:
            print(f"epoch {epoch:2d}   class loss {32 * sums[0] / count:.4f}   box loss {32 * sums[1] / count:.4f}")
    model.eval()
    found = detect(model, test, anchors, coder)
    draw(test, found, out / "found.png")
    rows = []
    for iou in (0.5, 0.75):
        metric = MeanAveragePrecision(iou)
        metric.update(found, test_truth)
        rows.append([f"mAP at IoU {iou}", metric.compute()])
    common.table(["measure", "value"], rows)
    common.reached("mAP at IoU 0.5", rows[0][1], STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
