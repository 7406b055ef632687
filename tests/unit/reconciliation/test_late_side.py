"""A side that is late: the prior day plus known movements, and said to be estimated."""

import pytest

from rec_room import NEXT, RecRoom, rules_for
from tenuto.packs.finance.reconciliation.activities.collect import collect
from tenuto.packs.finance.reconciliation.handoffs import CollectRequest

OURS = "account,instrument_id,quantity\nA,I1,100\nA,I2,60\nA,I3,7\n"
DAY_BEFORE = "account,instrument_id,quantity\nA,I1,100\nA,I2,50\n"
MOVES = "account,instrument_id,quantity\nA,I2,4\nA,I2,6\nA,I3,7\n"


def test_ops_9_the_prior_day_plus_known_movements_is_marked_estimated(room: RecRoom) -> None:
    rules = rules_for("position", on_late="estimate")
    room.run(rules, DAY_BEFORE, DAY_BEFORE)
    moves = room.document("moves.csv", MOVES)
    done = room.run(rules, OURS, None, day=NEXT, movements={"theirs": moves})
    assert done.report.is_estimated
    assert [side.is_estimated for side in done.report.sides] == [False, True]
    assert done.passes() == {"exact": 3}
    still = room.run(rules, OURS, None, day=NEXT)
    assert still.report.is_estimated
    assert set(still.breaks["is_estimated"]) == {True}
    assert still.report.open_breaks == 2


def test_ops_9_of_transactions_only_the_movements_count(room: RecRoom) -> None:
    header = "account,currency,reference,date,amount\n"
    rules = rules_for("cash", on_late="estimate", carry_open=False)
    room.run(rules, header + "C,EUR,R1,2024-01-03,5\n", header + "C,EUR,R1,2024-01-03,5\n")
    moves = room.document("moves.csv", header + "C,EUR,R2,2024-01-04,6\n")
    done = room.run(
        rules, header + "C,EUR,R2,2024-01-04,6\n", None, day=NEXT, movements={"theirs": moves}
    )
    assert (done.passes(), done.report.open_breaks) == ({"reference": 1}, 0)


@pytest.mark.parametrize("on_late", ["fail", "wait", "estimate"])
def test_ops_9_without_anything_to_estimate_from_the_side_is_late(
    room: RecRoom, on_late: str
) -> None:
    request = room.request(rules_for("position", on_late=on_late), OURS, None)
    collected = collect(CollectRequest(request=request))
    assert collected.late == ("theirs",)
