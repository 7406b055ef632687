"""Step 2: everything that is wrong with the inputs, found in one pass."""

from collections.abc import Iterator

import polars as pl
from pydantic import TypeAdapter

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.book import last_known, priced_book
from tenuto.packs.finance.nav.activities.fixings import find_fixings
from tenuto.packs.finance.nav.activities.opened import OpenStrike, open_strike
from tenuto.packs.finance.nav.activities.rules.activity import (
    cash_problems,
    fee_payment_problems,
    trade_problems,
)
from tenuto.packs.finance.nav.activities.rules.capital import capital_problems
from tenuto.packs.finance.nav.activities.rules.corporate_actions import (
    action_book_problems,
    corporate_action_problems,
)
from tenuto.packs.finance.nav.activities.rules.dealing import dealing_problems
from tenuto.packs.finance.nav.activities.rules.fund import fund_problems
from tenuto.packs.finance.nav.activities.rules.fx import fx_problems
from tenuto.packs.finance.nav.activities.rules.hedges import hedge_problems
from tenuto.packs.finance.nav.activities.rules.hurdle import hurdle_problems
from tenuto.packs.finance.nav.activities.rules.positions import position_problems
from tenuto.packs.finance.nav.activities.rules.prices import BEFORE_ACTION, MISSING, price_problems
from tenuto.packs.finance.nav.handoffs import InputReport, MissingPrice, Strike
from tenuto.packs.finance.nav.parts import FxRate

LISTED = 100
"""Problems that travel in the report; the document has all."""

LONGEST_WAITING_LIST = 200
"""Missing prices a run waits for; more mean that the wrong file was sent."""

_PROBLEMS = TypeAdapter(list[Problem])


@implements(catalog.validate_inputs)
def validate_inputs(strike: Strike) -> InputReport:
    """All problems of all inputs, those of reading them included."""
    opened = open_strike(strike)
    book = priced_book(opened)
    beat("validating")
    needed = currencies_in_use(opened, book)
    fixings = find_fixings(opened, needed)
    problems = [*_known_problems(opened), *_found(opened, book, needed, fixings)]
    document = opened.store.put_json(problems, name="problems.json") if problems else None
    return InputReport(
        count=len(problems),
        problems=tuple(problems[:LISTED]),
        all_problems=document,
        missing=_waiting_list(opened, problems),
        fx=tuple((fixings | _fixings_of_prior(opened, fixings)).values()),
    )


def currencies_in_use(opened: OpenStrike, book: pl.DataFrame) -> dict[str, str]:
    """Every currency but the base that something is valued in, and what that is."""
    users: dict[str, str] = {}
    for share_class in opened.strike.fund.classes:
        users.setdefault(share_class.currency, f"class `{share_class.class_id}`")
    first = book.unique("currency", keep="first", maintain_order=True)
    for currency, instrument_id in first.select("currency", "instrument_id").iter_rows():
        users.setdefault(currency, f"`{instrument_id}`")
    for name, table in _valued_activity(opened).items():
        first = table.unique("currency", keep="first", maintain_order=True)
        for currency, row in first.select("currency", "row").iter_rows():
            users.setdefault(currency, f"row {row} of {opened.strike.inputs.names[name]}")
    base = opened.strike.fund.base_currency
    return {currency: user for currency, user in users.items() if currency and currency != base}


def _valued_activity(opened: OpenStrike) -> dict[str, pl.DataFrame]:
    """Rows with a value today: what is open, and what is new since the prior NAV."""
    day = opened.strike.date
    since = opened.prior.date if opened.prior else day
    trades = opened.table("transactions")
    actions = opened.table("corporate_actions")
    hedges = opened.table("hedges")
    return {
        "cash": opened.table("cash"),
        "transactions": trades.filter(
            (pl.col("trade_date") <= day)
            & ((pl.col("settle_date") > day) | (pl.col("trade_date") > since))
        ),
        "corporate_actions": actions.filter(
            (pl.col("ex_date") <= day) & ((pl.col("pay_date") > day) | (pl.col("ex_date") > since))
        ),
        "hedges": hedges.filter(
            (pl.col("trade_date") <= day)
            & ((pl.col("settle_date") > day) | (pl.col("settle_date") > since))
        ),
    }


def _known_problems(opened: OpenStrike) -> list[Problem]:
    document = opened.strike.inputs.problems
    return _PROBLEMS.validate_json(opened.store.get_bytes(document)) if document else []


def _found(
    opened: OpenStrike, book: pl.DataFrame, needed: dict[str, str], fixings: dict[str, FxRate]
) -> Iterator[Problem]:
    """Rules whose inputs cannot be read are left out: nothing can be said about their rows."""
    yield from fund_problems(opened)
    if opened.is_readable("positions"):
        yield from position_problems(opened)
    if opened.is_readable("positions", "prices", "corporate_actions"):
        yield from price_problems(opened, book)
    if opened.is_readable("fx"):
        yield from fx_problems(opened, needed, fixings)
    yield from cash_problems(opened)
    yield from trade_problems(opened)
    wrong_actions = list(corporate_action_problems(opened))
    yield from wrong_actions
    if opened.is_readable("positions", "transactions", "corporate_actions") and not wrong_actions:
        yield from action_book_problems(opened)
    yield from hedge_problems(opened)
    yield from hurdle_problems(opened)
    if opened.is_readable("positions", "prices", "corporate_actions", "dealing"):
        yield from dealing_problems(opened, book)
    yield from fee_payment_problems(opened)
    if opened.is_readable("capital"):
        yield from capital_problems(opened)


def _waiting_list(opened: OpenStrike, problems: list[Problem]) -> tuple[MissingPrice, ...]:
    """The missing prices, if nothing else is wrong and there are few enough for people."""
    if not problems or any(each.code not in MISSING for each in problems):
        return ()
    known = last_known(opened)
    waiting = {
        each.instrument_id: MissingPrice(
            instrument_id=each.instrument_id,
            last_known=None if each.code in BEFORE_ACTION else known.get(each.instrument_id),
        )
        for each in problems
        if each.instrument_id is not None
    }
    if len(waiting) > LONGEST_WAITING_LIST:
        return ()
    return tuple(waiting[name] for name in sorted(waiting))


def _fixings_of_prior(opened: OpenStrike, fixings: dict[str, FxRate]) -> dict[str, FxRate]:
    """Today's fixings of currencies that only the prior NAV had, where the file has them."""
    if opened.prior is None:
        return {}
    earlier = {each.base for each in opened.prior.fx} | {each.quote for each in opened.prior.fx}
    return find_fixings(opened, earlier - set(fixings))
