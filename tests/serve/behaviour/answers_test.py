"""What a server answers."""

import gzip
import json
import subprocess

from serve_case import ServeCase, image, other_image, predicted, program, version_of
from server import soon


class Answers(ServeCase):
    def test_says_what_predict_says(self):
        server = self.serve()
        self.assertEqual((server.tasks, server.backbone), (3, "resnet20"))
        files = {name: self.tasks / name for name in ("a.task", "b.task", "c.cascade")}
        expected = predicted(files.values(), image)
        for file, path in files.items():
            answer = server.predict(path.stem, image, "?top=100").json()
            self.assertEqual((answer["task"], answer["model_version"]), (path.stem, version_of(path)))
            self.assert_answer(answer, expected[file])

    def test_answers_whatever_time_it_may_take(self):
        self.assertEqual(self.serve("--timeout-s", "1e30").predict("a", image).status, 200)

    def test_says_it_bit_for_bit_without_batches(self):
        server = self.serve("--max-batch", 1)
        for name, expected in predicted([self.tasks / "a.task", self.tasks / "b.task"], image).items():
            answer = server.predict(name.removesuffix(".task"), image, "?top=100").json()
            self.assertEqual({each["label"]: each["score"] for each in answer["predictions"]}, expected)

    def test_answers_several_images_and_tasks(self):
        server = self.serve()
        alone = {(task, each): server.predict(task, each, "?top=100").json()["predictions"]
                 for task in ("a", "b") for each in (image, other_image)}
        files = [("image", "x.png", image), ("image", "y.png", other_image)]
        results = server.post_form("/v1/predict?tasks=b,a&top=100", files).json()["results"]
        self.assertEqual([(r["task"], r["image"]) for r in results],
                         [("b", "x.png"), ("b", "y.png"), ("a", "x.png"), ("a", "y.png")])
        for result in results:
            expected = alone[result["task"], image if result["image"] == "x.png" else other_image]
            self.assert_answer(result, {each["label"]: each["score"] for each in expected})
        everything = server.ask("POST", "/v1/predict?tasks=*&top=1", image).json()["results"]
        self.assertEqual([r["task"] for r in everything], ["a", "b", "c"])
        self.assertEqual([len(r["predictions"]) for r in everything], [1, 1, 1])

    def test_one_bad_image_or_task_harms_no_other(self):
        server = self.serve()
        files = [("image", "x.png", image), ("image", "bad.png", b"no image")]
        good, bad = server.post_form("/v1/tasks/a/predict", files).json()["results"]
        self.assertEqual(good["image"], "x.png")
        self.assertEqual(bad["status"], 400)
        self.assertRegex(bad["error"], "expected a JPEG.*got a file that begins with.*in bad.png")
        good, missing = server.ask("POST", "/v1/predict?tasks=%20a,%20nope", image).json()["results"]
        self.assertIn("predictions", good)
        self.assertEqual((missing["task"], missing["status"]), ("nope", 404))

    def test_takes_compressed_bodies(self):
        server = self.serve()
        answer = server.predict("a", gzip.compress(image), **{"Content-Encoding": "gzip"})
        self.assertEqual(answer.json()["predictions"], server.predict("a", image).json()["predictions"])
        self.assertEqual(server.predict("a", image, **{"Content-Encoding": "gzip"}).status, 400)
        self.assertEqual(server.predict("a", image, **{"Content-Encoding": "br"}).status, 415)

    def test_lists_and_describes_tasks(self):
        server = self.serve()
        listed = server.get("/v1/tasks?sort=-name&limit=2").json()
        self.assertEqual((listed["matching"], [t["task"] for t in listed["tasks"]]), (3, ["c", "b"]))
        self.assertEqual([t["task"] for t in server.get("/v1/tasks?search=A").json()["tasks"]][:1], ["a"])
        self.assertEqual(server.get("/v1/tasks?offset=7").json()["tasks"], [])
        out = subprocess.run([program, "inspect", self.tasks / "a.task", "--json"], capture_output=True, text=True,
                             check=True).stdout
        shown, inspected = server.get("/v1/tasks/a").json(), json.loads(out)
        self.assertEqual({key: shown[key] for key in inspected}, inspected)
        self.assertEqual(server.get("/v1/tasks/c").json()["kind"], "cascade")
        self.assertTrue(soon(lambda: server.get("/v1/tasks/a").json()["state"] == "bits"))  # free memory is filled
        server.predict("a", image)
        self.assertEqual(server.get("/v1/tasks/a").json()["state"], "weights")

    def test_tells_tritons_clients_of_all_models(self):
        server = self.serve()
        server.predict("a", image)
        counts = {each["name"]: each["inference_count"] for each in server.get("/v2/models/stats").json()["model_stats"]}
        self.assertEqual(counts, {"a": 1, "b": 0, "c": 0})
        self.assertEqual(server.get("/v2/models/a/config").json()["max_batch_size"], 256)
