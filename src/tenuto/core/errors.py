"""The one error tree, and what each branch means for whoever meets it.

    TenutoError
    ├── UsageError        you wrote it wrong: a command, a setting, a definition   exit 2
    │   └── NotFoundError what you named does not exist                            exit 4
    ├── DataError         the input is wrong; retrying will not help               exit 1
    │   └── CorruptError  stored bytes are not the bytes that were written         exit 1
    ├── TransientError    it may work on the next attempt                          exit 1
    │   └── UnreachableError  a server does not answer, or refuses who you are     exit 5
    └── PolicyDenied      a rule said no                                           exit 1

Whether an attempt is repeated is decided in exactly one place, the failure converter of
`tenuto.engine.converter`: a `TransientError` is retried under the activity's policy,
everything else in this tree is not.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class TenutoError(Exception):
    """Base of everything Tenuto raises on purpose.

    `code` is stable and has a section in `docs/reference/errors.md`; `details` is JSON that
    a program may read (file, row, field). The message is for a person: what was found,
    what was expected, what to do.
    """

    exit_code: ClassVar[int] = 1
    is_retryable: ClassVar[bool] = False

    def __init__(
        self, message: str, *, code: str, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return self.message


class UsageError(TenutoError):
    """A command, setting, or definition is written wrong."""

    exit_code = 2


class NotFoundError(UsageError):
    """What was named does not exist."""

    exit_code = 4


class DataError(TenutoError):
    """The input is wrong, and another attempt will find it just as wrong."""


class CorruptError(DataError):
    """Stored bytes differ from the bytes that were written."""


class TransientError(TenutoError):
    """Something outside failed in a way that may pass."""

    is_retryable = True


class UnreachableError(TransientError):
    """A server does not answer, or does not accept who is asking."""

    exit_code = 5


class PolicyDenied(TenutoError):  # noqa: N818 (the word people use)
    """A rule forbids it."""
