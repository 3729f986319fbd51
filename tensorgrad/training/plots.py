"""Pictures of training runs and networks, drawn by matplotlib (extra [viz]) into PNG files without a display."""

import os

import tensorgrad

from .._core.errors import ArgumentError, ShapeError


def new_figure(rows=1, columns=1, size=(7, 4)):
    """(figure, list of axes) of matplotlib, outside any window."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("plots need matplotlib: pip install tensorgrad-cpu[viz]") from None
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def save_figure(figure, path):
    """Write a figure as PNG; the file appears when it is complete."""
    path = os.fspath(path)
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    figure.savefig(path + ".tmp", dpi=120, format="png")
    os.replace(path + ".tmp", path)


def curves(history, path, names=None, title=""):
    """Lines over the epochs of the rows of a Trainer's history: losses on the left axis, everything else on the right. names: the columns
    to draw; all numbers but the epoch and the rate by default. Errors: ArgumentError for an empty history, KeyError for names it does not
    have, ImportError without matplotlib. Source: Keras' History.

    >>> import os, tempfile
    >>> from tensorgrad.training import plots
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plots.curves([{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.0}], os.path.join(folder, "loss.png"))
    ...     os.listdir(folder)
    ['loss.png']
    """
    if not history:
        raise ArgumentError("plots.curves: the history has no epoch")
    if names is None:
        names = [name for name, value in history[0].items() if name not in ("epoch", "lr") and isinstance(value, (int, float))]
    figure, (left,) = new_figure()
    right = left.twinx() if any(not name.endswith("loss") for name in names) else None
    epochs = [row["epoch"] for row in history]
    for number, name in enumerate(names):
        axis = left if name.endswith("loss") else right
        axis.plot(epochs, [row[name] for row in history], "o-" if len(epochs) < 60 else "-", color=f"C{number}", label=name, markersize=3)
    left.set(xlabel="epoch", ylabel="loss", title=title)
    left.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside lower center", ncols=4)
    save_figure(figure, path)


def lr_curve(rates, losses, suggestion, path):
    """The smoothed loss over the learning rate, as training.find_lr gives them. Errors: ImportError without matplotlib. Source: Smith,
    Cyclical learning rates for training neural networks, 2017.

    >>> import os, tempfile
    >>> from tensorgrad.training import plots
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plots.lr_curve([0.1, 1.0], [2.0, 3.0], 0.1, os.path.join(folder, "rate.png"))
    ...     os.listdir(folder)
    ['rate.png']
    """
    figure, (axis,) = new_figure()
    axis.semilogx(rates, losses)
    axis.axvline(suggestion, color="tab:red", linestyle="--", label=f"suggestion {suggestion:.2g}")
    axis.set(xlabel="learning rate", ylabel="loss")
    axis.legend()
    save_figure(figure, path)


def images(pictures, path, titles=None, columns=10, marked=(), title=""):
    """A grid of images (N, H, W), (N, 1, H, W) or (N, 3, H, W); those whose number is in `marked` get a red frame. Errors: ShapeError for
    other shapes, ImportError without matplotlib. Source: torchvision.utils.make_grid.

    >>> import os, tempfile
    >>> import tensorgrad
    >>> from tensorgrad.training import plots
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plots.images(tensorgrad.rand(3, 4, 4), os.path.join(folder, "digits.png"), marked={1})
    ...     os.listdir(folder)
    ['digits.png']
    """
    pictures = pictures.detach()
    if pictures.ndim == 3:
        pictures = pictures.unsqueeze(1)
    if pictures.ndim != 4 or pictures.shape[1] not in (1, 3) or not len(pictures):
        raise ShapeError(f"plots.images: expected (N, H, W), (N, 1, H, W) or (N, 3, H, W) with N >= 1, got {tuple(pictures.shape)}")
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    figure, axes = new_figure(rows, columns, (1.2 * columns, 1.4 * rows + 0.4))
    for i, axis in enumerate(axes):
        axis.set(xticks=[], yticks=[])
        if i >= len(pictures):
            axis.set_axis_off()
            continue
        picture = pictures[i]
        if len(picture) == 1:
            axis.imshow(picture[0].numpy(), cmap="gray_r")
        else:
            axis.imshow(picture.permute(1, 2, 0).clamp(0, 1).numpy())
        wrong = i in marked
        if titles is not None:
            axis.set_title(str(titles[i]), fontsize=8, color="red" if wrong else "black")
        for spine in axis.spines.values():
            spine.set(color="red" if wrong else "lightgray", linewidth=2 if wrong else 1)
    figure.suptitle(title)
    save_figure(figure, path)


def filters(weight, path, columns=8, title=""):
    """The kernels of a convolution (co, ci, kh, kw), one row of blue (positive) and red (negative) pictures an output channel. The mean
    over the input channels is drawn where there is more than one. Errors: ShapeError for other numbers of dimensions, ImportError without
    matplotlib. Source: Krizhevsky, Sutskever, Hinton, ImageNet classification with deep convolutional neural networks, 2012, figure 3.

    >>> import os, tempfile
    >>> import tensorgrad
    >>> from tensorgrad.training import plots
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plots.filters(tensorgrad.rand(4, 1, 3, 3), os.path.join(folder, "kernels.png"))
    ...     os.listdir(folder)
    ['kernels.png']
    """
    if weight.ndim != 4:
        raise ShapeError(f"plots.filters: expected a weight (co, ci, kh, kw), got {tuple(weight.shape)}")
    kernels = weight.detach().mean(1)
    limit = max(kernels.abs().max().item(), 1e-12)
    columns = min(columns, len(kernels))
    figure, axes = new_figure(-(-len(kernels) // columns), columns, (1.2 * columns, 1.2 * -(-len(kernels) // columns) + 0.4))
    for i, axis in enumerate(axes):
        axis.set_axis_off()
        if i < len(kernels):
            axis.imshow(kernels[i].numpy(), cmap="RdBu", vmin=-limit, vmax=limit)
    figure.suptitle(title)
    save_figure(figure, path)


def activations(model, inputs, path, kinds=None, bins=50):
    """A histogram of each layer's outputs for `inputs`, of the shape that the model takes, with its mean and standard deviation; returns
    [(name, mean, std)]. kinds: the module types that are drawn; by default all modules without children. Errors: ArgumentError for a
    model without such layers, ImportError without matplotlib. Source: Glorot, Bengio, Understanding the difficulty of training deep
    feedforward neural networks, 2010.

    >>> import os, tempfile
    >>> import tensorgrad
    >>> from tensorgrad.training import plots
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     layers = plots.activations(tensorgrad.nn.ReLU(), tensorgrad.ones(8), os.path.join(folder, "layers.png"))
    ...     os.listdir(folder)
    ['layers.png']
    >>> layers
    [('', 1.0, 0.0)]
    """
    found, handles = [], []

    def note(name):
        def hook(module, arguments, output):
            if isinstance(output, tensorgrad.Tensor) and output.is_floating_point():
                found.append((name, output.detach().reshape(-1).float()))
        return hook

    for name, module in model.named_modules():
        if isinstance(module, kinds) if kinds else not list(module.children()):
            handles.append(module.register_forward_hook(note(name)))
    try:
        with tensorgrad.no_grad():
            model(inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not found:
        raise ArgumentError("plots.activations: the model has no layer of these kinds")
    figure, axes = new_figure(1, len(found), (2.2 * len(found), 2.6))
    result = []
    for axis, (name, values) in zip(axes, found, strict=True):
        mean, std = values.mean().item(), values.std(correction=0).item()
        axis.hist(values.numpy(), bins=bins)
        axis.set_title(f"{name}\n{mean:.2f} +- {std:.2f}", fontsize=8)
        axis.set_yticks([])
        result.append((name, mean, std))
    save_figure(figure, path)
    return result


def confusion_matrix(counts, path, names=None, title=""):
    """counts (classes, classes), rows true and columns predicted, as training.ConfusionMatrix gives them. Errors: ShapeError for what is
    no square matrix, ImportError without matplotlib. Source: sklearn.metrics.ConfusionMatrixDisplay.

    >>> import os, tempfile
    >>> import tensorgrad
    >>> from tensorgrad.training import plots
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plots.confusion_matrix(tensorgrad.eye(2), os.path.join(folder, "confusion.png"))
    ...     os.listdir(folder)
    ['confusion.png']
    """
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ShapeError(f"plots.confusion_matrix: expected (classes, classes), got {tuple(counts.shape)}")
    rows = counts.tolist()
    size = max(4, 0.5 * len(rows))
    figure, (axis,) = new_figure(size=(size + 1, size))
    axis.imshow(counts.float().numpy() ** 0.5, cmap="Blues")  # the root shows rare mistakes beside many hits
    for t, row in enumerate(rows):
        for p, count in enumerate(row):
            if count:
                axis.text(p, t, count, ha="center", va="center", fontsize=7, color="white" if count > max(row) / 2 else "black")
    names = list(range(len(rows))) if names is None else names
    axis.set(xlabel="predicted", ylabel="true", xticks=range(len(rows)), yticks=range(len(rows)), title=title)
    axis.set_xticklabels(names)
    axis.set_yticklabels(names)
    save_figure(figure, path)
