"""What every statement reader yields: one message, read as far as it can be."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tenuto.catalog.library.fetch.statements import StatementHeader

PLACES = 8
"""Decimals of amounts and quantities; more are refused, never rounded."""
PRICE_PLACES = 10

_TEXT_KEPT = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One movement of cash."""

    entry_date: date | None = None
    value_date: date | None = None
    currency: str
    amount: Decimal
    status: str
    """`booked`, `interim` (MT942), `expected`, `pending`, `information`, or `future`."""
    type_code: str | None = None
    proprietary_code: str | None = None
    is_reversal: bool = False
    customer_reference: str | None = None
    bank_reference: str | None = None
    end_to_end_reference: str | None = None
    counterparty: str | None = None
    narrative: str | None = None
    details: str | None = None
    source_row: int

    @property
    def is_booked(self) -> bool:
        """Whether it is part of the balances."""
        return self.status in ("booked", "interim")


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What is held of one instrument."""

    account: str
    safekeeping_place: str | None = None
    isin: str | None = None
    other_id: str | None = None
    name: str | None = None
    quantity: Decimal
    quantity_kind: str
    """`unit`, `face_amount`, or `amortised`."""
    price: Decimal | None = None
    price_kind: str | None = None
    """`amount` per unit, `percentage` (per 100 of face amount), `yield`, `discount`, `premium`."""
    price_currency: str | None = None
    price_date: date | None = None
    value: Decimal | None = None
    value_currency: str | None = None
    source_row: int


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One reason why a message cannot be read whole."""

    code: str
    row: int
    field: str | None = None
    found: str
    remedy: str = "have the sender correct the message and send it again"


@dataclass(kw_only=True)
class Message:
    """One message of a file."""

    header: StatementHeader | None
    """None where a message is no statement (FIX), or says too little to be one."""
    row: int
    account: str = ""
    entries: list[Entry] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    executions: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    text: str = ""
    """The message itself, for whoever has to look into it."""

    def refuse(
        self, row: int, found: str, *, code: str, field: str | None = None, remedy: str = ""
    ) -> None:
        """Notes why the message cannot be believed."""
        said = {"remedy": remedy} if remedy else {}
        self.refusals.append(Refusal(code=code, row=row, field=field, found=found, **said))

    @contextmanager
    def refusing(self, row: int, field: str) -> Iterator[None]:
        """What cannot be read inside the `with` becomes a refusal of the message."""
        try:
            yield
        except Unreadable as exc:
            self.refuse(row, str(exc), code="statements.bad-field", field=field)


class Unreadable(Exception):  # noqa: N818 (it says what is so, and never leaves the reader)
    """A field that does not say what it should; turned into a refusal by the reader."""


def comma_amount(text: str, places: int = PLACES) -> Decimal:
    """`12,` or `1234,56` as SWIFT writes amounts. Raises Unreadable for anything else."""
    if not re.fullmatch(r"[0-9]+(,[0-9]*)?", text):
        raise Unreadable(f"`{text[:40]}` is no amount with a decimal comma")
    return _exact(text.replace(",", "."), places)


def point_amount(text: str | None, places: int = PLACES) -> Decimal:
    """`1234.56` as XML and FIX write amounts. Raises Unreadable for anything else."""
    plain = (text or "").strip()
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", plain):
        raise Unreadable(f"`{plain[:40]}` is no amount with a decimal point")
    return _exact(plain, places)


def iso_date(text: str | None) -> date:
    """`2024-01-31`, also out of a date with time or offset. Raises Unreadable."""
    return _dated(text, r"(\d{4})-(\d{2})-(\d{2})([TZ+-].*)?")


def plain_date(text: str | None) -> date:
    """`20240131`, also out of a date with time. Raises Unreadable."""
    return _dated(text, r"(\d{4})(\d{2})(\d{2})(\D.*|\d{6}.*)?")


def kept_text(text: str) -> str:
    """The text of a message as far as a table should hold it."""
    return text[:_TEXT_KEPT]


def utc_moment(text: str | None) -> datetime:
    """`20240131-17:30:00.123` as FIX writes moments in UTC. Raises Unreadable."""
    plain = (text or "").strip()
    match = re.fullmatch(
        r"(\d{4})(\d{2})(\d{2})-(\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)\d*", plain, re.ASCII
    )
    try:
        if match:
            year, month, day, clock = match.groups()
            return datetime.fromisoformat(f"{year}-{month}-{day}T{clock}+00:00")
    except ValueError:
        pass
    raise Unreadable(f"`{plain[:40]}` is no UTC moment")


def _exact(text: str, places: int) -> Decimal:
    number = Decimal(text)
    whole, _, decimals = text.lstrip("+-").partition(".")
    if len(decimals.rstrip("0")) > places:
        raise Unreadable(f"`{text[:40]}` has more than {places} decimals")
    if len(whole.lstrip("0")) > 38 - places:
        raise Unreadable(f"`{text[:40]}` has too many digits")
    return number


def _dated(text: str | None, pattern: str) -> date:
    match = re.fullmatch(pattern, (text or "").strip(), re.ASCII)
    if match is None:
        raise Unreadable(f"`{(text or '')[:40]}` is no date")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as exc:
        raise Unreadable(f"`{(text or '')[:40]}` is no date of the calendar") from exc
