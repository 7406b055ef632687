"""The NAV of an invented fund, with everything in it and in any size, to render and to deliver."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from tenuto.core.references import Column, Dataset
from tenuto.packs.finance.nav.models import Acceptance, NavResult
from tenuto.packs.finance.nav.parts import (
    Accrual,
    AppliedAction,
    Balance,
    CarriedPrice,
    Causes,
    Check,
    ClassHedge,
    ClassNav,
    Comment,
    ExpectedClass,
    ExpectedNav,
    FxRate,
    LevyCharged,
    Movement,
    Performance,
    PerformanceFeeState,
    Proof,
    ProofLine,
    Return,
    Swing,
    SwingOverride,
)

DAY = date(2022, 12, 28)
PRIOR = date(2022, 12, 27)
NO_PRIOR_MONTH = "No NAV for 2022-11-30; strike it first."

SCHEMA = {
    "instrument_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "quantity": pl.Decimal(38, 8),
    "price": pl.Decimal(38, 10),
    "price_date": pl.Date(),
    "price_factor": pl.Decimal(38, 10),
    "local_value": pl.Decimal(38, 12),
    "accrued_interest": pl.Decimal(38, 12),
    "fx_rate": pl.Decimal(38, 12),
    "base_value": pl.Decimal(38, 12),
}
NAMES = [
    "Apple Inc.",
    "Advanced Micro Devices, Inc. Common Stock of the Par Value of One Cent Each",
    "Bundesrepublik Deutschland 1.70% 15/08/2032",
    "Société Générale S.A.",
    "Österreichische Energieagentur für Łódź & Ørsted",
    "ACCUMULATINGCERTIFICATEWITHOUTANYPLACETOBREAKTHELINEAT2032",
]


def positions(count: int) -> pl.DataFrame:
    """`count` positions, every seventh short, every fifth quoted per 100, largest not first."""
    rows = []
    for i in range(count):
        factor = Decimal("0.01") if i % 5 == 4 else Decimal(1)
        quantity = Decimal((i * 7919) % 9973 + 1) * (-1 if i % 7 == 6 else 1)
        price = Decimal((i * 104729) % 99991 + 1) / 100
        local = quantity * price * factor
        rate = Decimal("0.939496430214") if i % 2 == 0 else Decimal(1)
        rows.append(
            {
                "instrument_id": f"US{i:010d}",
                "name": NAMES[i % len(NAMES)] if i % 11 else None,
                "currency": "USD" if i % 2 == 0 else "EUR",
                "quantity": quantity,
                "price": price,
                "price_date": DAY,
                "price_factor": factor,
                "local_value": local,
                "accrued_interest": Decimal("12.5") if i % 5 == 4 else Decimal(0),
                "fx_rate": rate,
                "base_value": (local * rate).quantize(Decimal("0.01")),
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def dataset(frame: pl.DataFrame, sha256: str = "5" * 64) -> Dataset:
    """A reference to `frame`, as if it lay in a store."""
    return Dataset(
        uri=f"artifact://{sha256}",
        sha256=sha256,
        bytes=4321,
        rows=frame.height,
        columns=tuple(Column(name=n, dtype=str(t)) for n, t in frame.schema.items()),
        name="valued positions",
    )


def share_class(index: int, nav_base: Decimal, *, is_new: bool) -> ClassNav:
    """Class `index`; a new one has no returns yet."""
    currency = ("EUR", "USD", "GBP", "JPY")[index % 4]
    reason = "Launched on this day." if is_new else NO_PRIOR_MONTH
    missing = Return(value=None, missing=reason)
    return ClassNav(
        class_id=f"{'ABCDEFGHIJKLMNOP'[index]}-{currency}",
        name=f"Class {'ABCDEFGHIJKLMNOP'[index]} Accumulation {currency}"
        + (" Currency Hedged for Institutional Investors" if index % 3 == 2 else ""),
        currency=currency,
        opening_units=Decimal("100000.000"),
        subscribed_units=Decimal("250.125"),
        redeemed_units=Decimal("17.000"),
        units=Decimal("100233.125"),
        weight=Decimal("0.333333333333333333"),
        capital=Decimal("23312.40"),
        gross=nav_base + Decimal("120.00"),
        fees=Decimal("120.00"),
        nav_base=nav_base,
        nav=(nav_base * Decimal("1.0644")).quantize(Decimal("0.01")),
        nav_per_unit=Decimal("101.2345"),
        nav_per_unit_exact=Decimal("101.234512345678"),
        index=Decimal("1.012345678901234567"),
        performance=Performance(
            daily=missing if is_new else Return(value=Decimal("-0.0123456789"), since=PRIOR),
            month_to_date=missing,
            year_to_date=missing
            if is_new
            else Return(value=Decimal("0.0823000000"), since=date(2021, 12, 31)),
            since_inception=missing
            if is_new
            else Return(value=Decimal("0.0123456789"), since=date(2020, 1, 2)),
        ),
    )


def nav_result(
    frame: pl.DataFrame, *, classes: int = 3, is_first: bool = False, **changes: object
) -> NavResult:
    """A result over `frame` that adds up."""
    value = sum(frame["base_value"].to_list(), Decimal("0.00")).quantize(Decimal("0.01"))
    balances = (
        Balance(
            kind="cash",
            reference="Custody account 4711",
            currency="USD",
            amount=Decimal("1100000.25"),
            base_amount=Decimal("1033446.31"),
        ),
        Balance(
            kind="trade",
            reference="T-2022-12-27-0001",
            currency="EUR",
            amount=Decimal("-250000.00"),
            base_amount=Decimal("-250000.00"),
        ),
        Balance(
            kind="dividend",
            reference="US0378331005",
            currency="USD",
            amount=Decimal("1250.5"),
            base_amount=Decimal("1174.84"),
        ),
        Balance(
            kind="subscription",
            reference="D-17",
            currency="EUR",
            amount=Decimal("25320.10"),
            base_amount=Decimal("25320.10"),
        ),
    )
    gav = value + sum((each.base_amount for each in balances), Decimal(0))
    liabilities = Decimal("48211.07")
    nav = gav - liabilities
    part = (nav / classes).quantize(Decimal("0.01"))
    parts = [part] * (classes - 1) + [nav - part * (classes - 1)]
    moves = {
        "price": Decimal("-398345.67"),
        "fx": Decimal("-12761.21"),
        "income": Decimal("1174.84"),
        "fees": Decimal("-1238.79"),
        "capital": Decimal("23312.40"),
        "other": Decimal("0.00"),
    }
    opening = nav - sum(moves.values())
    fields: dict[str, object] = {
        "nav_id": f"nav/ATLAS/{DAY}/official/v1",
        "fund_id": "ATLAS",
        "fund_name": "Atlas Global Equity Fund",
        "base_currency": "EUR",
        "date": DAY,
        "nav_type": "official",
        "strike": 1,
        "status": "final",
        "prior_date": None if is_first else PRIOR,
        "inputs": {
            "positions": "a" * 64,
            "prices": "0123456789abcdef" * 4,
            "fx": "c" * 64,
            "cash": "d" * 64,
        },
        "code_version": "0.1.0",
        "positions_value": value,
        "gav": gav,
        "liabilities": liabilities,
        "nav": nav,
        "classes": tuple(
            share_class(i, parts[i], is_new=i % 5 == 4 or is_first) for i in range(classes)
        ),
        "balances": balances,
        "accruals": (
            Accrual(
                fee_id="management",
                class_id="A-EUR",
                kind="percentage",
                days=1,
                day_count="ACT/365",
                base=parts[0],
                rate=Decimal("0.0125"),
                amount=Decimal("1038.79"),
                prior_total=Decimal("45972.28"),
                paid=Decimal("0.00"),
                total=Decimal("47011.07"),
            ),
            Accrual(
                fee_id="audit",
                kind="budget",
                days=1,
                day_count="ACT/365",
                base=nav,
                rate=None,
                amount=Decimal("200.00"),
                prior_total=Decimal("2000.00"),
                paid=Decimal("1000.00"),
                total=Decimal("1200.00"),
                cap_applied=True,
            ),
        ),
        "fx": (
            FxRate(
                base="EUR",
                quote="USD",
                rate=Decimal("1.0644"),
                fixing_date=DAY,
                age_days=0,
                source="ECB",
            ),
            FxRate(
                base="EUR",
                quote="JPY",
                rate=Decimal("142.21"),
                fixing_date=PRIOR,
                age_days=1,
                source="ECB",
            ),
        ),
        "movement": None
        if is_first
        else Movement(opening=opening, total=sum(moves.values()), closing=nav, **moves),
        "checks": (
            Check(
                rule="unit-nav-change",
                subject="A-EUR",
                outcome="pass",
                value=Decimal("-0.0123456789"),
                limit=Decimal("0.02"),
                severity="block",
            ),
            Check(
                rule="administrator-variance",
                subject="B-USD",
                outcome="fail",
                value=Decimal("0.0003001"),
                limit=Decimal("0.0003"),
                severity="four-eyes",
                note="Administrator 101.2041, ours 101.2345.",
                comments=(
                    Comment(
                        rule="administrator-variance",
                        text="The administrator used the prior day's rate; confirmed by phone.",
                        by="a.berger",
                        at=datetime(2022, 12, 28, 17, 5, tzinfo=UTC),
                    ),
                    Comment(
                        rule="administrator-variance",
                        text="Seen and agreed.",
                        by="m.okafor",
                        at=datetime(2022, 12, 28, 17, 20, tzinfo=UTC),
                    ),
                ),
            ),
            Check(
                rule="stale-prices",
                subject="US0000000004",
                outcome="warn",
                value=Decimal(3),
                limit=Decimal(2),
                severity="warn",
            ),
            Check(
                rule="benchmark-multiple",
                subject="fund",
                outcome="missing",
                value=None,
                limit=Decimal("1.5"),
                severity="warn",
                note="No benchmark file was given.",
            ),
            Check(
                rule="unexplained-movement",
                subject="fund",
                outcome="pass",
                value=Decimal("0.00"),
                limit=Decimal(0),
                severity="block",
            ),
        ),
        "carried_prices": (
            CarriedPrice(
                instrument_id="US0000000004",
                by="a.berger",
                reason="Trading was suspended on the exchange.",
                at=datetime(2022, 12, 28, 16, 40, tzinfo=UTC),
            ),
        ),
        "positions": dataset(frame),
    }
    return NavResult.model_validate(fields | changes)


def eventful(frame: pl.DataFrame, **changes: object) -> NavResult:
    """A result with all that only some funds have: swing, hedges, actions, a proof, a sign-off."""
    plain = nav_result(frame)
    first, *others = plain.classes
    decided = SwingOverride(
        factor=Decimal("0.0025"), by="m.okafor", reason="Half was known before."
    )
    swung = Swing(
        flow=Decimal("250000.00"),
        flow_fraction=Decimal("0.0312500000"),
        threshold=Decimal("0.02"),
        direction="up",
        method="factor",
        proposed_factor=Decimal("0.005"),
        factor=Decimal("0.0025"),
        unswung=Decimal("100.9820"),
        amount=Decimal("0.2525"),
        override=decided,
    )
    levied = LevyCharged(
        flow=Decimal("250000.00"),
        flow_fraction=Decimal("0.0312500000"),
        charged_on="subscriptions",
        rate=Decimal("0.0015"),
    )
    dealt = (
        first.model_copy(update={"swing": swung}),
        others[0].model_copy(update={"dilution_levy": levied}),
        *others[1:],
    )
    causes = Causes(
        price=Decimal("-398000.12345678"),
        fx=Decimal(-12761),
        income=Decimal("1174.84"),
        fees=Decimal("-1238.79"),
        capital=Decimal("23312.40"),
    )
    apart = Causes(
        price=Decimal("-345.54654322"),
        fx=Decimal("-0.21"),
        income=Decimal(0),
        fees=Decimal(0),
        capital=Decimal(0),
    )
    given: dict[str, object] = {
        "classes": dealt,
        "performance_fees": (
            PerformanceFeeState(
                class_id=first.class_id,
                fee_id="performance",
                currency="EUR",
                rate=Decimal("0.2"),
                assets=Decimal("1000000.00"),
                reference=Decimal("980000.00"),
                high_water_mark=Decimal("98.123456789012"),
                accrued=Decimal("4000.00"),
                crystallised=Decimal("0.00"),
                crystallised_year_to_date=Decimal("125.50"),
            ),
        ),
        "hedges": (
            ClassHedge(
                class_id=others[0].class_id,
                contracts=("FWD-2022-12-001", "FWD-2022-12-002"),
                mark_to_market=Decimal("-1234.56"),
                result=Decimal("-210.00"),
                notional=Decimal("995000.00"),
            ),
        ),
        "corporate_actions": (
            AppliedAction(
                ca_id="CA-4711",
                kind="spin-off",
                instrument_id="US0000000001",
                ex_date=DAY,
                pay_date=None,
                eligible=Decimal(1000),
                kept=Decimal(1000),
                new_instrument_id="US9999999999",
                received=Decimal("250.5"),
                currency="USD",
                cash=Decimal("12.30"),
                is_income=False,
                election=None,
            ),
            AppliedAction(
                ca_id="CA-4712",
                kind="dividend",
                instrument_id="US0000000002",
                ex_date=DAY,
                pay_date=DAY,
                eligible=None,
                kept=Decimal(500),
                new_instrument_id=None,
                received=Decimal(0),
                currency="EUR",
                cash=Decimal("125.00"),
                is_income=True,
                election=None,
            ),
        ),
        "expected_nav": ExpectedNav(
            nav=plain.nav + Decimal("345.75654322"),
            causes=causes,
            difference=apart,
            classes=(
                ExpectedClass(
                    class_id=first.class_id,
                    nav_per_unit=Decimal("100.981999999999"),
                    difference=Decimal("0.0000012345"),
                ),
            ),
            estimated=("US0000000004", "US0000000009"),
        ),
        "proof": Proof(
            engine="DuckDB 2.0.0",
            positions=frame.height,
            lines=(
                ProofLine(
                    figure="positions", struck=plain.positions_value, proved=plain.positions_value
                ),
                ProofLine(figure="nav", struck=plain.nav, proved=plain.nav),
            ),
        ),
        "acceptance": Acceptance(
            by="m.okafor",
            at=datetime(2022, 12, 28, 18, 0, tzinfo=UTC),
            result_sha256="0123456789abcdef" * 4,
            comment="Seen with the administrator.",
        ),
    }
    return plain.model_copy(update=given | changes)
