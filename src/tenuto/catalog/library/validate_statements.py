"""`validate.statement_integrity`: which bank statements may be believed."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import NonNegativeInt

from tenuto.catalog.entries import SideEffect, activity
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document

IntegrityRule = Literal["balance", "totals", "chain", "duplicate", "pages", "currency"]
"""`balance`: opening + movements = closing. `totals`: the sums and numbers the message states.
`chain`: opening = closing of the statement before. `duplicate`: sent twice. `pages`: all of them,
each continuing the one before. `currency`: one in a statement."""


class LastBalance(Record):
    """The closing balance of the last statement that was accepted before."""

    account: str
    currency: str
    amount: Decimal


class CheckStatementsRequest(Record):
    """Statements as `fetch.statements` gives them, and where the chain stood before."""

    statements: Dataset
    entries: Dataset
    holdings: Dataset | None = None
    previous: tuple[LastBalance, ...] = ()
    """Without one for its account, the first statement of an account starts the chain."""
    previous_statements: Dataset | None = None
    """Statements accepted earlier: used to find duplicates, and for the last balances of
    accounts that `previous` does not name."""


class StatementFinding(Record):
    """One reason why a statement is held back."""

    rule: IntegrityRule
    statement_id: str
    account: str
    found: str
    """What is there, with the figures."""
    remedy: str


class CheckedStatements(Record):
    """The statements, told apart; good ones pass whatever is wrong with others."""

    accepted: Dataset
    """Rows of `statements` that passed, in the order of the balance chain (`chain_order`)."""
    held: Dataset
    """The others, with `reasons`."""
    entries: Dataset
    """Entries of accepted statements."""
    held_entries: Dataset
    holdings: Dataset | None = None
    """Holdings of accepted statements, where holdings were given."""
    held_holdings: Dataset | None = None
    accepted_count: NonNegativeInt
    held_count: NonNegativeInt
    closing: tuple[LastBalance, ...]
    """Where the chain of each account stands now: `previous` of the next check."""
    findings: tuple[StatementFinding, ...] = ()
    """The first 100."""
    all_findings: Document | None = None


statement_integrity = activity(
    "validate.statement_integrity",
    request=CheckStatementsRequest,
    result=CheckedStatements,
    summary="Check balances, chain, pages, duplicates, and currency of bank statements.",
    queue="compute",
    start_to_close=timedelta(minutes=30),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="Reads pinned tables and compares; the same tables give the same answer.",
)
