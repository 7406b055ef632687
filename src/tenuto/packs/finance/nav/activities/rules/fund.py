"""What can be wrong with the fund and the day."""

from collections.abc import Iterator

from tenuto.activities.dealing_days import (
    calendar_problem,
    is_dealing_day,
    last_dealing_day_before,
)
from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.opened import OpenStrike


def fund_problems(opened: OpenStrike) -> Iterator[Problem]:
    """An unknown calendar, a day on which the fund does not deal, a day before it began."""
    fund, day = opened.strike.fund, opened.strike.date
    unknown = calendar_problem(fund.dealing_calendar)
    if unknown:
        yield _problem("calendar.unknown", "dealing_calendar", *unknown)
    elif not is_dealing_day(fund.dealing_calendar, day):
        last = last_dealing_day_before(fund.dealing_calendar, day)
        found = f"{day} ({day:%A}) is not a dealing day of calendar {fund.dealing_calendar}"
        remedy = f"strike {last}, or correct `dealing_calendar` of the fund"
        yield _problem("nav.not-a-dealing-day", "date", found, remedy)
    if day < fund.inception:
        found = f"{day} is before the fund's inception on {fund.inception}"
        yield _problem("nav.before-inception", "date", found, "strike a later date")


def _problem(code: str, field: str, found: str, remedy: str) -> Problem:
    return Problem(code=code, file="fund", field=field, found=found, remedy=remedy)
