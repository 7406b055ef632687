"""What spoke against prices, and what was decided by whom."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import (
    NO_VALUE,
    moment,
    percent,
    prose,
    short_day,
    trimmed,
    words,
)
from tenuto.activities.documents.tables import Cell, cell, column, rest_of, table
from tenuto.packs.finance.pricing.models import (
    CheckFinding,
    Decision,
    PriceException,
    PricingReport,
)
from tenuto.packs.finance.pricing.report.sections.prices import instrument_cell, price_text

SHOWN_EXCEPTIONS = 200
SHOWN_MISSING = 300
_SHOWN_REMARKS = 3
_ASKED = {"review": "one person", "committee": "the committee"}

RULES = {
    "missing": "No price",
    "not-positive": "Not positive",
    "stale": "Too old",
    "unchanged": "Unchanged for too long",
    "own-change": "Large change",
    "volatility": "Change beyond its volatility",
    "benchmark": "Change against its benchmark",
    "peer": "Change against its peer",
    "sector": "Change against its sector",
    "source-spread": "Sources disagree",
    "bid-over-ask": "Bid above ask",
    "outside-spread": "Outside bid and ask",
    "currency": "Currency",
    "unit": "Unit",
    "unit-change": "Looks like a change of unit",
    "corporate-action": "Corporate action",
    "yield-range": "Yield out of range",
    "two-prices": "Two prices",
    "fx-change": "Large change of rate",
    "fx-triangle": "Cross rate disagrees",
    "fair-value": "Fair value",
    "override-expired": "Override expired",
}

ACTIONS = {
    "accept": "Accepted",
    "override": "Overridden",
    "next_source": "Next source",
    "challenge_vendor": "Vendor challenged",
}


def exceptions(report: PricingReport) -> dict[str, Any]:
    """A chart of what was found, and every exception with its decisions, unanswered ones first."""
    decided: dict[str, list[Decision]] = {}
    for each in report.decisions:
        decided.setdefault(each.instrument_id, []).append(each)
    ordered = sorted(
        report.exceptions,
        key=lambda each: (
            is_answered(decided.get(each.instrument_id, ())),
            each.severity != "committee",
            each.instrument_id,
        ),
    )
    shown = ordered[:SHOWN_EXCEPTIONS]
    return {
        "chart": _chart(report.exceptions),
        "table": table(
            [
                column("Instrument", share=4),
                column("What was found", share=5),
                column("Proposed", share=3, is_number=True),
                column("Decision", share=5),
            ],
            [
                (
                    _instrument(each),
                    _findings(each),
                    _proposed(each),
                    _decision(decided.get(each.instrument_id, []), each),
                )
                for each in shown
            ],
            empty="No price was questioned.",
            rest=rest_of(len(ordered), len(shown), "exception", "exceptions"),
        ),
    }


def is_answered(decisions: Iterable[Decision]) -> bool:
    """Whether one of them settles the exception; a challenged vendor alone does not."""
    return any(each.action != "challenge_vendor" for each in decisions)


def missing(report: PricingReport) -> dict[str, Any]:
    """Instruments without a price, by name."""
    shown = report.missing[:SHOWN_MISSING]
    return {
        "names": [words(each) for each in shown],
        "rest": rest_of(len(report.missing), len(shown), "instrument", "instruments"),
    }


def warnings(report: PricingReport) -> dict[str, Any]:
    """How many findings were published as flags, by rule."""
    shown = len(report.warnings)
    note = None
    if report.warning_count > shown:
        note = f"The first {shown:,} of {report.warning_count:,}; the file checks.parquet has all."
    return {
        "count": report.warning_count,
        "chart": _by_rule((each.finding.rule for each in report.warnings), "warnings by check"),
        "note": note,
    }


def _chart(raised: Iterable[PriceException]) -> dict[str, Any] | None:
    rules = (rule for each in raised for rule in {found.rule for found in each.findings})
    return _by_rule(rules, "exceptions by what was found")


def _by_rule(rules: Iterable[str], what: str) -> dict[str, Any] | None:
    found = sorted(Counter(rules).items(), key=lambda each: (-each[1], each[0]))
    rows = [Bar(label=RULES.get(rule, rule), parts=[n], text=f"{n:,}") for rule, n in found]
    return bars(rows, what=what)


def _instrument(each: PriceException) -> Cell:
    asked = f"For {_ASKED[each.severity]}"
    weight = f", {percent(each.weight)} held" if each.weight is not None else ""
    owner = f"Owner: {words(each.owner)}" if each.owner else ""
    return instrument_cell(each.instrument_id, each.name, asked + weight, owner)


def _findings(each: PriceException) -> Cell:
    first, *others = [_finding(found) for found in each.findings] or [("Not said", "")]
    notes = [first[1], *(f"{title}: {evidence}" for title, evidence in others)]
    notes += [
        f"{words(said.by)}, {moment(said.at)}: {prose(said.text)}"
        for said in each.remarks[-_SHOWN_REMARKS:]
    ]
    return cell(first[0], *notes)


def _finding(found: CheckFinding) -> tuple[str, str]:
    return RULES.get(found.rule, found.rule), prose(found.evidence) or _measured(found)


def _measured(found: CheckFinding) -> str:
    value, limit = (_figure(each) for each in (found.value, found.limit))
    return f"{value} against a limit of {limit}"


def _figure(value: Decimal | None) -> str:
    return NO_VALUE if value is None else trimmed(value)


def _proposed(each: PriceException) -> Cell:
    if each.price is None:
        return cell("no price", is_strong=True)
    origin = words(each.source or each.method or "")
    dated = short_day(each.price_date) if each.price_date else ""
    prior = f"before {trimmed(each.prior_price, 2)}" if each.prior_price is not None else ""
    return cell(
        price_text(each.price, each.currency, each.unit),
        ", ".join(part for part in (origin, dated) if part),
        prior,
    )


def _decision(decisions: list[Decision], each: PriceException) -> Cell:
    if not is_answered(decisions):
        suggested = prose(each.suggestion.reason)
        asked = [_said(decision) for decision in decisions]
        return cell("No answer", *asked, f"Suggested: {suggested}", is_strong=True)
    *earlier, last = decisions
    return cell(_title(last), _who(last), *[_said(decision) for decision in earlier])


def _title(decision: Decision) -> str:
    text = ACTIONS[decision.action]
    if decision.price is not None:
        text += f", {trimmed(decision.price, 2)}"
    return text


def _who(decision: Decision) -> str:
    approver = f", approved by {words(decision.approver)}" if decision.approver else ""
    late = ", the deadline having passed" if decision.is_suggestion_taken_at_deadline else ""
    return f"{words(decision.by)}{approver}, {moment(decision.at)}{late}: {prose(decision.reason)}"


def _said(decision: Decision) -> str:
    return f"{_title(decision)}: {_who(decision)}"
