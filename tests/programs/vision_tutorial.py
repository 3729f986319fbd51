"""Torchvision's gallery in one program: image files, transforms v2, a pretrained model's parts as features, boxes drawn, a grid."""
import os
import tempfile

import torch
import torch.nn as nn
import torchvision
import torchvision.transforms.functional as TF
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.io import ImageReadMode, read_image, write_jpeg, write_png
from torchvision.models import ResNet18_Weights, resnet18
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.ops import box_iou, nms
from torchvision.transforms import v2
from torchvision.utils import draw_bounding_boxes, make_grid, save_image

torch.manual_seed(0)
print(torchvision.__version__)
root = tempfile.mkdtemp()
for kind, color in enumerate(["blue", "red"]):
    os.makedirs(os.path.join(root, color))
    for i in range(12):
        image = torch.randint(0, 120, (3, 40, 48), dtype=torch.uint8)
        image[0 if kind else 2, 8:30, 10:34] = 250
        write = write_png if i % 2 else write_jpeg
        write(image, os.path.join(root, color, f"{i}.{'png' if i % 2 else 'jpg'}"))

picture = read_image(os.path.join(root, "red", "1.png"))
assert picture.dtype == torch.uint8 and picture.shape == (3, 40, 48)
assert read_image(os.path.join(root, "red", "1.png"), mode=ImageReadMode.GRAY).shape == (1, 40, 48)
boxes = torch.tensor([[10, 8, 33, 29], [11, 8, 33, 30], [0, 0, 5, 5]], dtype=torch.float)
kept = nms(boxes, torch.tensor([0.9, 0.8, 0.7]), iou_threshold=0.5)
assert kept.tolist() == [0, 2] and box_iou(boxes, boxes).diagonal().tolist() == [1, 1, 1]
drawn = draw_bounding_boxes(picture, boxes[kept], labels=["square", "corner"], colors="yellow")
save_image(make_grid([picture.float() / 255, drawn.float() / 255], nrow=2), os.path.join(root, "grid.png"))
assert read_image(os.path.join(root, "grid.png")).shape == (3, 44, 102)
assert TF.resize(picture, [20, 24]).shape == (3, 20, 24)

transforms = v2.Compose([
    v2.ToImage(),
    v2.RandomResizedCrop(size=(32, 32), scale=(0.7, 1.0), antialias=True),
    v2.RandomHorizontalFlip(p=0.5),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
])
preprocess = ResNet18_Weights.DEFAULT.transforms()
assert preprocess(picture).shape == (3, 224, 224) and ResNet18_Weights.DEFAULT == ResNet18_Weights.IMAGENET1K_V1
loader = DataLoader(ImageFolder(root, transform=transforms), batch_size=8, shuffle=True)
backbone = resnet18(weights=None)
features = create_feature_extractor(backbone, return_nodes={"layer1": "low", "avgpool": "pooled"})
with torch.no_grad():
    found = features.eval()(torch.zeros(2, 3, 32, 32))
assert {name: tuple(x.shape) for name, x in found.items()} == {"low": (2, 64, 8, 8), "pooled": (2, 512, 1, 1)}
head = nn.Linear(64, 2)
optimizer = torch.optim.Adam(head.parameters(), lr=0.05)
for epoch in range(8):
    right = count = 0
    for images, labels in loader:
        with torch.no_grad():
            pooled = features(images)["low"].mean((2, 3))
        output = head(pooled)
        loss = nn.functional.cross_entropy(output, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right += (output.argmax(1) == labels).sum().item()
        count += len(labels)
print("RESULT", right / count)
