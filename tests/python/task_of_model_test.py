"""Tasks between Python and the program: what one learned, the other applies, with equal logits."""

import json
import os
import re
import subprocess
import sys
import threading
import unittest

import numpy as np
import torch
from torch import nn

import submask
from submask._scores import Random
from files import GOLDEN, InAFolder, PROGRAM, RESNET20, ROOT, write_png
from networks import Attention, load, OfTransformers, pretrained_resnet20, ResNet20

sys.path.insert(0, str(ROOT / "tools"))
from task_reader.tensor_file import read_tensors  # noqa: E402

CIFAR = {
    "input_size": 32,
    "crop_share": 1.0,
    "interpolation": "bicubic",
    "mean": [0.5, 0.4, 0.3],
    "std": [0.2, 0.3, 0.4],
}
CLASSES = ["one", "two", "three"]


def run(*words):
    # One thread: on a busy machine more of OpenMP's wait for each other.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    words = [PROGRAM, *map(str, words), "--json", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def run_version():
    """Of the program's LibTorch."""
    done = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True, text=True)
    return re.search(r"LibTorch ([0-9.]+)", done.stdout).group(1)


def learned(steps=3, **options):
    """A resnet20 that has learned a mask, statistics and a head of three classes on noise, and its optimiser."""
    torch.manual_seed(2)
    model = pretrained_resnet20()
    model.linear = nn.Linear(64, 3)
    masks = submask.param_groups(model, random_share=options.pop("random_share", 1.0))
    groups = [*masks, {"params": model.linear.parameters(), "lr": 0.1}]
    start = {"score_start": "normal", "score_mean": 0.15, "score_std": 0.1}
    optimizer = submask.MaskSGD(groups, lr=1, **{**start, **options})
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(torch.randn(16, 3, 32, 32)), torch.randint(0, 3, (16,))).backward()
        optimizer.step()
    return model.eval(), optimizer


def save(model, optimizer, path, **options):
    settings = {"classes": CLASSES, "preprocessing": CIFAR, "backbone": "resnet20", **options}
    settings.setdefault("head", getattr(model, "linear", None))
    return submask.save_task(model, optimizer, path, **settings)


def storages(model):
    return {name: (tensor.clone(), tensor.data_ptr()) for name, tensor in model.state_dict().items()}


class TasksOfModels(InAFolder):
    def setUp(self):
        super().setUp()
        torch.manual_seed(0)
        self.images = torch.randn(4, 3, 32, 32)

    def assert_untouched(self, model, before):
        self.assertEqual(list(model.state_dict()), list(before))
        for name, tensor in model.state_dict().items():
            self.assertTrue(torch.equal(tensor, before[name][0]) and tensor.data_ptr() == before[name][1], name)

    def test_what_is_saved_is_what_was_learned(self):
        for criterion in ("threshold", "topk", "flip"):
            with self.subTest(criterion):
                model, optimizer = learned(criterion=criterion)
                path = self.folder / f"{criterion}.task"
                exact = {
                    "statistics": "exact",
                    "head_form": "exact",
                    "provenance": {"made by": "a test"},
                    "licence": "CC0",
                }
                task = save(model, optimizer, path, **exact)
                self.assertEqual(task.classes, CLASSES)
                self.assertEqual(task.preprocessing, CIFAR)
                self.assertEqual(task.description["provenance"], {"made by": "a test"})
                self.assertEqual(task.description["criterion"], criterion)
                self.assertGreater(task.description["masked_fraction"], 0.05)
                other = pretrained_resnet20().eval()
                before = storages(other)
                pretrained_logits = other(self.images)
                with submask.task(other, path):
                    self.assertTrue(torch.equal(other(self.images), model(self.images)))
                    self.assertEqual(other.linear.out_features, 3)
                    with self.assertRaisesRegex(submask.InvalidArgument, "not masked yet"):
                        submask.apply(other, path)
                    with self.assertRaisesRegex(submask.InvalidArgument, "not masked yet"):
                        submask.param_groups(other)
                self.assert_untouched(other, before)
                self.assertEqual(other.linear.out_features, 10)
                self.assertTrue(torch.equal(other(self.images), pretrained_logits))

    def test_undone_after_an_error_too(self):
        model, optimizer = learned()
        save(model, optimizer, self.folder / "a.task")
        other = pretrained_resnet20()
        before = storages(other)
        with self.assertRaises(KeyboardInterrupt), submask.task(other, self.folder / "a.task"):
            raise KeyboardInterrupt
        self.assert_untouched(other, before)

    def test_switches_among_tasks(self):
        expected = {}
        for seed in range(3):
            model, optimizer = learned(seed=seed)
            save(model, optimizer, self.folder / f"{seed}.task", statistics="exact", head_form="exact")
            with torch.no_grad():
                expected[seed] = model(self.images)
        other = pretrained_resnet20().eval()
        before = storages(other)
        switch = submask.Switch(other, keep=2)
        for seed in (0, 1, 0, 2, 1, 1, 0):
            switch.switch(self.folder / f"{seed}.task")
            self.assertTrue(torch.equal(other(self.images), expected[seed]))
        bound = storages(other)
        (self.folder / "cut.task").write_bytes((self.folder / "0.task").read_bytes()[:-9])
        with self.assertRaises(submask.CorruptFile):
            switch.switch(self.folder / "cut.task")
        self.assert_untouched(other, bound)
        switch.undo()
        self.assert_untouched(other, before)

    def test_nothing_of_another_networks_task_is_applied(self):
        model, optimizer = learned()
        save(model, optimizer, self.folder / "a.task")
        torch.manual_seed(9)
        for other in (ResNet20(), Attention()):
            before = storages(other)
            with self.assertRaises(submask.InvalidArgument):
                submask.apply(other, self.folder / "a.task")
            self.assert_untouched(other, before)
        for head, got in (("conv1", "Conv2d"), ("nowhere", "'nowhere'"), (nn.Linear(64, 3), "Linear")):
            model = pretrained_resnet20()
            with self.assertRaisesRegex(
                submask.InvalidArgument, f"torch.nn.Linear with a bias and 64 inputs.*got {re.escape(got)}"
            ):
                submask.apply(model, self.folder / "a.task", head=head)
            submask.param_groups(model)  # which a masked model would refuse

    def test_all_that_differs_is_told(self):
        narrow = pretrained_resnet20()
        narrow.layer1[0].conv1 = nn.Conv2d(16, 8, 3, bias=False)
        del narrow.layer3[2]
        with self.assertRaises(submask.InvalidArgument) as refused:
            submask.apply(narrow, GOLDEN / "embedded_small.task")
        for line in (
            "layer1.0.conv1.weight of shape 16x16x3x3, got 8x16x3x3",
            "layer3.2.conv1.weight of shape 64x64x3x3, got none",
            "layer3.2.conv2.weight of shape 64x64x3x3, got none",
        ):
            self.assertIn(line, str(refused.exception))

    def test_weights_that_changed_between_switches_are_refused(self):
        model = pretrained_resnet20()
        switch = submask.Switch(model)
        switch.switch(GOLDEN / "embedded_small.task")
        switch.undo()
        with torch.no_grad():
            model.layer1[0].conv1.weight[0, 0, 0, 0] += 1
        with self.assertRaisesRegex(submask.InvalidArgument, "expected resnet20 with weights .*, got a network with"):
            switch.switch(GOLDEN / "embedded_fast.task")
        self.assertIsNone(switch.bound)

    def test_a_warm_task_is_not_bound_over_anothers(self):
        small, fast = GOLDEN / "embedded_small.task", GOLDEN / "embedded_fast.task"
        model = pretrained_resnet20()
        before = storages(model)
        one, other = submask.Switch(model, keep=2), submask.Switch(model, keep=2)
        for switch in (one, other):
            switch.switch(small)
            switch.undo()
        one.switch(fast)
        bound = storages(model)
        for task in (small, fast):
            with self.assertRaisesRegex(submask.InvalidArgument, "not masked yet .* masked by .*embedded_fast.task"):
                other.switch(task)
        self.assert_untouched(model, bound)
        one.undo()
        self.assert_untouched(model, before)
        optimizer = submask.MaskSGD(submask.param_groups(model), score_start="normal", score_mean=0)
        with self.assertRaisesRegex(submask.InvalidArgument, "masked by MaskSGD"):
            one.switch(small)
        optimizer.undo()
        one.switch(small)

    def test_a_task_that_was_trained_over_is_expanded_anew(self):
        model, fresh = pretrained_resnet20(), pretrained_resnet20()
        submask.apply(fresh, GOLDEN / "embedded_small.task")
        switch = submask.Switch(model)
        switch.switch(GOLDEN / "embedded_small.task")
        with torch.no_grad():
            model.conv1.weight.add_(1)
            model.layer1[0].conv1.weight.add_(1)
        switch.switch(GOLDEN / "embedded_small.task")
        for name, tensor in fresh.state_dict().items():
            self.assertTrue(torch.equal(tensor, model.state_dict()[name]) or name == "conv1.weight", name)

    def test_tasks_of_inference_mode_can_be_trained_over_outside(self):
        model = pretrained_resnet20()
        switch = submask.Switch(model)
        with torch.inference_mode():
            switch.switch(GOLDEN / "embedded_small.task")
        model(self.images).sum().backward()

    def test_float64_is_learned_and_applied(self):
        model = pretrained_resnet20().double()
        optimizer = submask.MaskSGD(submask.param_groups(model), score_start="normal", score_mean=0.15, score_std=0.1)
        save(model, optimizer, self.folder / "a.task", head=None, classes=[])
        other = pretrained_resnet20().double()
        arrays = {name: tensor.numpy().copy() for name, tensor in other.state_dict().items()}
        applied = submask.load_task(self.folder / "a.task").apply(arrays)
        with submask.task(other, self.folder / "a.task"):
            for name, tensor in model.state_dict().items():
                if tensor.dtype == torch.float64:
                    torch.testing.assert_close(other.state_dict()[name], tensor, rtol=1e-6, atol=0)
                    np.testing.assert_array_equal(applied[name], other.state_dict()[name].numpy())

    def test_threads_switch_at_once(self):
        model = pretrained_resnet20()
        before, errors = storages(model), []
        switch = submask.Switch(model)

        def work(file):
            try:
                for _ in range(5):
                    switch.switch(file)
            except submask.Error as error:  # a task was decoded against the weights of the other
                errors.append(error)

        files = (GOLDEN / "embedded_small.task", GOLDEN / "embedded_fast.task")
        threads = [threading.Thread(target=work, args=(file,)) for file in files]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        switch.undo()
        self.assert_untouched(model, before)

    def test_half_precision_models_apply_what_float32_rounds_to(self):
        state = {name: array.astype(np.float16) if array.dtype == np.float32 else array
                 for name, array in read_tensors(str(RESNET20))[2].items()}  # fmt: skip
        rounded = {
            name: array.astype(np.float32) if array.dtype == np.float16 else array for name, array in state.items()
        }
        model = load(ResNet20(), rounded)
        optimizer = submask.MaskSGD(submask.param_groups(model), score_start="normal", score_mean=0.1, score_std=0.1)
        save(model, optimizer, self.folder / "a.task", head=None, classes=[])
        masked = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        for dtype in (torch.float16, torch.float32):
            other = load(ResNet20(), rounded).to(dtype)
            with submask.task(other, self.folder / "a.task"):
                for name, tensor in other.state_dict().items():
                    if name.startswith("layer") and "conv" in name:
                        self.assertTrue(torch.equal(tensor, masked[name].to(dtype)), name)

    def test_the_program_reads_what_python_wrote(self):
        if PROGRAM is None:
            self.skipTest("no program")
        model, optimizer = learned()
        pixels = np.random.default_rng(4).integers(0, 256, (3, 32, 32, 3), np.uint8)
        files = [self.folder / f"{i}.png" for i in range(len(pixels))]
        for file, picture in zip(files, pixels):
            write_png(file, picture)
        inputs = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(CIFAR[name]).view(3, 1, 1) for name in ("mean", "std"))
        with torch.no_grad():
            expected = model((inputs - mean) / std).softmax(1).numpy()
        for profile in ("small", "fast", "plain"):
            path = self.folder / f"{profile}.task"
            save(model, optimizer, path, profile=profile, statistics="exact", head_form="exact")
            run("verify", path, "--backbone", "resnet20")
            answer = run("predict", "--task", path, "--top", 3, *files)
            for image, row in zip(answer["images"], expected):
                said = {entry["label"]: entry["probability"] for entry in image["predictions"][0]["classes"]}
                np.testing.assert_allclose([said[name] for name in CLASSES], row, rtol=0, atol=1e-5)

    def test_another_librarys_names_carry_statistics_too(self):
        """A task goes between networks whose batch norms have other names, and from and to the program."""
        golden = GOLDEN / "embedded_small.task"
        ours, theirs = pretrained_resnet20().eval(), OfTransformers(pretrained_resnet20()).eval()
        self.assertEqual(submask.identity(theirs), submask.identity(ours))
        with submask.task(ours, golden), submask.task(theirs, golden), torch.no_grad():
            self.assertTrue(torch.equal(theirs(self.images), ours(self.images)))
            statistics = theirs.state_dict()["resnet.encoder.stages.1.layers.0.layer.0.normalization.running_var"]
            self.assertTrue(torch.equal(statistics, ours.layer2[0].bn1.running_var))
        model = OfTransformers(pretrained_resnet20())
        model.classifier[1] = nn.Linear(64, 3)
        optimizer = submask.MaskSGD(submask.param_groups(model), score_start="normal", score_mean=0.15, score_std=0.1)
        model.train()(torch.randn(16, 3, 32, 32))  # refreshes the statistics
        exact = {"statistics": "exact", "head_form": "exact", "head": model.classifier[1]}
        path = self.folder / "theirs.task"
        task = save(model, optimizer, path, **exact)
        self.assertIn("layer2.0.bn1.running_var", task.statistic_shapes())
        with submask.task(ours, path), torch.no_grad():
            self.assertTrue(torch.equal(ours(self.images), model.eval()(self.images)))
        if PROGRAM is not None:
            pixels = np.random.default_rng(5).integers(0, 256, (32, 32, 3), np.uint8)
            write_png(self.folder / "a.png", pixels)
            answer = run("predict", "--task", path, "--top", 3, self.folder / "a.png")["images"][0]["predictions"][0]
            mean, std = (torch.tensor(CIFAR[name]).view(3, 1, 1) for name in ("mean", "std"))
            with torch.no_grad():
                expected = model(((torch.from_numpy(pixels).permute(2, 0, 1) / 255 - mean) / std)[None]).softmax(1)[0]
            said = {entry["label"]: entry["probability"] for entry in answer["classes"]}
            np.testing.assert_allclose([said[name] for name in CLASSES], expected.numpy(), rtol=0, atol=1e-5)

    def test_python_applies_what_the_program_learned(self):
        if PROGRAM is None:
            self.skipTest("no program")
        path, exported = self.folder / "fashion.task", self.folder / "fashion.safetensors"
        try:
            run("train", "--backbone", "resnet20", "--data", "fashion-mnist", "--epochs", 1, "--train-limit", 256,
                "--test-limit", 16, "--recipe", "one-rate", "--rate", 500, "--threads", 1, "--out", path)  # fmt: skip
        except AssertionError as error:
            if "dataset-fashion-mnist" in str(error):
                self.skipTest("no /usr/share/datasets/fashion-mnist")
            raise
        run("export", "--task", path, "--out", exported)
        expected = load(ResNet20(), read_tensors(str(exported))[2]).eval()
        model = pretrained_resnet20().eval()
        with submask.task(model, path) as task, torch.no_grad():
            self.assertGreater(task.description["masked_fraction"], 0)
            self.assertTrue(torch.equal(model(self.images), expected(self.images)))
            logits = task.logits(model.features(self.images).numpy())
            np.testing.assert_allclose(logits, model(self.images).numpy(), rtol=1e-4, atol=1e-4)

    def test_an_epoch_of_given_batches_gives_the_programs_mask(self):
        """The program's images, order, head and schedule once more: every bit of scores and mask is the program's."""
        if PROGRAM is None:
            self.skipTest("no program")
        if ".".join(torch.__version__.split(".")[:2]) != ".".join(run_version().split(".")[:2]):
            self.skipTest("another LibTorch than torch for Python")
        images, batch, seed = 48, 16, 3
        rng = np.random.default_rng(6)
        pixels = rng.integers(0, 256, (images, 32, 32, 3), np.uint8)
        labels = np.arange(images) * 3 // images
        for split, count in (("train", images), ("test", 3)):
            for index in range(count):
                label = CLASSES[labels[index if split == "train" else index * images // 3]]
                (self.folder / "data" / split / label).mkdir(parents=True, exist_ok=True)
                write_png(self.folder / "data" / split / label / f"{index:03}.png", pixels[index])
        # The program lists a folder's classes in turns.
        order = sorted(range(images), key=lambda index: (index % (images // 3), CLASSES[labels[index]]))
        classes = sorted(CLASSES)
        pixels, labels = pixels[order], np.array([classes.index(CLASSES[labels[index]]) for index in order])
        path = self.folder / "program.task"
        run("train", "--backbone", "resnet20", "--data", f"folder:{self.folder / 'data'}", "--epochs", 1,
            "--seed", seed, "--batch-size", batch, "--crop", "crop=centre,flip=0", "--schedule", "constant",
            "--warmup", 0, "--recipe", "one-rate", "--rate", 2, "--momentum", 0.9, "--head-rate", 0,
            "--score-start", "normal", "--score-mean", 0.1, "--score-std", 0.1, "--byte-price", 0.02, "--threads", 1,
            "--checkpoint", self.folder, "--out", path)  # fmt: skip
        task = submask.load_task(path)
        state = read_tensors(str(self.folder / "checkpoint.safetensors"))[2]

        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        self.addCleanup(torch.set_num_threads, threads)
        model = pretrained_resnet20().train()
        head = Random([seed, 7, 0, 0])  # Stream::head
        for parameter, shape in ((model.linear.weight, (3, 64)), (model.linear.bias, (3,))):
            values = (2 * head.uniform(int(np.prod(shape))) - 1) / np.sqrt(64)
            parameter.data = torch.from_numpy(values.astype(np.float32).reshape(shape))
        start = {"score_start": "normal", "score_mean": 0.1, "score_std": 0.1, "seed": seed}
        optimizer = submask.MaskSGD(submask.param_groups(model), lr=2, byte_price=0.02, **start)
        for name, parameter in model.named_parameters():
            parameter.requires_grad_("conv" in name or "linear" in name)
        mean, std = (np.array(task.preprocessing[name], np.float32) for name in ("mean", "std"))
        chosen = Random([seed, 1, 0, 0]).permutation(images)  # Stream::order
        for begin in range(0, images, batch):
            rows = chosen[begin : begin + batch]
            inputs = (pixels[rows].astype(np.float32) / np.float32(255) - mean) / std
            optimizer.zero_grad()
            logits = model(torch.from_numpy(inputs).permute(0, 3, 1, 2))
            nn.functional.cross_entropy(logits, torch.from_numpy(labels[rows])).backward()
            optimizer.step()
        for unit in optimizer.units():
            np.testing.assert_array_equal(unit.score.numpy(), state[f"weights.{unit.unit.name}.score"])
        masks, expected = optimizer.masks(), task.masks(pretrained_resnet20())
        self.assertEqual(list(masks), list(expected))
        self.assertGreater(optimizer.masked_fraction(), 0.1)
        for name, mask in masks.items():
            np.testing.assert_array_equal(mask.numpy(), expected[name], name)
        saved = save(model, optimizer, self.folder / "python.task", statistics="exact", head_form="exact")
        statistics = submask.load_task(path).statistics(pretrained_resnet20())
        for name, values in saved.statistics(pretrained_resnet20()).items():
            np.testing.assert_allclose(values, statistics[name], rtol=1e-2, atol=1e-3)  # the program's are halves

    def test_steps_that_came_later_are_said_too(self):
        # As of transformers' image processors, which cut out the centre with halves rounded down.
        later = {**CIFAR, "crop_offset": "down", "resize": "squash"}
        saved = save(*learned(), self.folder / "later.task", preprocessing=later)
        self.assertEqual(saved.preprocessing, later)
        weights = pretrained_resnet20()
        self.assertEqual(submask.pack(submask.unpack(saved, weights), weights).preprocessing, later)

    def test_the_golden_task_of_the_program_is_written_to_the_same_bytes(self):
        # Masks as the golden task's, set as scores: what save_task() writes is the program's file.
        golden = submask.load_task(GOLDEN / "embedded_small.task")
        model = pretrained_resnet20()
        optimizer = submask.MaskSGD(submask.param_groups(model))
        masks = golden.masks(model)
        for unit in optimizer.units():
            unit.score.copy_(torch.from_numpy(np.where(masks[unit.unit.name], 1.0, -1.0)))
        optimizer.set_criterion(mu=0)
        described = golden.description
        for name, values in golden.statistics(pretrained_resnet20()).items():
            model.state_dict()[name].copy_(torch.from_numpy(values))
        save(
            model,
            optimizer,
            self.folder / "same.task",
            head=golden.head(),
            classes=golden.classes,
            preprocessing=golden.preprocessing,
            provenance=described["provenance"],
        )
        self.assertEqual((self.folder / "same.task").read_bytes(), (GOLDEN / "embedded_small.task").read_bytes())


class Refusals(InAFolder):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "a.task"

    def refused(self, pattern, model, optimizer, **options):
        with self.assertRaisesRegex(submask.InvalidArgument, pattern):
            save(model, optimizer, self.path, **options)
        self.assertFalse(self.path.exists())

    def test_weights_that_are_no_mask(self):
        model, optimizer = learned(1)
        with torch.no_grad():
            model.layer2[0].conv1.weight.mul_(1 + 2**-20)
        self.refused("layer2.0.conv1.weight to be c \\* theta \\* m .* a moving average", model, optimizer)

    def test_what_else_was_learned_is_not_lost_silently(self):
        def scale(parameter):
            with torch.no_grad():
                parameter.mul_(1.5)

        model, optimizer = learned(1)
        scale(model.layer1[0].bn1.weight)
        self.refused("masks and the head alone to have learned, got layer1.0.bn1.weight", model, optimizer)
        model, optimizer = learned(1)
        self.refused("the head alone to have learned, got linear.weight", model, optimizer, head=None, classes=[])
        arrays = {"weight": model.linear.weight, "bias": model.linear.bias}
        save(model, optimizer, self.path, head=arrays)
        # Another kind of head stands in for the classifier, whatever that has learned.
        save(model, optimizer, self.path, head={"cosine": np.ones((3, 64))})

    def test_scores_that_are_no_numbers(self):
        for value in (float("nan"), float("-inf")):
            model, optimizer = learned(1)
            optimizer.units()[0].score.view(-1)[0] = value
            optimizer.set_criterion()
            self.refused("scores of conv1.weight that are numbers, got NaN", model, optimizer)
        model, optimizer = learned(1, random_share=0.5)
        save(model, optimizer, self.path)

    def test_a_model_that_was_cast(self):
        model, optimizer = learned(1)
        model.half()
        self.refused("a masked parameter as it was, torch.float32", model, optimizer)

    def test_a_classifier_of_another_name(self):
        class Small(nn.Module):
            def __init__(self):
                super().__init__()
                torch.manual_seed(0)
                self.c, self.out = nn.Conv2d(3, 8, 3, bias=False), nn.Linear(8, 3)

            def forward(self, x):
                return self.out(torch.relu(self.c(x)).mean((2, 3)))

        images = torch.randn(4, 3, 8, 8)
        for head in ("out", None):
            model = Small()
            masks = submask.param_groups(model, head=head or model.out, score_start="normal", score_mean=0.1)
            self.assertEqual([row[0] for rows in masks[0]["units"] for row in rows], ["c.weight"])
            optimizer = submask.MaskSGD([*masks, {"params": model.out.parameters(), "lr": 0.1}], lr=1)
            nn.functional.cross_entropy(model(images), torch.tensor([0, 1, 2, 0])).backward()
            optimizer.step()
            exact = {"statistics": "exact", "head_form": "exact", "backbone": "small"}
            save(model, optimizer, self.path, head=model.out, **exact)
            other = Small()
            with self.assertRaisesRegex(
                submask.InvalidArgument, "head= with the name of the classifier .*got no free torch.nn.Linear of 8 inp"
            ):
                submask.apply(other, self.path)
            with submask.task(other, self.path, head="out"), torch.no_grad():
                self.assertTrue(torch.equal(other(images), model(images)))
            weights = {name: tensor.numpy() for name, tensor in Small().state_dict().items() if "out" not in name}
            np.testing.assert_array_equal(
                submask.load_task(self.path).apply(weights)["c.weight"], model.c.weight.detach().numpy()
            )
        expected = "head= that is a layer of the model, or its name, got 'x'"
        with self.assertRaisesRegex(submask.InvalidArgument, expected):
            submask.param_groups(Small(), head="x")

    def test_averaged_scores_are_a_mask(self):
        model, optimizer = learned(1)
        with torch.no_grad():
            for unit in optimizer.units():
                unit.score.mul_(0.5).add_(0.01)
        optimizer.set_criterion()
        self.assertEqual(save(model, optimizer, self.path).file, str(self.path))

    def test_units_without_a_mask_that_have_changed(self):
        model = pretrained_resnet20()
        optimizer = submask.MaskSGD(submask.param_groups(model, only="layer3.*"))
        with torch.no_grad():
            model.conv1.weight.mul_(2)
        self.refused(
            "but for its masks, got weights .*: units without a mask have changed",
            model,
            optimizer,
            head=None,
            classes=[],
        )

    def test_what_is_missing_or_does_not_fit(self):
        model, optimizer = learned(1)
        self.refused("the network's name as backbone=", model, optimizer, backbone=None)
        self.refused("preprocessing= ", model, optimizer, preprocessing=None)
        self.refused(
            "preprocessing with input_size.* got none of 'crop_pct'", model, optimizer, preprocessing={"input_size": 32}
        )
        self.refused("a head that is a torch.nn.Linear", model, optimizer, head=model.conv1)
        self.refused("expected ", model, optimizer, classes=["one"])
        self.refused("a profile: plain, small, fast, got 'tiny'", model, optimizer, profile="tiny")
        for pattern, options in (
            ("as backbone=, a text of one line, got ''", {"backbone": ""}),
            ("a text of one line, got 'a.x00b'", {"backbone": "a\0b"}),
            ("classes of different names, got 'one' twice", {"classes": ["one", "one", "two"]}),
            ("a name of a class, a text of one line, got ''", {"classes": ["", "one", "two"]}),
            ("a list of names, got 'abc'", {"classes": "abc"}),
            ("preprocessing and provenance that JSON can hold", {"provenance": {"a": np.float32(1)}}),
            ("preprocessing and provenance that JSON can hold", {"provenance": {"a": float("nan")}}),
            ("that JSON can hold", {"preprocessing": {**CIFAR, "crop_share": object()}}),
            ("preprocessing of ", {"preprocessing": {"input_size": 32, "crop_pct": None, "interpolation": "bicubic"}}),
            ("an array of real numbers", {"head": {"weight": "x", "bias": 3}}),
            ("a head whose weight is finite", {"head": {"weight": np.full((3, 64), np.nan), "bias": np.zeros(3)}}),
        ):
            self.refused(pattern, model, optimizer, **options)
        self.refused("the model, a torch.nn.Module", None, optimizer)
        masks = learned(1)[1]
        masks.param_groups[0]["units"] = None
        self.refused("an optimizer with masks", model, masks)
        other = torch.optim.SGD(model.parameters())
        self.refused("MaskSGD or MaskAdam, or one that wraps it as .optimizer, got SGD", model, other)

    def test_an_optimizer_inside_a_frameworks_own_is_found(self):
        class Wrapper(torch.optim.Optimizer):
            """As Accelerate's, which has the groups of the one inside and nothing else of it."""

            def __init__(self, optimizer):
                self.optimizer = optimizer
                self.param_groups = optimizer.param_groups

        model, optimizer = learned(1)
        save(model, optimizer, self.path)
        bare = self.path.read_bytes()
        save(model, Wrapper(Wrapper(optimizer)), self.path)
        self.assertEqual(self.path.read_bytes(), bare)


if __name__ == "__main__":
    unittest.main()
