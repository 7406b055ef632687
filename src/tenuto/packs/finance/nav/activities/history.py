"""Released NAVs of a fund, found by the names they were released under."""

from dataclasses import dataclass
from datetime import date

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import NavType

RESULT = "result.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasedNav:
    """One released NAV."""

    nav_id: str
    version: int
    document: Document


def latest_on(
    store: ArtifactStore, fund_id: str, nav_type: NavType, day: date
) -> ReleasedNav | None:
    """The latest version released for `day`, or None."""
    prefix = f"nav/{fund_id}/{day}/{nav_type}/"
    return max(_released(store, prefix), key=lambda each: each.version, default=None)


def latest_before(
    store: ArtifactStore, fund: Fund, nav_type: NavType, day: date
) -> ReleasedNav | None:
    """The latest version of the latest NAV before `day`, or None.

    Looks month by month, so that years of NAVs need not be read, down to the month in which
    the fund or its oldest class began.
    """
    first = min([fund.inception, *(each.launch_date for each in fund.classes)])
    year, month = day.year, day.month
    while (year, month) >= (first.year, first.month):
        days = {
            found.nav_id.split("/")[2]
            for found in _released(store, f"nav/{fund.fund_id}/{year:04}-{month:02}-")
            if f"/{nav_type}/" in found.nav_id
        }
        earlier = [each for each in days if each < day.isoformat()]
        if earlier:
            return latest_on(store, fund.fund_id, nav_type, date.fromisoformat(max(earlier)))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return None


def read_result(store: ArtifactStore, document: Document) -> NavResult:
    """The NAV result in `document`. Raises pydantic's ValidationError when it is none."""
    return NavResult.model_validate_json(store.get_bytes(document))


def _released(store: ArtifactStore, prefix: str) -> list[ReleasedNav]:
    found = []
    for name, reference in store.names(prefix):
        nav_id, _, file = name.rpartition("/")
        version = nav_id.rpartition("/v")[2]
        if file == RESULT and version.isdigit() and isinstance(reference, Document):
            found.append(ReleasedNav(nav_id=nav_id, version=int(version), document=reference))
    return found
