"""The transforms that are held against torchvision: the same text runs with both, which is how the values were stored."""
# ----


def pattern(np):
    """An image of 11 x 14 pixels."""
    y, x, c = np.meshgrid(np.arange(11), np.arange(14), np.arange(3), indexing="ij")
    return ((np.sin(y * 0.9 + c) * np.cos(x * 0.7 - c) * 120 + 128 + (x * y * (c + 1)) % 7).clip(0, 255)).astype("uint8")


def cases(T, v2, torch):
    """name -> transform; each runs on Pillow's image, a uint8 tensor and a batch of floats."""
    F, mode = T.functional, T.InterpolationMode
    color = T.ColorJitter(0.4, (0.5, 1.5), 0.6, 0.2)
    return {
        "hflip": T.RandomHorizontalFlip(), "vflip": T.RandomVerticalFlip(0.6), "center": T.CenterCrop((6, 9)),
        "center_outside": T.CenterCrop((15, 9)), "crop": T.RandomCrop(8), "crop_padded": T.RandomCrop((10, 12), padding=2, fill=9),
        "crop_if_needed": T.RandomCrop(16, pad_if_needed=True, padding_mode="edge"), "resized": T.RandomResizedCrop(7),
        "resized_hard": T.RandomResizedCrop((5, 4), scale=(0.9, 1.0), ratio=(3.0, 4.0)),
        "resize": T.Resize(6), "resize_max": T.Resize(9, max_size=10), "resize_up": T.Resize((20, 17)),
        "resize_nearest": T.Resize((5, 8), mode.NEAREST), "resize_cubic": T.Resize((6, 7), mode.BICUBIC),
        "jitter": color, "jitter_brightness": T.ColorJitter(brightness=0.5), "grey": T.Grayscale(), "grey3": T.Grayscale(3),
        "random_grey": T.RandomGrayscale(0.7), "rotation": T.RandomRotation(40), "rotation_fill": T.RandomRotation((30, 60), fill=50),
        "rotation_expand": T.RandomRotation((20, 25), expand=True), "rotation_center": T.RandomRotation(50, center=(2, 3)),
        "rotate_33": lambda x: F.rotate(x, 33, expand=True),
        "rotation_bilinear": T.RandomRotation((33, 34), mode.BILINEAR),
        "affine": T.RandomAffine(20, (0.2, 0.1), (0.7, 1.3), 10), "affine_shear": T.RandomAffine(0, shear=(-10, 10, -5, 5), fill=3),
        "affine_bilinear": T.RandomAffine((5, 10), interpolation=mode.BILINEAR, center=(4, 4)),
        "perspective": T.RandomPerspective(0.4, 1.0, mode.NEAREST), "perspective_bilinear": T.RandomPerspective(0.4, 1.0),
        "pad": T.Pad((1, 2, 3, 4), 7), "pad_edge": T.Pad((2, 1), padding_mode="edge"), "pad_reflect": T.Pad(3, padding_mode="reflect"),
        "pad_symmetric": T.Pad(3, padding_mode="symmetric"),
        "blur": T.GaussianBlur(3), "blur_wide": T.GaussianBlur((5, 3), (0.5, 1.5)),
        "five": lambda x: T.FiveCrop(6)(x), "ten": lambda x: T.TenCrop((5, 7))(x),
        "apply": T.RandomApply([T.RandomHorizontalFlip(1.0), T.RandomCrop(5)], 0.6),
        "choice": T.RandomChoice([T.CenterCrop(i) for i in range(3, 9)]),
        "invert": T.RandomInvert(), "posterize": T.RandomPosterize(3, 1.0), "solarize": T.RandomSolarize(0.5, 1.0),
        "solarize_bytes": T.RandomSolarize(100, 1.0),
        "sharp": T.RandomAdjustSharpness(2.0, 1.0), "soft": T.RandomAdjustSharpness(0.3, 1.0),
        "autocontrast": T.RandomAutocontrast(1.0), "equalize": T.RandomEqualize(1.0),
        "gamma": lambda x: F.adjust_gamma(x, 0.6, 1.1), "hue": lambda x: F.adjust_hue(x, -0.3),
        "saturation": lambda x: F.adjust_saturation(x, 1.8), "contrast": lambda x: F.adjust_contrast(x, 0.4),
        "erase": T.RandomErasing(1.0, value=(1, 2, 3)), "erase_noise": T.RandomErasing(0.9, value="random"),
        "normalize": T.Normalize((0.4, 0.5, 0.6), (0.2, 0.3, 0.4)),
        "to_tensor": T.Compose([T.ToTensor(), T.Normalize(0.5, 0.5)]), "pil_to_tensor": T.PILToTensor(),
        "noise": v2.GaussianNoise(0.1, 0.2), "half": T.ConvertImageDtype(torch.float64), "bytes": T.ConvertImageDtype(torch.uint8),
        "there_and_back": lambda x: T.ToPILImage()(x if x.ndim == 3 else x[1]),
        "chain": T.Compose([T.RandomResizedCrop(9), T.RandomHorizontalFlip(), color, T.RandomRotation(15)]),
    }
