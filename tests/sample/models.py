"""What goes in and out of the sample workflows."""

from pydantic import PositiveInt

from tenuto.core.records import Record


class StepRequest(Record):
    """One step that leaves a mark outside the run each time it is executed."""

    folder: str
    """Where the marks are: one file per step, one line per execution."""
    step: str
    is_held: bool = False
    """Whether the step waits, heartbeating, until the file `release-<step>` exists."""


class StepResult(Record):
    """Which step was done."""

    step: str


class FiveStepsRequest(Record):
    """Five steps, one after the other."""

    folder: str
    held: tuple[str, ...] = ()
    """The steps that wait to be released."""


class FiveStepsResult(Record):
    """The steps in the order they were done."""

    steps: tuple[str, ...]


class FlakyRequest(Record):
    """A step that fails before it works."""

    folder: str
    failures: int
    """Attempts that fail before one works."""
    error: str = "transient"
    """`transient`, `data`, `listed` (named by the retry policy), or `plain`."""


class SlowRequest(Record):
    """A step that runs into the timeout `kind`."""

    folder: str
    kind: str


class CountRequest(Record):
    """A long step that reports its progress and goes on where its last attempt stopped."""

    folder: str
    rows: PositiveInt
    held_at: int
    """Row at which it waits until the file `release-count` exists."""


class CountResult(Record):
    """What the last attempt did."""

    rows: int
    started_at_row: int
    """Where the last attempt began."""


class BigRequest(Record):
    """A result of so many bytes."""

    size_bytes: PositiveInt


class BigResult(Record):
    """A result that may be larger than the engine allows."""

    text: str


class ApprovalRequest(Record):
    """A decision by a person."""

    subject: str
    deadline_s: PositiveInt = 86400


class Decision(Record):
    """What the person said."""

    is_approved: bool
    by: str


class ChildRequest(Record):
    """A run that starts another one and waits for it."""

    subject: str


class ManyRequest(Record):
    """So many timers at once."""

    timers: PositiveInt


class RaiseRequest(Record):
    """An exception raised in workflow code."""

    kind: str
    """`data`, `value`, `native`, `clock`, or `file`."""


class Names(Record):
    """A list that a string must not be taken for."""

    names: list[str]


class Done(Record):
    """Nothing more to say."""

    text: str


class CleanRequest(Record):
    """A run that is cancelled while it does `where`, and undoes what it did."""

    folder: str
    where: str
    """`activity`, `timer`, `decision`, `child`, or `nowhere`: it finishes."""
    undo_failures: int = 0
    """Attempts of the first clean-up step that fail before it works."""


class UndoRequest(Record):
    """Undo one thing, after failing some times."""

    folder: str
    what: str
    failures: int = 0


class SumRequest(Record):
    """Numbers to add up."""

    numbers: tuple[int, ...]
    pause_s: float = 0


class SumResult(Record):
    """Their sum."""

    total: int
