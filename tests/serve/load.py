"""A steady load on a server, or on what stands before several, and what came of each request."""

import contextlib
import http.client
import itertools
import json
import threading
import time

from server import Answer

lost = (OSError, http.client.HTTPException)  # no answer, or half of one


def essence(answer):
    """What every server must say alike: no times."""
    if answer.status != 200:
        return answer.status
    told = answer.json()
    return told["task"], told["model_version"], json.dumps(told["predictions"])


class Asker:
    """Asks a port for predictions, over one connection or over a new one each time."""

    def __init__(self, port, keeps):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.keeps = keeps

    def predict(self, task, image):
        try:
            self.connection.request("POST", f"/v1/tasks/{task}/predict?top=100", image, {"Content-Type": "image/png"})
            return essence(Answer(self.connection.getresponse()))
        except lost as error:
            self.connection.close()
            return type(error).__name__
        finally:
            if not self.keeps:
                self.connection.close()


class Load:
    """Threads that ask for each task in turn as long as the block lasts. `tries` is how often a client asks in all
    before it gives a request up."""

    def __init__(self, port, tasks, images, threads=4, keeps=(True, False), tries=1, pause_s=.004):
        self.port, self.tasks, self.images = port, tasks, images
        self.keeps, self.tries, self.pause_s = itertools.cycle(keeps), tries, pause_s
        self.results = []  # (task, image number, what was said)
        self.repeats = []  # what was said to requests that were asked again
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.ask, args=(i, next(self.keeps))) for i in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for thread in self.threads:
            thread.join()

    def ask(self, first, keeps):
        asker = Asker(self.port, keeps)
        with contextlib.closing(asker.connection):
            for number in itertools.count(first):
                if self.ends.is_set():
                    return
                task, image = self.tasks[number % len(self.tasks)], number % len(self.images)
                self.results.append((task, image, self.ask_until_told(asker, task, self.images[image])))
                time.sleep(self.pause_s)

    def ask_until_told(self, asker, task, image):
        for _ in range(self.tries - 1):
            said = asker.predict(task, image)
            if isinstance(said, tuple):
                return said
            self.repeats.append(said)
            time.sleep(.2)
        return asker.predict(task, image)

    def wrong(self, expected):
        """Those that did not get what {(task, image number): what a server alone says} has."""
        return [(task, image, said) for task, image, said in self.results if said != expected[task, image]]


def expected_of(server, tasks, images):
    asker = Asker(server.port, keeps=True)
    with contextlib.closing(asker.connection):
        return {(task, number): asker.predict(task, image) for task in tasks for number, image in enumerate(images)}
