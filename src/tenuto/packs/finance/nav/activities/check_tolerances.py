"""Step 9: the NAV put together, and held against the fund's tolerances."""

from collections.abc import Callable
from decimal import Decimal

import polars as pl

from tenuto import __version__
from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.core.money import total
from tenuto.packs.finance.models import Tolerance
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.benchmark import benchmark_level
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.expected import expect_nav
from tenuto.packs.finance.nav.activities.opened import OpenStrike, open_strike
from tenuto.packs.finance.nav.activities.tolerances import always, classes, market
from tenuto.packs.finance.nav.activities.tolerances.market import FUND
from tenuto.packs.finance.nav.activities.tolerances.subject import Subject
from tenuto.packs.finance.nav.handoffs import CheckedNav, CheckTolerancesRequest, OpenBreach
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Balance, Check

RULES: dict[str, Callable[[Subject, Tolerance], list[Check]]] = {
    "unit-nav-change": classes.unit_nav_change,
    "market-value-change": market.market_value_change,
    "administrator-variance": classes.administrator_variance,
    "benchmark-multiple": classes.benchmark_multiple,
    "unexplained-movement": market.unexplained_movement,
    "stale-prices": market.stale_prices,
    "price-change": market.price_change,
    "stale-fx": market.stale_fx,
    "units-roll-forward": classes.units_roll_forward,
    "missing-price": market.missing_price,
    "open-breaks": market.open_breaks,
    "position-breaks": market.position_breaks,
    "expected-nav": classes.expected_nav,
    "hedge-ratio": classes.hedge_ratio,
}


@implements(catalog.check_tolerances)
def check_tolerances(request: CheckTolerancesRequest) -> CheckedNav:
    """The candidate with every check, and the breaches that people must answer.

    A value on its limit passes. What could not be checked needs an answer like a breach,
    unless it is the first NAV of its kind and there is nothing to compare with.
    """
    opened = open_strike(request.strike)
    beat("checking tolerances")
    result = _put_together(opened, request)
    subject = Subject(
        opened=opened,
        result=result,
        positions=opened.store.get_table(result.positions),
        administrator_nav=request.administrator_nav,
        open_breaks_bp=request.open_breaks_bp,
        position_breaks=request.position_breaks,
    )
    checks = (
        *_first_strike(opened),
        *always.checks(subject),
        *(
            check
            for tolerance in request.strike.fund.tolerances
            for check in RULES[tolerance.rule](subject, tolerance)
        ),
    )
    candidate = result.model_copy(update={"checks": checks})
    return CheckedNav(
        candidate=opened.store.put_json(candidate, name="candidate.json"),
        checks=checks,
        open=open_breaches(checks, opened.prior),
    )


def _first_strike(opened: OpenStrike) -> list[Check]:
    """Says so when a fund that is older than this NAV has none to roll forward from."""
    strike = opened.strike
    if opened.prior or strike.date <= strike.fund.inception:
        return []
    return [
        Check(
            rule="prior-nav",
            subject=FUND,
            outcome="warn",
            value=None,
            limit=Decimal(0),
            severity="warn",
            note=f"No NAV of {strike.fund.fund_id} before {strike.date} is known: units are those"
            " of the fund's definition, fees accrue from this date, and nothing is compared. Give"
            " `prior`, or strike the earlier date first, to roll forward.",
        )
    ]


def open_breaches(checks: tuple[Check, ...], prior: NavResult | None) -> tuple[OpenBreach, ...]:
    """The rules that people must answer, one entry per rule."""
    to_answer: dict[str, list[Check]] = {}
    for check in checks:
        is_unknown = check.outcome == "missing" and not _is_first(check, prior)
        if check.severity != "warn" and (check.outcome == "fail" or is_unknown):
            to_answer.setdefault(check.rule, []).append(check)
    return tuple(
        OpenBreach(
            rule=rule,
            subjects=tuple(check.subject for check in found),
            people=2 if found[0].severity == "four-eyes" else 1,
            note=" ".join(_said(check) for check in found[:3]),
        )
        for rule, found in to_answer.items()
    )


def _is_first(check: Check, prior: NavResult | None) -> bool:
    """Whether the fund or the class has no prior NAV that the rule could compare with."""
    if check.rule == "administrator-variance":
        return False
    known = {each.class_id for each in prior.classes} if prior else set()
    return prior is None or check.subject not in {FUND, *known}


def _said(check: Check) -> str:
    if check.value is None:
        return f"{check.subject}: {check.note}"
    return f"{check.subject}: {check.value} (limit {check.limit})."


def _put_together(opened: OpenStrike, request: CheckTolerancesRequest) -> NavResult:
    strike = request.strike
    return NavResult(
        nav_id=strike.nav_id,
        fund_id=strike.fund.fund_id,
        fund_name=strike.fund.name,
        base_currency=strike.fund.base_currency,
        date=strike.date,
        nav_type=strike.nav_type,
        strike=strike.version,
        status="candidate",
        prior_date=opened.prior.date if opened.prior else None,
        inputs=strike.inputs.hashes | request.compared_with,
        file_names=strike.inputs.names,
        code_version=__version__,
        positions_value=request.positions.value,
        gav=total([request.positions.value, request.balances.value]),
        liabilities=request.fees.liabilities,
        nav=request.nav,
        classes=request.classes,
        balances=_balances(opened.store.get_table(request.balances.balances)),
        accruals=request.fees.accruals,
        fx=strike.fx,
        movement=request.movement,
        carried_prices=strike.carried,
        positions=request.positions.positions,
        benchmark_level=benchmark_level(opened),
        corporate_actions=request.balances.corporate_actions,
        performance_fees=request.fees.performance_fees,
        hedges=request.balances.hedges,
        expected_nav=expect_nav(opened, request),
    )


def _balances(table: pl.DataFrame) -> tuple[Balance, ...]:
    return tuple(
        Balance(
            kind=row["kind"],
            reference=row["reference"],
            currency=row["currency"],
            amount=plain(row["amount"]),
            base_amount=plain(row["base_amount"]),
        )
        for row in table.iter_rows(named=True)
    )
