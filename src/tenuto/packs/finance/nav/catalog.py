"""What Daily NAV can be asked: its steps, and the workflow that orders them."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.packs.finance.nav.handoffs import (
    AccruedFees,
    AccrueFeesRequest,
    AllocateClassesRequest,
    AllocatedClasses,
    CheckedNav,
    CheckTolerancesRequest,
    ChooseVersionsRequest,
    ChosenVersions,
    CollectedInputs,
    CollectInputsRequest,
    ExplainedMovement,
    ExplainMovementRequest,
    InputReport,
    MeasuredPerformance,
    MeasurePerformanceRequest,
    ProvedNav,
    ProveRequest,
    Strike,
    ValuedBalances,
    ValuedPositions,
    WeighBreaksRequest,
    WeighedBreaks,
)
from tenuto.packs.finance.nav.models import (
    Changes,
    DailyNavRequest,
    DailyNavResult,
    Delivery,
    NavPack,
)
from tenuto.packs.finance.nav.release_handoffs import (
    CompareRequest,
    DeliverRequest,
    FinaliseRequest,
    FinalNav,
    PublishedNav,
    PublishRequest,
    RenderPackRequest,
    StagedNav,
    StageRequest,
    WeighedOverrides,
    WeighOverridesRequest,
    Withdrawn,
    WithdrawRequest,
)
from tenuto.packs.finance.steps import BOUND_ONCE, PATIENT, PURE, SAME_BYTES

QUEUE = "nav"

_LONG = timedelta(minutes=10)
_SHORT = timedelta(minutes=2)


collect_inputs = activity(
    "nav.collect_inputs",
    request=CollectInputsRequest,
    result=CollectedInputs,
    summary="Read the input files into typed tables and find the prior NAV.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

validate_inputs = activity(
    "nav.validate_inputs",
    request=Strike,
    result=InputReport,
    summary="Find everything that is wrong with the inputs, in one pass.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

value_positions = activity(
    "nav.value_positions",
    request=Strike,
    result=ValuedPositions,
    summary="Value every position in the fund's base currency.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

value_balances = activity(
    "nav.value_balances",
    request=Strike,
    result=ValuedBalances,
    summary="Value cash, unsettled trades, dividends, and capital activity.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

accrue_fees = activity(
    "nav.accrue_fees",
    request=AccrueFeesRequest,
    result=AccruedFees,
    summary="Accrue fees and expenses since the prior NAV.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency=PURE,
)

allocate_classes = activity(
    "nav.allocate_classes",
    request=AllocateClassesRequest,
    result=AllocatedClasses,
    summary="Share the NAV among the classes and divide by units.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency=PURE,
)

explain_movement = activity(
    "nav.explain_movement",
    request=ExplainMovementRequest,
    result=ExplainedMovement,
    summary="Split the change since the prior NAV into its causes.",
    queue=QUEUE,
    start_to_close=_LONG,
    idempotency=PURE,
)

measure_performance = activity(
    "nav.measure_performance",
    request=MeasurePerformanceRequest,
    result=MeasuredPerformance,
    summary="Measure day, month, year, and since-inception returns.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency="Reads released NAVs, names which, and calculates; it changes nothing.",
)

check_tolerances = activity(
    "nav.check_tolerances",
    request=CheckTolerancesRequest,
    result=CheckedNav,
    summary="Put the NAV together and hold it against the fund's tolerances.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

choose_versions = activity(
    "nav.choose_versions",
    request=ChooseVersionsRequest,
    result=ChosenVersions,
    summary="Find the first unused versions of the Pricing and the reconciliations to run.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency="Asks only; a version that is taken meanwhile is refused when it is published.",
)

weigh_breaks = activity(
    "nav.weigh_breaks",
    request=WeighBreaksRequest,
    result=WeighedBreaks,
    summary="Hold the open breaks of the reconciliations against the NAV.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency=PURE,
)

stage = activity(
    "nav.stage",
    request=StageRequest,
    result=StagedNav,
    summary="Show an estimate or a candidate to those who may accept it.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency=BOUND_ONCE,
)

compare = activity(
    "nav.compare",
    request=CompareRequest,
    result=Changes,
    summary="List what changed between two strikes of one NAV.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency=PURE,
)

withdraw = activity(
    "nav.withdraw",
    request=WithdrawRequest,
    result=Withdrawn,
    summary="Say of a NAV that was shown that it will not be released.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency=BOUND_ONCE,
)

prove = activity(
    "nav.prove",
    request=ProveRequest,
    result=ProvedNav,
    summary="Calculate the NAV again with a second engine; nothing is released unless both agree.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

weigh_overrides = activity(
    "nav.weigh_overrides",
    request=WeighOverridesRequest,
    result=WeighedOverrides,
    summary="Find how much of a NAV rests on prices that people gave.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency=PURE,
)

finalise = activity(
    "nav.finalise",
    request=FinaliseRequest,
    result=FinalNav,
    summary="Put people's comments beside the breaches and make the NAV final.",
    queue=QUEUE,
    start_to_close=_SHORT,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

render_pack = activity(
    "nav.render_pack",
    request=RenderPackRequest,
    result=NavPack,
    summary="Write the NAV pack: PDF, XLSX, JSON, and Parquet under one hash.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

publish = activity(
    "nav.publish",
    request=PublishRequest,
    result=PublishedNav,
    summary="Bind the names of the NAV: the moment of release.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency=BOUND_ONCE,
)

deliver = activity(
    "nav.deliver",
    request=DeliverRequest,
    result=Delivery,
    summary="Hand one recipient the NAV pack.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        maximum_interval=timedelta(minutes=1),
        maximum_attempts=5,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="The idempotency key is made of NAV, recipient, and pack hash, so a recipient "
    "recognises a repetition.",
)

daily_nav = workflow_entry(
    "daily-nav",
    type_name="DailyNav",
    request=DailyNavRequest,
    result=DailyNavResult,
    summary="Strike, check, release, and distribute one fund's net asset value.",
    queue=QUEUE,
    run_id="nav/{fund.fund_id}/{date}/{nav_type}/v{version}",
    search_attributes=(("TenutoSubject", "fund.fund_id"), ("TenutoBusinessDate", "date")),
)
