"""The handwritten digits that scikit-learn carries."""

import tensorgrad

from .images import Images


class Digits(Images):
    """1,797 handwritten digits of 8 x 8 pixels with values 0 to 16, from scikit-learn (no download): `data` is uint8 of shape
    [1797, 8, 8], `targets` int64 of shape [1797].

    Errors: ImportError without scikit-learn (extra [demo]). Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten
    Digits, UCI Machine Learning Repository, 1998.

    >>> from tensorgrad.vision.datasets import Digits
    >>> Digits().data.shape
    tensorgrad.Size([1797, 8, 8])
    """

    white = 16

    def __init__(self, transform=None, target_transform=None):
        try:
            from sklearn.datasets import load_digits
        except ImportError:
            raise ImportError("Digits needs scikit-learn: pip install tensorgrad-cpu[demo]") from None
        images, labels = load_digits(return_X_y=True)
        data = tensorgrad.tensor(images.reshape(-1, 8, 8).astype("uint8"))
        super().__init__(data, tensorgrad.tensor(labels.astype("int64")), transform, target_transform)
