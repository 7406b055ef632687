"""Whose a schedule on the server is, and what it was made from.

The owner stands in the schedule's memo, which cannot be changed later. What changes stands in the
memo of what it starts: the text, and all that follows from it. A digest of that is the schedule's
`TenutoStatus`, so that one listing tells what has changed.
"""

from typing import Any, Literal

from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleListDescription,
)
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from tenuto.core.records import Record
from tenuto.engine.bootstrap import ENTRY, STATUS
from tenuto.triggers.schedules.facts import Facts

OWNER = "TenutoOwner"
"""Memo of a schedule: whose it is."""
AUTHORED = "TenutoAuthored"
"""Memo of what a schedule starts: what it was made from."""
_OF_FILE = "schedules/"
_OF_DEFINITION = "definition/"


class Owner(Record):
    """Whose a schedule is."""

    kind: Literal["file", "definition", "other"]
    """`file`: schedules as code; `definition`: a deployed definition's; `other`: not Tenuto's."""
    name: str = ""
    """The project's owner name, or `namespace/name` of the definition."""


class AuthoredMark(Record):
    """What a schedule was made from."""

    version: Literal[1] = 1
    owner: str
    digest: str
    text: str
    """As it is written, YAML."""
    source: str
    """The file, or `module:attribute`."""
    time_zone: str
    """The author's."""
    note: str
    facts: Facts


def owner_memo(owner: str) -> dict[str, str]:
    """The memo of a schedule of that project."""
    return {OWNER: f"{_OF_FILE}{owner}"}


def found_by(entry: str, digest: str) -> TypedSearchAttributes:
    """What the schedule itself is found by."""
    return TypedSearchAttributes(
        [SearchAttributePair(ENTRY, entry), SearchAttributePair(STATUS, digest)]
    )


async def owner_of(found: ScheduleListDescription | ScheduleDescription) -> Owner:
    """Whose the schedule is, by its memo."""
    said = await found.memo_value(OWNER, None)
    if isinstance(said, str) and said.startswith(_OF_FILE):
        return Owner(kind="file", name=said.removeprefix(_OF_FILE))
    if said == found.id and found.id.startswith(_OF_DEFINITION):
        return Owner(kind="definition", name=found.id.removeprefix(_OF_DEFINITION))
    return Owner(kind="other")


def listed_digest(found: ScheduleListDescription) -> str | None:
    """The digest that the listing tells; it follows the schedule by about a second."""
    return found.typed_search_attributes.get(STATUS)


async def read_authored(client: Client, found: ScheduleDescription) -> AuthoredMark | None:
    """What the schedule was made from; None for one that is no file's."""
    action = found.schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return None
    payload: Any = (action.memo or {}).get(AUTHORED)
    if payload is None:
        return None
    (mark,) = await client.data_converter.decode([payload], [AuthoredMark])
    assert isinstance(mark, AuthoredMark)  # noqa: S101 (narrowing: decoded as that)
    return mark
