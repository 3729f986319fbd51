"""What a model is made of: a table of layers with shapes, parameters and floating-point operations."""

import tensorgrad

from .. import nn

# For a module type: multiply-adds of a forward pass, from the module and its output. 2 operations each.
_RECURRENT = {nn.RNN: 1, nn.GRU: 3, nn.LSTM: 4}


def operations(module, inputs, output):
    """Floating-point operations of one layer's forward pass: 2 a multiply-add; 0 for what is not counted (activations, norms)."""
    if isinstance(module, (nn.Conv1d, nn.Conv2d)) or type(module).__name__ == "Conv3d":
        return 2 * output.numel() * module.weight[0].numel()
    if type(module).__name__.startswith("ConvTranspose"):
        return 2 * inputs[0].numel() * module.weight[0].numel()
    if isinstance(module, nn.Linear):
        return 2 * output.numel() * module.in_features
    if isinstance(module, nn.Bilinear):
        return 2 * output.numel() * module.in1_features * (module.in2_features + 1)
    for kind in _RECURRENT:
        if isinstance(module, kind):
            steps = inputs[0].numel() // inputs[0].shape[-1]  # time steps of all sequences
            return 2 * steps * sum(w.numel() for name, w in module.named_parameters() if name.startswith("weight"))
    return 0


def shapes(value):
    """The shape of a tensor, of the tensors of a tuple, list or dict, or "-"."""
    if isinstance(value, tensorgrad.Tensor):
        return str(tuple(value.shape))
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)) and value:
        return ", ".join(shapes(v) for v in value)
    return "-"


class Summary:
    """The rows of a summary and their sums; printing it prints the table.

    rows: (name, type, output shape, parameters, operations). parameters, trainable: numbers of elements. flops: operations of a forward
    pass. bytes: the memory of parameters and buffers. Errors: AttributeError for what is no model. Source: torchinfo's ModelStatistics.

    >>> import tensorgrad as torch
    >>> from tensorgrad import training
    >>> training.summary(torch.nn.Linear(3, 2), torch.ones(1, 3)).parameters
    8
    """

    def __init__(self, rows, model):
        self.rows = rows
        self.parameters = sum(p.numel() for p in model.parameters())
        self.trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
        self.bytes = sum(t.numel() * t.element_size() for t in [*model.parameters(), *model.buffers()])
        self.flops = sum(row[4] for row in rows)

    def __repr__(self):
        table = [("layer", "type", "output", "parameters", "MFLOP")]
        table += [(name or "(model)", kind, shape, f"{count:,}" if count else "-", f"{flops / 1e6:,.2f}" if flops else "-")
                  for name, kind, shape, count, flops in self.rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(cell.ljust(w) if i < 3 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
                 for row in table]
        lines.insert(1, "-" * len(lines[0]))
        lines.append("-" * len(lines[0]))
        lines.append(f"{self.parameters:,} parameters ({self.trainable:,} trainable), {self.bytes / 2**20:,.2f} MiB; "
                     f"{self.flops / 1e6:,.2f} MFLOP a forward pass")
        return "\n".join(line.rstrip() for line in lines)


def summary(model, *inputs):
    """The table of a model's layers: output shapes, parameters and operations of `model(*inputs)`, 2 a multiply-add.

    An input is a tensor or a shape, for which random normal numbers stand (which do not move the default generator). The model runs once
    in evaluation mode without gradients. Only convolutions, linear and recurrent layers count operations. Errors: those of the model's
    call, as ShapeError for an input that does not fit. Source: torchinfo's summary.

    >>> import tensorgrad as torch
    >>> from tensorgrad import nn
    >>> from tensorgrad.training import summary
    >>> summary(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)), (16, 4))
    layer    type        output   parameters  MFLOP
    -----------------------------------------------
    (model)  Sequential  (16, 2)           -      -
    0        Linear      (16, 8)          40   0.00
    1        ReLU        (16, 8)           -      -
    2        Linear      (16, 2)          18   0.00
    -----------------------------------------------
    58 parameters (58 trainable), 0.00 MiB; 0.00 MFLOP a forward pass
    """
    generator = tensorgrad.Generator().manual_seed(0)
    inputs = [tensorgrad.randn(value, generator=generator) if isinstance(value, (tuple, list)) else value for value in inputs]
    found, handles, training = {}, [], [(module, module.training) for module in model.modules()]

    def note(name):
        def hook(module, arguments, output):
            own = sum(p.numel() for p in module.parameters(recurse=False))
            again = found.get(name)
            flops = operations(module, arguments, output[0] if isinstance(output, tuple) else output)
            found[name] = (name, type(module).__name__, shapes(output), own, flops + (again[4] if again else 0))
        return hook

    for name, module in model.named_modules():
        handles.append(module.register_forward_hook(note(name)))
    try:
        model.eval()
        with tensorgrad.no_grad():
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in training:
            module.training = mode
    return Summary([found[name] for name, _ in model.named_modules() if name in found], model)

