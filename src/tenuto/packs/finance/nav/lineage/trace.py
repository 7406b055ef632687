"""The tree behind a NAV: a class per unit, the fund, a position, its price, the vendor's row."""

from decimal import Decimal

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import NotFoundError
from tenuto.packs.finance.nav.activities.history import RESULT, read_result
from tenuto.packs.finance.nav.lineage.golden import golden_price
from tenuto.packs.finance.nav.lineage.node import Node
from tenuto.packs.finance.nav.lineage.rows import InputRows
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import ClassNav

_LARGEST = 10


def find_nav(store: ArtifactStore, text: str) -> NavResult:
    """The released NAV called `text`: whole, or the beginning of an id, of which the last counts.

    Raises NotFoundError.
    """
    prefix = text.rstrip("/")
    found = [
        (name, reference)
        for name, reference in store.names(prefix)
        if name.endswith(f"/{RESULT}") and name.removesuffix(f"/{RESULT}").startswith(prefix)
    ]
    if not found:
        raise NotFoundError(
            f"No released NAV is called `{text}`, or begins so; `tenuto artifacts list nav/` "
            "lists them.",
            code="nav.not-released",
        )
    _, reference = max(found, key=lambda each: _order(each[0]))
    return read_result(store, reference)  # type: ignore[arg-type]


def explain_class(store: ArtifactStore, result: NavResult, class_id: str) -> Node:
    """NAV per unit of one class, down to the fund's positions and balances."""
    share_class = next((each for each in result.classes if each.class_id == class_id), None)
    if share_class is None:
        known = ", ".join(f"`{each.class_id}`" for each in result.classes)
        raise NotFoundError(
            f"{result.nav_id} has no class `{class_id}`; it has {known}.", code="nav.unknown-class"
        )
    return Node(
        figure=f"NAV per unit of {class_id}",
        value=f"{share_class.nav_per_unit} {share_class.currency}",
        how=f"NAV / units = {share_class.nav_per_unit_exact}, rounded as the class rounds",
        parts=(
            Node(
                figure=f"NAV of {class_id}",
                value=f"{share_class.nav} {share_class.currency}",
                how="gross - fees of the class, in base currency, at the day's rate",
                parts=_class_parts(result, share_class),
            ),
            Node(
                figure="units",
                value=str(share_class.units),
                how=f"{share_class.opening_units} opening + {share_class.subscribed_units} "
                f"subscribed - {share_class.redeemed_units} redeemed",
            ),
            explain_fund(store, result),
        ),
    )


def explain_fund(store: ArtifactStore, result: NavResult) -> Node:
    """The fund's NAV, its balances, and its largest positions."""
    currency = result.base_currency
    return Node(
        figure="NAV of the fund",
        value=f"{result.nav} {currency}",
        how="GAV - liabilities",
        parts=(
            Node(
                figure="GAV",
                value=f"{result.gav} {currency}",
                how="positions + balances",
                parts=(_positions(store, result), *_balances(result)),
            ),
            Node(
                figure="liabilities",
                value=f"{result.liabilities} {currency}",
                how="fees accrued and not paid",
                parts=_fees(result),
            ),
        ),
    )


def explain_position(store: ArtifactStore, result: NavResult, instrument_id: str) -> Node:
    """One position's value: quantity, price, and rate, each with the row it was read from."""
    table = store.get_table(result.positions).filter(pl.col("instrument_id") == instrument_id)
    if not table.height:
        raise NotFoundError(
            f"{result.nav_id} holds no `{instrument_id}`; `tenuto explain {result.nav_id}` lists "
            "the largest positions.",
            code="nav.unknown-instrument",
        )
    row = table.row(0, named=True)
    rows = InputRows(store, result)
    return Node(
        figure=f"value of {instrument_id}",
        value=f"{_plain(row['base_value'])} {result.base_currency}",
        how="(quantity x price x factors + accrued interest) x rate, rounded once",
        parts=(
            Node(
                figure="quantity",
                value=_plain(row["quantity"]),
                source=rows.find("positions", pl.col("instrument_id") == instrument_id),
            ),
            _price(store, result, rows, row),
            Node(figure="price factor", value=_plain(row["price_factor"])),
            Node(
                figure="accrued interest",
                value=f"{_plain(row['accrued_interest'])} {row['currency']}",
            ),
            _rate(result, rows, row["currency"]),
        ),
    )


def _order(name: str) -> tuple[str, str, str, int]:
    """Fund, date, type, version as a number, so that v10 comes after v9."""
    _, fund, day, kind, version, _ = name.split("/")
    return fund, day, kind, int(version.removeprefix("v"))


def _class_parts(result: NavResult, share_class: ClassNav) -> tuple[Node, ...]:
    currency = result.base_currency
    rates = [each for each in result.fx if share_class.currency in (each.base, each.quote)]
    return (
        Node(
            figure="gross",
            value=f"{share_class.gross} {currency}",
            how=f"the class's part of the assets, weight {share_class.weight} of the result",
        ),
        Node(figure="fees of the class", value=f"{share_class.fees} {currency}"),
        *(
            Node(
                figure=f"rate {each.base}/{each.quote}",
                value=str(each.rate),
                how=f"{each.source} of {each.fixing_date}",
            )
            for each in rates
            if share_class.currency != currency
        ),
    )


def _positions(store: ArtifactStore, result: NavResult) -> Node:
    table = store.get_table(result.positions)
    largest = table.sort(pl.col("base_value").abs(), "instrument_id", descending=[True, False])
    return Node(
        figure="positions",
        value=f"{result.positions_value} {result.base_currency}",
        how=f"{table.height} positions; the largest {min(_LARGEST, table.height)} follow",
        parts=tuple(
            Node(
                figure=row["instrument_id"],
                value=f"{_plain(row['base_value'])} {result.base_currency}",
                how=f"{_plain(row['quantity'])} x {_plain(row['price'])} {row['currency']} "
                f"of {row['price_date']}",
            )
            for row in largest.head(_LARGEST).iter_rows(named=True)
        ),
    )


def _balances(result: NavResult) -> tuple[Node, ...]:
    return tuple(
        Node(
            figure=f"{each.kind} {each.reference}",
            value=f"{each.base_amount} {result.base_currency}",
            how=f"{each.amount} {each.currency}",
        )
        for each in result.balances
    )


def _fees(result: NavResult) -> tuple[Node, ...]:
    return tuple(
        Node(
            figure=f"fee {each.fee_id}" + (f" of {each.class_id}" if each.class_id else ""),
            value=f"{each.total} {result.base_currency}",
            how=f"{each.prior_total} before + {each.amount} for {each.days} day(s) "
            f"{each.day_count} on {each.base} - {each.paid} paid",
        )
        for each in result.accruals
    )


def _price(
    store: ArtifactStore, result: NavResult, rows: InputRows, position: dict[str, object]
) -> Node:
    instrument_id, price = position["instrument_id"], position["price"]
    carried = next((e for e in result.carried_prices if e.instrument_id == instrument_id), None)
    if carried:
        how = f"carried from {position['price_date']} by {carried.by}: {carried.reason}"
        return Node(figure="price", value=_plain(price), how=how)
    golden = golden_price(store, result, str(instrument_id))
    if golden:
        return golden
    wanted = (pl.col("instrument_id") == instrument_id) & (pl.col("date") <= result.date)
    return Node(
        figure="price",
        value=f"{_plain(price)} {position['currency']}",
        how=f"the latest up to {result.date}",
        source=rows.find("prices", wanted, newest="date"),
    )


def _rate(result: NavResult, rows: InputRows, currency: str) -> Node:
    if currency == result.base_currency:
        return Node(figure="rate", value="1", how="the position is in base currency")
    used = next(each for each in result.fx if currency in (each.base, each.quote))
    wanted = (
        (pl.col("date") == used.fixing_date)
        & (pl.col("base") == used.base)
        & (pl.col("quote") == used.quote)
    )
    inverse = "divided by" if used.base == result.base_currency else "multiplied by"
    return Node(
        figure=f"rate {used.base}/{used.quote}",
        value=str(used.rate),
        how=f"{inverse}; {used.source} of {used.fixing_date}, {used.age_days} day(s) old",
        source=rows.find("fx", wanted),
    )


def _plain(value: object) -> str:
    """A Decimal without the zeros that only fill up its column."""
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
