"""vision.models: names, shapes, initial values and results are torchvision's (stored values of version 0.28)."""

import json
from pathlib import Path

import pytest

import tensorgrad as tg
from tensorgrad import nn
from tensorgrad.vision import models
from tensorgrad.vision.models.resnet import BasicBlock, Bottleneck

STORED = json.loads((Path(__file__).parent / "vision_models.json").read_text())
NORM = ("weight", "bias", "running_mean", "running_var")


def entries(node, prefix=""):
    """(name, shape) of a stored tree. A list is the shape of a module's only weight, or of one tensor; a number a batch norm
    of so many channels; the key "1-4" four equal children."""
    for key, child in node.items():
        first, _, last = key.partition("-")
        for name in ([str(i) for i in range(int(first), int(last) + 1)] if last else [key]):
            if isinstance(child, dict):
                yield from entries(child, f"{prefix}{name}.")
            elif isinstance(child, int):
                yield from ((f"{prefix}{name}.{tensor}", (child,)) for tensor in NORM)
                yield f"{prefix}{name}.num_batches_tracked", ()
            else:
                yield prefix + (name if name in ("weight", "bias") else name + ".weight"), tuple(child)


@pytest.fixture
def undrawn(monkeypatch):
    """Initialisers that do nothing: 140 million numbers are not drawn to look at shapes."""
    for name in ("kaiming_uniform_", "kaiming_normal_", "uniform_", "normal_", "trunc_normal_", "constant_"):
        monkeypatch.setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)
    monkeypatch.setattr("tensorgrad.nn.linear.init", nn.init)


@pytest.mark.parametrize("name", STORED["trees"])
def test_names_and_shapes(name, undrawn):
    state = models.get_model(name).state_dict()
    assert [(key, tuple(value.shape)) for key, value in state.items()] == list(entries(STORED["trees"][name]))


@pytest.mark.parametrize("name", STORED["values"])
def test_initial_weights_and_results(name):
    tg.manual_seed(5)
    if name == "mobilenet_v2":  # whose values fade away unless each batch is normalised
        net = models.mobilenet_v2(num_classes=5, dropout=0.0)
    else:
        net = models.get_model(name, num_classes=5).eval()
    x = (tg.arange(4 * 3 * 64 * 64) % 997 * 0.7).reshape(4, 3, 64, 64).sin()
    with tg.no_grad():
        y = net(x)[:2].flatten().tolist()
    expected = STORED["values"][name]
    assert y == pytest.approx(expected, rel=2e-3, abs=2e-3 * max(map(abs, expected)))


def test_vgg_and_alexnet_results():
    """The large classifiers, on a small head: shapes through the whole net."""
    for net in (models.vgg.VGG(models.vgg.column(((4,), (512,)), True), num_classes=3), models.alexnet(num_classes=3)):
        assert net.eval()(tg.ones(1, 3, 64, 64)).shape == (1, 3)


def test_every_parameter_learns():
    """One step of the smaller nets: each parameter has a gradient that is finite, and not all of them are zero."""
    for net in (models.resnet18(num_classes=3), models.googlenet(num_classes=3), models.densenet121(num_classes=3),
                models.mobilenet_v2(num_classes=3), models.squeezenet1_1(num_classes=3), models.resnet20(num_classes=3)):
        y = net(tg.rand(2, 3, 64, 64))
        (sum(part.square().sum() for part in y) if isinstance(y, models.GoogLeNetOutputs) else y.square().sum()).backward()
        for name, p in net.named_parameters():
            assert p.grad is not None and bool(p.grad.isfinite().all()), name
        assert sum(float(p.grad.abs().sum()) > 0 for p in net.parameters()) > 0.6 * len(list(net.parameters()))


def test_googlenet_in_training_and_its_transform():
    net = models.googlenet(num_classes=3, transform_input=True)
    out = net(tg.rand(2, 3, 64, 64))
    assert out._fields == ("logits", "aux_logits2", "aux_logits1") and all(part.shape == (2, 3) for part in out)
    plain = models.googlenet(num_classes=3, aux_logits=False)
    plain.load_state_dict(plain.adapted(net.state_dict()))
    x = tg.rand(1, 3, 64, 64)
    mean, std = tg.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), tg.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    assert tg.allclose(net.eval()((x - mean) / std), plain.eval()((x - 0.5) / 0.5), atol=1e-5)


def test_cifar_nets():
    for name, count in (("resnet20", 269722), ("resnet32", 464154), ("resnet56", 853018)):
        net = models.get_model(name)
        assert sum(p.numel() for p in net.parameters()) == count
        assert net(tg.ones(2, 3, 32, 32)).shape == (2, 10)
    shortcut = net.layer2[0].downsample(tg.ones(1, 16, 4, 4))
    assert shortcut.shape == (1, 32, 2, 2) and shortcut.sum().item() == 16 * 4


def test_weights_from_a_file(tmp_path):
    net = models.squeezenet1_1(num_classes=2)
    tg.save(net.state_dict(), tmp_path / "net.safetensors")
    again = models.squeezenet1_1(weights=tmp_path / "net.safetensors", num_classes=2)
    assert all(bool((a == b).all()) for a, b in zip(net.state_dict().values(), again.state_dict().values(), strict=True))
    with pytest.raises(RuntimeError, match=r"classifier\.1\.weight"):
        models.squeezenet1_1(weights=str(tmp_path / "net.safetensors"), num_classes=3)
    for wrong in ("IMAGENET", tmp_path / "nothing", 3, True):
        with pytest.raises(tg.ArgumentError, match="path"):
            models.squeezenet1_1(weights=wrong)


def test_densenets_older_files_and_googlenets_checkpoints():
    net = models.DenseNet(4, (2, 2), 8, num_classes=2)
    new = net.state_dict()
    old = {name.replace("norm1", "norm.1").replace("norm2", "norm.2").replace("conv1", "conv.1").replace("conv2", "conv.2"):
           value for name, value in new.items()}
    assert list(old) != list(new) == list(net.adapted(old)) == list(net.adapted(new))


def test_variants():
    dilated = models.resnet50(num_classes=2, replace_stride_with_dilation=[False, True, True])
    assert dilated.layer4[0].conv2.dilation == (2, 2) and dilated.layer4[1].conv2.dilation == (4, 4)
    assert dilated.layer4[0].downsample[0].stride == (1, 1)
    still = models.ResNet(BasicBlock, [1, 1, 1, 1], num_classes=2, zero_init_residual=True)
    assert not still.layer1[0].bn2.weight.any() and still.layer1[0].bn1.weight.all()
    assert models.mobilenet_v2(width_mult=0.35).features[-1].out_channels == 1280
    for wrong in (lambda: models.SqueezeNet("2"), lambda: models.ResNet(Bottleneck, [1] * 4, replace_stride_with_dilation=[True]),
                  lambda: models.ResNet(BasicBlock, [1] * 4, groups=2), lambda: models.MobileNetV2(inverted_residual_setting=[]),
                  lambda: models.get_model("resnet19"), lambda: models.get_model(3), lambda: models.get_weight(3),
                  lambda: models.ResNet(BasicBlock, [1, 1]), lambda: models.CifarResNet(0)):
        with pytest.raises(ValueError):
            wrong()
