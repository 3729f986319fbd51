"""The graph behind a tensor as plain entries: op, shape, value, gradient, local derivative, time, memory, module."""

import time

import tensorgrad

from .. import nn
from .._core import engine, graph
from .._core.errors import ArgumentError, GraphError
from .._core.runtime import memory_stats

LIMIT = 5000  # nodes: a larger picture helps nobody and would stop a browser


class Entry:
    """One node of the graph, a leaf of it, or a constant that an op took.

    inputs: (entry or None, name of the input, number of the entry's output). value, grad: tensors or None where they are not
    known. local: for each input the derivative of the sum of the output, which for elementwise ops is the local derivative.
    through: for each input the gradient that went on to it. seconds, seconds_back: of the op alone. bytes: memory in use
    after it less that before.
    """

    def __init__(self, kind, op, shape, dtype):
        self.kind, self.op, self.shape, self.dtype = kind, op, shape, dtype
        self.number, self.name, self.module = -1, "", ()
        self.inputs, self.value, self.grad = [], None, None
        self.local, self.through, self.attributes = [], [], {}
        self.seconds = self.seconds_back = self.bytes = None


class Recorder:
    """Watches ops and modules while a program runs: what each node's op was given and gave, how long it took, and where.

    Modules are named by their places in the outermost module that is called.
    """

    def __init__(self):
        self.calls = {}  # node -> (inputs, outcome, seconds, bytes, module path)
        self.names = {}  # id of a parameter -> its name
        self._running, self._path = [], []

    def enter(self, name, inputs, attributes):
        """An op starts."""
        self._running.append((inputs, time.perf_counter(), memory_stats()["in_use"]))

    def leave(self, outcome=None):
        """The op that started last ends."""
        end = time.perf_counter()
        inputs, start, before = self._running.pop()
        first = outcome[0] if isinstance(outcome, tuple) else outcome
        if self._running or not isinstance(first, tensorgrad.Tensor) or first.grad_fn is None:
            return
        inputs = [x.detach() if isinstance(x, tensorgrad.Tensor) else x for x in inputs]
        self.calls[first.grad_fn] = (inputs, first.detach(), end - start, memory_stats()["in_use"] - before, tuple(self._path))

    def _call(self, original):
        def call(module, *arguments, **options):
            self._path.append(self._place(module))
            try:
                return original(module, *arguments, **options)
            finally:
                self._path.pop()
        return call

    def _place(self, module):
        if not self._path:
            self.names.update({id(p): name for name, p in module.named_parameters()})
            self._outer = {id(m): name for name, m in module.named_modules()}
            return type(module).__name__
        return self._outer.get(id(module), type(module).__name__)

    def run(self, program):
        """Run program() under watch; returns what it returns."""
        original, before = nn.Module.__call__, graph.set_profiler(self)
        nn.Module.__call__ = self._call(original)
        try:
            return program()
        finally:
            nn.Module.__call__ = original
            graph.set_profiler(before)


def collect(target, model=None):
    """The entries of the graph behind `target`, inputs before what is made of them, with all values and derivatives.

    target: a tensor with one element that needs a gradient, or a function of no arguments that returns one; with a function,
    values, times, memory and modules of all ops are known, with a tensor only the values that were kept or can be computed
    again. model: a Module, or a dict name -> tensor, that names the leaves. No gradient is accumulated, and the graph can be
    used again.
    """
    recorder = Recorder()
    loss = recorder.run(target) if callable(target) and not isinstance(target, tensorgrad.Tensor) else target
    if not isinstance(loss, tensorgrad.Tensor) or loss.numel() != 1:
        what = f"a tensor of shape {tuple(loss.shape)}" if isinstance(loss, tensorgrad.Tensor) else type(loss).__name__
        raise ArgumentError(f"explain: expected a tensor with one element or a function that returns one, got {what}")
    if loss.grad_fn is None:
        raise GraphError("explain: the tensor does not come from an op on a tensor that requires grad, so there is no graph to show")
    names = dict(recorder.names)
    if model is not None:
        named = model.named_parameters() if isinstance(model, nn.Module) else model.items()
        names.update({id(tensor): name for name, tensor in named})
    nodes = ordered(loss.grad_fn)
    entries = {}
    for node in nodes:
        entries[node] = entry_of(node, entries, recorder, names)
    value_of(entries[loss.grad_fn], loss.detach())
    fill_values(nodes, entries)
    go_backward(loss, nodes, entries)
    found = []
    for node in nodes:
        found += [e for e, _, _ in entries[node].inputs if e is not None and e.kind == "constant"]
        found.append(entries[node])
    for number, entry in enumerate(found):
        entry.number = number
    return found


def ordered(last):
    """All nodes behind `last`, each after its parents, without recursion."""
    done, order, todo = set(), [], [(last, False)]
    while todo:
        node, parents_done = todo.pop()
        if parents_done:
            order.append(node)
        elif node not in done:
            done.add(node)
            if len(done) > LIMIT:
                raise ArgumentError(f"explain: the graph has more than {LIMIT} nodes, which no picture can show; explain a part of it")
            todo.append((node, True))
            todo += [(parent, False) for parent, _ in reversed(node.next_functions) if parent is not None and parent not in done]
    return order


def entry_of(node, entries, recorder, names):
    """The entry of one node, without values that only others know."""
    if node.op is None:
        leaf = node.variable
        entry = Entry("leaf", "leaf", node.output[0], str(node.output[1]))
        if leaf is not None:  # else nobody holds it any more
            entry.name, entry.value = names.get(id(leaf), ""), leaf.detach()
        return entry
    shape, dtype = node.output
    entry = Entry("op", node.op.name, tuple(shape), str(dtype))
    labels = node.op.inputs
    recorded = recorder.calls.get(node)
    if recorded is not None:
        _, entry.value, entry.seconds, entry.bytes, entry.module = recorded
    saved = node.saved_values
    for i, (parent, output) in enumerate(node.next_functions):
        label = labels[i] if i < len(labels) and not labels[0].startswith("*") else f"{labels[0].lstrip('*')}{i}"
        known = recorded[0][i] if recorded is not None and i < len(recorded[0]) else saved.get(label)
        if parent is not None:
            source = entries[parent]
            if output == 0 and isinstance(known, tensorgrad.Tensor):
                value_of(source, known)
            entry.inputs.append((source, label, output))
        elif known is not None:
            entry.inputs.append((constant(known), label, 0))
        else:
            entry.inputs.append((None, label, 0))
    if "y" in saved and isinstance(saved["y"], tensorgrad.Tensor):
        value_of(entry, saved["y"])
    entry.attributes = {name: value for name, value in (node.attributes or {}).items() if plain(value)}
    return entry


def plain(value):
    """Whether an attribute can be written down in a line."""
    if isinstance(value, (tuple, list)):
        return len(value) <= 8 and all(plain(v) for v in value)
    return isinstance(value, (int, float, str, bool, type(None)))


def constant(value):
    """The entry of a number or tensor that needs no gradient."""
    tensor = value.detach() if isinstance(value, tensorgrad.Tensor) else tensorgrad.tensor(value)
    entry = Entry("constant", "constant", tuple(tensor.shape), str(tensor.dtype))
    entry.value = tensor
    return entry


def value_of(entry, value):
    """Note a value that is now known, unless it was already."""
    if entry.value is None and tuple(value.shape) == entry.shape:
        entry.value = value.detach()


def fill_values(nodes, entries):
    """Compute again what nobody kept, where all inputs are known and the op is elementwise: others may draw or keep statistics."""
    for node in nodes:
        entry = entries[node]
        if entry.value is not None or entry.kind != "op" or node.op.map < 0:
            continue
        inputs = [source.value if source is not None and output == 0 else None for source, _, output in entry.inputs]
        if any(value is None for value in inputs):
            continue
        with tensorgrad.no_grad():
            value_of(entry, node.op(*inputs))


def go_backward(loss, nodes, entries):
    """The gradient at each node, and for each op what it hands to its inputs, of that gradient and of ones."""
    arriving = {loss.grad_fn: {0: tensorgrad.ones_like(loss.detach())}}
    with tensorgrad.no_grad():
        for node in reversed(nodes):
            entry, gradients = entries[node], arriving.pop(node, {})
            entry.grad = gradients.get(0)
            if node.op is None or not gradients:
                continue
            start = time.perf_counter()
            entry.through = engine.gradients_of(node, gradients)
            entry.seconds_back = time.perf_counter() - start
            if len(node.op.outputs) == 1:
                entry.local = engine.gradients_of(node, {0: tensorgrad.ones_like(gradients[0])})
            for (parent, output), g in zip(node.next_functions, entry.through, strict=True):
                if parent is not None and g is not None:
                    there = arriving.setdefault(parent, {})
                    there[output] = g if output not in there else there[output] + g
