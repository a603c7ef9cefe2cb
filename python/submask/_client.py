"""A client of `submask serve` (docs/serve.md), by the standard library alone."""

from __future__ import annotations

import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from submask._error import Error, Unavailable, invalid
from submask._task import Task

Image = Union[bytes, str, "os.PathLike[str]"]  # a file's bytes, or its path
Parts = List[Tuple[str, bytes]]


class ServerError(Error):
    """What a server refused, in its words. `status` is HTTP's; `retry_after_s` is there where the server says when."""

    def __init__(self, line: str, status: int, retry_after_s: Optional[float] = None) -> None:
        super().__init__(line)
        self.status, self.retry_after_s = status, retry_after_s


def _bytes_of(image: Image) -> bytes:
    if isinstance(image, bytes):
        return image
    with open(image, "rb") as file:
        return file.read()


def _form(parts: Parts) -> Tuple[bytes, str]:
    """A form's body and its content type. Names are quoted strings of HTTP, as curl writes them."""
    boundary = secrets.token_hex(16)
    body = []
    for name, data in parts:
        if "\r" in name or "\n" in name:
            raise invalid("labels of one line", repr(name))
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"; filename="file"\r\n\r\n'
        body += [head.encode(), data, b"\r\n"]
    body.append(f"--{boundary}--\r\n".encode())
    return b"".join(body), f"multipart/form-data; boundary={boundary}"


class Client:
    """Asks a server, as Client("http://127.0.0.1:8080"); may be used from many threads.

    `key` is the bearer's, where the server has keys. Every method raises ServerError for what the server refuses, and
    Unavailable where there is no server, or none answers within `timeout_s` seconds.
    """

    def __init__(self, url: str, *, key: Optional[str] = None, timeout_s: float = 60.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise invalid("an address that begins with http:// or https://", repr(url))
        self._url, self._key, self._timeout_s = url.rstrip("/"), key, timeout_s

    def _ask(
        self, path: str, query: Mapping[str, Any], parts: Optional[Parts] = None
    ) -> Tuple[bytes, Mapping[str, str]]:
        asked = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        request = urllib.request.Request(f"{self._url}{path}" + (f"?{asked}" if asked else ""))
        if self._key is not None:
            request.add_header("Authorization", f"Bearer {self._key}")
        if parts is not None:
            request.data, kind = _form(parts)
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:
                return answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except OSError as error:  # URLError, refused connections and time-outs
            raise Unavailable(f"expected a server at {self._url}, got {getattr(error, 'reason', error)}") from None

    def _json(self, path: str, query: Mapping[str, Any], parts: Optional[Parts] = None) -> Any:
        return json.loads(self._ask(path, query, parts)[0])

    def tasks(self, search: Optional[str] = None, *, sort: Optional[str] = None) -> List[Dict[str, Any]]:
        """The tasks that are served; `search` looks in names, data and methods, `sort` is as "-accuracy"."""
        found: List[Dict[str, Any]] = []
        while True:
            page = self._json("/v1/tasks", {"search": search, "sort": sort, "offset": len(found)})
            found += page["tasks"]
            if not page["tasks"] or len(found) >= page["matching"]:
                return found

    def task(self, name: str) -> Dict[str, Any]:
        """What `submask inspect` says of a task."""
        said: Dict[str, Any] = self._json(f"/v1/tasks/{urllib.parse.quote(name, safe='')}", {})
        return said

    def server(self) -> Dict[str, Any]:
        """Numbers of the server."""
        said: Dict[str, Any] = self._json("/v1/server", {})
        return said

    def predict(self, task: str, image: Image, *, top: Optional[int] = None) -> Dict[str, Any]:
        """Asks a task about an image, which is a whole file (JPEG, PNG and others) or its path.

        The answer has "predictions", a list of {"label", "score"}, the best first, and "model_version".
        """
        return self.predict_all(task, [image], top=top)[0]

    def predict_all(self, task: str, images: Sequence[Image], *, top: Optional[int] = None) -> List[Dict[str, Any]]:
        """Asks a task about several images in one request: an answer each."""
        parts = [("image", _bytes_of(image)) for image in images]
        answer = self._json(f"/v1/tasks/{urllib.parse.quote(task, safe='')}/predict", {"top": top}, parts)
        return list(answer["results"]) if "results" in answer else [answer]

    def predict_by(self, tasks: Sequence[str], image: Image, *, top: Optional[int] = None) -> List[Dict[str, Any]]:
        """Asks several tasks, ["*"] for all, about one image: an answer each; what failed has "error" and "status"."""
        query = {"tasks": ",".join(tasks), "top": top}
        answer: Dict[str, Any] = self._json("/v1/predict", query, [("image", _bytes_of(image))])
        return list(answer["results"]) if "results" in answer else [answer]

    def teach(
        self, examples: Mapping[str, Sequence[Image]], *, task: Optional[str] = None, probe: Optional[str] = None
    ) -> Tuple[Task, Optional[float]]:
        """Makes a task of a few images of each class, over the mask of `task` (none: the backbone as it is).

        `probe` is "knn" or "lp". Returns the task and its accuracy as leaving one out tells it, where it does.
        """
        data, headers = self._ask("/v1/teach", {"task": task, "probe": probe}, _lesson(examples))
        accuracy = headers.get("X-Submask-Accuracy")
        return Task.from_bytes(data, "the server's task"), None if accuracy is None else float(accuracy)

    def teach_as(
        self,
        name: str,
        examples: Mapping[str, Sequence[Image]],
        *,
        task: Optional[str] = None,
        probe: Optional[str] = None,
    ) -> Dict[str, Any]:
        """The same, saved on the server and served as `name`, which needs a key of the role admin."""
        query = {"name": name, "task": task, "probe": probe}
        said: Dict[str, Any] = self._json("/v1/teach", query, _lesson(examples))
        return said


def _lesson(examples: Mapping[str, Sequence[Image]]) -> Parts:
    return [(f"image:{label}", _bytes_of(image)) for label, images in examples.items() for image in images]


def _refusal(error: urllib.error.HTTPError) -> ServerError:
    body = error.read()
    try:
        line = str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        line = f"expected an answer, got {error.code} {error.reason}"
    wait = error.headers.get("Retry-After", "")
    return ServerError(line, error.code, float(wait) if wait.isdigit() else None)
