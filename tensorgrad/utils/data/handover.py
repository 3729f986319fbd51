"""Objects from one process to another over a socket, with tensors and arrays in shared memory.

A message is a header, file descriptors and a pickle. The descriptors are those of `Segment`s: a tensor that lies in one
already is handed over as it is; all others are copied into one segment that the message brings along, and so is a long
pickle. What goes through the socket is therefore short, and a sender hardly ever waits for a busy receiver.
"""

import io
import os
import pickle
import socket
import struct

import tensorgrad
from tensorgrad._core.shared import Segment, segment_of

HEADER = struct.Struct("<qqi")  # length of the pickle; its place in the last segment, or -1: it follows; segments
INLINE = 2048                   # bytes: a longer pickle goes through memory
SEGMENTS = 200                  # descriptors of one message; the system's limit is 253
ALIGN = 64                      # bytes: tensors begin on a cache line
SHARED = 1 << 14                # bytes from which it pays to collate straight into a segment


class Closed(Exception):
    """The other process has closed its end, or has died."""


def new_shared(shape, dtype):
    """An uninitialised tensor in shared memory of its own."""
    nbytes = dtype.itemsize
    for n in shape:
        nbytes *= n
    return Segment(nbytes).tensor(dtype, tuple(shape))


class Packer(pickle.Pickler):
    """Pickles an object and notes which tensors and arrays are to be laid in which place of memory."""

    def __init__(self, file):
        super().__init__(file, 5, buffer_callback=self._array)
        self.segments, self.writes, self.arrays, self.size = [], [], [], 0

    def _room(self, nbytes, write):
        """The place of nbytes in the segment of the message; `write(segment, place)` will fill it."""
        place = self.size
        self.writes.append((write, place))
        self.size += -(-nbytes // ALIGN) * ALIGN
        return place

    def _array(self, buffer):
        """What pickle calls for the memory of an array; True: keep it in the pickle."""
        raw = buffer.raw()
        if raw.nbytes:
            def write(segment, place):
                memoryview(segment)[place:place + raw.nbytes] = raw

            self.arrays.append((self._room(raw.nbytes, write), raw.nbytes))
        return not raw.nbytes

    def persistent_id(self, item):
        """How a plain tensor is told: (number of its segment or -1, place, dtype, shape)."""
        if type(item) is not tensorgrad.Tensor or item.requires_grad or item.__dict__:
            return None
        shape, name = tuple(item.shape), item.dtype.name
        segment, place = segment_of(item)
        if segment is not None and segment.fd >= 0 and item.is_contiguous():
            if segment in self.segments:
                return self.segments.index(segment), place, name, shape
            if len(self.segments) < SEGMENTS:
                self.segments.append(segment)
                return len(self.segments) - 1, place, name, shape

        def write(segment, place):
            segment.tensor(item.dtype, shape, place).copy_(item)

        return -1, self._room(item.numel() * item.dtype.itemsize, write), name, shape


class Unpacker(pickle.Unpickler):
    """The other half: tensors become windows on the segments."""

    def __init__(self, file, segments, arrays):
        window = memoryview(segments[-1]) if arrays else None
        super().__init__(file, buffers=[window[place:place + nbytes] for place, nbytes in arrays])
        self.segments = segments

    def persistent_load(self, told):
        number, place, name, shape = told
        return self.segments[number].tensor(getattr(tensorgrad, name), shape, place)


def send(sock, item):
    """Send an object. Errors: Closed; what pickling it raises, and then nothing was sent."""
    file = io.BytesIO()
    packer = Packer(file)
    packer.dump(item)
    stream = pickle.dumps(packer.arrays) + file.getbuffer()
    place = packer.size if len(stream) > INLINE else -1
    segments = packer.segments
    if packer.size or place >= 0:
        loose = Segment(packer.size + len(stream))
        for write, where in packer.writes:
            write(loose, where)
        if place >= 0:
            memoryview(loose)[place:place + len(stream)] = stream
        segments.append(loose)
    message = HEADER.pack(len(stream), place, len(segments)) + (stream if place < 0 else b"")
    try:
        sent = socket.send_fds(sock, [message], [segment.fd for segment in segments])
        sock.sendall(message[sent:])
    except (BrokenPipeError, ConnectionResetError):
        raise Closed from None


def receive(sock):
    """The next object. Errors: Closed; TimeoutError of a socket with a time limit; what unpickling raises."""
    fds = []
    try:
        header, fds, _, _ = socket.recv_fds(sock, HEADER.size, SEGMENTS + 1)
        header += exactly(sock, HEADER.size - len(header)) if header else b""
        if not header:
            raise Closed
        length, place, count = HEADER.unpack(header)
        stream = exactly(sock, length) if place < 0 else b""
        if len(fds) != count:
            raise OSError(f"DataLoader: {count} pieces of shared memory were sent, {len(fds)} arrived: too many open files?")
        segments = []
        while fds:
            segments.append(Segment(fd=fds.pop(0)))
            segments[-1].close()  # the mapping suffices
    except ConnectionResetError:
        raise Closed from None
    finally:
        for fd in fds:
            os.close(fd)
    if place >= 0:
        stream = memoryview(segments[-1])[place:place + length]
    file = io.BytesIO(stream)
    arrays = pickle.load(file)
    return Unpacker(file, segments, arrays).load()


def exactly(sock, n):
    """The next n bytes."""
    parts = []
    while n:
        parts.append(sock.recv(n))
        if not parts[-1]:
            raise Closed
        n -= len(parts[-1])
    return b"".join(parts)
