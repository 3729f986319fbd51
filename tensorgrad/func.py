"""Functions of functions: gradients, Jacobians and maps of pure functions, as in torch.func.

A transformed function differentiates with reverse mode. Its arguments are given fresh places in the graph, so that transforms
nest to any order; the results are part of an outer graph only where something outside asks for gradients. There is no forward
mode: jvp takes two backward passes, jacfwd is jacrev. vmap runs the function once a slice and stacks what it returns: right for
every operation, data-dependent ones too, at the price of B calls for B slices.
"""

from ._core.errors import ArgumentError, GraphError, ShapeError
from ._core.graph import is_grad_enabled
from ._core.history import depends_on_others
from .autograd.functional import forward, gradients, rows, stand_in
from .autograd.modes import enable_grad
from .autograd.trees import flatten, map_leaves, rebuild, spread
from .ops.create import zeros_like
from .ops.random import get_rng_state, set_rng_state
from .ops.rearrange import stack
from .tensor import Tensor

__all__ = ["functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "stack_module_state", "vjp", "vmap"]


class Level:
    """One differentiation: tensors that stand for the arguments, and whether its results belong to an outer graph."""

    def __init__(self, trees, name):
        self.name, self.outer = name, is_grad_enabled()
        self.leaves = flatten(trees)
        for x in self.leaves:
            if not isinstance(x, Tensor) or not x.is_floating_point():
                what = f"a tensor of {x.dtype}" if isinstance(x, Tensor) else type(x).__name__
                raise GraphError(f"{name}: the arguments to differentiate must be floating-point tensors, got {what}")
        with enable_grad():
            self.inside = [stand_in(x, self.outer) for x in self.leaves]
        self.trees = rebuild(trees, iter(self.inside))
        self.fresh = [x for x in self.inside if x.is_leaf]

    def call(self, func, args, argnums, kwargs, has_aux=False):
        """(result, aux) of the function at the fresh arguments."""
        args = list(args)
        for k, tree in zip(argnums, self.trees, strict=True):
            args[k] = tree
        with enable_grad():
            result = func(*args, **kwargs)
        if not has_aux:
            return result, None
        if not isinstance(result, tuple) or len(result) != 2:
            raise GraphError(f"{self.name}: with has_aux=True the function must return (output, aux)")
        return result[0], self.close(result[1])

    def outputs(self, result):
        """The leaves of a result, which must be tensors. Notes whether an outer graph is wanted."""
        found = flatten(result)
        for y in found:
            if not isinstance(y, Tensor):
                raise GraphError(f"{self.name}: the function must return tensors, got {type(y).__name__}")
        self.keep = self.outer and depends_on_others(found, self.fresh)
        return found

    def close(self, tree):
        """Results for the caller: outside this level's graph unless an outer one needs it."""
        leaves = [x for x in flatten(tree) if isinstance(x, Tensor)]
        keep = self.outer and depends_on_others(leaves, self.fresh)
        return map_leaves(lambda x: x.detach() if isinstance(x, Tensor) and not keep else x, tree)


def chosen(args, argnums, name):
    """(argnums from the front as a tuple, the arguments)."""
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)
    for k in numbers:
        if not isinstance(k, int) or not -len(args) <= k < len(args):
            raise ArgumentError(f"{name}: argnums {argnums!r} for a call with {len(args)} positional arguments")
    numbers = tuple(k % len(args) for k in numbers)
    if len(set(numbers)) < len(numbers) or not numbers:
        raise ArgumentError(f"{name}: argnums {argnums!r} must name different arguments")
    return numbers, tuple(args[k] for k in numbers)


def check_chunk(size, name):
    """Errors: ArgumentError for a chunk_size that could not be one (the result does not depend on it)."""
    if size is not None and not size > 0:
        raise ArgumentError(f"{name}: chunk_size must be None or positive, got {size!r}")


def check_randomness(randomness, name):
    """Errors: ArgumentError for another word."""
    if randomness not in ("error", "different", "same"):
        raise ArgumentError(f"{name}: randomness must be 'error', 'different' or 'same', got {randomness!r}")


def grad_and_value(func, argnums=0, has_aux=False):
    """A function that returns (gradient, func's value); see grad. With has_aux: (gradient, (value, aux)). Gradients have the shapes
    of their arguments, the value is a scalar. Errors: those of grad. Source: torch.func.grad_and_value.

    >>> import tensorgrad
    >>> tensorgrad.func.grad_and_value(lambda x: x ** 2)(tensorgrad.tensor(3.0))
    (tensor(6.), tensor(9.))
    """
    def transformed(*args, **kwargs):
        numbers, trees = chosen(args, argnums, "grad")
        level = Level(trees, "grad")
        value, aux = level.call(func, args, numbers, kwargs, has_aux)
        (y,) = level.outputs([value])
        if y.ndim or not y.is_floating_point():
            raise GraphError(f"grad: the function must return one floating-point number, got a tensor of shape {tuple(y.shape)} "
                             f"and {y.dtype}; see vjp and jacrev")
        with enable_grad():
            found = gradients((y,), level.inside, (None,), level.keep, "grad", retain=level.keep)
        found = rebuild(level.trees, iter(found if level.keep else [g.detach() for g in found]))
        value = y if level.keep else y.detach()
        return found if isinstance(argnums, tuple) else found[0], (value, aux) if has_aux else value
    return transformed


def grad(func, argnums=0, has_aux=False):
    """A function that returns the gradient d func / d x, of the shape of x, of a func that returns one number (a scalar tensor)
    with respect to the argument `argnums` (a tuple: several; each may be a nest of tensors). has_aux: func returns (value, aux),
    the result is (gradient, aux). Errors (when it is called): GraphError where an argument to differentiate is no floating-point
    tensor or func returns anything else than one number, ArgumentError for argnums that the call does not have. Source:
    torch.func.grad.

    >>> import tensorgrad
    >>> from tensorgrad.func import grad
    >>> grad(grad(lambda x: x ** 3))(tensorgrad.tensor(2.0))
    tensor(12.)
    """
    both = grad_and_value(func, argnums, has_aux)

    def transformed(*args, **kwargs):
        found, value = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found
    return transformed


def vjp(func, *primals, has_aux=False):
    """(func(*primals), f), where f(v) returns v^T J, one nest a primal: v has the shapes of the outputs, f(v) those of the primals.
    With has_aux (.., f, aux). f can be called many times. Errors: GraphError for primals that are no floating-point tensors and for
    outputs that are no tensors, ShapeError for v of other shapes than the outputs. Source: torch.func.vjp.

    >>> import tensorgrad
    >>> value, f = tensorgrad.func.vjp(lambda x: x * x, tensorgrad.tensor([1.0, 2.0]))
    >>> f(tensorgrad.ones(2))
    (tensor([2., 4.]),)
    """
    level = Level(primals, "vjp")
    value, aux = level.call(func, primals, range(len(primals)), {}, has_aux)
    ys = level.outputs(value)

    def pull(*cotangents):
        nest = cotangents[0] if len(cotangents) == 1 and not isinstance(value, tuple) else cotangents
        nest = nest[0] if isinstance(value, tuple) and len(nest) == 1 and isinstance(nest[0], tuple) else nest
        vs = flatten(nest)
        if [tuple(v.shape) for v in vs] != [tuple(y.shape) for y in ys]:
            raise ShapeError(f"vjp: cotangents of shapes {[tuple(v.shape) for v in vs]} for outputs of shapes "
                             f"{[tuple(y.shape) for y in ys]}")
        keep = is_grad_enabled() and (level.keep or any(v.requires_grad for v in vs))
        with enable_grad():
            found = gradients(ys, level.inside, vs, keep, "vjp")
        return rebuild(level.trees, iter(found if keep else [g.detach() for g in found]))

    shown = map_leaves(lambda y: y if level.keep else y.detach(), value)
    return (shown, pull, aux) if has_aux else (shown, pull)


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """(func(*primals), J tangents), by two backward passes; with has_aux (.., .., aux). Tangents have the shapes of the primals, J
    tangents that of the outputs. strict: an output that does not depend on the primals is an error. Errors: ArgumentError unless
    primals and tangents are tuples, ShapeError where their shapes differ, GraphError for primals that are no floating-point tensors
    and for outputs that are no tensors. Source: torch.func.jvp.

    >>> import tensorgrad
    >>> tensorgrad.func.jvp(lambda x: x * x, (tensorgrad.tensor([1.0, 2.0]),), (tensorgrad.ones(2),))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple):
        raise ArgumentError(f"jvp: primals and tangents must be tuples, got {type(primals).__name__} and {type(tangents).__name__}")
    level = Level(primals, "jvp")
    vs = flatten(tangents)
    if [tuple(v.shape) for v in vs] != [tuple(x.shape) for x in level.leaves]:
        raise ShapeError(f"jvp: tangents of shapes {[tuple(v.shape) for v in vs]} for primals of shapes "
                         f"{[tuple(x.shape) for x in level.leaves]}")
    value, aux = level.call(func, primals, range(len(primals)), {}, has_aux)
    ys = level.outputs(value)
    keep = level.keep or (level.outer and any(v.requires_grad for v in vs))
    with enable_grad():
        found = forward(ys, level.inside, vs, keep, "jvp", strict)
    shown = map_leaves(lambda y: y if level.keep else y.detach(), value)
    tangent = rebuild(value, iter(found if keep else [g.detach() for g in found]))
    return (shown, tangent, aux) if has_aux else (shown, tangent)


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None):
    """A function that returns the Jacobian J[i..., j...] = d func[i...] / d x[j...] of func with respect to the argument `argnums`:
    for an output of shape s and an input of shape t a tensor of shape s + t, nested as the outputs, then as the arguments. One
    backward pass an output element, whatever chunk_size is. Errors: ArgumentError for a chunk_size that is not positive and for
    argnums that the call does not have, GraphError for arguments that are no floating-point tensors and for outputs that are no
    tensors. Source: torch.func.jacrev.

    >>> import tensorgrad
    >>> tensorgrad.func.jacrev(lambda x: x * x)(tensorgrad.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    check_chunk(chunk_size, "jacrev")

    def transformed(*args, **kwargs):
        numbers, trees = chosen(args, argnums, "jacrev")
        level = Level(trees, "jacrev")
        value, aux = level.call(func, args, numbers, kwargs, has_aux)
        blocks = []
        for y in level.outputs(value):
            with enable_grad():
                found = rows(y, level.inside, level.keep, "jacrev", False)
            found = rebuild(level.trees, iter(found if level.keep else [g.detach() for g in found]))
            blocks.append(found if isinstance(argnums, tuple) else found[0])
        result = rebuild(value, iter(blocks))
        return (result, aux) if has_aux else result
    return transformed


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """jacrev: without forward mode there is one way to the same Jacobian, of shape s + t for an output of shape s and an input of
    shape t. Errors: those of jacrev, ArgumentError for a randomness that vmap does not have. Source: torch.func.jacfwd.

    >>> import tensorgrad
    >>> tensorgrad.func.jacfwd(lambda x: x.sum())(tensorgrad.tensor([1.0, 2.0]))
    tensor([1., 1.])
    """
    check_randomness(randomness, "jacfwd")
    return jacrev(func, argnums, has_aux=has_aux)


def hessian(func, argnums=0):
    """A function that returns the Jacobian of the Jacobian of func, H[i..., j..., k...] = d^2 func[i...] / d x[j...] d x[k...]: for
    an output of shape s and an input of shape t a tensor of shape s + t + t. Errors: those of jacrev. Source: torch.func.hessian.

    >>> import tensorgrad
    >>> tensorgrad.func.hessian(lambda x: (x ** 3).sum())(tensorgrad.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


# ---- maps over slices ----

def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """A function that applies func to every slice of its arguments along in_dims and stacks the results along out_dims: n slices of
    shape s, results of shape r; result: [n, *r] for out_dims = 0.

    in_dims, out_dims: a number or None (not mapped), or a nest of them that matches the arguments or results; arguments by keyword
    are mapped along their first dimension. randomness: "error" where func draws random numbers, "different" for different ones a
    slice, "same" for the same. func runs once a slice, whatever chunk_size is: data-dependent operations work, and B slices cost B
    calls. Errors: ArgumentError for another randomness, a chunk_size that is not positive, in_dims or out_dims that do not match
    the nest and results that are no tensors, ShapeError for a dimension that is not there and for mapped dimensions of different
    sizes, GraphError where func draws random numbers under "error". Source: torch.vmap.

    >>> import tensorgrad
    >>> tensorgrad.vmap(tensorgrad.dot)(tensorgrad.ones(3, 2), tensorgrad.ones(3, 2))
    tensor([2., 2., 2.])
    """
    check_randomness(randomness, "vmap")
    check_chunk(chunk_size, "vmap")

    def transformed(*args, **kwargs):
        leaves, dims, count = slices(args, kwargs, in_dims)
        state = None if randomness == "different" else get_rng_state()

        def call(i):
            if randomness == "same":
                set_rng_state(state)
            values = iter([x if d is None else x.select(d, i) for x, d in zip(leaves, dims, strict=True)])
            result = func(*rebuild(args, values), **rebuild(kwargs, values))
            if randomness == "error" and not bool((get_rng_state() == state).all()):
                set_rng_state(state)
                raise GraphError("vmap: the function draws random numbers; say randomness='different' or 'same'")
            return result

        if count == 0:  # one call on zeros tells the shapes
            template = [x if d is None else zeros_like(x.select(d, 0) if x.shape[d] else x.sum(d)) for x, d in zip(
                leaves, dims, strict=True)]
            values = iter(template)
            return joined([func(*rebuild(args, values), **rebuild(kwargs, values))], out_dims, 0)
        return joined([call(i) for i in range(count)], out_dims, count)
    return transformed


def slices(args, kwargs, in_dims):
    """(all leaves of the arguments, the dimension of each to map over or None, how many slices)."""
    if not args and not kwargs:
        raise ArgumentError("vmap: the function needs at least one argument")
    if not isinstance(in_dims, (int, tuple, list)):
        raise ArgumentError(f"vmap: in_dims must be a number or a tuple that matches the arguments, got {in_dims!r}")
    leaves = flatten(args) + flatten(kwargs)
    dims = spread(tuple(in_dims) if isinstance(in_dims, list) else in_dims, args, "vmap: in_dims") + [0] * len(flatten(kwargs))
    counts = set()
    for k, (x, d) in enumerate(zip(leaves, dims, strict=True)):
        if d is None:
            continue
        if not isinstance(x, Tensor):
            raise ArgumentError(f"vmap: argument {k} is a {type(x).__name__}, which has no dimension {d}; its in_dims must be None")
        if not isinstance(d, int) or not -x.ndim <= d < x.ndim:
            raise ShapeError(f"vmap: in_dims {d!r} for argument {k} of shape {tuple(x.shape)}")
        dims[k] = d % x.ndim
        counts.add(x.shape[dims[k]])
    if len(counts) != 1:
        shapes = [tuple(x.shape) for x in leaves if isinstance(x, Tensor)]
        raise ShapeError(f"vmap: the mapped dimensions must have one size, got {sorted(counts)} (shapes {shapes})")
    return leaves, dims, counts.pop()


def joined(results, out_dims, count):
    """The results of all slices, stacked."""
    first = results[0]
    dims = spread(out_dims, first, "vmap: out_dims")
    columns = []
    for k, (y, d) in enumerate(zip(flatten(first), dims, strict=True)):
        if d is None:
            columns.append(y)
            continue
        if not isinstance(y, Tensor):
            raise ArgumentError(f"vmap: the function must return tensors, got {type(y).__name__}")
        if not -y.ndim - 1 <= d <= y.ndim:
            raise ShapeError(f"vmap: out_dims {d} for an output of shape {tuple(y.shape)} a slice")
        columns.append(stack([flatten(r)[k] for r in results], d % (y.ndim + 1)).narrow(d % (y.ndim + 1), 0, count))
    return rebuild(first, iter(columns))


# ---- modules as functions of their parameters ----

def functional_call(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """module(*args, **kwargs) with the given parameters and buffers (a dict of names, or several dicts) in the places of its own
    during the call; their shapes are those that the module computes with. tie_weights: a tensor that the module holds under several
    names is replaced under all of them. strict: the names must be exactly the module's. Errors: GraphError for a name that the
    module does not have or that is in two dicts, TypeError for a value that is no tensor, and those of the module's own call.
    Source: torch.func.functional_call.

    >>> import tensorgrad
    >>> line = tensorgrad.nn.Linear(2, 1, bias=False)
    >>> tensorgrad.func.functional_call(line, {"weight": tensorgrad.ones(1, 2)}, (tensorgrad.ones(2),))
    tensor([2.])
    """
    given = {}
    dicts = [parameter_and_buffer_dicts] if isinstance(parameter_and_buffer_dicts, dict) else list(parameter_and_buffer_dicts)
    for d in dicts:
        if twice := given.keys() & d.keys():
            raise GraphError(f"functional_call: {sorted(twice)} are in more than one of the dicts")
        given.update(d)
    own = tables(module)
    unknown, missing = given.keys() - own.keys(), own.keys() - given.keys()
    if unknown or (strict and missing):
        raise GraphError(f"functional_call: unknown names {sorted(unknown)}" + (f", missing names {sorted(missing)}" if strict else ""))
    for name, value in given.items():
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(f"functional_call: {name} must be a tensor, got {type(value).__name__}")
    values = dict(given)
    if tie_weights:
        aliases = {id(own[name][0][own[name][1]]): name for name in given}
        values |= {name: given[aliases[id(table[key])]] for name, (table, key) in own.items()
                   if name not in given and id(table[key]) in aliases}
    before = [(table, key, table[key]) for table, key in (own[name] for name in values)]
    try:
        for name, value in values.items():
            table, key = own[name]
            table[key] = value
        args = () if args is None else args if isinstance(args, tuple) else (args,)
        return module(*args, **(kwargs or {}))
    finally:
        for table, key, value in before:
            table[key] = value


def tables(module):
    """Dotted name -> (the table of the submodule that holds the tensor, its key there), for all parameters and buffers."""
    found = {}
    for prefix, part in module.named_modules(remove_duplicate=False):
        for table in (part._parameters, part._buffers):
            for key, value in table.items():
                if value is not None:
                    found[f"{prefix}.{key}" if prefix else key] = table, key
    return found


def stack_module_state(models):
    """(parameters, buffers) of n models of one class, by name, each stacked along a new first dimension ([*shape] -> [n, *shape]):
    for vmap over an ensemble. Errors: ArgumentError for no models, models of several classes or some of them in training mode,
    ShapeError where their parameters differ in shape. Source: torch.func.stack_module_state.

    >>> import tensorgrad
    >>> parameters, _ = tensorgrad.func.stack_module_state([tensorgrad.nn.Linear(2, 1) for _ in range(3)])
    >>> parameters["weight"].shape
    tensorgrad.Size([3, 1, 2])
    """
    models = list(models)
    if not models or any(type(m) is not type(models[0]) for m in models):
        raise ArgumentError(f"stack_module_state: expected models of one class, got {[type(m).__name__ for m in models]}")
    if len({m.training for m in models}) > 1:
        raise ArgumentError("stack_module_state: all models must be in training mode, or none")

    def stacked(kind):
        columns = {}
        for m in models:
            for name, value in kind(m):
                columns.setdefault(name, []).append(value)
        return {name: stack([v.detach() for v in column]).requires_grad_(column[0].requires_grad) for name, column in
                columns.items()}

    return stacked(lambda m: m.named_parameters()), stacked(lambda m: m.named_buffers())
