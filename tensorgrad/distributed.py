"""torch.distributed for a group of one process: programs written for many processes run as one of one.

Every collective operation then leaves its tensor as it is, and a barrier holds up nobody.
"""

import os

from ._core.errors import ArgumentError, GraphError

__all__ = ["ReduceOp", "all_gather", "all_gather_object", "all_reduce", "barrier", "broadcast", "broadcast_object_list",
           "destroy_process_group", "get_backend", "get_rank", "get_world_size", "init_process_group", "is_available", "is_initialized",
           "is_torchelastic_launched", "reduce"]

GROUP: list = []  # the name of the back end, where there is a group


class ReduceOp:
    """What all_reduce does with the values of the processes. No errors: with one process all of them leave the tensor as it is.
    Source: torch.distributed.ReduceOp.

    >>> import tensorgrad
    >>> tensorgrad.distributed.ReduceOp.SUM
    'SUM'
    """

    SUM, AVG, PRODUCT, MIN, MAX = "SUM", "AVG", "PRODUCT", "MIN", "MAX"


class Work:
    """An operation under way, which is done already."""

    def wait(self, timeout=None):
        """True."""
        return True

    is_completed = wait


def is_available():
    """True, for groups of one process. Source: torch.distributed.is_available.

    >>> import tensorgrad
    >>> tensorgrad.distributed.is_available()
    True
    """
    return True


def is_initialized():
    """Whether init_process_group was called. Source: torch.distributed.is_initialized.

    >>> import tensorgrad
    >>> tensorgrad.distributed.is_initialized()
    False
    """
    return bool(GROUP)


def is_torchelastic_launched():
    """False. Source: torch.distributed.is_torchelastic_launched.

    >>> import tensorgrad
    >>> tensorgrad.distributed.is_torchelastic_launched()
    False
    """
    return False


def init_process_group(backend=None, init_method=None, timeout=None, world_size=-1, rank=-1, store=None, group_name="", **unused):
    """Make the group of this one process. The size is world_size, else $WORLD_SIZE, else 1. Errors: ArgumentError for a larger size
    or another rank than 0, GraphError for a second group. Source: torch.distributed.init_process_group.

    >>> import tensorgrad as torch
    >>> torch.distributed.init_process_group("gloo", rank=0, world_size=1)
    >>> torch.distributed.get_world_size(), torch.distributed.all_reduce(torch.ones(1))
    (1, None)
    >>> torch.distributed.destroy_process_group()
    """
    size = world_size if world_size != -1 else int(os.environ.get("WORLD_SIZE", 1))
    rank = rank if rank != -1 else int(os.environ.get("RANK", 0))
    if size != 1 or rank != 0:
        raise ArgumentError(f"init_process_group: tensorgrad computes in one process, world_size must be 1 and rank 0, got {size} "
                            f"and {rank}")
    if GROUP:
        raise GraphError("init_process_group: there is a process group already")
    GROUP.append(backend or "gloo")


def destroy_process_group(group=None):
    """Forget the group. Errors: ArgumentError without a group. Source: torch.distributed.destroy_process_group.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> dist.destroy_process_group()
    >>> dist.is_initialized()
    False
    """
    needed("destroy_process_group")
    GROUP.clear()


def needed(name):
    """ArgumentError where there is no group."""
    if not GROUP:
        raise ArgumentError(f"{name}: the default process group has not been initialized, call init_process_group first")


def get_backend(group=None):
    """What init_process_group was given. Errors: ArgumentError without a group. Source: torch.distributed.get_backend.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> dist.get_backend()
    'gloo'
    >>> dist.destroy_process_group()
    """
    needed("get_backend")
    return GROUP[0]


def get_rank(group=None):
    """0, the number of this process. Errors: ArgumentError without a group. Source: torch.distributed.get_rank.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> dist.get_rank()
    0
    >>> dist.destroy_process_group()
    """
    needed("get_rank")
    return 0


def get_world_size(group=None):
    """1, the number of processes. Errors: ArgumentError without a group. Source: torch.distributed.get_world_size.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> dist.get_world_size()
    1
    >>> dist.destroy_process_group()
    """
    needed("get_world_size")
    return 1


def in_place(name):
    """A collective operation whose result, in a group of one, is its tensor."""
    def operation(tensor, *args, async_op=False, **kwargs):
        needed(name)
        return Work() if async_op else None
    operation.__name__ = operation.__qualname__ = name
    operation.__doc__ = f"""The tensor (or list) stays as it is. Errors: ArgumentError without a group. Source: torch.distributed.{name}.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> x = tensorgrad.ones(1)
    >>> dist.{name}(x, 0)
    >>> x
    tensor([1.])
    >>> dist.destroy_process_group()
    """
    return operation


all_reduce, broadcast, reduce = in_place("all_reduce"), in_place("broadcast"), in_place("reduce")
broadcast_object_list = in_place("broadcast_object_list")


def all_gather(tensor_list, tensor, group=None, async_op=False):
    """The tensor, of any shape, of each process, of one, into the list's tensor. Errors: ArgumentError without a group. Source:
    torch.distributed.all_gather.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> row = [tensorgrad.zeros(1)]
    >>> dist.all_gather(row, tensorgrad.ones(1))
    >>> row
    [tensor([1.])]
    >>> dist.destroy_process_group()
    """
    needed("all_gather")
    tensor_list[0].copy_(tensor)
    return Work() if async_op else None


def all_gather_object(object_list, obj, group=None):
    """The object of each process, of one, into the list. Errors: ArgumentError without a group. Source:
    torch.distributed.all_gather_object.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> row = [None]
    >>> dist.all_gather_object(row, "a")
    >>> row
    ['a']
    >>> dist.destroy_process_group()
    """
    needed("all_gather_object")
    object_list[0] = obj


def barrier(group=None, async_op=False, device_ids=None):
    """Wait for nobody. Errors: ArgumentError without a group. Source: torch.distributed.barrier.

    >>> import tensorgrad
    >>> from tensorgrad import distributed as dist
    >>> dist.init_process_group("gloo", rank=0, world_size=1)
    >>> dist.barrier()
    >>> dist.destroy_process_group()
    """
    needed("barrier")
    return Work() if async_op else None
