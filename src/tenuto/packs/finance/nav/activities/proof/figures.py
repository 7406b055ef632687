"""The figures above the positions, again, in Python fractions: nothing is rounded until the end."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tenuto.core.money import exact, round_to
from tenuto.packs.finance.nav.activities.fixings import base_per_local, rate_of
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.proof.positions import ProvedPositions
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import ProofLine


def prove_figures(
    opened: OpenStrike, result: NavResult, positions: ProvedPositions
) -> Iterator[ProofLine]:
    """Positions, balances, GAV, NAV, the sum of the classes, and each class per unit."""
    fund = opened.strike.fund
    rounding = fund.rounding
    rates = base_per_local(opened.strike.fx, fund.base_currency)

    value = _rounded(opened, _positions_value(opened, positions, rates))
    balances = sum(
        (
            exact(_rounded(opened, exact(each.amount) * rate_of(rates, each.currency)))
            for each in result.balances
        ),
        Fraction(0),
    )
    gav = exact(value) + balances
    owed = sum((exact(each.total) for each in result.accruals), Fraction(0))
    of_classes = sum((exact(each.nav_base) for each in result.classes), Fraction(0))

    yield ProofLine(figure="positions", struck=result.positions_value, proved=value)
    yield _line(opened, "GAV", result.gav, gav)
    yield _line(opened, "liabilities", result.liabilities, owed)
    yield _line(opened, "NAV", result.nav, gav - owed)
    yield _line(opened, "NAV of all classes", result.nav, of_classes)
    for each in result.classes:
        per_unit = exact(each.nav_base) / rate_of(rates, each.currency) / exact(each.units)
        per_unit *= 1 + exact(each.swing.factor if each.swing else 0)
        places = next(one.nav_places for one in fund.classes if one.class_id == each.class_id)
        yield ProofLine(
            figure=f"class {each.class_id} per unit",
            struck=each.nav_per_unit,
            proved=round_to(per_unit, places, rounding.mode),
        )


def _positions_value(
    opened: OpenStrike, positions: ProvedPositions, rates: dict[str, Fraction]
) -> Fraction:
    if opened.strike.fund.rounding.level == "position":
        return _number(positions.base_total)
    return sum(
        (_number(value) * rate_of(rates, name) for name, value in positions.by_currency.items()),
        Fraction(0),
    )


def _number(scaled: tuple[int, int]) -> Fraction:
    digits, decimals = scaled
    return Fraction(digits, 10**decimals)


def _line(opened: OpenStrike, figure: str, struck: Decimal, proved: Fraction) -> ProofLine:
    return ProofLine(figure=figure, struck=struck, proved=_rounded(opened, proved))


def _rounded(opened: OpenStrike, value: Fraction) -> Decimal:
    rounding = opened.strike.fund.rounding
    return round_to(value, rounding.nav_places, rounding.mode)
