"""Fourier transforms against NumPy and PyTorch, their derivatives against finite differences, complex arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorgrad as tg
from tensorgrad.autograd import gradcheck, gradgradcheck
from tensorgrad.complex_tensor import ComplexTensor

try:
    import torch
except ImportError:
    torch = None

FROM_COMPLEX = ["fft", "ifft", "irfft", "hfft", "fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn", "hfft2", "hfftn"]
FROM_REAL = ["fft", "ifft", "rfft", "ihfft", "fft2", "rfft2", "ihfft2", "fftn", "rfftn", "ihfftn"]
CALLS = {"1": [{}, {"n": 4}, {"n": 9, "dim": 0}, {"dim": 1, "norm": "ortho"}, {"norm": "forward"}],
         "2": [{}, {"s": (3, 6)}, {"dim": (0, 2), "norm": "ortho"}, {"norm": "forward"}],
         "n": [{}, {"s": (4, 5)}, {"dim": (1,)}, {"dim": (2, 0), "norm": "ortho"}, {"s": (3, -1), "dim": (0, 1)}]}


def numbers(shape, complex_input, dtype=np.float64):
    rng = np.random.default_rng(3)
    x = rng.standard_normal(shape).astype(dtype)
    return x + 1j * rng.standard_normal(shape).astype(dtype) if complex_input else x


def to_ours(x):
    pairs = np.ascontiguousarray(x)
    if not np.iscomplexobj(x):
        return tg.tensor(pairs)
    return tg.view_as_complex(tg.tensor(pairs.view(pairs.real.dtype).reshape(*x.shape, 2)))


def calls(name):
    return CALLS[name[-1] if name[-1] in "2n" else "1"]


@pytest.mark.skipif(torch is None, reason="PyTorch is the oracle")
@pytest.mark.parametrize("complex_input, name", [(True, n) for n in FROM_COMPLEX] + [(False, n) for n in FROM_REAL])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pytorch_agrees(complex_input, name, dtype):
    x = numbers((5, 7, 6), complex_input, dtype)
    for options in calls(name):
        theirs_in = torch.from_numpy(x.copy()).requires_grad_()
        ours_in = to_ours(x).requires_grad_()
        theirs, ours = getattr(torch.fft, name)(theirs_in, **options), getattr(tg.fft, name)(ours_in, **options)
        assert str(ours.dtype).split(".")[1] == str(theirs.dtype).split(".")[1]
        tolerance = {"rtol": 2e-5, "atol": 1e-4} if dtype is np.float32 else {"rtol": 1e-11, "atol": 1e-11}
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().resolve_conj().numpy(), **tolerance)
        g = numbers(tuple(theirs.shape), theirs.is_complex(), dtype)
        theirs.backward(torch.from_numpy(g))
        ours.backward(to_ours(g))
        np.testing.assert_allclose(ours_in.grad.numpy(), theirs_in.grad.resolve_conj().numpy(), **tolerance)


@settings(max_examples=30)
@given(st.integers(1, 12), st.integers(1, 4), st.booleans(), st.sampled_from([None, "ortho", "forward"]))
def test_inverses(n, rows, complex_input, norm):
    x = to_ours(numbers((rows, n), complex_input))
    back = tg.fft.ifft(tg.fft.fft(x, norm=norm), norm=norm)
    np.testing.assert_allclose(back.numpy(), numbers((rows, n), complex_input), atol=1e-12)
    if not complex_input:
        np.testing.assert_allclose(tg.fft.irfft(tg.fft.rfft(x, norm=norm), n, norm=norm).numpy(), x.numpy(), atol=1e-12)
        np.testing.assert_allclose(tg.fft.hfft(tg.fft.ihfft(x, norm=norm), n, norm=norm).numpy(), x.numpy(), atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_gradients(n):
    x = tg.randn(3, n, dtype=tg.float64, requires_grad=True)
    pairs = tg.randn(2, n, 2, dtype=tg.float64, requires_grad=True)
    for f, v in ((lambda x: tg.fft.rfft(x).pairs, x), (lambda x: tg.fft.fft2(x).abs(), x),
                 (lambda p: tg.fft.ifft(ComplexTensor(p)).pairs, pairs), (lambda p: tg.fft.irfft(ComplexTensor(p), 2 * n - 1), pairs),
                 (lambda p: tg.fft.irfft(ComplexTensor(p), 2 * n), pairs)):
        assert gradcheck(f, (v,)) and gradgradcheck(f, (v,))


def test_frequencies_and_shifts():
    for n in (1, 4, 7):
        np.testing.assert_allclose(tg.fft.fftfreq(n, 0.5).numpy(), np.fft.fftfreq(n, 0.5), rtol=1e-6)
        np.testing.assert_allclose(tg.fft.rfftfreq(n, 0.5).numpy(), np.fft.rfftfreq(n, 0.5), rtol=1e-6)
    x = np.arange(30.0).reshape(5, 6)
    for dim in (None, 0, (0, 1), -1):
        np.testing.assert_array_equal(tg.fft.fftshift(tg.tensor(x), dim).numpy(), np.fft.fftshift(x, dim))
        np.testing.assert_array_equal(tg.fft.ifftshift(tg.tensor(x), dim).numpy(), np.fft.ifftshift(x, dim))
    np.testing.assert_array_equal(tg.fft.fftshift(to_ours(x + 1j)).numpy(), np.fft.fftshift(x + 1j))


@pytest.mark.parametrize("call, error", [
    (lambda: tg.fft.fft(tg.ones(3), n=0), "sizes must be at least 1"), (lambda: tg.fft.fft(tg.ones(3), dim=1), "dim must be in"),
    (lambda: tg.fft.fft(tg.ones(3), norm="x"), "'backward', 'forward' or 'ortho'"), (lambda: tg.fft.fft(tg.ones(2, 0)), r"\(2, 0"),
    (lambda: tg.fft.rfft(tg.fft.fft(tg.ones(3))), "expects real"), (lambda: tg.fft.fftn(tg.ones(3, 3), dim=(0, 0)), "once"),
    (lambda: tg.fft.fftn(tg.ones(3, 3), s=(2,), dim=(0, 1)), "1 sizes"), (lambda: tg.fft.irfft(tg.ones(1)), "gives 0 numbers"),
    (lambda: tg.view_as_complex(tg.ones(3)), r"\(3,\)"), (lambda: tg.complex(tg.ones(1), tg.ones(1, dtype=tg.float64)), "float64"),
    (lambda: tg.fft.fft(tg.ones(3).half()), "float16"), (lambda: tg.fft.fftfreq(0), "n must be"),
])
def test_bad_input(call, error):
    with pytest.raises((tg.ArgumentError, tg.ShapeError, tg.DTypeError, IndexError), match=error):
        call()


@pytest.mark.skipif(torch is None, reason="PyTorch is the oracle")
def test_complex_arithmetic_agrees():
    a, b = numbers((3, 4), True), numbers((4, 3), True).T.copy()
    ours, other = (to_ours(v).requires_grad_() for v in (a, b))
    theirs, theirs_other = (torch.from_numpy(v.copy()).requires_grad_() for v in (a, b))
    r = np.arange(4.0)
    for f in (lambda x, y, r: x * y + 2j, lambda x, y, r: x / y - r, lambda x, y, r: (1 - x) * r,
              lambda x, y, r: x.conj() @ y.transpose(0, 1), lambda x, y, r: 3 / x,
              lambda x, y, r: (x.exp()[1:, ::2] * 1j).sum(0), lambda x, y, r: -x.permute(1, 0).reshape(2, 6).mean(),
              lambda x, y, r: x.abs() * y.angle(), lambda x, y, r: x[..., 1].unsqueeze(0) * x.real[0, 0]):
        mine, yours = f(ours, other, tg.tensor(r)), f(theirs, theirs_other, torch.from_numpy(r))
        np.testing.assert_allclose(mine.detach().numpy(), yours.detach().resolve_conj().numpy(), rtol=1e-12, atol=1e-12)
        for t in (ours, other, theirs, theirs_other):
            (t.pairs if isinstance(t, ComplexTensor) else t).grad = None
        g = numbers(tuple(yours.shape), yours.is_complex())
        mine.backward(to_ours(np.asarray(g)))
        yours.backward(torch.from_numpy(np.asarray(g)))
        for t, u in ((ours, theirs), (other, theirs_other)):
            if u.grad is not None:
                np.testing.assert_allclose(t.grad.numpy(), u.grad.resolve_conj().numpy(), rtol=1e-11, atol=1e-11)


def test_complex_values():
    z = tg.complex(tg.tensor([[1.0, 2.0]]), tg.tensor([[0.0, -1.0]]))
    assert repr(z) == "tensor([[1.+0.j, 2.-1.j]])" and z.shape == (1, 2) and z.dim() == 2 and z.numel() == 2 and len(z) == 1
    assert z.tolist() == [[1 + 0j, 2 - 1j]] and z[0, 1].item() == 2 - 1j and z.is_complex() and not z.is_floating_point()
    assert (z == z).all() and tg.view_as_real(z).shape == (1, 2, 2) and z.squeeze(0).shape == (2,)
    zero = tg.view_as_complex(tg.zeros(1, 2)).requires_grad_()
    zero.abs().sum().backward()
    assert zero.grad.tolist() == [0j]
    z.real[0, 0] = 5.0
    assert z[0, 0].item() == 5 + 0j  # a view


@pytest.mark.skipif(torch is None, reason="PyTorch is the oracle")
@pytest.mark.parametrize("options", [{}, {"hop_length": 3}, {"win_length": 6}, {"normalized": True}, {"onesided": False},
                                     {"center": False}, {"pad_mode": "constant"}])
def test_stft(options):
    x = numbers((2, 40), False)
    window = np.hanning(options.get("win_length", 8) + 2)[1:-1]
    ours = tg.stft(tg.tensor(x), 8, window=tg.tensor(window), return_complex=True, **options)
    theirs = torch.stft(torch.from_numpy(x), 8, window=torch.from_numpy(window), return_complex=True, **options)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-12)
    options.pop("pad_mode", None)
    back = tg.istft(ours, 8, window=tg.tensor(window), **options)
    np.testing.assert_allclose(back.numpy(), torch.istft(theirs, 8, window=torch.from_numpy(window), **options).numpy(), atol=1e-12)
    np.testing.assert_allclose(back.numpy(), x[:, :back.shape[1]], atol=1e-12)


def test_stft_gradient():
    x, w = tg.randn(20, dtype=tg.float64, requires_grad=True), tg.hann_window(8, dtype=tg.float64)
    assert gradcheck(lambda x: tg.stft(x, 8, 4, window=w, return_complex=True).abs().square(), (x,))
    with pytest.raises(tg.ArgumentError, match="return_complex"):
        tg.stft(x, 8)
    with pytest.raises(tg.ArgumentError, match="gap"):
        tg.istft(tg.stft(x, 8, 8, window=w, return_complex=True), 8, 8, window=w)


def test_complex_tensors_are_made_of_pairs():
    for wrong, error in ((3, TypeError), (tg.ones(3), tg.ShapeError), (tg.tensor(1.0), tg.ShapeError)):
        with pytest.raises(error, match="pairs"):
            ComplexTensor(wrong)
