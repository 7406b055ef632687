"""`validate.statement_integrity`: statements that agree with themselves and with each other."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.fetch.statements.chain import chained
from tenuto.activities.fetch.statements.pages import Row, Statement, assembled, page_sums
from tenuto.activities.fetch.statements.tables import STATEMENTS
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.catalog.library import validate_statements as catalog
from tenuto.catalog.library.validate_statements import (
    CheckedStatements,
    CheckStatementsRequest,
    LastBalance,
    StatementFinding,
)
from tenuto.core.errors import DataError
from tenuto.core.money import difference, total
from tenuto.core.references import Dataset

_CHAINED = ("mt940", "mt950", "camt.053")
_BOOKED = ("booked", "interim")
_SHOWN = 100
_AGAIN = "have the bank correct the statement and send it again"

Account = tuple[str, str]
Facts = dict[str, dict[str, Any]]
"""Statement id -> what its entries add up to: `sum, count, debits, credits, ..., digest`."""


@implements(catalog.statement_integrity)
def check_statements(request: CheckStatementsRequest) -> CheckedStatements:
    """Accepted and held statements with their entries and holdings.

    A statement is held for what is wrong with itself or with its link to the one before, never
    for the fault of another. Raises DataError `statements.not-a-table` for tables of another
    kind.
    """
    store = current_store()
    rows = _statement_rows(store, request.statements)
    facts = _facts(store.scan_table(request.entries), request.entries)
    earlier = _statement_rows(store, request.previous_statements)
    unique, twins = _told_apart(rows, facts, earlier)
    statements = assembled(unique)
    for statement in statements:
        _check(statement, facts)
    ordered, closing = _in_order(statements, _last_balances(request, earlier))
    return _result(store, request, [*ordered, *twins], closing)


def _statement_rows(store: ArtifactStore, dataset: Dataset | None) -> list[Row]:
    if dataset is None:
        return []
    frame = store.get_table(dataset)
    missing = [name for name in STATEMENTS if name not in frame.columns]
    if missing:
        raise DataError(
            f"{dataset.name or dataset.uri} is no table of statements: it lacks `{missing[0]}`; "
            "give the `statements` of `fetch.statements`",
            code="statements.not-a-table",
            details={"missing": missing},
        )
    return frame.to_dicts()


def _facts(entries: pl.LazyFrame, dataset: Dataset) -> Facts:
    needed = ("statement_id", "amount", "currency", "status", "value_date", "bank_reference")
    missing = [name for name in needed if name not in entries.collect_schema()]
    if missing:
        raise DataError(
            f"{dataset.name or dataset.uri} is no table of entries: it lacks `{missing[0]}`; give "
            "the `entries` of `fetch.statements`",
            code="statements.not-a-table",
            details={"missing": missing},
        )
    amount = pl.col("amount")
    is_booked = pl.col("status").is_in(_BOOKED)
    line = pl.concat_str(
        [pl.col(each).cast(pl.String).fill_null("") for each in needed[1:]], separator="|"
    )
    frame = (
        entries.group_by("statement_id")
        .agg(
            amount.filter(is_booked).sum().alias("sum"),
            pl.len().alias("count"),
            amount.filter(is_booked & (amount < 0)).sum().alias("debits"),
            amount.filter(is_booked & (amount > 0)).sum().alias("credits"),
            (is_booked & (amount < 0)).sum().alias("debit_entries"),
            (is_booked & (amount > 0)).sum().alias("credit_entries"),
            pl.col("currency").unique().sort().alias("currencies"),
            line.sort().str.join("\n").alias("digest"),
        )
        .collect()
    )
    return {row["statement_id"]: row for row in frame.to_dicts()}


def _told_apart(
    rows: list[Row], facts: Facts, earlier: list[Row]
) -> tuple[list[Row], list[Statement]]:
    """Messages that are there once, and held ones that are another's twin."""
    before = {_print_of(row, None) for row in earlier}
    seen: dict[tuple[Any, ...], str] = {}
    unique: list[Row] = []
    twins: list[Statement] = []
    for row in sorted(rows, key=lambda each: (each["source_file"], each["source_row"])):
        mine = _print_of(row, facts.get(row["statement_id"], {}).get("digest", ""))
        other = f"`{seen[mine]}`" if mine in seen else None
        if _print_of(row, None) in before:
            other = "one that was accepted earlier"
        if other is None:
            unique.append(row)
            seen[mine] = row["statement_id"]
            continue
        twin = Statement(pages=[row])
        found = f"it has account, balances, and movements of {other}"
        twin.hold("duplicate", found, "leave it out, unless the bank says otherwise")
        twins.append(twin)
    return unique, twins


def _print_of(row: Row, digest: str | None) -> tuple[Any, ...]:
    fields = ("account", "currency", "opening_amount", "movements", "closing_amount")
    more = ("statement_date", "booked", "page", "opening_is_intermediate")
    return (*(row[each] for each in (*fields, *more)), digest)


def _check(statement: Statement, facts: Facts) -> None:
    currency = statement.account[1]
    for page in statement.pages:
        fact = facts.get(page["statement_id"], {})
        others = [each for each in fact.get("currencies", []) if each != currency]
        if others:
            found = f"the statement is in {currency or 'no currency'}, entries in {others[0]}"
            statement.hold("currency", found, _AGAIN)
        _check_totals(statement, page, fact)
    for page, opening, movements, closing in page_sums(statement):
        expected = total([opening, movements])
        if expected != closing:
            where = f"page {page['page']}: " if len(statement.pages) > 1 else ""
            found = (
                f"{where}opening {opening} and movements {movements} make {expected}, and the "
                f"closing balance says {closing}, a difference of {difference(closing, expected)}"
            )
            statement.hold("balance", found, _AGAIN)


def _check_totals(statement: Statement, page: Row, fact: dict[str, Any]) -> None:
    nothing = Decimal(0)
    if page["message"] not in ("mt535", "semt.002") and fact.get("count", 0) != page["entries"]:
        found = f"{fact.get('count', 0)} of its {page['entries']} entries are given"
        statement.hold("totals", found, "give all `entries` that were fetched with it")
    if page["entries"] != page["booked"]:
        return  # banks differ in whether such sums include what is not booked
    for side in ("debits", "credits"):
        stated, summed = page[f"stated_{side}"], fact.get(side, nothing)
        if stated is not None and stated != summed:
            found = f"it states {side} of {stated}, and its entries add up to {summed}"
            statement.hold("totals", found, _AGAIN)
        count_name = f"{side[:-1]}_entries"
        stated_count, counted = page[f"stated_{count_name}"], fact.get(count_name, 0)
        if stated_count is not None and stated_count != counted:
            found = f"it states {stated_count} {side}, and holds {counted}"
            statement.hold("totals", found, _AGAIN)


def _last_balances(request: CheckStatementsRequest, earlier: list[Row]) -> dict[Account, Decimal]:
    last = {
        (row["account"], row["currency"] or ""): row["closing_amount"]
        for row in sorted(earlier, key=lambda row: (row.get("chain_order") or 0, row["page"] or 0))
        if row["closing_amount"] is not None
    }
    return {**last, **{(each.account, each.currency): each.amount for each in request.previous}}


def _in_order(
    statements: list[Statement], last: dict[Account, Decimal]
) -> tuple[list[Statement], dict[Account, Decimal]]:
    """Statements by account and chain, and where each chain stands now."""
    ordered: list[Statement] = []
    closing = dict(last)
    for account in sorted({statement.account for statement in statements}):
        beat(f"checking account {account[0]}")
        mine = [each for each in statements if each.account == account]
        in_chain = [each for each in mine if each.first["message"] in _CHAINED]
        chain = chained(in_chain, last.get(account))
        ordered += chain
        ordered += [each for each in mine if each.first["message"] not in _CHAINED]
        known = [each.closing for each in chain if each.closing is not None]
        if known:
            closing[account] = known[-1]
    return ordered, closing


def _result(
    store: ArtifactStore,
    request: CheckStatementsRequest,
    ordered: list[Statement],
    closing: dict[Account, Decimal],
) -> CheckedStatements:
    held = [each for each in ordered if each.reasons]
    findings = list(_findings(held))
    bad = [page["statement_id"] for each in held for page in each.pages]
    entries = store.scan_table(request.entries)
    holdings = store.scan_table(request.holdings) if request.holdings else None
    is_held = pl.col("statement_id").is_in(bad)
    return CheckedStatements(
        accepted=store.put_table(_table(ordered, is_held=False), name="accepted statements"),
        held=store.put_table(_table(ordered, is_held=True), name="held statements"),
        entries=store.put_table(entries.filter(~is_held), name="entries"),
        held_entries=store.put_table(entries.filter(is_held), name="held entries"),
        holdings=store.put_table(holdings.filter(~is_held), name="holdings")
        if holdings is not None
        else None,
        held_holdings=store.put_table(holdings.filter(is_held), name="held holdings")
        if holdings is not None
        else None,
        accepted_count=len(ordered) - len(held),
        held_count=len(held),
        closing=tuple(
            LastBalance(account=account, currency=currency, amount=amount)
            for (account, currency), amount in sorted(closing.items())
        ),
        findings=tuple(findings[:_SHOWN]),
        all_findings=store.put_json(findings, name="findings.json") if findings else None,
    )


def _findings(held: Iterable[Statement]) -> Iterator[StatementFinding]:
    for statement in held:
        for rule, found, remedy in statement.reasons:
            yield StatementFinding.model_validate(
                {
                    "rule": rule,
                    "statement_id": statement.statement_id,
                    "account": statement.account[0],
                    "found": found,
                    "remedy": remedy,
                }
            )


def _table(ordered: list[Statement], *, is_held: bool) -> pl.DataFrame:
    rows = []
    for number, statement in enumerate(ordered, start=1):
        if bool(statement.reasons) is not is_held:
            continue
        reasons = "; ".join(f"{rule}: {found}" for rule, found, _ in statement.reasons)
        for page in statement.pages:
            row = {name: page[name] for name in STATEMENTS}
            rows.append({"chain_order": number, **row, **({"reasons": reasons} if is_held else {})})
    schema = {"chain_order": pl.Int64(), **STATEMENTS}
    return pl.DataFrame(rows, schema={**schema, **({"reasons": pl.String()} if is_held else {})})
