"""COCO: photographs with boxes, described by one JSON file."""

import json
from collections import defaultdict
from pathlib import Path, PurePosixPath

from tensorgrad._core.errors import FileFormatError

from .base import VisionDataset, read_image


class CocoIndex:
    """The JSON file by numbers: imgs, anns, cats, and imgToAnns; with the names of pycocotools' COCO."""

    def __init__(self, path):
        try:
            with open(path, "rb") as file:
                self.dataset = json.load(file)
            self.imgs = {int(entry["id"]): entry for entry in self.dataset["images"]}
            self.anns = {int(entry["id"]): entry for entry in self.dataset.get("annotations", [])}
            self.cats = {int(entry["id"]): entry for entry in self.dataset.get("categories", [])}
            self.imgToAnns = defaultdict(list)
            for entry in self.anns.values():
                self.imgToAnns[int(entry["image_id"])].append(entry)
            names = [str(entry["file_name"]) for entry in self.imgs.values()]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FileFormatError(f"{path}: no COCO annotations ({type(error).__name__}: {error})") from None
        for name in names:
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise FileFormatError(f"{path}: the file name {name!r} leads out of the folder of images")

    def getAnnIds(self, imgIds=()):
        """The numbers of the annotations of some images, of all without any."""
        wanted = [imgIds] if isinstance(imgIds, int) else imgIds
        return [a["id"] for i in wanted for a in self.imgToAnns.get(i, [])] if wanted else list(self.anns)

    def getImgIds(self):
        """The numbers of all images."""
        return list(self.imgs)

    def getCatIds(self):
        """The numbers of all categories."""
        return list(self.cats)

    def loadAnns(self, ids):
        """The annotations with these numbers."""
        return [self.anns[i] for i in ([ids] if isinstance(ids, int) else ids)]

    def loadImgs(self, ids):
        """The entries of the images with these numbers."""
        return [self.imgs[i] for i in ([ids] if isinstance(ids, int) else ids)]

    def loadCats(self, ids):
        """The categories with these numbers."""
        return [self.cats[i] for i in ([ids] if isinstance(ids, int) else ids)]


class CocoDetection(VisionDataset):
    """Sample i is (Pillow's image, list of its annotations: dicts with bbox (x, y, width, height), category_id ...), images by
    rising number. root: the folder of images, annFile: the JSON file. Errors: FileNotFoundError, FileFormatError for no COCO
    annotations and a damaged image, ValueError for an index that is no integer. Source: Lin et al., Microsoft COCO, 2014;
    torchvision.datasets.CocoDetection.

    >>> import json, pathlib, tempfile, tensorgrad
    >>> from tensorgrad.vision import datasets, transforms
    >>> box = {"id": 1, "image_id": 7, "bbox": [0, 0, 1, 1], "category_id": 2}
    >>> with tempfile.TemporaryDirectory() as root:
    ...     transforms.ToPILImage()(tensorgrad.zeros(3, 2, 2)).save(f"{root}/7.png")
    ...     file = pathlib.Path(root, "boxes.json")
    ...     _ = file.write_text(json.dumps({"images": [{"id": 7, "file_name": "7.png"}], "annotations": [box]}))
    ...     datasets.CocoDetection(root, file)[0][1][0]["bbox"]
    [0, 0, 1, 1]
    """

    def __init__(self, root, annFile, transform=None, target_transform=None, transforms=None):
        super().__init__(root, transforms, transform, target_transform)
        self.coco = CocoIndex(annFile)
        self.ids = sorted(self.coco.imgs)

    def __getitem__(self, index):
        if not isinstance(index, int):
            raise ValueError(f"CocoDetection: index must be an integer, got {type(index).__name__}")
        number = self.ids[index]
        image = read_image(Path(self.root) / self.coco.imgs[number]["file_name"])
        return self.transformed(image, self.coco.imgToAnns.get(number, []))

    def __len__(self):
        return len(self.ids)
