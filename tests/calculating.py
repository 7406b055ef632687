"""A workflow that calls the calculate entries as a user's would."""

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tenuto.catalog.library.calculate.bonds import BondRequest, BondResult, bond
    from tenuto.catalog.library.calculate.options import OptionRequest, OptionResult, option
    from tenuto.catalog.library.calculate.performance import (
        PerformanceRequest,
        PerformanceResult,
        performance,
    )
    from tenuto.catalog.library.calculate.valuation import (
        ValuationRequest,
        ValuationResult,
        valuation,
    )
    from tenuto.packs.finance.calculate.catalog import fees
    from tenuto.packs.finance.calculate.models import FeesRequest, FeesResult


class MonthEndRequest(BaseModel):
    """Everything a month end is worked out from."""

    valuation: ValuationRequest
    bond: BondRequest
    option: OptionRequest
    performance: PerformanceRequest
    fees: FeesRequest


class MonthEndResult(BaseModel):
    """What was worked out."""

    valuation: ValuationResult
    bond: BondResult
    option: OptionResult
    performance: PerformanceResult
    fees: FeesResult


@workflow.defn
class MonthEnd:
    """Value, price, measure, charge."""

    @workflow.run
    async def run(self, request: MonthEndRequest) -> MonthEndResult:
        valued = await valuation(request.valuation)
        priced = await bond(request.bond)
        return MonthEndResult(
            valuation=valued,
            bond=priced,
            option=await option(request.option),
            performance=await performance(request.performance),
            fees=await fees(request.fees.model_copy(update={"assets": valued.value})),
        )
