"""What a NAV is made of: classes, balances, accruals, returns, checks, and what proves it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.packs.finance.models import DayCount, Identifier

Day = date
"""For fields below one that is itself called `date`, and hides the type from a type checker."""


NavType = Literal["official", "tax", "shadow"]


Severity = Literal["warn", "block", "four-eyes"]


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

    kind: Literal[
        "cash",
        "dividend",
        "corporate-action",
        "trade",
        "subscription",
        "redemption",
        "hedge",
        "fee",
        "other",
    ]
    reference: str
    """The account, corporate action, trade, deal, contract, or fee it stems from."""
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
    kind: Literal["percentage", "fixed", "tiered", "budget", "performance"]
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


class SwingOverride(Record):
    """A person's decision on the swing, against what the fund's policy proposes."""

    factor: Annotated[Decimal, Field(gt=-1, lt=1)]
    """The part by which the price moves; negative is down, 0 is not at all."""
    by: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]


class Swing(Record):
    """What dealing did to the price of a class's unit; the same part for every class."""

    flow: Decimal
    """Net flow of the dealing day over all classes, base currency."""
    flow_fraction: Decimal
    """Of the fund's NAV, 10 decimals."""
    threshold: Decimal | None
    """The flow, as a fraction of the NAV, beyond which the price swings; None for full swing."""
    direction: Literal["up", "down", "none"]
    method: Literal["factor", "basis"]
    proposed_factor: Decimal
    """What the policy says: signed, 0 when the threshold was not passed."""
    capped: bool = False
    """Whether the cap cut `proposed_factor`."""
    factor: Decimal
    """By which part the price moved: the proposed one, or that of `override`."""
    unswung: Decimal
    """NAV per unit before it moved, rounded as the class rounds."""
    amount: Decimal
    """Per unit: the published NAV per unit less `unswung`."""
    override: SwingOverride | None = None


class LevyCharged(Record):
    """The dilution levy of one dealing day; the same for every class."""

    flow: Decimal
    """Net flow of the dealing day over all classes, base currency."""
    flow_fraction: Decimal
    """Of the fund's NAV, 10 decimals."""
    charged_on: Literal["subscriptions", "redemptions", "none"]
    rate: Decimal
    """A fraction of each deal; 0 when none is charged."""


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
    hedge_result: Decimal = Decimal(0)
    """What the class's own forwards gained since the prior NAV, base currency; part of `gross`."""
    nav_base: Decimal
    """Base currency, never swung; all classes add up to the fund's NAV to the last digit."""
    nav: Decimal
    """Class currency, never swung."""
    nav_per_unit: Decimal
    """Class currency, rounded as the class rounds: the price investors deal at, swung where the
    fund swings (`swing` has the one before)."""
    nav_per_unit_exact: Decimal
    """Class currency, 12 decimals, before the class's rounding."""
    swing: Swing | None = None
    """None where the fund does not swing."""
    dilution_levy: LevyCharged | None = None
    index: Decimal
    """Total-return index, 1 at launch, 18 decimals."""
    performance: Performance


class Movement(Record):
    """Why the fund's NAV changed since the prior one, base currency; the parts make `total`."""

    opening: Decimal
    price: Decimal
    fx: Decimal
    """Exchange rates, forwards of hedged classes included."""
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


class ProofLine(Record):
    """One figure, calculated twice."""

    figure: str
    """`positions`, `balances`, `nav`, or `class <id> per unit`, for example."""
    struck: Decimal
    """What this NAV says."""
    proved: Decimal
    """What the second engine says."""


class Proof(Record):
    """A NAV calculated again by a second engine, from the same pinned inputs."""

    engine: str
    """For example `DuckDB 2.0.0`."""
    positions: int
    """Positions that were priced and valued again, each to the last digit."""
    lines: tuple[ProofLine, ...]
    """The figures above the positions; all agree, or there would be no proof."""


class AppliedAction(Record):
    """A corporate action that happened since the prior NAV, or whose cash is still to come."""

    ca_id: str
    """As announced; the end of a rights issue has `/exercise` after it."""
    kind: str
    instrument_id: str
    ex_date: Day
    """The day it happened."""
    pay_date: Day | None
    eligible: Decimal | None
    """Units entitled; None when nothing says how many."""
    kept: Decimal
    """Units of `instrument_id` that they became."""
    new_instrument_id: str | None
    received: Decimal
    """Units of `new_instrument_id`."""
    currency: Currency | None
    cash: Decimal
    """In `currency`, after withholding tax, rounded to its smallest coin; negative: it costs."""
    is_income: bool
    election: str | None
    cost_kept: Decimal | None = None
    """Base currency, where the position has a cost and the action says how it splits."""
    cost_moved: Decimal | None = None


class Shortfall(Record):
    """A period's underperformance that is not made good yet."""

    period_end: Day
    amount: Decimal
    """Class currency."""


class PerformanceFeeState(Record):
    """Where a class's performance fee stands; the next NAV goes on from it."""

    class_id: Identifier
    fee_id: Identifier
    currency: Currency
    """Of `assets`, `reference`, `high_water_mark`, and `shortfalls`; the rest is base currency."""
    rate: Decimal
    assets: Decimal
    """The class's net assets before what accrued of this fee."""
    reference: Decimal
    """What they must exceed: the high-water mark of all units, with the hurdle."""
    high_water_mark: Decimal
    """`reference` per unit, 12 decimals."""
    accrued: Decimal
    """Accrued and not crystallised: a fall in the NAV takes it back."""
    crystallised: Decimal
    """Crystallised with this NAV, by redemptions or at the period's end."""
    crystallised_year_to_date: Decimal
    """In the fee's year."""
    period_end: Day | None = None
    """The end of the last period that was crystallised."""
    shortfalls: tuple[Shortfall, ...] = ()
    """Oldest first; kept where losses are forgotten after some years."""


class ClassHedge(Record):
    """The forwards of one hedged class."""

    class_id: Identifier
    contracts: tuple[str, ...]
    """Those that are open."""
    mark_to_market: Decimal
    """Base currency."""
    result: Decimal
    """Gained since the prior NAV, base currency, settled contracts included."""
    notional: Decimal
    """Bought less sold of the class's currency by open contracts."""


class Causes(Record):
    """A change of the NAV by cause, base currency."""

    price: Decimal
    fx: Decimal
    income: Decimal
    fees: Decimal
    capital: Decimal
    other: Decimal = Decimal(0)


class ExpectedClass(Record):
    """What one class's unit should be worth."""

    class_id: Identifier
    nav_per_unit: Decimal
    """Class currency, 12 decimals, before any swing."""
    difference: Decimal
    """Struck and unswung over expected, less 1; a fraction, 10 decimals."""


class ExpectedNav(Record):
    """The NAV that last positions, market moves, rates, and known flows lead one to expect.

    It uses none of the strike's positions, cash, or fees, so that an error in them shows.
    """

    nav: Decimal
    """Base currency."""
    causes: Causes
    """From the prior NAV to `nav`."""
    difference: Causes
    """Struck less expected, by cause."""
    classes: tuple[ExpectedClass, ...]
    estimated: tuple[str, ...] = ()
    """Instruments without a price today, moved with the benchmark or not at all."""
