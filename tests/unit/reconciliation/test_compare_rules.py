"""Other rules over the same files: exactly the items that would fare differently."""

from rec_room import RecRoom, rules_for
from tenuto.packs.finance.reconciliation.activities.compare_rules import compare_rules
from tenuto.packs.finance.reconciliation.handoffs import CompareRulesRequest

OURS = "instrument_id,quantity\nI1,100\nI2,50\nI3,7\n"
THEIRS = "instrument_id,quantity\nI1,100\nI2,51\nI4,7\n"


def test_a_wider_margin_moves_one_item_of_each_side(room: RecRoom) -> None:
    old = rules_for("position")
    wider = rules_for(
        "position",
        compare=[{"field": "quantity", "break_class": "quantity", "margin": {"absolute": "1"}}],
    )
    request = room.request(old, OURS, THEIRS)
    found = compare_rules(CompareRulesRequest(request=request, proposed=wider))
    assert (found.unchanged, found.changed) == (4, 2)
    assert [(m.side, m.old, m.new, m.count) for m in found.moves] == [
        ("ours", "differs", "tolerance", 1),
        ("theirs", "differs", "tolerance", 1),
    ]
    items = room.store.get_table(found.items)
    assert items["key"].to_list() == ["instrument_id=I2"] * 2


def test_the_same_rules_move_nothing(room: RecRoom) -> None:
    rules = rules_for("position")
    request = room.request(rules, OURS, THEIRS)
    found = compare_rules(CompareRulesRequest(request=request, proposed=rules))
    assert (found.unchanged, found.changed, found.items.rows) == (6, 0, 0)
