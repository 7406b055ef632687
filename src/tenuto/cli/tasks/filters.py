"""The options that narrow a list of tasks, and the filter they mean."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tenuto.core.people import group, person

if TYPE_CHECKING:
    from tenuto.engine.runs.task_query import TaskFilter
    from tenuto.identity.principal import Principal

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
_STATES = ("open", "claimed", "approved", "rejected", "answered", "expired", "cancelled")
_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M")


class _Moment(click.ParamType[datetime]):
    """A day, a minute, or a length of time from now; all UTC, without a zone."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment. Fails with what may be written."""
        if isinstance(value, datetime):
            return value
        from tenuto.cli.tasks.typed_span import read_span
        from tenuto.core.errors import UsageError

        for form in _FORMATS:
            with suppress(ValueError):
                return datetime.strptime(value, form)  # noqa: DTZ007 (UTC, as every date here)
        try:
            return datetime.now(UTC).replace(tzinfo=None) + read_span(value)
        except (UsageError, OverflowError):
            self.fail(
                f"{value!r} is no moment; write `2026-03-31`, `2026-03-31T18:00` (UTC), or from now"
                " on `4h`, `2d`.",
                param,
                ctx,
            )


_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--all", {"is_flag": True, "help": "Everybody's that you may see, not only yours."}),
    ("--assignee", {"metavar": "WHO", "help": "Claimed by that person; `me` is you."}),
    ("--group", {"metavar": "GROUP", "help": "Open to that group."}),
    (
        "--state",
        {"multiple": True, "type": click.Choice((*_STATES, "any")), "help": "Where it stands."},
    ),
    ("--overdue", {"is_flag": True, "help": "Only what should have been done by now."}),
    (
        "--due-before",
        {
            "type": _Moment(),
            "metavar": "MOMENT",
            "help": "Due before 2026-03-31, 2026-03-31T18:00 (UTC), or in 4h, 2d from now.",
        },
    ),
    (
        "--priority",
        {"type": click.IntRange(0, 9), "metavar": "0-9", "help": "This urgent or more; 0 is most."},
    ),
    ("--subject", {"metavar": "TEXT", "help": "What it is about, for example a fund and a day."}),
    ("--kind", {"metavar": "KIND", "help": "What sort of task, for example nav.sign-off."}),
    ("--run", {"metavar": "ID", "help": "Asked by that run."}),
)


def filter_options(command: CommandT) -> CommandT:
    """Adds them; the command hands what it gets to `read_filter`."""
    for flag, options in reversed(_OPTIONS):
        command = click.option(flag, **options)(command)
    return command


def read_filter(
    who: "Principal",
    *,
    all: bool,  # noqa: A002 (the option's name)
    assignee: str | None,
    group: str | None,
    state: tuple[str, ...],
    overdue: bool,
    due_before: datetime | None,
    priority: int | None,
    subject: str | None,
    kind: str | None,
    run: str | None,
) -> "TaskFilter":
    """What the options mean for `who`: the own tasks, unless others are asked for."""
    from tenuto.engine.runs.task_query import OPEN, TaskFilter

    is_own = not (all or assignee or group)
    due = due_before.replace(tzinfo=UTC) if due_before else None
    moments = [each for each in (due, datetime.now(UTC) if overdue else None) if each]
    states = _STATES if "any" in state else state or OPEN
    return TaskFilter.model_validate(
        {
            "words": sorted(who.words) if is_own else (),
            "assignee": _assignee(who, assignee),
            "candidate": _group(group),
            "states": states,
            "due_before": min(moments, default=None),
            "priority": priority,
            "subject": subject,
            "kind": kind,
            "root": run,
        }
    )


def named(who: "Principal", word: str) -> str:
    """A person or a group as tasks name them; `me` is whoever asks."""
    if word == "me":
        return who.id
    return group(word) if word[:2].casefold() == "g:" else person(word)


def _assignee(who: "Principal", word: str | None) -> str | None:
    return None if word is None else named(who, word)


def _group(word: str | None) -> str | None:
    return None if word is None else group(word)
