"""A run that says what it is told to say."""

from pydantic import JsonValue

from tenuto.catalog import workflow_entry
from tenuto.core.records import Record

QUEUE = "paced-tests"


class Words(Record):
    """What to say."""

    says: JsonValue = None
    fails: bool = False


class Plan(Record):
    """What comes next."""

    next: JsonValue


class Said(Record):
    """What was said."""

    plan: Plan


saying = workflow_entry(
    "saying",
    type_name="Saying",
    request=Words,
    result=Said,
    summary="Say when the next one is.",
    queue=QUEUE,
)
