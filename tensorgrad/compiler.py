"""torch.compiler, for programs that steer PyTorch's compiler: there is none here, operations run as they are called."""

from .ops.facts import compile

__all__ = ["compile", "disable", "is_compiling", "is_dynamo_compiling", "is_exporting", "reset"]


def disable(fn=None, recursive=True, *, reason=None):
    """The function itself, or a decorator that returns it. No errors. Source: torch.compiler.disable.

    >>> import tensorgrad
    >>> tensorgrad.compiler.disable(abs)(-2)
    2
    """
    return (lambda function: function) if fn is None else fn


def is_compiling():
    """False. Source: torch.compiler.is_compiling.

    >>> import tensorgrad
    >>> tensorgrad.compiler.is_compiling()
    False
    """
    return False


is_dynamo_compiling = is_exporting = is_compiling


def reset():
    """Nothing to forget. Source: torch.compiler.reset.

    >>> import tensorgrad
    >>> tensorgrad.compiler.reset()
    """
