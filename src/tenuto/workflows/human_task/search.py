"""What a task is found by, as search attributes."""

from datetime import timedelta
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from tenuto.catalog.entries import ENTRY_ATTRIBUTE
from tenuto.catalog.library.tasks import attributes
from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.workflows.human_task.state import TaskState

_ENTRY = SearchAttributeKey.for_keyword(ENTRY_ATTRIBUTE)
_SUBJECT = SearchAttributeKey.for_keyword(attributes.SUBJECT_ATTRIBUTE)
_STATE = SearchAttributeKey.for_keyword(attributes.STATE_ATTRIBUTE)
_ASSIGNEE = SearchAttributeKey.for_keyword(attributes.ASSIGNEE_ATTRIBUTE)
_CANDIDATES = SearchAttributeKey.for_keyword_list(attributes.CANDIDATES_ATTRIBUTE)
_DUE = SearchAttributeKey.for_datetime(attributes.DUE_ATTRIBUTE)
_PRIORITY = SearchAttributeKey.for_int(attributes.PRIORITY_ATTRIBUTE)

KEYS: tuple[SearchAttributeKey[Any], ...] = (
    _ENTRY,
    _SUBJECT,
    _STATE,
    _ASSIGNEE,
    _CANDIDATES,
    _DUE,
    _PRIORITY,
)


def found_by(request: TaskRequest, state: TaskState) -> TypedSearchAttributes:
    """Everything a task that stands like this is found by."""
    due = None if request.due is None else state.opened_at + request.due
    subject = request.subject if attributes.is_searchable(request.subject) else None
    values: list[tuple[SearchAttributeKey[Any], Any]] = [
        (_ENTRY, human_task.name),
        (_SUBJECT, subject),
        (_STATE, state.word),
        (_ASSIGNEE, state.assignee),
        (_CANDIDATES, list(state.candidates)),
        # To the second, as it is shown: the engine keeps fewer digits than a moment has.
        (_DUE, due and due - timedelta(microseconds=due.microsecond)),
        (_PRIORITY, request.priority),
    ]
    return TypedSearchAttributes(
        [SearchAttributePair(key, value) for key, value in values if value is not None]
    )
