"""A break from day to day: new, confirmed, changed, resolved, or back again."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from tenuto.activities.dealing_days import dealing_days_between
from tenuto.artifacts.store import ArtifactStore
from tenuto.packs.finance.reconciliation.models import Outcome, RecReport

REMEMBERED = timedelta(days=731)
"""How long an ended break is known by, when it comes back."""

ENDED = {
    "break_id": pl.String,
    "first_seen": pl.Date,
    "last_seen": pl.Date,
    "closed_on": pl.Date,
    "lives": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Life:
    """How a break of today stands to the run before."""

    break_id: str
    outcome: Outcome
    first_seen: date
    lives: int
    earlier_life: date | None
    owner: str | None
    """Who owned it before; None for a new one."""
    has_returned: bool


@dataclass
class History:
    """What the run before knew."""

    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Break id -> its row in the prior `breaks`, which were open then."""
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)
    opening: int = 0

    def life_of(
        self, items: tuple[str | None, ...], fingerprint: str, day: date, taken: set[str]
    ) -> Life:
        """The life of a break made of these items. It keeps the id by which it was known."""
        ids = [item for item in items if item is not None]
        known = next((each for each in ids if each in self.open and each not in taken), None)
        if known is not None:
            before = self.open[known]
            return Life(
                break_id=known,
                outcome="Confirmed" if before["fingerprint"] == fingerprint else "Changed",
                first_seen=before["first_seen"],
                lives=before["lives"],
                earlier_life=before["earlier_life"],
                owner=before["owner"],
                has_returned=False,
            )
        back = next((each for each in ids if each in self.ended and each not in taken), None)
        earlier = self.ended[back] if back is not None else None
        return Life(
            break_id=back or ids[0],
            outcome="New",
            first_seen=day,
            lives=earlier["lives"] + 1 if earlier else 1,
            earlier_life=earlier["first_seen"] if earlier else None,
            owner=None,
            has_returned=earlier is not None,
        )

    def gone(self, still_open: set[str]) -> list[dict[str, Any]]:
        """Rows of the breaks that are no longer found."""
        return [row for break_id, row in sorted(self.open.items()) if break_id not in still_open]


def read_history(prior: RecReport | None, store: ArtifactStore) -> History:
    """What was open after the run before, and what had ended. Written-off breaks are not open."""
    if prior is None:
        return History()
    breaks = store.get_table(prior.breaks).filter(pl.col("status") != "RESOLVED")
    return History(
        open={row["break_id"]: row for row in breaks.iter_rows(named=True)},
        ended={row["break_id"]: row for row in store.get_table(prior.ended).iter_rows(named=True)},
        opening=breaks.height,
    )


def ended_table(
    history: History, gone: list[dict[str, Any]], open_now: set[str], day: date
) -> pl.DataFrame:
    """The breaks that ended in the last two years, for the next run."""
    kept = [
        row
        for break_id, row in history.ended.items()
        if break_id not in open_now and row["closed_on"] >= day - REMEMBERED
    ]
    kept += [{name: row.get(name, day) for name in ENDED} | {"closed_on": day} for row in gone]
    return pl.DataFrame(kept, schema=ENDED, orient="row").sort("break_id")


class Ages:
    """Dealing days since a date, each worked out once."""

    def __init__(self, calendar: str, day: date) -> None:
        self._calendar = calendar
        self._day = day
        self._known: dict[date, int] = {}

    def since(self, first_seen: date) -> int:
        """Dealing days after `first_seen` up to the business date."""
        if first_seen not in self._known:
            self._known[first_seen] = dealing_days_between(self._calendar, first_seen, self._day)
        return self._known[first_seen]
