"""What the steps up to a struck NAV hand to each other: one request and one result per step.

Rows never appear here, only references to them. Classes, fees, currencies, and checks are few
and travel as records, so that a history shows them.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document
from tenuto.packs.finance.models import Fund, Identifier, Problem
from tenuto.packs.finance.nav.models import DailyNavRequest
from tenuto.packs.finance.nav.parts import (
    Accrual,
    AppliedAction,
    CarriedPrice,
    Check,
    ClassHedge,
    ClassNav,
    FxRate,
    Movement,
    NavType,
    PerformanceFeeState,
    SwingOverride,
)
from tenuto.packs.finance.pricing.models import PricingRequest
from tenuto.packs.finance.reconciliation.models import (
    ReconciliationRequest,
    ReconciliationResult,
)

# --- collecting and validating ---------------------------------------------------------


class CollectInputsRequest(Record):
    """Read the files of one strike."""

    request: DailyNavRequest
    supplied: tuple[Document, ...] = ()
    """Further price files, supplied by people while the run waited."""


class CollectedInputs(Record):
    """The same files as typed tables; one that was not given is None.

    A cell that could not be read is null, and has a problem.
    """

    positions: Dataset
    prices: Dataset
    fx: Dataset | None = None
    cash: Dataset | None = None
    transactions: Dataset | None = None
    capital: Dataset | None = None
    corporate_actions: Dataset | None = None
    dealing: Dataset | None = None
    hedges: Dataset | None = None
    fee_payments: Dataset | None = None
    benchmark: Dataset | None = None
    swing_override: SwingOverride | None = None
    """A person's decision, as it was requested."""
    prior: Document | None
    """The `NavResult` this one rolls forward from; None for the first strike."""
    hashes: dict[str, str]
    """Input name -> SHA-256 of the file as it was given."""
    names: dict[str, str]
    """Input name -> the file name a person knows it by."""
    unreadable: tuple[str, ...] = ()
    """Inputs whose columns or encoding are wrong, so that nothing can be said about their rows."""
    problems: Document | None = None
    """A JSON list of `Problem`, or None when every file could be read."""
    cut_off: datetime | None = None
    """The fund's cut-off on the valuation date, UTC."""


class Strike(Record):
    """What every step needs to know: which NAV it is, and which data it is struck from."""

    fund: Fund
    date: date
    nav_type: NavType
    version: PositiveInt
    inputs: CollectedInputs
    carried: tuple[CarriedPrice, ...] = ()
    """Prior prices that a person decided to use again."""
    fx: tuple[FxRate, ...] = ()
    """One fixing for every currency in use but the base; empty until the inputs are validated."""

    @property
    def nav_id(self) -> str:
        """`nav/<fund>/<date>/<nav-type>/v<version>`."""
        return f"nav/{self.fund.fund_id}/{self.date}/{self.nav_type}/v{self.version}"


class MissingPrice(Record):
    """A held instrument that cannot be valued yet."""

    instrument_id: str
    last_known: date | None
    """Date of the latest earlier price, which a person may carry; None when there is none."""


class InputReport(Record):
    """What is wrong with the inputs of a strike, and the fixings to use when nothing is."""

    count: NonNegativeInt
    """All problems found."""
    problems: tuple[Problem, ...]
    """The first 100 of them."""
    all_problems: Document | None
    """All of them, a JSON list; None when there are none."""
    missing: tuple[MissingPrice, ...]
    """Set when missing and stale prices are the only problems: a person may supply or carry."""
    fx: tuple[FxRate, ...]


# --- valuing ---------------------------------------------------------------------------


class ValuedPositions(Record):
    """Every position at its value."""

    positions: Dataset
    """As `NavResult.positions`, sorted by `instrument_id`."""
    value: Decimal
    """All positions incl. accrued interest, base currency, rounded as the fund rounds."""


class ClassCapital(Record):
    """What investors brought into and took out of one class with this NAV."""

    class_id: Identifier
    subscribed_units: Decimal
    redeemed_units: Decimal
    amount: Decimal
    """Subscriptions less redemptions, base currency, rounded as the fund rounds."""


class ValuedBalances(Record):
    """What the fund owns and owes beside positions and fees."""

    balances: Dataset
    """`(n, 5): kind, reference, currency, amount [currency], base_amount [base currency]`."""
    value: Decimal
    """Sum of `base_amount`."""
    capital: tuple[ClassCapital, ...]
    """One per class, in the fund's order."""
    corporate_actions: tuple[AppliedAction, ...] = ()
    hedges: tuple[ClassHedge, ...] = ()
    """Of every class that has forwards, or had some at the prior NAV."""


class AccrueFeesRequest(Record):
    """Accrue every fee of the fund and its classes up to the valuation date."""

    strike: Strike
    positions: ValuedPositions
    balances: ValuedBalances


class ClassGross(Record):
    """One class's part of the fund's assets before the fees it bears alone."""

    class_id: Identifier
    weight: Decimal
    """Share in the fund's result; the weights of all classes add up to 1."""
    gross: Decimal
    """Base currency."""


class AccruedFees(Record):
    """All fees, and what remains owed for them."""

    accruals: tuple[Accrual, ...]
    liabilities: Decimal
    """Accrued and unpaid, base currency, positive."""
    shares: tuple[ClassGross, ...]
    """Each class's part of the assets after the fund's fees and before its own."""
    performance_fees: tuple[PerformanceFeeState, ...] = ()


class AllocateClassesRequest(Record):
    """Share the fund's NAV among its classes."""

    strike: Strike
    positions: ValuedPositions
    balances: ValuedBalances
    fees: AccruedFees


class AllocatedClasses(Record):
    """The fund's NAV, class by class."""

    nav: Decimal
    classes: tuple[ClassNav, ...]
    """Without performance: every return is missing until it is measured."""


class ExplainMovementRequest(Record):
    """Say why the NAV changed since the prior one."""

    strike: Strike
    positions: ValuedPositions
    balances: ValuedBalances
    fees: AccruedFees
    nav: Decimal


class ExplainedMovement(Record):
    """The reasons, or none for a first strike."""

    movement: Movement | None


class MeasurePerformanceRequest(Record):
    """Measure each class's returns against the NAVs in the store."""

    strike: Strike
    classes: tuple[ClassNav, ...]


class MeasuredPerformance(Record):
    """The classes with their index and returns."""

    classes: tuple[ClassNav, ...]
    compared_with: dict[str, str]
    """NAV id -> SHA-256 of the result that a return is measured from."""


class PositionBreak(Record):
    """A position that a reconciliation found different, and that nobody has explained yet."""

    instrument_id: str
    ours: Decimal
    """Units."""
    theirs: Decimal


class CheckTolerancesRequest(Record):
    """Put the NAV together and hold it against the fund's tolerances."""

    strike: Strike
    administrator_nav: dict[Identifier, Decimal]
    positions: ValuedPositions
    balances: ValuedBalances
    fees: AccruedFees
    nav: Decimal
    classes: tuple[ClassNav, ...]
    compared_with: dict[str, str]
    movement: Movement | None
    open_breaks_bp: Decimal | None = None
    """Value of all open reconciliation breaks in basis points of the NAV; None when nothing was
    reconciled."""
    position_breaks: tuple[PositionBreak, ...] | None = None
    """None when positions were not reconciled."""


class OpenBreach(Record):
    """A check that a person must answer before the NAV is released."""

    rule: str
    subjects: tuple[str, ...]
    """The classes or instruments that broke the limit."""
    people: Literal[1, 2]
    """How many different people must comment: two for `four-eyes`."""
    note: str


class CheckedNav(Record):
    """A NAV that is complete but not released."""

    candidate: Document
    """The `NavResult` with status `candidate`."""
    checks: tuple[Check, ...]
    open: tuple[OpenBreach, ...]


class ProveRequest(Record):
    """Calculate a candidate again, with a second engine."""

    strike: Strike
    candidate: Document
    """The `NavResult` with status `candidate`."""


class ProvedNav(Record):
    """A candidate that two engines agree on."""

    candidate: Document
    """The `NavResult` with its `proof`."""


class ChooseVersionsRequest(Record):
    """Find the numbers under which the children of a strike will be published."""

    pricing: PricingRequest | None
    reconciliations: tuple[ReconciliationRequest, ...]


class ChosenVersions(Record):
    """The same requests, each with a version that nothing is published under."""

    pricing: PricingRequest | None
    reconciliations: tuple[ReconciliationRequest, ...]


class WeighBreaksRequest(Record):
    """Hold the open breaks of the reconciliations against the NAV."""

    reconciliations: tuple[ReconciliationResult, ...]
    base_currency: Currency
    nav: Decimal


class WeighedBreaks(Record):
    """What the tolerance rules on breaks look at."""

    open_breaks_bp: Decimal | None
    """All open breaks in basis points of the NAV; None when their value is not known."""
    position_breaks: tuple[PositionBreak, ...] | None
    """None when positions were not reconciled."""
