"""Reverse mode: from the outputs to the leaves, the node of the highest rank first.

`run_backward` takes a node from a heap, asks its op for the gradients of its inputs and adds them to the parents. Nothing
recurses, so a chain of a million nodes is no deeper than one of two. Gradients are accumulated in place wherever nobody
else can see them, and saved values are dropped as soon as they were used.
"""

from _thread import get_ident

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_REFCNT
from libc.stdlib cimport free, realloc

from .csrc cimport TG_MAX_DIMS, int64_t, tg_zero
from .dtype cimport dtype_of
from .graph cimport Node, anomaly, anomaly_checks, edge, profiler, profiling, requires_grad, set_grad, unpack
from .maps cimport add_into, run_map
from .op cimport Op
from .storage cimport Storage
from .tensor cimport (TensorBase, copy_of, fill, is_contiguous, new_like, new_tensor, numel, overlaps_itself, same_shape,
                      shape_of)

from .errors import GraphError, ShapeError

cdef dict ENDINGS = {}               # thread -> functions to call when its backward pass ends
cdef bint FORMULAS_ONLY = False      # tests: ignore fused derivatives
cdef object SUM_TO = None            # what conform needs of the records: set by ops/shape.py
cdef object TO_DTYPE = None


def set_helpers(sum_to, to_dtype):
    """sum_to(g, shape) and to_dtype(g, dtype)."""
    global SUM_TO, TO_DTYPE
    SUM_TO, TO_DTYPE = sum_to, to_dtype


def use_formulas(bint on):
    """For tests: derive with the formulas even where a fused derivative exists. Returns what was before."""
    global FORMULAS_ONLY
    before = FORMULAS_ONLY
    FORMULAS_ONLY = on
    return before


# ---- the heap of nodes, highest rank first ----

cdef class Heap:
    """A binary heap in one C array: a list would be reallocated at nearly every step of a chain."""
    cdef PyObject **items            # each is owned
    cdef Py_ssize_t n, room

    def __dealloc__(self):
        while self.n:
            self.n -= 1
            Py_DECREF(<object>self.items[self.n])
        free(self.items)

    cdef int push(self, Node node) except -1:
        cdef Py_ssize_t i = self.n, up
        cdef PyObject **items = self.items
        if self.n == self.room:
            items = <PyObject **>realloc(items, (2 * self.room + 16) * sizeof(PyObject *))
            if items == NULL:
                raise MemoryError("backward: cannot allocate the heap of nodes")
            self.items, self.room = items, 2 * self.room + 16
        self.n += 1
        node.queued = True
        Py_INCREF(node)
        while i:
            up = (i - 1) >> 1
            if (<Node>items[up]).rank >= node.rank:
                break
            items[i] = items[up]
            i = up
        items[i] = <PyObject *>node
        return 0

    cdef Node pop(self):
        cdef PyObject **items = self.items
        cdef Node top = <Node>items[0]
        cdef Py_ssize_t i = 0, down, n = self.n - 1
        cdef PyObject *last = items[n]
        cdef int64_t rank = (<Node>last).rank
        self.n = n
        top.queued = False
        Py_DECREF(top)               # the heap's reference; `top` is another
        while True:
            down = 2 * i + 1
            if down >= n:
                break
            if down + 1 < n and (<Node>items[down + 1]).rank > (<Node>items[down]).rank:
                down += 1
            if (<Node>items[down]).rank <= rank:
                break
            items[i] = items[down]
            i = down
        items[i] = last
        return top


# ---- gradients on their way ----

cdef inline bint ours(TensorBase g, int references) noexcept:
    """Nobody else can see this tensor or its memory, so it may be added to, or become a leaf's grad, as it is."""
    cdef Storage s = g.storage  # the second reference; Py_REFCNT(g.storage) would count one of its own, or not
    return Py_REFCNT(g) <= references and Py_REFCNT(s) == 2 and s.owner is None and g.base is None


cdef TensorBase conform(TensorBase g, int dtype, int ndim, const int64_t *shape):
    """Undo broadcasting and promotion: what an input contributed once for each of many outputs is summed."""
    cdef int i
    cdef bint same = g.v.ndim == ndim
    if same:
        for i in range(ndim):
            if g.v.shape[i] != shape[i]:
                same = False
    if not same:
        g = SUM_TO(g, tuple([shape[i] for i in range(ndim)]))
    if g.v.dtype != dtype:
        g = TO_DTYPE(g, dtype_of(dtype))
    return g


cdef int deliver(Heap heap, Node to, int number, TensorBase g, bint owned, bint create_graph) except -1:
    """Add g to what has arrived at output `number` of a node, and queue the node."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i
    cdef TensorBase present
    if to.others is not None:
        dtype, sizes = to.others[number]
        for i in range(len(sizes)):
            shape[i] = sizes[i]
        g = conform(g, dtype, len(sizes), shape)
        if to.gradients is None:
            to.gradients = [None] * len(to.others)
        present = <TensorBase>to.gradients[number]
        to.gradients[number] = g if present is None else present + g
    else:
        if g.v.ndim != to.ndim or g.v.dtype != to.dtype or to.ndim:
            g = conform(g, to.dtype, to.ndim, to.shape)
        present = to.gradient
        if present is None:
            to.gradient = g
            to.owned = owned and not create_graph
        elif to.owned and is_contiguous(present):
            add_into(present, g)
        else:
            to.gradient = present + g
            to.owned = not create_graph
    if not to.queued:
        heap.push(to)
    return 0


cdef int deliver_into(Heap heap, Node to, Op op, dict attributes, TensorBase g) except -1:
    """The gradient of a window (select, slice): add g in that window of the input's gradient, so that reading a tensor
    piece by piece costs its size once in the backward pass and not once a piece."""
    cdef TensorBase whole = to.gradient, window
    if whole is None:
        whole = new_tensor(to.dtype, to.ndim, to.shape)
        zero(whole)
    elif not to.owned or not is_contiguous(whole):  # an expanded gradient is one element many times
        whole = copy_of(whole)
    window = op.forward(whole, **attributes)
    add_into(window, g)
    to.gradient = whole
    to.owned = True
    if not to.queued:
        heap.push(to)
    return 0


cdef int zero(TensorBase x) except -1:
    tg_zero(x.v.data, numel(x) * dtype_of(x.v.dtype).itemsize)
    return 0


cdef int accumulate(TensorBase leaf, TensorBase g, bint owned, bint create_graph) except -1:
    cdef TensorBase present = leaf.grad_
    if present is None:
        leaf.grad_ = g if create_graph or (owned and is_contiguous(g)) else copy_of(g)
    elif create_graph or requires_grad(present) or overlaps_itself(present):
        leaf.grad_ = present + g
    else:
        add_into(present, g)
        present.storage.version += 1
    return 0


# ---- derivatives of one node ----

cdef object gather(tuple plan, Node node, object g, bint create_graph, list positional, int skip):
    """Arguments of a formula as its plan says. Attributes travel by name, everything else in order."""
    cdef dict named = None
    for name, source in plan:
        if type(source) is int:
            if source == -1:
                value = g
            elif source == -2:
                if node.attributes:
                    named = dict(node.attributes) if named is None else {**node.attributes, **named}
                continue
            elif source >= 100:
                value = node.shapes[source - 100]
            else:
                value = unpack(node, source, create_graph)
            if skip or named is not None:
                named = {} if named is None else named
                named[name] = value
            else:
                positional.append(value)
        else:
            named = {} if named is None else named
            if source in node.attributes:
                named[name] = node.attributes[source]
    return named


cdef inline object argument(Node node, int source, object g, bint create_graph):
    if source == -1:
        return g
    return node.shapes[source - 100] if source >= 100 else unpack(node, source, create_graph)


cdef object formula(Node node, int i, object g, bint create_graph):
    cdef Op op = node.op
    cdef const signed char *s = op.sources[i]
    cdef int n = op.n_sources[i]
    cdef object f = op.formulas[i]
    if n == 1:
        return f(argument(node, s[0], g, create_graph))
    if n == 2:
        return f(argument(node, s[0], g, create_graph), argument(node, s[1], g, create_graph))
    if n == 3:
        return f(argument(node, s[0], g, create_graph), argument(node, s[1], g, create_graph),
                 argument(node, s[2], g, create_graph))
    cdef list positional = []
    cdef dict named = gather(<tuple>op.plans[i], node, g, create_graph, positional, 0)
    return f(*positional) if named is None else f(*positional, **named)


cdef object fused(Node node, tuple needs, object g, bint create_graph):
    cdef dict named
    if node.op.opaque:
        return node.op.fused(needs, g, **node.attributes)
    named = gather(node.op.fused_plan, node, g, create_graph, [], 1)
    return node.op.fused(needs, **named) if named is not None else node.op.fused(needs)


cdef TensorBase map_gradient(Node node, TensorBase g):
    """grad_map(g, what the formula saves...) in one pass."""
    cdef const signed char *s = node.op.sources[0]
    cdef int n = node.op.n_sources[0]
    a = unpack(node, s[1], False) if n > 1 else None
    b = unpack(node, s[2], False) if n > 2 else None
    c = unpack(node, s[3], False) if n > 3 else None
    return run_map(node.op.grad_map, g.v.dtype, g, a, b, c, None, node.op.name)


cdef int differentiate(Heap heap, Node node, object g, bint create_graph, set needed) except -1:
    """Run the op's derivative and hand the results to the parents."""
    cdef Op op = node.op
    cdef tuple parents = node.parents
    cdef Py_ssize_t i, n = len(parents)
    cdef Node parent
    cdef TensorBase gi
    cdef object result
    cdef bint plain = not create_graph and not FORMULAS_ONLY
    if node.freed:
        raise GraphError(f"{op.name}: trying to go backward through the graph a second time; its saved values were freed. "
                         "Pass retain_graph=True to the first backward() or grad()")
    if op.opaque or op.variadic or (plain and op.fused is not None) or node.post_hooks:
        result = list(all_gradients(node, g, create_graph, needed))
        if len(result) != n:
            raise GraphError(f"{op.name}: its backward returned {len(result)} gradients for {n} inputs")
        if node.post_hooks:
            result = list(after(node, tuple(result), g))
        for i in range(n):
            parent = <Node>parents[i]
            if parent is None or result[i] is None or (needed is not None and parent not in needed):
                continue
            gi = <TensorBase?>result[i]
            result[i] = None
            if anomaly():
                watch(node, i, gi)
            deliver(heap, parent, 0 if node.numbers is None else node.numbers[i], gi, ours(gi, 1), create_graph)
        return 0
    for i in range(n):
        parent = <Node>parents[i]
        if parent is None or (needed is not None and parent not in needed):
            continue
        if plain and op.grad_map >= 0:
            gi = map_gradient(node, g)
        elif plain and op.into and parent.others is None and (<TensorBase>g).v.dtype == parent.dtype:
            deliver_into(heap, parent, op, node.attributes, g)
            continue
        else:
            result = formula(node, i, g, create_graph)
            if result is None:
                continue
            gi = <TensorBase?>result
            result = None
        if anomaly():
            watch(node, i, gi)
        deliver(heap, parent, 0 if node.numbers is None else node.numbers[i], gi, gi is not g and ours(gi, 1), create_graph)
    return 0


cdef object all_gradients(Node node, object g, bint create_graph, set needed):
    """The gradient of every input that wants one, at once."""
    cdef Op op = node.op
    cdef tuple needs = tuple([p is not None and (needed is None or p in needed) for p in node.parents])
    cdef Py_ssize_t i
    if op.opaque or (op.fused is not None and not create_graph and not FORMULAS_ONLY):
        return fused(node, needs, g, create_graph)
    if op.variadic:
        return formula(node, 0, g, create_graph)
    return [formula(node, i, g, create_graph) if needs[i] else None for i in range(len(needs))]


def gradients_of(Node node, dict gradients):
    """[gradient of each input, or None] of one node, given those of its outputs, number -> tensor: the graph stays as it is."""
    cdef list result = []
    cdef Node parent
    cdef int64_t shape[TG_MAX_DIMS]
    cdef Py_ssize_t i, j, number
    if node.freed:
        raise GraphError(f"{node.op.name}: its saved values were freed by a backward pass; pass retain_graph=True to it")
    g = gradients[0] if node.others is None else tuple([gradients.get(i) for i in range(len(node.others))])
    found = all_gradients(node, g, False, None)
    for i in range(len(node.parents)):
        parent, gi = node.parents[i], found[i]
        if parent is None or gi is None:
            result.append(None)
        elif parent.others is None:
            result.append(conform(<TensorBase>gi, parent.dtype, parent.ndim, parent.shape))
        else:
            number = 0 if node.numbers is None else node.numbers[i]
            dtype, sizes = parent.others[number]
            for j in range(len(sizes)):
                shape[j] = sizes[j]
            result.append(conform(<TensorBase>gi, dtype, <int>len(sizes), shape))
    return result


cdef object after(Node node, tuple grads, object g):
    for hook in list(node.post_hooks.values()):
        changed = hook(grads, g if type(g) is tuple else (g,))
        if changed is not None:
            grads = changed if type(changed) is tuple else (changed,)
    return grads


cdef object before(Node node, int number, object g):
    """Tensor hooks, in the order of registration, then retain_grad."""
    if node.hooks is not None:
        for n, functions in node.hooks:
            for hook in list(functions.values()):
                if n == number:
                    changed = hook(g)
                    if changed is not None:
                        g = checked(changed, g, node)
    if node.retained is not None:
        for n, reference in node.retained:
            t = reference()
            if n == number and t is not None:
                (<TensorBase>t).grad_ = g
    return g


cdef object before_all(Node node, object g):
    """The node's own hooks, which see the gradients of all outputs."""
    cdef bint single = type(g) is not tuple
    for hook in list(node.pre_hooks.values()):
        changed = hook((g,) if single else g)
        if changed is None:
            continue
        changed = changed if type(changed) is tuple else (changed,)
        if len(changed) != (1 if single else len(g)):
            raise GraphError(f"hook of {node.name()}: returned {len(changed)} gradients for {1 if single else len(g)} outputs")
        changed = tuple([None if c is None else checked(c, old, node) for c, old in zip(changed, (g,) if single else g)])
        g = changed[0] if single else changed
    return g


cdef object checked(object changed, object g, Node node):
    if not isinstance(changed, TensorBase) or (g is not None and not same_shape(<TensorBase>changed, <TensorBase>g)):
        what = shape_of(changed) if isinstance(changed, TensorBase) else type(changed).__name__
        raise ShapeError(f"hook of {node.name()}: returned {what} for a gradient of shape "
                         f"{None if g is None else shape_of(g)}")
    return changed


cdef set reach(list roots, set targets):
    """The nodes on a way from a root to a target."""
    cdef int64_t lowest = min([(<Node>t).rank for t in targets])
    cdef set seen = set()
    cdef list stack = list(roots), order = []
    cdef Node node, parent
    while stack:
        node = <Node>stack.pop()
        if node in seen or node.rank < lowest:
            continue
        seen.add(node)
        order.append(node)
        if node.parents is not None:
            for parent in node.parents:
                if parent is not None:
                    stack.append(parent)
    order.sort(key=rank_of)
    cdef set found = set()
    for node in order:
        if node in targets:
            found.add(node)
        elif node.parents is not None:
            for parent in node.parents:
                if parent is not None and parent in found:
                    found.add(node)
                    break
    return found


def rank_of(Node node):
    """Sort key."""
    return node.rank


cdef TensorBase weight(TensorBase t, object g, str name):
    """The gradient of an output: g, or 1 for a single element."""
    cdef TensorBase one
    if g is None:
        if numel(t) != 1:
            raise GraphError(f"{name}: a gradient can be implied for an output of one element only, this one has shape "
                             f"{shape_of(t)}; pass gradient=")
        one = new_like(t)
        fill(one, 1)
        return one
    if not isinstance(g, TensorBase):
        raise TypeError(f"{name}: gradients must be tensors or None, got {type(g).__name__}")
    if not same_shape(<TensorBase>g, t):
        raise ShapeError(f"{name}: gradient of shape {shape_of(<TensorBase>g)} for an output of shape {shape_of(t)}")
    return <TensorBase>g


def at_end(f):
    """Call f() when the backward pass of this thread ends without an error."""
    ENDINGS.setdefault(get_ident(), []).append(f)


def run_backward(list tensors, list grads, bint retain_graph, bint create_graph, list inputs, str name):
    """Reverse mode from `tensors` with output gradients `grads` (None: 1 for a single element). name: for messages.

    inputs None: accumulate into every leaf's grad. Otherwise return the gradients of the inputs (None: not reached).
    """
    cdef Heap heap = Heap()
    cdef list roots = [], weights = []
    cdef Node node
    cdef dict wanted = None
    cdef set needed = None
    cdef TensorBase t, g
    cdef object value
    cdef Py_ssize_t i
    cdef bint owned, mode
    cdef list captured = None
    for i in range(len(tensors)):
        t = tensors[i]
        node = edge(t)
        if node is None:
            raise GraphError(f"{name}: tensor {i} of shape {shape_of(t)} does not require grad and has no grad_fn")
        roots.append(node)
        weights.append(weight(t, grads[i], name))
    if inputs is not None:
        wanted, captured = {}, [None] * len(inputs)
        for i in range(len(inputs)):
            t = inputs[i]
            node = edge(t)
            if node is None:
                raise GraphError(f"grad: input {i} of shape {shape_of(t)} does not require grad")
            wanted.setdefault(node, []).append((t.output_nr, i))
        needed = reach(roots, set(wanted))
    mode = set_grad(create_graph)
    try:
        for i in range(len(tensors)):
            if needed is None or roots[i] in needed:
                t = tensors[i]
                deliver(heap, <Node>roots[i], t.output_nr, <TensorBase>weights[i], False, create_graph)
        while heap.n:
            node = heap.pop()
            owned = node.owned
            if node.others is None:
                value = node.gradient
                node.gradient = None
                if node.hooks is not None or node.retained is not None:
                    value = before(node, 0, value)
                    owned = False
            else:
                value = [None if x is None else before(node, i, x) for i, x in enumerate(node.gradients)]
                node.gradients = None
            if wanted is not None and node in wanted:
                for number, i in wanted[node]:
                    captured[i] = value if node.others is None else value[number]
            if node.op is None:
                if wanted is None:
                    t = node.leaf()
                    if node.pre_hooks:
                        value = before_all(node, value)
                        owned = False
                    if t is not None:
                        g = <TensorBase>value
                        value = None
                        accumulate(t, g, owned and ours(g, 1) and not node.post_hooks, create_graph)
                        if node.post_hooks:
                            for hook in list(node.post_hooks.values()):
                                hook(t, g)
                continue
            if node.others is not None:
                value = tuple(value)
            if node.pre_hooks:
                value = before_all(node, value)
                owned = False
            if profiling():
                differentiate_profiled(heap, node, value, create_graph, needed)
            elif anomaly():
                differentiate_watched(heap, node, value, create_graph, needed)
            else:
                differentiate(heap, node, value, create_graph, needed)
            if not retain_graph:
                if node.saved is not None or node.op.opaque:
                    node.saved = None
                    node.freed = True
                    if node.op.opaque:
                        node.attributes = None  # a Function's ctx, with what it saved
        if ENDINGS:
            for f in ENDINGS.pop(get_ident(), ()):
                f()
    finally:
        set_grad(mode)
        ENDINGS.pop(get_ident(), None)
        while heap.n:  # after an error: nothing may be left for the next pass
            node = heap.pop()
            node.gradient = node.gradients = None
    return captured


cdef int differentiate_profiled(Heap heap, Node node, object g, bint create_graph, set needed) except -1:
    watcher = profiler()
    watcher.enter(node.name(), (g,), node.attributes or {})
    try:
        if anomaly():
            return differentiate_watched(heap, node, g, create_graph, needed)
        return differentiate(heap, node, g, create_graph, needed)
    finally:
        watcher.leave(None)


cdef int differentiate_watched(Heap heap, Node node, object g, bint create_graph, set needed) except -1:
    try:
        differentiate(heap, node, g, create_graph, needed)
    except Exception as error:
        if not isinstance(error, NaNGradientError):
            error.add_note(f"while differentiating {node.name()}, {forward_call(node)}")
        raise
    return 0


class NaNGradientError(GraphError):
    """What anomaly mode stops with."""


NaNGradientError.__name__ = NaNGradientError.__qualname__ = "GraphError"


cdef int watch(Node node, Py_ssize_t i, TensorBase g) except -1:
    """Anomaly mode: an error if the gradient of input i has a NaN."""
    cdef bint mode
    if not anomaly_checks():
        return 0
    mode = set_grad(False)
    try:
        bad = g.isnan().any().item()
    finally:
        set_grad(mode)
    if bad:
        raise NaNGradientError(f"{node.name()} returned nan values for input {i}, {forward_call(node)}")
    return 0


cdef str forward_call(Node node):
    if node.trace is None:
        return "whose forward call was recorded outside anomaly mode"
    return f"whose forward call was here:\n{''.join(node.trace.format())}"
