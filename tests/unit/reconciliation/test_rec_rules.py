"""Rules as people write them: short where the kind says enough, refused when senseless."""

from typing import Any

import pytest
from pydantic import ValidationError

from rec_room import rules_for
from tenuto.core.yaml12 import read_yaml
from tenuto.packs.finance.reconciliation.rules import RecRules

KINDS = ("cash", "balance", "position", "transaction", "nav", "units", "valuation")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_needs_little_and_survives_json(kind: str) -> None:
    for count in (2, 3):
        rules = rules_for(kind, count=count)
        assert rules.passes
        assert RecRules.model_validate_json(rules.model_dump_json()) == rules


def test_rules_are_read_from_yaml() -> None:
    text = """
rec_id: CUSTODY
kind: position
base_currency: EUR
calendar: ECB
sides:
  - name: ours
  - name: custodian
    columns: {isin: ISIN, quantity: Qty}
compare:
  - field: quantity
    break_class: quantity
    margin: {absolute: 10, relative: 0.001}
"""
    rules = RecRules.model_validate(read_yaml(text, "rec.yaml"))
    assert rules.sides[1].columns == {"isin": "ISIN", "quantity": "Qty"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sides": [{"name": "a"}]}, "at least 2"),
        ({"sides": [{"name": "a"}, {"name": "a"}]}, "written twice"),
        ({"measure": "nope"}, "no field"),
        ({"measure": "isin"}, "not a decimal"),
        ({"passes": [{"name": "p", "kind": "exact", "keys": [["nope"]]}]}, "no field"),
        ({"passes": [{"name": "p", "kind": "fuzzy", "keys": [[]]}]}, "`similar` belongs"),
        ({"ageing": [5, 1]}, "rising"),
        ({"classes": [{"name": "all", "break_class": "price"}]}, "every break"),
        ({"classes": [{"name": "x", "break_class": "price", "side": "nope"}]}, "no side"),
        (
            {
                "compare": [
                    {
                        "field": "quantity",
                        "break_class": "quantity",
                        "margin": {"absolute": "0.000000001"},
                    }
                ]
            },
            "has more",
        ),
        (
            {
                "compare": [
                    {"field": "quantity", "break_class": "quantity", "margin": {"relative": "0.9"}}
                ]
            },
            "less than or equal to 0.5",
        ),
        (
            {"sides": [{"name": "a", "signs": [{"field": "isin", "rule": "flip"}]}, {"name": "b"}]},
            "no sign",
        ),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_rules_that_make_no_sense_are_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rules_for("position", **changed)


def test_three_sides_are_compared_item_by_item() -> None:
    passes = [{"name": "sum", "kind": "group", "keys": [["isin"]]}]
    with pytest.raises(ValidationError, match="item by item"):
        rules_for("position", count=3, passes=passes)
