"""Step 4: balances proved: statement integrity, proof of account, units roll-forward."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.errors import DataError
from tenuto.core.money import difference, total
from tenuto.core.references import Reference
from tenuto.packs.finance.inputs import columns as inputs
from tenuto.packs.finance.inputs.cells import typed
from tenuto.packs.finance.inputs.text import read_text
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.handoffs import ProvenStatements, ProveRequest
from tenuto.packs.finance.reconciliation.models import ProofCheck

_NAMES = {"opening_amount": "opening", "closing_amount": "closing"}
"""What `fetch.statements` calls the balances."""
_COLUMNS = (
    inputs.text("account"),
    inputs.currency("currency"),
    inputs.decimal("opening", inputs.AMOUNT_PLACES, optional=True),
    inputs.decimal("closing", inputs.AMOUNT_PLACES, optional=True),
)
_Balances = dict[tuple[str, str], tuple[Decimal | None, Decimal | None]]


@implements(catalog.prove)
def prove(request: ProveRequest) -> ProvenStatements:
    """Every proof that the inputs allow; one that does not hold is a finding, not an error.

    Raises DataError `reconciliation.statement-unreadable` naming file, row, and remedy.
    """
    store = current_store()
    asked = request.request
    balances = {
        side: _balances(side, reference, store) for side, reference in asked.statements.items()
    }
    proofs = [
        *_integrity(request, balances, store),
        *_of_accounts(request, balances, store),
        *(_of_units(request, store) if asked.rules.kind == "units" else ()),
    ]
    return ProvenStatements(proofs=tuple(proofs))


def _integrity(
    request: ProveRequest, balances: dict[str, _Balances], store: ArtifactStore
) -> Iterator[ProofCheck]:
    """Opening + movements = closing, for every statement."""
    sums = store.get_table(request.matched.sums)
    moved = {
        (side, account, currency): amount
        for side, account, currency, amount in sums.select(
            "side", "account", "currency", "amount"
        ).iter_rows()
    }
    for side, accounts in sorted(balances.items()):
        for (account, currency), (opening, closing) in sorted(accounts.items()):
            amount = moved.get((side, account, currency), Decimal(0))
            expected = None if opening is None else total([opening, amount])
            yield _check("statement-integrity", side, f"{account} {currency}", expected, closing)


def _of_accounts(
    request: ProveRequest, balances: dict[str, _Balances], store: ArtifactStore
) -> Iterator[ProofCheck]:
    """Ledger + open items + tolerated differences = bank, where both sides have a statement."""
    sides = [side.name for side in request.request.rules.sides[:2]]
    if not all(side in balances for side in sides):
        return
    ours, theirs = (balances[side] for side in sides)
    open_items = _open_by_account(request, store)
    for account in sorted(ours.keys() & theirs.keys()):
        ledger, bank = ours[account][1], theirs[account][1]
        items = open_items.get(account, Decimal(0))
        expected = None if ledger is None else difference(ledger, items)
        yield _check("proof-of-account", sides[1], " ".join(account), expected, bank)


def _open_by_account(request: ProveRequest, store: ArtifactStore) -> dict[tuple[str, str], Decimal]:
    """Ours - theirs of everything that is not equal, by account and currency."""
    breaks = store.get_table(request.classified.breaks).select(
        "account", "currency", pl.col("variance").alias("amount")
    )
    tolerated = store.get_table(request.matched.write_offs).select(
        "account", "currency", pl.col("difference").alias("amount")
    )
    both = pl.concat([breaks, tolerated], how="vertical_relaxed")
    sums = both.group_by("account", "currency").agg(pl.col("amount").sum())
    return {(account, currency): amount for account, currency, amount in sums.iter_rows()}


def _of_units(request: ProveRequest, store: ArtifactStore) -> Iterator[ProofCheck]:
    """Opening + subscriptions - redemptions = closing, for every class and side."""
    wanted = ("class_id", "opening", "subscriptions", "redemptions", "closing")
    for side in request.collected.sides:
        if not set(wanted) <= side.columns.keys():
            continue
        table = store.get_table(side.records).select(
            pl.col(side.columns[name]).alias(name) for name in wanted
        )
        for class_id, opening, subscribed, redeemed, closing in table.sort("class_id").iter_rows():
            parts = (opening, subscribed, redeemed)
            is_whole = all(each is not None for each in parts)
            expected = difference(total([opening, subscribed]), redeemed) if is_whole else None
            yield _check("units-roll-forward", side.name, str(class_id), expected, closing)


def _check(
    kind: str, side: str, subject: str, expected: Decimal | None, found: Decimal | None
) -> ProofCheck:
    apart = None if expected is None or found is None else difference(found, expected)
    return ProofCheck.model_validate(
        {
            "kind": kind,
            "side": side,
            "subject": subject,
            "expected": expected,
            "found": found,
            "difference": apart,
            "is_proven": apart == 0,
            "note": "a balance is missing" if apart is None else "",
        }
    )


def _balances(side: str, reference: Reference, store: ArtifactStore) -> _Balances:
    file = reference.name or f"statements {side}"
    data = store.get_bytes(reference)
    if data.startswith(b"PAR1"):
        table = store.get_table(reference)
        table = table.rename({old: new for old, new in _NAMES.items() if old in table.columns})
        known = [each.name for each in _COLUMNS]
        missing = [name for name in known if name not in table.columns]
        if missing:
            raise _unreadable(file, f"the column `{missing[0]}` is missing; add it")
        rows = table.select(known)
    else:
        number = inputs.text("number", optional=True)
        text = read_text(file, data, (*_COLUMNS, number))
        values, problems = typed(file, text.cells, _COLUMNS)
        for each in (*text.problems, *problems):
            raise _unreadable(
                file, f"row {each.row} {each.field or ''}: {each.found}; {each.remedy}"
            )
        rows = values.select(each.name for each in _COLUMNS)
    return _by_account(rows)


def _by_account(rows: pl.DataFrame) -> _Balances:
    """First opening and last closing of each account, for several statements in a row."""
    balances: _Balances = {}
    for account, currency, opening, closing in rows.iter_rows():
        first = balances.get((account, currency), (opening, None))[0]
        balances[account, currency] = (first, closing)
    return balances


def _unreadable(file: str, what: str) -> DataError:
    return DataError(
        f"{file}: {what}. Statement headers have `account, currency, opening, closing`.",
        code="reconciliation.statement-unreadable",
        details={"file": file},
    )
