"""The calculation of one NAV, step by step, from pinned inputs to a proved candidate."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from temporalio import workflow

from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.handoffs import (
    AccrueFeesRequest,
    AllocateClassesRequest,
    AllocatedClasses,
    CheckedNav,
    CheckTolerancesRequest,
    ExplainMovementRequest,
    MeasuredPerformance,
    MeasurePerformanceRequest,
    ProveRequest,
    Strike,
    WeighBreaksRequest,
    WeighedBreaks,
)
from tenuto.packs.finance.reconciliation.models import ReconciliationResult

Tell = Callable[[str], None]
"""Says what happens now."""

STEPS = 8
"""Steps of a calculation, as `progress` counts them."""


@dataclass(frozen=True, kw_only=True)
class Struck:
    """A NAV that is complete, proved, and not released."""

    strike: Strike
    nav: Decimal
    measured: MeasuredPerformance
    checked: CheckedNav


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a strike is held against, and does not come from its own inputs."""

    administrator_nav: dict[str, Decimal]
    reconciliations: tuple[ReconciliationResult, ...] = ()
    sources: dict[str, str]
    """Further inputs of the result: name -> SHA-256."""


async def strike_nav(strike: Strike, beside: Beside, tell: Tell) -> Struck:
    """The candidate, held against the tolerances, and calculated twice."""
    tell("valuing positions")
    positions = await catalog.value_positions(strike)
    tell("valuing cash, trades, dividends, and capital")
    balances = await catalog.value_balances(strike)
    tell("accruing fees")
    fees = await catalog.accrue_fees(
        AccrueFeesRequest(strike=strike, positions=positions, balances=balances)
    )
    tell("sharing the NAV among the classes")
    allocated = await catalog.allocate_classes(
        AllocateClassesRequest(strike=strike, positions=positions, balances=balances, fees=fees)
    )
    tell("explaining the movement")
    explained = await catalog.explain_movement(
        ExplainMovementRequest(
            strike=strike,
            positions=positions,
            balances=balances,
            fees=fees,
            nav=allocated.nav,
        )
    )
    tell("measuring performance")
    measured = await catalog.measure_performance(
        MeasurePerformanceRequest(strike=strike, classes=allocated.classes)
    )
    breaks = await _weigh_breaks(strike, beside, allocated)
    tell("checking tolerances")
    checked = await catalog.check_tolerances(
        CheckTolerancesRequest(
            strike=strike,
            administrator_nav=beside.administrator_nav,
            positions=positions,
            balances=balances,
            fees=fees,
            nav=allocated.nav,
            classes=measured.classes,
            compared_with=measured.compared_with | beside.sources,
            movement=explained.movement,
            open_breaks_bp=breaks.open_breaks_bp,
            position_breaks=breaks.position_breaks,
        )
    )
    return Struck(
        strike=strike,
        nav=allocated.nav,
        measured=measured,
        checked=await _prove(strike, checked, tell),
    )


async def _weigh_breaks(
    strike: Strike, beside: Beside, allocated: AllocatedClasses
) -> WeighedBreaks:
    if not beside.reconciliations:
        return WeighedBreaks(open_breaks_bp=None, position_breaks=None)
    return await catalog.weigh_breaks(
        WeighBreaksRequest(
            reconciliations=beside.reconciliations,
            base_currency=strike.fund.base_currency,
            nav=allocated.nav,
        )
    )


async def _prove(strike: Strike, checked: CheckedNav, tell: Tell) -> CheckedNav:
    if not workflow.patched("two-engine-proof"):
        return checked  # histories from before there was a second engine
    tell("calculating it again with a second engine")
    proved = await catalog.prove(ProveRequest(strike=strike, candidate=checked.candidate))
    return checked.model_copy(update={"candidate": proved.candidate})
