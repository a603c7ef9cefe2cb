"""Task files without torch: the package against tools/read_task.py, which was written from the document alone."""

import copy
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

import numpy as np

from files import GOLDEN, PROGRAM, RESNET20, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import read_task  # noqa: E402

import submask  # noqa: E402

EMBEDDED = ("embedded_small", "embedded_fast", "embedded_child", "embedded_fast_child")


_decode_masks = read_task.decode_masks
_decoded = {}  # by file: masks and seconds, as the reader takes many of these


def decode_masks_once(task, views):
    """read_task.decode_masks() of tasks over one network."""
    if task.file not in _decoded:
        start = time.perf_counter()
        _decoded[task.file] = _decode_masks(task, views), time.perf_counter() - start
    return _decoded[task.file][0]


def resnet20_state():
    return read_task.read_tensors(str(RESNET20))[2]


class TaskFiles(unittest.TestCase):
    def setUp(self):
        self.state = resnet20_state()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        once = unittest.mock.patch.object(read_task, "decode_masks", decode_masks_once)
        once.start()
        self.addCleanup(once.stop)

    def task(self, name):
        return submask.load_task(GOLDEN / f"{name}.task")

    def test_torch_is_not_imported(self):
        # The package has to work where there is no torch.
        done = subprocess.run(
            [sys.executable, "-c", "import sys, submask; submask.load_task(sys.argv[1]); print('torch' in sys.modules)"]
            + [str(GOLDEN / "small.task")],
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.stdout, "False\n", done.stderr)

    def test_without_torch_its_names_are_not_there(self):
        code = """
import importlib.util as util, pydoc, sys
found = util.find_spec
util.find_spec = lambda name, *rest: None if name == "torch" else found(name, *rest)
import submask
assert "MaskSGD" not in dir(submask) and "MaskSGD" not in submask.__all__ and "Client" in submask.__all__
assert "load_task" in pydoc.render_doc(submask, renderer=pydoc.plaintext)
try:
    submask.MaskSGD
except submask.Unavailable as error:
    print(error)
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        self.assertIn("expected the package torch for submask.MaskSGD, got none", done.stdout, done.stderr)

    def test_copies_of_a_task_are_tasks_of_their_own(self):
        task = self.task("embedded_child")  # whose parent is beside its file
        masks = task.masks(self.state)
        for copied in (copy.copy(task), copy.deepcopy(task), pickle.loads(pickle.dumps(task))):
            self.assertEqual((copied.to_bytes(), copied.file), (task.to_bytes(), task.file))
            for name, on in copied.masks(self.state).items():
                np.testing.assert_array_equal(on, masks[name])
        del copied
        self.assertRegex(repr(task), r"^Task\(.*embedded_child.task: resnet20, \d+ classes, \d+\.\d % off\)$")

    def test_paths_that_are_none(self):
        for path in ("a\0b", b"a\0b", 5, None):
            for call in (submask.load_task, self.task("small").write, submask.from_pretrained):
                with self.assertRaisesRegex(submask.InvalidArgument, "expected a path"):
                    call(path)
        for data in ("text", None):
            with self.assertRaisesRegex(submask.InvalidArgument, "the bytes of a task file"):
                submask.Task.from_bytes(data)

    def test_another_networks_statistics_and_features(self):
        task = self.task("embedded_small")
        with self.assertRaisesRegex(submask.InvalidArgument, "statistics .* of 16 channels, got none"):
            task.statistics({"c.weight": np.zeros((8, 3, 3, 3), np.float32)})
        for features in (np.zeros((2, 5)), np.zeros(64), "x"):
            with self.assertRaisesRegex(submask.InvalidArgument, "expected (features of shape|an array)"):
                task.logits(features)

    def test_a_parent_is_a_file(self):
        merged = submask.merge([GOLDEN / f"embedded_{name}.task" for name in ("small", "fast")], self.state, rule="or")
        for parent in (merged, submask.Task.from_bytes(merged.to_bytes())):
            with self.assertRaisesRegex(submask.InvalidArgument, "a parent that is a file"):
                submask.pack(GOLDEN / "embedded_small.task", self.state, parent=parent)

    def test_applies_what_the_reader_of_the_document_applies(self):
        for name in EMBEDDED:
            with self.subTest(name):
                expected_task = read_task.read(str(GOLDEN / f"{name}.task"))
                expected = read_task.apply(expected_task, self.state)
                masks = read_task.decode_masks(expected_task, read_task.unit_views(self.state))
                task = self.task(name)
                got = task.apply(self.state)
                self.assertEqual(list(got), list(self.state))
                for tensor in got:
                    if not tensor.startswith("linear."):  # the reader puts the head there
                        np.testing.assert_array_equal(got[tensor], expected[tensor], tensor)
                for unit, on in task.masks(self.state).items():
                    np.testing.assert_array_equal(on, masks[unit], unit)
                for part, values in read_task.head(expected_task).items():
                    np.testing.assert_array_equal(task.head()[part], values)

    def test_heads_of_every_kind_and_form(self):
        features = np.random.default_rng(0).standard_normal((5, 64)).astype(np.float32)
        for kind in ("cosine", "bank"):
            for form in ("half", "int8", "exact"):
                with self.subTest(f"{kind}_{form}"):
                    file = str(GOLDEN / f"{kind}_{form}.task")
                    expected_task, task = read_task.read(file), submask.load_task(file)
                    expected = read_task.head(expected_task)
                    self.assertEqual(set(task.head()), set(expected))
                    for part, values in expected.items():
                        np.testing.assert_array_equal(task.head()[part], values)
                    width = expected[kind].shape[1]
                    rows = features[:, :width]
                    np.testing.assert_array_equal(task.logits(rows), np.float32(read_task.logits(expected_task, rows)))

    def test_decodes_at_least_five_times_as_fast_as_the_reader(self):
        file = str(GOLDEN / "embedded_small.task")
        task = submask.load_task(file)
        read_task.decode_masks(read_task.read(file), read_task.unit_views(self.state))
        seconds = _decoded[file][1]
        start = time.perf_counter()
        task.masks(self.state)
        self.assertGreater(seconds / (time.perf_counter() - start), 5)

    def test_packs_to_the_programs_bytes(self):
        for name, profile in (("embedded_small", "small"), ("embedded_fast", "fast")):
            packed = self.task(name)
            plain = submask.unpack(packed, self.state)
            self.assertEqual(plain.description["profile"], "plain")
            again = submask.pack(
                plain,
                self.state,
                profile=profile,
                statistics=packed.description["statistics"],
                head=packed.description["head"],
            )
            self.assertEqual(again.to_bytes(), (GOLDEN / f"{name}.task").read_bytes())

    def test_packs_against_a_parent(self):
        child = submask.unpack(self.task("embedded_child"), self.state)
        shutil.copy(GOLDEN / "embedded_small.task", self.folder)
        parent = submask.load_task(self.folder / "embedded_small.task")
        packed = submask.pack(child, self.state, parent=parent)
        alone = submask.pack(child, self.state)
        self.assertLess(packed.description["mask_bytes"], alone.description["mask_bytes"])
        packed.write(self.folder / "child.task")
        read = submask.load_task(self.folder / "child.task")
        masks, expected = read.masks(self.state), child.masks(self.state)
        for unit, on in expected.items():
            np.testing.assert_array_equal(masks[unit], on)
        os.remove(self.folder / "embedded_small.task")
        with self.assertRaisesRegex(submask.FileError, "embedded_small.task"):
            read.masks(self.state)

    def test_differences_and_merges(self):
        a, b = self.task("embedded_small"), self.task("embedded_child")
        on_a, on_b = a.masks(self.state), b.masks(self.state)
        off_both = sum(int((~on_a[unit] & ~on_b[unit]).sum()) for unit in on_a)
        difference = submask.diff(a, b, self.state)
        self.assertEqual(difference.weights, sum(on.size for on in on_a.values()))
        self.assertEqual(difference.off_both, off_both)
        self.assertEqual(difference.off_a, sum(int((~on).sum()) for on in on_a.values()))
        merged = submask.merge([a, b], self.state, rule="and").masks(self.state)
        for unit in merged:
            np.testing.assert_array_equal(merged[unit], on_a[unit] & on_b[unit])
        with self.assertRaisesRegex(submask.InvalidArgument, "expected a rule: and, or, majority, got 'xor'"):
            submask.merge([a, b], self.state, rule="xor")

    def test_signs(self):
        if shutil.which("openssl") is None:
            self.skipTest("no openssl")
        private, public = self.folder / "key.pem", self.folder / "public.pem"
        run = lambda *words: subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
        run("genpkey", "-algorithm", "ed25519", "-out", private)
        run("pkey", "-in", private, "-pubout", "-out", public)
        file = shutil.copy(GOLDEN / "embedded_small.task", self.folder / "signed.task")
        self.assertFalse(submask.load_task(file).is_signed_by(public))
        with self.assertRaisesRegex(submask.CorruptFile, "expected the signature of the owner of .*public.pem"):
            submask.verify(file, key=public)
        submask.sign(file, private)
        self.assertTrue(submask.verify(file, self.state, key=public).description["signed"])

    def test_describes_as_the_program_does(self):
        if PROGRAM is None:
            self.skipTest("no program")
        for file in sorted(GOLDEN.glob("*.task")):
            done = subprocess.run([PROGRAM, "inspect", str(file), "--json"], check=True, capture_output=True, text=True)
            said = json.loads(done.stdout.splitlines()[-1])
            described = submask.inspect(file)
            self.assertEqual({key: said[key] for key in described}, described)

    def test_every_damage_is_one_error(self):
        data = (GOLDEN / "embedded_small.task").read_bytes()
        for end in (0, 7, 500, len(data) - 1):
            with self.assertRaisesRegex(submask.CorruptFile, "expected .*, in cut.task"):
                submask.Task.from_bytes(data[:end], "cut.task")
        flipped = bytearray(data)
        flipped[-1] ^= 1
        with self.assertRaisesRegex(submask.CorruptFile, "in flipped.task"):
            submask.Task.from_bytes(bytes(flipped), "flipped.task")
        with self.assertRaisesRegex(submask.FileError, "nowhere.task"):
            submask.load_task("nowhere.task")
        later = data.replace(b'"version":"1"', b'"version":"9"')
        with self.assertRaises(submask.UnsupportedVersion):
            submask.Task.from_bytes(later)

    def test_another_network_is_refused_with_all_that_differs(self):
        task = self.task("embedded_small")
        other = dict(self.state)
        other["conv1.weight"] = other["conv1.weight"] + np.float32(1e-3)
        with self.assertRaisesRegex(
            submask.InvalidArgument, "expected resnet20 with weights [0-9a-f]{64}, got a network"
        ):
            task.apply(other)
        other["layer1.0.conv1.weight"] = other["layer1.0.conv1.weight"][:8]
        del other["layer3.2.conv2.weight"]
        with self.assertRaises(submask.InvalidArgument) as refused:
            task.apply(other)
        line = str(refused.exception)
        self.assertIn("layer1.0.conv1.weight of shape 16x16x3x3, got 8x16x3x3", line)
        self.assertIn("layer3.2.conv2.weight of shape 64x64x3x3, got none", line)

    def test_verify_finds_bits_of_other_weights(self):
        state = dict(self.state)
        self.assertEqual(
            submask.verify(GOLDEN / "embedded_small.task", state).file, str(GOLDEN / "embedded_small.task")
        )
        state["conv1.weight"] = -state["conv1.weight"]
        with self.assertRaises(submask.InvalidArgument):
            submask.verify(GOLDEN / "embedded_small.task", state)

    def test_no_library_and_another_version_are_told(self):
        def said(library):
            done = subprocess.run(
                [sys.executable, "-c", "import submask"],
                capture_output=True,
                text=True,
                env={**os.environ, "SUBMASK_LIBRARY": str(library)},
            )
            return done.stderr.splitlines()[-1]

        self.assertRegex(said("/nowhere/libsubmask_c.so"), "NoLibrary: expected libsubmask_c.so in /nowhere.*cmake ")
        not_one = self.folder / "libsubmask_c.so"
        not_one.write_text("no library")
        self.assertRegex(said(not_one), "NoLibrary: expected a libsubmask_c, got .*, in .*libsubmask_c.so")


class Names(unittest.TestCase):
    def test_identity_is_the_tasks(self):
        task = submask.load_task(GOLDEN / "embedded_small.task")
        self.assertEqual(submask.identity(resnet20_state()), task.description["weights_identity"])

    def test_units_of_a_prefixed_network(self):
        state = {f"module.{name}": array for name, array in resnet20_state().items()}
        task = submask.load_task(GOLDEN / "embedded_small.task")
        self.assertEqual(submask.identity(state), task.description["weights_identity"])
        self.assertEqual([unit.name for unit in submask.units(state)], [unit.name for unit in task.units])
        applied, plain = task.apply(state), task.apply(resnet20_state())
        np.testing.assert_array_equal(applied["module.bn1.running_mean"], plain["bn1.running_mean"])
        np.testing.assert_array_equal(applied["module.conv1.weight"], plain["conv1.weight"])

    def test_rows_of_a_fused_qkv(self):
        rng = np.random.default_rng(1)
        shapes = {"patch_embed.proj.weight": (8, 3, 4, 4)}
        for name, shape in (("qkv", (24, 8)), ("proj", (8, 8))):
            shapes[f"blocks.0.attn.{name}.weight"] = shape
            shapes[f"blocks.0.attn.{name}.bias"] = shape[:1]
        shapes["blocks.0.mlp.fc1.weight"], shapes["blocks.0.mlp.fc2.weight"] = (16, 8), (8, 16)
        state = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
        units = {unit.name: unit for unit in submask.units(state)}
        k = units["blocks.0.attn.k.weight"]
        self.assertEqual((k.tensor, k.row_begin, k.row_end, k.kind), ("blocks.0.attn.qkv.weight", 8, 16, "k"))
        np.testing.assert_array_equal(k.of(state[k.tensor]), state["blocks.0.attn.qkv.weight"][8:16])

    def test_version_is_the_projects(self):
        project = (ROOT / "CMakeLists.txt").read_text()
        self.assertIn(f"project(submask VERSION {submask.__version__.replace('.dev0', '')} ", project)


if __name__ == "__main__":
    unittest.main()
