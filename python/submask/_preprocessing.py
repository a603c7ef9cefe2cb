"""A task file's preprocessing, of what other libraries say of theirs (include/submask/preprocessing.h has the words):

    timm            resolve_data_config(), or a model's pretrained_cfg
    torchvision     weights.transforms(), and a Compose of a resize, a centre crop and a normalisation, which is what
                    open_clip's preprocess and timm's create_transform() are as well
    transformers    an image processor, or its to_dict()

None of these is imported here: their objects are known by what they have. What a task file cannot say is refused by
its name, as src/backbone/preprocessing_config.cpp refuses it in files.
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, Mapping, Optional

from submask._error import invalid

Steps = Dict[str, Any]

# timm's crop_mode; "center" resizes the shorter side, which a task file does not have to say.
_crop_modes: Dict[str, Optional[str]] = {"center": None, "squash": "squash", "border": "border"}
# Pillow's numbers, which transformers has.
_resamples = {2: "bilinear", 3: "bicubic"}
# Steps of a Compose that change no pixel but its type and range.
_plain_steps = (
    "ToTensor",
    "MaybeToTensor",
    "PILToTensor",
    "MaybePILToTensor",
    "ToImage",
    "ToDtype",
    "ConvertImageDtype",
    "MaybeConvertMode",  # to RGB: open_clip's
)
# Steps of image processors that a task file cannot say.
_unknown_flags = ("do_flip_channel_order", "do_pad", "do_thumbnail", "do_align_long_axis", "rescale_offset")
_unknown_processors = ("EfficientNet", "Levit", "PoolFormer")
_smallest_warped = 384  # ConvNextImageProcessor's


def preprocessing_of(config: Any) -> Steps:
    """A task file's preprocessing of anything above, or of its own form, which stays as it is. Raises InvalidArgument
    for what it cannot carry."""
    if isinstance(config, Mapping):
        if "crop_share" in config:
            return dict(config)
        return _of_processor(config) if "image_mean" in config or "do_resize" in config else _of_timm(config)
    if hasattr(config, "transforms"):
        return _of_compose(list(config.transforms))
    if hasattr(config, "crop_size") and hasattr(config, "resize_size"):
        return _of_preset(config)
    if hasattr(config, "image_mean") and callable(getattr(config, "to_dict", None)):
        said = {"image_processor_type": type(config).__name__, **config.to_dict()}
        return _of_processor(said)
    raise invalid(
        "preprocessing of timm (resolve_data_config()), torchvision (weights.transforms()), transformers (an image "
        "processor) or a task file",
        type(config).__name__,
    )


def _side(name: str, size: Any) -> int:
    """The side of a square, given as a number, a list or a mapping of height and width."""
    if isinstance(size, Mapping):
        size = [size.get("height"), size.get("width")]
    sides = [size] if isinstance(size, int) else list(size)
    if not sides or len(set(sides)) != 1 or not isinstance(sides[0], int) or sides[0] < 1:
        raise invalid(f"a square {name}", size)
    return sides[0]


def _interpolation(name: str, value: Any) -> str:
    value = getattr(value, "value", value)  # torchvision's InterpolationMode
    word = _resamples.get(value, value) if isinstance(value, int) else value
    if word not in _resamples.values():
        raise invalid(f"{name} that is bicubic or bilinear", word)
    return str(word)


def _colours(name: str, values: Any) -> List[float]:
    colours = [float(value) for value in values]
    if len(colours) != 3:
        raise invalid(f"{name} of red, green and blue", values)
    return colours


def _crop_share(input_size: int, resized: int) -> float:
    """The share for which input_size / share, rounded down, is `resized`."""
    if resized < input_size:
        raise invalid("a crop inside the resized image", f"{input_size} of {resized}")
    share = input_size / resized
    while math.floor(input_size / share) < resized:
        share = math.nextafter(share, 0.0)
    return share


def _of_timm(config: Mapping[str, Any]) -> Steps:
    try:
        size, mode = config["input_size"], config.get("crop_mode", "center")
        if mode not in _crop_modes:
            raise invalid(f"a crop_mode: {', '.join(_crop_modes)}", repr(mode))
        if config.get("crop_border_pixels"):
            raise invalid("no crop_border_pixels", config["crop_border_pixels"])
        result: Steps = {
            "input_size": _side("input_size", size if isinstance(size, int) else size[-2:]),
            "crop_share": float(config["crop_pct"]),
            "interpolation": _interpolation("an interpolation", config["interpolation"]),
            "mean": _colours("mean", config["mean"]),
            "std": _colours("std", config["std"]),
        }
    except KeyError as missing:
        raise invalid(
            "preprocessing with input_size, crop_pct, interpolation, mean and std", f"none of {missing}"
        ) from None
    if _crop_modes[mode] is not None:
        result["resize"] = _crop_modes[mode]
    if mode == "border":
        result["fill"] = [round(255 * min(max(value, 0.0), 1.0)) for value in result["mean"]]
    return result


def _of_preset(preset: Any) -> Steps:
    """torchvision's ImageClassification."""
    size = _side("crop_size", preset.crop_size)
    if preset.antialias is False:
        raise invalid("a resize with antialias", "one without")
    return {
        "input_size": size,
        "crop_share": _crop_share(size, _side("resize_size", preset.resize_size)),
        "interpolation": _interpolation("an interpolation", preset.interpolation),
        "mean": _colours("mean", preset.mean),
        "std": _colours("std", preset.std),
    }


def _of_compose(steps: List[Any]) -> Steps:
    result: Steps = {"mean": [0.0] * 3, "std": [1.0] * 3}
    resized: Optional[int] = None
    for step in steps:
        kind = type(step).__name__
        if kind == "Resize" and resized is None and "input_size" not in result:
            if getattr(step, "max_size", None) is not None or getattr(step, "antialias", True) is False:
                raise invalid("a Resize with antialias and without max_size", step)
            # One number is the shorter side; two are both, whatever the image's proportion.
            if not isinstance(step.size, int) and len(step.size) == 2:
                result["resize"] = "squash"
            resized = _side("size of Resize", step.size)
            result["interpolation"] = _interpolation("an interpolation of Resize", step.interpolation)
        elif kind == "CenterCrop" and resized is not None and "input_size" not in result:
            result["input_size"] = _side("size of CenterCrop", step.size)
        elif kind == "Normalize":
            result["mean"], result["std"] = _colours("mean", step.mean), _colours("std", step.std)
        elif kind not in _plain_steps and getattr(step, "__name__", "") != "_convert_to_rgb":
            raise invalid("a Compose of Resize, CenterCrop and Normalize", f"the step {step}")
    if resized is None or ("input_size" not in result and "resize" not in result):
        raise invalid("a Compose with a Resize to a square, or a Resize and a CenterCrop", "one without")
    result.setdefault("input_size", resized)
    return {**result, "crop_share": _crop_share(result["input_size"], resized)}


def _of_processor(said: Mapping[str, Any]) -> Steps:
    """transformers' image processors, which cut out the centre with halves rounded down."""
    kind = str(said.get("image_processor_type") or "")
    for other in _unknown_processors:
        if kind.startswith(other):
            raise invalid("an image processor whose steps are known", kind)
    for flag in _unknown_flags:
        if said.get(flag):
            raise invalid(f"an image processor without {flag}", kind or "one with it")
    result = {**_geometry(said, kind.startswith("ConvNext")), **_values(said)}
    result["interpolation"] = _interpolation("a resample", said.get("resample"))
    return result


def _geometry(said: Mapping[str, Any], is_convnext: bool) -> Steps:
    crop = None
    if said.get("do_center_crop", said.get("crop_size") is not None):
        crop = _side("crop_size", said["crop_size"])
    if not said.get("do_resize", True):
        if crop is None:
            raise invalid("do_resize, or a centre crop", "neither")
        return {"input_size": crop, "crop_share": 1.0, "resize": "none", "crop_offset": "down"}
    size = said["size"]
    size = {"shortest_edge": size} if isinstance(size, int) else dict(size)
    is_square = "shortest_edge" not in size
    if "longest_edge" in size:
        raise invalid("a size of shortest_edge, or of height and width", size)
    pixels = _side("size", size if is_square else size["shortest_edge"])
    result: Steps = {"input_size": crop or pixels, "crop_offset": "down"}
    crops_by_share = is_convnext or said.get("crop_pct") is not None
    if is_square or (crop is None and crops_by_share and pixels >= _smallest_warped):
        result["resize"] = "squash"
    if crop is not None or is_square or "resize" in result:
        result["crop_share"] = _crop_share(result["input_size"], pixels)
    elif crops_by_share:
        result["crop_share"] = float(said.get("crop_pct") or 224 / 256)
    else:
        raise invalid("a square size, or a centre crop of the shorter side", size)
    return result


def _values(said: Mapping[str, Any]) -> Steps:
    """x * factor, less the mean, over the deviation, as one step on x / 255."""
    mean, std = [0.0] * 3, [1.0] * 3
    if said.get("do_normalize", True):
        mean, std = _colours("image_mean", said["image_mean"]), _colours("image_std", said["image_std"])
    factor = said.get("rescale_factor", 1 / 255) if said.get("do_rescale", True) else 1.0
    scale = factor * 255
    if abs(scale - 1) < 1e-9:
        return {"mean": mean, "std": std}
    return {"mean": [value / scale for value in mean], "std": [value / scale for value in std]}
