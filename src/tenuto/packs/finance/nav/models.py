"""What Daily NAV takes, what its steps hand to each other, and what remains.

Tables never appear here: `Dataset` and `Document` references do. Every amount is a `Decimal`
whose currency is named by its field or by `currency`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document
from tenuto.packs.finance.models import DayCount, Fund, Identifier, Recipient

Day = date
"""For fields below one that is itself called `date`, and hides the type from a type checker."""

NavType = Literal["official", "tax", "shadow"]
Severity = Literal["warn", "block", "four-eyes"]


class DailyNavRequest(Record):
    """Strike one NAV: one fund, one valuation date, one NAV type, one version."""

    fund: Fund
    """The fund as it is written in `fund.yaml`."""
    date: date
    """Valuation date, a dealing day of the fund's calendar."""
    positions: Document
    """`instrument_id, quantity` and optionally `name, type, currency, price_unit, price_factor,
    pool_factor, position_date, coupon_rate, day_count, coupon_frequency, maturity,
    last_coupon_date, next_coupon_date`."""
    prices: Document
    """`instrument_id, date, price, currency` and optionally `unit` (`unit`, `per100`, `GBX`),
    `source`."""
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
    """`ca_id, instrument_id, type` (`dividend` or `split`), `ex_date, pay_date, rate, currency,
    ratio, withholding_rate`."""
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
    on_missing: Literal["fail", "wait"] = "fail"
    """What a missing price does: end the run, or wait for a person until the fund's cut-off."""
    distribute: bool = True
    """Whether the pack goes to the fund's recipients."""


class FxRate(Record):
    """A fixing as it was used."""

    base: Currency
    quote: Currency
    rate: Decimal
    """Units of `quote` for one unit of `base`."""
    fixing_date: date
    age_days: int
    source: str


class Balance(Record):
    """Something the fund owns or owes that is not a position."""

    kind: Literal["cash", "dividend", "trade", "subscription", "redemption", "fee", "other"]
    reference: str
    """The account, deal, trade, or fee it stems from."""
    currency: Currency
    amount: Decimal
    """In `currency`; an asset is positive, a liability negative."""
    base_amount: Decimal
    """In the fund's base currency, rounded as the fund rounds."""


class Accrual(Record):
    """One fee's accrual for one period."""

    fee_id: Identifier
    class_id: Identifier | None = None
    """None for a fee that the whole fund bears."""
    kind: Literal["percentage", "fixed", "tiered", "budget"]
    days: int
    """Calendar days since the prior NAV."""
    day_count: DayCount
    base: Decimal
    """The assets the fee is computed on, base currency."""
    rate: Decimal | None
    """The yearly rate in force; for a tiered fee, the rate that gives `amount` on `base`."""
    amount: Decimal
    """This period's accrual, base currency."""
    prior_total: Decimal
    """Accrued and unpaid before this period."""
    paid: Decimal
    """Paid since the prior NAV."""
    total: Decimal
    """`prior_total + amount - paid`."""
    year_to_date: Decimal = Decimal(0)
    """Accrued in this calendar year, paid or not."""
    cap_applied: bool = False
    floor_applied: bool = False


class Return(Record):
    """A return, or why there is none."""

    value: Decimal | None
    """A fraction: `0.0125` is one and a quarter percent. None when it cannot be known."""
    since: date | None = None
    """The date it is measured from."""
    missing: str | None = None
    """Why `value` is None, and what would fix it."""


class Performance(Record):
    """Time-weighted returns of one class, net of fees, distributions reinvested."""

    daily: Return
    month_to_date: Return
    year_to_date: Return
    since_inception: Return


class ClassNav(Record):
    """One class's part of a NAV."""

    class_id: Identifier
    name: str
    currency: Currency
    opening_units: Decimal
    subscribed_units: Decimal
    redeemed_units: Decimal
    units: Decimal
    """`opening_units + subscribed_units - redeemed_units`."""
    weight: Decimal
    """Share in the fund's result since the prior NAV; the weights of all classes add up to 1."""
    capital: Decimal
    """Subscriptions less redemptions that entered with this NAV, base currency."""
    gross: Decimal
    """Before this period's own fees, base currency."""
    fees: Decimal
    """This period's fees of the class alone, base currency."""
    nav_base: Decimal
    """Base currency; all classes add up to the fund's NAV to the last digit."""
    nav: Decimal
    """Class currency."""
    nav_per_unit: Decimal
    """Class currency, rounded as the class rounds."""
    nav_per_unit_exact: Decimal
    """Class currency, 12 decimals, before the class's rounding."""
    index: Decimal
    """Total-return index, 1 at launch, 18 decimals."""
    performance: Performance


class Movement(Record):
    """Why the fund's NAV changed since the prior one, base currency; the parts make `total`."""

    opening: Decimal
    price: Decimal
    fx: Decimal
    income: Decimal
    fees: Decimal
    capital: Decimal
    other: Decimal
    """What nothing above explains: unexplained cash or quantity. Must be 0."""
    total: Decimal
    closing: Decimal


class Comment(Record):
    """A person's answer to a breach."""

    rule: str
    text: Annotated[str, Field(min_length=1)]
    by: Annotated[str, Field(min_length=1)]
    at: datetime | None = None
    """UTC, set by the run."""


class Check(Record):
    """One tolerance check with what it saw."""

    rule: str
    subject: str
    """What was checked: a class, an instrument, the fund."""
    outcome: Literal["pass", "warn", "fail", "missing"]
    """`missing`: it could not be checked, and `note` says why."""
    value: Decimal | None
    limit: Decimal
    severity: Severity
    note: str = ""
    comments: tuple[Comment, ...] = ()


class CarriedPrice(Record):
    """A prior price that a person decided to use again."""

    instrument_id: str
    by: str
    reason: str
    at: datetime


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
    status: Literal["candidate", "final"]
    prior_date: Day | None
    """Valuation date of the NAV this one rolls forward from."""
    inputs: dict[str, str]
    """Input name -> SHA-256 of its content."""
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
