"""The one shape of every validation: what is good, what is set aside, and why."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.records import Record
from tenuto.core.references import Dataset

QUEUE = "compute"

Severity = Literal["warn", "block"]
"""`warn` is counted and the row stays good; `block` sets the row aside."""

OnBlock = Literal["quarantine", "fail"]
"""`quarantine` sets rows aside and returns; `fail` raises DataError `validate.blocked`."""

Outcome = Literal["pass", "warn", "block"]

RuleId = Annotated[str, Field(min_length=1, max_length=200)]

Share = Annotated[Decimal, Field(ge=0, le=1)]
"""A fraction: 0.05 is five percent."""


class TableRequest(Record):
    """What every validation is told."""

    table: Dataset
    """The table to validate."""
    row_keys: tuple[str, ...] = ()
    """Columns that name a row to a person, shown with every example."""
    on_block: OnBlock = "quarantine"


class Example(Record):
    """One thing that failed, said so that it can be fixed."""

    row: PositiveInt | None = None
    """1-based row of the table; None for a finding about the table as a whole."""
    key: dict[str, str | None] = Field(default_factory=dict)
    """The row's values in the request's `row_keys`, as text."""
    found: str
    remedy: str


class RuleSummary(Record):
    """What one rule found."""

    rule: RuleId
    severity: Severity
    description: str
    checked: NonNegativeInt
    """Rows (for a rule about another table's keys: keys) the rule applied to."""
    failed: NonNegativeInt
    share: Share
    """`failed / checked` to six decimals, half to even; 0 where nothing was checked."""
    examples: Annotated[tuple[Example, ...], Field(max_length=10)] = ()
    """The first failures, in row order."""


class Validated(Record):
    """Every row of the input is in `good` or in `quarantined`, in the input's order."""

    outcome: Outcome
    """The worst of what failed."""
    good: Dataset
    """Rows that no blocking rule speaks against. The input itself where that is all of it."""
    quarantined: Dataset | None
    """Rows a blocking rule failed: all original columns and `reasons`, a list of texts
    `<rule> (<severity>): <found>`. None unless the outcome is `block`. A blocking rule about the
    table as a whole sets all rows aside."""
    summary: tuple[RuleSummary, ...]
    """One entry for each rule, in the order of the request."""
