"""torch.utils.tensorboard: logs for TensorBoard, written by tensorboardX (extra [tensorboard])."""

import os
import socket
import time

import tensorgrad

try:
    import tensorboardX
except ImportError:
    raise ImportError("utils.tensorboard needs tensorboardX: pip install tensorgrad-cpu[tensorboard]") from None

__all__ = ["SummaryWriter"]


def plain(value):
    """Tensors, also in lists, tuples and dicts, as NumPy arrays."""
    if isinstance(value, tensorgrad.Tensor):
        return value.detach().float().numpy() if value.dtype in (tensorgrad.bfloat16, tensorgrad.float16) else value.detach().numpy()
    if isinstance(value, (list, tuple)):
        return type(value)(plain(v) for v in value)
    return {name: plain(v) for name, v in value.items()} if isinstance(value, dict) else value


class SummaryWriter(tensorboardX.SummaryWriter):
    """tensorboardX's writer, which takes tensors: add_scalar, add_scalars, add_image, add_histogram, add_text, add_embedding, ...
    log_dir: default runs/TIME_HOST + comment. add_graph writes the graph's drawing in words (graphs.make_dot) as a text. Errors:
    ImportError without tensorboardX (extra [tensorboard]), TypeError for a log_dir that is no path. Source:
    torch.utils.tensorboard.SummaryWriter.

    >>> import os, tempfile, tensorgrad as torch
    >>> from tensorgrad.utils.tensorboard import SummaryWriter
    >>> with SummaryWriter(tempfile.mkdtemp()) as writer:
    ...     writer.add_scalar("loss", torch.tensor(0.5), 0)
    ...     len(os.listdir(writer.log_dir))
    1
    """

    def __init__(self, log_dir=None, comment="", purge_step=None, max_queue=10, flush_secs=120, filename_suffix=""):
        log_dir = log_dir or os.path.join("runs", f"{time.strftime('%b%d_%H-%M-%S')}_{socket.gethostname()}{comment}")
        self.log_dir = os.fspath(log_dir)
        super().__init__(self.log_dir, purge_step=purge_step, max_queue=max_queue, flush_secs=flush_secs, filename_suffix=filename_suffix)

    def get_logdir(self):
        """The folder."""
        return self.log_dir

    def add_graph(self, model, input_to_model=None, verbose=False, use_strict_trace=True):
        """The graph of model(*inputs) as text."""
        inputs = input_to_model if isinstance(input_to_model, (list, tuple)) else (input_to_model,)
        result = model(*inputs)
        first = next(iter(result)) if isinstance(result, (list, tuple)) else result
        self.add_text("graph", f"```\n{tensorgrad.make_dot(first, params=dict(model.named_parameters())).source}\n```")


def taking_tensors(name):
    """A method of tensorboardX's writer that gets arrays where tensors were given."""
    theirs = getattr(tensorboardX.SummaryWriter, name)

    def method(self, *args, **kwargs):
        return theirs(self, *plain(args), **plain(kwargs))
    method.__name__, method.__doc__ = name, theirs.__doc__ and theirs.__doc__.split("\n\n")[0]
    return method


for _name in ("add_scalar", "add_scalars", "add_histogram", "add_image", "add_images", "add_image_with_boxes", "add_video", "add_audio",
              "add_embedding", "add_pr_curve", "add_hparams", "add_mesh"):
    setattr(SummaryWriter, _name, taking_tensors(_name))
