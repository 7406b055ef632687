"""Transactions: passes in order, sums, subsets, similar text; an item is used once."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from rec_room import Reconciled, RecRoom, rules_for

HEADER = "account,reference,isin,trade_date,settle_date,quantity,amount,currency,description\n"
SAP, APPLE = "DE0007164600", "US0378331005"


def trades(*rows: str) -> str:
    """Rows of `reference,isin,trade_date,quantity,amount[,description]`, in EUR on account A."""
    lines = []
    for row in rows:
        reference, isin, day, quantity, amount, *words = row.split(",")
        text = words[0] if words else ""
        lines.append(f"A,{reference},{isin},{day},{day},{quantity},{amount},EUR,{text}\n")
    return HEADER + "".join(lines)


def run(room: RecRoom, ours: str, theirs: str, **rules: Any) -> Reconciled:
    return room.run(rules_for("transaction", **rules), ours, theirs)


def test_ops_9_three_passes_in_order(room: RecRoom) -> None:
    ours = trades(
        f"T1,{SAP},2024-01-03,10,100",
        f"T2,{SAP},2024-01-03,20,200.01",
        f",{APPLE},2024-01-03,5,50",
        f"B1,{SAP},2024-01-03,30,300",
    )
    theirs = trades(
        f"T1,{SAP},2024-01-03,10,100",
        f"T2,{SAP},2024-01-04,20,200",
        f",{APPLE},2024-01-02,5,50",
        f"B1,{SAP},2024-01-03,10,100",
        f"B1,{SAP},2024-01-03,20,200",
    )
    done = run(room, ours, theirs)
    assert done.passes() == {"reference": 1, "tolerance": 2, "block": 1}
    assert done.report.open_breaks == 0
    by_pass = {each.name: each for each in done.report.passes}
    assert by_pass["tolerance"].difference == Decimal("0.01")
    (write_off,) = [each for each in done.report.auto_resolved if each.count]
    assert (write_off.rule, write_off.action, write_off.amount) == (
        "tolerance",
        "write-off",
        Decimal("0.01"),
    )


@pytest.mark.parametrize(("theirs_day", "matches"), [("2024-01-08", True), ("2024-01-09", False)])
def test_ops_9_the_date_tolerance_counts_dealing_days(
    room: RecRoom, theirs_day: str, matches: bool
) -> None:
    done = run(
        room,
        trades(f"T1,{SAP},2024-01-05,10,100"),  # a Friday
        trades(f"T1,{SAP},{theirs_day},10,100"),
    )
    assert (done.report.open_breaks == 0) is matches
    if not matches:
        assert list(done.classes().values()) == ["timing"]


def test_ops_9_one_item_with_two_candidates_is_left_with_both(room: RecRoom) -> None:
    ours = trades(f",{SAP},2024-01-03,10,100,one")
    theirs = trades(f",{SAP},2024-01-03,10,100.01,left", f",{SAP},2024-01-03,10,99.99,right")
    done = run(room, ours, theirs)
    assert done.report.sides[0].matched == 0
    assert set(done.breaks["break_class"]) == {"ambiguous"}
    line = done.breaks.filter(pl.col("ours_item").is_not_null()).row(0, named=True)
    assert line["candidates"] == 2


def test_ops_9_identical_items_are_not_ambiguous_to_each_other(room: RecRoom) -> None:
    row = f",{SAP},2024-01-03,10,100"
    near = f",{SAP},2024-01-03,10,100.01"
    done = run(room, trades(row, row), trades(near, near))
    assert done.passes() == {"tolerance": 2}
    done = run(room, trades(row, row, row), trades(near, near))
    assert done.passes() == {"tolerance": 2}
    assert list(done.classes().values()) == ["duplicate"]


def test_ops_9_equal_numbers_of_equal_amounts_match_as_a_set(room: RecRoom) -> None:
    ours = trades(f"X,{SAP},2024-01-03,10,100,first", f"X,{SAP},2024-01-03,10,100,second")
    theirs = trades(f"X,{SAP},2024-01-03,10,100,alpha", f"X,{SAP},2024-01-03,10,100,beta")
    done = run(room, ours, theirs)
    assert done.passes() == {"reference": 1}
    assert done.matches["group_no"].to_list() == [1, 1]


def test_ops_9_many_to_many_by_group(room: RecRoom) -> None:
    ours = trades(f"B,{SAP},2024-01-03,1,10", f"B,{SAP},2024-01-03,4,40")
    theirs = trades(f"B,{SAP},2024-01-03,2,20", f"B,{SAP},2024-01-03,3,30")
    assert run(room, ours, theirs).passes() == {"block": 1}
    only_bulk = [
        {"name": "bulk", "kind": "group", "keys": [["reference"]], "shapes": ["one-to-many"]}
    ]
    assert run(room, ours, theirs, passes=only_bulk).passes() == {}


def test_ops_9_groups_never_mix_currencies(room: RecRoom) -> None:
    theirs = trades(f"B,{SAP},2024-01-03,2,20", f"B,{SAP},2024-01-03,3,30").replace(
        "30,EUR", "30,USD"
    )
    done = run(room, trades(f"B,{SAP},2024-01-03,5,50"), theirs)
    assert done.passes() == {}


SUBSET = [{"name": "sum", "kind": "subset", "keys": [["isin"]], "compare": ["amount"]}]


def test_ops_9_a_few_items_may_add_up_to_one(room: RecRoom) -> None:
    ours = trades(f"P,{SAP},2024-01-03,1,60", f"Q,{SAP},2024-01-03,1,7")
    theirs = trades(*(f"{i},{SAP},2024-01-03,1,{i}" for i in (10, 20, 30, 45)))
    done = run(room, ours, theirs, passes=SUBSET)
    assert done.passes() == {"sum": 1}
    theirs_side = done.report.sides[1]
    assert (theirs_side.matched, theirs_side.matched_amount) == (3, Decimal(60))


def test_ops_9_two_ways_to_a_sum_are_an_exception(room: RecRoom) -> None:
    ours = trades(f"P,{SAP},2024-01-03,1,50")
    theirs = trades(*(f"{i},{SAP},2024-01-03,1,{i}" for i in (10, 20, 30, 40)))
    done = run(room, ours, theirs, passes=SUBSET)
    assert done.passes() == {}
    assert set(done.breaks["break_class"]) == {"ambiguous"}


def fuzzy(*, accept: bool) -> list[dict[str, object]]:
    return [
        {
            "name": "similar",
            "kind": "fuzzy",
            "keys": [["currency"]],
            "compare": ["amount"],
            "similar": "description",
            "threshold": 80,
            "accept": accept,
        }
    ]


OURS_NAMES = trades(
    f"1,{SAP},2024-01-03,1,100,Muller Engineering GmbH",
    f"2,{SAP},2024-01-03,1,55,Something else",
)
THEIRS_NAMES = trades(
    f"3,{SAP},2024-01-03,1,100,GmbH Mueller Engineering", f"4,{SAP},2024-01-03,1,99,Nobody"
)


def test_ops_9_similar_text_is_a_suggestion_with_its_score(room: RecRoom) -> None:
    done = run(room, OURS_NAMES, THEIRS_NAMES, passes=fuzzy(accept=False))
    assert done.passes() == {}
    suggestions = done.table(done.report.suggestions)
    assert suggestions["score"].to_list() == [97, 97]
    assert "Muller Engineering GmbH` ~ `GmbH Mueller" in suggestions["explanation"][0]


def test_ops_9_an_accepted_suggestion_must_be_the_only_one(room: RecRoom) -> None:
    done = run(room, OURS_NAMES, THEIRS_NAMES, passes=fuzzy(accept=True))
    assert done.passes() == {"similar": 1}
    assert done.matches["score"][0] >= 80
    twice = THEIRS_NAMES + f"A,5,{SAP},2024-01-03,2024-01-03,1,100,EUR,Mueller Engineering GmbH\n"
    done = run(room, OURS_NAMES, twice, passes=fuzzy(accept=True))
    assert done.passes() == {}
    assert done.table(done.report.suggestions).height == 4


def test_ops_9_amounts_side_by_side_when_only_the_reference_agrees(room: RecRoom) -> None:
    done = run(
        room,
        trades(f"T1,{SAP},2024-01-03,10,100", f"T9,{SAP},2024-01-03,10,70"),
        trades(f"T1,{SAP},2024-01-03,10,400"),
    )
    rows = {row["key"]: row for row in done.breaks.iter_rows(named=True)}
    paired = rows["account=A reference=T1"]
    assert (paired["break_class"], paired["ours"], paired["theirs"], paired["variance"]) == (
        "amount",
        "100",
        "400",
        -300,
    )
    assert rows["account=A reference=T9"]["break_class"] == "missing-theirs"


def test_ops_9_rules_of_your_own_name_a_class(room: RecRoom) -> None:
    classes = [
        {
            "name": "custody-fees",
            "break_class": "fee-tax",
            "side": "theirs",
            "field": "description",
            "words": ["fee", "tax"],
            "owner": "fees",
        }
    ]
    done = run(
        room,
        trades(f"T1,{SAP},2024-01-03,1,5,custody FEE"),
        trades(f"T2,{SAP},2024-01-03,1,7,Custody Fee Q4"),
        classes=classes,
    )
    found = {
        row["key"]: (row["break_class"], row["owner"]) for row in done.breaks.iter_rows(named=True)
    }
    assert found == {
        "account=A reference=T1": ("missing-theirs", ""),
        "account=A reference=T2": ("fee-tax", "fees"),
    }


def test_ops_9_what_settles_later_is_timing(room: RecRoom) -> None:
    done = run(room, trades(f"T1,{SAP},2024-01-05,1,5"), trades(f"T2,{SAP},2024-01-02,1,7"))
    assert done.classes() == {
        "account=A reference=T1": "timing",
        "account=A reference=T2": "missing-ours",
    }


def test_matching_by_near_amounts_finds_what_trying_every_pair_finds(
    room: RecRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenuto.packs.finance.reconciliation.activities.matching import candidates

    passes = [{"name": "near", "kind": "tolerance", "keys": [[]], "compare": ["amount"]}]
    ours = trades(*(f"o{i},{SAP},2024-01-03,1,{i * 17 % 1009}.{i % 100:02}" for i in range(450)))
    theirs = trades(
        *(f"t{i},{SAP},2024-01-03,1,{i * 17 % 1009}.{(i + i % 4) % 100:02}" for i in range(450))
    )
    for margin in (
        {"absolute": "0.02"},
        {"relative": "0.0001"},
        {"absolute": "0.02", "relative": "0.0001"},
        {},
    ):
        compare = [{"field": "amount", "break_class": "amount", "margin": margin}]
        every = run(room, ours, theirs, passes=passes, compare=compare)
        with monkeypatch.context() as patch:
            patch.setattr(candidates, "TRIED", 0)
            near = run(room, ours, theirs, passes=passes, compare=compare)
        assert near.report.matches == every.report.matches
        assert near.report.breaks == every.report.breaks
        assert every.passes()


def test_a_crowd_of_alike_items_is_ambiguous_and_does_not_explode(
    room: RecRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenuto.packs.finance.reconciliation.activities.matching import candidates

    monkeypatch.setattr(candidates, "TRIED", 0)
    monkeypatch.setattr(candidates, "CROWD", 100)
    passes = [{"name": "near", "kind": "tolerance", "keys": [[]], "compare": ["amount"]}]
    ours = trades(*(f"o{i},{SAP},2024-01-03,1,10" for i in range(30)), f"x,{SAP},2024-01-03,1,77")
    theirs = trades(*(f"t{i},{SAP},2024-01-03,1,10" for i in range(30)), f"y,{SAP},2024-01-03,1,77")
    done = run(room, ours, theirs, passes=passes)
    assert done.passes() == {"near": 1}
    assert done.breaks["break_class"].to_list() == ["ambiguous"] * 60
