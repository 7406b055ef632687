"""NAV against the administrator, level by level; units against the transfer agent."""

from decimal import Decimal

from rec_room import RecRoom, rules_for

HEADER = "class_id,level,line,currency,amount\n"


def test_ops_9_a_nav_difference_is_drilled_down(room: RecRoom) -> None:
    ours = HEADER + (
        "A,L0_NAV,NAV,EUR,1000\nA,L1_GL,equities,EUR,900\nA,L1_GL,cash,EUR,100\n"
        "A,L2_SUBLEDGER,SAP,EUR,900\nB,L0_NAV,NAV,EUR,50\n"
    )
    theirs = HEADER + (
        "A,L0_NAV,NAV,EUR,1010\nA,L1_GL,equities,EUR,910\nA,L1_GL,cash,EUR,100\n"
        "A,L2_SUBLEDGER,SAP,EUR,907\nB,L0_NAV,NAV,EUR,50\n"
    )
    done = room.run(rules_for("nav"), ours, theirs)
    lines: dict[tuple[str, str], tuple[Decimal, Decimal | None]] = {
        (d.subject, d.level): (d.difference, d.explained) for d in done.report.drill_down
    }
    assert lines == {
        ("A", "L0_NAV"): (Decimal(-10), Decimal(-10)),
        ("A", "L1_GL"): (Decimal(-10), Decimal(-7)),
        ("A", "L2_SUBLEDGER"): (Decimal(-7), None),
        ("B", "L0_NAV"): (Decimal(0), None),
    }
    levels = dict(done.breaks.select("key", "level").iter_rows())
    assert set(levels.values()) == {"L0_NAV", "L1_GL", "L2_SUBLEDGER"}


def test_ops_9_units_roll_forward_on_both_sides(room: RecRoom) -> None:
    header = "class_id,opening,subscriptions,redemptions,closing\n"
    done = room.run(
        rules_for("units"),
        header + "A,100,10,5,105\nB,50,0,0,50\n",
        header + "A,100,10,5,104\nB,50,0,0,50\n",
    )
    proofs = {(p.side, p.subject): (p.is_proven, p.difference) for p in done.report.proofs}
    assert proofs == {
        ("ours", "A"): (True, 0),
        ("ours", "B"): (True, 0),
        ("theirs", "A"): (False, Decimal(-1)),
        ("theirs", "B"): (True, 0),
    }
    (line,) = done.breaks.iter_rows(named=True)
    assert (line["field"], line["ours"], line["theirs"]) == ("closing", "105", "104")
    assert line["variance_base"] is None
    assert line["priority"] == "high"
