"""Modules that stand for copies on several devices: with one CPU the module itself, under the name `module`."""

from .module import Module


class DataParallel(Module):
    """y = module(x): inputs and results have the module's shapes. Parameters are called module.*, as in checkpoints of programs that used
    several GPUs. Errors: the module's own, as ShapeError and DTypeError of a Linear. Source: torch.nn.DataParallel.

    >>> from tensorgrad import nn
    >>> list(nn.DataParallel(nn.Linear(2, 1)).state_dict())
    ['module.weight', 'module.bias']
    """

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__()
        self.module, self.dim, self.device_ids, self.output_device = module, dim, [], output_device

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(DataParallel):
    """y = module(x): the same for a process group of one (`distributed`). Errors: the module's own. Source:
    torch.nn.parallel.DistributedDataParallel.

    >>> from tensorgrad import nn
    >>> list(nn.parallel.DistributedDataParallel(nn.Linear(1, 1)).state_dict())
    ['module.weight', 'module.bias']
    """

    def __init__(self, module, device_ids=None, output_device=None, dim=0, **options):
        super().__init__(module, device_ids, output_device, dim)

    def no_sync(self):
        """A context without effect: there is nothing to synchronise."""
        from contextlib import nullcontext

        return nullcontext()
