"""Training loops with metrics, callbacks and exact resume; summaries, learning-rate and hyper-parameter search, plots."""

from . import plots
from .callbacks import Callback, CSVLog, EarlyStopping, LearningRateMonitor, ModelCheckpoint, TensorBoardLog
from .metrics import (
    Accuracy,
    ConfusionMatrix,
    F1Score,
    MeanAbsoluteError,
    MeanAveragePrecision,
    Metric,
    Precision,
    Recall,
)
from .search import find_lr, log_uniform, random_search
from .summary import Summary, summary
from .trainer import Trainer

__all__ = ["Accuracy", "CSVLog", "Callback", "ConfusionMatrix", "EarlyStopping", "F1Score", "LearningRateMonitor",
           "MeanAbsoluteError", "MeanAveragePrecision", "Metric", "ModelCheckpoint", "Precision", "Recall", "Summary",
           "TensorBoardLog", "Trainer", "find_lr", "log_uniform", "plots", "random_search", "summary"]
