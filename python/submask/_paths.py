"""Paths as the caller gives them, and files that are replaced whole."""

from __future__ import annotations

import os
from typing import Callable, Union

from submask._error import FileError, invalid

PathLike = Union[str, "os.PathLike[str]"]


def path_of(path: PathLike) -> str:
    """The path as text. Raises InvalidArgument for what is none, and for a NUL, at which C would cut it."""
    try:
        name = os.fsdecode(path)
        os.fsencode(name)
    except (TypeError, UnicodeError):
        raise invalid("a path", repr(path)) from None
    if "\0" in name:
        raise invalid("a path without a NUL", repr(name))
    return name


def replace_file(path: PathLike, write: Callable[[str], None]) -> None:
    """Has `write` make a file beside `path`, which then takes its place: there is the old file or the whole new one,
    and nothing else. Raises FileError."""
    name = path_of(path)
    folder, base = os.path.split(name)
    part = os.path.join(folder, f".{base}.{os.getpid()}.part")
    try:
        write(part)
        os.replace(part, name)
    except OSError as error:
        raise FileError(f"expected to write {name}, got {error.strerror or error}") from None
    finally:
        if os.path.lexists(part):
            os.remove(part)


def replace_text(path: PathLike, text: str) -> None:
    """Puts a file of this text, in UTF-8, in the place of `path`. Raises FileError."""

    def write(part: str) -> None:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    replace_file(path, write)
