"""A NAV that an earlier release stored is still read, and rolled forward from."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nav_desk import NavDesk
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.models import NavResult

LATER = {
    None: ("corporate_actions", "performance_fees", "hedges", "expected_nav"),
    "classes": ("swing", "dilution_levy", "hedge_result"),
}
"""Fields that the first release did not write, of the result and of its classes."""

D2, D3 = date(2024, 1, 2), date(2024, 1, 3)


def files(day: date) -> dict[str, Any]:
    return {
        "positions": "instrument_id,quantity\nX,1000\n",
        "prices": f"instrument_id,date,price,currency\nX,{day},100,EUR\n",
    }


def as_first_written(result: NavResult) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(result.model_dump_json())
    for name in (*LATER[None], "proof", "acceptance"):
        told.pop(name, None)
    for share_class in told["classes"]:
        for name in LATER["classes"]:
            del share_class[name]
    return told


def test_result_of_the_first_release_is_read_and_rolled_from(
    desk: NavDesk, plain_fund: Fund
) -> None:
    first = desk.strike(desk.request(plain_fund, D2, **files(D2)))
    old = as_first_written(first.result)
    read = NavResult.model_validate_json(json.dumps(old))
    assert (read.corporate_actions, read.hedges, read.expected_nav) == ((), (), None)
    assert read.classes[0].swing is None
    prior = desk.document("result.json", json.dumps(old))
    after = desk.strike(desk.request(plain_fund, D3, prior=prior, **files(D3)))
    assert after.result.nav == 100000
    assert after.result.expected_nav is not None
    assert after.result.expected_nav.nav == Decimal(100000)


def test_stored_result_of_the_first_release_is_read() -> None:
    """A file as it lay in the store before corporate actions, swing, and the rest were written."""
    stored = Path(__file__).parent / "stored" / "nav-result-1.json"
    result = NavResult.model_validate_json(stored.read_bytes())
    assert (result.version, result.nav, result.status) == (1, Decimal("140225.74"), "final")
    assert result.performance_fees == ()


def test_unknown_field_is_still_refused() -> None:
    with pytest.raises(ValidationError):
        NavResult.model_validate({"surprise": 1})
