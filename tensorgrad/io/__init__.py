"""Saving and loading of models, optimisers, schedules, random states: nested containers of tensors. Nothing in a file is
ever run. The names are torch.save and torch.load.

A path that ends in .safetensors is written in that format (a flat dict of tensors); anything else is an archive that
PyTorch reads, too. `load` looks at the file, not at its name.
"""

import os

from .._core.errors import ArgumentError, FileFormatError
from . import safetensors, torchfile
from .atomic import replacing


def save(obj, f, pickle_module=None, pickle_protocol=2, _use_new_zipfile_serialization=True):
    """Write tensors of any shape, numbers, text, None and their lists, tuples, dicts and sets to `f`, a path or a file open for
    writing.

    A path is written all or nothing: the bytes go to a temporary file in the same folder, which takes the name when it is complete
    and on the disk. Tensors that share memory share it after loading, too; of a view the whole memory is saved. Errors: TypeError,
    which names the place, for objects of other classes (save their state_dict()), and for other than a flat dict of tensors in a
    .safetensors file; ArgumentError for a pickle_protocol outside [2, 5]; OSError. Source: torch.save.

    >>> import os, tempfile, tensorgrad
    >>> path = os.path.join(tempfile.mkdtemp(), "state.pt")
    >>> tensorgrad.save({"weight": tensorgrad.ones(2), "epoch": 3}, path)
    >>> tensorgrad.load(path)
    {'weight': tensor([1., 1.]), 'epoch': 3}
    """
    if not 2 <= pickle_protocol <= 5:
        raise ArgumentError(f"save: pickle_protocol must be in [2, 5], got {pickle_protocol} (2 is what is written)")
    if hasattr(f, "write"):
        torchfile.write(obj, f, "archive")
        return
    path = os.fspath(f)
    path = os.fsdecode(path)
    with replacing(path) as file:
        if path.endswith(".safetensors"):
            safetensors.write(obj, file)
        else:
            torchfile.write(obj, file, torchfile.folder_name(path))


def load(f, map_location=None, pickle_module=None, *, weights_only=True, mmap=None, **pickle_load_args):
    """What the file `f` (a path, or a file open for reading) holds: files of `save`, of torch.save (also before version 1.6), and
    safetensors. The tensors have the shapes that they had, and are on the CPU, whatever map_location says; weights_only=False loads
    no more than weights_only=True: nothing is run. Errors: UnsafeFileError for a file that wants objects of other classes,
    FileFormatError for one that is damaged or of another format, FileNotFoundError, TypeError for what is no path. Source:
    torch.load.

    >>> import tensorgrad
    >>> from io import BytesIO
    >>> file = BytesIO()
    >>> tensorgrad.save({"w": tensorgrad.ones(2)}, file)
    >>> position = file.seek(0)
    >>> tensorgrad.load(file)
    {'w': tensor([1., 1.])}
    """
    if not hasattr(f, "read"):
        with open(os.fspath(f), "rb") as file:  # a number would be an open file's
            return load(file)
    what = getattr(f, "name", "the file")
    start = f.read(len(torchfile.OLD_START))
    try:
        if torchfile.is_archive(start):
            if hasattr(f, "seekable") and f.seekable():
                here = f.tell()
                size = f.seek(0, os.SEEK_END) - here + len(start)
                return torchfile.read(f, size)
            data = start + f.read()
            return torchfile.read(torchfile.stream(data), len(data))
        data = start + f.read()
        if start == torchfile.OLD_START:
            return torchfile.read_old(data)
        return safetensors.read(data)
    except FileFormatError as error:
        raise FileFormatError(f"{error} [{what}]") from None
