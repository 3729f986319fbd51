"""torch.jit, for programs that script or trace their modules: here a module runs as it is, and is saved by its state_dict()."""

from .nn import Module

__all__ = ["ScriptModule", "export", "freeze", "ignore", "is_scripting", "is_tracing", "load", "optimize_for_inference", "save",
           "script", "trace", "unused"]

ScriptModule = Module


def script(obj, *args, **kwargs):
    """The function or module itself. Any object is taken, there are no errors. Source: torch.jit.script, which compiles it.

    >>> import tensorgrad
    >>> tensorgrad.jit.script(abs)(-2)
    2
    """
    return obj


def trace(func, example_inputs=None, *args, **kwargs):
    """The function or module itself, after one call with the example (a tensor or a tuple of arguments, of the shapes that it
    takes), so that a wrong example is an error here. Errors: those of the call. Source: torch.jit.trace, which records the call.

    >>> import tensorgrad
    >>> tensorgrad.jit.trace(tensorgrad.relu, tensorgrad.ones(1))(-tensorgrad.ones(2))
    tensor([0., 0.])
    """
    if example_inputs is not None:
        func(*(example_inputs if isinstance(example_inputs, tuple) else (example_inputs,)))
    return func


def ignore(drop=False, **kwargs):
    """The function itself, or a decorator that returns it. No errors. Source: torch.jit.ignore.

    >>> import tensorgrad
    >>> tensorgrad.jit.ignore(abs)(-2)
    2
    """
    return drop if callable(drop) else (lambda function: function)


def unused(fn):
    """The function itself. No errors. Source: torch.jit.unused.

    >>> import tensorgrad
    >>> tensorgrad.jit.unused(abs)(-2)
    2
    """
    return fn


export = unused


def freeze(mod, *args, **kwargs):
    """The module itself. No errors. Source: torch.jit.freeze.

    >>> import tensorgrad
    >>> tensorgrad.jit.freeze(tensorgrad.nn.ReLU())
    ReLU()
    """
    return mod


optimize_for_inference = freeze


def is_scripting():
    """False. Source: torch.jit.is_scripting.

    >>> import tensorgrad
    >>> tensorgrad.jit.is_scripting()
    False
    """
    return False


is_tracing = is_scripting


def save(m, f, *args):
    """A program cannot be saved here, the weights can. Errors: always a RuntimeError. Source: torch.jit.save.

    >>> import tensorgrad
    >>> tensorgrad.jit.save(None, "program")
    Traceback (most recent call last):
    ...
    RuntimeError: jit.save: tensorgrad keeps no programs in files; save the weights, tensorgrad.save(m.state_dict(), f)
    """
    raise RuntimeError("jit.save: tensorgrad keeps no programs in files; save the weights, tensorgrad.save(m.state_dict(), f)")


def load(f, *args, **kwargs):
    """A file with a program is not run here. Errors: always a RuntimeError. Source: torch.jit.load.

    >>> import tensorgrad
    >>> tensorgrad.jit.load("program")
    Traceback (most recent call last):
    ...
    RuntimeError: jit.load: tensorgrad runs no programs from files; load weights, module.load_state_dict(tensorgrad.load(f))
    """
    raise RuntimeError("jit.load: tensorgrad runs no programs from files; load weights, module.load_state_dict(tensorgrad.load(f))")
