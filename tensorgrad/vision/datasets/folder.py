"""Data sets that are folders: one folder a class."""

import os

from .base import VisionDataset, read_image

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename, extensions):
    """Whether the name ends with one of the extensions, in small or capital letters."""
    return filename.lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename):
    """Whether the name is that of an image."""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def default_loader(path):
    """The image in a file, in RGB."""
    return read_image(path)


def find_classes(directory):
    """(names of the folders, sorted; their numbers). FileNotFoundError where there are none."""
    classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    if not classes:
        raise FileNotFoundError(f"{directory}: no folders of classes there")
    return classes, {name: i for i, name in enumerate(classes)}


def make_dataset(directory, class_to_idx=None, extensions=None, is_valid_file=None, allow_empty=False):
    """[(path, number of the class)] of all files with one of the extensions, or for which is_valid_file(path) holds, sorted.
    FileNotFoundError for a class without files, unless allow_empty."""
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("make_dataset: give either extensions or is_valid_file")
    class_to_idx = find_classes(directory)[1] if class_to_idx is None else class_to_idx
    valid = is_valid_file or (lambda path: has_file_allowed_extension(path, extensions))
    samples, missing = [], []
    for name in sorted(class_to_idx):
        before = len(samples)
        for folder, _, files in sorted(os.walk(os.path.join(directory, name), followlinks=True)):
            paths = (os.path.join(folder, file) for file in sorted(files))
            samples += [(path, class_to_idx[name]) for path in paths if valid(path)]
        if len(samples) == before:
            missing.append(name)
    if missing and not allow_empty:
        which = f" with one of the extensions {', '.join([extensions] if isinstance(extensions, str) else extensions)}"
        raise FileNotFoundError(f"{directory}: no files for the class(es) {', '.join(missing)}{which if extensions else ''}")
    return samples


class DatasetFolder(VisionDataset):
    """root/<class>/.../<file>: sample i is (loader(path), number of the class); classes and files are sorted by name.

    Which files count: those with one of the extensions, or is_valid_file(path). Errors: ValueError for neither or both of these,
    FileNotFoundError for a folder without classes and, unless allow_empty, a class without files. Source:
    torchvision.datasets.DatasetFolder.

    >>> import pathlib, tempfile
    >>> from tensorgrad.vision.datasets import DatasetFolder
    >>> with tempfile.TemporaryDirectory() as root:
    ...     for name in ("cat", "dog"):
    ...         pathlib.Path(root, name).mkdir()
    ...         _ = pathlib.Path(root, name, "1.txt").write_text(f"a {name}")
    ...     list(DatasetFolder(root, lambda path: pathlib.Path(path).read_text(), extensions=".txt"))
    [('a cat', 0), ('a dog', 1)]
    """

    def __init__(self, root, loader, extensions=None, transform=None, target_transform=None, is_valid_file=None,
                 allow_empty=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        if (extensions is None) == (is_valid_file is None):
            raise ValueError(f"{type(self).__name__}: give either extensions or is_valid_file")
        self.loader, self.extensions = loader, extensions
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.samples = self.make_dataset(self.root, self.class_to_idx, extensions, is_valid_file, allow_empty)
        self.targets = [target for _, target in self.samples]

    def find_classes(self, directory):
        """(names of the classes, their numbers); a subclass may choose others. Errors: FileNotFoundError for a folder without
        classes.

        >>> import os, tempfile
        >>> from tensorgrad.vision.datasets import DatasetFolder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     os.mkdir(os.path.join(folder, "cats"))
        ...     DatasetFolder.find_classes(None, folder)
        (['cats'], {'cats': 0})
        """
        return find_classes(directory)

    @staticmethod
    def make_dataset(directory, class_to_idx, extensions=None, is_valid_file=None, allow_empty=False):
        """[(path, number of the class)]; a subclass may choose others. Errors: ValueError unless one of extensions and
        is_valid_file is given, FileNotFoundError for a class without files.

        >>> import os, tempfile
        >>> from tensorgrad.vision.datasets import DatasetFolder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     os.mkdir(os.path.join(folder, "cats"))
        ...     DatasetFolder.make_dataset(folder, {"cats": 0}, extensions=".png", allow_empty=True)
        []
        """
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def __getitem__(self, index):
        path, target = self.samples[index]
        return self.transformed(self.loader(path), target)

    def __len__(self):
        return len(self.samples)


class ImageFolder(DatasetFolder):
    """root/<class>/.../<image>: sample i is (Pillow's image in RGB, number of the class). Errors: FileNotFoundError for a folder
    without classes and, unless allow_empty, a class without images; FileFormatError for a damaged image. Source:
    torchvision.datasets.ImageFolder.

    >>> import pathlib, tempfile, tensorgrad
    >>> from tensorgrad.vision import datasets, transforms
    >>> with tempfile.TemporaryDirectory() as root:
    ...     for name in ("cat", "dog"):
    ...         pathlib.Path(root, name).mkdir()
    ...         transforms.ToPILImage()(tensorgrad.zeros(3, 2, 2)).save(f"{root}/{name}/1.png")
    ...     data = datasets.ImageFolder(root, transforms.ToTensor())
    ...     data.classes, data[1][0].shape, data[1][1]
    (['cat', 'dog'], tensorgrad.Size([3, 2, 2]), 1)
    """

    def __init__(self, root, transform=None, target_transform=None, loader=default_loader, is_valid_file=None,
                 allow_empty=False):
        super().__init__(root, loader, IMG_EXTENSIONS if is_valid_file is None else None, transform, target_transform,
                         is_valid_file, allow_empty)
        self.imgs = self.samples
