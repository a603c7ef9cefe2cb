"""MaskSGD and MaskAdam: the program's formulas, and the manners of torch's optimisers."""

import copy
import io
import itertools
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy as np
import torch
from torch import nn

import ddp_worker
import submask
from networks import Attention
from reference import Unit, fused_step

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
import counter_random  # noqa: E402

SGD = {"momentum": 0.9, "nesterov": False, "weight_decay": 0.0}
MASKS = {"criterion": "threshold", "mu": 0.0, "keep_share": 0.7, "scale": True}


def rows(*units):
    return [[name, begin, end, transposed, index] for index, (name, begin, end, transposed) in enumerate(units)]


def group_of(parameters, units, **options):
    return {"params": parameters, "units": units, **options}


def learn(model, optimizer, steps, seed=0):
    """Seeded batches of noise; what matters is that they are equal."""
    torch.manual_seed(seed)
    for _ in range(steps):
        x, y = torch.randn(4, 3, 16, 16), torch.randint(0, 3, (4,))
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


def attention(seed=0):
    torch.manual_seed(seed)
    return Attention()


def bits_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


class Formulas(unittest.TestCase):
    def parameters(self, dtype=torch.float64):
        """A convolution, the three parts of a qkv of which q and v are masked, and a transposed projection."""
        torch.manual_seed(3)
        shapes = ((6, 4, 3, 3), (24, 10), (8, 5))
        parameters = [nn.Parameter(torch.randn(shape, dtype=dtype)) for shape in shapes]
        units = rows(("conv", 0, 6, False), ("q", 0, 8, False), ("v", 16, 24, False), ("projection", 0, 5, True))
        return parameters, [units[:1], units[1:3], units[3:]]

    def compare(self, optimizer_class, rule, **changes):
        options = {**MASKS, **rule, **changes}
        parameters, units = self.parameters()
        thetas = [p.detach().clone() for p in parameters]
        start = {"score_start": "normal", "score_mean": 0.02, "score_std": 0.05, "seed": 7}
        group = group_of(parameters, units, random_share=0.8)
        optimizer = optimizer_class([group], lr=0.02, **options, **start)
        starts = {"first_lr": 0.02, "first_mu": (options.get("progressive") or [options["mu"]])[0]}
        references = [
            Unit(state.theta.numpy().copy(), state.score.numpy().copy(), {**options, **start, **starts})
            for state in optimizer.units()
        ]
        self.assertTrue(any(np.isinf(reference.score).any() for reference in references))
        changed = 0
        for index in range(50):
            rate = 0.02 * (1 - index / 100)
            optimizer.param_groups[0]["lr"] = rate
            for parameter in parameters:
                parameter.grad = torch.randn_like(parameter)
            gradients = [state.gradient.numpy().copy() for state in optimizer.units()]
            before = [reference.on for reference in references]
            optimizer.step()
            masks = optimizer.masks()
            for state, reference, gradient in zip(optimizer.units(), references, gradients):
                reference.step(gradient, rate)
                np.testing.assert_allclose(state.score.numpy(), reference.score, rtol=0, atol=1e-12)
                np.testing.assert_array_equal(masks[state.unit.name].numpy(), reference.on)
                np.testing.assert_allclose(state.weight.numpy(), reference.weight, rtol=0, atol=1e-12)
            changed += sum(int((a != r.on).sum()) for a, r in zip(before, references))
        self.assertGreater(changed, 50)  # masks moved, or there was nothing to compare
        # k has no mask.
        self.assertTrue(torch.equal(parameters[1][8:16], thetas[1][8:16]))

    def test_sgd_is_the_formulas_for_every_criterion(self):
        for criterion, scale in itertools.product(("threshold", "topk", "flip"), (True, False)):
            for nesterov, decay in ((False, 0.0), (True, 0.01)):
                with self.subTest(criterion=criterion, scale=scale, nesterov=nesterov):
                    rule = {**SGD, "nesterov": nesterov, "weight_decay": decay}
                    self.compare(submask.MaskSGD, rule, criterion=criterion, scale=scale)

    def test_unit_rates_are_over_the_size_of_gradients(self):
        for criterion, price in (("threshold", 0.05), ("topk", 0.0), ("flip", 0.0)):
            with self.subTest(criterion):
                self.compare(submask.MaskSGD, SGD, criterion=criterion, byte_price=price, unit_rates=True)

    def test_unit_rates_recover_from_a_gradient_whose_square_overflows(self):
        for fused in (True, False):
            model = nn.Linear(8, 4, bias=False)
            optimizer = submask.MaskSGD(submask.param_groups(nn.Sequential(model)), lr=0.01, unit_rates=True, fused=fused)
            for gradient in (1.0, 1e30, 1.0):
                model.weight.grad = torch.full_like(model.weight, gradient)
                optimizer.step()
            (unit,) = optimizer.units()
            self.assertTrue(torch.isfinite(unit.gradient_size) and torch.isfinite(unit.score).all(), unit.gradient_size)

    def test_a_rate_of_nothing_moves_nothing(self):
        for options in ({}, {"unit_rates": True}, {"fused": False}):
            model = nn.Linear(8, 4, bias=False)
            optimizer = submask.MaskSGD(submask.param_groups(nn.Sequential(model)), lr=0.0, **options)
            model.weight.grad = torch.ones_like(model.weight)
            optimizer.step()
            self.assertTrue(bool((optimizer.units()[0].score == 1).all()), options)

    def test_adam_is_the_formulas_for_every_criterion(self):
        rule = {"betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.01}
        for criterion in ("threshold", "topk", "flip"):
            with self.subTest(criterion):
                self.compare(submask.MaskAdam, rule, criterion=criterion)

    def test_a_byte_price_pulls_scores_back_for_every_rule_and_criterion(self):
        adam = {"betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0}
        for kind, rule in ((submask.MaskSGD, SGD), (submask.MaskAdam, adam)):
            for criterion in ("threshold", "topk", "flip"):
                with self.subTest(kind=kind.__name__, criterion=criterion):
                    self.compare(kind, rule, criterion=criterion, byte_price=0.05)

    def test_a_byte_price_is_of_the_first_mu_and_rate(self):
        # What mu and the rate are later changes neither; a step at half the rate pulls half as far.
        parameter = nn.Parameter(torch.ones(3, 4))
        units = [rows(("a", 0, 3, False))]
        for rate, fused in ((2.0, True), (2.0, False), (torch.tensor(2.0), False)):
            options = {"score_mean": 0.5, "progressive": (0.1, 0.3), "byte_price": 0.25, "fused": fused}
            optimizer = submask.MaskSGD([group_of([parameter], units)], lr=rate, momentum=0.0, **options)
            optimizer.units()[0].score.fill_(0.2)
            optimizer.set_epoch(1, 2)
            saved = io.BytesIO()
            torch.save(optimizer.state_dict(), saved)
            saved.seek(0)
            optimizer.undo()
            resumed = submask.MaskSGD([group_of([parameter], units)], lr=7, momentum=0.0, **options)
            resumed.load_state_dict(torch.load(saved, weights_only=True))
            for share, expected in ((1.0, 0.3), (0.5, 0.35)):
                resumed.param_groups[0]["lr"] = rate * share
                parameter.grad = torch.zeros_like(parameter)
                resumed.step()
                torch.testing.assert_close(resumed.units()[0].score, torch.full((3, 4), expected))
            resumed.undo()

    def test_a_byte_price_switches_fewer_weights_off(self):
        fractions = []
        for price in (0.0, 0.1):
            model = attention()
            optimizer = submask.MaskSGD(submask.param_groups(model), lr=20, score_mean=0.2, byte_price=price)
            learn(model, optimizer, 8)
            fractions.append(optimizer.masked_fraction())
        self.assertGreater(fractions[0], 0.02)
        self.assertLess(fractions[1], 0.8 * fractions[0])

    def test_the_fused_step_is_the_kernels_bit_for_bit(self):
        for nesterov, decay, scale, price, unit_rates in (
            (False, 0.0, True, 0.0, False),
            (True, 0.01, True, 0.05, False),
            (False, 0.0, False, 0.05, False),
            (False, 0.0, True, 0.05, True),
        ):
            rule = {"momentum": 0.9, "nesterov": nesterov, "weight_decay": decay, "byte_price": price}
            rule["unit_rates"] = unit_rates
            options = {**MASKS, **rule, "scale": scale}
            torch.manual_seed(1)
            # More than one block of the kernels, and a last one that is no multiple of sixteen.
            parameter = nn.Parameter(torch.randn(129, 131))
            units = [rows(("a", 0, 128, False), ("b", 128, 129, False))]
            start = {"score_start": "normal", "score_mean": 0.02, "score_std": 0.05}
            optimizer = submask.MaskSGD([group_of([parameter], units)], lr=0.5, **options, **start)
            states = optimizer.units()
            told = {**options, **start, "first_lr": 0.5, "first_mu": 0.0}
            references = [
                Unit(s.theta.numpy().reshape(-1).copy(), s.score.numpy().reshape(-1).copy(), told) for s in states
            ]
            velocities = [np.zeros_like(reference.theta) for reference in references]
            for rate in (0.5, 0.4, 0.15, 0.5):
                optimizer.param_groups[0]["lr"] = rate
                parameter.grad = torch.randn_like(parameter)
                optimizer.step()
                for i, (state, reference) in enumerate(zip(states, references)):
                    gradient = state.gradient.numpy().reshape(-1)
                    velocities[i] = fused_step(reference, velocities[i], gradient, rate)
                    np.testing.assert_array_equal(state.score.numpy().reshape(-1), reference.score)
                    np.testing.assert_array_equal(state.weight.numpy().reshape(-1), reference.weight)

    def test_fused_and_plain_ops_agree(self):
        for criterion in ("threshold", "topk", "flip"):
            scores = []
            for fused in (True, False):
                model = attention()
                groups = submask.param_groups(model)
                optimizer = submask.MaskSGD(groups, lr=5, criterion=criterion, score_mean=0.1, fused=fused)
                learn(model, optimizer, 5)
                scores.append(torch.cat([unit.score.reshape(-1) for unit in optimizer.units()]))
            torch.testing.assert_close(scores[0], scores[1], rtol=1e-4, atol=1e-6)
            self.assertFalse(torch.equal(scores[0], torch.full_like(scores[0], 0.1)))

    def test_one_weight_stays_on(self):
        for dtype in (torch.float32, torch.float64):
            parameter = nn.Parameter(torch.ones(3, 4, dtype=dtype))
            optimizer = submask.MaskSGD([group_of([parameter], [rows(("a", 0, 3, False))])], lr=1.0, scale=False)
            parameter.grad = torch.full_like(parameter, 9.0)
            parameter.grad[1, 2] = 8.0
            optimizer.step()
            self.assertEqual(parameter.nonzero().tolist(), [[1, 2]])

    def test_scores_start_as_the_program_draws_them(self):
        # Random({seed, Stream::score, unit, 0}) and Box-Muller's of pairs of its draws.
        model = attention()
        optimizer = submask.MaskSGD(
            submask.param_groups(model), score_start="normal", score_mean=0.5, score_std=2, seed=11
        )
        for index, unit in enumerate(optimizer.units()):
            draws = counter_random.uniform([11, 5, index, 0], 2 * unit.count).reshape(-1, 2)
            normal = np.sqrt(-2 * np.log(1 - draws[:, 0])) * np.cos(2 * np.pi * draws[:, 1])
            expected = np.float32(normal) * np.float32(2) + np.float32(0.5)
            np.testing.assert_array_equal(unit.score.numpy().reshape(-1), expected)

    def test_largest_share_protects_the_others(self):
        model = attention()
        optimizer = submask.MaskSGD(submask.param_groups(model, largest_share=0.25))
        for unit in optimizer.units():
            free = unit.score.isfinite()
            self.assertEqual(int(free.sum()), max(1, round(unit.count / 4)))
            self.assertGreaterEqual(unit.theta[free].abs().min(), unit.theta[~free].abs().max())

    def test_plain_groups_are_torchs(self):
        options = {"momentum": 0.8, "weight_decay": 0.1, "nesterov": True}
        cases = (
            (submask.MaskSGD, torch.optim.SGD, options),
            (submask.MaskAdam, torch.optim.Adam, {"weight_decay": 0.1}),
        )
        for ours, theirs, settings in cases:
            a, b = (nn.Linear(5, 4).double() for _ in range(2))
            b.load_state_dict(a.state_dict())
            masks, plain = submask.param_groups(attention()), {"params": a.parameters()}
            mine, other = ours([*masks, plain], lr=0.1, **settings), theirs(b.parameters(), lr=0.1, **settings)
            for _ in range(20):
                for p, q in zip(a.parameters(), b.parameters()):
                    p.grad = torch.randn_like(p)
                    q.grad = p.grad.clone()
                mine.step()
                other.step()
            for p, q in zip(a.parameters(), b.parameters()):
                torch.testing.assert_close(p, q, rtol=0, atol=1e-12)

    def test_a_schedule_moves_mu_or_the_share(self):
        for criterion, option in (("threshold", "mu"), ("topk", "keep_share")):
            model = attention()
            optimizer = submask.MaskSGD(
                submask.param_groups(model),
                criterion=criterion,
                progressive=(0.2, 0.6),
                score_start="normal",
                score_std=1,
            )
            seen = []
            for epoch in range(3):
                optimizer.set_epoch(epoch, 3)
                seen.append(optimizer.param_groups[0][option])
                for unit in optimizer.units():
                    on = unit.count - int((unit.weight == 0).sum())
                    self.assertEqual(on, unit.on)
                    if criterion == "topk":
                        self.assertEqual(on, int(seen[-1] * unit.count + 0.5))
            np.testing.assert_allclose(seen, [0.2, 0.4, 0.6])
        with self.assertRaisesRegex(submask.InvalidArgument, "keep_share in \\(0, 1\\], got 0"):
            optimizer.set_criterion(keep_share=0)


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


class Refusals(unittest.TestCase):
    def refused(self, pattern, call, *words, **options):
        with self.assertRaisesRegex(submask.InvalidArgument, pattern):
            call(*words, **options)

    def test_parameters_that_cannot_be_masked(self):
        self.refused("in float32 or float64, got torch.float16: .*autocast", submask.param_groups, attention().half())
        frozen = attention().requires_grad_(False)
        self.refused("a leaf that requires a gradient", submask.param_groups, frozen)
        tied = attention()
        tied.blocks.append(tied.blocks[0])
        self.refused("tied weights blocks.0.*and blocks.1", submask.param_groups, tied)

        class DTensor(nn.Parameter):
            pass

        sharded = attention()
        layer = sharded.blocks[0]["attn"]["proj"]
        layer.weight = DTensor(layer.weight.detach())
        self.refused("attn.proj.weight as a whole tensor, got a DTensor: FSDP", submask.param_groups, sharded)
        quantised = attention()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantised.extra = torch.ao.nn.quantized.Linear(4, 4)
        sparse = attention()
        optimizer = submask.MaskSGD(submask.param_groups(sparse))
        weight = sparse.blocks[0]["attn"]["proj"].weight
        weight.grad = torch.ones_like(weight).to_sparse()
        self.refused("dense gradients, got torch.sparse_coo", optimizer.step)
        self.refused("without quantised modules, got extra, a Linear", submask.param_groups, quantised)

    def test_patterns_that_fit_nothing(self):
        self.refused(
            "a pattern that matches a mask unit .* got 'layer9", submask.param_groups, attention(), only="layer9.*"
        )
        self.refused("at least one mask unit", submask.param_groups, attention(), exclude="*")

    def test_options_out_of_range(self):
        model = attention()
        before = bits_of(model)
        for words, options in (
            ("a criterion: threshold, topk, flip, got 'best'", {"criterion": "best"}),
            ("a keep_share in", {"keep_share": 1.5}),
            ("a momentum in", {"momentum": 1.0}),
            ("a learning rate >= 0", {"lr": -1}),
            ("a weight decay >= 0", {"weight_decay": -1}),
            ("a score start: constant", {"score_start": "zeros"}),
        ):
            self.refused(words, submask.MaskSGD, submask.param_groups(model), **options)
        groups = submask.param_groups(model)
        self.refused(
            "each parameter in one group", submask.MaskSGD, groups + groups, score_start="normal", score_mean=0
        )
        # The first of the two groups was masked, and is not any more.
        for name, tensor in before.items():
            self.assertTrue(torch.equal(tensor, model.state_dict()[name]))
        submask.MaskSGD(submask.param_groups(model))


if __name__ == "__main__":
    unittest.main()
