"""What the day's runs flagged, held against what was seeded."""

from collections.abc import Iterable, Mapping

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.packs.finance.demo.day.faults import Fault
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.models import DailyNavResult
from tenuto.packs.finance.pricing.models import PricingAudit
from tenuto.packs.finance.reconciliation.models import RecReport

Alarms = Mapping[tuple[str, str], frozenset[str]]
"""Where and what -> the findings about it."""

_FILES = {"demo-positions": "positions", "demo-cash-usd": "cash"}
"""Reconciliation -> what it compares, as faults name it."""


def alarms_of(store: ArtifactStore, result: DailyNavResult) -> Alarms:
    """Every finding of the Pricing and the reconciliations behind a NAV.

    Raises KeyError for a reconciliation that is not of this demonstration.
    """
    alarms: dict[tuple[str, str], frozenset[str]] = {}
    sources = read_result(store, result.result).inputs
    for run, sha256 in sources.items():
        if run.startswith("pricing/"):
            audit = PricingAudit.model_validate_json(store.get_bytes(f"artifact://{sha256}"))
            alarms |= _of_prices(store, audit)
        elif run.startswith("reconciliation/"):
            report = RecReport.model_validate_json(store.get_bytes(f"artifact://{sha256}"))
            alarms |= _of_breaks(store, report)
    return alarms


def compared(faults: Iterable[Fault], alarms: Alarms) -> tuple[list[str], list[str], list[str]]:
    """Names of the faults that were found, of those that were missed, and of false alarms.

    A fault is found when its own finding names its subject; what else is said about the same
    subject is a consequence of it, what is said about any other is a false alarm.
    """
    seeded = {(each.where, each.subject): each for each in faults}
    found = [
        each.name for key, each in seeded.items() if each.finding in alarms.get(key, frozenset())
    ]
    missed = [each.name for each in seeded.values() if each.name not in found]
    false = [
        f"{where}/{subject}/{finding}"
        for (where, subject), findings in sorted(alarms.items())
        for finding in sorted(findings)
        if (where, subject) not in seeded
    ]
    return found, missed, false


def _of_prices(store: ArtifactStore, audit: PricingAudit) -> Alarms:
    checks = store.get_table(audit.checks).filter(pl.col("outcome") != "pass")
    found = set(checks.select("instrument_id", "rule").iter_rows())
    # What was said of a price that a person then replaced stands with its exception only.
    for each in audit.exceptions:
        found |= {(each.instrument_id, finding.rule) for finding in each.findings}
    subjects = {name for name, _ in found}
    return {
        ("prices", subject): frozenset(rule for name, rule in found if name == subject)
        for subject in subjects
    }


def _of_breaks(store: ArtifactStore, report: RecReport) -> Alarms:
    where = _FILES[report.rec_id]
    breaks = store.get_table(report.breaks).select("key", "break_class")
    alarms: dict[tuple[str, str], frozenset[str]] = {}
    for key, found in breaks.iter_rows():
        subject = key.rpartition("=")[2]
        earlier = alarms.get((where, subject), frozenset())
        alarms[where, subject] = earlier | {found}
    return alarms
