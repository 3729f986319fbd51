"""Checkpointing: forget what a part of the forward pass saved, and compute it again when the backward pass asks for it."""

import itertools
from contextlib import nullcontext
from weakref import ref

from .._core.errors import ArgumentError, GraphError
from .._core.random import default_generator
from ..autograd.graph import saved_tensors_hooks
from ..autograd.modes import enable_grad
from ..nn.container import Sequential

__all__ = ["checkpoint", "checkpoint_sequential"]


class Part:
    """One checkpointed call: what its forward pass would have saved is recomputed all at once, the first time that it is
    asked for."""

    def __init__(self, function, args, kwargs, preserve_rng_state, context, check):
        self.function, self.args, self.kwargs = function, args, kwargs
        self.context, self.check = context, check
        self.state = default_generator.get_state() if preserve_rng_state else None
        self.slots, self.values = [], {}

    def pack(self, x):
        """Keep only which saved tensor this is; what it looked like is for the check."""
        slot = Slot(len(self.slots), (x.dtype, tuple(x.shape)))
        self.slots.append(ref(slot))
        return slot

    def unpack(self, slot):
        """The tensor, computed again if need be."""
        if slot.number not in self.values:
            self.recompute()
        if slot.number not in self.values:
            raise GraphError(f"checkpoint: the second forward pass saved {len(self.values)} tensors, the first one "
                             f"{len(self.slots)}; the function must do the same each time")
        found = self.values.pop(slot.number)
        if self.check and (found.dtype, tuple(found.shape)) != slot.kind:
            raise GraphError(f"checkpoint: saved tensor {slot.number} had dtype and shape {slot.kind} in the first forward pass "
                             f"and {(found.dtype, tuple(found.shape))} in the second")
        return found

    def recompute(self):
        """Run the function again, with the random numbers of the first time, and keep what it saves."""
        number = 0

        def keep(x):
            nonlocal number
            if number >= len(self.slots) or self.slots[number]() is not None:  # else nobody can ask for it any more
                self.values[number] = x
            number += 1
            return x

        before = None if self.state is None else default_generator.get_state()
        try:
            if self.state is not None:
                default_generator.set_state(self.state)
            with enable_grad(), self.context, saved_tensors_hooks(keep, lambda x: x):
                self.function(*self.args, **self.kwargs)
        finally:
            if before is not None:
                default_generator.set_state(before)


class Slot:
    """Stands in the graph for a saved tensor."""

    __slots__ = ("__weakref__", "kind", "number")

    def __init__(self, number, kind):
        self.number, self.kind = number, kind


def checkpoint(function, *args, use_reentrant=None, context_fn=None, determinism_check="default", debug=False, early_stop=True,
               preserve_rng_state=True, **kwargs):
    """function(*args, **kwargs) that saves nothing for the backward pass but its arguments, and runs a second time there: memory
    for time (Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016).

    preserve_rng_state: the second run draws the same random numbers. use_reentrant, debug and early_stop are accepted; both
    settings of use_reentrant give the gradients that use_reentrant=False gives in PyTorch, also for arguments by keyword and for
    `grad`. determinism_check="none" switches off the check that both runs saved tensors of the same shapes. Errors: ArgumentError
    for another determinism_check, GraphError where the runs differ. Source: torch.utils.checkpoint.checkpoint.

    >>> import tensorgrad
    >>> from tensorgrad.utils.checkpoint import checkpoint
    >>> x = tensorgrad.ones(2, requires_grad=True)
    >>> checkpoint(lambda x: (x * 3).exp(), x, use_reentrant=False).sum().backward()
    >>> x.grad
    tensor([60.2566, 60.2566])
    """
    if determinism_check not in ("default", "none"):
        raise ArgumentError(f"checkpoint: determinism_check must be 'default' or 'none', got {determinism_check!r}")
    first, second = context_fn() if context_fn is not None else (nullcontext(), nullcontext())
    part = Part(function, args, kwargs, preserve_rng_state, second, determinism_check == "default")
    with first, saved_tensors_hooks(part.pack, part.unpack):
        return function(*args, **kwargs)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    """A chain of functions (or a Sequential) in `segments` parts of about equal length, all but the last checkpointed; input and
    result of any shape. Errors: ArgumentError for segments < 1 and keywords other than preserve_rng_state, GraphError where the
    second run of a part differs. Source: torch.utils.checkpoint.checkpoint_sequential.

    >>> import tensorgrad
    >>> from tensorgrad.utils.checkpoint import checkpoint_sequential
    >>> x = tensorgrad.ones(2, requires_grad=True)
    >>> checkpoint_sequential([tensorgrad.exp, tensorgrad.neg, tensorgrad.sin], 2, x, use_reentrant=False).sum().backward()
    >>> x.grad
    tensor([2.4783, 2.4783])
    """
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ArgumentError(f"checkpoint_sequential: unexpected arguments {sorted(kwargs)}")
    functions = list(functions.children()) if isinstance(functions, Sequential) else list(functions)
    if segments < 1:
        raise ArgumentError(f"checkpoint_sequential: segments must be positive, got {segments}")

    def run(part):
        def forward(x):
            for f in part:
                x = f(x)
            return x
        return forward

    length = max(len(functions) // segments, 1)
    cuts = [min(length * k, len(functions)) for k in range(segments)]
    for start, end in itertools.pairwise(cuts):
        input = checkpoint(run(functions[start:end]), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return run(functions[cuts[-1]:])(input)
