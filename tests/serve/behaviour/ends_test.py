"""How a server ends."""

import signal
import socket
import threading
import time

from serve_case import ServeCase, image
from server import soon


class Ends(ServeCase):
    def test_drains(self):
        server = self.serve("--grace-s", 3)
        statuses = []

        def ask():
            while True:
                try:
                    statuses.append(server.predict("a", image).status)
                except ConnectionRefusedError:
                    return
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(.3)
        server.tell(signal.SIGTERM)
        self.assertTrue(soon(lambda: server.get("/v2/health/ready").status == 503, 3))
        self.assertEqual(server.get("/v2/health/live").json(), {"live": True, "ready": False})
        self.assertEqual(server.process.wait(60), 0)
        for thread in threads:
            thread.join()
        self.assertGreater(len(statuses), 5)
        self.assertEqual(set(statuses), {200})

    def test_ends_at_once_when_told_twice_or_by_hand(self):
        self.assertEqual(self.serve("--grace-s", 600).end(signal.SIGINT), 0)
        server = self.serve("--grace-s", 600)
        server.tell(signal.SIGTERM)
        self.assertTrue(soon(lambda: server.get("/v2/health/ready").status == 503))
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_answers_while_another_is_silent(self):
        server = self.serve()
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
        for each in silent:
            each.sendall(b"POST /v1/tasks/a/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc")
        self.assertEqual(server.predict("a", image).status, 200)
        for each in silent:
            each.close()
