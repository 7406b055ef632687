"""`validate.limits`: shares of net assets, exactly; active and passive breaches."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tenuto.activities.validate.limits import validate_limits
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.validate.limits import (
    AnyLimit,
    Cap,
    CheckedLimits,
    LimitResult,
    LimitsRequest,
)
from tenuto.catalog.library.validate.ucits import deposits_20, five_ten_forty, single_body_20
from tenuto.core.errors import DataError, UsageError
from tenuto.core.references import Dataset

Put = Callable[[pl.DataFrame], Dataset]


def positions(*rows: tuple[str, str, str | None, int]) -> pl.DataFrame:
    """`id, body, value, quantity` and a kind: deposits begin with `cash`."""
    return pl.DataFrame(
        {
            "id": [row[0] for row in rows],
            "body": [row[1] for row in rows],
            "kind": ["deposit" if row[0].startswith("cash") else "security" for row in rows],
            "value": [None if row[2] is None else Decimal(row[2]) for row in rows],
            "quantity": [Decimal(row[3]) for row in rows],
        },
        schema_overrides={
            "value": pl.Decimal(38, 10),
            "quantity": pl.Decimal(38, 2),
            "body": pl.String,
        },
    )


def check(table: Dataset, *limits: AnyLimit, **fields: Any) -> CheckedLimits:
    given_fields = {"row_keys": ("id",), "value_column": "value"} | fields
    return validate_limits(LimitsRequest(table=table, limits=limits, **given_fields))


def only(found: CheckedLimits) -> LimitResult:
    (result,) = found.results
    return result


FORTY = [(f"s{at}", f"B{at}", "0.10", 1) for at in range(4)]
SIXTY = [(f"t{at}", f"C{at}", "0.05", 1) for at in range(12)]


def test_ucits_four_bodies_at_ten_and_twelve_at_five_percent_are_allowed(put: Put) -> None:
    """The least number of issuers that the 5/10/40 rule allows, sixteen: 4 x 10 % + 12 x 5 %.

    Article 52(2) of Directive 2009/65/EC: "exceed" and "more than", so the limits themselves are
    within.
    """
    found = check(put(positions(*FORTY, *SIXTY)), *five_ten_forty("body"))
    assert found.outcome == "pass"
    single, together = found.results
    assert (single.share, single.headroom) == (Decimal("0.1"), Decimal(0))
    assert (together.share, together.headroom) == (Decimal("0.4"), Decimal(0))
    assert [each.key["id"] for each in together.contributors] == ["s0", "s1", "s2", "s3"]
    assert together.contributor_count == 4


def test_ucits_a_fifth_body_above_five_percent_is_too_many(store: ArtifactStore, put: Put) -> None:
    rows = [*FORTY, *SIXTY[:-2], ("t11", "C11", "0.0500000001", 1)]
    found = check(put(positions(*rows)), *five_ten_forty("body"))
    assert found.outcome == "block"
    together = found.results[1]
    assert (together.limit, together.breach) == ("ucits-above-5-at-most-40", "active")
    assert together.share == Decimal("0.45000000")
    assert together.headroom == Decimal("-0.05000001"), "rounded against the fund"
    assert found.quarantined is not None
    assert store.get_table(found.quarantined)["id"].to_list() == ["s0", "s1", "s2", "s3", "t11"]
    assert found.good.rows == 10


def test_ucits_two_issues_of_one_body_count_together(put: Put) -> None:
    rows = [("a", "B", "0.06", 1), ("b", "B", "0.05", 1), ("c", "C", "0.10", 1)]
    single = check(put(positions(*rows)), *five_ten_forty("body")).results[0]
    assert (single.group, single.share, single.breach) == ("B", Decimal("0.11"), "active")


def test_ucits_deposits_and_bodies_are_held_against_twenty_percent(put: Put) -> None:
    rows = [("cash1", "BANK", "0.15", 1), ("cash2", "BANK", "0.05", 1), ("s", "BANK", "0.01", 1)]
    table = put(positions(*rows))
    deposits = only(check(table, deposits_20("body", "kind = 'deposit'")))
    assert (deposits.share, deposits.breach, deposits.contributor_count) == (
        Decimal("0.20"),
        "none",
        2,
    )
    body = only(check(table, single_body_20("body")))
    assert (body.share, body.breach) == (Decimal("0.21"), "active")
    assert body.source == "Directive 2009/65/EC Art. 52(2)"


CAP = Cap(id="cap", by="body", maximum=Decimal("0.10"))


def with_prior(
    put: Put, now: list[tuple[str, str, str | None, int]], then: Any, **fields: Any
) -> CheckedLimits:
    prior = put(positions(*then))
    return check(put(positions(*now)), CAP, prior=prior, quantity_column="quantity", **fields)


BREACH: list[tuple[str, str, str | None, int]] = [("a", "B", "0.11", 5), ("b", "C", "0.01", 5)]


@pytest.mark.parametrize(
    ("then", "breach"),
    [
        ([("a", "B", "0.09", 5), ("b", "C", "0.01", 5)], "passive"),
        ([("a", "B", "0.12", 6), ("b", "C", "0.01", 5)], "passive"),
        ([("a", "B", "0.09", 5), ("b", "C", "0.01", 4)], "passive"),
        ([("a", "B", "0.09", 4), ("b", "C", "0.01", 5)], "active"),
        ([("b", "C", "0.01", 5)], "active"),
        ([("a", "B", "0.09", 2), ("a", "B", "0.01", 3), ("b", "C", "0.01", 5)], "passive"),
    ],
)
def test_a_breach_is_passive_where_nothing_was_bought(put: Put, then: Any, breach: str) -> None:
    found = with_prior(put, BREACH, then)
    assert only(found).breach == breach
    assert found.outcome == ("warn" if breach == "passive" else "block")
    summary = {each.rule: each.failed for each in found.summary}
    assert summary == {"cap": int(breach == "active"), "cap.passive": int(breach == "passive")}


def test_a_breach_is_active_where_nobody_can_tell_and_stays_so_until_it_is_cured(put: Put) -> None:
    assert only(check(put(positions(*BREACH)), CAP)).breach == "active"
    then = [("a", "B", "0.11", 5), ("b", "C", "0.01", 5)]
    assert only(with_prior(put, BREACH, then)).breach == "passive"
    assert only(with_prior(put, BREACH, then, still_active=("cap/B",))).breach == "active"


def test_a_minimum_is_breached_by_what_is_not_there(put: Put) -> None:
    cash = Cap(id="cash", where="kind = 'deposit'", minimum=Decimal("0.05"))
    table = put(positions(("s", "B", "0.9", 1)))
    found = check(table, cash)
    assert only(found).share == 0
    assert only(found).headroom == Decimal("-0.05")
    assert found.outcome == "block"
    assert found.good.rows == 0
    rule = {each.rule: each for each in found.summary}["cash.minimum"]
    assert rule.examples[0].found.startswith("together is 0 of net assets, at least 0.05 is")
    now, then = [("cash", "B", "0.04", 1)], [("cash", "B", "0.06", 1)]
    kept = check(
        put(positions(*now)), cash, prior=put(positions(*then)), quantity_column="quantity"
    )
    assert only(kept).breach == "passive"
    then.append(("cash2", "C", "0.01", 1))
    gone = check(
        put(positions(*now)), cash, prior=put(positions(*then)), quantity_column="quantity"
    )
    assert only(gone).breach == "active", "what is gone may have been cash"


def test_values_are_shares_of_the_net_assets_given(put: Put) -> None:
    table = put(positions(("a", "B", "100.00", 1)))
    third = only(check(table, CAP, net_assets=Decimal(300)))
    assert third.share == Decimal("0.33333333")
    assert only(check(table, CAP, net_assets=Decimal(1000))).breach == "none"
    assert only(check(table, CAP, net_assets=Decimal("999.99"))).breach == "active"


def test_without_a_breach_the_group_with_least_headroom_is_told(
    store: ArtifactStore, put: Put
) -> None:
    found = check(put(positions(("a", "B", "0.02", 1), ("b", "C", "0.07", 1))), CAP)
    assert (only(found).group, only(found).headroom) == ("C", Decimal("0.03"))
    everything = store.get_table(found.all_results)
    assert everything["group"].to_list() == ["B", "C"]
    assert everything["breach"].to_list() == ["none", "none"]


def test_nobody_above_the_threshold_is_nothing_together(put: Put) -> None:
    table = put(positions(("a", "B", "0.05", 1), ("b", "C", "0.04", 1)))
    together = check(table, *five_ten_forty("body")).results[1]
    assert (together.share, together.contributor_count) == (Decimal(0), 0)


@pytest.mark.parametrize(
    "row", [("a", "B", None, 1), ("a", None, "0.01", 1)], ids=["no value", "no body"]
)
def test_sig_8_what_is_missing_is_not_zero(put: Put, row: Any) -> None:
    with pytest.raises(DataError, match=r"id=a.*what is missing is not zero") as refused:
        check(put(positions(row, ("b", "C", "0.01", 1))), CAP)
    assert refused.value.code == "validate.limits-untold"


def test_a_position_out_of_scope_need_not_say_who_it_is_of(put: Put) -> None:
    cap = CAP.model_copy(update={"where": "kind = 'security'"})
    table = put(positions(("cash", None, None, 1), ("a", "B", "0.1", 1)))  # type: ignore[arg-type]
    assert check(table, cap).outcome == "pass"


def test_limits_that_do_not_fit_are_refused_together(put: Put) -> None:
    table = put(positions(("a", "B", "0.1", 1)))
    bad = [CAP.model_copy(update={"id": name, "where": name}) for name in ("kid = 'x'", "value")]
    with pytest.raises(UsageError, match="2 limit") as refused:
        check(table, *bad)
    assert refused.value.code == "validate.limit-invalid"
    assert "there is no column `kid`; did you mean `kind`?" in str(refused.value)
    with pytest.raises(UsageError) as unknown:
        check(table, CAP.model_copy(update={"by": "issuer"}))
    assert unknown.value.code == "validate.unknown-column"
    with pytest.raises(UsageError) as wrong:
        check(table, CAP, value_column="kind")
    assert wrong.value.code == "validate.wrong-type"


@pytest.mark.parametrize(
    "fields",
    [
        {"limits": (CAP, CAP)},
        {"net_assets": Decimal(0)},
        {"row_keys": ()},
        {"limits": ()},
    ],
)
def test_a_request_that_contradicts_itself_is_refused(put: Put, fields: dict[str, Any]) -> None:
    table = put(positions(("a", "B", "0.1", 1)))
    whole = {"table": table, "limits": (CAP,), "row_keys": ("id",), "value_column": "value"}
    LimitsRequest(**whole)
    with pytest.raises(ValidationError):
        LimitsRequest(**(whole | fields))
    with pytest.raises(ValidationError):
        Cap(id="none")


VALUES = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 10**12)), min_size=1, max_size=12
)


@given(rows=VALUES, whole=st.integers(1, 10**13), cap=st.integers(0, 10**6), data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_verdicts_are_those_of_fractions_in_any_order(
    put: Put, rows: list[tuple[str, int]], whole: int, cap: int, data: st.DataObject
) -> None:
    limit = Cap(id="cap", by="body", maximum=Decimal(cap).scaleb(-6))
    shuffled = data.draw(st.permutations(rows))
    sums: dict[str, int] = {}
    for body, value in rows:
        sums[body] = sums.get(body, 0) + value
    breached = {b for b, value in sums.items() if Fraction(value, whole) > Fraction(cap, 10**6)}
    for each in (rows, shuffled):
        made = [(f"p{at}", body, str(value), 1) for at, (body, value) in enumerate(each)]
        found = check(put(positions(*made)), limit, net_assets=Decimal(whole))
        assert {r.group for r in found.results if r.breach != "none"} == breached
        assert found.summary[0].failed == sum(body in breached for body, _ in rows)
