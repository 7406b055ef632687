"""Published sets of a policy, found by the names they were published under."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError
from tenuto.core.references import Document
from tenuto.packs.finance.pricing.activities.schemas import HISTORY, shaped
from tenuto.packs.finance.pricing.models import PricingAudit

AUDIT = "audit.json"

_MONTHS_WITHOUT_A_SET = 13
"""After this many months without one, there is no earlier set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedSet:
    """One published set."""

    pricing_id: str
    date: date
    version: int
    audit: Document


def sets_before(store: ArtifactStore, policy_id: str, day: date) -> Iterator[PublishedSet]:
    """The latest version of each date before `day`, latest date first.

    Looks month by month, so that years of sets need not be read.
    """
    year, month, empty = day.year, day.month, 0
    while empty < _MONTHS_WITHOUT_A_SET and year > 0:
        found = _published(store, f"pricing/{policy_id}/{year:04}-{month:02}-")
        latest: dict[date, PublishedSet] = {}
        for each in sorted(found, key=lambda each: each.version):
            if each.date < day:
                latest[each.date] = each
        yield from (latest[when] for when in sorted(latest, reverse=True))
        empty = 0 if latest else empty + 1
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def latest(store: ArtifactStore, policy_id: str, day: date | None) -> PublishedSet | None:
    """The latest version published for `day`, or for the latest day at all; None if there is none.

    Without a day, every name of the policy is read.
    """
    found = _published(store, f"pricing/{policy_id}/{day}/" if day else f"pricing/{policy_id}/")
    return max(found, key=lambda each: (each.date, each.version), default=None)


def read_audit(store: ArtifactStore, document: Document) -> PricingAudit:
    """The audit in `document`, every byte verified.

    Raises pydantic's ValidationError when it is none.
    """
    return PricingAudit.model_validate_json(store.get_bytes(document))


def earlier_prices(
    store: ArtifactStore, policy_id: str, day: date, observations: int
) -> pl.DataFrame:
    """`instrument_id, date, price` of the last `observations` sets before `day`.

    The date is the set's, so that a price carried for days is seen as unchanged.
    """
    parts = [pl.DataFrame(schema=dict(HISTORY))]
    for each in islice(sets_before(store, policy_id, day), observations):
        prices = store.get_table(read_audit(store, each.audit).price_set)
        parts.append(shaped(prices.with_columns(pl.lit(each.date).alias("date")), HISTORY))
    return pl.concat(parts).filter(pl.col("price").is_not_null())


def not_a_set(name: str) -> DataError:
    """What a name was expected to lead to is something else."""
    return DataError(
        f"`{name}` is not the audit document of a published price set; name one that "
        "`tenuto artifacts list pricing/` shows as `audit.json`.",
        code="pricing.not-a-set",
    )


def _published(store: ArtifactStore, prefix: str) -> list[PublishedSet]:
    found = []
    for name, reference in store.names(prefix):
        pricing_id, _, file = name.rpartition("/")
        day, version = pricing_id.split("/")[-2:]
        number = version.removeprefix("v")
        if file == AUDIT and number.isdigit() and isinstance(reference, Document):
            found.append(
                PublishedSet(
                    pricing_id=pricing_id,
                    date=date.fromisoformat(day),
                    version=int(number),
                    audit=reference,
                )
            )
    return found
