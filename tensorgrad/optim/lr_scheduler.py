"""Learning rate schedulers: the names of torch.optim.lr_scheduler."""

from typing import SupportsFloat  # what a metric must be

from .lr_policies import ChainedScheduler, CyclicLR, OneCycleLR, ReduceLROnPlateau, SequentialLR
from .lr_schedules import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    InverseTimeLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    PiecewiseConstantLR,
    PolynomialLR,
    StepLR,
)

__all__ = ["ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR",
           "ExponentialLR", "InverseTimeLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR", "MultiplicativeLR",
           "OneCycleLR", "PiecewiseConstantLR", "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR", "SupportsFloat"]
