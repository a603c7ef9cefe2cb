"""MaskSGD and MaskAdam have the manners of torch's optimisers."""

import copy
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

import torch
from torch import nn

import ddp_worker
import submask
from learning import attention, bits_of, learn


class Manners(unittest.TestCase):
    def optimizer(self, model, kind="fused"):
        groups = submask.param_groups(model) + [{"params": model.head.parameters(), "lr": 0.05}]
        start = {"score_start": "normal", "score_mean": 0.1, "score_std": 0.1}
        if kind == "adam":
            return submask.MaskAdam(groups, lr=0.01, **start)
        if kind == "unit rates":
            return submask.MaskSGD(groups, lr=0.03, unit_rates=True, **start)
        return submask.MaskSGD(groups, lr=5, fused=kind == "fused", **start)

    def test_state_goes_on_to_the_same_bits(self):
        for kind in ("fused", "plain", "adam", "unit rates"):
            with self.subTest(kind):
                model = attention()
                optimizer = self.optimizer(model, kind)
                learn(model, optimizer, 3)
                file = io.BytesIO()
                torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
                learn(model, optimizer, 3, seed=1)
                file.seek(0)
                saved = torch.load(file, weights_only=True)
                # As trainers do: the model's weights come first, and these are masked.
                resumed = attention(seed=5)
                resumed.load_state_dict(saved["model"])
                other = self.optimizer(resumed, kind)
                other.load_state_dict(saved["optimizer"])
                learn(resumed, other, 3, seed=1)
                for name, tensor in bits_of(model).items():
                    self.assertTrue(torch.equal(tensor, resumed.state_dict()[name]), name)
                for a, b in zip(optimizer.units(), other.units()):
                    self.assertTrue(torch.equal(a.score, b.score) and torch.equal(a.theta, b.theta))
                # What was loaded is a copy: the checkpoint did not move with the steps.
                again = attention(seed=5)
                third = self.optimizer(again, kind)
                third.load_state_dict(saved["optimizer"])
                learn(again, third, 0)
                self.assertFalse(torch.equal(third.units()[0].score, other.units()[0].score))

    def test_tensors_that_replace_the_states_are_those_that_learn(self):
        # As Lightning does when it moves a state to another device, and averages of scores that are assigned.
        for kind in ("fused", "plain", "adam"):
            with self.subTest(kind):
                model, other = attention(), attention()
                optimizer, moved = self.optimizer(model, kind), self.optimizer(other, kind)
                learn(model, optimizer, 2)
                learn(other, moved, 2)
                for parameter, state in list(moved.state.items()):
                    moved.state[parameter] = {name: tensor.clone() for name, tensor in state.items()}
                learn(model, optimizer, 2, seed=1)
                learn(other, moved, 2, seed=1)
                for a, b in zip(optimizer.units(), moved.units()):
                    self.assertTrue(torch.equal(a.score, b.score))
                    whole = moved.state[b.parameter]["score"]
                    self.assertTrue(torch.equal(b.score, b.unit.of(whole)))
                for parameter in moved.param_groups[0]["params"]:
                    moved.state[parameter]["score"] = torch.randn_like(parameter)
                moved.set_criterion()
                masks = moved.masks()
                for unit in moved.units():
                    score = unit.unit.of(moved.state[unit.parameter]["score"])
                    self.assertTrue(torch.equal(masks[unit.unit.name], score > 0), unit.unit.name)

    def test_a_state_of_other_units_changes_nothing(self):
        model = attention()
        optimizer = submask.MaskSGD(submask.param_groups(model, exclude="*.fc1.*"), score_start="normal", score_mean=0)
        before, scores = bits_of(model), optimizer.units()[0].score.clone()
        other = submask.MaskSGD(submask.param_groups(attention()))
        with self.assertRaisesRegex(submask.InvalidArgument, "expected a state of the same mask units"):
            optimizer.load_state_dict(other.state_dict())
        double = attention().double()
        wide = submask.MaskSGD(submask.param_groups(double, exclude="*.fc1.*"))
        with self.assertRaisesRegex(submask.InvalidArgument, "a theta of torch.float32 .* got torch.float64"):
            optimizer.load_state_dict(wide.state_dict())
        self.assertTrue(torch.equal(optimizer.units()[0].score, scores))
        for name, tensor in before.items():
            self.assertTrue(torch.equal(tensor, model.state_dict()[name]))

    def test_a_state_that_lacks_something_changes_nothing(self):
        optimizer = self.optimizer(attention())
        before = optimizer.units()[0].score.clone()
        # The library would write past the end of a buffer that is too short.
        for name, value, got in (
            ("momentum_buffer", torch.zeros(2), "torch.float32 and \\[2\\]"),
            ("theta", None, "None"),
            ("score", torch.zeros(8, 3, 4, 4, dtype=torch.float64), "torch.float64"),
        ):
            saved = optimizer.state_dict()
            saved["state"] = {key: dict(state) for key, state in saved["state"].items()}
            saved["state"][0][name] = value
            with self.assertRaisesRegex(submask.InvalidArgument, f"expected a {name} of torch.float32 .* got {got}"):
                optimizer.load_state_dict(saved)
        with self.assertRaisesRegex(submask.InvalidArgument, "expected a theta of .* got None"):
            optimizer.load_state_dict({**optimizer.state_dict(), "state": {}})
        self.assertTrue(torch.equal(optimizer.units()[0].score, before))
        learn(attention(), optimizer, 0)

    def test_a_model_that_was_cast_or_replaced_is_refused_whole(self):
        def cast(model):
            model.double()

        def replace(model):
            model.blocks[0]["mlp"]["fc2"].weight.data = torch.ones(2, 2)

        for change in (cast, replace):
            model = attention()
            optimizer = self.optimizer(model)
            scores = [unit.score.clone() for unit in optimizer.units()]
            change(model)
            for parameter in model.parameters():
                parameter.grad = torch.ones_like(parameter)
            with self.assertRaisesRegex(submask.InvalidArgument, "a masked parameter as it was, torch.float32 on cpu"):
                optimizer.step()
            for unit, score in zip(optimizer.units(), scores):
                self.assertTrue(torch.equal(unit.score, score))

    def test_undo_gives_the_weights_back(self):
        model = attention()
        before = bits_of(model)
        optimizer = submask.MaskSGD(submask.param_groups(model), score_start="normal", score_mean=0)
        self.assertFalse(
            torch.equal(model.state_dict()["blocks.0.attn.qkv.weight"], before["blocks.0.attn.qkv.weight"])
        )
        with self.assertRaisesRegex(submask.InvalidArgument, "not masked yet .* masked by MaskSGD"):
            submask.param_groups(model)
        optimizer.undo()
        for name, tensor in before.items():
            self.assertTrue(torch.equal(tensor, model.state_dict()[name]), name)
        model.zero_grad()
        model(torch.randn(2, 3, 16, 16)).sum().backward()
        with self.assertRaisesRegex(submask.InvalidArgument, "got one after undo"):
            optimizer.step()
        submask.MaskSGD(submask.param_groups(model))

    def test_loops_of_every_kind_are_one(self):
        """Closures, accumulation, kept gradients, a scaler and clipping give what the plain loop gives."""
        torch.manual_seed(0)
        x, y = torch.randn(8, 3, 16, 16), torch.randint(0, 3, (8,))

        def plain(model, optimizer):
            optimizer.zero_grad()
            loss(model).backward()
            optimizer.step()

        def loss(model):
            return nn.functional.cross_entropy(model(x), y)

        def closure(model, optimizer):
            def evaluate():
                optimizer.zero_grad(set_to_none=False)
                value = loss(model)
                value.backward()
                return value

            self.assertEqual(optimizer.step(evaluate).dim(), 0)

        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)

        def scaled(model, optimizer):
            optimizer.zero_grad()
            scaler.scale(loss(model)).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 1e9)
            scaler.step(optimizer)
            scaler.update()

        def accumulated(model, optimizer):
            optimizer.zero_grad()
            for _ in range(2):
                (loss(model) / 2).backward()
            optimizer.step()

        results = []
        for loop in (plain, closure, scaled, accumulated):
            model = attention()
            optimizer = self.optimizer(model)
            for _ in range(3):
                loop(model, optimizer)
            results.append(bits_of(model))
        for result in results[1:]:
            for name, tensor in results[0].items():
                self.assertTrue(torch.equal(tensor, result[name]), name)

    def test_autocast_learns_in_float32(self):
        model = attention()
        optimizer = self.optimizer(model)
        first = optimizer.units()[0].score.clone()
        with torch.autocast("cpu", torch.bfloat16):
            value = model(torch.randn(4, 3, 16, 16)).float().square().sum()
        value.backward()
        optimizer.step()
        unit = optimizer.units()[0]
        self.assertEqual((unit.weight.dtype, unit.score.dtype), (torch.float32, torch.float32))
        self.assertFalse(torch.equal(unit.score, first))

    def test_channels_last_learns_what_rows_do(self):
        scores = []
        for layout in (torch.contiguous_format, torch.channels_last):
            torch.manual_seed(0)
            model = nn.Sequential(
                nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()
            )
            model = model.to(memory_format=layout)
            optimizer = submask.MaskSGD(submask.param_groups(model), lr=5, score_mean=0.1, criterion="topk")
            learn(model, optimizer, 3)
            scores.append(torch.cat([unit.score.reshape(-1) for unit in optimizer.units()]))
            self.assertTrue(model[0].weight.is_contiguous(memory_format=layout))
        torch.testing.assert_close(scores[0], scores[1], rtol=1e-4, atol=1e-6)
        self.assertFalse(torch.equal(scores[0], torch.full_like(scores[0], 0.1)))

    def test_a_compiled_model_has_the_same_units(self):
        model = attention()
        compiled = torch.compile(model, backend="eager")
        self.assertEqual(submask.identity(compiled), submask.identity(model))
        optimizer = submask.MaskSGD(submask.param_groups(compiled), lr=5, score_mean=0.1)
        learn(compiled, optimizer, 2)
        other = attention()
        plain = submask.MaskSGD(submask.param_groups(other), lr=5, score_mean=0.1)
        learn(other, plain, 2)
        for a, b in zip(optimizer.units(), plain.units()):
            self.assertEqual(a.unit.name, b.unit.name)
            torch.testing.assert_close(a.score, b.score)

    def test_its_name_is_a_line(self):
        optimizer = self.optimizer(attention())
        self.assertRegex(repr(optimizer), f"^MaskSGD\\({len(optimizer.units())} units, [0-9.]+% off; .*'lr': 5")
        self.assertNotIn("tensor", repr(optimizer))

    def test_rates_of_a_scheduler_and_rates_that_are_tensors(self):
        results = []
        for rate in (2.0, torch.tensor(2.0)):
            model = attention()
            optimizer = submask.MaskSGD(submask.param_groups(model), lr=rate, fused=False)
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
            for seed in range(3):
                learn(model, optimizer, 1, seed)
                scheduler.step()
            results.append(torch.cat([unit.score.reshape(-1) for unit in optimizer.units()]))
            self.assertEqual(float(optimizer.param_groups[0]["lr"]), 0.25)
        torch.testing.assert_close(results[0], results[1])

    def test_a_group_that_comes_later(self):
        model = attention()
        optimizer = submask.MaskSGD(submask.param_groups(model, only="*.attn.*"), lr=5)
        learn(model, optimizer, 1)
        with self.assertRaisesRegex(submask.InvalidArgument, "not masked yet"):
            submask.param_groups(model, only="*.mlp.*")
        optimizer.add_param_group({"params": model.head.parameters(), "lr": 0.1})
        before = model.head.weight.clone()
        learn(model, optimizer, 1)
        self.assertFalse(torch.equal(model.head.weight, before))
        with self.assertRaisesRegex(submask.InvalidArgument, "each parameter in one group, once"):
            optimizer.add_param_group({"params": model.head.weight})
        self.assertEqual(len(optimizer.param_groups), 2)

    def test_a_copy_of_the_optimizer_learns_on_its_own(self):
        model = attention()
        both = {"model": model, "optimizer": self.optimizer(model)}
        copied = copy.deepcopy(both)
        learn(copied["model"], copied["optimizer"], 2)
        learn(both["model"], both["optimizer"], 2)
        for name, tensor in bits_of(model).items():
            self.assertTrue(torch.equal(tensor, copied["model"].state_dict()[name]))

    def test_processes_of_ddp_learn_what_one_does(self):
        with tempfile.TemporaryDirectory() as folder:
            worker = pathlib.Path(__file__).with_name("ddp_worker.py")
            started = [
                subprocess.Popen([sys.executable, str(worker), folder, str(rank)], stderr=subprocess.PIPE, text=True)
                for rank in range(2)
            ]
            for process in started:
                self.addCleanup(process.kill)  # who waits for a process that is gone waits for ten minutes
            for process in started:
                _, error = process.communicate(timeout=300)
                self.assertEqual(process.returncode, 0, error)
            learned = [torch.load(f"{folder}/{rank}.pt", weights_only=True) for rank in range(2)]
        masks, scores = learned[0]["masks"], learned[0]["scores"]
        self.assertTrue(any(not mask.all() for mask in masks.values()))
        for name, mask in masks.items():
            self.assertTrue(torch.equal(mask, learned[1]["masks"][name]), name)
        model, optimizer = ddp_worker.start()
        for (x, y), (other_x, other_y) in zip(ddp_worker.batches(0), ddp_worker.batches(1)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(torch.cat([x, other_x])), torch.cat([y, other_y])).backward()
            optimizer.step()
        for unit in optimizer.units():
            torch.testing.assert_close(unit.score, scores[unit.unit.name], rtol=0, atol=1e-5)


if __name__ == "__main__":
    unittest.main()
