"""What is odd about a load, and what is not."""

from datetime import UTC, datetime

import pytest

from tenuto.packs.sync.activities.loading.anomalies import oddities
from tenuto.packs.sync.configuration import Checks
from tenuto.packs.sync.models import PastLoad


def loads(*volumes: int) -> list[PastLoad]:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        PastLoad(load_id=str(number), loaded_at=moment, rows={"a": rows} if rows else {})
        for number, rows in enumerate(volumes)
    ]


def test_no_rows_is_odd_unless_the_source_may_be_empty() -> None:
    assert oddities(Checks(), {}, ()) == ("no rows were loaded",)
    assert oddities(Checks(min_rows=0), {}, ()) == ()


def test_fewer_rows_than_expected() -> None:
    (said,) = oddities(Checks(min_rows=10), {"a": 4, "b": 5}, ())
    assert said == "9 rows were loaded, expected at least 10"


@pytest.mark.parametrize(
    ("rows", "said"), [(150, ()), (50, ()), (151, ("51% more",)), (49, ("51% fewer",))]
)
def test_a_change_up_to_the_limit_passes(rows: int, said: tuple[str, ...]) -> None:
    found = oddities(Checks(max_change=0.5), {"a": rows}, loads(100, 90, 110))
    assert len(found) == len(said)
    assert all(part in each for part, each in zip(said, found, strict=True))


def test_two_loads_say_nothing_about_what_is_usual_and_empty_ones_do_not_count() -> None:
    assert oddities(Checks(max_change=0.5), {"a": 9000}, loads(100, 0, 0, 100)) == ()


def test_one_odd_load_does_not_make_the_next_ones_odd() -> None:
    assert oddities(Checks(max_change=0.5), {"a": 100}, loads(100_000, 100, 90, 110)) == ()
