"""Writing a file all or nothing."""

import os
import tempfile
from contextlib import contextmanager


@contextmanager
def replacing(path):
    """A binary file to write to that takes the name `path` when the block ends without an error and its bytes are on the
    disk. Until then, and after any error or kill, the file that was there before stays as it is.

    >>> import os, pathlib, tempfile
    >>> from tensorgrad.io.atomic import replacing
    >>> path = os.path.join(tempfile.mkdtemp(), "note")
    >>> with replacing(path) as file:
    ...     _ = file.write(b"done")
    >>> pathlib.Path(path).read_bytes()
    b'done'
    """
    path = os.path.realpath(path)  # the file that a link points to, not the link, is replaced
    folder = os.path.dirname(path)
    handle, temporary = tempfile.mkstemp(prefix=os.path.basename(path) + ".", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, os.stat(path).st_mode & 0o7777 if os.path.exists(path) else 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    directory = os.open(folder, os.O_RDONLY)  # the new name must survive a power cut, too
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
