"""Body of `validate.quality`: each check as a rule."""

from collections.abc import Sequence

import polars as pl

from tenuto.activities.validate.findings import Rule
from tenuto.activities.validate.freshness import freshness
from tenuto.activities.validate.judging import evaluating, judged, refuse_unknown_columns
from tenuto.activities.validate.keys import duplicates
from tenuto.activities.validate.measures import (
    completeness,
    distribution,
    row_count,
    value_range,
    volume,
)
from tenuto.activities.validate.other_tables import expected_keys, reference
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.validate.quality import (
    Completeness,
    Distribution,
    ExpectedKeys,
    Freshness,
    QualityCheck,
    QualityRequest,
    Range,
    Reference,
    RowCount,
    Uniqueness,
    Volume,
    check_quality,
)
from tenuto.catalog.library.validate.verdict import Validated
from tenuto.core.errors import UsageError


@implements(check_quality)
def validate_quality(request: QualityRequest) -> Validated:
    """The verdict on each row, and on the table as a whole.

    Raises UsageError `validate.unknown-column`, `validate.wrong-type` and `validate.rule-twice`
    before any row is read.
    """
    names = [rule_name(check) for check in request.checks]
    _refuse_repeated(names)
    for check, name in zip(request.checks, names, strict=True):
        refuse_unknown_columns(request.table, columns_of(check), name)
    frame = current_store().scan_table(request.table)
    with evaluating(request.table):
        rules = [
            _rule(request, frame, check, name)
            for check, name in zip(request.checks, names, strict=True)
        ]
    return judged(request, frame, rules)


def columns_of(check: QualityCheck) -> tuple[str, ...]:
    """The columns of the table that a check looks at."""
    match check:
        case RowCount() | Volume():
            return ()
        case ExpectedKeys() | Uniqueness() | Reference():
            return check.columns
        case _:
            return (check.column,)


def rule_name(check: QualityCheck) -> str:
    """What a check is called in the verdict."""
    return check.id or ".".join([*columns_of(check), check.kind])


def _rule(request: QualityRequest, frame: pl.LazyFrame, check: QualityCheck, name: str) -> Rule:
    match check:
        case Completeness():
            return completeness(check, name, request.table, frame)
        case RowCount():
            return row_count(check, name, request.table)
        case ExpectedKeys():
            return expected_keys(check, name, request.table, frame)
        case Uniqueness():
            return duplicates(name, check.severity, frame, check.columns)
        case Range():
            return value_range(check, name, request.table)
        case Freshness():
            return freshness(check, name, request.table, frame)
        case Reference():
            return reference(check, name, request.table)
        case Volume():
            return volume(check, name, request.table)
        case Distribution():
            return distribution(check, name, request.table, frame)


def _refuse_repeated(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"Two checks are called `{twice[0]}`; give each an `id` of its own.",
            code="validate.rule-twice",
        )
