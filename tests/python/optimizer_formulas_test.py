"""MaskSGD and MaskAdam are the program's formulas."""

import io
import itertools
import pathlib
import sys
import unittest

import numpy as np
import torch
from torch import nn

import submask
from learning import attention, learn
from reference import Unit, fused_step

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
import counter_random  # noqa: E402

SGD = {"momentum": 0.9, "nesterov": False, "weight_decay": 0.0}
MASKS = {"criterion": "threshold", "mu": 0.0, "keep_share": 0.7, "scale": True}


def rows(*units):
    return [[name, begin, end, transposed, index] for index, (name, begin, end, transposed) in enumerate(units)]


def group_of(parameters, units, **options):
    return {"params": parameters, "units": units, **options}


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


if __name__ == "__main__":
    unittest.main()
