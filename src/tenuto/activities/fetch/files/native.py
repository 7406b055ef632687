"""Readers written in another language: what they raise, and how they die, as our errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from tenuto.core.errors import DataError


@contextmanager
def native_reader(name: str, kind: str, *failures: type[Exception]) -> Iterator[None]:
    """Translates `failures`, and panics, into DataError `files.damaged`.

    A panic of a Rust library is no Exception: left alone, it would end the worker's thread.
    """
    try:
        yield
    except failures as exc:
        raise _damaged(name, kind, exc) from exc
    except BaseException as exc:
        if type(exc).__name__ != "PanicException":
            raise
        raise _damaged(name, kind, exc) from exc


def _damaged(name: str, kind: str, exc: BaseException) -> DataError:
    said = (str(exc).splitlines() or [""])[0][:200]
    return DataError(
        f"{name} is not a {kind} that can be read: {said}; have it sent again, whole and without "
        "a password, or correct `format`",
        code="files.damaged",
        details={"file": name},
    )
