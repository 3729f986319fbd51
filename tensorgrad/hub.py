"""torch.hub: files of weights from the net, kept in a folder of one's own, below $TORCH_HOME or ~/.cache/torch."""

import os
import re
from pathlib import Path

from ._core.errors import FileFormatError

__all__ = ["download_url_to_file", "get_dir", "load", "load_state_dict_from_url", "set_dir"]

CHOSEN: list = []  # what set_dir chose
HASH = re.compile(r"-([a-f0-9]{8,})\.")  # in the name of a file: the first digits of its SHA-256 sum


def get_dir():
    """The folder: of set_dir, else $TORCH_HOME/hub, else $XDG_CACHE_HOME/torch/hub, else ~/.cache/torch/hub. Source:
    torch.hub.get_dir.

    >>> import tensorgrad
    >>> tensorgrad.hub.get_dir().endswith("hub")
    True
    """
    if CHOSEN:
        return CHOSEN[-1]
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return os.path.join(os.path.expanduser(os.environ.get("TORCH_HOME", os.path.join(cache, "torch"))), "hub")


def set_dir(d):
    """Choose another folder. Errors: TypeError for what is no path. Source: torch.hub.set_dir.

    >>> import tensorgrad
    >>> tensorgrad.hub.set_dir("weights")
    >>> tensorgrad.hub.get_dir()
    'weights'
    >>> tensorgrad.hub.CHOSEN.clear()  # the usual one again
    """
    CHOSEN[:] = [os.path.expanduser(d)]


def download_url_to_file(url, dst, hash_prefix=None, progress=True):
    """Fetch a file; it takes its name when it is complete and its SHA-256 sum begins with hash_prefix. Errors: OSError where the
    address does not answer, FileFormatError for another sum. Source: torch.hub.download_url_to_file.

    >>> import tensorgrad
    >>> import pathlib, tempfile, tensorgrad
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     a, b = pathlib.Path(folder, "a"), pathlib.Path(folder, "b")
    ...     _ = a.write_text("weights")
    ...     tensorgrad.hub.download_url_to_file(a.as_uri(), b, progress=False)
    ...     b.read_text()
    'weights'
    """
    from .io.download import fetch_checked

    fetch_checked([url], Path(dst), "sha256", hash_prefix or "", progress)


def load_state_dict_from_url(url, model_dir=None, map_location=None, progress=True, check_hash=False, file_name=None, weights_only=True):
    """What the file at an address holds, fetched unless it is in model_dir (default: get_dir()/checkpoints) already. check_hash:
    its name holds the first digits of its SHA-256 sum. Errors: OSError where the address does not answer, FileFormatError for
    another sum, a name without one, and a damaged file; UnsafeFileError. Source: torch.hub.load_state_dict_from_url.

    >>> import pathlib, tempfile, tensorgrad
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> tensorgrad.save({"w": tensorgrad.ones(2)}, folder / "net.pth")
    >>> tensorgrad.hub.load_state_dict_from_url((folder / "net.pth").as_uri(), model_dir=folder)
    {'w': tensor([1., 1.])}
    """
    from urllib.parse import urlparse

    from .io import load

    folder = Path(model_dir if model_dir is not None else os.path.join(get_dir(), "checkpoints"))
    name = file_name or os.path.basename(urlparse(url).path)
    path = folder / name
    if not path.exists():
        found = HASH.search(name) if check_hash else None
        if check_hash and found is None:
            raise FileFormatError(f"load_state_dict_from_url: check_hash wants a sum in the file's name, got {name!r}")
        download_url_to_file(url, path, found[1] if found else None, progress)
    return load(path)


load_url = load_state_dict_from_url  # its name in torch.utils.model_zoo


def load(repo_or_dir, model, *args, source="github", **kwargs):
    """A model of tensorgrad.vision for "pytorch/vision..."; with source="local" what the function `model` of a folder's hubconf.py
    answers. Errors: RuntimeError for other repositories (programs from the net are not run), ArgumentError for a model that is not
    there, FileNotFoundError for a folder without hubconf.py. Source: torch.hub.load.

    >>> import tensorgrad
    >>> type(tensorgrad.hub.load("pytorch/vision", "squeezenet1_1", num_classes=2)).__name__
    'SqueezeNet'
    """
    if source == "local":
        import runpy

        return runpy.run_path(os.path.join(repo_or_dir, "hubconf.py"))[model](*args, **kwargs)
    if str(repo_or_dir).partition(":")[0] == "pytorch/vision":
        import tensorgrad

        return tensorgrad.vision.models.get_model(model, *args, **kwargs)
    raise RuntimeError(f"hub.load: tensorgrad runs no programs from the net ({repo_or_dir}); fetch it and use source='local'")
