"""Fourier transforms of real and complex tensors, through NumPy, with derivatives. The names are torch.fft's.

`norm` says where the factor 1/n of a transform and its inverse stands: "backward" (the default) with the inverse, "forward" with the
transform, "ortho" as 1/sqrt(n) with both. `n` and `s` cut the input or fill it up with zeros. Results are ComplexTensors.
"""

from ._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .complex_tensor import ComplexTensor, F, parts, view_as_complex
from .ops.declare import check_tensors
from .ops.fourier import dft, irdft, rdft

__all__ = ["fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "hfft2", "hfftn", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft",
           "ihfft2", "ihfftn", "irfft", "irfft2", "irfftn", "istft", "rfft", "rfft2", "rfftfreq", "rfftn", "stft"]


def _pairs(input, name):
    """The pairs of a complex tensor, or of a real one with imaginary parts of 0."""
    if isinstance(input, ComplexTensor):
        return input.pairs
    real = _real(input, name)
    return F["stack"]([real, F["zeros_like"](real)], -1)


def _real(input, name):
    """A real tensor as float32 or float64."""
    if isinstance(input, ComplexTensor):
        raise DTypeError(f"fft.{name}: expects real numbers, got {input.dtype}")
    check_tensors(f"fft.{name}", input=input)
    if input.dtype.name in ("float16", "bfloat16"):
        raise DTypeError(f"fft.{name}: expects float32 or float64, got {input.dtype}")
    return input if input.is_floating_point() else input.float()


def _dims(name, ndim, s, dim, default=None):
    """The dimensions counted from 0, and the wanted size of each (None: as it is)."""
    if dim is None:
        dim = default if default is not None else tuple(range(ndim - len(s), ndim)) if s is not None else tuple(range(ndim))
    dim = (dim,) if isinstance(dim, int) else tuple(dim)
    for d in dim:
        if not -ndim <= d < max(ndim, 1):
            raise OutOfRangeError(f"fft.{name}: dim must be in [{-ndim}, {ndim - 1}], got {d}")
    dims = tuple(d % ndim for d in dim) if ndim else ()
    if len(set(dims)) != len(dims):
        raise ArgumentError(f"fft.{name}: every dimension may be named once, got {dim}")
    sizes = (None,) * len(dims) if s is None else tuple(None if n == -1 else n for n in ((s,) if isinstance(s, int) else s))
    if len(sizes) != len(dims):
        raise ArgumentError(f"fft.{name}: got {len(sizes)} sizes {tuple(sizes)} for {len(dims)} dimensions {dim}")
    if any(n is not None and n < 1 for n in sizes):
        raise ArgumentError(f"fft.{name}: sizes must be at least 1, got {tuple(sizes)}")
    return dims, sizes


def _fit(x, dim, n):
    """Cut dimension `dim` to n, or fill it up with zeros."""
    have = x.shape[dim]
    if n is None or n == have:
        return x
    if n < have:
        return x.narrow(dim, 0, n)
    shape = list(x.shape)
    shape[dim] = n - have
    return F["cat"]([x, F["zeros"](shape, dtype=x.dtype)], dim)


def _scale(name, norm, count, inverse):
    """The factor of a transform over `count` numbers."""
    if norm not in (None, "backward", "forward", "ortho"):
        raise ArgumentError(f"fft.{name}: norm must be 'backward', 'forward' or 'ortho', got {norm!r}")
    if norm == "ortho":
        return count**-0.5
    return 1 / count if (norm == "forward") != inverse else 1.0


def _product(x, dims, name):
    count = 1
    for d in dims:
        count *= x.shape[d]
    if count < 1:
        raise ShapeError(f"fft.{name}: a dimension of 0 cannot be transformed, got shape {tuple(x.shape)} and dimensions {dims}")
    return count


def _complex(name, input, s, dim, norm, inverse, default=None):
    """Complex to complex along any dimensions."""
    pairs = _pairs(input, name)
    dims, sizes = _dims(name, pairs.ndim - 1, s, dim, default)
    for d, n in zip(dims, sizes, strict=True):
        pairs = _fit(pairs, d, n)
    if not dims:
        return ComplexTensor(pairs)
    scale = _scale(name, norm, _product(pairs, dims, name), inverse)
    result = dft(pairs, dims=dims, inverse=inverse)
    return ComplexTensor(result if scale == 1 else result * scale)


def _from_real(name, input, s, dim, norm, default=None, inverse=False):
    """Real to half complex: the last of the dimensions is halved. inverse: with the other sign (ihfft)."""
    x = _real(input, name)
    dims, sizes = _dims(name, x.ndim, s, dim, default)
    if not dims:
        raise ArgumentError(f"fft.{name}: at least one dimension must be transformed")
    for d, n in zip(dims, sizes, strict=True):
        x = _fit(x, d, n)
    scale = _scale(name, norm, _product(x, dims, name), inverse)
    pairs = rdft(x, dim=dims[-1])
    if dims[:-1]:
        pairs = dft(pairs, dims=dims[:-1], inverse=False)
    result = ComplexTensor(pairs if scale == 1 else pairs * scale)
    return result.conj() if inverse else result


def _to_real(name, input, s, dim, norm, default=None, inverse=True):
    """Half complex to real. inverse=False: with the sign of the forward transform (hfft)."""
    pairs = _pairs(input, name)
    dims, sizes = _dims(name, pairs.ndim - 1, s, dim, default)
    if not dims:
        raise ArgumentError(f"fft.{name}: at least one dimension must be transformed")
    last = sizes[-1] if sizes[-1] is not None else 2 * (pairs.shape[dims[-1]] - 1)
    if last < 1:
        raise ShapeError(f"fft.{name}: dimension {dims[-1]} of shape {tuple(pairs.shape[:-1])} gives {last} numbers; pass the size")
    for d, n in zip(dims, (*sizes[:-1], last // 2 + 1), strict=True):
        pairs = _fit(pairs, d, n)
    scale = _scale(name, norm, _product(pairs, dims[:-1], name) * last, inverse)
    if not inverse:
        pairs = ComplexTensor(pairs).conj().pairs
    if dims[:-1]:
        pairs = dft(pairs, dims=dims[:-1], inverse=True)
    result = irdft(pairs, n=last, dim=dims[-1])
    return result if scale == 1 else result * scale


def fft(input, n=None, dim=-1, norm=None):
    """y[k] = sum over m of x[m] exp(-2 pi i m k / n) along dim: [..., m, ...] -> [..., n, ...], complex; x is cut to n or filled up with
    zeros (None: as it is).

    norm: where the factor 1/n stands, "backward" (the default) in ifft, "forward" here, "ortho" 1/sqrt(n) in both. Errors: ArgumentError
    for n < 1 and another norm, OutOfRangeError for dim, ShapeError for no numbers, DTypeError for half precision. Source: torch.fft.fft.

    >>> import tensorgrad as torch
    >>> torch.fft.fft(torch.tensor([1.0, 0.0, 0.0, 0.0]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    return _complex("fft", input, n, dim, norm, False)


def ifft(input, n=None, dim=-1, norm=None):
    """The inverse of fft: y[m] = 1/n sum over k of x[k] exp(2 pi i m k / n) along dim: [..., m, ...] -> [..., n, ...], complex. n, norm:
    see fft. Errors: ArgumentError, OutOfRangeError, ShapeError, DTypeError, as in fft. Source: torch.fft.ifft.

    >>> import tensorgrad as torch
    >>> torch.fft.ifft(torch.fft.fft(torch.tensor([1.0, 2.0]))).real
    tensor([1., 2.])
    """
    return _complex("ifft", input, n, dim, norm, True)


def fft2(input, s=None, dim=(-2, -1), norm=None):
    """fft over two dimensions, one after the other: [..., m1, m2] -> [..., *s], complex; s: their sizes (None: as they are). norm: see
    fft, with n the product of the sizes. Errors: ArgumentError for another norm, number of sizes and a dim named twice, OutOfRangeError
    for dim, ShapeError, DTypeError. Source: torch.fft.fft2.

    >>> import tensorgrad as torch
    >>> torch.fft.fft2(torch.ones(2, 2))
    tensor([[4.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    return _complex("fft2", input, s, dim, norm, False, (-2, -1))


def ifft2(input, s=None, dim=(-2, -1), norm=None):
    """The inverse of fft2: [..., m1, m2] -> [..., *s], complex. Errors: ArgumentError, OutOfRangeError, ShapeError, DTypeError, as in
    fft2. Source: torch.fft.ifft2.

    >>> import tensorgrad as torch
    >>> torch.fft.ifft2(torch.ones(2, 2))
    tensor([[1.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    return _complex("ifft2", input, s, dim, norm, True, (-2, -1))


def fftn(input, s=None, dim=None, norm=None):
    """fft over several dimensions, by default all (or the last ones of as many sizes as s has): input's shape with the sizes s there,
    complex. norm: see fft, with n the product of the sizes. Errors: ArgumentError for another norm, number of sizes and a dim named
    twice, OutOfRangeError for dim, ShapeError, DTypeError. Source: torch.fft.fftn.

    >>> import tensorgrad as torch
    >>> torch.fft.fftn(torch.ones(2, 2), dim=0)
    tensor([[2.+0.j, 2.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    return _complex("fftn", input, s, dim, norm, False)


def ifftn(input, s=None, dim=None, norm=None):
    """The inverse of fftn; of the same shapes. Errors: ArgumentError, OutOfRangeError, ShapeError, DTypeError, as in fftn. Source:
    torch.fft.ifftn.

    >>> import tensorgrad as torch
    >>> torch.fft.ifftn(torch.ones(4))
    tensor([1.+0.j, 0.+0.j, 0.+0.j, 0.+0.j])
    """
    return _complex("ifftn", input, s, dim, norm, True)


def rfft(input, n=None, dim=-1, norm=None):
    """The first n // 2 + 1 numbers of fft of real numbers; the others are their conjugates: [..., m, ...] -> [..., n // 2 + 1, ...],
    complex. n, norm: see fft. Errors: ArgumentError, OutOfRangeError, ShapeError, DTypeError for complex numbers and half precision.
    Source: torch.fft.rfft.

    >>> import tensorgrad as torch
    >>> torch.fft.rfft(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    tensor([10.+0.j, -2.+2.j, -2.+0.j])
    """
    return _from_real("rfft", input, n, dim, norm)


def irfft(input, n=None, dim=-1, norm=None):
    """The inverse of rfft: n real numbers, by default 2 (m - 1) of m complex ones: [..., m, ...] -> [..., n, ...]. norm: see fft. Errors:
    ArgumentError, OutOfRangeError, ShapeError where n would be 0, DTypeError for half precision. Source: torch.fft.irfft.

    >>> import tensorgrad as torch
    >>> torch.fft.irfft(torch.fft.rfft(torch.tensor([1.0, 2.0, 3.0])), n=3)
    tensor([1., 2., 3.])
    """
    return _to_real("irfft", input, n, dim, norm)


def rfft2(input, s=None, dim=(-2, -1), norm=None):
    """rfft over the last of two dimensions, fft over the other: [..., m1, m2] -> [..., s1, s2 // 2 + 1], complex; s: see fft2. Errors:
    ArgumentError, OutOfRangeError, ShapeError, DTypeError for complex numbers and half precision. Source: torch.fft.rfft2.

    >>> import tensorgrad as torch
    >>> torch.fft.rfft2(torch.ones(2, 4)).shape
    tensorgrad.Size([2, 3])
    """
    return _from_real("rfft2", input, s, dim, norm, (-2, -1))


def irfft2(input, s=None, dim=(-2, -1), norm=None):
    """The inverse of rfft2: [..., m1, m2] -> [..., *s], real; s: by default (m1, 2 (m2 - 1)). Errors: ArgumentError, OutOfRangeError,
    ShapeError where a size would be 0, DTypeError. Source: torch.fft.irfft2.

    >>> import tensorgrad as torch
    >>> torch.fft.irfft2(torch.fft.rfft2(torch.ones(2, 2)))
    tensor([[1., 1.],
            [1., 1.]])
    """
    return _to_real("irfft2", input, s, dim, norm, (-2, -1))


def rfftn(input, s=None, dim=None, norm=None):
    """rfft over the last of several dimensions, fft over the others: input's shape with the sizes s there, the last s // 2 + 1, complex;
    s, dim: see fftn. Errors: ArgumentError (also for no dimension), OutOfRangeError, ShapeError, DTypeError for complex numbers and half
    precision. Source: torch.fft.rfftn.

    >>> import tensorgrad as torch
    >>> torch.fft.rfftn(torch.ones(2, 4)).shape
    tensorgrad.Size([2, 3])
    """
    return _from_real("rfftn", input, s, dim, norm)


def irfftn(input, s=None, dim=None, norm=None):
    """The inverse of rfftn: input's shape with the sizes s there, the last by default 2 (m - 1), real. Errors: ArgumentError (also for no
    dimension), OutOfRangeError, ShapeError where a size would be 0, DTypeError. Source: torch.fft.irfftn.

    >>> import tensorgrad as torch
    >>> torch.fft.irfftn(torch.fft.rfftn(torch.ones(2, 2)))
    tensor([[1., 1.],
            [1., 1.]])
    """
    return _to_real("irfftn", input, s, dim, norm)


def hfft(input, n=None, dim=-1, norm=None):
    """fft of numbers that are Hermitian, x[-m] = conj(x[m]), given by their first half: [..., m, ...] -> [..., n, ...], real, n by
    default 2 (m - 1). norm: see fft. Errors: ArgumentError, OutOfRangeError, ShapeError where n would be 0, DTypeError for half
    precision. Source: torch.fft.hfft.

    >>> import tensorgrad as torch
    >>> torch.fft.hfft(torch.ones(3))
    tensor([4., 0., 0., 0.])
    """
    return _to_real("hfft", input, n, dim, norm, inverse=False)


def ihfft(input, n=None, dim=-1, norm=None):
    """The inverse of hfft: the first half of the ifft of real numbers: [..., m, ...] -> [..., n // 2 + 1, ...], complex. n, norm: see
    fft. Errors: ArgumentError, OutOfRangeError, ShapeError, DTypeError for complex numbers and half precision. Source: torch.fft.ihfft.

    >>> import tensorgrad as torch
    >>> torch.fft.ihfft(torch.ones(4))
    tensor([1.-0.j, 0.-0.j, 0.-0.j])
    """
    return _from_real("ihfft", input, n, dim, norm, inverse=True)


def hfft2(input, s=None, dim=(-2, -1), norm=None):
    """hfft over the last of two dimensions, fft over the other: [..., m1, m2] -> [..., *s], real; s: by default (m1, 2 (m2 - 1)). Errors:
    ArgumentError, OutOfRangeError, ShapeError where a size would be 0, DTypeError. Source: torch.fft.hfft2.

    >>> import tensorgrad as torch
    >>> torch.fft.hfft2(torch.ones(2, 2))
    tensor([[4., 0.],
            [0., 0.]])
    """
    return _to_real("hfft2", input, s, dim, norm, (-2, -1), inverse=False)


def ihfft2(input, s=None, dim=(-2, -1), norm=None):
    """The inverse of hfft2: [..., m1, m2] -> [..., s1, s2 // 2 + 1], complex. Errors: ArgumentError, OutOfRangeError, ShapeError,
    DTypeError for complex numbers and half precision. Source: torch.fft.ihfft2.

    >>> import tensorgrad as torch
    >>> torch.fft.ihfft2(torch.ones(2, 2))
    tensor([[1.-0.j, 0.-0.j],
            [0.-0.j, 0.-0.j]])
    """
    return _from_real("ihfft2", input, s, dim, norm, (-2, -1), inverse=True)


def hfftn(input, s=None, dim=None, norm=None):
    """hfft over the last of several dimensions, fft over the others: input's shape with the sizes s there, the last by default 2 (m - 1),
    real. Errors: ArgumentError (also for no dimension), OutOfRangeError, ShapeError where a size would be 0, DTypeError. Source:
    torch.fft.hfftn.

    >>> import tensorgrad as torch
    >>> torch.fft.hfftn(torch.ones(2, 3)).shape
    tensorgrad.Size([2, 4])
    """
    return _to_real("hfftn", input, s, dim, norm, inverse=False)


def ihfftn(input, s=None, dim=None, norm=None):
    """The inverse of hfftn: input's shape with the sizes s there, the last s // 2 + 1, complex. Errors: ArgumentError (also for no
    dimension), OutOfRangeError, ShapeError, DTypeError for complex numbers and half precision. Source: torch.fft.ihfftn.

    >>> import tensorgrad as torch
    >>> torch.fft.ihfftn(torch.ones(2, 3)).shape
    tensorgrad.Size([2, 2])
    """
    return _from_real("ihfftn", input, s, dim, norm, inverse=True)


def fftfreq(n, d=1.0, *, dtype=None, device=None, requires_grad=False):
    """The frequencies of fft's results: [0, 1, ..., (n-1) // 2, -(n // 2), ..., -1] / (d n), of shape [n]. Errors: ArgumentError for n <
    1. Source: torch.fft.fftfreq.

    >>> import tensorgrad as torch
    >>> torch.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    _count("fftfreq", n)
    values = [(k if k <= (n - 1) // 2 else k - n) / (n * d) for k in range(n)]
    return F["tensor"](values, dtype=dtype, requires_grad=requires_grad)


def rfftfreq(n, d=1.0, *, dtype=None, device=None, requires_grad=False):
    """The frequencies of rfft's results: [0, 1, ..., n // 2] / (d n), of shape [n // 2 + 1]. Errors: ArgumentError for n < 1. Source:
    torch.fft.rfftfreq.

    >>> import tensorgrad as torch
    >>> torch.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    _count("rfftfreq", n)
    return F["tensor"]([k / (n * d) for k in range(n // 2 + 1)], dtype=dtype, requires_grad=requires_grad)


def _count(name, n):
    if n < 1:
        raise ArgumentError(f"fft.{name}: n must be at least 1, got {n}")


def _shift(name, input, dim, sign):
    """Roll each dimension by half of its size."""
    if not isinstance(input, ComplexTensor):
        check_tensors(f"fft.{name}", input=input)
    dims, _ = _dims(name, input.ndim, None, dim)
    shifts = tuple(input.shape[d] // 2 if sign > 0 else -(input.shape[d] // 2) for d in dims)
    if isinstance(input, ComplexTensor):
        return ComplexTensor(F["roll"](input.pairs, shifts, dims)) if dims else input
    return F["roll"](input, shifts, dims) if dims else input


def fftshift(input, dim=None):
    """Frequency 0 moved to the middle: each dimension of `dim` (None: all) rolled by half of its size. Any shape, which the result has
    too. Errors: OutOfRangeError for dim, ArgumentError for one named twice. Source: torch.fft.fftshift.

    >>> import tensorgrad as torch
    >>> torch.fft.fftshift(torch.arange(4))
    tensor([2, 3, 0, 1])
    """
    return _shift("fftshift", input, dim, 1)


def ifftshift(input, dim=None):
    """The inverse of fftshift: rolled back by half of the size. Any shape, which the result has too. Errors: OutOfRangeError for dim,
    ArgumentError for one named twice. Source: torch.fft.ifftshift.

    >>> import tensorgrad as torch
    >>> torch.fft.ifftshift(torch.fft.fftshift(torch.arange(5)))
    tensor([0, 1, 2, 3, 4])
    """
    return _shift("ifftshift", input, dim, -1)


# ---- short-time transforms ----

def _window(name, window, win_length, n_fft, dtype):
    """The window, n_fft long: padded with zeros on both sides."""
    if window is None:
        window = F["ones"](win_length, dtype=dtype)
    if window.ndim != 1 or len(window) != win_length:
        raise ShapeError(f"{name}: window must have the shape ({win_length},), got {tuple(window.shape)}")
    left = (n_fft - win_length) // 2
    return F["cat"]([window.new_zeros(left), window, window.new_zeros(n_fft - win_length - left)])


def _lengths(name, n_fft, hop_length, win_length):
    hop = n_fft // 4 if hop_length is None else hop_length
    win = n_fft if win_length is None else win_length
    if n_fft < 1 or hop < 1 or not 0 < win <= n_fft:
        raise ArgumentError(f"{name}: n_fft and hop_length must be at least 1 and win_length in [1, n_fft], got n_fft={n_fft}, "
                            f"hop_length={hop}, win_length={win}")
    return hop, win


def stft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode="reflect", normalized=False, onesided=None,
         return_complex=None):
    """Short-time Fourier transform of signals (L,) or (B, L): rfft (or fft) of windows of n_fft, each hop_length on:
    (B, frequencies, windows). center: a window is around its time, the signal padded by n_fft // 2 on both sides. Errors:
    ShapeError, ArgumentError. Source: torch.stft.

    >>> import tensorgrad as torch
    >>> torch.stft(torch.ones(16), 8, return_complex=True).shape
    tensorgrad.Size([5, 9])
    """
    if return_complex is None and not isinstance(input, ComplexTensor):
        raise ArgumentError("stft: return_complex must be given for real signals, as in PyTorch")
    if input.ndim not in (1, 2):
        raise ShapeError(f"stft: input must have the shape (L,) or (B, L), got {tuple(input.shape)}")
    if isinstance(input, ComplexTensor):
        raise DTypeError("stft: complex signals are not supported")
    hop, win = _lengths("stft", n_fft, hop_length, win_length)
    x = _real(input, "stft")
    x = x if x.ndim == 2 else x.unsqueeze(0)
    if center:
        from .nn.functional import pad

        x = pad(x.unsqueeze(1), (n_fft // 2, n_fft // 2), mode=pad_mode).squeeze(1)
    if x.shape[1] < n_fft:
        raise ShapeError(f"stft: n_fft={n_fft} is larger than the (padded) signal of {x.shape[1]}")
    frames = x.unfold(1, n_fft, hop) * _window("stft", window, win, n_fft, x.dtype)
    norm = "ortho" if normalized else None
    result = (rfft if onesided in (None, True) else fft)(frames, norm=norm).transpose(1, 2)
    result = result if input.ndim == 2 else result[0]
    return result if return_complex else result.pairs


def istft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, normalized=False, onesided=None, length=None,
          return_complex=False):
    """The inverse of stft by overlap-add, divided by the sum of the squared windows: (B, L) or (L,). Errors: ShapeError,
    ArgumentError where the windows leave a gap. Source: torch.istft.

    >>> import tensorgrad as torch
    >>> w = torch.hann_window(8)
    >>> torch.istft(torch.stft(torch.ones(16), 8, window=w, return_complex=True), 8, window=w)[:3]
    tensor([1., 1., 1.])
    """
    hop, win = _lengths("istft", n_fft, hop_length, win_length)
    if not isinstance(input, ComplexTensor):
        input = view_as_complex(input)
    half = onesided in (None, True)
    if input.ndim not in (2, 3) or input.shape[-2] != (n_fft // 2 + 1 if half else n_fft):
        raise ShapeError(f"istft: input must have the shape (B, {n_fft // 2 + 1 if half else n_fft}, windows), got {tuple(input.shape)}")
    z = input if input.ndim == 3 else input.unsqueeze(0)
    norm = "ortho" if normalized else None
    frames = irfft(z.transpose(1, 2), n_fft, norm=norm) if half else parts(ifft(z.transpose(1, 2), norm=norm))[0]
    shape = _window("istft", window, win, n_fft, frames.dtype)
    count, total = frames.shape[1], n_fft + hop * (frames.shape[1] - 1)
    from .nn.functional import fold

    def overlap(pieces):
        return fold(pieces.transpose(1, 2), (1, total), (1, n_fft), stride=(1, hop)).reshape(len(pieces), total)

    signal, envelope = overlap(frames * shape), overlap((shape * shape).expand(1, count, n_fft))
    start = n_fft // 2 if center else 0
    end = total - start if length is None else min(start + length, total)
    signal, envelope = signal[:, start:end], envelope[:, start:end]
    if not (envelope.abs() > 1e-11).all():
        raise ArgumentError("istft: the windows leave a gap: the sum of their squares is 0 somewhere in the signal")
    signal = signal / envelope
    if length is not None:
        signal = _fit(signal, 1, length)
    return signal if input.ndim == 3 else signal[0]


ComplexTensor.istft = istft  # as a method, of what stft answers
