"""What other libraries say of their preprocessing, as a task file says it. Objects here have what theirs have;
tests/reference/check_python_preprocessing.py asks the libraries themselves. Needs no torch."""

import types
import unittest

import submask
from submask._preprocessing import preprocessing_of

MEAN, STD = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3]
COLOURS = {"mean": MEAN, "std": STD}


def made_of(kind, values):
    """An object of a class of this name, with these attributes."""
    made = type(kind, (), {"__repr__": lambda self: kind})()
    made.__dict__.update(values)
    return made


def preset(**changes):
    """torchvision's ImageClassification."""
    bilinear = types.SimpleNamespace(value="bilinear")
    values = {"crop_size": [224], "resize_size": [256], "interpolation": bilinear, "antialias": True, **COLOURS}
    return made_of("ImageClassification", {**values, **changes})


def compose(*steps):
    return made_of("Compose", {"transforms": list(steps)})


def processor(kind="ViTImageProcessor", **changes):
    values = {"do_resize": True, "size": {"height": 224, "width": 224}, "resample": 2, "do_rescale": True}
    values.update(rescale_factor=1 / 255, do_normalize=True, image_mean=MEAN, image_std=STD)
    values.update(changes)
    return made_of(kind, {**values, "to_dict": lambda: dict(values)})


class Preprocessing(unittest.TestCase):
    def refused(self, pattern, config):
        with self.assertRaisesRegex(submask.InvalidArgument, pattern):
            preprocessing_of(config)

    def test_timm(self):
        timm = {"input_size": (3, 224, 224), "interpolation": "bicubic", "crop_pct": 0.95, **COLOURS}
        expected = {"input_size": 224, "crop_share": 0.95, "interpolation": "bicubic", **COLOURS}
        self.assertEqual(preprocessing_of({**timm, "crop_mode": "center"}), expected)
        self.assertEqual(preprocessing_of({**timm, "crop_mode": "squash"}), {**expected, "resize": "squash"})
        border = {**expected, "resize": "border", "fill": [102, 128, 153]}  # the mean colour
        self.assertEqual(preprocessing_of({**timm, "crop_mode": "border"}), border)
        self.assertEqual(preprocessing_of(expected), expected)
        self.refused("a square input_size", {**timm, "input_size": (3, 224, 192)})
        self.refused("that is bicubic or bilinear, got nearest", {**timm, "interpolation": "nearest"})
        self.refused("a crop_mode: center, squash, border, got 'tile'", {**timm, "crop_mode": "tile"})
        self.refused("no crop_border_pixels, got 4", {**timm, "crop_border_pixels": 4})
        self.refused("got none of 'crop_pct'", {"input_size": 32})

    def test_torchvisions_presets(self):
        found = preprocessing_of(preset())
        self.assertEqual(found, {"input_size": 224, "crop_share": 0.875, "interpolation": "bilinear", **COLOURS})
        for crop, resized in ((240, 255), (380, 384), (288, 288), (299, 342), (475, 513)):
            share = preprocessing_of(preset(crop_size=[crop], resize_size=[resized]))["crop_share"]
            self.assertEqual(int(crop / share), resized)
            self.assertAlmostEqual(share, crop / resized, delta=1e-9)
        self.refused("with antialias, got one without", preset(antialias=False))
        self.refused("a crop inside the resized image, got 256 of 224", preset(crop_size=[256], resize_size=[224]))
        self.refused("bicubic or bilinear, got nearest", preset(interpolation=types.SimpleNamespace(value="nearest")))

    def test_composed_steps(self):
        resize = made_of("Resize", {"size": 256, "interpolation": "bicubic", "max_size": None, "antialias": True})
        crop = made_of("CenterCrop", {"size": (224, 224)})
        normalise = made_of("Normalize", {"mean": MEAN, "std": STD})
        tensor = made_of("ToTensor", {})

        def _convert_to_rgb(image):  # open_clip's step of this name
            return image

        expected = {"input_size": 224, "crop_share": 0.875, "interpolation": "bicubic", **COLOURS}
        self.assertEqual(preprocessing_of(compose(resize, crop, _convert_to_rgb, tensor, normalise)), expected)
        square = made_of("Resize", {"size": [224, 224], "interpolation": "bicubic"})
        squash = {**expected, "crop_share": 1.0, "resize": "squash"}
        self.assertEqual(preprocessing_of(compose(square, tensor, normalise)), squash)
        values = {"mean": [0.0] * 3, "std": [1.0] * 3}
        self.assertEqual(preprocessing_of(compose(resize, crop, tensor)), {**expected, **values})
        self.refused("got the step GaussianBlur", compose(resize, made_of("GaussianBlur", {}), crop, tensor))
        self.refused("got the step CenterCrop", compose(crop, resize, tensor))
        self.refused("a Resize to a square, or a Resize and a CenterCrop", compose(resize, tensor))
        self.refused("a Resize to a square, or a Resize and a CenterCrop", compose(tensor, normalise))
        long = made_of("Resize", {"size": 256, "interpolation": "bicubic", "max_size": 512})
        self.refused("without max_size", compose(long, crop))

    def test_image_processors(self):
        expected = {"input_size": 224, "crop_share": 1.0, "interpolation": "bilinear", **COLOURS}
        down = {**expected, "crop_offset": "down"}
        self.assertEqual(preprocessing_of(processor()), {**down, "resize": "squash"})
        self.assertEqual(preprocessing_of(processor().to_dict()), {**down, "resize": "squash"})
        cropped = {"size": {"shortest_edge": 256}, "do_center_crop": True, "crop_size": {"height": 224, "width": 224}}
        found = preprocessing_of(processor("BitImageProcessor", **cropped, resample=3))
        self.assertEqual(found, {**down, "crop_share": 0.875, "interpolation": "bicubic"})
        by_share = {"size": {"shortest_edge": 224}, "crop_pct": 0.875}
        small = preprocessing_of(processor("ConvNextImageProcessor", **by_share))
        self.assertEqual(small, {**down, "crop_share": 0.875})
        large = preprocessing_of(processor("ConvNextImageProcessor", size={"shortest_edge": 384}, crop_pct=0.875))
        self.assertEqual(large, {**down, "input_size": 384, "resize": "squash"})
        only_cropped = processor(do_resize=False, do_center_crop=True, crop_size={"height": 224, "width": 224})
        self.assertEqual(preprocessing_of(only_cropped), {**down, "resize": "none"})
        halved = preprocessing_of(processor(rescale_factor=2 / 255))
        self.assertEqual(halved["mean"], [value / 2 for value in MEAN])
        plain = preprocessing_of(processor(do_normalize=False))
        self.assertEqual((plain["mean"], plain["std"]), ([0.0] * 3, [1.0] * 3))

    def test_image_processors_of_unknown_steps(self):
        self.refused("bicubic or bilinear, got 1", processor(resample=1))
        self.refused("without do_pad, got ViTImageProcessor", processor(do_pad=True))
        self.refused("without do_flip_channel_order", processor(do_flip_channel_order=True))
        self.refused("whose steps are known, got EfficientNetImageProcessor", processor("EfficientNetImageProcessor"))
        self.refused("a square size", processor(size={"height": 224, "width": 192}))
        self.refused("or a centre crop of the shorter side", processor(size={"shortest_edge": 224}))
        two_edges = {"shortest_edge": 224, "longest_edge": 512}
        self.refused("shortest_edge, or of height and width", processor(size=two_edges))
        self.refused("red, green and blue", processor(image_mean=[0.5]))
        self.refused("preprocessing of timm .* got object", object())


if __name__ == "__main__":
    unittest.main()
