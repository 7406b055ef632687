"""Cash: signs and texts brought in line, open items carried forward, accounts proven."""

from decimal import Decimal
from typing import Any

from rec_room import NEXT, RecRoom, rules_for
from tenuto.packs.finance.reconciliation.handoffs import ClosedByPeople, DeskDecisions

LEDGER = (
    "account,currency,reference,date,amount,description\n"
    "C1,EUR,R1,2024-01-03,100,coupon\n"
    "C1,EUR,R2,2024-01-03,-40,fee\n"
    "C1,EUR,R3,2024-01-03,7,dividend\n"
)
BANK = (
    "Konto,Ccy,Ref,ValueDate,DC,Value,Text\n"
    "001,Euro,R1,2024-01-03,C,100,coupon\n"
    "001,Euro,R2,2024-01-03,D,40,fee\n"
    "001,Euro,R9,2024-01-03,C,5,interest\n"
)
BANK_SIDE: dict[str, Any] = {
    "name": "bank",
    "columns": {
        "account": "Konto",
        "currency": "Ccy",
        "reference": "Ref",
        "date": "ValueDate",
        "amount": "Value",
        "description": "Text",
        "type": "DC",
    },
    "string_maps": {"account": {"001": "C1"}, "currency": {"Euro": "EUR"}},
    "signs": [{"field": "amount", "rule": "by", "by": "type", "negative": ["D"]}],
}
RULES: dict[str, Any] = {
    "fields": [{"name": "type", "kind": "text"}],
    "sides": [{"name": "ledger"}, BANK_SIDE],
}


def test_ops_9_signs_texts_and_headers_are_brought_in_line(room: RecRoom) -> None:
    done = room.run(rules_for("cash", **RULES), LEDGER, BANK)
    assert done.passes() == {"reference": 2}
    assert done.classes() == {
        "account=C1 currency=EUR reference=R3": "missing-theirs",
        "account=C1 currency=EUR reference=R9": "missing-ours",
    }


def test_ops_9_statements_are_whole_and_accounts_proven(room: RecRoom) -> None:
    ours = room.document("l.csv", "account,currency,opening,closing\nC1,EUR,1000,1067\n")
    theirs = room.document("b.csv", "account,currency,opening,closing\nC1,EUR,1000,1065\n")
    done = room.run(
        rules_for("cash", **RULES), LEDGER, BANK, statements={"ledger": ours, "bank": theirs}
    )
    assert [(p.kind, p.side, p.is_proven) for p in done.report.proofs] == [
        ("statement-integrity", "bank", True),
        ("statement-integrity", "ledger", True),
        ("proof-of-account", "bank", True),
    ]
    short = room.document("b.csv", "account,currency,opening,closing\nC1,EUR,1000,1064\n")
    done = room.run(
        rules_for("cash", **RULES),
        LEDGER,
        BANK,
        statements={"ledger": ours, "bank": short},
    )
    broken = [p for p in done.report.proofs if not p.is_proven]
    assert [(p.kind, p.expected, p.found, p.difference) for p in broken] == [
        ("statement-integrity", Decimal(1065), Decimal(1064), Decimal(-1)),
        ("proof-of-account", Decimal(1065), Decimal(1064), Decimal(-1)),
    ]


def test_ops_10_open_items_are_matched_again_on_the_next_day(room: RecRoom) -> None:
    rules = rules_for("cash", **RULES)
    first = room.run(rules, LEDGER, BANK)
    empty = LEDGER.splitlines(keepends=True)[0] + "C1,EUR,R10,2024-01-04,1,x\n"
    late = BANK.splitlines(keepends=True)[0] + (
        "001,Euro,R3,2024-01-04,C,7,dividend\n001,Euro,R10,2024-01-04,C,1,x\n"
    )
    second = room.run(rules, empty, late, day=NEXT)
    assert second.classes() == {"account=C1 currency=EUR reference=R9": "missing-ours"}
    roll = second.report.roll
    assert (roll.opening, roll.new, roll.confirmed, roll.resolved, roll.closing) == (2, 0, 1, 1, 1)
    carried = {each.side: each.carried for each in second.report.sides}
    assert carried == {"ledger": 1, "bank": 1}
    assert set(second.breaks["break_id"]) < set(first.breaks["break_id"])


def test_ops_10_an_item_that_people_closed_is_not_carried(room: RecRoom) -> None:
    rules = rules_for("cash", **RULES)
    first = room.run(rules, LEDGER, BANK)
    line = first.breaks.filter(first.breaks["break_class"] == "missing-ours").row(0, named=True)
    closed = ClosedByPeople(
        break_id=line["break_id"],
        fingerprint=line["fingerprint"],
        status="RESOLVED",
        resolution="CORRECTION_JE",
        items=(line["theirs_item"],),
    )
    header = LEDGER.splitlines(keepends=True)[0]
    bank = BANK.splitlines(keepends=True)[0]
    second = room.run(
        rules,
        header + "C1,EUR,R10,2024-01-04,1,x\n",
        bank + "001,Euro,R10,2024-01-04,C,1,x\n",
        day=NEXT,
        decisions=DeskDecisions(closed=(closed,)),
    )
    assert second.classes() == {"account=C1 currency=EUR reference=R3": "missing-theirs"}


def test_ops_10_a_file_that_repeats_an_open_item_does_not_double_it(room: RecRoom) -> None:
    rules = rules_for("cash", **RULES)
    room.run(rules, LEDGER, BANK)
    second = room.run(rules, LEDGER, BANK, day=NEXT)
    assert [each.rows for each in second.report.sides] == [3, 3]
    assert second.report.roll.confirmed == 2


def test_balances_are_compared_by_account_and_currency(room: RecRoom) -> None:
    done = room.run(
        rules_for("balance"),
        "account,currency,balance\nC1,EUR,100\nC1,USD,5\n",
        "account,currency,balance\nC1,EUR,100.01\nC1,USD,5\n",
    )
    assert done.passes() == {"exact": 1}
    (line,) = done.breaks.iter_rows(named=True)
    assert (line["break_class"], line["variance"], line["level"]) == (
        "rounding",
        Decimal("-0.01"),
        "L1_GL",
    )
