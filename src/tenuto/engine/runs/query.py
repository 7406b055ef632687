"""Visibility queries from typed filters: fixed keys, allow-listed values, nothing escaped.

Quoting rules of the query language can be talked out of any escaping (backslashes, comments,
double-quoted strings), so a value outside the allow-list is refused instead.
"""

import re
from datetime import UTC, date

from pydantic import AwareDatetime

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.engine.bootstrap import BUSINESS_DATE, ENTRY, SUBJECT
from tenuto.engine.runs.status import RunStatus

ALLOWED_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}")


class RunFilter(Record):
    """Which runs; what is not given does not narrow."""

    type_name: str | None = None
    """Temporal workflow type, for example `DailyNav`."""
    entry: str | None = None
    """Catalog name, for example `daily-nav`."""
    status: RunStatus | None = None
    subject: str | None = None
    """A fund, a source, an order."""
    business_date: date | None = None
    """The day the run is for."""
    started_after: AwareDatetime | None = None
    workflow_id: str | None = None
    """Exactly this workflow id."""
    workflow_id_prefix: str | None = None
    run_id: str | None = None
    """Exactly this run id."""


def visibility_query(wanted: RunFilter) -> str:
    """The query, empty for no filter.

    Raises UsageError `runs.filter-value` for a value that may not stand in a query.
    """
    day, status = wanted.business_date, wanted.status
    texts = {
        "WorkflowType": wanted.type_name,
        ENTRY.name: wanted.entry,
        "ExecutionStatus": status.search_name if status else None,
        SUBJECT.name: wanted.subject,
        BUSINESS_DATE.name: day.isoformat() if day else None,
        "WorkflowId": wanted.workflow_id,
        "RunId": wanted.run_id,
    }
    terms = [f"{key} = '{allowed(key, text)}'" for key, text in texts.items() if text is not None]
    if wanted.workflow_id_prefix is not None:
        prefix = allowed("WorkflowId", wanted.workflow_id_prefix)
        terms.append(f"WorkflowId STARTS_WITH '{prefix}'")
    if wanted.started_after is not None:
        terms.append(f"StartTime > '{wanted.started_after.astimezone(UTC).isoformat()}'")
    return " AND ".join(terms)


def is_allowed_value(text: str) -> bool:
    """Whether `text` may stand in a query."""
    return ALLOWED_VALUE.fullmatch(text) is not None


def allowed(key: str, text: str) -> str:
    """`text`, which may stand in a query. Raises UsageError `runs.filter-value` otherwise."""
    if not is_allowed_value(text):
        raise UsageError(
            f"{text!r} cannot be searched for in {key}: a value starts with a letter or digit and"
            " has at most 128 letters, digits, and . _ : @ / + - after it.",
            code="runs.filter-value",
            details={"key": key},
        )
    return text
