"""Positions: keys in order, tolerances by type, position types, duplicates on one side."""

from decimal import Decimal

import polars as pl
import pytest

from rec_room import RecRoom, rules_for

HEADER = "account,isin,type,quantity,price,market_value,currency\n"
SAP, BUND, APPLE = "DE0007164600", "DE0001102580", "US0378331005"


def book(*rows: str) -> str:
    return HEADER + "".join(f"A1,{row}\n" for row in rows)


def test_ops_9_equal_positions_match_exactly(room: RecRoom) -> None:
    rows = (f"{SAP},equity,100,10,1000,EUR", f"{BUND},bond,1000,99,990,EUR")
    done = room.run(rules_for("position"), book(*rows), book(*reversed(rows)))
    assert done.passes() == {"exact": 2}
    assert done.report.open_breaks == 0


@pytest.mark.parametrize(
    ("kind", "ours", "theirs", "matches"),
    [
        ("equity", "1010", "1000", True),  # 10 shares, though 1 %
        ("equity", "1011", "1000", False),
        ("equity", "100100", "100000", True),  # 0.1 %, though 100 shares
        ("equity", "100101", "100000", False),
        ("bond", "60000", "50000", True),
        ("bond", "60001", "50000", False),
        ("fx", "100000", "99990", True),
        ("fx", "100000", "99989", False),
        ("cash", "100", "100", True),
        ("cash", "100.01", "100", False),
        ("option", "100.00000001", "100", False),
    ],
)
def test_ops_9_either_tolerance_of_the_instrument_type_suffices(
    room: RecRoom, kind: str, ours: str, theirs: str, matches: bool
) -> None:
    done = room.run(
        rules_for("position"),
        book(f"{SAP},{kind},{ours},1,5,EUR"),
        book(f"{SAP},{kind},{theirs},1,5,EUR"),
    )
    assert (done.report.open_breaks == 0) is matches
    if not matches:
        assert list(done.classes().values()) == ["quantity"]


def test_ops_9_position_types(room: RecRoom) -> None:
    ours = book(
        f"{SAP},equity,100,1,100,EUR",
        f"{BUND},bond,5,1,5,EUR",
        "FR0000120271,equity,0,1,0,EUR",
        "NL0010273215,equity,0,7,0,EUR",
    )
    theirs = book(
        f"{SAP},equity,200,1,200,EUR",
        f"{APPLE},equity,7,1,7,USD",
        "NL0010273215,equity,0,8,0,EUR",
    )
    done = room.run(rules_for("position"), ours, theirs)
    types = dict(done.breaks.select("instrument", "position_type").iter_rows())
    assert types == {SAP: "A", BUND: "B", APPLE: "C", "FR0000120271": "D", "NL0010273215": "D"}


def test_ops_9_keys_are_tried_in_order(room: RecRoom) -> None:
    ours = (
        "isin,cusip,instrument_id,quantity\nUS0378331005,037833100,X1,5\n,594918104,X2,6\n,,X3,7\n"
    )
    theirs = (
        "isin,cusip,instrument_id,quantity\nUS0378331005,000000000,Y1,5\n"
        "US5949181045,594918104,Y2,6\n,,X3,7\n"
    )
    done = room.run(rules_for("position"), ours, theirs)
    assert done.report.open_breaks == 0
    by_quantity = dict(done.matches.select("quantity_ours", "instrument_id_theirs").iter_rows())
    assert by_quantity == {Decimal(5): "Y1", Decimal(6): "Y2", Decimal(7): "X3"}


def test_ops_9_lots_on_one_side_match_the_total_on_the_other(room: RecRoom) -> None:
    done = room.run(
        rules_for("position"),
        book(f"{SAP},equity,60,1,60,EUR", f"{SAP},equity,40,1,40,EUR", f"{BUND},bond,9,1,9,EUR"),
        book(f"{SAP},equity,100,1,100,EUR", f"{BUND},bond,4,1,4,EUR", f"{BUND},bond,5,1,5,EUR"),
    )
    assert done.passes() == {"lots": 2}
    assert [(s.rows, s.matched) for s in done.report.sides] == [(3, 3), (3, 3)]
    numbers = done.matches["group_no"].to_list()
    assert sorted(numbers) == [1, 1, 2, 2]


def test_ops_9_a_duplicate_on_one_side_is_a_break_of_its_own(room: RecRoom) -> None:
    row = f"{SAP},equity,100,1,100,EUR"
    done = room.run(rules_for("position"), book(row, row), book(row))
    assert done.passes() == {"exact": 1}
    (line,) = done.breaks.iter_rows(named=True)
    assert (line["break_class"], line["position_type"], line["variance"]) == (
        "duplicate",
        "B",
        Decimal(100),
    )


def test_ops_9_two_candidates_are_an_exception_with_both_named(room: RecRoom) -> None:
    done = room.run(
        rules_for("position"),
        book(f"{SAP},equity,100,1,100,EUR"),
        book(f"{SAP},equity,95,1,95,EUR", f"{SAP},equity,105,1,105,EUR"),
    )
    assert done.report.sides[0].matched == 0
    assert set(done.breaks["break_class"]) == {"ambiguous"}
    suggested = done.table(done.report.suggestions)
    ours = done.breaks.filter(pl.col("ours_item").is_not_null())["ours_item"][0]
    candidates = suggested.filter(pl.col("item") == ours)["candidate"]
    assert sorted(candidates) == sorted(done.breaks["theirs_item"].drop_nulls())


def test_ops_9_every_row_is_accounted_for(room: RecRoom) -> None:
    rules = rules_for(
        "position",
    ).model_dump(mode="json")
    rules["sides"][0]["exclude"] = [{"name": "dummy", "field": "type", "values": ["dummy"]}]
    done = room.run(
        rules_for("position").model_validate(rules),
        book(
            f"{SAP},equity,100,1,100,EUR",
            f"{BUND},dummy,7,1,7,EUR",
            f"{APPLE},equity,oops,1,1,USD",
        ),
        book(f"{SAP},equity,100,1,100,EUR", f"{APPLE},equity,3,1,3,USD"),
    )
    ours, theirs = done.report.sides
    assert (ours.rows, ours.matched, ours.unmatched, ours.excluded, ours.unreadable) == (
        3,
        1,
        1,
        1,
        1,
    )
    assert ours.amount == ours.matched_amount + ours.unmatched_amount + ours.excluded_amount == 107
    assert (theirs.rows, theirs.matched, theirs.unmatched) == (2, 1, 1)
    (wrong,) = done.table(done.report.exceptions).iter_rows(named=True)
    assert (wrong["file"], wrong["row"], wrong["field"], wrong["code"]) == (
        "ours.csv",
        4,
        "quantity",
        "table.not-a-number",
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("100,10,1000,EUR", "-100,10,-1000,EUR", "sign"),
        ("100,10,1000,EUR", "100,10,1000,USD", "currency"),
        ("100,10,1000,EUR", "200,5,1000,EUR", "corporate-action"),
        ("100,10,1000,EUR", "100,10.5,1050,EUR", "price"),
        ("100,10,1000,EUR", "100,10,1000.04,EUR", "rounding"),
        ("100,10,1000,EUR", "100,10,1001,EUR", "amount"),
        ("100,10,1000,EUR", "90,10,900,EUR", "quantity"),
    ],
)
def test_ops_9_breaks_are_classified_by_what_differs(
    room: RecRoom, ours: str, theirs: str, expected: str
) -> None:
    done = room.run(rules_for("position"), book(f"{SAP},swap,{ours}"), book(f"{SAP},swap,{theirs}"))
    assert list(done.classes().values()) == [expected]


def test_ops_9_a_wrong_check_digit_is_class_identifier(room: RecRoom) -> None:
    done = room.run(
        rules_for("position"),
        book("DE0007164601,equity,100,1,100,EUR"),
        book(f"{SAP},equity,100,1,100,EUR"),
    )
    assert sorted(done.classes().values()) == ["identifier", "missing-ours"]


@pytest.mark.parametrize(
    ("value", "priority"),
    [
        ("89", "critical"),
        ("90", "high"),
        ("94", "high"),
        ("95", "medium"),
        ("98", "medium"),
        ("99", "low"),
    ],
)
def test_ops_9_priority_follows_the_share_that_differs(
    room: RecRoom, value: str, priority: str
) -> None:
    done = room.run(
        rules_for("position"),
        book(f"{SAP},swap,100,1,100,EUR"),
        book(f"{SAP},swap,{value},1,{value},EUR"),
    )
    assert done.breaks["priority"].to_list() == [priority]


@pytest.mark.parametrize(
    ("amount", "priority"),
    [
        ("1000001", "critical"),
        ("1000000", "high"),
        ("500000", "medium"),
        ("100000", "low"),
    ],
)
def test_ops_9_priority_follows_the_amount_in_base_currency(
    room: RecRoom, amount: str, priority: str
) -> None:
    whole = 10**12
    done = room.run(
        rules_for("position"),
        book(f"{SAP},swap,{whole},1,{whole},EUR"),
        book(f"{SAP},swap,{whole - int(amount)},1,{whole - int(amount)},EUR"),
    )
    assert done.breaks["priority"].to_list() == [priority]
    assert done.breaks["variance_base"].to_list() == [Decimal(amount)]


def test_ops_9_an_amount_in_another_currency_is_converted(room: RecRoom) -> None:
    fx = room.document("fx.csv", "date,base,quote,rate\n2024-01-02,EUR,USD,1.25\n")
    done = room.run(
        rules_for("position"),
        book(f"{APPLE},equity,100,10,1000,USD"),
        book(f"{SAP},equity,1,3,3,GBP"),
        fx=fx,
        nav=Decimal(80_000),
    )
    found = {row["instrument"]: row for row in done.breaks.iter_rows(named=True)}
    assert found[APPLE]["variance_base"] == 800
    assert found[APPLE]["bp_of_nav"] == 100
    assert found[SAP]["variance_base"] is None
    assert (done.report.unconverted, done.report.open_bp) == (1, Decimal(100))


def test_ops_9_a_field_that_a_side_lacks_is_named_as_not_compared(room: RecRoom) -> None:
    done = room.run(
        rules_for("position"),
        book(f"{SAP},equity,100,10,1000,EUR"),
        f"account,isin,quantity\nA1,{SAP},100\n",
    )
    assert done.report.open_breaks == 0
    assert set(done.report.not_compared) == {"price", "market_value", "currency"}


def test_ops_9_accounts_are_never_mixed(room: RecRoom) -> None:
    ours = f"account,isin,quantity\nA1,{SAP},100\n"
    theirs = f"account,isin,quantity\nA2,{SAP},100\n"
    done = room.run(rules_for("position"), ours, theirs)
    assert done.report.open_breaks == 2
