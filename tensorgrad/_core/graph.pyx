"""The graph of nodes and reverse mode over it.

A Node is one application of an op: parents (nodes, never tensors), the values that the formulas name, and what the
gradient of its output must look like. `run_backward` takes the node of the highest rank from a heap, asks its op for the
gradients of its inputs and adds them to the parents; nothing recurses, so a chain of a million nodes is no deeper than one.
"""

from cpython.ref cimport Py_REFCNT
from cpython.weakref cimport PyWeakref_NewRef
from libc.string cimport memset

from .csrc cimport TG_MAX_DIMS, int64_t
from .dtype cimport dtype_of
from .maps cimport add_into, is_number, run_map
from .op cimport Op
from .tensor cimport TensorBase, alias, copy_of, is_contiguous, new_tensor, numel, overlaps_itself, same_shape, shape_of

from .errors import GraphError, ShapeError

cdef extern from *:
    """
    static _Thread_local int tg_grad_mode = 1;
    static _Thread_local int tg_inference_mode = 0;
    """
    int tg_grad_mode
    int tg_inference_mode

cdef bint FORMULAS_ONLY = False      # tests: ignore fused derivatives
cdef bint ANOMALY = False
# What the engine needs of the records: set by ops/shape.py and ops/elementwise.py.
cdef object SUM_TO, TO_DTYPE, AS_STRIDED, SCATTER_WINDOW
SUM_TO = TO_DTYPE = AS_STRIDED = SCATTER_WINDOW = None


def set_helpers(sum_to, to_dtype, Op as_strided, Op scatter_window):
    """sum_to(g, shape), to_dtype(g, dtype), and the two records by which in-place writes to views are told."""
    global SUM_TO, TO_DTYPE, AS_STRIDED, SCATTER_WINDOW
    SUM_TO, TO_DTYPE, AS_STRIDED, SCATTER_WINDOW = sum_to, to_dtype, as_strided, scatter_window


# ---- modes ----

cdef bint grad_enabled() noexcept:
    return tg_grad_mode


cdef bint set_grad(bint on) noexcept:
    global tg_grad_mode
    cdef bint before = tg_grad_mode
    tg_grad_mode = on
    return before


def is_grad_enabled():
    """Whether operations are recorded on this thread. Source: torch.is_grad_enabled."""
    return bool(tg_grad_mode)


def switch_grad(bint on):
    """Set the mode of this thread and return what it was."""
    return bool(set_grad(on))


def is_inference_mode_enabled():
    """Whether this thread is inside inference_mode. Source: torch.is_inference_mode_enabled."""
    return bool(tg_inference_mode)


def switch_inference(bint on):
    """Set inference mode of this thread and return what it was."""
    global tg_inference_mode
    before = bool(tg_inference_mode)
    tg_inference_mode = on
    return before


def use_formulas(bint on):
    """For tests: derive with the formulas even where a fused derivative exists. Returns what was before."""
    global FORMULAS_ONLY
    before = FORMULAS_ONLY
    FORMULAS_ONLY = on
    return before


def set_detect_anomaly(bint on):
    """Remember the forward call of each node and stop at the first NaN gradient. Returns what was before."""
    global ANOMALY
    before = ANOMALY
    ANOMALY = on
    return before


# ---- nodes ----

cdef list GRAVE = []
cdef bint DIGGING = False


cdef class Node:
    """One application of an op (`tensor.grad_fn`)."""

    def __dealloc__(self):
        # Dropping the last tensor of a long chain would recurse once a node; instead what a dying node holds is laid
        # aside, and the outermost of them drops it piece by piece.
        global DIGGING
        if self.parents is None and self.saved is None:
            return
        GRAVE.append(self.parents)
        if self.saved is not None:
            GRAVE.append(self.saved)
        self.parents = self.saved = None
        if not DIGGING:
            DIGGING = True
            while GRAVE:
                GRAVE.pop()
            DIGGING = False

    @property
    def next_functions(self):
        """((node, output number), ...), one an input. Source: torch.autograd.graph.Node."""
        parents = self.parents or ()
        return tuple((p, self.numbers[i] if self.numbers is not None else 0) for i, p in enumerate(parents))

    def name(self):
        """The class-like name that PyTorch prints, e.g. MulBackward0."""
        if self.op is None:
            return "AccumulateGrad"
        return "".join(w[:1].upper() + w[1:] for w in self.op.name.split("_")) + "Backward0"

    def __repr__(self):
        return f"<{self.name()} object at {<size_t><void *>self:#x}>"

    @property
    def variable(self):
        """The tensor of a leaf's node, while it lives."""
        return self.leaf() if self.leaf is not None else None

    @property
    def op(self):
        """The record, None for a leaf."""
        return self.op

    @property
    def attributes(self):
        """The attributes of the call."""
        return dict(self.attributes or {})

    def register_prehook(self, hook):
        """Call hook(grad_outputs) before the node runs; a returned tuple replaces them."""
        return self.add_hook(-1, hook)

    def register_hook(self, hook):
        """Call hook(grad_inputs, grad_outputs) after the node ran; a returned tuple replaces grad_inputs."""
        if self.post_hooks is None:
            self.post_hooks = {}
        return Handle(self.post_hooks, hook)

    def add_hook(self, int number, hook):
        """A hook on one output (-1: on all of them)."""
        cdef dict functions
        if self.hooks is None:
            self.hooks = []
        functions = {}
        self.hooks.append((number, functions))
        return Handle(functions, hook)


class Handle:
    """Removes a hook. Source: torch.utils.hooks.RemovableHandle."""

    next_id = 0

    def __init__(self, hooks, hook):
        Handle.next_id += 1
        self.id, self.hooks = Handle.next_id, hooks
        hooks[self.id] = hook

    def remove(self):
        """Take the hook away; a second call does nothing."""
        self.hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()


cdef Node new_node(Op op, TensorBase out):
    cdef Node node = Node.__new__(Node)
    cdef int i
    node.op = op
    node.dtype = out.v.dtype
    node.ndim = out.v.ndim
    for i in range(out.v.ndim):
        node.shape[i] = out.v.shape[i]
    if ANOMALY:
        import traceback
        node.trace = traceback.extract_stack()
    return node


cdef Node leaf_node(TensorBase t):
    cdef Node node = new_node(None, t)
    node.leaf = PyWeakref_NewRef(t, None)
    t.node = node
    return node


cdef Node edge(TensorBase t):
    cdef Node node
    if t.base is not None and t.node_version != t.storage.version:
        refresh(t)
    if t.node is not None:
        return <Node>t.node
    return leaf_node(t) if t.wants_grad else None


cdef bint requires_grad(TensorBase t) noexcept:
    return t.wants_grad or t.node is not None or (t.base is not None and t.node_version != t.storage.version
                                                  and (t.base.wants_grad or t.base.node is not None))


cdef dict geometry(TensorBase view, TensorBase base):
    return {"size": shape_of(view), "stride": tuple([view.v.strides[i] for i in range(view.v.ndim)]),
            "offset": (view.v.data - base.v.data) // dtype_of(base.v.dtype).itemsize,
            "layout": tuple([base.v.strides[i] for i in range(base.v.ndim)])}


cdef int refresh(TensorBase t) except -1:
    """The base (or another view of it) was written in place since t's node was made: t is now a view of what the base is."""
    cdef Node node
    if requires_grad(t.base):
        node = new_node(AS_STRIDED, t)
        link(node, t.base)
        node.shapes = (shape_of(t.base),)
        node.attributes = geometry(t, t.base)
        t.node = node
        t.output_nr = 0
        t.wants_grad = False
    t.node_version = t.storage.version
    return 0


cdef int link(Node node, TensorBase parent) except -1:
    cdef Node p = edge(parent)
    node.parents = (p,)
    node.rank = p.rank + 1
    if parent.output_nr:
        node.numbers = (parent.output_nr,)
    return 0


cdef int64_t version_of(object value) except -1:
    cdef int64_t total = 0
    if isinstance(value, TensorBase):
        return (<TensorBase>value).storage.version
    if type(value) is tuple:
        for v in <tuple>value:
            if isinstance(v, TensorBase):
                total += (<TensorBase>v).storage.version
    return total


cdef int save(Node node, tuple saved) except -1:
    cdef int i = 0
    node.saved = saved
    for value in saved:
        if value is not None and i < 8:
            node.versions[i] = version_of(value)
        i += 1
    return 0


cdef object unpack(Node node, int slot, bint create_graph):
    """A saved value, checked against in-place writes; an output is put back into the graph where that is wanted."""
    cdef object value = node.saved[slot]
    cdef TensorBase t
    cdef int number = slot - (node.op.n_in)
    if value is None or is_number(value):
        return value
    if slot < 8 and node.versions[slot] != version_of(value):
        names = (*node.op.inputs, *node.op.outputs, *node.op.aux)
        shape = shape_of(value) if isinstance(value, TensorBase) else [shape_of(v) for v in value]
        raise GraphError(f"{node.op.name}: its gradient needs {names[slot]} of shape {shape}, which was modified by an "
                         f"in-place operation since: it is at version {version_of(value)}, expected {node.versions[slot]}")
    if create_graph and 0 <= number < node.op.n_out:
        t = alias(<TensorBase>value)
        t.node = node
        t.output_nr = number
        return t
    return value


# ---- writing in place ----

cdef int check_in_place(TensorBase x, str op) except -1:
    if x.storage.readonly:
        raise GraphError(f"{op}: the memory of this tensor of shape {shape_of(x)} is read-only (a NumPy array that may not "
                         "be written to); write to a clone()")
    if overlaps_itself(x):
        raise GraphError(f"{op}: several elements of this tensor of shape {shape_of(x)} share one memory location (an expanded "
                         "tensor); clone() it before writing to it")
    if tg_grad_mode:
        if x.wants_grad:
            raise GraphError(f"{op}: a leaf tensor that requires grad (shape {shape_of(x)}) cannot be written to in place; use "
                             "no_grad(), or write to a clone()")
        if x.base is not None and x.base.wants_grad:
            raise GraphError(f"{op}: a view (shape {shape_of(x)}) of a leaf tensor that requires grad (shape "
                             f"{shape_of(x.base)}) cannot be written to in place; use no_grad(), or write to a clone()")
    return 0


cdef int rebase(TensorBase x, Node node) except -1:
    """x's memory now holds the output of `node` (None: of nothing recorded). A write to a view is a write to its base:
    the base becomes scatter_window(base, view) and the view an as_strided of the new base. The caller has bumped
    the version."""
    cdef TensorBase base = x.base
    cdef Node scatter, parent
    if base is None:
        x.node = node
        x.output_nr = 0
        x.wants_grad = False
        return 0
    if node is None and not requires_grad(base):
        return 0
    scatter = new_node(SCATTER_WINDOW, base)
    parent = edge(base)
    scatter.parents = (parent, node)
    scatter.rank = 1 + max(parent.rank if parent is not None else 0, node.rank if node is not None else 0)
    if base.output_nr:
        scatter.numbers = (base.output_nr, 0)
    scatter.shapes = (shape_of(base), shape_of(x))
    scatter.attributes = {"window": AS_STRIDED, "geometry": geometry(x, base)}
    base.node = scatter
    base.output_nr = 0
    base.wants_grad = False
    base.node_version = base.storage.version
    x.node_version = -1
    return refresh(x)


# ---- the heap of nodes, highest rank first ----

cdef int push(list heap, Node node) except -1:
    cdef Py_ssize_t i = len(heap), up
    node.queued = True
    heap.append(node)
    while i:
        up = (i - 1) >> 1
        if (<Node>heap[up]).rank >= node.rank:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = node
    return 0


cdef Node pop(list heap):
    cdef Node top = <Node>heap[0], last = <Node>heap.pop()
    cdef Py_ssize_t i = 0, down, n = len(heap)
    top.queued = False
    if n == 0:
        return top
    while True:
        down = 2 * i + 1
        if down >= n:
            break
        if down + 1 < n and (<Node>heap[down + 1]).rank > (<Node>heap[down]).rank:
            down += 1
        if (<Node>heap[down]).rank <= last.rank:
            break
        heap[i] = heap[down]
        i = down
    heap[i] = last
    return top


# ---- gradients on their way ----

cdef inline bint ours(TensorBase g, int references) noexcept:
    """Nobody else can see this tensor or its memory, so it may be added to, or become a leaf's grad, as it is."""
    return Py_REFCNT(g) <= references and Py_REFCNT(g.storage) == 1 and g.storage.owner is None and g.base is None


cdef TensorBase conform(TensorBase g, int dtype, int ndim, const int64_t *shape, Node node):
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


cdef int deliver(list heap, Node to, int number, TensorBase g, bint owned, bint create_graph) except -1:
    """Add g to what has arrived at output `number` of a node, and queue the node."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i
    cdef TensorBase present
    if to.others is not None:
        dtype, sizes = to.others[number]
        for i in range(len(sizes)):
            shape[i] = sizes[i]
        g = conform(g, dtype, len(sizes), shape, to)
        if to.gradients is None:
            to.gradients = [None] * len(to.others)
        present = <TensorBase>to.gradients[number]
        to.gradients[number] = g if present is None else present + g
    else:
        if g.v.ndim != to.ndim or g.v.dtype != to.dtype or to.ndim:
            g = conform(g, to.dtype, to.ndim, to.shape, to)
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
        push(heap, to)
    return 0


cdef int deliver_into(list heap, Node to, Op op, dict attributes, TensorBase g) except -1:
    """The gradient of a window (select, slice): add g in that window of the input's gradient, so that reading a tensor
    piece by piece costs its size once in the backward pass and not once a piece."""
    cdef TensorBase whole = to.gradient, window
    if whole is None:
        whole = new_tensor(to.dtype, to.ndim, to.shape)
        zero(whole)
    elif not to.owned:
        whole = copy_of(whole)
    window = op.forward(whole, **attributes)
    add_into(window, g)
    to.gradient = whole
    to.owned = True
    if not to.queued:
        push(heap, to)
    return 0


cdef int zero(TensorBase x) except -1:
    memset(x.v.data, 0, numel(x) * dtype_of(x.v.dtype).itemsize)
    return 0


cdef int accumulate(TensorBase leaf, TensorBase g, bint owned, bint create_graph) except -1:
    cdef TensorBase present = leaf.grad_
    if present is None:
        leaf.grad_ = g if owned or create_graph else copy_of(g)
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


cdef object formula(Node node, int i, object g, bint create_graph):
    cdef list positional = []
    cdef dict named = gather(<tuple>node.op.plans[i], node, g, create_graph, positional, 0)
    f = node.op.formulas[i]
    return f(*positional) if named is None else f(*positional, **named)


cdef object fused(Node node, tuple needs, object g, bint create_graph):
    cdef dict named
    if node.op.opaque:
        return node.op.fused(needs, g, **node.attributes)
    named = gather(node.op.fused_plan, node, g, create_graph, [], 1)
    return node.op.fused(needs, **named) if named is not None else node.op.fused(needs)


cdef TensorBase map_gradient(Node node, TensorBase g):
    """grad_map(g, what the formula saves...) in one pass."""
    cdef tuple plan = <tuple>node.op.plans[0]
    cdef Py_ssize_t n = len(plan)
    a = unpack(node, plan[1][1], False) if n > 1 else None
    b = unpack(node, plan[2][1], False) if n > 2 else None
    c = unpack(node, plan[3][1], False) if n > 3 else None
    return run_map(node.op.grad_map, g.v.dtype, g, a, b, c, None, node.op.name)


cdef int differentiate(list heap, Node node, object g, bint create_graph, set needed) except -1:
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
    if op.opaque or op.variadic or (plain and op.fused is not None):
        if op.variadic and not (plain and op.fused is not None):
            result = formula(node, 0, g, create_graph)
        else:
            result = fused(node, tuple([p is not None and (needed is None or p in needed) for p in parents]), g, create_graph)
        result = list(result)
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
            deliver(heap, parent, 0 if node.numbers is None else node.numbers[i], gi, ours(gi, 1), create_graph)
        return 0
    for i in range(n):
        parent = <Node>parents[i]
        if parent is None or (needed is not None and parent not in needed):
            continue
        if plain and op.grad_map >= 0:
            gi = map_gradient(node, g)
        elif plain and op.into and parent.others is None and not node.post_hooks and (<TensorBase>g).v.dtype == parent.dtype:
            deliver_into(heap, parent, op, node.attributes, g)
            continue
        else:
            result = formula(node, i, g, create_graph)
            if result is None:
                continue
            gi = <TensorBase?>result
            result = None
        if node.post_hooks:
            gi = <TensorBase>after(node, (gi,), g)[0]
        deliver(heap, parent, 0 if node.numbers is None else node.numbers[i], gi, gi is not g and ours(gi, 1), create_graph)
    return 0


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
                elif n == -1:
                    changed = hook((g,))
                    if changed is not None:
                        g = checked(changed[0], g, node)
    if node.retained is not None:
        for n, reference in node.retained:
            t = reference()
            if n == number and t is not None:
                (<TensorBase>t).grad_ = g
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


def run_backward(list tensors, list grads, bint retain_graph, bint create_graph, list inputs):
    """Reverse mode from `tensors` with output gradients `grads`.

    inputs None: accumulate into every leaf's grad. Otherwise return the gradients of the inputs (None: not reached).
    """
    cdef list heap = [], roots = []
    cdef Node node
    cdef dict wanted = None
    cdef set needed = None
    cdef TensorBase t, g
    cdef object value, result
    cdef Py_ssize_t i
    cdef bint owned, mode
    cdef list captured = None
    for i in range(len(tensors)):
        t = tensors[i]
        node = edge(t)
        if node is None:
            raise GraphError(f"backward: tensor {i} of shape {shape_of(t)} does not require grad and has no grad_fn")
        roots.append(node)
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
                deliver(heap, <Node>roots[i], t.output_nr, <TensorBase>grads[i], False, create_graph)
        while heap:
            node = pop(heap)
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
                    if t is not None:
                        g = <TensorBase>value
                        value = None
                        accumulate(t, g, owned and ours(g, 1), create_graph)
                        if node.post_hooks:
                            for hook in list(node.post_hooks.values()):
                                hook(t)
                continue
            if node.others is not None:
                value = tuple(value)
            if ANOMALY:
                differentiate_watched(heap, node, value, create_graph, needed)
            else:
                differentiate(heap, node, value, create_graph, needed)
            if not retain_graph:
                if node.saved is not None or node.op.opaque:
                    node.saved = None
                    node.freed = True
    finally:
        set_grad(mode)
        for node in heap:  # after an error: nothing may be left for the next pass
            node.queued = False
            node.gradient = node.gradients = None
    return captured


cdef int differentiate_watched(list heap, Node node, object g, bint create_graph, set needed) except -1:
    try:
        differentiate(heap, node, g, create_graph, needed)
    except Exception as error:
        error.add_note(f"while differentiating {node.name()}, called here:\n{''.join(node.trace.format())}")
        raise
    for parent in node.parents:
        if parent is not None and (<Node>parent).gradient is not None:
            t = (<Node>parent).gradient
            total = t.sum().item()
            if total != total and t.isnan().any().item():
                where = "".join(node.trace.format()) if node.trace is not None else "(recorded outside anomaly mode)\n"
                raise GraphError(f"{node.name()} returned a nan gradient. The forward call was here:\n{where}")
    return 0


# ---- what Tensor and autograd.py see ----

def get_requires_grad(TensorBase t):
    """Whether a gradient of t is wanted."""
    return bool(requires_grad(t))


def set_requires_grad(TensorBase t, bint on):
    """Make a leaf require grad, or not."""
    node = edge(t)
    if node is not None and (<Node>node).op is not None:
        if not on:
            raise GraphError(f"requires_grad: only a leaf can be changed, this tensor of shape {shape_of(t)} was made by "
                             f"{(<Node>node).op.name}; use detach()")
        return
    if on and not dtype_of(t.v.dtype).is_floating_point:
        raise GraphError(f"requires_grad: only floating-point tensors can require gradients, this one is {dtype_of(t.v.dtype)}")
    t.wants_grad = on
    if not on:
        t.node = None


def get_grad_fn(TensorBase t):
    """The node that made t, None for a leaf."""
    cdef Node node
    if t.base is None and t.node is None:
        return None
    node = edge(t)
    return None if node is None or node.op is None else node


def get_grad(TensorBase t):
    """The accumulated gradient."""
    return t.grad_


def set_grad_of(TensorBase t, g):
    """Replace the accumulated gradient."""
    if g is not None:
        if not isinstance(g, TensorBase):
            raise TypeError(f"grad: expected a tensor or None, got {type(g).__name__}")
        if not same_shape(t, <TensorBase>g):
            raise ShapeError(f"grad: shape {shape_of(g)} is not the tensor's shape {shape_of(t)}")
        if t.v.dtype != (<TensorBase>g).v.dtype:
            raise GraphError(f"grad: dtype {dtype_of((<TensorBase>g).v.dtype)} is not the tensor's {dtype_of(t.v.dtype)}")
    t.grad_ = g


def detach(TensorBase t):
    """The same memory outside the graph. Source: torch.Tensor.detach."""
    return alias(t)


def detach_(TensorBase t):
    """Cut t out of the graph in place."""
    if t.base is not None:
        raise GraphError(f"detach_: this tensor of shape {shape_of(t)} is a view; use detach()")
    t.node = None
    t.wants_grad = False
    t.output_nr = 0
    return t


def replace_data(TensorBase t, TensorBase other):
    """t.data = other: t becomes a window on other's memory."""
    if other.v.dtype != t.v.dtype and requires_grad(t) and not dtype_of(other.v.dtype).is_floating_point:
        raise GraphError(f"data: {dtype_of(other.v.dtype)} cannot hold a tensor that requires grad")
    if t.node is not None and (<Node>t.node).op is None:
        t.node = None  # the accumulation node remembers the old shape
    t.v = other.v
    t.storage = other.storage


def become(TensorBase t, TensorBase view):
    """t takes over the memory, the shape and the place in the graph of a view of it."""
    t.v = view.v
    t.storage = view.storage
    t.node, t.output_nr = view.node, view.output_nr
    t.node_version = view.node_version


def add_tensor_hook(TensorBase t, hook):
    """hook(grad) before grad goes on; a returned tensor replaces it. Source: torch.Tensor.register_hook."""
    node = edge(t)
    if node is None:
        raise GraphError(f"register_hook: this tensor of shape {shape_of(t)} does not require grad")
    return (<Node>node).add_hook(t.output_nr, hook)


def add_accumulate_hook(TensorBase t, hook):
    """hook(tensor) after its grad was accumulated. Source: torch.Tensor.register_post_accumulate_grad_hook."""
    node = edge(t)
    if node is None or (<Node>node).op is not None:
        raise GraphError("register_post_accumulate_grad_hook: only a leaf that requires grad accumulates one")
    return (<Node>node).register_hook(hook)


def retain_grad(TensorBase t):
    """Keep the gradient of a tensor that is not a leaf. Source: torch.Tensor.retain_grad."""
    cdef Node node = edge(t)
    if node is None:
        raise GraphError(f"retain_grad: this tensor of shape {shape_of(t)} does not require grad")
    if node.op is not None:
        if node.retained is None:
            node.retained = []
        if not retains_grad(t):
            node.retained.append((t.output_nr, PyWeakref_NewRef(t, None)))


def retains_grad(TensorBase t):
    """Whether retain_grad was called on a tensor that is not a leaf."""
    if t.node is None or (<Node>t.node).retained is None:
        return False
    return any([reference() is t for _, reference in (<Node>t.node).retained])


def record_function(Op op, list tensors, list outputs, dict attributes):
    """A node for a user's Function: op.fused(needs, g, **attributes) is its backward. Outputs become its results."""
    cdef Node node = new_node(op, <TensorBase>outputs[0]), parent
    cdef TensorBase t
    cdef list parents = [], numbers = []
    for x in tensors:
        parent = edge(<TensorBase>x) if isinstance(x, TensorBase) else None
        parents.append(parent)
        numbers.append((<TensorBase>x).output_nr if parent is not None else 0)
        if parent is not None and parent.rank >= node.rank:
            node.rank = parent.rank + 1
    node.parents = tuple(parents)
    node.numbers = tuple(numbers)
    node.attributes = attributes
    node.others = tuple([(<object>(<TensorBase>t).v.dtype, shape_of(t)) for t in outputs])
    for i, t in enumerate(outputs):
        if t.base is not None and t.node_version != t.storage.version:
            t.base = None
        t.node = node
        t.output_nr = i
        t.wants_grad = False
    return node
