"""Interpolation, grid_sample and CTC on every kernel table and number of threads; tables and places that do not fit."""

import numpy as np
import pytest
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad._core.kernels import resample as resample_kernels
from tensorgrad._core.kernels import sample as sample_kernels
from tensorgrad.nn import functional as F
from tensorgrad.ops.resample import Taps, table


def computed(dtype):
    """Results and gradients of everything that resample.c, sample.c and ctc.c do, large enough for a team of threads."""
    random = np.random.RandomState(0)  # the library's own normal numbers differ between tables in the last bit
    image, grid, scores = (tg.from_numpy(random.uniform(-1.2, 1.2, shape)).to(dtype).requires_grad_()
                           for shape in ((2, 40, 33, 35), (2, 50, 51, 2), (40, 9, 12)))
    labels = tg.from_numpy(random.randint(1, 12, (9, 10)))
    results = [F.interpolate(image, size=(70, 61), mode="bilinear"), F.interpolate(image, scale_factor=0.4, mode="bicubic"),
               F.interpolate(image, scale_factor=3), F.interpolate(image, size=(9, 80), mode="bilinear", antialias=True),
               F.grid_sample(image, grid, align_corners=False), F.grid_sample(image, grid, "bicubic", "reflection", True),
               F.ctc_loss(scores.log_softmax(2), labels, (40,) * 9, (10,) * 9)]
    sum((y * y).mean() for y in results).backward()
    return [t.detach().numpy() for t in (*results, image.grad, grid.grad, scores.grad)]


@pytest.mark.parametrize("dtype", [tg.float32, tg.float64])
@pytest.mark.parametrize("isa", isa_tables())
def test_every_table_computes_what_the_scalar_one_does(isa, dtype):
    for a, b in zip(with_isa(isa, computed, dtype), with_isa("scalar", computed, dtype), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4 if dtype is tg.float32 else 1e-10, atol=1e-5 if dtype is tg.float32 else 1e-12)


def test_bits_do_not_depend_on_the_number_of_threads():
    one, three = with_threads(1, computed, tg.float32), with_threads(3, computed, tg.float32)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, three, strict=True))


@pytest.mark.parametrize(("kind", "n", "m"), [("nearest", 7, 3), ("linear", 4, 9), ("cubic", 5, 8), ("linear", 1, 4)])
def test_a_transposed_table_is_the_adjoint(kind, n, m):
    taps = table(kind, n, m, n / m, False, False)
    x, y = tg.randn(2, n, 3, dtype=tg.float64), tg.randn(2, m, 3, dtype=tg.float64)
    there = (resample_kernels.resample(x, 1, taps) * y).sum().item()
    assert there == pytest.approx((resample_kernels.resample(y, 1, taps.transposed()) * x).sum().item(), rel=1e-12)
    assert taps.transposed().transposed() is taps


def test_tables_and_places_are_checked_before_anything_is_read():
    for rows, size in (([[(3, 1.0)]], 3), ([[(-1, 1.0)]], 3), ([[(0, 1.0)]], 4)):
        with pytest.raises(RuntimeError, match="interpolate"):
            resample_kernels.resample(tg.ones(2, 3), 1, Taps(size, rows))
    w, at = tg.ones(1, 2, 1), tg.tensor([[[0], [3]]])
    for call in (lambda: sample_kernels.sample(tg.ones(1, 1, 3), w, at), lambda: sample_kernels.spread(tg.ones(1, 1, 2), w, at, 3),
                 lambda: sample_kernels.dot(tg.ones(1, 1, 2), tg.ones(1, 1, 3), at)):
        with pytest.raises(IndexError, match="3 is out of range"):
            call()
    for call in (lambda: sample_kernels.sample(tg.ones(2, 1, 3), w, at),
                 lambda: sample_kernels.sample(tg.ones(1, 1, 3), tg.ones(1, 2, 2), at),
                 lambda: sample_kernels.spread(tg.ones(1, 1, 3), w, at, 4),
                 lambda: sample_kernels.dot(tg.ones(1, 1, 2), tg.ones(1, 2, 3), at)):
        with pytest.raises(RuntimeError, match="grid_sample"):
            call()
