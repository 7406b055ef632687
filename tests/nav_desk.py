"""A fund's desk without an engine: it writes input files and runs the steps in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.activities.accrue_fees import accrue_fees
from tenuto.packs.finance.nav.activities.allocate_classes import allocate_classes
from tenuto.packs.finance.nav.activities.check_tolerances import check_tolerances
from tenuto.packs.finance.nav.activities.collect_inputs import collect_inputs
from tenuto.packs.finance.nav.activities.explain_movement import explain_movement
from tenuto.packs.finance.nav.activities.finalise import finalise
from tenuto.packs.finance.nav.activities.history import RESULT, read_result
from tenuto.packs.finance.nav.activities.measure_performance import measure_performance
from tenuto.packs.finance.nav.activities.prove import prove
from tenuto.packs.finance.nav.activities.validate_inputs import validate_inputs
from tenuto.packs.finance.nav.activities.value_balances import value_balances
from tenuto.packs.finance.nav.activities.value_positions import value_positions
from tenuto.packs.finance.nav.handoffs import (
    AccrueFeesRequest,
    AllocateClassesRequest,
    CheckedNav,
    CheckTolerancesRequest,
    CollectInputsRequest,
    ExplainMovementRequest,
    InputReport,
    MeasurePerformanceRequest,
    ProveRequest,
    Strike,
)
from tenuto.packs.finance.nav.models import DailyNavRequest, NavResult
from tenuto.packs.finance.nav.parts import CarriedPrice
from tenuto.packs.finance.nav.refusals import invalid_inputs
from tenuto.packs.finance.nav.release_handoffs import FinaliseRequest


@dataclass(frozen=True)
class Struck:
    """What came of one strike."""

    result: NavResult
    document: Document
    positions: pl.DataFrame
    checked: CheckedNav


class NavDesk:
    """Runs strikes in this process, against a real store."""

    def __init__(self, store: ArtifactStore) -> None:
        self.store = store

    def document(self, name: str, content: str | bytes) -> Document:
        """A stored input file."""
        data = content.encode() if isinstance(content, str) else content
        return self.store.put_bytes(data, name=name, media_type="text/csv")

    def request(self, fund: Fund, day: date, version: Any = 1, **given: Any) -> DailyNavRequest:
        """A request whose files are given as text."""
        files = {
            name: self.document(f"{name}.csv", value) if _is_text(name, value) else value
            for name, value in given.items()
        }
        return DailyNavRequest(fund=fund, date=day, version=version, **files)

    def prepare(
        self,
        request: DailyNavRequest,
        carried: Iterable[CarriedPrice] = (),
        supplied: Iterable[Document] = (),
    ) -> tuple[Strike, InputReport]:
        """The strike with collected inputs, and what is wrong with them."""
        inputs = collect_inputs(CollectInputsRequest(request=request, supplied=tuple(supplied)))
        strike = Strike(
            fund=request.fund,
            date=request.date,
            nav_type=request.nav_type,
            version=request.version or 1,
            inputs=inputs,
            carried=tuple(carried),
        )
        report = validate_inputs(strike)
        return strike.model_copy(update={"fx": report.fx}), report

    def strike(
        self,
        request: DailyNavRequest,
        carried: Iterable[CarriedPrice] = (),
        supplied: Iterable[Document] = (),
    ) -> Struck:
        """The NAV, and its `result.json` bound. Raises DataError as the workflow does."""
        strike, report = self.prepare(request, carried, supplied)
        if report.count:
            raise invalid_inputs(report)
        positions = value_positions(strike)
        balances = value_balances(strike)
        fees = accrue_fees(AccrueFeesRequest(strike=strike, positions=positions, balances=balances))
        allocated = allocate_classes(
            AllocateClassesRequest(strike=strike, positions=positions, balances=balances, fees=fees)
        )
        explained = explain_movement(
            ExplainMovementRequest(
                strike=strike,
                positions=positions,
                balances=balances,
                fees=fees,
                nav=allocated.nav,
            )
        )
        measured = measure_performance(
            MeasurePerformanceRequest(strike=strike, classes=allocated.classes)
        )
        checked = check_tolerances(
            CheckTolerancesRequest(
                strike=strike,
                administrator_nav=request.administrator_nav,
                positions=positions,
                balances=balances,
                fees=fees,
                nav=allocated.nav,
                classes=measured.classes,
                compared_with=measured.compared_with,
                movement=explained.movement,
            )
        )
        proved = prove(ProveRequest(strike=strike, candidate=checked.candidate))
        final = finalise(FinaliseRequest(candidate=proved.candidate, comments=()))
        self.store.bind(f"{strike.nav_id}/{RESULT}", final.result)
        result = read_result(self.store, final.result)
        return Struck(
            result=result,
            document=final.result,
            positions=self.store.get_table(result.positions),
            checked=checked,
        )


def nav_per_units(struck: Struck) -> dict[str, Decimal]:
    """NAV per unit by class."""
    return {each.class_id: each.nav_per_unit for each in struck.result.classes}


def _is_text(name: str, value: object) -> bool:
    return "Document" in str(DailyNavRequest.model_fields[name].annotation) and isinstance(
        value, str | bytes
    )
