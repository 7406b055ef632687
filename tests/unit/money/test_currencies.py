"""Currencies against ISO 4217 list one."""

import pytest
from pydantic import TypeAdapter, ValidationError

from tenuto.core.currency import Currency, currency_problem, minor_units
from tenuto.core.errors import DataError

CURRENCY: TypeAdapter[str] = TypeAdapter(Currency)


@pytest.mark.parametrize(
    ("code", "places"),
    [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0), ("MGA", 2), ("XCG", 2)],
)
def test_minor_units_are_those_of_iso_4217(code: str, places: int) -> None:
    assert minor_units(code) == places
    assert CURRENCY.validate_python(code) == code
    assert currency_problem(code) is None


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("GBX", "write GBP and give the price unit or factor 0.01"),
        ("GBp", "write GBP"),
        ("ZAc", "write ZAR"),
        ("eur", "write 'EUR'"),
        (" USD", "write 'USD'"),
        ("HRK", "EUR replaced it on 2023-01-01"),
        ("BGN", "EUR replaced it on 2026-01-01"),
        ("XAU", "no minor unit"),
        ("Euro", "three capital letters"),
        ("", "three capital letters"),
    ],
)
def test_what_is_no_currency_is_named_with_what_to_write(code: str, hint: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CURRENCY.validate_python(code)
    assert f"Currency {code!r} is not" in str(refused.value)
    assert hint in str(refused.value)

    with pytest.raises(DataError) as unknown:
        minor_units(code)
    assert unknown.value.code == "money.unknown-currency"
    assert unknown.value.details == {"currency": code}


def test_a_form_can_check_the_shape_before_it_asks() -> None:
    assert CURRENCY.json_schema() == {"type": "string", "pattern": "^[A-Z]{3}$"}
