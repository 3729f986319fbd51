"""Objects from one process to another over a socket, with tensors and arrays in shared memory.

A message is a header, file descriptors and a pickle. The descriptors are those of `Segment`s, each sent once: from then on
both processes know it by a number. A tensor that lies in a segment already is handed over as it is; all others are copied
into one more segment, and so is a long pickle. What goes through the socket is therefore short, and a sender hardly ever
waits for a busy receiver. When the receiver has dropped all that lies in a segment, it says so with its next message, and
the sender uses the memory again: it is still mapped on both sides (a new mapping costs ten times what filling it costs).
"""

import io
import os
import pickle
import socket
import struct

import tensorgrad
from tensorgrad._core.shared import Loan, Segment, only_in, segment_of, tensor_on

HEADER = struct.Struct("<qqqi")  # length of the pickle; its place in a segment, or -1: it follows; that segment; descriptors
INLINE = 2048                    # bytes: a longer pickle goes through memory
SEGMENTS = 200                   # segments of one message; the system lets 253 descriptors through
IDLE = 16                        # segments that wait to be used again
ALIGN = 64                       # bytes: tensors begin on a cache line
SHARED = 1 << 14                 # bytes from which it pays to collate straight into a segment


class Closed(Exception):
    """The other process has closed its end, or has died."""


class Layout:
    """Which tensors and arrays go to which place of the segment that comes with a message."""

    def __init__(self):
        self.writes, self.arrays, self.size = [], [], 0

    def room(self, nbytes, write):
        """The place of nbytes; `write(segment, place)` will fill it."""
        place = self.size
        self.writes.append((write, place))
        self.size += -(-nbytes // ALIGN) * ALIGN
        return place

    def array(self, buffer):
        """What pickle calls for the memory of an array; True: keep it in the pickle."""
        raw = buffer.raw()
        if raw.nbytes:
            def write(segment, place):
                memoryview(segment)[place:place + raw.nbytes] = raw

            self.arrays.append((self.room(raw.nbytes, write), raw.nbytes))
        return not raw.nbytes


class Packer(pickle.Pickler):
    """Pickles an object, its tensors and arrays laid aside."""

    def __init__(self, file, made):
        self.made, self.segments, self.layout = made, [], Layout()
        super().__init__(file, 5, buffer_callback=self.layout.array)  # no method of self: a cycle would keep all tensors

    def persistent_id(self, item):
        """How a plain tensor is told: (number of its segment or -1, place, dtype, shape)."""
        if type(item) is not tensorgrad.Tensor or item.requires_grad or item.__dict__:
            return None
        shape, name = tuple(item.shape), item.dtype.name
        segment, place = segment_of(item)
        if segment is not None and self.made.get(segment.number) is segment and item.is_contiguous() and (
                segment in self.segments or len(self.segments) < SEGMENTS):
            if segment not in self.segments:
                self.segments.append(segment)
            return segment.number, place, name, shape

        def write(segment, place):
            tensor_on(segment, item.dtype, shape, place).copy_(item)

        return -1, self.layout.room(item.numel() * item.dtype.itemsize, write), name, shape


class Unpacker(pickle.Unpickler):
    """The other half: tensors become windows on what was lent. loan(number): the Loan of a segment."""

    def __init__(self, file, loan, arrays):
        window = memoryview(loan(-1)) if arrays else None
        super().__init__(file, buffers=[window[place:place + nbytes] for place, nbytes in arrays])
        self.loan = loan

    def persistent_load(self, told):
        number, place, name, shape = told
        return tensor_on(self.loan(number), getattr(tensorgrad, name), shape, place)


class Channel:
    """One end of a socket between two processes, and the memory that both know."""

    def __init__(self, sock):
        self.sock, self.count = sock, 0
        self.made, self.lent, self.told, self.dropped = {}, set(), set(), []  # ours: all, in use there, known there, no more ours
        self.known, self.returned = {}, []                                    # theirs: all, and which of them we use no more

    def close(self):
        """Close the socket; what was lent stays as long as tensors lie in it."""
        self.sock.close()

    def segment(self, nbytes):
        """Shared memory of at least nbytes: some that is not in use, or new."""
        idle = 0
        for number in list(self.made):
            if number in self.lent or not only_in(self.made, number):
                continue
            segment = self.made[number]
            if nbytes <= segment.size <= 2 * nbytes + (1 << 16):
                return segment
            idle += 1
            if idle > IDLE:
                del self.made[number]
                self.told.discard(number)
                self.dropped.append(number)
        segment = Segment(nbytes)
        segment.number = self.count
        self.made[self.count] = segment
        self.count += 1
        return segment

    def new_tensor(self, shape, dtype):
        """An uninitialised tensor in shared memory of its own."""
        nbytes = dtype.itemsize
        for n in shape:
            nbytes *= n
        return tensor_on(self.segment(nbytes), dtype, tuple(shape))

    def send(self, item):
        """Send an object. Errors: Closed; what pickling it raises, and then nothing was sent."""
        file = io.BytesIO()
        packer = Packer(file, self.made)
        packer.dump(item)
        layout = packer.layout
        returned, dropped = list(self.returned), list(self.dropped)
        stream = pickle.dumps((layout.arrays, returned, dropped)) + file.getbuffer()
        place, number, segments = layout.size if len(stream) > INLINE else -1, -1, packer.segments
        if layout.size or place >= 0:
            loose = self.segment(layout.size + len(stream))
            for write, where in layout.writes:
                write(loose, where)
            if place >= 0:
                memoryview(loose)[place:place + len(stream)] = stream
            segments.append(loose)
            number = loose.number
        fresh = [segment for segment in segments if segment.number not in self.told]
        message = HEADER.pack(len(stream), place, number, len(fresh))
        message += struct.pack(f"<{len(fresh)}q", *(segment.number for segment in fresh)) + (stream if place < 0 else b"")
        try:
            sent = socket.send_fds(self.sock, [message], [segment.fd for segment in fresh])
            self.sock.sendall(message[sent:])
        except (BrokenPipeError, ConnectionResetError):
            raise Closed from None
        del self.returned[:len(returned)], self.dropped[:len(dropped)]
        numbers = {segment.number for segment in segments}
        self.lent |= numbers
        self.told |= numbers

    def receive(self):
        """The next object. Errors: Closed; TimeoutError of a socket with a time limit; what unpickling raises."""
        fds = []
        try:
            header, fds, _, _ = socket.recv_fds(self.sock, HEADER.size, SEGMENTS + 1)
            header += self._exactly(HEADER.size - len(header)) if header else b""
            if not header:
                raise Closed
            length, place, last, count = HEADER.unpack(header)
            numbers = struct.unpack(f"<{count}q", self._exactly(8 * count))
            stream = self._exactly(length) if place < 0 else b""
            if len(fds) != count:
                raise OSError(f"DataLoader: {count} pieces of shared memory were sent, {len(fds)} arrived: too many open files?")
            for number in numbers:
                segment = Segment(fd=fds.pop(0))
                segment.close()  # the mapping suffices
                segment.number = number
                self.known[number] = segment
        except ConnectionResetError:
            raise Closed from None
        finally:
            for fd in fds:
                os.close(fd)
        loans = {}

        def loan(number):
            number = last if number < 0 else number
            if number not in loans:
                loans[number] = Loan(self.known[number], self.returned)
            return loans[number]

        if last >= 0:
            loan(last)
        if place >= 0:
            stream = memoryview(self.known[last])[place:place + length]
        file = io.BytesIO(stream)
        arrays, returned, dropped = pickle.load(file)
        self.lent.difference_update(returned)
        for number in dropped:
            del self.known[number]
        return Unpacker(file, loan, arrays).load()

    def _exactly(self, n):
        """The next n bytes."""
        parts = []
        while n:
            parts.append(self.sock.recv(n))
            if not parts[-1]:
                raise Closed
            n -= len(parts[-1])
        return b"".join(parts)
