"""A client of `submask serve` (docs/serve.md), by the standard library alone."""

from __future__ import annotations

import http.client
import json
import math
import os
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from submask._error import Error, FileError, Unavailable, converted, invalid
from submask._paths import path_of
from submask._task import Task

Image = Union[bytes, str, "os.PathLike[str]"]  # a file's bytes, or its path
Parts = List[Tuple[str, bytes]]

_most_bytes = 1 << 28  # of an answer; a task file is the longest


class ServerError(Error):
    """What a server refused, in its words. `status` is HTTP's; `retry_after_s` is there where the server says when."""

    def __init__(self, line: str, status: int, retry_after_s: Optional[float] = None) -> None:
        super().__init__(line)
        self.status, self.retry_after_s = status, retry_after_s


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """urllib would send the key to whatever host a redirect names."""

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        fp.close()
        raise ServerError(f"expected an answer, got a redirect to {headers.get('Location', 'nowhere')!r}", code)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _bytes_of(image: Image) -> bytes:
    if isinstance(image, (bytes, bytearray)):
        return bytes(image)
    # open() would take a number for a file descriptor, and close it.
    if not isinstance(image, (str, os.PathLike)):
        raise invalid("an image, a file's bytes or its path", type(image).__name__)
    name = path_of(image)
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileError(f"expected an image {name}, got {error.strerror}") from None


def _several(expected: str, items: Any) -> List[Any]:
    """A text or a file's bytes are sequences too, of what nobody means."""
    if isinstance(items, (str, bytes, bytearray)) or not isinstance(items, Iterable):
        raise invalid(f"a list of {expected}", type(items).__name__)
    found = list(items)
    if not found:
        raise invalid(f"at least one of {expected}", "none")
    return found


def _read(answer: Any, deadline: float) -> bytes:
    """A body as it comes, of `_most_bytes` at most, until `deadline` (of time.monotonic())."""
    pieces: List[bytes] = []
    size = 0
    while True:
        piece = answer.read1(1 << 16)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if size > _most_bytes:
            raise ValueError(f"more than {_most_bytes} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError("no whole answer in time")
    said = answer.headers.get("Content-Length", "")
    if said.isdecimal() and int(said) != size:
        raise ValueError(f"{size} of {said} bytes")
    return b"".join(pieces)


def _form(parts: Parts) -> Tuple[bytes, str]:
    """A form's body and its content type. Names are quoted strings of HTTP, as curl writes them."""
    boundary = secrets.token_hex(16)
    body = []
    for name, data in parts:
        if "\r" in name or "\n" in name or "\0" in name:
            raise invalid("labels of one line", repr(name))
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"; filename="file"\r\n\r\n'
        with converted("labels of one line"):
            body += [head.encode(), data, b"\r\n"]
    body.append(f"--{boundary}--\r\n".encode())
    return b"".join(body), f"multipart/form-data; boundary={boundary}"


class Client:
    """Asks a server, as Client("http://127.0.0.1:8080"); may be used from many threads.

    `key` is the bearer's, where the server has keys. Every method raises ServerError for what the server refuses and
    for a redirect, which is not followed; Unavailable where there is no server, none answers within `timeout_s`
    seconds, or what answers is no `submask serve`; InvalidArgument and FileError for wrong arguments.
    """

    def __init__(self, url: str, *, key: Optional[str] = None, timeout_s: float = 60.0) -> None:
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise invalid("an address that begins with http:// or https://", repr(url))
        with converted(f"an address of a host and a port, as {url!r}"):
            parts = urllib.parse.urlsplit(url)
            if not parts.hostname or parts.port == 0 or not url.isprintable() or " " in url:
                raise invalid("an address of a host and a port", repr(url))
        if key is not None and not (isinstance(key, str) and key.isascii() and key.isprintable()):
            raise invalid("a key of one line in ASCII", "another")
        with converted("a timeout of seconds"):
            if not 0 < timeout_s < math.inf:
                raise invalid("a timeout of seconds", timeout_s)
        self._url, self._key, self._timeout_s = url.rstrip("/"), key, timeout_s
        self._opener = urllib.request.build_opener(_NoRedirects)

    def _ask(
        self, path: str, query: Mapping[str, Any], parts: Optional[Parts] = None
    ) -> Tuple[bytes, Mapping[str, str]]:
        with converted("a query of texts and numbers"):
            asked = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        request = urllib.request.Request(f"{self._url}{path}" + (f"?{asked}" if asked else ""))
        if self._key is not None:
            request.add_header("Authorization", f"Bearer {self._key}")
        if parts is not None:
            request.data, kind = _form(parts)
            request.add_header("Content-Type", kind)
        deadline = time.monotonic() + self._timeout_s
        try:
            try:
                with self._opener.open(request, timeout=self._timeout_s) as answer:
                    return _read(answer, deadline), answer.headers
            except urllib.error.HTTPError as error:
                with error:
                    raise _refusal(error, _read(error, deadline)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            # No host, refused connections and time-outs; answers that break off or are no HTTP.
            raise self._no_server(getattr(error, "reason", None) or error or type(error).__name__) from None

    def _no_server(self, got: object) -> Unavailable:
        return Unavailable(f"expected a server at {self._url}, got {str(got)[:200]}")

    def _json(self, path: str, query: Mapping[str, Any], parts: Optional[Parts] = None) -> Dict[str, Any]:
        """What the server says, which is an object."""
        body = self._ask(path, query, parts)[0]
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise self._no_server(f"{body[:40]!r}, which is no object of JSON")
        return said

    def _answers(self, said: Dict[str, Any]) -> List[Dict[str, Any]]:
        """Of one or several predictions."""
        answers = said.get("results", [said])
        known = isinstance(answers, list) and all(
            isinstance(answer, dict) and ("predictions" in answer or "error" in answer) for answer in answers
        )
        if not known or not answers:
            raise self._no_server("an answer without predictions")
        return list(answers)

    def tasks(self, search: Optional[str] = None, *, sort: Optional[str] = None) -> List[Dict[str, Any]]:
        """The tasks that are served, each with its name as "task"; `search` looks in names, data and methods, `sort` is
        as "-accuracy"."""
        found: List[Dict[str, Any]] = []
        while True:
            page = self._json("/v1/tasks", {"search": search, "sort": sort, "offset": len(found)})
            tasks, matching = page.get("tasks"), page.get("matching")
            if not isinstance(tasks, list) or not isinstance(matching, int):
                raise self._no_server("a page without tasks")
            found += tasks
            if not tasks or len(found) >= matching:
                return found

    def task(self, name: str) -> Dict[str, Any]:
        """What `submask inspect` says of a task."""
        return self._json(_path_of_task(name), {})

    def server(self) -> Dict[str, Any]:
        """Numbers of the server."""
        return self._json("/v1/server", {})

    def predict(self, task: str, image: Image, *, top: Optional[int] = None) -> Dict[str, Any]:
        """Asks a task about an image, which is a whole file (JPEG, PNG and others) or its path.

        The answer has "predictions", a list of {"label", "score"}, the best first, and "model_version".
        """
        return self.predict_all(task, [image], top=top)[0]

    def predict_all(self, task: str, images: Sequence[Image], *, top: Optional[int] = None) -> List[Dict[str, Any]]:
        """Asks a task about several images in one request: an answer each."""
        parts = [("image", _bytes_of(image)) for image in _several("images", images)]
        return self._answers(self._json(f"{_path_of_task(task)}/predict", {"top": top}, parts))

    def predict_by(self, tasks: Sequence[str], image: Image, *, top: Optional[int] = None) -> List[Dict[str, Any]]:
        """Asks several tasks, ["*"] for all, about one image: an answer each; what failed has "error" and "status"."""
        query = {"tasks": ",".join(map(str, _several("names of tasks", tasks))), "top": top}
        return self._answers(self._json("/v1/predict", query, [("image", _bytes_of(image))]))

    def teach(
        self, examples: Mapping[str, Sequence[Image]], *, task: Optional[str] = None, probe: Optional[str] = None
    ) -> Tuple[Task, Optional[float]]:
        """Makes a task of a few images of each class, over the mask of `task` (none: the backbone as it is).

        `probe` is "knn" or "lp". Returns the task and its accuracy as leaving one out tells it, where it does.
        """
        data, headers = self._ask("/v1/teach", {"task": task, "probe": probe}, _lesson(examples))
        said = headers.get("X-Submask-Accuracy")
        try:
            accuracy = None if said is None else float(said)
        except ValueError:
            raise self._no_server(f"an accuracy of {said}") from None
        return Task.from_bytes(data, "the server's task"), accuracy

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
        return self._json("/v1/teach", query, _lesson(examples))


def _path_of_task(name: str) -> str:
    with converted("the name of a task"):
        return f"/v1/tasks/{urllib.parse.quote(name, safe='')}"


def _lesson(examples: Mapping[str, Sequence[Image]]) -> Parts:
    if not isinstance(examples, Mapping):
        raise invalid("examples, lists of images by label", type(examples).__name__)
    lists = {label: _several(f"images of {label!r}", images) for label, images in examples.items()}
    return [(f"image:{label}", _bytes_of(image)) for label, images in lists.items() for image in images]


def _refusal(error: urllib.error.HTTPError, body: bytes) -> ServerError:
    try:
        line = str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        line = f"expected an answer, got {error.code} {error.reason}"
    wait = error.headers.get("Retry-After", "")
    return ServerError(line, error.code, float(wait) if wait.isascii() and wait.isdecimal() else None)
