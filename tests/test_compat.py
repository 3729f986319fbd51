"""What programs written for PyTorch look for beside tensors and layers: mixed precision, process groups, hub, profiler, averages."""

import hashlib
import json
import os
import warnings

import pytest

import tensorgrad as tg
from tensorgrad import amp, distributed, hub, jit, multiprocessing, profiler
from tensorgrad.vision import models

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None
oracle = pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")


def scaled_training(t):
    """Weights, scales and results of step() along a training whose third gradient is infinite."""
    t.manual_seed(0)
    model = t.nn.Linear(3, 1)
    optimizer = t.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scaler = t.amp.GradScaler("cpu", init_scale=8.0, growth_interval=3)
    out = []
    for i in range(8):
        optimizer.zero_grad()
        loss = model(t.full((2, 3), 0.1 * i)).sum() * (float("inf") if i == 2 else 1.0)
        scaler.scale(loss).backward()
        if i == 4:
            scaler.unscale_(optimizer)
            with pytest.raises(RuntimeError, match="unscale_"):
                scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update(new_scale=4.0 if i == 6 else None)
        out.append([scaler.get_scale(), *model.weight.flatten().tolist()])
    return out, scaler.state_dict()


@oracle
def test_gradients_are_scaled_as_in_pytorch():
    (ours, state), (theirs, their_state) = scaled_training(tg), scaled_training(torch)
    assert state == their_state
    for a, b in zip(ours, theirs, strict=True):
        assert a == pytest.approx(b, rel=1e-6)


def test_a_scaler_that_is_switched_off():
    scaler = tg.cuda.amp.GradScaler()
    x = tg.ones(2, requires_grad=True)
    assert not scaler.is_enabled() and scaler.scale([x])[0] is x and scaler.state_dict() == {} and scaler.get_scale() == 1.0
    optimizer = tg.optim.SGD([x], lr=1.0)
    x.sum().backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    assert x.tolist() == [0.0, 0.0]
    assert {name: v.tolist() for name, v in amp.GradScaler("cpu", 2.0).scale({"a": x.detach() + 1}).items()} == {"a": [2.0, 2.0]}
    for wrong in ({"growth_factor": 1.0}, {"backoff_factor": 1.5}, {"device": "abacus"}):
        with pytest.raises(tg.ArgumentError):
            amp.GradScaler(**wrong)


def autocast_states(t):
    """What a program can ask inside and outside of autocast."""
    asked = lambda: (t.is_autocast_enabled("cpu"), str(t.get_autocast_dtype("cpu")).split(".")[1])
    found = [asked()]
    with t.autocast("cpu", dtype=t.float16):
        found.append(asked())
        with t.autocast("cpu", enabled=False):
            found.append((t.is_autocast_enabled("cpu"),))
        found.append(asked())
    found.append(t.autocast("cpu")(lambda: asked())())
    found.append(asked())
    return found


def test_autocast_regions():
    assert autocast_states(tg)[0] == (False, "bfloat16") == autocast_states(tg)[-1] and autocast_states(tg)[1] == (True, "float16")
    if torch is not None:
        assert autocast_states(tg) == autocast_states(torch)
    with tg.cuda.amp.autocast():
        assert not tg.is_autocast_enabled("cuda") and tg.get_autocast_dtype("cuda") == tg.float16
    with pytest.raises(tg.ArgumentError, match="abacus"):
        tg.autocast("abacus")

    class Double(tg.autograd.Function):
        @staticmethod
        @amp.custom_fwd(device_type="cpu", cast_inputs=tg.float64)
        def forward(ctx, x):
            return x * 2

        @staticmethod
        @amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            return g * 2
    assert Double.apply(tg.ones(1)).dtype == tg.float32
    with tg.autocast("cpu"):
        assert Double.apply(tg.ones(1)).dtype == tg.float64


def averaged(t, **options):
    """The state of an average and the learning rates along a training."""
    swa = t.optim.swa_utils
    t.manual_seed(0)
    model = t.nn.Sequential(t.nn.Linear(3, 4), t.nn.BatchNorm1d(4), t.nn.Linear(4, 1))
    x = t.randn(8, 3)
    average = swa.AveragedModel(model, **{name: make(swa) for name, make in options.items()})
    optimizer = t.optim.SGD(model.parameters(), lr=0.2)
    schedule = swa.SWALR(optimizer, swa_lr=0.05, anneal_epochs=4)
    line = swa.SWALR(t.optim.SGD(model.parameters(), lr=0.3), 0.1, anneal_epochs=0 if options else 3, anneal_strategy="linear")
    rates = []
    for _ in range(6):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
        line.optimizer.step()
        average.update_parameters(model)
        schedule.step()
        line.step()
        rates += [*schedule.get_last_lr(), *line.get_last_lr()]
    swa.update_bn([x[:4], (x[4:], None)], average)
    return rates + [v for values in average.state_dict().values() for v in values.double().flatten().tolist()]


@oracle
@pytest.mark.parametrize("options", [{}, {"multi_avg_fn": lambda swa: swa.get_ema_multi_avg_fn(0.9), "use_buffers": lambda swa: True},
                                     {"avg_fn": lambda swa: swa.get_ema_avg_fn(0.5)}])
def test_averages_of_weights_are_pytorchs(options):
    assert averaged(tg, **options) == pytest.approx(averaged(torch, **options), rel=1e-4, abs=1e-6)


def test_wrong_averages():
    swa, optimizer = tg.optim.swa_utils, tg.optim.SGD([tg.nn.Parameter(tg.ones(1))], lr=0.1)
    for wrong in (lambda: swa.SWALR(optimizer, 0.1, anneal_strategy="zigzag"), lambda: swa.SWALR(optimizer, [0.1, 0.2]),
                  lambda: swa.SWALR(optimizer, 0.1, anneal_epochs=-1), lambda: swa.get_ema_avg_fn(1.5),
                  lambda: swa.AveragedModel(tg.nn.Linear(1, 1), avg_fn=max, multi_avg_fn=max)):
        with pytest.raises(ValueError):
            wrong()


def test_a_group_of_one_process(monkeypatch):
    assert distributed.is_available() and not distributed.is_initialized()
    for call in (distributed.get_rank, distributed.barrier, distributed.destroy_process_group,
                 lambda: distributed.all_reduce(tg.ones(1))):
        with pytest.raises(ValueError, match="init_process_group"):
            call()
    with pytest.raises(tg.ArgumentError, match="got 2 and 1"):
        distributed.init_process_group("nccl", world_size=2, rank=1)
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(tg.ArgumentError, match="got 4"):
        distributed.init_process_group()
    monkeypatch.setenv("WORLD_SIZE", "1")
    distributed.init_process_group("gloo")
    try:
        x, gathered, objects = tg.ones(2), [tg.zeros(2)], [None]
        assert distributed.all_reduce(x, op=distributed.ReduceOp.SUM, async_op=True).wait() and x.tolist() == [1, 1]
        distributed.all_gather(gathered, x)
        distributed.all_gather_object(objects, "it")
        assert gathered[0].tolist() == [1, 1] and objects == ["it"] and distributed.get_backend() == "gloo"
        with pytest.raises(RuntimeError, match="already"):
            distributed.init_process_group("gloo")
        model = tg.nn.parallel.DistributedDataParallel(tg.nn.Linear(2, 1))
        with model.no_sync():
            assert model(x).shape == (1,)
    finally:
        distributed.destroy_process_group()


def fails(i, text):
    """For test_spawned_processes: process 1 fails, process 0 waits for ever."""
    if i == 1:
        raise ValueError(text)
    import time

    time.sleep(60)


def dies(i):
    os._exit(7)


def test_spawned_processes():
    with pytest.raises(multiprocessing.ProcessRaisedException, match=r"(?s)process 1 failed.*ValueError: no luck"):
        multiprocessing.spawn(fails, ("no luck",), nprocs=2)
    with pytest.raises(multiprocessing.ProcessRaisedException, match="exit code 7"):
        multiprocessing.start_processes(dies, nprocs=1, start_method="fork")
    process, = multiprocessing.start_processes(dies, join=False, start_method="fork")
    process.join()
    assert process.exitcode == 7 and multiprocessing.get_sharing_strategy() in multiprocessing.get_all_sharing_strategies()


def test_weights_from_the_net(tmp_path, monkeypatch):
    """A file:// address stands for the net; the sum in the name is checked, and what is there is not fetched again."""
    net = models.squeezenet1_1(num_classes=1000)
    tg.save(net.state_dict(), tmp_path / "squeezenet1_1.pth")
    digits = hashlib.sha256((tmp_path / "squeezenet1_1.pth").read_bytes()).hexdigest()[:8]
    source = tmp_path / f"squeezenet1_1-{digits}.pth"
    os.rename(tmp_path / "squeezenet1_1.pth", source)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    weights = models.weights.enumeration("squeezenet1_1", "SqueezeNet1_1", digits)
    monkeypatch.setattr(models.weights, "SITE", tmp_path.as_uri() + "/")
    local = models.weights.enumeration("squeezenet1_1", "SqueezeNet1_1", digits)
    assert weights.DEFAULT.url.startswith("https://download.pytorch.org/models/squeezenet1_1-")
    monkeypatch.setitem(models.weights.ENUMS, "squeezenet1_1", local)
    for given in ({"weights": "DEFAULT"}, {"weights": local.IMAGENET1K_V1}, {"pretrained": True},
                  {"weights": "SqueezeNet1_1_Weights.DEFAULT"}):
        again = models.squeezenet1_1(**given)
        assert all(bool((a == b).all()) for a, b in zip(net.state_dict().values(), again.state_dict().values(), strict=True))
        source.unlink(missing_ok=True)  # the next ones come from the folder
    assert [p.name for p in (tmp_path / "home" / "hub" / "checkpoints").iterdir()] == [source.name]
    assert hub.get_dir() == str(tmp_path / "home" / "hub")
    (tmp_path / "bad-12345678.pth").write_bytes(b"something else")
    with pytest.raises(tg.FileFormatError, match="12345678"):
        hub.load_state_dict_from_url((tmp_path / "bad-12345678.pth").as_uri(), check_hash=True)
    with pytest.raises(OSError, match="nothing-"):
        hub.load_state_dict_from_url((tmp_path / "nothing-00000000.pth").as_uri(), model_dir=tmp_path / "x")
    with pytest.raises(tg.ArgumentError, match="IMAGENET1K_V1"):
        models.squeezenet1_1(weights="IMAGENET1K_V9")


def test_hub(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "CHOSEN", [])
    hub.set_dir(str(tmp_path))
    assert hub.get_dir() == str(tmp_path)
    (tmp_path / "hubconf.py").write_text("def twice(x):\n    return 2 * x\n")
    assert hub.load(str(tmp_path), "twice", 4, source="local") == 8
    assert isinstance(hub.load("pytorch/vision:v0.10.0", "lenet"), models.LeNet)
    with pytest.raises(RuntimeError, match="somebody"):
        hub.load("somebody/project", "model")
    assert models.get_weight("ResNet50_Weights.IMAGENET1K_V1") is models.ResNet50_Weights.IMAGENET1K_V1
    assert models.get_model_weights(models.vgg16) is models.VGG16_Weights
    for wrong in (lambda: models.get_weight("ResNet50_Weights.X"), lambda: models.get_model_weights("lenet")):
        with pytest.raises(tg.ArgumentError):
            wrong()


@oracle
@pytest.mark.parametrize("options", [
    {"wait": 1, "warmup": 1, "active": 2}, {"wait": 0, "warmup": 1, "active": 1, "repeat": 2, "skip_first": 2},
    {"wait": 2, "warmup": 1, "active": 1, "skip_first": 1, "skip_first_wait": 1}])
def test_schedules_of_the_profiler(options):
    ours, theirs = profiler.schedule(**options), torch.profiler.schedule(**options)
    assert [ours(i).name for i in range(12)] == [theirs(i).name for i in range(12)]


def test_schedules_that_never_record_are_refused():
    for wrong in ({"wait": -1, "warmup": 0, "active": 1}, {"wait": 0, "warmup": 0, "active": 0}, {"wait": "1", "warmup": 0, "active": 1}):
        with pytest.raises(tg.ArgumentError, match=r"schedule: (wait|active)"):
            profiler.schedule(**wrong)


def test_the_profiler_by_steps(tmp_path):
    seen = []
    with profiler.profile(schedule=profiler.schedule(wait=1, warmup=1, active=2, repeat=2),
                          on_trace_ready=lambda p: seen.append((p.step_num, len([e for e in p.events() if e.key == "exp"])))) as p:
        for _ in range(10):
            tg.ones(2).exp()
            p.step()
    assert seen == [(4, 2), (8, 2)]
    with profiler.profile(on_trace_ready=profiler.tensorboard_trace_handler(str(tmp_path), "me")):
        tg.ones(2).exp()
    trace, = tmp_path.glob("me.*.pt.trace.json")
    assert any(e["name"] == "exp" for e in json.loads(trace.read_text())["traceEvents"])


def test_comparisons():
    close = tg.testing.assert_close
    close({"a": [tg.ones(2), 1]}, {"a": [tg.ones(2), 1]})
    close(tg.tensor(float("nan")), tg.tensor(float("nan")), equal_nan=True)
    for a, b, text in ((tg.ones(2), tg.ones(3), "shapes"), (tg.ones(2), tg.ones(2).double(), "dtypes"), ([1], [1, 2], "lengths"),
                       ({"a": 1}, {"b": 1}, "keys"), ({"a": [1, 2.0]}, {"a": [1, 2.1]}, "item 'a'"),
                       (tg.tensor([1, 2]), tg.tensor([1, 3]), "at"),
                       (tg.tensor(float("nan")), tg.tensor(1.0), "inf")):
        with pytest.raises(AssertionError, match=text):
            close(a, b)
    with pytest.raises(ValueError, match="together"):
        close(1.0, 1.0, rtol=0.1)
    with pytest.raises(AssertionError, match=r"^mine$"):
        close(1.0, 2.0, msg="mine")


def test_programs_are_not_kept_in_files(tmp_path):
    for call in (lambda: jit.save(tg.nn.Linear(1, 1), tmp_path / "x"), lambda: jit.load(tmp_path / "x")):
        with pytest.raises(RuntimeError, match="state_dict"):
            call()
    with pytest.raises(RuntimeError):
        jit.trace(tg.nn.Linear(2, 1), tg.ones(3))
    assert jit.ignore(abs) is abs and jit.ignore(drop=True)(abs) is abs and jit.script(abs) is abs


def test_switches():
    assert (tg.cuda.memory_allocated(), tg.cuda.max_memory_allocated(), tg.xpu.is_available(), tg.version.cuda) == (0, 0, False, None)
    for call in (tg.cuda.get_device_properties, lambda: tg.cuda.set_device(0)):
        with pytest.raises(RuntimeError, match="no GPU"):
            call()
    before = tg.get_default_dtype()
    tg.set_default_tensor_type("torch.DoubleTensor")
    assert tg.get_default_dtype() == tg.float64
    tg.set_default_dtype(before)
    for call in (lambda: tg.set_default_tensor_type("torch.Tensor"), lambda: tg.set_default_device("cuda"),
                 lambda: tg.set_num_interop_threads(0)):
        with pytest.raises(ValueError):
            call()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tg.set_default_device("cpu")
    state = tg.get_rng_state()
    with tg.random.fork_rng():
        tg.rand(1)
    assert tg.equal(state, tg.get_rng_state())
