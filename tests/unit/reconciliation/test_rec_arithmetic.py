"""Subset sums, priorities, and age buckets."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.packs.finance.reconciliation.math.ranks import bucket_names, bucket_of, priority_of
from tenuto.packs.finance.reconciliation.math.subset_sum import Single, solve
from tenuto.packs.finance.reconciliation.rules import PriorityLimits

amounts = st.lists(st.integers(-20, 20).filter(bool), min_size=1, max_size=6)


def singles(units: list[int], start: int) -> list[Single]:
    return [Single(number=start + i, units=each) for i, each in enumerate(units)]


@given(left=amounts, right=amounts)
def test_a_certain_solution_is_the_only_way_to_its_sum(left: list[int], right: list[int]) -> None:
    lefts, rights = singles(left, 0), singles(right, 100)
    units = {each.number: each.units for each in (*lefts, *rights)}
    found = solve(lefts, rights, margin=0, largest=4)
    used: list[int] = []
    for each in found:
        assert sum(units[n] for n in each.left) == sum(units[n] for n in each.right)
        if each.is_certain:
            used += [*each.left, *each.right]
    assert len(used) == len(set(used))
    expected = sum(
        sum(units[n.number] for n in many) == one.units
        for ones, others in ((lefts, rights), (rights, lefts))
        for one in ones
        for size in range(2, min(4, len(others)) + 1)
        for many in combinations(others, size)
    )
    assert len(found) == expected


@pytest.mark.parametrize(
    ("age", "bucket"),
    [
        (0, "0-1"),
        (1, "0-1"),
        (2, "2-5"),
        (5, "2-5"),
        (6, "6-10"),
        (10, "6-10"),
        (11, "11-30"),
        (30, "11-30"),
        (31, "30+"),
        (400, "30+"),
    ],
)
def test_ops_10_age_buckets(age: int, bucket: str) -> None:
    assert bucket_of(age, (1, 5, 10, 30)) == bucket
    assert bucket in bucket_names((1, 5, 10, 30))


@pytest.mark.parametrize(
    ("variance", "larger", "amount", "priority"),
    [
        ("11", "100", "1", "critical"),
        ("10", "100", "1", "high"),
        ("1", "100", "1000001", "critical"),
        ("1", None, "1", "low"),
        ("1", "1000", None, "high"),
        ("0", "0", "0", "low"),
    ],
)
def test_ops_9_either_limit_suffices_and_unknown_worth_is_never_low(
    variance: str, larger: str | None, amount: str | None, priority: str
) -> None:
    found = priority_of(
        PriorityLimits(),
        variance=Decimal(variance),
        larger=None if larger is None else Decimal(larger),
        amount=None if amount is None else Decimal(amount),
    )
    assert found == priority
