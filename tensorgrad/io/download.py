"""Files from the net: fetched with progress, checked by their sums, kept only when they are complete."""

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from .._core.errors import FileFormatError

CHUNK = 1 << 20  # bytes


def sum_of(path, kind):
    """The sum of a file of a kind that hashlib knows, as text."""
    digest = hashlib.new(kind, usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def md5_of(path):
    """The md5 sum of a file, as text."""
    return sum_of(path, "md5")


def check_md5(path, md5):
    """FileFormatError if the file has another md5 sum."""
    found = md5_of(path)
    if found != md5:
        raise FileFormatError(f"{path}: damaged, its md5 sum is {found}, not {md5}")


def fetch(urls, path, md5):
    """The file `path`, from the first of the addresses that answers, unless it is there with that md5 sum."""
    path = Path(path)
    return path if path.is_file() and md5_of(path) == md5 else fetch_checked(urls, path, "md5", md5)


def fetch_checked(urls, path, kind, start, progress=True):
    """The file `path`, from the first of the addresses that answers, if its sum of that kind (hashlib's name) begins so.

    What was loaded takes the name only when it is complete. Errors: FileFormatError for another sum, OSError where no address
    answers.
    """
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    path.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in urls:
        handle, part = tempfile.mkstemp(prefix=path.name + ".", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file, urlopen(Request(url, headers={"User-Agent": "tensorgrad"}), timeout=60) as answer:
                copy(answer, file, path.name, progress)
            found = sum_of(part, kind)
            if not found.startswith(start):
                raise FileFormatError(f"{url}: what came is damaged, its {kind} sum is {found}, not {start}")
            os.replace(part, path)
            return path
        except (URLError, OSError) as error:
            failures.append(f"{url} ({error})")
        finally:
            if os.path.exists(part):
                os.unlink(part)
    raise OSError(f"{path.name} could not be loaded from {'; '.join(failures)}")


def copy(answer, file, name, progress=True):
    """Write the body of an answer to a file; the share that has come is shown on a terminal, if that is wanted."""
    total, done = int(answer.headers.get("Content-Length") or 0), 0
    show = progress and sys.stderr.isatty()
    while chunk := answer.read(CHUNK):
        file.write(chunk)
        done += len(chunk)
        if show:
            share = f"{done / total:4.0%} of " if total else ""
            print(f"\r{name}: {share}{max(done, total) / 2**20:.1f} MB", end="", file=sys.stderr, flush=True)
    if show:
        print(file=sys.stderr)
    if total and done != total:
        raise OSError(f"the connection broke after {done} of {total} bytes")


def unpack(path, folder):
    """The regular files of a tar archive, all below the folder. Errors: FileFormatError for a damaged archive, and for one
    with names that lead elsewhere."""
    import tarfile
    import zlib

    folder = Path(folder).resolve()
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                target = (folder / member.name).resolve()
                if target != folder and folder not in target.parents:
                    raise FileFormatError(f"{path}: {member.name!r} would be written outside of {folder}")
                if member.isfile():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with archive.extractfile(member) as source, open(target, "wb") as file:
                        shutil.copyfileobj(source, file)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise FileFormatError(f"{path}: damaged archive ({error})") from None
