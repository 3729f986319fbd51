"""What a model is judged by: counted batch by batch, computed at the end."""

import tensorgrad

from .._core.errors import ArgumentError, OutOfRangeError, ShapeError


class Metric:
    """Counts over batches: `reset()`, `update(prediction, target)` for each batch (tensors, of the shapes that the subclass says),
    `compute()` for the value. Errors: TypeError for what a subclass does not define. Source: torchmetrics' Metric.

    >>> from tensorgrad import training
    >>> class Samples(training.Metric):
    ...     name = "samples"
    ...     def reset(self):
    ...         self.count = 0
    ...     def update(self, prediction, target):
    ...         self.count += len(target)
    ...     def compute(self):
    ...         return self.count
    >>> metric = Samples()
    >>> metric.reset()
    >>> metric.update([1, 2], [1, 1])
    >>> metric.compute()
    2
    """

    name = "metric"

    def reset(self):
        """Forget what was counted. Errors: TypeError where the metric does not say how.

        >>> from tensorgrad import tensor, training
        >>> metric = training.Accuracy()
        >>> metric.update(tensor([1, 1]), tensor([1, 0]))
        >>> metric.reset()
        >>> metric.total
        0
        """
        raise TypeError(f"{type(self).__name__} does not say how to reset")

    def update(self, prediction, target):
        """Count one batch. Errors: TypeError where the metric does not say how.

        >>> from tensorgrad import tensor, training
        >>> metric = training.Accuracy()
        >>> metric.update(tensor([1, 1]), tensor([1, 0]))
        >>> metric.total
        2
        """
        raise TypeError(f"{type(self).__name__} does not say how to update")

    def compute(self):
        """The value over all batches since the last reset. Errors: TypeError where the metric does not say how.

        >>> from tensorgrad import tensor, training
        >>> metric = training.Accuracy()
        >>> metric.update(tensor([1, 1]), tensor([1, 0]))
        >>> metric.compute()
        0.5
        """
        raise TypeError(f"{type(self).__name__} does not say how to compute")


def classes_of(prediction, target, op):
    """(predicted class, true class) as flat int64 tensors, of scores (N, C, ...) or classes (N, ...) and targets (N, ...)."""
    scores = tuple(prediction.shape)
    prediction, target = prediction.detach(), target.detach()
    if prediction.ndim == target.ndim + 1:
        prediction = prediction.argmax(1)
    if prediction.shape != target.shape:
        raise ShapeError(f"{op}: prediction {scores} is neither scores (N, C, ...) nor classes for the target "
                         f"{tuple(target.shape)}")
    return prediction.reshape(-1).to(tensorgrad.int64), target.reshape(-1).to(tensorgrad.int64)


class Accuracy(Metric):
    """The share of samples whose true class is among the k most likely: right / all.

    Scores (N, C, ...), or with k = 1 predicted classes (N, ...), and true classes (N, ...); a number. Errors: ArgumentError for k < 1,
    ShapeError from update for other shapes. Source: top-k accuracy.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import Accuracy
    >>> metric = Accuracy()
    >>> metric.update(torch.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]), torch.tensor([1, 1, 1]))
    >>> round(metric.compute(), 4)
    0.6667
    """

    def __init__(self, k=1):
        if k < 1:
            raise ArgumentError(f"Accuracy: k must be at least 1, got {k}")
        self.k = k
        self.name = "accuracy" if k == 1 else f"top{k}_accuracy"
        self.reset()

    def reset(self):
        """Forget what was counted."""
        self.right = self.total = 0

    def update(self, prediction, target):
        """Count one batch. Errors: ShapeError where the shapes do not fit."""
        if self.k == 1:
            prediction, target = classes_of(prediction, target, "Accuracy")
            self.right += int((prediction == target).sum())
        else:
            if prediction.ndim != target.ndim + 1 or prediction.shape[1] < self.k:
                raise ShapeError(f"Accuracy: the {self.k} most likely classes need scores (N, C >= {self.k}, ...), got "
                                 f"{tuple(prediction.shape)} for the target {tuple(target.shape)}")
            likely = prediction.detach().topk(self.k, dim=1).indices
            self.right += int((likely == target.unsqueeze(1)).sum())
        self.total += target.numel()

    def compute(self):
        """Right / all; NaN when nothing was counted."""
        return self.right / self.total if self.total else float("nan")


class ConfusionMatrix(Metric):
    """counts[t, p]: how many samples of the true class t were predicted as p.

    Scores (N, C, ...) or predicted classes (N, ...), and true classes (N, ...); `compute()` answers an int64 tensor (classes, classes).
    Errors: ArgumentError for classes < 1; from update ShapeError for other shapes, OutOfRangeError for a class outside [0, classes).
    Source: torchmetrics' ConfusionMatrix.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import ConfusionMatrix
    >>> metric = ConfusionMatrix(2)
    >>> metric.update(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]))
    >>> metric.compute()
    tensor([[1, 1],
            [0, 1]])
    """

    name = "confusion"

    def __init__(self, classes):
        if classes < 1:
            raise ArgumentError(f"{type(self).__name__}: classes must be at least 1, got {classes}")
        self.classes = classes
        self.reset()

    def reset(self):
        """Forget what was counted."""
        self.counts = tensorgrad.zeros(self.classes, self.classes, dtype=tensorgrad.int64)

    def update(self, prediction, target):
        """Count one batch. Errors: ShapeError where the shapes do not fit, OutOfRangeError for a class that is not there."""
        prediction, target = classes_of(prediction, target, type(self).__name__)
        for what, values in (("prediction", prediction), ("target", target)):
            if values.numel() and not 0 <= int(values.min()) <= int(values.max()) < self.classes:
                raise OutOfRangeError(f"{type(self).__name__}: {what} has classes from {int(values.min())} to {int(values.max())}, "
                                      f"allowed are 0 to {self.classes - 1}")
        pairs = tensorgrad.bincount(target * self.classes + prediction, minlength=self.classes**2)
        self.counts += pairs.reshape(self.classes, self.classes)

    def compute(self):
        """The counts."""
        return self.counts.clone()


class _OfClasses(ConfusionMatrix):
    """A number for each class, averaged: "macro" over classes, "micro" over samples, or None for the tensor of all."""

    def __init__(self, classes, average="macro"):
        if average not in ("macro", "micro", None):
            raise ArgumentError(f"{type(self).__name__}: average must be 'macro', 'micro' or None, got {average!r}")
        super().__init__(classes)
        self.average = average

    def compute(self):
        """The value: 0 for a class without samples and predictions."""
        counts = self.counts.to(tensorgrad.float64)
        hits, predicted, true = counts.diagonal(), counts.sum(0), counts.sum(1)
        if self.average == "micro":
            hits, predicted, true = hits.sum(), predicted.sum(), true.sum()
        values = self.ratio(hits, predicted, true).nan_to_num(0.0)
        return values if self.average is None else values.mean().item()


class Precision(_OfClasses):
    """hits / predicted: how many of the samples that were given a class have it, averaged over classes ('macro') or samples ('micro') to
    a number, or (None) a tensor (classes). Scores (N, C, ...) or predicted classes (N, ...), and true classes (N, ...). Errors:
    ArgumentError for classes < 1 and another average; from update ShapeError, OutOfRangeError for a class outside [0, classes). Source:
    torchmetrics' Precision.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import Precision
    >>> metric = Precision(2, average=None)
    >>> metric.update(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]))
    >>> metric.compute().tolist()
    [1.0, 0.5]
    """

    name = "precision"

    def ratio(self, hits, predicted, true):
        """hits / predicted. No errors.

        >>> from tensorgrad import tensor, training
        >>> training.Precision(2).ratio(tensor(1.0), tensor(2.0), tensor(4.0))
        tensor(0.5000)
        """
        return hits / predicted


class Recall(_OfClasses):
    """hits / true: how many of the samples of a class were found, averaged over classes ('macro') or samples ('micro') to a number, or
    (None) a tensor (classes). Scores (N, C, ...) or predicted classes (N, ...), and true classes (N, ...). Errors: ArgumentError for
    classes < 1 and another average; from update ShapeError, OutOfRangeError for a class outside [0, classes). Source: torchmetrics'
    Recall.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import Recall
    >>> metric = Recall(2, average=None)
    >>> metric.update(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]))
    >>> metric.compute().tolist()
    [0.5, 1.0]
    """

    name = "recall"

    def ratio(self, hits, predicted, true):
        """hits / true. No errors.

        >>> from tensorgrad import tensor, training
        >>> training.Recall(2).ratio(tensor(1.0), tensor(2.0), tensor(4.0))
        tensor(0.2500)
        """
        return hits / true


class F1Score(_OfClasses):
    """2 hits / (predicted + true), the harmonic mean of precision and recall, averaged over classes ('macro') or samples ('micro') to a
    number, or (None) a tensor (classes). Scores (N, C, ...) or predicted classes (N, ...), and true classes (N, ...). Errors:
    ArgumentError for classes < 1 and another average; from update ShapeError, OutOfRangeError for a class outside [0, classes). Source:
    torchmetrics' F1Score.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import F1Score
    >>> metric = F1Score(2)
    >>> metric.update(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]))
    >>> round(metric.compute(), 4)
    0.6667
    """

    name = "f1"

    def ratio(self, hits, predicted, true):
        """2 hits / (predicted + true). No errors.

        >>> from tensorgrad import tensor, training
        >>> training.F1Score(2).ratio(tensor(1.0), tensor(2.0), tensor(2.0))
        tensor(0.5000)
        """
        return 2 * hits / (predicted + true)


class MeanAbsoluteError(Metric):
    """mean |prediction - target| over all elements, of tensors of one shape; a number. Errors: ShapeError from update for different
    shapes. Source: torchmetrics' MeanAbsoluteError.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import MeanAbsoluteError
    >>> metric = MeanAbsoluteError()
    >>> metric.update(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 2.0]))
    >>> metric.compute()
    1.5
    """

    name = "mae"

    def __init__(self):
        self.reset()

    def reset(self):
        """Forget what was counted."""
        self.error, self.total = 0.0, 0

    def update(self, prediction, target):
        """Count one batch. Errors: ShapeError where the shapes differ."""
        if prediction.shape != target.shape:
            raise ShapeError(f"MeanAbsoluteError: prediction {tuple(prediction.shape)} is not the target's shape {tuple(target.shape)}")
        self.error += (prediction.detach() - target).abs().sum(dtype=tensorgrad.float64).item()
        self.total += target.numel()

    def compute(self):
        """Error / elements; NaN when nothing was counted."""
        return self.error / self.total if self.total else float("nan")


class MeanAveragePrecision(Metric):
    """The mean over classes of the area under the precision-recall curve of detected boxes, a number.

    For each image, `update([{"boxes": (N, 4), "scores": (N,), "labels": (N,)}, ...], [{"boxes": (M, 4), "labels": (M,)}, ...])`, boxes as
    (x1, y1, x2, y2). By falling score, a detection is right if it overlaps a true box of its class, not yet found, with IoU >= `iou`. The
    precision is made monotone and integrated over all points (PASCAL VOC 2010-2012). Classes without a true box do not count. Errors:
    ArgumentError for an iou outside (0, 1], ShapeError from update for another number of images. Source: torchmetrics'
    MeanAveragePrecision.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import MeanAveragePrecision
    >>> box = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
    >>> metric = MeanAveragePrecision()
    >>> metric.update([{"boxes": box, "scores": torch.tensor([0.9]), "labels": torch.tensor([1])}],
    ...               [{"boxes": box, "labels": torch.tensor([1])}])
    >>> metric.compute()
    1.0
    """

    name = "mAP"

    def __init__(self, iou=0.5):
        if not 0 < iou <= 1:
            raise ArgumentError(f"MeanAveragePrecision: iou must be in (0, 1], got {iou}")
        self.iou = iou
        self.reset()

    def reset(self):
        """Forget what was counted."""
        self.found, self.true = {}, {}  # class -> [(score, right)], class -> number of true boxes

    def update(self, prediction, target):
        """Count the images of one batch. Errors: ShapeError for other numbers of predicted and true images."""
        if len(prediction) != len(target):
            raise ShapeError(f"MeanAveragePrecision: {len(prediction)} predicted images for {len(target)} true ones")
        for predicted, true in zip(prediction, target, strict=True):
            self._image(predicted, true)

    def _image(self, predicted, true):
        labels, truth = predicted["labels"].tolist(), true["labels"].tolist()
        scores = predicted["scores"].tolist()
        for label in truth:
            self.true[label] = self.true.get(label, 0) + 1
        overlaps = []
        if labels and truth:
            from ..vision.ops import box_iou

            overlaps = box_iou(predicted["boxes"].detach(), true["boxes"]).tolist()
        taken = set()
        for i in sorted(range(len(labels)), key=lambda i: -scores[i]):
            rivals = [j for j, label in enumerate(truth) if label == labels[i] and j not in taken]
            best = max(rivals, key=lambda j: overlaps[i][j], default=None)
            right = best is not None and overlaps[i][best] >= self.iou
            if right:
                taken.add(best)
            self.found.setdefault(labels[i], []).append((scores[i], right))

    def compute(self):
        """The mean over the classes that have true boxes; NaN without any."""
        areas = [self._area(sorted(self.found.get(label, []), key=lambda pair: -pair[0]), count)
                 for label, count in self.true.items()]
        return sum(areas) / len(areas) if areas else float("nan")

    @staticmethod
    def _area(found, count):
        """The area under the monotone precision-recall curve of detections by falling score."""
        precision, right = [], 0
        for number, (_, hit) in enumerate(found, 1):
            right += hit
            precision.append(right / number)
        for i in range(len(precision) - 2, -1, -1):
            precision[i] = max(precision[i], precision[i + 1])
        return sum(p for p, (_, hit) in zip(precision, found, strict=True) if hit) / count
