"""Three sides: every item's pairwise agreement, and which one differs."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from long_runs import examples
from rec_room import Reconciled, RecRoom, rules_for

HEADER = "instrument_id,quantity\n"


def run(room: RecRoom, *sides: dict[str, int]) -> Reconciled:
    files = [HEADER + "".join(f"{k},{v}\n" for k, v in side.items()) for side in sides]
    return room.run(rules_for("position", count=3), *files)


def test_ops_9_agreement_says_which_side_differs(room: RecRoom) -> None:
    done = run(
        room,
        {"I1": 1, "I2": 2, "I3": 3, "I4": 9, "I5": 5, "I6": 6},
        {"I1": 1, "I2": 2, "I3": 8, "I4": 4, "I5": 6, "I7": 7},
        {"I1": 1, "I2": 9, "I3": 3, "I4": 4, "I5": 7, "I7": 7},
    )
    found = {(a.outcome, a.side): a.count for a in done.report.agreement}
    assert found == {
        ("all-agree", None): 1,
        ("one-differs", "third"): 1,
        ("one-differs", "theirs"): 1,
        ("one-differs", "ours"): 1,
        ("none-agree", None): 1,
        ("two-missing", "ours"): 1,
        ("one-missing", "ours"): 1,
    }
    lines = {row["key"]: row for row in done.breaks.iter_rows(named=True)}
    assert lines["instrument_id=I2"]["agreement"] == "one-differs third"
    values = lines["instrument_id=I2"]
    assert (values["ours"], values["theirs"], values["third"]) == ("2", "2", "9")
    assert lines["instrument_id=I7"]["break_class"] == "missing-ours"
    assert done.matches["instrument_id_third"].to_list() == ["I1"]


@given(
    sides=st.tuples(
        *(st.dictionaries(st.sampled_from("ABCDEF"), st.integers(1, 3)) for _ in range(3))
    )
)
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_ops_9_every_item_of_three_sides_is_counted_once(
    room: RecRoom, sides: tuple[dict[str, int], ...]
) -> None:
    if not all(sides):
        return
    done = run(room, *sides)
    expected = len(set().union(*sides))
    assert sum(each.count for each in done.report.agreement) == expected
    for total, side in zip(done.report.sides, sides, strict=True):
        assert (total.rows, total.matched + total.unmatched) == (len(side), len(side))
    agreeing = sum(1 for key in sides[0] if sides[0][key] == sides[1].get(key) == sides[2].get(key))
    assert done.report.sides[0].matched == agreeing
