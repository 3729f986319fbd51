"""Pascal VOC: photographs with boxes in XML files, or with a class for each pixel."""

from collections import defaultdict
from pathlib import Path

from tensorgrad._core.errors import ArgumentError, FileFormatError
from tensorgrad.io.download import fetch, unpack

from .base import VisionDataset, read_image

SITE = "https://thor.robots.ox.ac.uk/pascal/VOC/"
# year -> (address of the archive, its md5 sum, folder in it)
YEARS = {
    "2012": ("voc2012/VOCtrainval_11-May-2012.tar", "6cd6e144f989b92b3379bac3b3de84fd", "VOCdevkit/VOC2012"),
    "2011": ("voc2011/VOCtrainval_25-May-2011.tar", "6c3384ef61512963050cb5d687e5bf1e", "TrainVal/VOCdevkit/VOC2011"),
    "2010": ("voc2010/VOCtrainval_03-May-2010.tar", "da459979d0c395079b5c75ee67908abb", "VOCdevkit/VOC2010"),
    "2009": ("voc2009/VOCtrainval_11-May-2009.tar", "a3e00b113cfcfebf17e343f59da3caa1", "VOCdevkit/VOC2009"),
    "2008": ("voc2008/VOCtrainval_14-Jul-2008.tar", "2629fa636546599198acfcfbfcf1904a", "VOCdevkit/VOC2008"),
    "2007": ("voc2007/VOCtrainval_06-Nov-2007.tar", "c52e279531787c972589f7e41ab4ae64", "VOCdevkit/VOC2007"),
    "2007-test": ("voc2007/VOCtest_06-Nov-2007.tar", "b6e924de25625d8de591ea690078ad9f", "VOCdevkit/VOC2007"),
}


class VOC(VisionDataset):
    """What both data sets share: a list of names, and for each an image and a target."""

    splits, targets, suffix = "", "", ""  # folder of the lists, folder and ending of the targets

    def __init__(self, root, year="2012", image_set="train", download=False, transform=None, target_transform=None,
                 transforms=None):
        super().__init__(root, transforms, transform, target_transform)
        sets = ("train", "trainval", "val", *(("test",) if year == "2007" else ()))
        if year not in YEARS or year == "2007-test" or image_set not in sets:
            known = [y for y in YEARS if y != "2007-test"]
            raise ArgumentError(f"{type(self).__name__}: year must be one of {known} and image_set of {sets}, got {year!r} and "
                                f"{image_set!r}")
        self.year, self.image_set = year, image_set
        address, md5, folder = YEARS["2007-test" if image_set == "test" else year]
        if download:
            unpack(fetch([SITE + address], Path(self.root) / address.split("/")[-1], md5), self.root)
        folder = Path(self.root) / folder
        names = folder / "ImageSets" / self.splits / f"{image_set}.txt"
        if not names.is_file():
            raise FileNotFoundError(f"{names}: no such file; download=True fetches the data set")
        names = [line.strip() for line in names.read_text().splitlines() if line.strip()]
        if any("/" in name or "\\" in name or name == ".." for name in names):
            raise FileFormatError(f"{folder}: the list of {image_set} has names with folders")
        self.images = [folder / "JPEGImages" / f"{name}.jpg" for name in names]
        self.target_files = [folder / self.targets / f"{name}{self.suffix}" for name in names]

    def read_target(self, path):
        """The target in a file. Errors: FileFormatError for a damaged one.

        >>> import pathlib, tempfile
        >>> from tensorgrad.vision.datasets import VOCDetection
        >>> with tempfile.TemporaryDirectory() as root:
        ...     names = pathlib.Path(root, "VOCdevkit/VOC2012/ImageSets/Main/train.txt")
        ...     names.parent.mkdir(parents=True)
        ...     _ = names.write_text("one")
        ...     file = pathlib.Path(root, "one.xml")
        ...     _ = file.write_text("<annotation><object><name>cat</name></object></annotation>")
        ...     VOCDetection(root).read_target(file)
        {'annotation': {'object': [{'name': 'cat'}]}}
        """
        raise NotImplementedError(f"{type(self).__name__} must define read_target")

    def __getitem__(self, index):
        return self.transformed(read_image(self.images[index]), self.read_target(self.target_files[index]))

    def __len__(self):
        return len(self.images)


class VOCDetection(VOC):
    """Sample i is (Pillow's image, dict of the XML file), from root/VOCdevkit/VOC<year>; 'object' is always a list, all values are
    texts. Errors: ArgumentError for another year or image_set, FileNotFoundError, FileFormatError for a damaged file. Source:
    Everingham et al. 2010; torchvision.datasets.VOCDetection.

    >>> from tensorgrad.vision.datasets import VOCDetection
    >>> VOCDetection("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/VOCdevkit/VOC2012/ImageSets/Main/train.txt: no such file; download=True fetches the data set
    """

    splits, targets, suffix = "Main", "Annotations", ".xml"

    @property
    def annotations(self):
        """The XML files.

        >>> import pathlib, tempfile
        >>> from tensorgrad.vision.datasets import VOCDetection
        >>> with tempfile.TemporaryDirectory() as root:
        ...     names = pathlib.Path(root, "VOCdevkit/VOC2012/ImageSets/Main/train.txt")
        ...     names.parent.mkdir(parents=True)
        ...     _ = names.write_text("one")
        ...     [file.name for file in VOCDetection(root).annotations]
        ['one.xml']
        """
        return self.target_files

    def read_target(self, path):
        from xml.etree import ElementTree

        try:
            tree = ElementTree.fromstring(path.read_bytes())
        except ElementTree.ParseError as error:
            raise FileFormatError(f"{path}: damaged XML ({error})") from None
        return self.parse_voc_xml(tree)

    @staticmethod
    def parse_voc_xml(node):
        """{tag: text}, or {tag: dict of the children}, a list where a tag comes more than once. Errors: TypeError for what is no
        element of an XML file.

        >>> from xml.etree import ElementTree
        >>> from tensorgrad.vision.datasets import VOCDetection
        >>> VOCDetection.parse_voc_xml(ElementTree.fromstring("<size><width>5</width><height>4</height></size>"))
        {'size': {'width': '5', 'height': '4'}}
        """
        children = list(node)
        if not children:
            return {node.tag: (node.text or "").strip()} if node.text else {}
        values = defaultdict(list)
        for child in children:
            for tag, value in VOCDetection.parse_voc_xml(child).items():
                values[tag].append(value)
        if node.tag == "annotation":
            values["object"] = [values["object"]]
        return {node.tag: {tag: found[0] if len(found) == 1 else found for tag, found in values.items()}}


class VOCSegmentation(VOC):
    """Sample i is (Pillow's image, Pillow's image of class numbers, both of one size), from root/VOCdevkit/VOC<year>. Errors:
    ArgumentError for another year or image_set, FileNotFoundError, FileFormatError for a damaged file. Source: Everingham et al.
    2010; torchvision.datasets.VOCSegmentation.

    >>> from tensorgrad.vision.datasets import VOCSegmentation
    >>> VOCSegmentation("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/VOCdevkit/VOC2012/ImageSets/Segmentation/train.txt: no such file; download=True fetches the data set
    """

    splits, targets, suffix = "Segmentation", "SegmentationClass", ".png"

    @property
    def masks(self):
        """The files of class numbers.

        >>> import pathlib, tempfile
        >>> from tensorgrad.vision.datasets import VOCSegmentation
        >>> with tempfile.TemporaryDirectory() as root:
        ...     names = pathlib.Path(root, "VOCdevkit/VOC2012/ImageSets/Segmentation/train.txt")
        ...     names.parent.mkdir(parents=True)
        ...     _ = names.write_text("one")
        ...     [file.name for file in VOCSegmentation(root).masks]
        ['one.png']
        """
        return self.target_files

    def read_target(self, path):
        return read_image(path, mode=None)
