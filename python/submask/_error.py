"""What this package raises: one family, whose lines read "expected ..., got ..., in FILE"."""

from __future__ import annotations

import contextlib
from typing import Iterator


class Error(Exception):
    """Whatever goes wrong here. The line is the library's own, where the library found it."""


class InvalidArgument(Error, ValueError):
    """The caller asks for a wrong value or combination."""


class CorruptFile(Error, ValueError):
    """A file is truncated, damaged, or of another kind."""


class UnsupportedVersion(Error):
    """A file is of a later format than this library reads."""


class FileError(Error, OSError):
    """The system refused: no file, a full disk, no permission."""


class Unavailable(Error):
    """This machine or build lacks something."""


class NoLibrary(Error, ImportError):
    """There is no libsubmask_c, or one of another version."""


class OutOfMemory(Error, MemoryError):
    """There is not enough memory for this."""


class Internal(Error):
    """A fault of the library."""


def invalid(expected: object, got: object) -> InvalidArgument:
    """The error for a wrong argument, in the words that the program uses."""
    return InvalidArgument(f"expected {expected}, got {got}")


@contextlib.contextmanager
def converted(expected: object) -> Iterator[None]:
    """What Python raises of junk in here, as a wrong argument; errors of this package stay as they are."""
    try:
        yield
    except Error:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, RuntimeError, TypeError, ValueError) as error:
        line = str(error).split("\n")[0]
        raise invalid(expected, line or type(error).__name__) from None
