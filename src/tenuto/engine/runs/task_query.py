"""Visibility queries for people's tasks, from typed filters, under the rules of `query`."""

from collections.abc import Iterable
from datetime import UTC
from typing import Annotated

from pydantic import AwareDatetime, Field

from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.outcome import CLOSED, State
from tenuto.core.records import Record
from tenuto.engine.bootstrap import (
    SUBJECT,
    TASK_ASSIGNEE,
    TASK_CANDIDATES,
    TASK_DUE,
    TASK_PRIORITY,
    TASK_STATE,
)
from tenuto.engine.runs.query import allowed, is_allowed_value

OPEN: tuple[State, ...] = ("open", "claimed")
_LIVING = "ExecutionStatus IN ('Running', 'Paused')"


class TaskFilter(Record):
    """Which tasks; what is not given does not narrow."""

    words: tuple[str, ...] = ()
    """A person's id and groups: what that person has claimed, and what is open to any of them."""
    assignee: str | None = None
    """Who has claimed it."""
    candidate: str | None = None
    """A person or a group among those who may decide."""
    states: Annotated[tuple[State, ...], Field(min_length=1)] = OPEN
    due_before: AwareDatetime | None = None
    priority: int | None = None
    """This urgent or more; the most urgent is 0."""
    subject: str | None = None
    """What it is about: an order number, a fund and a day."""
    kind: str | None = None
    """What sort of task it is. Not in visibility: it is compared with what the task says."""
    root: str | None = None
    """Workflow id of the run that asks."""

    @property
    def has_words_to_compare(self) -> bool:
        """Whether a word may not stand in a query, so that candidates are compared by us."""
        return not all(map(is_allowed_value, self.words))


def task_query(wanted: TaskFilter) -> str:
    """The query.

    Raises UsageError `runs.filter-value` for a value that may not stand in a query. The words are
    no filter that somebody typed but who is asking: where one of them may not stand in a query,
    the query does not narrow by them.
    """
    # On another queue somebody else's code would tell what the task asks.
    terms = [
        f"WorkflowType = '{human_task.type_name}' AND TaskQueue = '{human_task.queue}'",
        _in_states(wanted.states),
    ]
    texts = {
        TASK_ASSIGNEE.name: wanted.assignee,
        TASK_CANDIDATES.name: wanted.candidate,
        SUBJECT.name: wanted.subject,
    }
    terms += [f"{key} = '{allowed(key, text)}'" for key, text in texts.items() if text is not None]
    if wanted.words and not wanted.has_words_to_compare:
        terms.append(_open_to(wanted.words))
    if wanted.due_before is not None:
        terms.append(f"{TASK_DUE.name} < '{wanted.due_before.astimezone(UTC).isoformat()}'")
    if wanted.priority is not None:
        terms.append(f"{TASK_PRIORITY.name} <= {wanted.priority:d}")
    if wanted.root is not None:
        terms.append(f"WorkflowId STARTS_WITH 'task/{allowed('WorkflowId', wanted.root)}/'")
    return " AND ".join(terms)


def _in_states(states: Iterable[State]) -> str:
    """A task that was ended by force keeps its state, so an open one has to be alive as well."""
    living = [state for state in states if state not in CLOSED]
    ended = [state for state in states if state in CLOSED]
    terms = [f"({_LIVING} AND {_in(TASK_STATE.name, living)})"] if living else []
    terms += [_in(TASK_STATE.name, ended)] if ended else []
    return f"({' OR '.join(terms)})"


def _open_to(words: Iterable[str]) -> str:
    people = [word for word in words if not word.startswith("g:")]
    mine = [_in(TASK_ASSIGNEE.name, people)] if people else []
    free = f"({TASK_STATE.name} != 'claimed' AND {_in(TASK_CANDIDATES.name, words)})"
    return f"({' OR '.join([*mine, free])})"


def _in(key: str, words: Iterable[str]) -> str:
    listed = ", ".join(f"'{allowed(key, word)}'" for word in sorted(words))
    return f"{key} IN ({listed})"
