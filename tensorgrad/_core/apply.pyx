"""Run a record: forward outside the graph, then one node if a gradient is wanted. Maps take a short way."""

from cpython.object cimport PyObject

from .csrc cimport int64_t, tg_copy, tg_map_result
from .dtype cimport compute_dtype, default_float, dtype_of, is_float
from .graph cimport (Node, check_in_place, edge, grad_enabled, new_node, profiler, profiling, rebase, requires_grad, save,
                     set_grad)
from .maps cimport common_dtype, is_number, run_map
from .op cimport Op, set_call
from .tensor cimport TensorBase, alias, check, copy_of, new_view, same_shape, set_operate, shape_of

from .errors import ArgumentError, DTypeError, GraphError, ShapeError

cdef extern from "Python.h":
    object PyObject_Call(object f, PyObject *args, PyObject *keywords)

cdef object TO_TENSOR = None          # numpy arrays and scalars -> tensor: set by tensorgrad/tensor.py
cdef list TABLE = [None] * 66         # operators: a map record or a function, by the numbers of TensorBase's slots
cdef tuple SYMBOLS = ("+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>")
cdef dict NUMBERS = {s: i for i, s in enumerate(SYMBOLS)}
NUMBERS.update({"neg": 20, "pos": 21, "abs": 22, "invert": 23, "<": 60, "<=": 61, "==": 62, "!=": 63, ">": 64, ">=": 65})
NUMBERS.update({s + "=": 40 + i for i, s in enumerate(SYMBOLS) if s + "=" not in NUMBERS})
NUMBERS.update({"[]": 53, "[i]": 54})  # x[key], and the record of x[integer]


def set_converter(f):
    """f(array-like) -> tensor, for operands that are neither tensors nor numbers."""
    global TO_TENSOR
    TO_TENSOR = f


def set_operator(str symbol, function):
    """A record of a map, or a function, behind a Python operator."""
    TABLE[NUMBERS[symbol]] = function


cdef inline bint acceptable(object x):
    return isinstance(x, TensorBase) or is_number(x) or hasattr(x, "__array__")


cdef object operate(int which, object a, object b):
    cdef object op = TABLE[which]
    if which == 53:
        return getitem(<TensorBase>a, b, op)
    if 20 <= which < 40:
        return apply_map(<Op>op, a, None, None, None, None) if type(op) is Op else op(a)
    if not (acceptable(a) and acceptable(b)) or op is None:
        return NotImplemented
    if type(op) is Op:
        return apply_map(<Op>op, a, b, None, None, None)
    return op(a, b)


set_operate(operate)


cdef object operand(Op op, int i, object x):
    if isinstance(x, TensorBase) or is_number(x):
        return x
    if x is not None and hasattr(x, "__array__"):
        return TO_TENSOR(x)
    raise TypeError(f"{op.name}: argument {op.inputs[i]!r} must be a tensor or a number, got {type(x).__name__}")


def check_tensors(str name, **arguments):
    """TypeError that names the function and the argument where one is no tensor."""
    for argument, value in arguments.items():
        if not isinstance(value, TensorBase):
            raise TypeError(f"{name}: argument {argument!r} must be a tensor, got {type(value).__name__}")


cdef object apply_map(Op op, object a, object b, object c, object d, TensorBase out):
    """op(a, b, c, d) with as many operands as the record has; into `out` where that is given."""
    if not profiling():
        return run_and_record(op, a, b, c, d, out)
    watcher = profiler()
    outcome = None
    watcher.enter(op.name, (a, b, c, d)[:op.n_in], {})
    try:
        outcome = run_and_record(op, a, b, c, d, out)
        return outcome
    finally:
        watcher.leave(outcome)


cdef object run_and_record(Op op, object a, object b, object c, object d, TensorBase out):
    """What apply_map does, profiled or not."""
    cdef int common, n = op.n_in
    cdef bint tensor
    cdef TensorBase result
    tensor = isinstance(a, TensorBase)
    if not tensor:
        a = operand(op, 0, a)
        tensor = isinstance(a, TensorBase)
    if n > 1 and not isinstance(b, TensorBase):
        b = operand(op, 1, b)
    if n > 2 and not isinstance(c, TensorBase):
        c = operand(op, 2, c)
    if n > 3 and not isinstance(d, TensorBase):
        d = operand(op, 3, d)
    if not (tensor or isinstance(b, TensorBase) or isinstance(c, TensorBase)):
        raise TypeError(f"{op.name}: argument {op.inputs[0]!r} must be a tensor, got {type(a).__name__}")
    common = common_dtype(None if op.fixed > 0 else a, None if op.fixed > 1 else b, c, d)
    if op.to_float and not is_float(common):
        common = default_float()
    result = run_map(op.map, common, a, b, c, d, out, op.name)
    if grad_enabled() and is_float(result.v.dtype):
        record_map(op, a, b, c, d, result)
    return result


cdef inline bint wants(Op op, int i, object x):
    return op.formulas[i] is not None and isinstance(x, TensorBase) and requires_grad(<TensorBase>x)


cdef int record_map(Op op, object a, object b, object c, object d, TensorBase result) except -1:
    cdef int n = op.n_in
    cdef int64_t saves = 0, shapes = 0, rank = -1
    cdef Node node, pa = None, pb = None, pc = None, pd = None
    cdef bint numbered = False
    if wants(op, 0, a):
        pa = edge(<TensorBase>a)
        saves, shapes, rank, numbered = op.saves[0], op.shapes[0], pa.rank, (<TensorBase>a).output_nr != 0
    if n > 1 and wants(op, 1, b):
        pb = edge(<TensorBase>b)
        saves, shapes, rank = saves | op.saves[1], shapes | op.shapes[1], max(rank, pb.rank)
        numbered = numbered or (<TensorBase>b).output_nr != 0
    if n > 2 and wants(op, 2, c):
        pc = edge(<TensorBase>c)
        saves, shapes, rank = saves | op.saves[2], shapes | op.shapes[2], max(rank, pc.rank)
        numbered = numbered or (<TensorBase>c).output_nr != 0
    if n > 3 and wants(op, 3, d):
        pd = edge(<TensorBase>d)
        saves, shapes, rank = saves | op.saves[3], shapes | op.shapes[3], max(rank, pd.rank)
        numbered = numbered or (<TensorBase>d).output_nr != 0
    if rank < 0:
        return 0
    node = new_node(op, result)
    node.rank = rank + 1
    node.parents = (pa,) if n == 1 else (pa, pb) if n == 2 else (pa, pb, pc) if n == 3 else (pa, pb, pc, pd)
    if numbered:
        node.numbers = tuple([(<TensorBase>x).output_nr if isinstance(x, TensorBase) else 0 for x in (a, b, c, d)[:n]])
    if shapes:
        node.shapes = tuple([shape_of(<TensorBase>x) if isinstance(x, TensorBase) else () for x in (a, b, c, d)[:n]])
    if saves:
        y = alias(result) if saves >> n & 1 else None
        if n == 1:
            save(node, (a if saves & 1 else None, y))
        elif n == 2:
            save(node, (a if saves & 1 else None, b if saves & 2 else None, y))
        elif n == 3:
            save(node, (a if saves & 1 else None, b if saves & 2 else None, c if saves & 4 else None, y))
        else:
            save(node, (a if saves & 1 else None, b if saves & 2 else None, c if saves & 4 else None,
                        d if saves & 8 else None, y))
    result.node = node
    result.output_nr = 0
    return 0


cdef object call(Op op, tuple args, dict attributes):
    """A record called: its forward without a graph, then a node."""
    if op.map >= 0 or not profiling():
        return call_record(op, args, attributes)
    watcher = profiler()
    outcome = None
    watcher.enter(op.name, args, attributes)
    try:
        outcome = call_record(op, args, attributes)
        return outcome
    finally:
        watcher.leave(outcome)


cdef object call_record(Op op, tuple args, dict attributes):
    """What `call` does, profiled or not."""
    cdef tuple results
    cdef TensorBase y
    cdef bint mode
    cdef Py_ssize_t i
    cdef object inputs
    if op.map >= 0:
        if len(args) != op.n_in or attributes:
            raise TypeError(f"{op.name}: takes {op.n_in} operands, got {len(args)} and {sorted(attributes)}")
        return apply_map(op, args[0], args[1] if op.n_in > 1 else None, args[2] if op.n_in > 2 else None,
                         args[3] if op.n_in > 3 else None, None)
    inputs = args
    if op.variadic:
        args = (args,)
    elif len(args) != op.n_in:
        raise TypeError(f"{op.name}: takes {op.n_in} inputs {op.inputs}, got {len(args)}")
    for i in range(len(inputs)):
        if not isinstance(inputs[i], TensorBase) and (inputs[i] is not None or i == 0 or op.variadic):  # what is optional is no first one
            raise TypeError(f"{op.name}: argument {op.inputs[0 if op.variadic else i]!r} must be a tensor, got "
                            f"{type(inputs[i]).__name__}")
    mode = set_grad(False)
    try:
        outcome = PyObject_Call(op.forward, <PyObject *>(<tuple>inputs), <PyObject *>attributes if attributes else NULL)
    except OverflowError as error:
        if isinstance(error, RuntimeError):  # the house's own
            raise
        raise ArgumentError(f"{op.name}: an integer in {attributes} is beyond 64 bits") from None
    finally:
        set_grad(mode)
    results = outcome if type(outcome) is tuple else (outcome,)
    y = <TensorBase>results[0]
    if mode:
        if op.view:
            see(y, <TensorBase>args[0])
        if is_float(y.v.dtype):
            record(op, args, inputs, attributes, results)
    return outcome


cdef object getitem(TensorBase x, key, general):
    """x[key]; what is read most often, x[integer], has no Python frame on its way."""
    cdef int64_t i
    cdef TensorBase y
    cdef tuple inputs
    if type(key) is not int or x.v.ndim == 0 or profiling() or not -x.v.shape[0] <= key < x.v.shape[0]:
        return general(x, key)
    i = key
    y = new_view(x, x.v.ndim - 1, x.v.shape + 1, x.v.strides + 1, (i + x.v.shape[0] if i < 0 else i) * x.v.strides[0])
    if grad_enabled():
        see(y, x)
        if is_float(y.v.dtype) and requires_grad(x):
            inputs = (x,)
            record(<Op>TABLE[54], inputs, inputs, {"dim": 0, "index": key}, (y,))
    return y


cdef int see(TensorBase y, TensorBase x) except -1:
    """y is a view of x: writes in place to either are told to the other."""
    if y is not x:
        y.base = x if x.base is None else x.base
        y.node_version = y.storage.version
    return 0


cdef int record(Op op, tuple args, inputs, dict attributes, tuple results) except -1:
    cdef int64_t saves = 0, shapes = 0, rank = -1
    cdef Py_ssize_t i, n = len(inputs)
    cdef list parents = [None] * n, numbers = None, saved
    cdef Node node, p
    cdef TensorBase t
    for i in range(n):
        if op.formulas[0 if op.variadic else i] is None or inputs[i] is None:
            continue
        t = <TensorBase>inputs[i]
        if not requires_grad(t):
            continue
        p = edge(t)
        parents[i] = p
        rank = max(rank, p.rank)
        saves |= op.saves[0 if op.variadic else i]
        shapes |= op.shapes[0 if op.variadic else i]
        if t.output_nr:
            if numbers is None:
                numbers = [0] * n
            numbers[i] = t.output_nr
    if rank < 0:
        return 0
    if op.fused is not None:
        saves |= op.fused_saves
        shapes |= op.fused_shapes
    node = new_node(op, <TensorBase>results[0])
    node.rank = rank + 1
    node.parents = tuple(parents)
    node.attributes = attributes
    if numbers is not None:
        node.numbers = tuple(numbers)
    if shapes:
        if op.variadic:
            node.shapes = (tuple([shape_of(<TensorBase>x) for x in inputs]),)
        else:
            node.shapes = tuple([None if x is None else shape_of(<TensorBase>x) for x in args])
    if saves:
        saved = []
        for i in range(op.n_in + op.n_out + len(op.aux)):
            if not saves >> i & 1:
                saved.append(None)
            elif i < op.n_in:
                saved.append(args[i])
            elif i < op.n_in + op.n_out:
                saved.append(alias(<TensorBase>results[i - op.n_in]))
            else:
                saved.append(results[i - op.n_in])
        save(node, tuple(saved))
    if op.n_out > 1:
        node.others = tuple([(<object>(<TensorBase>results[i]).v.dtype, shape_of(<TensorBase>results[i]))
                             for i in range(op.n_out)])
    for i in range(op.n_out):
        t = <TensorBase>results[i]
        t.node = node
        t.output_nr = <int>i
    return 0


# ---- in place ----

def write_back(TensorBase x not None, value, str name):
    """x[...] = value in place, and x takes value's place in the graph: what every `op_` method ends with.

    Errors: GraphError (leaf, read-only, expanded), ShapeError, DTypeError; x is untouched then.
    """
    cdef TensorBase v = <TensorBase?>value, copy
    cdef int status
    check_in_place(x, name)
    if not same_shape(x, v):
        raise ShapeError(f"{name}: the result of shape {shape_of(v)} does not fit the tensor of shape {shape_of(x)}")
    if is_float(v.v.dtype) and not is_float(x.v.dtype) or v.v.dtype != 0 and x.v.dtype == 0:
        raise DTypeError(f"{name}: a result of {dtype_of(v.v.dtype)} cannot be written to a tensor of {dtype_of(x.v.dtype)}")
    if v.v.dtype != x.v.dtype and v.node is not None and is_float(v.v.dtype):
        v = v.to(dtype_of(x.v.dtype))
    if v.storage is x.storage and v.v.data != x.v.data:
        copy = copy_of(v)
        copy.node, copy.output_nr = v.node, v.output_nr
        v = copy
    if grad_enabled() and v.node is not None:
        keep_original(x, <Node>v.node)
    with nogil:
        status = tg_copy(&x.v, &v.v)
    check(status, name)
    x.storage.version += 1
    settle(x, edge(v) if grad_enabled() and is_float(x.v.dtype) and requires_grad(v) else None, v)
    return x


cdef int keep_original(TensorBase x, Node node) except -1:
    """Where the derivative of an in-place op needs the value that is overwritten, its node gets a copy. As in PyTorch this is so
    for the first operand alone."""
    cdef TensorBase first, copy
    if node.op is None or not node.saved or not isinstance(node.saved[0], TensorBase):
        return 0
    first = <TensorBase>node.saved[0]
    if first.storage is x.storage and first.v.data == x.v.data and node.versions[0] == x.storage.version:
        copy = copy_of(first)
        copy.node, copy.output_nr = edge(first), first.output_nr
        node.saved = (copy, *node.saved[1:])
        node.versions[0] = copy.storage.version
    return 0


def assign(TensorBase x not None, TensorBase src not None, Op expand, Op to):
    """x[...] = src, broadcast and converted: what copy_ and setitem end with. The records tell the graph about both."""
    cdef TensorBase v = src, copy
    cdef int status
    check_in_place(x, "copy_")
    if grad_enabled() and is_float(x.v.dtype) and is_float(src.v.dtype) and requires_grad(src):
        v = to(v, dtype=dtype_of(x.v.dtype)) if v.v.dtype != x.v.dtype else v
        if not same_shape(v, x):
            while v.v.ndim > x.v.ndim and v.v.shape[0] == 1:
                v = v[0]
            v = expand(v, size=shape_of(x))
    elif not same_shape(src, x):
        while v.v.ndim > x.v.ndim and v.v.shape[0] == 1:  # as in PyTorch, leading ones may be dropped
            v = alias(v).squeeze(0)
        v = expand.forward(v, shape_of(x))
    if src.storage is x.storage:
        copy = copy_of(v)
        copy.node, copy.output_nr = v.node, v.output_nr
        v = copy
    with nogil:
        status = tg_copy(&x.v, &v.v)
    check(status, "copy_")
    x.storage.version += 1
    settle(x, edge(v) if grad_enabled() and is_float(x.v.dtype) and requires_grad(v) else None, v)
    return x


cdef int settle(TensorBase x, Node node, TensorBase v) except -1:
    if grad_enabled():
        rebase(x, node)
        if x.base is None and node is not None:
            x.output_nr = v.output_nr
    return 0


cdef object map_in_place(Op op, TensorBase x, object b, object c, object d):
    """x = op(x, b, c, d) straight into x's memory; through a result where x is a view in the graph, or where a formula needs
    what x was."""
    cdef int common
    cdef bint recorded = False
    cdef int64_t saves = 0
    if grad_enabled() and (requires_grad(x) or is_wanted(b) or is_wanted(c) or is_wanted(d)):
        recorded = True
        saves = (needed(op, 0, x) | (needed(op, 1, b) if op.n_in > 1 else 0) | (needed(op, 2, c) if op.n_in > 2 else 0)
                 | (needed(op, 3, d) if op.n_in > 3 else 0))
    # An operand in x's own memory (x.detach()) may be saved as well: the long way sees that it was overwritten.
    if not recorded and (x.base is None or x.base.node is None or not grad_enabled()) or x.base is None and (
            saves and not saves & 1 and not (lies_in(b, x) or lies_in(c, x) or lies_in(d, x))):
        check_in_place(x, op.name + "_")
        if op.n_in > 1 and not isinstance(b, TensorBase):
            b = operand(op, 1, b)
        common = common_dtype(x, b, c, d)
        if op.to_float and not is_float(common):
            common = default_float()
        if common == x.v.dtype and not (shares(b, x) or shares(c, x) or shares(d, x)):
            run_map(op.map, common, x, b, c, d, x, op.name + "_")
            x.storage.version += 1
            if recorded:
                record_map(op, x, b, c, d, x)
            return x
    return write_back(x, apply_map(op, x, b, c, d, None), op.name + "_")


cdef inline bint lies_in(object b, TensorBase x):
    return isinstance(b, TensorBase) and (<TensorBase>b).storage is x.storage


cdef inline int64_t needed(Op op, int i, object x):
    """The slots that the formula of input i saves, with a bit that is always set; 0 where no gradient is wanted."""
    return op.saves[i] | <int64_t>1 << 62 if wants(op, i, x) else 0


def overwrite(Op op, TensorBase x not None, b=None, c=None, d=None):
    """x = op(x, b, c, d) in place, of the record of a map: what `inplace=True` means."""
    return map_in_place(op, x, b, c, d)


cdef inline bint is_wanted(object x):
    return isinstance(x, TensorBase) and requires_grad(<TensorBase>x)


cdef inline bint shares(object b, TensorBase x):
    """b lies in x's memory in another order: writing x would change b on the way."""
    cdef TensorBase t
    cdef int i
    if not isinstance(b, TensorBase) or (<TensorBase>b).storage is not x.storage:
        return False
    t = <TensorBase>b
    if t.v.data != x.v.data or not same_shape(t, x):
        return True
    for i in range(x.v.ndim):
        if t.v.strides[i] != x.v.strides[i]:
            return True
    return False


# ---- functions made from map records ----

def store(TensorBase out not None, value, str name):
    """The `out=` argument: resize an empty or wrongly sized out, write the value, return out."""
    if grad_enabled() and (requires_grad(out) or requires_grad(<TensorBase?>value)):
        raise GraphError(f"{name}: out= does not support automatic differentiation")
    if not same_shape(out, <TensorBase>value):
        out.resize_(shape_of(<TensorBase>value))
    return write_back(out, value, name)


cdef object map_out(Op op, TensorBase out, object a, object b):
    """The `out=` argument of a map: straight into out where that has the result's shape and dtype, else through a result."""
    cdef int common
    if isinstance(a, TensorBase) and same_shape(<TensorBase>a, out) and not shares(a, out) and not (
            isinstance(b, TensorBase) and not same_shape(<TensorBase>b, out)) and not shares(b, out) and not (
            grad_enabled() and (requires_grad(out) or is_wanted(a) or is_wanted(b))):
        b = b if op.n_in < 2 or isinstance(b, TensorBase) else operand(op, 1, b)
        common = common_dtype(a, b, None, None)
        if op.to_float and not is_float(common):
            common = default_float()
        if compute_dtype(common) == common and tg_map_result(op.map, common) == out.v.dtype:
            check_in_place(out, op.name)
            apply_map(op, a, b, None, None, out)
            out.storage.version += 1
            return out
    return store(out, apply_map(op, a, b, None, None, None), op.name)


def unary_function(Op op):
    """(function, in-place method) of a map of one operand; x, a and x1 are NumPy's names for it."""
    def function(input=None, *, out=None, x=None, a=None, x1=None):
        if input is None:
            input = x if x is not None else a if a is not None else x1
        if out is not None:
            return map_out(op, out, input, None)
        return apply_map(op, input, None, None, None, None)

    def in_place(input):
        return map_in_place(op, input, None, None, None)
    return function, in_place


def binary_function(Op op):
    """(function, in-place method) of a map of two operands; x, a, x1 and x2 are NumPy's names for them."""
    def function(input=None, other=None, *, out=None, x=None, a=None, x1=None, x2=None):
        if input is None:
            input = x if x is not None else a if a is not None else x1
        if other is None:
            other = x2
        if out is not None:
            return map_out(op, out, input, other)
        return apply_map(op, input, other, None, None, None)

    def in_place(input, other):
        return map_in_place(op, input, other, None, None)
    return function, in_place


set_call(call)
