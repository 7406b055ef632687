"""Published runs of a reconciliation, found by the names they were released under."""

from collections.abc import Iterator
from datetime import date

from pydantic import ValidationError

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError
from tenuto.core.references import Document
from tenuto.packs.finance.reconciliation.models import RecReport

REPORT = "report.json"
_MONTHS = 36
"""How far back the previous run is looked for."""


def latest_before(store: ArtifactStore, rec_id: str, day: date) -> Document | None:
    """The report of the latest version of the latest run before `day`, or None."""
    year, month = day.year, day.month
    for _ in range(_MONTHS):
        found = [
            each
            for each in _published(store, f"reconciliation/{rec_id}/{year:04}-{month:02}-")
            if each[0] < day.isoformat()
        ]
        if found:
            return max(found, key=lambda each: each[:2])[2]
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return None


def read_report(store: ArtifactStore, document: Document) -> RecReport:
    """The report in `document`. Raises DataError `reconciliation.prior-unreadable`."""
    try:
        return RecReport.model_validate_json(store.get_bytes(document))
    except ValidationError as exc:
        raise DataError(
            f"{document.name or document.uri} is not the report of a reconciliation: "
            f"{exc.errors()[0]['msg']}; give the `report.json` of an earlier run, or leave `prior` "
            "out.",
            code="reconciliation.prior-unreadable",
        ) from exc


def _published(store: ArtifactStore, prefix: str) -> Iterator[tuple[str, int, Document]]:
    """Date, version, and report of each run under the prefix."""
    for name, reference in store.names(prefix):
        run_id, _, file = name.rpartition("/")
        before, _, version = run_id.rpartition("/v")
        if file == REPORT and version.isdigit() and isinstance(reference, Document):
            yield before.rpartition("/")[2], int(version), reference
