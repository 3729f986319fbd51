"""nn.Module: registration, names, modes, conversion, state dicts, hooks, printing, copying; the containers."""

import copy
import pickle
from collections import OrderedDict

import pytest

import tensorgrad
from tensorgrad import nn


class Scale(nn.Module):
    """y = w x + b, with a counter."""

    def __init__(self, size=2):
        super().__init__()
        self.w = nn.Parameter(tensorgrad.ones(size))
        self.b = nn.Parameter(tensorgrad.zeros(size))
        self.register_buffer("calls", tensorgrad.zeros(1))
        self.register_buffer("scratch", tensorgrad.zeros(1), persistent=False)

    def forward(self, x, shift=0.0):
        return self.w * x + self.b + shift


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Scale()
        self.second = Scale(3)
        self.shared = self.first


def values(module):
    return {name: value.tolist() for name, value in module.state_dict().items()}


# registration

def test_names_in_order():
    net = Pair()
    assert [n for n, _ in net.named_parameters()] == ["first.w", "first.b", "second.w", "second.b"]
    assert [n for n, _ in net.named_parameters(remove_duplicate=False)] == [
        "first.w", "first.b", "second.w", "second.b", "shared.w", "shared.b"]
    assert [n for n, _ in net.named_buffers()] == ["first.calls", "first.scratch", "second.calls", "second.scratch"]
    assert [n for n, _ in net.named_modules()] == ["", "first", "second"]
    assert [n for n, _ in net.named_children()] == ["first", "second"]
    assert [n for n, _ in net.named_parameters(prefix="net", recurse=False)] == []
    assert list(net.state_dict()) == [f"{m}.{n}" for m in ("first", "second", "shared") for n in ("w", "b", "calls")]
    assert len(list(net.parameters())) == 4 and len(list(net.buffers())) == 4 and len(list(net.modules())) == 3


def test_lookup():
    net = Pair()
    assert net.get_submodule("first") is net.first and net.get_submodule("") is net
    assert net.get_parameter("second.w") is net.second.w and net.get_buffer("first.calls") is net.first.calls
    for wrong in ("third", "first.w", "first.x.y"):
        with pytest.raises(AttributeError):
            net.get_submodule(wrong)
    with pytest.raises(AttributeError):
        net.get_parameter("first.calls")
    with pytest.raises(AttributeError):
        net.get_buffer("first.w")
    net.set_submodule("first", nn.Sequential())
    assert not list(net.first.parameters())


def test_assignment_moves_a_name_between_the_tables():
    m = nn.Module()
    m.x = 3
    m.x = nn.Parameter(tensorgrad.ones(1))
    assert "x" in m._parameters and "x" not in m.__dict__
    m.x = None
    assert m._parameters["x"] is None and list(m.parameters()) == []
    m.x = nn.Parameter(tensorgrad.ones(1))
    with pytest.raises(TypeError):
        m.x = tensorgrad.ones(1)
    m.y = nn.Buffer(tensorgrad.ones(1), persistent=False)
    m.y = tensorgrad.zeros(1)
    assert list(dict(m.named_buffers())) == ["y"] and list(m.state_dict()) == ["x"]
    with pytest.raises(TypeError):
        m.y = 1
    m.child = nn.Module()
    with pytest.raises(TypeError):
        m.child = 1
    m.child = None
    del m.x, m.y, m.child
    assert not m._parameters and not m._buffers and not m._modules
    with pytest.raises(AttributeError):
        del m.x
    with pytest.raises(AttributeError):
        m.nothing  # noqa: B018


def test_before_init():
    class Late(nn.Module):
        def __init__(self, value):
            self.value = value

    for value in (nn.Parameter(tensorgrad.ones(1)), nn.Module(), nn.Buffer(tensorgrad.ones(1))):
        with pytest.raises(AttributeError, match="__init__"):
            Late(value)


def test_registration_errors():
    m = nn.Module()
    m.taken = 1
    for name, error in ((3, TypeError), ("a.b", KeyError), ("", KeyError), ("taken", KeyError)):
        with pytest.raises(error):
            m.register_parameter(name, None)
        with pytest.raises(error):
            m.register_buffer(name, None)
        with pytest.raises(error):
            m.add_module(name, None)
    with pytest.raises(TypeError):
        m.register_parameter("p", tensorgrad.ones(1))
    with pytest.raises(TypeError):
        m.register_buffer("b", 1)
    with pytest.raises(TypeError):
        m.add_module("m", 1)
    with pytest.raises(TypeError):
        nn.Module(1)
    with pytest.raises(NotImplementedError):
        m(1)


def test_a_subclass_may_look_further():
    class Wrapper(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

    wrapper = Wrapper(Scale())
    assert wrapper.w is wrapper.inner.w
    with pytest.raises(AttributeError, match="nothing"):
        wrapper.nothing  # noqa: B018


# changing all at once

def test_modes_and_gradients():
    net = Pair()
    assert net.eval() is net and not any(m.training for m in net.modules())
    assert net.train() is net and all(m.training for m in net.modules())
    with pytest.raises(ValueError):
        net.train("yes")
    net.first(tensorgrad.ones(2)).sum().backward()
    assert net.first.w.grad.tolist() == [1, 1]
    net.zero_grad(set_to_none=False)
    assert net.first.w.grad.tolist() == [0, 0]
    net.zero_grad()
    assert net.first.w.grad is None
    assert net.requires_grad_(False) is net and not any(p.requires_grad for p in net.parameters())
    seen = []
    net.apply(lambda m: seen.append(type(m).__name__))
    assert seen == ["Scale", "Scale", "Pair"]


def test_conversion_keeps_the_parameter_objects():
    m = Scale()
    m.register_buffer("count", tensorgrad.tensor(3))
    w = m.w
    m(tensorgrad.ones(2)).sum().backward()
    assert m.double() is m and m.w is w
    assert m.w.dtype == m.w.grad.dtype == m.calls.dtype == tensorgrad.float64 and m.count.dtype == tensorgrad.int64
    assert m.w.requires_grad and m.w.is_leaf
    m(tensorgrad.ones(2, dtype=tensorgrad.float64)).sum().backward()
    assert m.w.grad.tolist() == [2, 2]
    assert m.to(tensorgrad.float32).w.dtype == tensorgrad.float32
    assert m.to("cpu").to(tensorgrad.ones(1, dtype=tensorgrad.float64)).w.dtype == tensorgrad.float64
    assert m.half().w.dtype == tensorgrad.float16 and m.bfloat16().w.dtype == tensorgrad.bfloat16
    assert m.float().w.tolist() == [1, 1]
    with pytest.raises(RuntimeError):
        m.to("cuda")
    with pytest.raises(TypeError):
        m.to(tensorgrad.int64)
    assert m.to_empty(device="cpu").w.shape == (2,)


def test_copies_are_independent():
    net = Pair()
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert values(twin) == values(net) and twin.shared is twin.first
        assert isinstance(twin.first.w, nn.Parameter) and twin.first.w.requires_grad
        twin.first.w.detach().fill_(7)
        assert net.first.w.tolist() == [1, 1]
        assert repr(twin) == repr(net)
    buffer = pickle.loads(pickle.dumps(nn.Buffer(tensorgrad.ones(1), persistent=False)))
    assert isinstance(buffer, nn.Buffer) and buffer.persistent is False


def test_parameter():
    x = tensorgrad.ones(2)
    p = nn.Parameter(x)
    x[0] = 5
    assert p.tolist() == [5, 1] and p.requires_grad and p.is_leaf and isinstance(p, tensorgrad.Tensor)
    assert repr(p) == "Parameter containing:\ntensor([5., 1.], requires_grad=True)"
    assert nn.Parameter(x, requires_grad=False).requires_grad is False and nn.Parameter().shape == (0,)
    assert type(p + 1) is tensorgrad.Tensor
    with pytest.raises(RuntimeError):
        nn.Parameter(tensorgrad.ones(2, dtype=tensorgrad.int64))
    with pytest.raises(TypeError):
        nn.Parameter([1.0])


# state dicts

def test_state_dict_shares_memory_and_can_keep_vars():
    m = Scale()
    state = m.state_dict(prefix="net.")
    assert list(state) == ["net.w", "net.b", "net.calls"] and not state["net.w"].requires_grad
    state["net.w"].fill_(4)
    assert m.w.tolist() == [4, 4]
    assert m.state_dict(keep_vars=True)["w"] is m.w


def test_load_state_dict():
    a, b = Pair(), Pair()
    b.second.w.detach().fill_(9)
    w = a.second.w
    result = a.load_state_dict(b.state_dict())
    assert repr(result) == "<All keys matched successfully>" and values(a) == values(b) and a.second.w is w
    b.second.w.detach().fill_(1)
    assert a.second.w.tolist() == [9, 9, 9]
    result = a.load_state_dict({"first.w": tensorgrad.zeros(2), "zzz": tensorgrad.ones(1), "second.w.x": 1},
                               strict=False)
    assert sorted(result.unexpected_keys) == ["second.w.x", "zzz"]
    assert "second.b" in result.missing_keys and a.first.w.tolist() == [0, 0]


@pytest.mark.parametrize("spoil", [
    lambda s: s.pop("second.b"),
    lambda s: s.update(extra=tensorgrad.ones(1)),
    lambda s: s.update({"second.b": tensorgrad.ones(4)}),
    lambda s: s.update({"second.b": [1.0, 2.0, 3.0]}),
])
def test_a_failed_load_changes_nothing(spoil):
    net, other = Pair(), Pair()
    for p in other.parameters():
        p.detach().fill_(9)
    state = OrderedDict(other.state_dict())
    spoil(state)
    before = values(net)
    with pytest.raises(RuntimeError):
        net.load_state_dict(state)
    assert values(net) == before


def test_one_error_lists_everything():
    with pytest.raises(RuntimeError) as error:
        Pair().load_state_dict({"first.w": tensorgrad.ones(5), "strange": tensorgrad.ones(1)})
    message = str(error.value)
    assert 'Missing key(s) in state_dict: "first.b", "first.calls", "second.w"' in message
    assert 'Unexpected key(s) in state_dict: "strange"' in message
    assert "size mismatch for first.w" in message and "(5,)" in message and "(2,)" in message
    with pytest.raises(RuntimeError, match="size mismatch"):
        Scale().load_state_dict({"w": tensorgrad.ones(5)}, strict=False)
    with pytest.raises(TypeError):
        Scale().load_state_dict([("w", tensorgrad.ones(2))])


def test_load_converts_and_assigns():
    m = Scale()
    state = {"w": tensorgrad.tensor([2, 3]), "b": tensorgrad.ones(2, dtype=tensorgrad.float64),
             "calls": tensorgrad.tensor([5.0])}
    m.load_state_dict(state)
    assert m.w.tolist() == [2, 3] and m.w.dtype == m.b.dtype == tensorgrad.float32
    state["w"] = tensorgrad.ones(2, dtype=tensorgrad.float64)
    m.load_state_dict(state, assign=True)
    assert m.w.dtype == tensorgrad.float64 and isinstance(m.w, nn.Parameter) and m.w.requires_grad
    assert m.calls is state["calls"]


def test_state_hooks_and_extra_state():
    class Versioned(Scale):
        def get_extra_state(self):
            return {"version": 3}

        def set_extra_state(self, state):
            self.got = state

    m = Versioned()
    assert m.state_dict()["_extra_state"] == {"version": 3}
    m.load_state_dict(m.state_dict())
    assert m.got == {"version": 3}
    with pytest.raises(RuntimeError, match="_extra_state"):
        m.load_state_dict(Scale().state_dict())
    m = Scale()
    with pytest.raises(RuntimeError, match="Unexpected"):
        m.load_state_dict(Versioned().state_dict())
    log = []
    m.register_state_dict_pre_hook(lambda module, prefix, keep_vars: log.append(("pre", prefix)))
    m.register_state_dict_post_hook(lambda module, state, prefix, meta: state.update({prefix + "more": 1}))
    assert m.state_dict()["more"] == 1 and log == [("pre", "")]
    handle = m.register_load_state_dict_pre_hook(lambda module, state, prefix, *rest: state.pop(prefix + "more"))
    m.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
    state = m.state_dict()
    assert m.load_state_dict({"w": state["w"], "more": 1}).missing_keys == [] and "more" in state
    handle.remove()
    with pytest.raises(RuntimeError, match="more"):
        m.load_state_dict(state)


# hooks

def test_forward_hooks():
    m, log, x = Scale(), [], tensorgrad.ones(2)
    first = m.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    m.register_forward_pre_hook(lambda module, args, kwargs: (args, {"shift": 1.0}), with_kwargs=True)
    m.register_forward_hook(lambda module, args, output: log.append(output.tolist()))
    m.register_forward_hook(lambda module, args, kwargs, output: output + kwargs["shift"], with_kwargs=True)
    m.register_forward_hook(lambda module, args, output: log.append("first"), prepend=True)
    assert m(x).tolist() == [4, 4] and log == ["first", [3, 3]]
    first.remove()
    assert m(x).tolist() == [3, 3]
    with m.register_forward_hook(lambda module, args, output: -output):
        assert m(x).tolist() == [-3, -3]
    assert m(x).tolist() == [3, 3]


def test_always_called_forward_hook():
    m, log = Scale(), []
    m.register_forward_hook(lambda module, args, output: log.append(output), always_call=True)
    with pytest.raises(TypeError):
        m(None)
    assert log == [None]
    m.register_forward_pre_hook(lambda module, args, kwargs: 3, with_kwargs=True)
    with pytest.raises(RuntimeError):
        m(tensorgrad.ones(2))


def test_backward_hooks():
    m, log = Scale(), []
    m.register_full_backward_pre_hook(lambda module, grads: (grads[0] * 10,))
    m.register_full_backward_hook(lambda module, gi, go: log.append((gi[0].tolist(), go[0].tolist())))
    m.register_full_backward_hook(lambda module, gi, go: (gi[0] + 1,))
    m.w.detach().fill_(3)
    x = tensorgrad.ones(2, requires_grad=True)
    m(x).sum().backward()
    assert log == [([30, 30], [10, 10])] and x.grad.tolist() == [31, 31] and m.w.grad.tolist() == [10, 10]


def test_backward_hook_without_an_input_that_requires_grad():
    m, log = Scale(), []
    m.register_full_backward_hook(lambda module, gi, go: log.append((gi, go[0].tolist())))
    m(tensorgrad.ones(2)).sum().backward()
    assert log == [((None,), [1, 1])] and m.w.grad.tolist() == [1, 1]


def test_a_module_without_hooks_calls_forward_only():
    class Counting(nn.Module):
        def forward(self, *args, **kwargs):
            return args, kwargs

    assert Counting()(1, 2, a=3) == ((1, 2), {"a": 3})
    assert Counting()._hooks is None


# printing

def test_repr():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = Scale()
            self.two = nn.Sequential(Scale(), nn.Sequential())

        def extra_repr(self):
            return "a=1,\nb=2"

    assert repr(Scale()) == "Scale()"
    assert repr(Block()) == ("Block(\n  a=1,\n  b=2\n  (one): Scale()\n  (two): Sequential(\n    (0): Scale()\n"
                             "    (1): Sequential()\n  )\n)")
    assert repr(nn.ModuleList([Scale(), Scale(), nn.Sequential()])) == (
        "ModuleList(\n  (0-1): 2 x Scale()\n  (2): Sequential()\n)")
    assert repr(nn.ModuleList()) == "ModuleList()" and repr(nn.ModuleDict({"a": Scale()})) == "ModuleDict(\n  (a): Scale()\n)"
    assert "w" in dir(Scale()) and "calls" in dir(Scale())


# containers

def test_sequential():
    a, b, c = Scale(), Scale(), Scale()
    net = nn.Sequential(a, b)
    assert len(net) == 2 and net[0] is a and net[-1] is b and list(net) == [a, b] and list(net[1:]) == [b]
    a.w.detach().fill_(2)
    b.b.detach().fill_(1)
    assert net(tensorgrad.ones(2)).tolist() == [3, 3]
    net.append(c)
    net.insert(0, c)
    assert list(net) == [c, a, b, c] and [n for n, _ in net.named_children()] == ["0", "1", "2"]
    del net[0]
    assert list(net) == [a, b, c] and net.pop(-1) is c and len(net) == 2
    net[0] = c
    assert net[0] is c and list(net + nn.Sequential(a)) == [c, b, a] and len(net * 2) == 4
    net *= 2
    assert len(net) == 4
    net += nn.Sequential(a)
    assert len(net.extend([b])) == 6
    named = nn.Sequential(OrderedDict(first=a, second=b))
    assert named.first is a and next(iter(named.state_dict())) == "first.w"
    for wrong in (lambda: net[6], lambda: net[-7], lambda: net.insert(9, a), lambda: net.pop(6)):
        with pytest.raises(IndexError):
            wrong()
    with pytest.raises(TypeError):
        nn.Sequential(3)
    with pytest.raises(TypeError):
        net["a"]
    with pytest.raises(ValueError):
        net * 0


def test_module_list():
    a, b, c = Scale(), Scale(), Scale()
    modules = nn.ModuleList([a]).append(b)
    modules += [c]
    assert list(modules) == [a, b, c] and modules[-1] is c and list(modules[:2]) == [a, b] and len(modules) == 3
    modules.insert(1, c)
    assert list(modules) == [a, c, b, c]
    del modules[1:3]
    assert list(modules) == [a, c] and modules.pop(0) is a and modules[0] is c
    modules[0] = b
    assert list(modules + [a]) == [b, a] and next(iter(dict(modules.named_parameters()))) == "0.w"
    with pytest.raises(IndexError):
        modules[3]
    with pytest.raises(TypeError):
        modules.extend(3)


def test_module_dict():
    a, b = Scale(), Scale()
    modules = nn.ModuleDict({"a": a})
    modules["b"] = b
    assert list(modules) == ["a", "b"] and modules["b"] is b and "a" in modules and len(modules) == 2
    assert list(modules.items()) == [("a", a), ("b", b)] and list(modules.values()) == [a, b]
    assert modules.pop("a") is a and list(modules.keys()) == ["b"]
    modules.update([("c", a)])
    del modules["b"]
    assert list(modules) == ["c"]
    modules.clear()
    assert len(modules) == 0
    for wrong, error in ((3, TypeError), ([3], TypeError), ([("a",)], ValueError)):
        with pytest.raises(error):
            modules.update(wrong)


def test_parameter_containers():
    values = nn.ParameterList([tensorgrad.ones(2), nn.Parameter(tensorgrad.ones(3))])
    values.append(tensorgrad.ones(1))
    values += [4]
    assert [n for n, _ in values.named_parameters()] == ["0", "1", "2"] and len(values) == 4 and values[3] == 4
    assert isinstance(values[0], nn.Parameter) and len(values[1:]) == 3 and values.pop() == 4 and len(list(values)) == 3
    values[0] = tensorgrad.zeros(2)
    assert values[-3].tolist() == [0, 0]
    assert "(0): Parameter containing: [tensorgrad.float32 of size 2]" in repr(values)
    with pytest.raises(IndexError):
        values[3]
    table = nn.ParameterDict({"a": tensorgrad.ones(2)})
    table["b"] = tensorgrad.ones(3)
    assert list(table) == ["a", "b"] and [n for n, _ in table.named_parameters()] == ["a", "b"]
    assert table.get("z", 1) == 1 and table.setdefault("c", 5) == 5 and table.pop("c") == 5
    assert list((table | {"d": tensorgrad.ones(1)}).keys()) == ["a", "b", "d"] and list(reversed(table)) == ["b", "a"]
    assert table.popitem()[0] == "b" and list(table.copy()) == ["a"] and list(table.fromkeys("xy")) == ["x", "y"]
    with pytest.raises(KeyError):
        table["b"]
    with pytest.raises(TypeError):
        table[1] = 2
    table.clear()
    assert len(table) == 0


def test_requires_grad_of_integers_is_refused_before_anything_changes():
    m = nn.ParameterList([nn.Parameter(tensorgrad.ones(1), requires_grad=False),
                          nn.Parameter(tensorgrad.tensor([1]), requires_grad=False)])
    with pytest.raises(tensorgrad.GraphError, match=r"1 is tensorgrad\.int64"):
        m.requires_grad_()
    assert not m[0].requires_grad and m.requires_grad_(False) is m
