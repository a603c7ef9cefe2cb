"""Files that come, go and change while a server runs."""

import contextlib
import shutil
import signal
import threading
import time

from serve_case import ServeCase, image, version_of
from server import soon


class Files(ServeCase):
    def test_serves_what_comes_and_forgets_what_goes(self):
        server = self.serve()
        shutil.copy(self.tasks / "a.task", self.tasks / "new.task")
        self.assertTrue(soon(lambda: server.predict("new", image).status == 200))
        (self.tasks / "new.task").unlink()
        self.assertTrue(soon(lambda: server.predict("new", image).status == 404))

    def test_keeps_the_last_good_version(self):
        server = self.serve()
        good = server.predict("a", image, "?top=100").json()
        broken = self.tasks / "a.task.part"
        broken.write_bytes((self.tasks / "a.task").read_bytes()[:-100])
        broken.rename(self.tasks / "a.task")

        def listed():
            return next(t for t in server.get("/v1/tasks").json()["tasks"] if t["task"] == "a")
        self.assertTrue(soon(lambda: "error" in listed()))
        self.assertEqual(server.predict("a", image, "?top=100").json()["model_version"], good["model_version"])
        shutil.copy(self.tasks / "b.task", broken)
        broken.rename(self.tasks / "a.task")
        new = version_of(self.tasks / "b.task")
        self.assertTrue(soon(lambda: server.predict("a", image).json()["model_version"] == new))
        self.assertNotIn("error", listed())

    def test_refuses_files_of_other_backbones_and_names(self):
        (self.tasks / "text.task").write_text("no task")
        (self.tasks / "a.cascade").write_bytes((self.tasks / "c.cascade").read_bytes())
        (self.tasks / "..task").write_text("hidden")
        server = self.serve()
        self.assertTrue(soon(lambda: server.get("/v1/server").json()["unchecked"] == 0))
        index = {(m["name"], m["state"]): m["reason"] for m in
                 server.ask("POST", "/v2/repository/index", b"{}").json()}
        self.assertIn("text.task", index["text", "UNAVAILABLE"])
        self.assertIn("got a task and a cascade", index["a", "UNAVAILABLE"])
        self.assertEqual(server.predict("text", image).status, 404)

    def test_starts_again_from_its_index(self):
        time.sleep(2.1)  # the index keeps files that are older
        server = self.serve()
        self.assertTrue(soon(lambda: server.get("/v1/server").json()["unchecked"] == 0))
        server.end()
        self.assertTrue((self.tasks / ".submask-serve.json").is_file())
        server = self.serve()
        self.assertEqual(server.get("/v1/server").json()["unchecked"], 0)
        self.assertEqual(server.predict("a", image).status, 200)

    def test_kill_harms_nothing(self):
        before = {path.name: path.read_bytes() for path in self.tasks.glob("*.[tc]*")}
        server = self.serve()
        threads = [threading.Thread(target=lambda: self.ask_until_dead(server)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(.5)
        server.end(signal.SIGKILL)
        for thread in threads:
            thread.join()
        self.assertEqual({path.name: path.read_bytes() for path in self.tasks.glob("*.[tc]*")}, before)
        self.assertEqual(self.serve().predict("a", image).status, 200)

    @staticmethod
    def ask_until_dead(server):
        with contextlib.suppress(OSError, Exception):
            while True:
                server.predict("a", image)
