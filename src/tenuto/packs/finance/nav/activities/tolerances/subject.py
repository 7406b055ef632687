"""What a tolerance rule looks at, and how it says what it saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.money import RoundingMode, exact, round_to
from tenuto.packs.finance.models import Tolerance
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.handoffs import PositionBreak
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Check

SHOWN_PLACES = 10
"""Decimals of a check's value; it is compared with the limit before it is rounded."""

LISTED = 20
"""Breaches of one rule that are listed one by one."""

FIRST_STRIKE = "First NAV of the fund; there is no prior one to compare with."


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A NAV that is complete but for its checks, and what it rests on."""

    opened: OpenStrike
    result: NavResult
    positions: pl.DataFrame
    administrator_nav: dict[str, Decimal]
    open_breaks_bp: Decimal | None = None
    position_breaks: tuple[PositionBreak, ...] | None = None

    @property
    def prior(self) -> NavResult | None:
        """The NAV this one rolls forward from."""
        return self.opened.prior


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a rule measured for one class, instrument, or currency."""

    subject: str
    value: Fraction
    note: str = ""


def seen(tolerance: Tolerance, measured: Measured) -> Check:
    """The check of one measurement: its magnitude may reach the limit, and not pass it."""
    is_breach = abs(measured.value) > exact(tolerance.limit)
    breach = "warn" if tolerance.severity == "warn" else "fail"
    return Check(
        rule=tolerance.rule,
        subject=measured.subject,
        outcome=breach if is_breach else "pass",
        value=plain(round_to(measured.value, SHOWN_PLACES, RoundingMode.HALF_EVEN)),
        limit=tolerance.limit,
        severity=tolerance.severity,
        note=measured.note,
    )


def unseen(tolerance: Tolerance, subject: str, note: str) -> Check:
    """The check of something that could not be measured."""
    return Check(
        rule=tolerance.rule,
        subject=subject,
        outcome="missing",
        value=None,
        limit=tolerance.limit,
        severity=tolerance.severity,
        note=note,
    )


def worst(tolerance: Tolerance, measured: Sequence[Measured]) -> list[Check]:
    """Every breach among many subjects, worst first, at most 20; without one, the highest value."""
    ranked = sorted(measured, key=lambda each: (-abs(each.value), each.subject))
    breaches = [each for each in ranked if abs(each.value) > exact(tolerance.limit)]
    if not breaches:
        return [seen(tolerance, each) for each in ranked[:1]]
    checks = [seen(tolerance, each) for each in breaches[:LISTED]]
    rest = len(breaches) - len(checks)
    if rest:
        note = f"{checks[-1].note} {rest} more beyond the limit.".strip()
        checks[-1] = checks[-1].model_copy(update={"note": note})
    return checks
