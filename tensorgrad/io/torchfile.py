"""PyTorch's files: a zip archive with a pickle (data.pkl) and one entry a storage (data/0, data/1 ...), and, for reading, the
format before it: pickles one after the other, then the storages. Source: torch.serialization."""

import io
import os
import struct
import zipfile
import zlib

from .._core.errors import FileFormatError
from .memory import as_bytes, new_storage
from .pickling import Pickler
from .unpickling import DTYPE_OF, Name, Unpickler

ALIGNMENT = 64  # bytes: where the storages begin
HEADER = 30     # bytes of a local header before the entry's name
MAGIC, PROTOCOL = 0x1950a86a20f9469cfc6c, 1001  # of the old format
OLD_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickle of MAGIC


def write(obj, file, name):
    """Write a nested structure as an archive whose folder is called `name`."""
    pickler = Pickler()
    pickle = pickler.dump(obj)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        add(archive, f"{name}/data.pkl", pickle)
        add(archive, f"{name}/.format_version", b"1")
        add(archive, f"{name}/.storage_alignment", str(ALIGNMENT).encode())
        add(archive, f"{name}/byteorder", b"little")
        for number, (storage, _) in enumerate(pickler.storages):
            add(archive, f"{name}/data/{number}", as_bytes(storage))
        add(archive, f"{name}/version", b"3\n")
        add(archive, f"{name}/.data/serialization_id", f"{zlib.crc32(pickle):040d}".encode())


def add(archive, name, data):
    """One entry of the archive, padded so that its data stand at a multiple of ALIGNMENT."""
    info = zipfile.ZipInfo(name)  # dated 1980: equal contents give equal files
    info.file_size = len(data)
    large = info.file_size * 1.05 > zipfile.ZIP64_LIMIT  # zipfile's rule: the header then has 20 bytes more
    begin = archive.start_dir + HEADER + len(name.encode()) + 4 + 20 * large
    padding = -begin % ALIGNMENT
    info.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
    with archive.open(info, "w", force_zip64=large) as entry:
        entry.write(data)


def place(reference):
    """(dtype, key, number of elements) of a persistent id ("storage", type, key, location, elements)."""
    if type(reference) is not tuple or len(reference) not in (5, 6) or reference[0] != "storage":
        raise FileFormatError(f"load: the pickle refers to {str(reference)[:100]}, not to a storage")
    _, kind, key, _, count, *view = reference
    if type(kind) is not Name or kind.text not in DTYPE_OF or not isinstance(key, str) or type(count) is not int or count < 0:
        raise FileFormatError(f"load: the pickle refers to the storage {key!r} of {count!r} elements of {kind!r}")
    if view and view[0] is not None:
        raise FileFormatError(f"load: storage {key!r} is a part of another one")
    return DTYPE_OF[kind.text], key, count


def read(file, size):
    """What an archive holds. size: of the file, which no sum of storages may exceed."""
    try:
        with zipfile.ZipFile(file) as archive:
            return read_archive(archive, size)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, KeyError, IndexError, OverflowError, ValueError, struct.error,
            zlib.error, UnicodeError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"load: the archive is damaged ({error!r})") from None
    except RuntimeError as error:  # zipfile's word for an entry with a password
        if type(error) is not RuntimeError:
            raise
        raise FileFormatError(f"load: the archive is damaged ({error})") from None


def read_archive(archive, size):
    entries = {entry.filename: entry for entry in archive.infolist()}
    pickles = [name for name in entries if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise FileFormatError(f"load: the archive has {len(pickles)} entries data.pkl; it is no file of PyTorch")
    folder = pickles[0].removesuffix("data.pkl")
    if folder + "constants.pkl" in entries:
        raise FileFormatError("load: this is a TorchScript archive; save a state_dict instead")
    left = size

    def entry(name, length=None):
        nonlocal left
        info = entries.get(folder + name)
        if info is None:
            raise FileFormatError(f"load: the archive has no entry {name!r}")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise FileFormatError(f"load: entry {name!r} of the archive is compressed")
        if length is not None and info.file_size != length:
            raise FileFormatError(f"load: storage {name!r} has {info.file_size} bytes, {length} are expected")
        left -= info.file_size
        if left < 0:
            raise FileFormatError("load: the entries of the archive are larger than the file")
        return archive.open(info)

    def content(name):
        with entry(name) as stream:
            return stream.read()

    swap = folder + "byteorder" in entries and content("byteorder").strip() == b"big"
    storages = {}

    def storage(reference):
        dtype, key, count = place(reference)
        if key not in storages:
            def fill(memory):
                with entry(f"data/{key}", len(memory)) as stream:
                    if stream.readinto(memory) != len(memory) or stream.read(1):  # the end is where the checksum is compared
                        raise FileFormatError(f"load: storage {key!r} is not complete")

            if count * dtype.itemsize > size:
                raise FileFormatError(f"load: storage {key!r} of {count} elements is larger than the file")
            storages[key] = new_storage(count, dtype, fill, swap)
        flat = storages[key]
        if flat.dtype is not dtype or flat.numel() != count:
            raise FileFormatError(f"load: storage {key!r} is told to be {count} elements of {dtype.name} and {flat.numel()} of "
                                  f"{flat.dtype.name}")
        return flat

    return Unpickler(content("data.pkl"), 0, storage).load()


def read_old(data):
    """What the bytes of a file of the old format hold."""
    position = 0

    def pickle(persistent=None):
        nonlocal position
        unpickler = Unpickler(data, position, persistent)
        value = unpickler.load()
        position = unpickler.position
        return value

    if pickle() != MAGIC or pickle() != PROTOCOL:
        raise FileFormatError("load: not a file of PyTorch: the magic number or the protocol is another one")
    system = pickle()
    swap = isinstance(system, dict) and system.get("little_endian") is False
    waiting = {}
    left = len(data)

    def storage(reference):
        nonlocal left
        dtype, key, count = place(reference)
        if key not in waiting:
            left -= count * dtype.itemsize
            if left < 0:
                raise FileFormatError(f"load: storage {key!r} of {count} elements is larger than the file")
            waiting[key] = new_storage(count, dtype, lambda memory: None)
        if waiting[key].dtype is not dtype or waiting[key].numel() != count:
            raise FileFormatError(f"load: storage {key!r} has two dtypes or sizes")
        return waiting[key]

    value = pickle(storage)
    keys = pickle()
    if type(keys) is not list or sorted(map(str, keys)) != sorted(waiting):
        raise FileFormatError("load: the list of storages is not that of the tensors")
    for key in keys:
        flat = waiting[key]
        part = data[position + 8:position + 8 + flat.nbytes]
        if int.from_bytes(data[position:position + 8], "big" if swap else "little") != flat.numel() or len(part) != flat.nbytes:
            raise FileFormatError(f"load: storage {key!r} is not complete")
        position += 8 + flat.nbytes
        flat.copy_(new_storage(flat.numel(), flat.dtype, lambda memory, part=part: memory.__setitem__(slice(None), part), swap))
    return value


def is_archive(start):
    """Whether a file that begins with these bytes is a zip archive."""
    return start[:4] == b"PK\x03\x04"


def stream(data):
    """Bytes as a file."""
    return io.BytesIO(data)


def folder_name(path):
    """The folder in an archive: the file's name without its ending."""
    return os.path.splitext(os.path.basename(path))[0] or "archive"
