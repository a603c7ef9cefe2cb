"""Writes tests/golden/data/preprocessing.json: configurations of timm, transformers and open_clip, and what these
libraries make of seeded noise by them: SHA-256 of uint8 [3, S, S] before values are scaled, and some scaled values.

    python make_preprocessing.py      (needs timm, transformers, open_clip, torchvision, Pillow, numpy)
"""

import json

import numpy as np
import open_clip
import PIL
import timm
import timm.data
import torch
import transformers
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_clip import CLIPImageProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from make_images import FOLDER, digest, noise

SIZES = [(40, 22), (22, 41), (33, 33), (17, 16), (90, 31), (64, 7)]
MEAN, STD = [0.5, 0.25, 0.125], [0.25, 0.5, 0.75]


def timm_cases():
    base = {"input_size": [3, 24, 24], "interpolation": "bicubic", "crop_pct": 0.9, "mean": MEAN, "std": STD}
    for changes in ({}, {"crop_mode": "center"}, {"crop_mode": "squash"}, {"crop_mode": "squash", "crop_pct": 1.0},
                    {"crop_mode": "border"}, {"crop_mode": "border", "crop_pct": 1.0, "interpolation": "bilinear"},
                    {"crop_mode": "border", "crop_pct": 0.5}):
        config = base | changes
        options = timm.data.resolve_data_config(pretrained_cfg=config)
        steps = timm.data.create_transform(**options, normalize=False)
        values = timm.data.create_transform(**options)
        yield "timm", {"pretrained_cfg": config}, steps, values


PROCESSORS = {"ViTImageProcessor": ViTImageProcessorPil, "ViTFeatureExtractor": ViTImageProcessorPil,
              "DeiTImageProcessor": DeiTImageProcessorPil, "BitImageProcessor": BitImageProcessorPil,
              "CLIPImageProcessor": CLIPImageProcessorPil, "ConvNextImageProcessor": ConvNextImageProcessorPil}


def transformers_cases():
    colours = {"image_mean": MEAN, "image_std": STD}
    crop = {"do_center_crop": True, "crop_size": {"height": 24, "width": 24}}
    for kind, fields in (
            ("ViTImageProcessor", {"size": {"height": 24, "width": 24}, "resample": 2}),
            ("ViTFeatureExtractor", {"size": 24, "resample": 3}),
            ("ViTImageProcessor", {"size": {"height": 24, "width": 24}, "do_rescale": False, "resample": 2}),
            ("ViTImageProcessor", {"size": {"height": 24, "width": 24}, "do_normalize": False, "resample": 2}),
            ("ViTImageProcessor", {"size": {"height": 24, "width": 24}, "rescale_factor": 0.0078125, "resample": 2}),
            ("DeiTImageProcessor", {"size": {"height": 27, "width": 27}, "resample": 3, **crop}),
            ("BitImageProcessor", {"size": {"shortest_edge": 27}, "resample": 3, **crop}),
            ("BitImageProcessor", {"size": {"shortest_edge": 30}, "resample": 2, **crop}),
            ("CLIPImageProcessor", {"size": 25, "resample": 3, "do_center_crop": True, "crop_size": 24}),
            ("CLIPImageProcessor", {"do_resize": False, "resample": 3, **crop}),
            ("ConvNextImageProcessor", {"size": {"shortest_edge": 24}, "crop_pct": 0.875, "resample": 3}),
            ("ConvNextImageProcessor", {"size": 24, "resample": 3}),
            ("ConvNextImageProcessor", {"size": {"shortest_edge": 384}, "crop_pct": 0.875, "resample": 3})):
        config = {"image_processor_type": kind, **colours, **fields}
        if kind == "ViTFeatureExtractor":
            config["feature_extractor_type"] = config.pop("image_processor_type")
        settings = {key: value for key, value in config.items() if not key.endswith("_type")}
        # Pillow resizes as this library does. Where nothing is resized, transformers' usual processor differs from
        # its one for Pillow in where it puts an odd pixel of the border.
        processor = (PROCESSORS[kind] if settings.get("do_resize", True) else CLIPImageProcessor)(**settings)

        def steps(image, processor=processor):
            return processor(image, do_rescale=False, do_normalize=False)["pixel_values"][0]

        def values(image, processor=processor):
            return processor(image)["pixel_values"][0]

        yield "transformers", config, steps, values


def open_clip_cases():
    for changes in ({"resize_mode": "shortest"}, {"resize_mode": "squash"}, {"resize_mode": "longest"},
                    {"resize_mode": "longest", "fill_color": 77, "interpolation": "bilinear"}):
        config = {"size": 24, "mode": "RGB", "mean": MEAN, "std": STD, "interpolation": "bicubic", **changes}
        plain = image_transform_v2(PreprocessCfg(**config | {"mean": (0, 0, 0), "std": (1, 1, 1)}), is_train=False)
        values = image_transform_v2(PreprocessCfg(**config), is_train=False)
        yield "open_clip", {"preprocess_cfg": config}, lambda image, plain=plain: plain(image) * 255, values


def main():
    cases = []
    for library, config, steps, values in [*timm_cases(), *transformers_cases(), *open_clip_cases()]:
        images = []
        for width, height in SIZES:
            image = Image.fromarray(noise(79, height, width))
            pixels = np.rint(np.asarray(steps(image), np.float64)).astype(np.uint8)
            scaled = np.asarray(values(image), np.float32).reshape(3, -1)
            images.append({"width": width, "height": height, "input_size": pixels.shape[-1], "pixels": digest(pixels)[:16],
                           "values": [float(channel[5]) for channel in scaled]})
        cases.append({"library": library, "config": config, "images": images})
    made_by = {module.__name__: module.__version__ for module in (timm, transformers, open_clip, PIL, torch)}
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FOLDER / "preprocessing.json").write_text(f'{{"made_by": {json.dumps(made_by)},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
