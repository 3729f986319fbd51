"""Op: the immutable record of an operation. Its formulas' parameter names say what a node saves."""

from cpython.object cimport PyObject, PyTypeObject, ternaryfunc

from .csrc cimport tg_map_find, tg_map_inputs

# Where an argument of a formula comes from; values 0, 1, ... are slots.
GRADIENT = -1
SHAPE = 100       # + input: its shape
ALL_ATTRIBUTES = -2


def parameters(f):
    """(names, has **kwargs) of a Python function, read from its code: `inspect` would cost the import 10 ms."""
    code = f.__code__
    return code.co_varnames[:code.co_argcount + code.co_kwonlyargcount], bool(code.co_flags & 8)


cdef class Op:
    """One operation: name, forward, one derivative an input.

    forward: called as forward(*inputs, **attributes), returns a tensor (or a tuple: outputs, then aux). None for a map.
    formulas: {input name: function}; see docs/architecture.md for the parameter names.
    """

    def __init__(self, str name, forward, inputs, dict formulas, tuple aux=(), int outputs=1, fused=None, bint view=False,
                 bint into=False, bint opaque=False, str map="", str grad_map="", int fixed=0, bint to_float=False):
        self.name = name
        self.forward = forward
        self.variadic = len(inputs) == 1 and inputs[0].startswith("*")
        self.inputs = tuple(i.lstrip("*") for i in inputs)
        self.n_in = len(self.inputs)
        self.n_out = outputs
        self.outputs = ("y",) if outputs == 1 else tuple(f"y{i}" for i in range(outputs))
        self.aux = aux
        self.fused = fused
        self.view, self.into, self.opaque = view, into, opaque
        self.fixed, self.to_float = fixed, to_float
        self.map = tg_map_find(map.encode()) if map else -1
        self.grad_map = tg_map_find(grad_map.encode()) if grad_map else -1
        if map and (self.map < 0 or tg_map_inputs(self.map) != self.n_in):
            raise LookupError(f"{name}: no map {map!r} of {self.n_in} inputs in kernels.def")
        unknown = set(formulas) - set(self.inputs)
        if unknown or self.n_in > 16:
            raise TypeError(f"{name}: formulas for {sorted(unknown)}, inputs are {self.inputs}")
        self.formulas = tuple(formulas.get(i) for i in self.inputs)
        plans = []
        for i, f in enumerate(self.formulas):
            plan, saves, shapes = ((), 0, 0) if f is None else self.plan(f, 0)
            plans.append(plan)
            self.saves[i], self.shapes[i] = saves, shapes
            self.n_sources[i] = -1
            if len(plan) <= 4 and all(type(source) is int and source != ALL_ATTRIBUTES for _, source in plan):
                self.n_sources[i] = len(plan)
                for k, (_, source) in enumerate(plan):
                    self.sources[i][k] = source
        self.plans = tuple(plans)
        self.fused_plan, self.fused_saves, self.fused_shapes = ((), 0, 0)
        if fused is not None and not opaque:
            self.fused_plan, self.fused_saves, self.fused_shapes = self.plan(fused, 1)

    def plan(self, f, skip):
        """(sources, slots saved, shapes saved) of a formula; a source is a number or the name of an attribute."""
        names, rest = parameters(f)
        slots = {n: k for k, n in enumerate((*self.inputs, *self.outputs, *self.aux))}
        sources, saves, shapes = [], 0, 0
        for n in names[skip:]:
            if n == "g":
                sources.append((n, GRADIENT))
            elif n in slots:
                sources.append((n, slots[n]))
                saves |= 1 << slots[n]
            elif n == "y" and self.n_out > 1:
                raise TypeError(f"{self.name}: outputs are named {self.outputs}")
            elif n.endswith("_shape") and n.removesuffix("_shape") in self.inputs:
                k = self.inputs.index(n.removesuffix("_shape"))
                sources.append((n, SHAPE + k))
                shapes |= 1 << k
            elif not rest:
                sources.append((n, n))
        if rest:
            sources.append(("**", ALL_ATTRIBUTES))
        return tuple(sources), saves, shapes

    def __repr__(self):
        return f"<op {self.name}({', '.join(self.inputs)})>"

    def __reduce__(self):
        raise TypeError(f"{self.name}: an op record cannot be pickled; it is found by name")

    @property
    def differentiable(self):
        """Whether any input has a derivative."""
        return self.opaque or any(f is not None for f in self.formulas)


cdef call_t call_hook = NULL


cdef object run(object op, PyObject *args, PyObject *attributes):
    return call_hook(<Op>op, <tuple>args, {} if attributes == NULL else <dict>attributes)


# In the type's slot itself: Cython's __call__ would copy the attributes once more.
(<PyTypeObject *>Op).tp_call = <ternaryfunc>run


cdef void set_call(call_t f) noexcept:
    global call_hook
    call_hook = f
