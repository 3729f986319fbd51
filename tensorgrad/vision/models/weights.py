"""torchvision's trained weights by name: ResNet18_Weights.IMAGENET1K_V1, "IMAGENET1K_V1", "DEFAULT".

A member knows its file, which is fetched when a model is built with it and stays in hub.get_dir(), and the transform that images take
before such a model. The name of each file holds the first digits of its SHA-256 sum, which is checked.
"""

from enum import Enum

from tensorgrad import hub
from tensorgrad._core.errors import ArgumentError

SITE = "https://download.pytorch.org/models/"
# model -> (torchvision's class, the sums of the first and the second version's files; another stem of the files)
FILES = {
    "alexnet": ("AlexNet", "7be5be79", "alexnet-owt"),
    "vgg11": ("VGG11", "8a719046"), "vgg11_bn": ("VGG11_BN", "6002323d"), "vgg13": ("VGG13", "19584684"),
    "vgg13_bn": ("VGG13_BN", "abd245e5"), "vgg16": ("VGG16", "397923af"), "vgg16_bn": ("VGG16_BN", "6c64b313"),
    "vgg19": ("VGG19", "dcbb9e9d"), "vgg19_bn": ("VGG19_BN", "c79401a0"),
    "googlenet": ("GoogLeNet", "1378be20"),
    "resnet18": ("ResNet18", "f37072fd"), "resnet34": ("ResNet34", "b627a593"), "resnet50": ("ResNet50", "0676ba61 11ad3fa6"),
    "resnet101": ("ResNet101", "63fe2227 cd907fc2"), "resnet152": ("ResNet152", "394f9c45 f82ba261"),
    "resnext50_32x4d": ("ResNeXt50_32X4D", "7cdf4587 1a0047aa"), "resnext101_32x8d": ("ResNeXt101_32X8D", "8ba56ff5 110c445d"),
    "resnext101_64x4d": ("ResNeXt101_64X4D", "173b62eb"),
    "wide_resnet50_2": ("Wide_ResNet50_2", "95faca4d 9ba9bcbe"), "wide_resnet101_2": ("Wide_ResNet101_2", "32ee1156 d733dc28"),
    "squeezenet1_0": ("SqueezeNet1_0", "b66bff10"), "squeezenet1_1": ("SqueezeNet1_1", "b8a52dc0"),
    "densenet121": ("DenseNet121", "a639ec97"), "densenet161": ("DenseNet161", "8d451a50"), "densenet169": ("DenseNet169", "b2777c0a"),
    "densenet201": ("DenseNet201", "c1103571"),
    "mobilenet_v2": ("MobileNet_V2", "b0353104 7ebf99e0"),
}


class WeightsEnum(Enum):
    """The base of all <model>_Weights; the value of a member is (address, pixels of the shorter side before cropping).

    >>> from tensorgrad.vision import models
    >>> models.ResNet50_Weights.DEFAULT, models.ResNet50_Weights["IMAGENET1K_V1"].url
    (ResNet50_Weights.IMAGENET1K_V2, 'https://download.pytorch.org/models/resnet50-0676ba61.pth')
    """

    @property
    def url(self):
        """The address of the file.

        >>> from tensorgrad.vision.models import AlexNet_Weights
        >>> AlexNet_Weights.DEFAULT.url
        'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth'
        """
        return self.value[0]

    def transforms(self, crop_size=224):
        """The transform of images before the model: resize, crop the middle, normalise by ImageNet's means and deviations. Errors:
        ValueError for a crop_size of other than one or two numbers.

        >>> from tensorgrad import zeros
        >>> from tensorgrad.vision.models import AlexNet_Weights
        >>> AlexNet_Weights.DEFAULT.transforms()(zeros(3, 300, 400)).shape
        tensorgrad.Size([3, 224, 224])
        """
        from tensorgrad.vision import transforms as T

        return T.Compose([T.Resize(self.value[1]), T.CenterCrop(crop_size), T.Lambda(as_float),
                          T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])

    def get_state_dict(self, *args, progress=True, check_hash=True, **kwargs):
        """The weights, fetched unless they are in hub.get_dir() already. Errors: OSError without a connection, FileFormatError for a
        file with another sum.

        >>> import os, tempfile, tensorgrad
        >>> from tensorgrad.vision.models import ResNet18_Weights
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     tensorgrad.hub.set_dir(folder)
        ...     os.mkdir(f"{folder}/checkpoints")
        ...     tensorgrad.save({"w": tensorgrad.ones(2)}, f"{folder}/checkpoints/resnet18-f37072fd.pth")
        ...     ResNet18_Weights.DEFAULT.get_state_dict()
        {'w': tensor([1., 1.])}
        >>> tensorgrad.hub.CHOSEN.clear()  # the usual folder again
        """
        return hub.load_state_dict_from_url(self.url, progress=progress, check_hash=check_hash)

    def __repr__(self):
        return f"{type(self).__name__}.{self.name}"


def as_float(image):
    """An image of any kind as a float tensor in [0, 1]."""
    import tensorgrad
    from tensorgrad.vision.transforms import functional as TF

    tensor = image if isinstance(image, tensorgrad.Tensor) else TF.pil_to_tensor(image)
    return TF.convert_image_dtype(tensor, tensorgrad.float32)


def enumeration(name, kind, sums, stem=None):
    """The class of one model's weights."""
    versions = [(f"IMAGENET1K_V{n}", (f"{SITE}{stem or name}-{digits}.pth", 232 if n == 2 or name == "resnext101_64x4d" else 256))
                for n, digits in enumerate(sums.split(), 1)]
    found = WeightsEnum(f"{kind}_Weights", [*versions, ("DEFAULT", versions[-1][1])], module=__name__)
    found.__doc__ = f"""The published weights of {name}: for images of shape (N, 3, 224, 224), scores of ImageNet's 1,000 classes.

    Errors: KeyError for the name of another version; see get_state_dict. Source: torchvision.models.{kind}_Weights.

    >>> from tensorgrad.vision.models import {kind}_Weights
    >>> {kind}_Weights.DEFAULT
    {found.DEFAULT!r}
    """
    return found


ENUMS = {name: enumeration(name, *facts) for name, facts in FILES.items()}
globals().update({enum.__name__: enum for enum in ENUMS.values()})
__all__ = [enum.__name__ for enum in ENUMS.values()]


def get_model_weights(name):
    """The class of the weights of a model, by its name or builder. Errors: ArgumentError for a name that is unknown. Source:
    torchvision.models.get_model_weights.

    >>> from tensorgrad.vision import models
    >>> models.get_model_weights("resnet18")
    <enum 'ResNet18_Weights'>
    """
    name = getattr(name, "__name__", name)
    if name not in ENUMS:
        raise ArgumentError(f"get_model_weights: no trained weights of {name!r}, only of {', '.join(ENUMS)}")
    return ENUMS[name]


def get_weight(name):
    """The member of that full name, such as "ResNet50_Weights.IMAGENET1K_V2". Errors: ArgumentError for a name that is unknown.
    Source: torchvision.models.get_weight.

    >>> from tensorgrad.vision import models
    >>> models.get_weight("VGG16_Weights.DEFAULT")
    VGG16_Weights.IMAGENET1K_V1
    """
    kind, _, member = str(name).partition(".")
    for enum in ENUMS.values():
        if enum.__name__ == kind and member in enum.__members__:
            return enum[member]
    raise ArgumentError(f"get_weight: no weights {name!r}")
