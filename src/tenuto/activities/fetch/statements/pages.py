"""Statements put together from their pages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tenuto.core.money import total

Row = dict[str, Any]
"""One row of the `statements` table."""

_BY_BALANCE = ("mt940", "mt950")
"""Messages whose pages are told by intermediate balances; page numbers count messages there."""

_OF_ONE_DAY = ("mt535", "semt.002")


@dataclass(kw_only=True)
class Statement:
    """One statement, however many pages it came in."""

    pages: list[Row]
    reasons: list[tuple[str, str, str]] = field(default_factory=list)
    """`(rule, found, remedy)` for everything that is wrong with it."""

    @property
    def first(self) -> Row:
        """Its first page."""
        return self.pages[0]

    @property
    def statement_id(self) -> str:
        """What it is called: the id of its first page."""
        return str(self.first["statement_id"])

    @property
    def account(self) -> tuple[str, str]:
        """Account and currency: what a chain of balances runs over."""
        return str(self.first["account"]), str(self.first["currency"] or "")

    @property
    def opening(self) -> Decimal | None:
        """None where it has none, or its first page is not there."""
        known = not self.first["opening_is_intermediate"] or _repeats_balances(self.pages)
        return self.first["opening_amount"] if known else None

    @property
    def closing(self) -> Decimal | None:
        """None where it has none, or its last page is not there."""
        last = self.pages[-1]
        known = not last["closing_is_intermediate"] or _repeats_balances(self.pages)
        return last["closing_amount"] if known else None

    @property
    def movements(self) -> Decimal:
        """Sum of the booked entries of all pages."""
        return total(page["movements"] for page in self.pages)

    @property
    def day(self) -> date:
        """Date of the closing balance."""
        return self.pages[-1]["statement_date"] or date.min

    @property
    def order(self) -> tuple[Any, ...]:
        """Where it belongs by what it says of itself, before balances decide."""
        number = str(self.first["number"] or "")
        return (self.day, len(number), number, self.first["page"] or 0, self.statement_id)

    def hold(self, rule: str, found: str, remedy: str) -> None:
        """Notes a reason not to believe it."""
        self.reasons.append((rule, found, remedy))


def assembled(rows: Iterable[Row]) -> list[Statement]:
    """The statements of these rows, sorted by what they say of themselves.

    Pages that are missing, doubled, or do not continue each other are reasons to hold.
    """
    statements: list[Statement] = []
    parts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if _is_part(row):
            parts.setdefault(_key(row), []).append(row)
        else:
            statements.append(Statement(pages=[row]))
    for pages in parts.values():
        statements += _put_together(pages)
    return sorted(statements, key=lambda each: each.order)


def _is_part(row: Row) -> bool:
    if row["message"] in _BY_BALANCE:
        return bool(row["opening_is_intermediate"] or row["closing_is_intermediate"])
    if row["is_last_page"] is None:
        return False
    return not row["is_last_page"] or (row["page"] or 1) > 1


def _key(row: Row) -> tuple[str, ...]:
    names = ["message", "account", "currency", "number"]
    if row["message"] in _OF_ONE_DAY:  # often without a number
        names.append("statement_date")
    return tuple(str(row[each]) for each in names)


def _put_together(pages: list[Row]) -> list[Statement]:
    """Statements of one number: a new one begins where a first page does.

    When one of them has a fault, all are held: nobody can say which page belongs to which.
    """
    pages.sort(key=lambda page: (str(page["statement_date"]), page["page"] or 0))
    statements: list[Statement] = []
    for page in pages:
        if statements and not _is_first(page):
            statements[-1].pages.append(page)
        else:
            statements.append(Statement(pages=[page]))
    faults = [fault for statement in statements if (fault := _fault_of(statement.pages))]
    for statement in statements:
        for fault in faults:
            statement.hold("pages", fault, "have the bank send the whole statement again")
    return statements


def _is_first(page: Row) -> bool:
    if page["message"] in _BY_BALANCE:
        return not page["opening_is_intermediate"]
    return page["page"] in (None, 1)


def _fault_of(pages: list[Row]) -> str | None:
    numbers = [page["page"] for page in pages]
    if len(set(numbers)) < len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        return f"page {twice} is there twice, with other content"
    if _lacks_pages(pages):
        return f"only page {', '.join(map(str, numbers))} is there, which is not all of it"
    if _repeats_balances(pages):
        return None
    for page, following in pairwise(pages):
        if page["closing_amount"] != following["opening_amount"]:
            return (
                f"page {page['page']} closes with {page['closing_amount']}, and page "
                f"{following['page']} opens with {following['opening_amount']}"
            )
    return None


def _lacks_pages(pages: list[Row]) -> bool:
    numbers = [page["page"] for page in pages]
    first, last = pages[0], pages[-1]
    has_gap = any(b is None or a is None or b - a != 1 for a, b in pairwise(numbers))
    if first["message"] in _BY_BALANCE:
        return bool(has_gap or first["opening_is_intermediate"] or last["closing_is_intermediate"])
    return has_gap or numbers[0] != 1 or not last["is_last_page"]


def _repeats_balances(pages: list[Row]) -> bool:
    """Whether every page shows the balances of the whole statement, as some banks do in camt."""
    balances = {(page["opening_amount"], page["closing_amount"]) for page in pages}
    return len(pages) > 1 and len(balances) == 1 and pages[0]["message"] not in _BY_BALANCE


def page_sums(statement: Statement) -> Iterator[tuple[Row, Decimal, Decimal, Decimal]]:
    """`(page, opening, movements, closing)` of everything in it whose balances must agree."""
    if _repeats_balances(statement.pages):
        first = statement.first
        yield first, first["opening_amount"], statement.movements, first["closing_amount"]
        return
    for page in statement.pages:
        if page["opening_amount"] is not None and page["closing_amount"] is not None:
            yield page, page["opening_amount"], page["movements"], page["closing_amount"]
