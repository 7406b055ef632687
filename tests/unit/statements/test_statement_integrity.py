"""Which statements may be believed: balances, chain, pages, duplicates, currency."""

import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from statement_samples import Reader, mt940_text
from tenuto.activities.fetch.statements.integrity import check_statements
from tenuto.catalog.library.fetch.statements import FetchedStatements
from tenuto.catalog.library.validate_statements import (
    CheckedStatements,
    CheckStatementsRequest,
    LastBalance,
)
from tenuto.core.errors import DataError, TransientError

ACCOUNT = "10020030/1234567"


def statement(
    opening: int,
    *amounts: int,
    closing: int | None = None,
    day: int = 2,
    number: str = "1/1",
    reference: str = "STMT",
    account: str = ACCOUNT,
    tags: tuple[str, str] = ("60F", "62F"),
    currency: str = "EUR",
) -> str:
    """An MT940 over these movements; its closing balance is right unless given."""
    end = opening + sum(amounts) if closing is None else closing
    lines = [
        f":61:2401{day:02}{'C' if each >= 0 else 'D'}{abs(each)},NTRFR{place}"
        for place, each in enumerate(amounts)
    ]
    return mt940_text(
        reference=reference,
        account=account,
        number=number,
        opening=(tags[0], _mark(opening), f"2401{day - 1:02}", currency, f"{abs(opening)},"),
        lines=lines,
        closing=(tags[1], _mark(end), f"2401{day:02}", currency, f"{abs(end)},"),
    )


def _mark(amount: int) -> str:
    return "C" if amount >= 0 else "D"


Check = Callable[..., CheckedStatements]


@pytest.fixture
def check(read: Reader) -> Check:
    """Reads and checks in one go."""

    def run(*texts: str, message: str = "mt940", **request: Any) -> CheckedStatements:
        return checked(read(message, "".join(texts)), **request)

    return run


def checked(fetched: FetchedStatements, **request: Any) -> CheckedStatements:
    assert fetched.problems == ()
    return check_statements(
        CheckStatementsRequest(statements=fetched.statements, entries=fetched.entries, **request)
    )


def references(read: Reader, result: CheckedStatements) -> list[str]:
    """Accepted statements in the order of the chain."""
    return read.store.get_table(result.accepted)["reference"].to_list()


def rules(result: CheckedStatements) -> list[str]:
    return [each.rule for each in result.findings]


def test_good_statements_pass_with_their_entries(read: Reader, check: Check) -> None:
    result = check(
        statement(100, 10, -5, reference="MON"),
        statement(105, 20, reference="TUE", day=3),
        statement(125, reference="WED", day=4),
    )
    assert (result.accepted_count, result.held_count, result.findings) == (3, 0, ())
    assert references(read, result) == ["MON", "TUE", "WED"]
    assert (result.entries.rows, result.held_entries.rows) == (3, 0)
    assert result.closing == (LastBalance(account=ACCOUNT, currency="EUR", amount=Decimal(125)),)


def test_a_statement_that_does_not_balance_is_held_and_the_others_pass(
    read: Reader, check: Check
) -> None:
    result = check(
        statement(100, 10, reference="MON"),
        statement(110, 20, closing=131, reference="TUE", day=3),
        statement(131, 1, reference="WED", day=4),
    )
    assert references(read, result) == ["MON", "WED"]
    (finding,) = result.findings
    assert (finding.rule, finding.statement_id) == ("balance", "file#2")
    assert "a difference of 1" in finding.found
    held = read.store.get_table(result.held)
    assert held["reference"].to_list() == ["TUE"]
    assert held["reasons"][0].startswith("balance: opening 110")
    assert result.held_entries.rows == 1


def test_the_chain_and_not_the_number_gives_the_order(read: Reader, check: Check) -> None:
    texts = [
        statement(100, 20, reference="A", number="3/1"),
        statement(120, -20, reference="B", number="1/1"),
        statement(100, -10, reference="C", number="2/1"),
        statement(90, 5, reference="D", number="4/1"),
    ]
    for order in itertools.permutations(texts):
        result = check(*order)
        assert (result.held_count, references(read, result)) == (0, ["A", "B", "C", "D"])


def test_a_missing_statement_breaks_the_chain_once(read: Reader, check: Check) -> None:
    result = check(
        statement(100, 10, reference="MON"),
        statement(130, 1, reference="WED", day=4),
        statement(131, 1, reference="THU", day=5),
    )
    assert references(read, result) == ["MON", "THU"]
    (finding,) = result.findings
    assert finding.rule == "chain"
    assert "opens with 130" in finding.found
    assert "closes with 110" in finding.found


def test_the_chain_goes_on_from_what_was_accepted_before(read: Reader, check: Check) -> None:
    last = (LastBalance(account=ACCOUNT, currency="EUR", amount=Decimal(99)),)
    assert rules(check(statement(100, 1), previous=last)) == ["chain"]
    first = check(statement(100, 1, reference="MON"))
    assert check(statement(101, 1, day=3), previous=first.closing).held_count == 0
    after = check(statement(101, 1, day=3), previous_statements=first.accepted)
    assert after.held_count == 0
    gap = check(statement(102, 1, day=3), previous_statements=first.accepted)
    assert rules(gap) == ["chain"]


def test_duplicates_are_held_whatever_their_number(read: Reader, check: Check) -> None:
    result = check(
        statement(100, 10, reference="MON"),
        statement(100, 10, reference="AGAIN", number="9/1"),
        statement(110, 5, reference="TUE", day=3),
    )
    assert references(read, result) == ["MON", "TUE"]
    assert rules(result) == ["duplicate"]
    earlier = check(statement(100, 10), previous_statements=result.accepted)
    assert rules(earlier) == ["duplicate"]


def test_days_without_movements_are_no_duplicates(read: Reader, check: Check) -> None:
    result = check(*(statement(100, reference=f"D{day}", day=day) for day in (2, 3, 4)))
    assert (result.held_count, references(read, result)) == (0, ["D2", "D3", "D4"])


def test_an_account_that_is_swept_to_zero_twice_a_day_is_no_duplicate(check: Check) -> None:
    assert check(statement(0, 5, -5), statement(0, 7, -7, number="2/1")).held_count == 0


PAGES = (
    statement(100, 10, number="7/1", tags=("60F", "62M"), reference="P1"),
    statement(110, 5, number="7/2", tags=("60M", "62M"), reference="P2"),
    statement(115, -1, number="7/3", tags=("60M", "62F"), reference="P3"),
)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_pages_are_one_statement(order: Sequence[int], read: Reader, check: Check) -> None:
    result = check(*(PAGES[each] for each in order), statement(114, 6, day=3, reference="NEXT"))
    assert (result.accepted_count, result.held_count) == (2, 0)
    assert references(read, result) == ["P1", "P2", "P3", "NEXT"]


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_page_holds_the_statement(missing: int, read: Reader, check: Check) -> None:
    kept = [page for number, page in enumerate(PAGES) if number != missing]
    result = check(*kept, statement(1, 1, account="OTHER", reference="OTHER"))
    assert references(read, result) == ["OTHER"]
    assert set(rules(result)) == {"pages"}


def test_pages_that_do_not_continue_each_other(check: Check) -> None:
    other = statement(111, 4, number="7/2", tags=("60M", "62M"))
    assert rules(check(PAGES[0], other, PAGES[2])) == ["pages"]


def test_a_page_that_is_there_twice_with_other_content(check: Check) -> None:
    other = statement(110, 3, 2, number="7/2", tags=("60M", "62M"))
    assert rules(check(*PAGES, other)) == ["pages"]


def test_a_page_sent_twice_is_a_duplicate_and_no_harm(read: Reader, check: Check) -> None:
    result = check(*PAGES, PAGES[1])
    assert rules(result) == ["duplicate"]
    assert references(read, result) == ["P1", "P2", "P3"]


def test_accounts_do_not_hinder_each_other(read: Reader, check: Check) -> None:
    result = check(
        statement(100, 1, account="A", closing=500, reference="BAD"),
        statement(7, 1, account="B", reference="GOOD"),
    )
    assert references(read, result) == ["GOOD"]
    assert [(each.account, each.amount) for each in result.closing] == [
        ("A", Decimal(500)),
        ("B", Decimal(8)),
    ]


def test_stated_sums_that_do_not_fit(check: Check) -> None:
    report = (
        ":20:R\n:25:A\n:28C:1/1\n:34F:EUR0,\n:13D:2401021430+0100\n:61:240102C12,NTRFX\n"
        ":90D:1EUR2,\n:90C:1EUR12,\n"
    )
    result = check(report, message="mt942")
    assert rules(result) == ["totals", "totals"]
    assert "states debits of -2" in result.findings[0].found
    good = report.replace(":90D:1EUR2,\n", "")
    assert check(good, message="mt942").held_count == 0


def test_entries_that_were_lost_on_the_way(read: Reader) -> None:
    fetched = read("mt940", statement(100, 1, 2))
    fewer = read.store.put_table(read.store.get_table(fetched.entries).head(1), name="entries")
    result = check_statements(CheckStatementsRequest(statements=fetched.statements, entries=fewer))
    assert rules(result) == ["totals"]


def test_entries_in_another_currency(read: Reader) -> None:
    entry = '<Ntry><Amt Ccy="USD">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>'
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-01-31</Dt></Dt></Bal>"
        for code, amount in (("OPBD", 1), ("CLBD", 2))
    )
    text = (
        "<Document><BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>A</IBAN></Id></Acct>"
        f"{balances}{entry}</Stmt></BkToCstmrStmt></Document>"
    )
    result = checked(read("camt.053", text))
    assert rules(result) == ["currency"]


def camt_page(number: int, *, last: bool, opening: int, closing: int, amount: int) -> str:
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{value}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-01-31</Dt></Dt></Bal>"
        for code, value in (("OPBD", opening), ("CLBD", closing))
    )
    return (
        f"<Stmt><Id>P{number}</Id><StmtPgntn><PgNb>{number}</PgNb><LastPgInd>"
        f"{str(last).lower()}</LastPgInd></StmtPgntn><ElctrncSeqNb>5</ElctrncSeqNb>"
        f"<Acct><Id><IBAN>A</IBAN></Id></Acct>{balances}<Ntry><Amt Ccy='EUR'>{amount}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry></Stmt>"
    )


def test_camt_pages_that_repeat_the_balances_of_the_statement(read: Reader) -> None:
    def pages(*texts: str) -> CheckedStatements:
        body = "".join(texts)
        return checked(
            read("camt.053", f"<Document><BkToCstmrStmt>{body}</BkToCstmrStmt></Document>")
        )

    first = camt_page(1, last=False, opening=100, closing=115, amount=10)
    second = camt_page(2, last=True, opening=100, closing=115, amount=5)
    assert pages(first, second).held_count == 0
    wrong = camt_page(2, last=True, opening=100, closing=115, amount=6)
    assert rules(pages(first, wrong)) == ["balance"]
    assert rules(pages(first)) == ["pages", "balance"]


def test_holdings_follow_their_statement(read: Reader) -> None:
    def page(number: str, account: str) -> str:
        return (
            f":16R:GENL\n:28E:{number}\n:20C::SEME//{account}\n:98A::STAT//20240131\n"
            f":97A::SAFE//{account}\n:16S:GENL\n:16R:FIN\n:35B:ISIN US0378331005\n"
            ":93B::AGGR//UNIT/1,\n:16S:FIN\n-\n"
        )

    fetched = read("mt535", page("1/ONLY", "A") + page("1/MORE", "B") + page("2/LAST", "C"))
    result = checked(fetched, holdings=fetched.holdings)
    assert references(read, result) == ["A"]
    assert result.holdings is not None
    assert result.held_holdings is not None
    assert (result.holdings.rows, result.held_holdings.rows) == (1, 2)


def test_the_same_answer_for_any_order_of_rows(read: Reader) -> None:
    fetched = read(
        "mt940", "".join([*PAGES, statement(114, 1, day=3), statement(115, 1, closing=9, day=4)])
    )
    table = read.store.get_table(fetched.statements)
    answers = []
    for seed in range(4):
        mixed = read.store.put_table(table.sample(fraction=1, shuffle=True, seed=seed), name="s")
        request = CheckStatementsRequest(statements=mixed, entries=fetched.entries)
        answers.append(check_statements(request))
    assert all(answer == answers[0] for answer in answers)


def test_tables_of_another_kind_are_refused(read: Reader) -> None:
    fetched = read("mt940", statement(100, 1))
    for request in (
        CheckStatementsRequest(statements=fetched.entries, entries=fetched.entries),
        CheckStatementsRequest(statements=fetched.statements, entries=fetched.statements),
    ):
        with pytest.raises(DataError) as refused:
            check_statements(request)
        assert refused.value.code == "statements.not-a-table"


def test_a_store_that_fails_is_tried_again(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = read("mt940", statement(100, 1))
    (blob,) = Path(read.store.url).rglob(fetched.statements.sha256)
    blob.unlink()
    blob.mkdir()
    with pytest.raises(TransientError) as failed:
        checked(fetched)
    assert failed.value.code == "artifact.store-failed"


def test_cancelling_stops_between_accounts(read: Reader) -> None:
    fetched = read("mt940", "".join(statement(1, 1, account=f"A{n}") for n in range(50)))
    environment = ActivityEnvironment()
    seen: list[str] = []

    def cancel(what: str) -> None:
        seen.append(what)
        environment.cancel()

    environment.on_heartbeat = cancel
    request = CheckStatementsRequest(statements=fetched.statements, entries=fetched.entries)
    with pytest.raises(CancelledError):
        environment.run(check_statements, request)
    assert len(seen) < 50
