"""The name that somebody meant."""

import pytest

from tenuto.definitions.check.nearest import did_you_mean, nearest


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("fudn", ["fund", "funds", "day"], "fund"),
        ("FUDN", ["fund"], "fund"),
        ("ofr", ["for", "of"], "for"),
        ("ab", ["ba", "ab"], "ab"),
        ("fund", ["nudf"], None),
        ("customer_id", ["customerId"], "customerId"),
        ("x" * 201, ["x" * 200], None),
    ],
)
def test_the_nearest_name(name: str, known: list[str], meant: str | None) -> None:
    assert nearest(name, known, 0.8) == meant


def test_without_one_that_is_near_all_are_named() -> None:
    assert did_you_mean("qqq", ["b", "a"]) == "Valid are `a`, `b`."
