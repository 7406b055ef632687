"""What Daily NAV takes, what its steps hand to each other, and what remains.

Tables never appear here: `Dataset` and `Document` references do. Every amount is a `Decimal`
whose currency is named by its field or by `currency`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, PositiveInt, model_validator

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document
from tenuto.packs.finance.models import Fund, Identifier, Recipient
from tenuto.packs.finance.nav.parts import (
    Accrual,
    AppliedAction,
    Balance,
    CarriedPrice,
    Check,
    ClassHedge,
    ClassNav,
    Day,
    ExpectedNav,
    FxRate,
    Movement,
    NavType,
    PerformanceFeeState,
    Proof,
    SwingOverride,
)
from tenuto.packs.finance.pricing.models import PricingRequest
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest


class DailyNavRequest(Record):
    """Strike one NAV: one fund, one valuation date, one NAV type, one version."""

    fund: Fund
    """The fund as it is written in `fund.yaml`."""
    date: date
    """Valuation date, a dealing day of the fund's calendar."""
    positions: Document
    """`instrument_id, quantity` and optionally `name, type, currency, price_unit, price_factor,
    pool_factor, position_date, coupon_rate, day_count, coupon_frequency, maturity,
    last_coupon_date, next_coupon_date, cost_base` (whole cost, base currency)."""
    prices: Document | None = None
    """Either this or `pricing`. `instrument_id, date, price, currency` and optionally `unit`
    (`unit`, `per100`, `GBX`), `source`, and for a swing by basis `bid, offer` in the unit of the
    price."""
    fx: Document | None = None
    """`date, base, quote, rate`: one unit of `base` buys `rate` units of `quote`."""
    cash: Document | None = None
    """`account, currency, amount`."""
    transactions: Document | None = None
    """`trade_id, instrument_id, side` (`buy` or `sell`), `quantity, price, currency, net_amount,
    trade_date, settle_date`."""
    capital: Document | None = None
    """`deal_id, class_id, type` (`subscription` or `redemption`), `trade_date, settle_date, units,
    amount`, the amount in class currency."""
    corporate_actions: Document | None = None
    """`ca_id, instrument_id, type, ex_date` and, as the type needs them, the columns below.

    `type`: `dividend`, `coupon`, `return-of-capital` (`rate` per unit, `currency, pay_date`,
    optionally `withholding_rate`); `split`, `reverse-split` (`ratio`: units after for one
    before); `stock-dividend` (`ratio`: new units for one held); `spin-off` (`ratio,
    new_instrument_id`, optionally `cost_fraction`: the part of the cost that moves); `merger`
    (`ratio, new_instrument_id`, or `rate, currency, pay_date`, or both); `rights` (`ratio`: new
    shares for one right, one right for each share; `new_instrument_id`: the right;
    `subscription_price, currency, pay_date`); `redemption` (`rate` per unit, `currency,
    pay_date`, and `ratio`: the part that is redeemed, left out for all); `pool-factor`
    (`prior_pool_factor, pool_factor, currency, pay_date`, optionally `rate`: 1 is par).

    For all: `fractions` (`keep`, `cash`, `drop`; `cash` needs `lieu_price` per whole unit,
    `currency, pay_date`), `eligible_quantity` (as the custodian announced it), `participation`
    (`mandatory`, `voluntary`), `election` (`accept`, `decline`; for rights `exercise`, `lapse`),
    `elect_by`."""
    dealing: Document | None = None
    """Orders dealt at this NAV, for a fund that swings or levies: `order_id, class_id, type`
    (`subscription` or `redemption`), `dealing_date`, and `amount` in class currency or `units`."""
    hedges: Document | None = None
    """Forwards of hedged classes: `contract_id, class_id, buy_currency, buy_amount, sell_currency,
    sell_amount, trade_date, settle_date, currency`, `mark_to_market` in `currency` while it is
    open, and `settlement`, the gain or loss that was paid, from the day it settles."""
    swing_override: SwingOverride | None = None
    """Another swing than the fund's policy proposes, with who decided and why."""
    fee_payments: Document | None = None
    """`fee_id, class_id, date, amount` in base currency."""
    benchmark: Document | None = None
    """`date, level`."""
    nav_type: NavType = "official"
    """Several NAVs of one day live side by side, each with its own history."""
    version: PositiveInt | None = None
    """Assigned at start: the first number not yet used for this fund, date, and type."""
    prior: Document | None = None
    """A prior NAV result to roll forward from; by default the last one in the artifact store."""
    administrator_nav: dict[Identifier, Decimal] = Field(default_factory=dict)
    """The administrator's NAV per unit by class, for the variance check."""
    pricing: PricingRequest | None = None
    """Runs Pricing first, as a child; the NAV then reads its golden prices and no others."""
    reconciliations: tuple[ReconciliationRequest, ...] = ()
    """Reconciliations to run before the strike, as children, side by side."""
    on_failed_reconciliation: Literal["fail", "warn"] = "fail"
    """What a reconciliation that fails does: end the run, or leave the rule `open-breaks`
    without a value, which its severity answers."""
    sign_off: Literal["none", "required"] = "none"
    """`required`: the strike is an estimate until a person accepts exactly that result. Inputs
    revised meanwhile make it a candidate, to be accepted anew."""
    prepared_by: str = ""
    """Who prepared the inputs, and therefore may not accept the result."""
    on_missing: Literal["fail", "wait"] = "fail"
    """What a missing price does: end the run, or wait for a person until the fund's cut-off."""
    distribute: bool = True
    """Whether the pack goes to the fund's recipients."""

    @model_validator(mode="after")
    def _prices_come_from_one_place(self) -> Self:
        if (self.prices is None) == (self.pricing is None):
            raise ValueError("give either `prices`, a file, or `pricing`, a Pricing to run first")
        return self


class Changed(Record):
    """One thing that differs between two strikes of one NAV."""

    what: str
    """An input, a figure of the fund, a class, or `position <instrument>`."""
    before: str | None
    after: str | None


class Changes(Record):
    """What changed between two strikes of one NAV, the figures first, then the largest."""

    before: str
    """SHA-256 of the earlier result."""
    after: str
    """SHA-256 of the later result."""
    count: int
    """All that changed."""
    changed: tuple[Changed, ...]
    """The first 50."""


class Approval(Record):
    """One person's word, with what proves it."""

    by: str
    at: datetime
    comment: str = ""
    ticket: str
    """Name of the signed ticket, which is in the task's history."""
    policy: str
    """Digest of the policy that allowed it."""
    rules: tuple[str, ...] = ()
    """Of that policy."""
    via: str = ""
    """The road it came by."""


class Acceptance(Record):
    """Who accepted a result, and which."""

    by: str
    """Everybody who approved, with commas between."""
    at: datetime
    """When the last of them did."""
    result_sha256: str
    """Of exactly the result that was shown."""
    comment: str = ""
    task_id: str | None = None
    """Of the task they decided; None for results from before there were tasks."""
    approvals: tuple[Approval, ...] = ()


class NavResult(Record):
    """One struck NAV, whole: enough to reproduce and explain the report."""

    version: Literal[1] = 1
    """Of this record's shape."""
    nav_id: str
    """`nav/<fund>/<date>/<nav-type>/v<n>`."""
    fund_id: Identifier
    fund_name: str
    base_currency: Currency
    date: date
    nav_type: NavType
    strike: PositiveInt
    """The version of this NAV: 1, then 2 for a re-strike."""
    status: Literal["estimate", "candidate", "final"]
    prior_date: Day | None
    """Valuation date of the NAV this one rolls forward from."""
    inputs: dict[str, str]
    """Input name -> SHA-256 of its content."""
    file_names: dict[str, str] = Field(default_factory=dict)
    """Input name -> the name of its file, as a person knows it."""
    code_version: str
    positions_value: Decimal
    """All positions incl. accrued interest, base currency."""
    gav: Decimal
    """Positions + cash + receivables - payables, before fees, base currency."""
    liabilities: Decimal
    """Accrued fees, base currency, positive."""
    nav: Decimal
    """`gav - liabilities`, base currency."""
    classes: tuple[ClassNav, ...]
    balances: tuple[Balance, ...]
    accruals: tuple[Accrual, ...]
    fx: tuple[FxRate, ...]
    movement: Movement | None
    """None for the first strike of a fund."""
    checks: tuple[Check, ...] = ()
    carried_prices: tuple[CarriedPrice, ...] = ()
    positions: Dataset
    """`(n, 11): instrument_id, name, currency, quantity [units], price [quote currency],
    price_date, price_factor, local_value, accrued_interest [both local], fx_rate [base per
    local], base_value [base currency]`."""
    benchmark_level: Decimal | None = None
    corporate_actions: tuple[AppliedAction, ...] = ()
    performance_fees: tuple[PerformanceFeeState, ...] = ()
    hedges: tuple[ClassHedge, ...] = ()
    expected_nav: ExpectedNav | None = None
    """None where there is no prior NAV."""
    acceptance: Acceptance | None = None
    """None where no sign-off was asked for."""
    proof: Proof | None = None
    """None for results struck before there was a second engine."""


class Delivery(Record):
    """What became of one recipient's copy."""

    recipient: Identifier
    channel: Literal["file", "webhook"]
    target: str
    outcome: Literal["delivered", "failed"]
    detail: str
    """A path or HTTP status, or why it failed."""
    attempts: int
    delivered_at: datetime | None


class NavPack(Record):
    """The files of one NAV under one hash."""

    manifest: Document
    """JSON: the name and SHA-256 of each file below; its own hash is the pack's hash."""
    pdf: Document
    xlsx: Document
    json_file: Document
    """The `NavResult`."""
    parquet: Dataset
    """The valued positions."""


class DailyNavResult(Record):
    """What a finished Daily NAV run answers."""

    nav_id: str
    fund_id: Identifier
    date: date
    status: Literal["candidate", "final"]
    base_currency: Currency
    nav: Decimal
    classes: tuple[ClassNav, ...]
    checks: tuple[Check, ...]
    result: Document
    """The `NavResult` as JSON."""
    pack: NavPack
    deliveries: tuple[Delivery, ...]
    recipients: tuple[Recipient, ...] = ()
