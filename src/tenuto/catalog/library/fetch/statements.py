"""`fetch.statements`: bank and custody statements of every usual kind as the same three tables."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from pydantic import NonNegativeInt

from tenuto.catalog.entries import SideEffect, activity
from tenuto.catalog.library.fetch.sources import (
    WAIT_FOR_FILES,
    FetchedFile,
    FileProblem,
    FileSource,
    OnProblem,
)
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document

MessageKind = Literal["mt940", "mt942", "mt950", "mt535", "camt.053", "camt.054", "semt.002", "fix"]


class FetchStatementsRequest(FileSource):
    """Which files to read, and what messages they hold."""

    message: MessageKind
    """`fix` reads execution reports."""
    on_problem: OnProblem = "quarantine"
    """`quarantine`: a statement that cannot be read whole is set aside, the others pass.
    `fail`: nothing is returned then."""


class Balance(Record):
    """What an account holds at one moment."""

    amount: Decimal
    """Signed: a debit balance is negative."""
    date: date
    is_intermediate: bool = False
    """Whether it only joins two pages of one statement."""


class StatementHeader(Record):
    """One message: a statement, or one page of it."""

    statement_id: str
    """`<source_file>#<number in the file>`: what entries and holdings refer to."""
    message: MessageKind
    reference: str | None = None
    """The sender's reference, `:20:` or `Id`."""
    account: str
    servicer: str | None = None
    """BIC of the sender, where the file tells."""
    currency: str | None = None
    number: str | None = None
    """Statement number."""
    page: int | None = None
    """Page or sequence number, from 1."""
    is_last_page: bool | None = None
    statement_date: date | None = None
    """Of the closing balance or the holdings."""
    opening: Balance | None = None
    closing: Balance | None = None
    closing_available: Balance | None = None
    movements: Decimal = Decimal(0)
    """Sum of the booked entries."""
    entries: NonNegativeInt = 0
    """Number of entries or holdings, booked or not."""
    booked: NonNegativeInt = 0
    """Number of booked entries."""
    stated_debits: Decimal | None = None
    """Sum and number as the message itself states them, where it does; debits negative."""
    stated_credits: Decimal | None = None
    stated_debit_entries: int | None = None
    stated_credit_entries: int | None = None
    information: str | None = None
    """What the message says about the account as a whole."""
    source_file: str
    source_row: int
    """Line where the message begins; for XML its number in the file."""


class FetchedStatements(Record):
    """Everything the files say, as tables joined by `statement_id`."""

    statements: Dataset
    """One row a message, with the fields of `StatementHeader` (`opening_amount`, ...)."""
    headers: tuple[StatementHeader, ...]
    """The first 100 of them."""
    entries: Dataset
    """Cash entries: `statement_id, account, currency, entry_date, value_date, amount, status,
    type_code, proprietary_code, is_reversal, customer_reference, bank_reference,
    end_to_end_reference, counterparty, narrative, details, sequence, source_file, source_row`;
    credits positive, `status` one of `booked`, `interim`, `expected`, `pending`, ..."""
    holdings: Dataset
    """`statement_id, account, safekeeping_place, isin, other_id, name, quantity, quantity_kind,
    price, price_kind, price_currency, price_date, value, value_currency, statement_date,
    sequence, source_file, source_row`; short positions negative."""
    executions: Dataset
    """FIX execution reports, empty for other messages."""
    files: tuple[FetchedFile, ...]
    quarantine: Dataset | None = None
    """`source_file, source_row, statement_id, account, reasons, text` of messages set aside."""
    problem_count: NonNegativeInt = 0
    problems: tuple[FileProblem, ...] = ()
    """The first 100."""
    all_problems: Document | None = None
    """Every problem, one JSON object a line."""


fetch_statements = activity(
    "fetch.statements",
    request=FetchStatementsRequest,
    result=FetchedStatements,
    summary="Read SWIFT, ISO 20022, or FIX files into entries, holdings, and statement headers.",
    queue="integration",
    start_to_close=timedelta(hours=1),
    retry=WAIT_FOR_FILES,
    side_effect=SideEffect.ARTIFACTS,
    idempotency="Reads files and keeps them by content: the same files give the same tables.",
)
