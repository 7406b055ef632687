"""A break from day to day: it keeps its id, ages in dealing days, closes with a reason, returns."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from rec_room import DAY, NEXT, RecRoom, rules_for
from tenuto.packs.finance.reconciliation.handoffs import ClosedByPeople, DeskDecisions

HEADER = "instrument_id,quantity\n"
GOOD = HEADER + "I1,100\n"
BAD = HEADER + "I1,50\n"
WORSE = HEADER + "I1,10\n"
GONE = HEADER + "I2,1\n"


def test_ops_10_a_persisting_break_keeps_its_id_and_day_2_is_not_new(room: RecRoom) -> None:
    rules = rules_for("position")
    first = room.run(rules, GOOD, BAD)
    second = room.run(rules, GOOD, BAD, day=NEXT)
    third = room.run(rules, GOOD, WORSE, day=NEXT + timedelta(days=1))
    runs = [each.breaks.row(0, named=True) for each in (first, second, third)]
    assert len({row["break_id"] for row in runs}) == 1
    assert [row["outcome"] for row in runs] == ["New", "Confirmed", "Changed"]
    assert [row["first_seen"] for row in runs] == [DAY] * 3
    assert [row["age"] for row in runs] == [0, 1, 2]
    assert third.report.roll.changed == 1


def test_ops_10_age_counts_dealing_days_only(room: RecRoom) -> None:
    rules = rules_for("position", calendar="ECB")
    thursday = date(2024, 3, 28)  # before Good Friday and Easter Monday
    room.run(rules, GOOD, BAD, day=thursday)
    after = room.run(rules, GOOD, BAD, day=date(2024, 4, 2))
    assert after.breaks["age"].to_list() == [1]
    ages = {each.bucket: each.count for each in after.report.ages}
    assert ages == {"0-1": 1, "2-5": 0, "6-10": 0, "11-30": 0, "30+": 0}


def test_ops_10_a_vanished_break_closes_with_a_reason_and_a_returning_one_is_linked(
    room: RecRoom,
) -> None:
    rules = rules_for("position")
    first = room.run(rules, GOOD, BAD)
    closed = room.run(rules, GOOD, GOOD, day=NEXT)
    (row,) = closed.table(closed.report.closed).iter_rows(named=True)
    assert (row["outcome"], row["status"]) == ("Resolved", "RESOLVED")
    assert "no longer found" in row["reason"]
    room.run(rules, GOOD, GOOD, day=NEXT + timedelta(days=1))
    back = room.run(rules, GOOD, BAD, day=NEXT + timedelta(days=4))
    line = back.breaks.row(0, named=True)
    assert line["break_id"] == first.breaks["break_id"][0]
    assert (line["outcome"], line["lives"], line["earlier_life"]) == ("New", 2, DAY)
    assert line["first_seen"] == NEXT + timedelta(days=4)
    assert (back.report.roll.new, back.report.roll.returned) == (1, 1)


def test_ops_10_a_break_keeps_its_id_when_the_other_side_appears(room: RecRoom) -> None:
    rules = rules_for("position")
    alone = room.run(rules, GONE, GOOD)
    theirs_only = alone.breaks.filter(alone.breaks["break_class"] == "missing-ours")
    paired = room.run(rules, HEADER + "I1,7\n", GOOD, day=NEXT)
    line = paired.breaks.row(0, named=True)
    assert line["break_id"] == theirs_only["break_id"][0]
    assert (line["outcome"], line["break_class"]) == ("Changed", "quantity")
    again = room.run(rules, HEADER + "I1,7\n", GOOD, day=NEXT + timedelta(days=1))
    assert again.breaks["break_id"][0] == line["break_id"]
    assert again.breaks["outcome"][0] == "Confirmed"


def test_ops_10_opening_plus_new_less_resolved_is_closing(room: RecRoom) -> None:
    rules = rules_for("position")
    room.run(rules, HEADER + "I1,1\nI2,2\nI3,3\n", HEADER + "I9,9\n")
    roll = room.run(rules, HEADER + "I1,1\nI4,4\n", HEADER + "I9,9\n", day=NEXT).report.roll
    assert (roll.opening, roll.new, roll.resolved, roll.confirmed, roll.closing) == (4, 1, 2, 2, 3)


def test_ops_10_an_accepted_difference_stays_accepted_while_it_is_the_same(room: RecRoom) -> None:
    rules = rules_for("position")
    line = room.run(rules, GOOD, BAD).breaks.row(0, named=True)
    accepted = DeskDecisions(
        closed=(
            ClosedByPeople(
                break_id=line["break_id"],
                fingerprint=line["fingerprint"],
                status="ACCEPTED",
                resolution="ACCEPTED_DIFFERENCE",
                items=(line["ours_item"], line["theirs_item"]),
            ),
        )
    )
    same = room.run(rules, GOOD, BAD, day=NEXT, decisions=accepted)
    assert same.report.open_breaks == 0
    assert same.breaks["status"].to_list() == ["ACCEPTED"]
    changed = room.run(rules, GOOD, WORSE, day=NEXT, decisions=accepted)
    assert changed.report.open_breaks == 1


def test_ops_9_auto_resolve_keeps_to_limit_total_and_expiry(room: RecRoom) -> None:
    header = "account,currency,reference,date,amount\n"
    rule = {
        "name": "small",
        "classes": ["missing-theirs"],
        "action": "write-off",
        "limit": "10",
        "total_limit": "12",
        "owner": "head of operations",
        "expires": str(DAY),
    }
    rows = "".join(f"C,EUR,R{amount},2024-01-03,{amount}\n" for amount in (5, 6, 7, 11))
    ours, theirs = header + rows, header + "C,EUR,X,2024-01-03,1000\n"
    done = room.run(rules_for("cash", auto_resolve=[rule]), ours, theirs)
    taken = {
        row["key"].rsplit("=", 1)[1]
        for row in done.breaks.iter_rows(named=True)
        if row["status"] == "RESOLVED"
    }
    assert taken == {"R5", "R6"}
    assert done.report.open_breaks == 3
    (line,) = [each for each in done.report.auto_resolved if each.rule == "small"]
    assert (line.count, line.amount, line.owner) == (2, Decimal(11), "head of operations")
    late = room.run(rules_for("cash", auto_resolve=[rule]), ours, theirs, day=NEXT)
    (line,) = [each for each in late.report.auto_resolved if each.rule == "small"]
    assert (line.count, line.expires) == (0, DAY)


def test_ops_9_a_timing_break_is_pending_until_it_settles(room: RecRoom) -> None:
    header = "account,currency,reference,date,amount\n"
    rule = {
        "name": "in-flight",
        "classes": ["timing"],
        "action": "pending",
        "limit": "1000",
        "owner": "ops",
        "expires": "2030-01-01",
    }
    rules = rules_for("cash", auto_resolve=[rule])
    ours = header + "C,EUR,R1,2024-01-05,5\n"
    theirs = header + "C,EUR,X,2024-01-03,1000\n"
    line = (
        room.run(rules, ours, theirs)
        .breaks.filter(pl.col("break_class") == "timing")
        .row(0, named=True)
    )
    assert (line["status"], line["resolution"]) == ("DETECTED", "auto:in-flight")
    after = room.run(rules, header + "C,EUR,Z,2024-01-08,1\n", theirs, day=date(2024, 1, 8))
    old = after.breaks.filter(after.breaks["break_id"] == line["break_id"]).row(0, named=True)
    assert (old["break_class"], old["resolution"]) == ("missing-theirs", "")
