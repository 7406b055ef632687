"""What can be missing for a performance fee that is measured against the benchmark."""

from collections.abc import Iterator

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.benchmark import benchmark_level
from tenuto.packs.finance.nav.activities.opened import OpenStrike


def hurdle_problems(opened: OpenStrike) -> Iterator[Problem]:
    """No benchmark level on the valuation date, or none in the prior NAV."""
    fees = [each.performance_fee for each in opened.strike.fund.classes if each.performance_fee]
    fee = next((each for each in fees if each.hurdle == "index"), None)
    if fee is None:
        return
    if not benchmark_level(opened):
        yield _missing(opened, fee.fee_id, f"no level on or shortly before {opened.strike.date}")
    elif opened.prior is not None and not opened.prior.benchmark_level:
        yield _missing(opened, fee.fee_id, f"no level in the NAV of {opened.prior.date}")


def _missing(opened: OpenStrike, fee_id: str, what: str) -> Problem:
    return Problem(
        code="nav.hurdle-missing",
        file=opened.strike.inputs.names.get("benchmark", "benchmark"),
        field="level",
        found=f"{what}, and performance fee `{fee_id}` is measured against it",
        remedy="supply the benchmark, and strike the earlier NAV again if it lacks one",
    )
