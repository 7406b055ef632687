"""`validate.rules`: business rules that a person writes in a file, held against every row."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.validate.verdict import QUEUE, Severity, TableRequest, Validated
from tenuto.core.records import Record
from tenuto.core.references import Document

ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

ParameterType = Literal["number", "text", "date", "boolean"]


class BusinessRule(Record):
    """One rule of a rule file."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,99}$")]
    severity: Severity = "block"
    description: str
    when: str | None = None
    """The rows the rule is about; all where it is not given."""
    check: str
    """What must be true of them. What cannot be told, because a value is missing, fails."""
    message: str
    """What was found, for a person; `{column}` stands for the row's value."""
    remedy: str


class RuleFile(Record):
    """Business rules, as a person writes them down in YAML."""

    version: Literal[1]
    parameters: dict[ParameterName, ParameterType] = Field(default_factory=dict)
    """What a request must give; an expression reads it as `$name`."""
    rules: Annotated[tuple[BusinessRule, ...], Field(min_length=1)]


class RulesRequest(TableRequest):
    """A table and the rules it must obey."""

    rules: Document | str
    """A rule file (YAML) in the artifact store, or its text."""
    parameters: dict[str, str] = Field(default_factory=dict)
    """A value for each parameter that the file declares, as text: `2026-03-31`, `0.05`, `true`."""


check_rules = activity(
    "validate.rules",
    request=RulesRequest,
    result=Validated,
    summary="Hold every row against business rules from a rule file.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=30),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same table and rules give the same bytes, which are stored once.",
)
