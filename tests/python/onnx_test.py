"""Tasks as ONNX files, which onnxruntime runs."""

import importlib.util
import os
import unittest
import warnings

import numpy as np
import torch

import submask
from files import GOLDEN, InAFolder
from networks import Attention, pretrained_resnet20


def has_onnx():
    return all(importlib.util.find_spec(package) for package in ("onnx", "onnxruntime", "onnxscript"))


def export_base(model, path):
    """A network as an exporter writes it that folds nothing."""
    names = {"input_names": ["images"], "output_names": ["logits"], "dynamic_axes": {"images": {0: "batch"}}}
    preserve = torch.onnx.TrainingMode.PRESERVE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"dynamo": False, "training": preserve, "do_constant_folding": False, **names}
        torch.onnx.export(model.eval(), (torch.zeros(2, 3, 32, 32),), path, **options)


@unittest.skipUnless(has_onnx(), "no onnx, onnxruntime and onnxscript")
class Onnx(InAFolder):
    def setUp(self):
        super().setUp()
        torch.manual_seed(0)
        self.images = torch.randn(5, 3, 32, 32)
        self.task = GOLDEN / "embedded_small.task"
        model = pretrained_resnet20().eval()
        with submask.task(model, self.task), torch.no_grad():
            self.expected = model(self.images).numpy()

    def answers(self, path):
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path))
        return session.run(None, {"images": self.images.numpy()})[0]

    def test_exports_a_model_with_a_task(self):
        model = pretrained_resnet20().train()
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        submask.export_onnx(model, self.task, self.folder / "task.onnx")
        np.testing.assert_allclose(self.answers(self.folder / "task.onnx"), self.expected, rtol=1e-4, atol=1e-4)
        self.assertTrue(model.training)
        for name, tensor in model.state_dict().items():
            self.assertTrue(torch.equal(tensor, before[name]), name)
        self.assertEqual(os.listdir(self.folder), ["task.onnx"])

    def test_applies_a_task_to_a_file(self):
        base = self.folder / "base.onnx"
        export_base(pretrained_resnet20(), str(base))
        unmasked = self.answers(base)
        submask.apply_to_onnx(base, self.task, self.folder / "task.onnx", head="linear")
        np.testing.assert_allclose(self.answers(self.folder / "task.onnx"), self.expected, rtol=1e-4, atol=1e-4)
        self.assertGreater(np.abs(unmasked - self.expected).max(), 0.1)
        np.testing.assert_array_equal(self.answers(base), unmasked)

    def test_a_head_of_other_classes(self):
        base = self.folder / "base.onnx"
        export_base(pretrained_resnet20(), str(base))
        torch.manual_seed(1)
        model = pretrained_resnet20()
        model.linear = torch.nn.Linear(64, 3)
        optimizer = submask.MaskSGD(submask.param_groups(model), score_start="normal", score_mean=0.1, score_std=0.1)
        settings = {"classes": list("abc"), "backbone": "resnet20", "head_form": "exact", "statistics": "exact"}
        described = submask.load_task(self.task).preprocessing
        task = submask.save_task(
            model, optimizer, self.folder / "abc.task", head=model.linear, preprocessing=described, **settings
        )
        submask.apply_to_onnx(base, task, self.folder / "abc.onnx", head="linear")
        with torch.no_grad():
            expected = model.eval()(self.images).numpy()
        np.testing.assert_allclose(self.answers(self.folder / "abc.onnx"), expected, rtol=1e-4, atol=1e-4)

    def test_refusals_write_nothing(self):
        base = self.folder / "base.onnx"
        export_base(pretrained_resnet20(), str(base))
        other = self.folder / "other.onnx"
        changed = pretrained_resnet20()
        with torch.no_grad():
            changed.conv1.weight.mul_(2)
        export_base(changed, str(other))
        (self.folder / "no.onnx").write_bytes(b"no network")
        out = self.folder / "out.onnx"
        for source, head, kind, line in (
            (other, None, submask.InvalidArgument, "expected resnet20 with weights"),
            (base, "fc", submask.InvalidArgument, "expected fc.weight of a classifier of 64 features, got none"),
            (self.folder / "nowhere.onnx", None, submask.FileError, "nowhere.onnx"),
            (self.folder / "no.onnx", None, submask.CorruptFile, "expected an ONNX file"),
        ):
            with self.assertRaisesRegex(kind, line):
                submask.apply_to_onnx(source, self.task, out, head=head)
        with self.assertRaises(submask.InvalidArgument):
            submask.export_onnx(Attention(), self.task, out)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
