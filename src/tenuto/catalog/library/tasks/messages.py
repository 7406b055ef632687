"""What people say to a task: the arguments of its updates. Who says it stands in the ticket."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from tenuto.catalog.library.tasks.request import Action, Assignee, Candidate, Span
from tenuto.core.records import Record
from tenuto.core.references import Document, Sha256

Text = Annotated[str, StringConstraints(max_length=10_000)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Claim(Record):
    """Takes the task: nobody else decides while it is claimed. Update `claim`."""


class Release(Record):
    """Gives a claimed task back. Update `release`."""


class Delegate(Record):
    """Hands the task to one person; the candidates stay. Update `delegate`.

    Who has claimed it may, and while nobody has, any candidate.
    """

    to: Assignee
    comment: Text = ""


class Forward(Record):
    """Replaces the candidates, and frees the task. Update `forward`; for the same people."""

    to: Annotated[tuple[Candidate, ...], Field(min_length=1)]
    comment: Reason


class Decide(Record):
    """A vote, an edit, or an answer. Update `decide`."""

    decision: Action
    comment: Text = ""
    """Needed to reject and to respond."""
    form: dict[str, JsonValue] | None = None
    seen: Sha256 | None = None
    """Hash of what was looked at; the task's `seen`, where it has one."""


class Remark(Record):
    """A comment. Update `comment`."""

    text: Reason


class Attach(Record):
    """A file in the artifact store that belongs to the task. Update `attach`."""

    document: Document
    comment: Text = ""


class RemindMe(Record):
    """A reminder for whoever asks. Update `remind_me`."""

    after: Span
    """Counted from now."""


class Administer(Record):
    """What only an administrator may do. Update `administer`."""

    what: Literal["reassign", "expire", "cancel"]
    to: tuple[Candidate, ...] = ()
    """The new candidates, to reassign."""
    reason: Reason
