"""`validate.quality`: completeness, uniqueness, ranges, freshness, references, volume, shares."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tenuto.activities.validate.quality import validate_quality
from tenuto.artifacts.store import ArtifactStore
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
)
from tenuto.catalog.library.validate.verdict import RuleSummary
from tenuto.core.errors import UsageError
from tenuto.core.references import Dataset

Put = Callable[[pl.DataFrame], Dataset]

ABC = pl.DataFrame({"a": ["x", "y", None]})


def verdict(table: Dataset, check: QualityCheck) -> RuleSummary:
    """What one check finds."""
    (found,) = validate_quality(QualityRequest(table=table, checks=(check,))).summary
    return found


def failing_rows(table: Dataset, check: QualityCheck) -> list[int | None]:
    return [example.row for example in verdict(table, check).examples]


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ([0, None, 7], [2]),
        ([0.0, float("nan"), None], [2, 3]),
        (["0", "", "  ", None, "None"], [2, 3, 4]),
        ([False, None], [2]),
        ([Decimal("0.00"), None], [2]),
    ],
)
def test_sig_8_zero_is_a_value_and_blank_is_none(
    put: Put, values: list[Any], missing: list[int]
) -> None:
    table = put(pl.DataFrame({"a": values}, strict=False))
    assert failing_rows(table, Completeness(column="a")) == missing


@given(values=st.lists(st.sampled_from([0, 5, None]), min_size=1, max_size=20))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sig_8_only_what_is_missing_is_missing(put: Put, values: list[int | None]) -> None:
    table = put(pl.DataFrame({"a": values}, schema={"a": pl.Int64}))
    assert verdict(table, Completeness(column="a")).failed == values.count(None)


def test_up_to_the_threshold_nothing_is_missing_and_above_it_every_row(put: Put) -> None:
    table = put(pl.DataFrame({"a": [1, 2, 3, None, None]}))
    assert verdict(table, Completeness(column="a", max_missing_share=Decimal("0.4"))).failed == 0
    above = verdict(table, Completeness(column="a", max_missing_share=Decimal("0.39")))
    assert [example.row for example in above.examples] == [4, 5]


@pytest.mark.parametrize(
    ("minimum", "maximum", "fails"), [(3, 3, 0), (4, None, 1), (0, 2, 1), (1, None, 0)]
)
def test_a_table_has_the_rows_expected(
    put: Put, minimum: int, maximum: int | None, fails: int
) -> None:
    found = verdict(put(ABC), RowCount(minimum=minimum, maximum=maximum))
    assert found.failed == fails
    assert all(example.found == "there are 3 rows" for example in found.examples)


def test_an_empty_table_is_not_complete_by_itself(store: ArtifactStore, put: Put) -> None:
    found = validate_quality(QualityRequest(table=put(ABC.clear()), checks=(RowCount(),)))
    assert found.outcome == "block"
    assert found.good.rows == 0
    assert found.quarantined is not None
    assert store.get_table(found.quarantined).columns == ["a", "reasons"]


def test_a_blocking_finding_about_the_table_sets_every_row_aside(
    store: ArtifactStore, put: Put
) -> None:
    found = validate_quality(QualityRequest(table=put(ABC), checks=(RowCount(minimum=9),)))
    assert found.good.rows == 0
    assert found.quarantined is not None
    reasons = store.get_table(found.quarantined)["reasons"].to_list()
    assert reasons == [["row-count (block): there are 3 rows"]] * 3


def test_keys_that_are_expected_are_listed_when_they_are_missing(put: Put) -> None:
    expected = put(pl.DataFrame({"id": ["z", "x", "w", "w", None]}))
    found = verdict(
        put(ABC), ExpectedKeys(columns=("a",), expected=expected, expected_columns=("id",))
    )
    assert (found.checked, found.failed) == (3, 2)
    assert [example.found for example in found.examples] == ["a=w is missing", "a=z is missing"]


def test_references_are_found_whatever_they_are_called_there(put: Put) -> None:
    master = put(pl.DataFrame({"id": ["x", "x"], "n": [1, 1]}).cast({"n": pl.Int16}))
    frame = pl.DataFrame({"a": ["x", "y", None, "x"], "b": [1, 1, 1, 2]})
    check = Reference(columns=("a", "b"), table=master, table_columns=("id", "n"))
    found = verdict(put(frame), check)
    assert [example.row for example in found.examples] == [2, 4]
    assert found.checked == 3
    assert found.examples[0].found == "a=y, b=1 is not in table `positions`"


@pytest.mark.parametrize("theirs", [("id",), ("id", "n")])
def test_keys_of_another_type_or_number_are_refused(put: Put, theirs: tuple[str, ...]) -> None:
    master = put(pl.DataFrame({"id": [1], "n": [1]}))
    for check in (
        Reference(columns=("a",), table=master, table_columns=theirs),
        ExpectedKeys(columns=("a",), expected=master, expected_columns=theirs),
    ):
        with pytest.raises(UsageError) as refused:
            verdict(put(ABC), check)
        assert refused.value.code == "validate.keys-differ"


def test_of_rows_alike_all_fail_and_incomplete_keys_are_not_alike(put: Put) -> None:
    frame = pl.DataFrame({"a": ["x", "y", "x", None, None], "b": [1, 1, 1, 1, 1]})
    assert failing_rows(put(frame), Uniqueness(columns=("a", "b"))) == [1, 3]


@pytest.mark.parametrize(
    ("values", "check", "rows"),
    [
        ([Decimal(-1), None, Decimal(1)], Range(column="a", minimum=Decimal(0)), [1]),
        ([0.5, float("nan"), 2.0], Range(column="a", minimum=Decimal(0)), [2]),
        ([date(2026, 1, 1)], Range(column="a", minimum=date(2026, 1, 2)), [1]),
        ([datetime(2026, 1, 1)], Range(column="a", maximum=date(2025, 1, 2)), [1]),  # noqa: DTZ001
    ],
)
def test_a_value_is_in_its_range(
    put: Put, values: list[Any], check: Range, rows: list[int]
) -> None:
    assert failing_rows(put(pl.DataFrame({"a": values})), check) == rows


FRIDAY, MONDAY = date(2026, 3, 27), date(2026, 3, 30)


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        ({"max_age": 3}, [3, 4]),
        ({"max_age": 2}, [1, 3, 4]),
        ({"max_age": 1, "days": "dealing"}, [3, 4]),
        ({"max_age": 0, "days": "dealing"}, [1, 3, 4]),
    ],
)
def test_ops_6_a_date_is_fresh_in_calendar_or_in_dealing_days(
    put: Put, fields: dict[str, Any], rows: list[int]
) -> None:
    table = put(pl.DataFrame({"a": [FRIDAY, MONDAY, date(2026, 3, 31), None]}))
    assert failing_rows(table, Freshness(column="a", as_of=MONDAY, **fields)) == rows


def test_ops_6_a_holiday_is_no_dealing_day(put: Put) -> None:
    """Good Friday and Easter Monday of 2026 are TARGET closing days: 2 April is one day old."""
    table = put(pl.DataFrame({"a": [date(2026, 4, 1), date(2026, 4, 2)]}))
    check = Freshness(column="a", as_of=date(2026, 4, 7), max_age=1, days="dealing", calendar="ECB")
    assert failing_rows(table, check) == [1]


def test_a_moment_counts_by_its_day_in_utc(put: Put) -> None:
    late = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)
    local = pl.DataFrame({"a": [late]}).with_columns(
        pl.col("a").dt.convert_time_zone("Europe/Luxembourg")
    )
    table = put(local)
    assert failing_rows(table, Freshness(column="a", as_of=MONDAY, max_age=0)) == [1]
    assert failing_rows(table, Freshness(column="a", as_of=MONDAY, max_age=1)) == []


def test_the_newest_date_may_speak_for_the_table(put: Put) -> None:
    table = put(pl.DataFrame({"a": [date(2020, 1, 1), FRIDAY]}))
    check = Freshness(column="a", as_of=MONDAY, max_age=3, applies_to="newest")
    assert verdict(table, check).failed == 0
    stale = verdict(table, check.model_copy(update={"max_age": 2}))
    assert stale.examples[0].found == f"the newest a is {FRIDAY}"
    nothing = put(pl.DataFrame({"a": [None]}, schema={"a": pl.Date}))
    assert verdict(nothing, check).failed == 1


@pytest.mark.parametrize(
    ("previous", "change", "fails"),
    [(3, "0", 0), (4, "0.25", 0), (4, "0.24", 1), (2, "0.5", 0), (2, "0.49", 1)],
)
def test_the_number_of_rows_is_like_before(
    put: Put, previous: int, change: str, fails: int
) -> None:
    found = verdict(put(ABC), Volume(previous_rows=previous, max_change=Decimal(change)))
    assert found.failed == fails


@pytest.mark.parametrize(
    ("values", "value", "count"),
    [
        (["x", "y", None], "x", 1),
        ([0, 1, 0], "0", 2),
        ([Decimal("1.50"), Decimal(2)], "1.5", 1),
        ([True, None, True], "true", 2),
        ([FRIDAY, MONDAY], "2026-03-27", 1),
        ([0.25, 0.5], "0.25", 1),
    ],
)
def test_a_value_has_its_share(put: Put, values: list[Any], value: str, count: int) -> None:
    table = put(pl.DataFrame({"a": values}))
    found = verdict(table, Distribution(column="a", value=value, minimum=Decimal(1)))
    assert f"in {count} of {len(values)} rows" in found.examples[0].found
    share = Decimal(count) / len(values)
    rarely = Distribution(column="a", value=value, maximum=share - Decimal("0.01"))
    assert verdict(table, rarely).failed == 1
    enough = Distribution(column="a", value=value, maximum=share + Decimal("0.01"))
    assert verdict(table, enough).failed == 0


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (Completeness(column="b"), "validate.unknown-column"),
        (Range(column="a", minimum=Decimal(0)), "validate.wrong-type"),
        (Freshness(column="a", as_of=MONDAY, max_age=1), "validate.wrong-type"),
        (Freshness(column="d", as_of=MONDAY, max_age=1, days="dealing", calendar="NISE"), None),
        (Distribution(column="d", value="soon"), "validate.wrong-type"),
    ],
)
def test_a_check_that_does_not_fit_is_refused(
    put: Put, check: QualityCheck, code: str | None
) -> None:
    table = put(pl.DataFrame({"a": ["x"], "d": [MONDAY]}))
    with pytest.raises(UsageError) as refused:
        verdict(table, check)
    assert refused.value.code == (code or "validate.unknown-calendar")


def test_two_checks_do_not_share_a_name(put: Put) -> None:
    twice = (Completeness(column="a"), Completeness(column="a", severity="warn"))
    with pytest.raises(UsageError, match=r"`a\.completeness`") as refused:
        validate_quality(QualityRequest(table=put(ABC), checks=twice))
    assert refused.value.code == "validate.rule-twice"


def test_a_range_has_a_bound() -> None:
    with pytest.raises(ValidationError):
        Range(column="a")
