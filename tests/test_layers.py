"""Layers: constructors, reprs, parameters, initial draws and results equal PyTorch's.

The stored values come from torch 2.13; where torch is installed every layer is also held against it.
"""

import inspect
import math

import pytest

import tensorgrad
from tensorgrad import nn

try:
    import torch
except ImportError:
    torch = None

# class, constructor arguments, shapes of the inputs (None: no call), repr
LAYERS = [
    ("Identity", (1, 2), {}, [(2, 3)], "Identity()"),
    ("Linear", (3, 4), {}, [(2, 3)], "Linear(in_features=3, out_features=4, bias=True)"),
    ("Linear", (3, 4), {"bias": False}, [(2, 5, 3)], "Linear(in_features=3, out_features=4, bias=False)"),
    ("Bilinear", (2, 3, 4), {}, [(5, 2), (5, 3)], "Bilinear(in1_features=2, in2_features=3, out_features=4, "
                                                  "bias=True)"),
    ("Flatten", (), {}, [(2, 3, 4)], "Flatten(start_dim=1, end_dim=-1)"),
    ("Unflatten", (1, (2, 3)), {}, [(2, 6)], "Unflatten(dim=1, unflattened_size=(2, 3))"),
    ("Conv1d", (2, 4, 3), {"padding": 1, "groups": 2}, [(2, 2, 7)],
     "Conv1d(2, 4, kernel_size=(3,), stride=(1,), padding=(1,), groups=2)"),
    ("Conv2d", (3, 4, 5), {"padding": 2, "stride": 2, "bias": False}, [(2, 3, 8, 8)],
     "Conv2d(3, 4, kernel_size=(5, 5), stride=(2, 2), padding=(2, 2), bias=False)"),
    ("Conv2d", (3, 4, (5, 3)), {"padding": "same", "dilation": 2}, [(1, 3, 11, 9)],
     "Conv2d(3, 4, kernel_size=(5, 3), stride=(1, 1), padding=same, dilation=(2, 2))"),
    ("Conv2d", (1, 2, 3), {"padding": 1, "padding_mode": "reflect"}, None,
     "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), padding_mode=reflect)"),
    ("ConvTranspose1d", (2, 3, 2), {"stride": 2}, [(1, 2, 4)], "ConvTranspose1d(2, 3, kernel_size=(2,), stride=(2,))"),
    ("ConvTranspose2d", (4, 6, 3), {"output_padding": 1, "stride": 2, "groups": 2}, [(1, 4, 3, 5)],
     "ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1), groups=2)"),
    ("Fold", ((4, 5), 2), {}, [(1, 8, 12)], "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=0, stride=1)"),
    ("Unfold", (3,), {"padding": 1}, [(1, 2, 4, 4)], "Unfold(kernel_size=3, dilation=1, padding=1, stride=1)"),
    ("MaxPool1d", (2,), {}, [(1, 2, 5)], "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"),
    ("MaxPool2d", (2, 1), {"padding": 1}, [(1, 2, 5, 5)],
     "MaxPool2d(kernel_size=2, stride=1, padding=1, dilation=1, ceil_mode=False)"),
    ("AvgPool1d", (2,), {}, [(1, 2, 5)], "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))"),
    ("AvgPool2d", (3,), {"padding": 1, "count_include_pad": False}, [(1, 2, 6, 6)],
     "AvgPool2d(kernel_size=3, stride=3, padding=1)"),
    ("LPPool1d", (2, 3), {}, [(1, 2, 7)], "LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)"),
    ("LPPool2d", (2, 3), {}, [(1, 2, 7, 7)], "LPPool2d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)"),
    ("AdaptiveAvgPool1d", (3,), {}, [(1, 2, 7)], "AdaptiveAvgPool1d(output_size=3)"),
    ("AdaptiveAvgPool2d", ((3, None),), {}, [(1, 2, 7, 5)], "AdaptiveAvgPool2d(output_size=(3, None))"),
    ("AdaptiveMaxPool1d", (3,), {}, [(1, 2, 7)], "AdaptiveMaxPool1d(output_size=3)"),
    ("AdaptiveMaxPool2d", (3,), {}, [(1, 2, 7, 5)], "AdaptiveMaxPool2d(output_size=3)"),
    ("BatchNorm1d", (3,), {}, [(4, 3)],
     "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"),
    ("BatchNorm2d", (3,), {"momentum": None}, [(4, 3, 2, 2)],
     "BatchNorm2d(3, eps=1e-05, momentum=None, affine=True, bias=True, track_running_stats=True)"),
    ("BatchNorm3d", (3,), {"affine": False, "track_running_stats": False}, [(4, 3, 2, 2, 1)],
     "BatchNorm3d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)"),
    ("InstanceNorm1d", (3,), {"affine": True}, [(2, 3, 5)],
     "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)"),
    ("InstanceNorm2d", (3,), {"track_running_stats": True}, [(3, 2, 5)],
     "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=True)"),
    ("LayerNorm", ((3, 4),), {"bias": False}, [(2, 3, 4)], "LayerNorm((3, 4), eps=1e-05, elementwise_affine=True, "
                                                           "bias=False)"),
    ("RMSNorm", (4,), {}, [(2, 4)], "RMSNorm((4,), eps=None, elementwise_affine=True)"),
    ("GroupNorm", (2, 4), {}, [(2, 4, 3)], "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)"),
    ("LocalResponseNorm", (2,), {}, [(1, 3, 2, 2)], "LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)"),
    ("Dropout", (), {}, None, "Dropout(p=0.5, inplace=False)"),
    ("Dropout2d", (0.2, True), {}, None, "Dropout2d(p=0.2, inplace=True)"),
    ("AlphaDropout", (), {}, None, "AlphaDropout(p=0.5, inplace=False)"),
    ("Embedding", (5, 2), {"padding_idx": -1}, None, "Embedding(5, 2, padding_idx=4)"),
    ("Embedding", (5, 2), {"max_norm": 1.0, "norm_type": 3.0, "scale_grad_by_freq": True}, None,
     "Embedding(5, 2, max_norm=1.0, norm_type=3.0, scale_grad_by_freq=True)"),
    ("ReLU", (), {}, [(2, 3)], "ReLU()"),
    ("ReLU", (True,), {}, None, "ReLU(inplace=True)"),
    ("ReLU6", (), {}, [(2, 3)], "ReLU6()"),
    ("LeakyReLU", (0.2,), {}, [(2, 3)], "LeakyReLU(negative_slope=0.2)"),
    ("PReLU", (3,), {}, [(2, 3)], "PReLU(num_parameters=3)"),
    ("RReLU", (), {}, None, "RReLU(lower=0.125, upper=0.3333333333333333)"),
    ("ELU", (), {"inplace": True}, None, "ELU(alpha=1.0, inplace=True)"),
    ("ELU", (2.0,), {}, [(2, 3)], "ELU(alpha=2.0)"),
    ("CELU", (), {}, [(2, 3)], "CELU(alpha=1.0)"),
    ("SELU", (), {}, [(2, 3)], "SELU()"),
    ("GELU", (), {}, [(2, 3)], "GELU(approximate='none')"),
    ("GELU", ("tanh",), {}, [(2, 3)], "GELU(approximate='tanh')"),
    ("SiLU", (), {}, [(2, 3)], "SiLU()"),
    ("Mish", (), {}, [(2, 3)], "Mish()"),
    ("Hardtanh", (-2.0, 0.5), {}, [(2, 3)], "Hardtanh(min_val=-2.0, max_val=0.5)"),
    ("Hardsigmoid", (), {}, [(2, 3)], "Hardsigmoid()"),
    ("Hardswish", (True,), {}, None, "Hardswish()"),
    ("Threshold", (0.1, 20), {}, [(2, 3)], "Threshold(threshold=0.1, value=20)"),
    ("Softplus", (), {}, [(2, 3)], "Softplus(beta=1.0, threshold=20.0)"),
    ("Hardshrink", (), {}, [(2, 3)], "Hardshrink(0.5)"),
    ("Softshrink", (), {}, [(2, 3)], "Softshrink(0.5)"),
    ("Tanh", (), {}, [(2, 3)], "Tanh()"),
    ("Tanhshrink", (), {}, [(2, 3)], "Tanhshrink()"),
    ("Sigmoid", (), {}, [(2, 3)], "Sigmoid()"),
    ("LogSigmoid", (), {}, [(2, 3)], "LogSigmoid()"),
    ("Softsign", (), {}, [(2, 3)], "Softsign()"),
    ("GLU", (), {}, [(2, 4)], "GLU(dim=-1)"),
    ("Softmax", (1,), {}, [(2, 3)], "Softmax(dim=1)"),
    ("LogSoftmax", (1,), {}, [(2, 3)], "LogSoftmax(dim=1)"),
    ("Softmin", (1,), {}, [(2, 3)], "Softmin(dim=1)"),
    ("Softmax2d", (), {}, [(2, 3, 2, 2)], "Softmax2d()"),
    ("L1Loss", (), {}, [(2, 3), (2, 3)], "L1Loss()"),
    ("MSELoss", (), {"reduction": "sum"}, [(2, 3), (2, 3)], "MSELoss()"),
    ("SmoothL1Loss", (), {"beta": 0.5}, [(2, 3), (2, 3)], "SmoothL1Loss()"),
    ("HuberLoss", (), {"delta": 0.5}, [(2, 3), (2, 3)], "HuberLoss()"),
    ("CrossEntropyLoss", (), {"label_smoothing": 0.1}, [(2, 3), (2, 3)], "CrossEntropyLoss()"),
    ("BCEWithLogitsLoss", (), {}, [(2, 3), (2, 3)], "BCEWithLogitsLoss()"),
    ("KLDivLoss", (), {"reduction": "batchmean", "log_target": True}, [(2, 3), (2, 3)], "KLDivLoss()"),
    ("PoissonNLLLoss", (), {}, [(2, 3), (2, 3)], "PoissonNLLLoss()"),
    ("MarginRankingLoss", (), {"margin": 0.5}, [(3,), (3,), (3,)], "MarginRankingLoss()"),
    ("SoftMarginLoss", (), {}, [(2, 3), (2, 3)], "SoftMarginLoss()"),
    ("MultiLabelSoftMarginLoss", (), {}, [(2, 3), (2, 3)], "MultiLabelSoftMarginLoss()"),
    ("TripletMarginLoss", (), {"swap": True}, [(2, 3), (2, 3), (2, 3)], "TripletMarginLoss()"),
    ("TripletMarginWithDistanceLoss", (), {}, [(2, 3), (2, 3), (2, 3)], "TripletMarginWithDistanceLoss(\n  "
                                                                        "(distance_function): PairwiseDistance()\n)"),
    ("PairwiseDistance", (), {}, [(2, 3), (2, 3)], "PairwiseDistance()"),
    ("CosineSimilarity", (), {}, [(2, 3), (2, 3)], "CosineSimilarity()"),
]


def finite(t):
    return all(math.isfinite(v) for v in t.flatten().tolist())


def build(library, name, args, options, seed=0):
    library.manual_seed(seed)
    return getattr(library.nn, name)(*args, **options)


@pytest.mark.parametrize(("name", "args", "options", "shapes", "text"), LAYERS)
def test_layer(name, args, options, shapes, text):
    layer = build(tensorgrad, name, args, options)
    assert repr(layer) == text
    inputs = [] if shapes is None else [tensorgrad.randn(*shape) for shape in shapes]
    y = layer(*inputs) if shapes is not None else None
    if y is not None:
        inputs[0].requires_grad_()
        layer(*inputs).sum().backward()
        assert inputs[0].grad.shape == inputs[0].shape
        assert all(p.grad is not None and p.grad.shape == p.shape for p in layer.parameters())
        assert all(finite(t) for t in (y, inputs[0].grad, *(p.grad for p in layer.parameters())))
    if torch is None:
        return
    twin = build(torch, name, args, options)
    assert repr(twin) == text
    assert [(n, tuple(p.shape)) for n, p in layer.state_dict().items()] == [
        (n, tuple(p.shape)) for n, p in twin.state_dict().items()]
    if y is not None:
        drawn = [torch.randn(*shape) for shape in shapes]
        assert all(close(a, b) for a, b in zip(inputs, drawn, strict=True))
        z = twin(*drawn)
        assert y.shape == tuple(z.shape) and close(y, z)
        drawn[0].requires_grad_()
        twin(*drawn).sum().backward()
        assert close(inputs[0].grad, drawn[0].grad, 1e-4)
    for (_, a), (_, b) in zip(layer.state_dict().items(), twin.state_dict().items(), strict=True):
        assert str(a.dtype).split(".")[1] == str(b.dtype).split(".")[1] and close(a, b)


def close(a, b, tolerance=1e-5):
    import numpy as np

    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=tolerance, atol=tolerance)
    return True


def test_initial_values_are_pytorchs():
    """Values of torch 2.13 after manual_seed(0), four decimals."""
    tensorgrad.manual_seed(0)
    layers = [nn.Linear(3, 2), nn.Conv2d(1, 1, 2), nn.ConvTranspose1d(1, 2, 2), nn.Embedding(3, 2, padding_idx=1),
              nn.Bilinear(1, 2, 1)]
    drawn = [[round(v, 4) for v in p.flatten().tolist()] for layer in layers for p in layer.parameters()]
    assert drawn == [
        [-0.0043, 0.3097, -0.4752, -0.4249, -0.2224, 0.1548], [-0.0114, 0.4578], [-0.0444, 0.1323, -0.1511, -0.0983],
        [-0.4777], [-0.3311, -0.2061, 0.0185, 0.1977], [0.3, -0.339], [-0.0451, 0.8797, 0.0, 0.0, -0.7229, 2.8663],
        [0.864, -0.6482], [-0.4603]]
    assert tensorgrad.rand(1).item() == 0.15067976713180542


def test_batch_norm_keeps_running_statistics():
    for momentum, expected in ((0.1, [0.2, 0.29]), (None, [2.0, 1.5])):
        norm = nn.BatchNorm1d(1, momentum=momentum)
        for value, mean in zip((2.0, 1.0 if momentum is None else 1.1), expected, strict=True):
            norm(tensorgrad.tensor([[value - 1], [value + 1]]))
            assert norm.running_mean.item() == pytest.approx(mean, rel=1e-5)
        assert norm.num_batches_tracked.item() == 2
        before = norm.state_dict()["running_mean"].item()
        assert norm.eval()(tensorgrad.full((1, 1), before)).item() == pytest.approx(0, abs=1e-6)
        assert norm.running_mean.item() == before and norm.num_batches_tracked.item() == 2
    norm.reset_running_stats()
    assert norm.running_mean.item() == 0 and norm.running_var.item() == 1 and norm.num_batches_tracked.item() == 0
    state = {k: v for k, v in norm.state_dict().items() if k != "num_batches_tracked"}
    norm.load_state_dict(state)  # a state without version may lack it, as in PyTorch
    with pytest.raises(RuntimeError):
        nn.BatchNorm2d(1)(tensorgrad.ones(2, 1))
    with pytest.raises(ValueError):
        nn.BatchNorm1d(1)(tensorgrad.ones(1, 1))


def test_dropout_follows_the_mode():
    x = tensorgrad.ones(1000)
    layer = nn.Dropout(0.25)
    y = layer(x)
    assert 150 < (y == 0).sum().item() < 350 and y.max().item() == pytest.approx(4 / 3)
    assert layer.eval()(x).tolist() == x.tolist()
    for wrong in (-0.1, 1.1):
        with pytest.raises(ValueError):
            nn.Dropout(wrong)


def test_embedding():
    layer = nn.Embedding(4, 3, padding_idx=1)
    assert layer.weight[1].tolist() == [0, 0, 0]
    layer(tensorgrad.tensor([0, 1, 1, 3, 3])).sum().backward()
    assert layer.weight.grad.sum(1).tolist() == [3, 0, 0, 6]
    frozen = nn.Embedding.from_pretrained(tensorgrad.eye(3))
    assert not frozen.weight.requires_grad and frozen(tensorgrad.tensor([2])).tolist() == [[0, 0, 1]]
    for wrong in (tensorgrad.tensor([4]), tensorgrad.tensor([-1])):
        with pytest.raises(IndexError):
            layer(wrong)
    with pytest.raises(AssertionError):
        nn.Embedding(4, 3, padding_idx=4)


def test_conv_transpose_output_size():
    layer = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)
    x = tensorgrad.ones(1, 1, 4, 4)
    assert layer(x).shape == (1, 1, 7, 7) and layer(x, output_size=(8, 7)).shape == (1, 1, 8, 7)
    with pytest.raises(ValueError):
        layer(x, output_size=(9, 7))


@pytest.mark.parametrize(("name", "args", "options", "error"), [
    ("Conv2d", (3, 4, 3), {"groups": 2}, ValueError), ("Conv2d", (4, 4, 3), {"groups": 0}, ValueError),
    ("Conv2d", (1, 1, 3), {"padding": "some"}, ValueError), ("Conv2d", (1, 1, 3), {"padding": "same", "stride": 2},
                                                             ValueError),
    ("Conv2d", (1, 1, 3), {"padding_mode": "mirror"}, ValueError), ("Unflatten", (1, 3), {}, TypeError),
    ("Unflatten", ("C", (2,)), {}, TypeError), ("GroupNorm", (2, 3), {}, ValueError), ("Bilinear", (0, 1, 1), {},
                                                                                       ValueError),
    ("MultiMarginLoss", (3,), {}, ValueError), ("TripletMarginLoss", (-1.0,), {}, ValueError), ("BCELoss", (1,), {},
                                                                                                TypeError),
    ("Linear", (2, 2), {"device": "cuda"}, RuntimeError), ("Linear", (2, -1), {}, RuntimeError),
])
def test_wrong_arguments(name, args, options, error):
    with pytest.raises(error):
        getattr(nn, name)(*args, **options)


def test_dtype_of_new_parameters():
    layer = nn.Sequential(nn.Linear(2, 3, dtype=tensorgrad.float64), nn.BatchNorm1d(3, dtype=tensorgrad.float64))
    assert layer(tensorgrad.ones(2, 2, dtype=tensorgrad.float64)).dtype == tensorgrad.float64
    assert nn.BCELoss(weight=tensorgrad.ones(2)).state_dict()["weight"].tolist() == [1, 1]


def test_old_reduction_arguments():
    with pytest.warns(UserWarning, match="reduction"):
        assert nn.MSELoss(size_average=False).reduction == "sum"
    with pytest.warns(UserWarning, match="reduction"):
        assert nn.L1Loss(reduce=False).reduction == "none"


def test_signatures_are_pytorchs():
    """Names, order and defaults of every constructor; only where torch is installed there is something to compare."""
    for name in nn.__all__ if torch is not None else ():
        ours, theirs = getattr(nn, name), getattr(torch.nn, name, None)  # None: beyond PyTorch
        if not isinstance(ours, type) or theirs is None or "args" in inspect.signature(theirs.__init__).parameters:
            continue
        a, b = (list(inspect.signature(c.__init__).parameters.values()) for c in (ours, theirs))
        plain = [[(p.name, "" if callable(p.default) else p.default, p.kind) for p in c] for c in (a, b)]
        assert plain[0] == plain[1], name
