"""Where a golden price comes from: the whole chain behind it, every byte verified on the way."""

from datetime import date
from typing import Any

import polars as pl
from pydantic import ValidationError

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import CorruptError, NotFoundError, UsageError
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document, Reference
from tenuto.packs.finance.pricing.activities.history import (
    AUDIT,
    latest,
    not_a_set,
    read_audit,
)
from tenuto.packs.finance.pricing.models import (
    Decision,
    Override,
    PriceException,
    PricingAudit,
    SourceFile,
)

Rows = list[dict[str, Any]]


class PriceTrail(Record):
    """Everything behind one instrument's price in one published set."""

    pricing_id: str
    policy_id: str
    policy_sha256: str
    code_version: str
    released_at: str
    price: dict[str, Any]
    """The row of the `PriceSet`."""
    waterfall: Rows
    """Every rung with outcome and reason."""
    checks: Rows
    quotes: Rows
    """The quotes of the instrument, as they arrived."""
    files: tuple[SourceFile, ...]
    """The files these quotes stand in."""
    exception: PriceException | None
    decisions: tuple[Decision, ...]
    override: Override | None
    verified: int
    """Artifacts that were read and found unchanged."""


def find_set(
    store: ArtifactStore, policy_id: str | None, day: date | None, version: int | None = None
) -> PricingAudit:
    """The audit of a published set: by default the latest version of the latest date.

    Raises NotFoundError when there is none, UsageError when a policy must be named, and
    CorruptError when it, or a name that leads to it, was changed.
    """
    policy_id = policy_id or _only_policy(store)
    if version is not None and day is not None:
        pricing_id = f"pricing/{policy_id}/{day}/v{version}"
        document = store.resolve(f"{pricing_id}/{AUDIT}")
    else:
        found = latest(store, policy_id, day)
        if found is None:
            raise _no_set(policy_id, day)
        pricing_id, document = found.pricing_id, found.audit
    if not isinstance(document, Document):
        raise not_a_set(pricing_id)
    try:
        audit = read_audit(store, document)
    except ValidationError as exc:
        raise not_a_set(pricing_id) from exc
    if audit.pricing_id != pricing_id:
        raise CorruptError(
            f"The name `{pricing_id}/{AUDIT}` leads to the audit of `{audit.pricing_id}`; the name "
            "was changed after publication. Restore it from a backup.",
            code="pricing.trail-differs",
            details={"name": pricing_id, "found": audit.pricing_id},
        )
    return audit


def verify_set(store: ArtifactStore, audit: PricingAudit) -> int:
    """How many artifacts of a set were read and found unchanged.

    Every source file, table, and document of it, the evidence of its overrides, and what its
    names are bound to. Raises CorruptError for the first changed byte, NotFoundError for a
    lost one.
    """
    bound: dict[str, Reference] = {
        "price-set.parquet": audit.price_set,
        "prices.parquet": audit.prices,
        "quotes.parquet": audit.quotes,
        "candidates.parquet": audit.candidates,
        "checks.parquet": audit.checks,
        "report.json": audit.report,
    }
    for file, reference in bound.items():
        _refuse_other(store, f"{audit.pricing_id}/{file}", reference)
    behind = [each.uri for each in audit.files] + [each.evidence.uri for each in audit.overrides]
    for uri in [*(each.uri for each in bound.values()), *behind]:
        store.verify(uri)
    return len(bound) + len(behind) + 1


def _refuse_other(store: ArtifactStore, name: str, reference: Reference) -> None:
    found = store.resolve(name)
    if found.sha256 != reference.sha256:
        raise CorruptError(
            f"The name `{name}` leads to {found.sha256}, and the audit says {reference.sha256}; "
            "the name was changed after publication. Restore it from a backup.",
            code="pricing.trail-differs",
            details={"name": name, "found": found.sha256, "expected": reference.sha256},
        )


def explain(store: ArtifactStore, audit: PricingAudit, instrument_id: str) -> PriceTrail:
    """The chain behind one price. Raises as `verify_set`, and NotFoundError for an unknown one."""
    verified = verify_set(store, audit)
    price = _rows(store, audit.price_set, instrument_id)
    if not price:
        raise NotFoundError(
            f"`{instrument_id}` is not in `{audit.pricing_id}`; `tenuto prices show` lists what "
            "is.",
            code="pricing.no-such-instrument",
        )
    quotes = _rows(store, audit.quotes, instrument_id)
    shas = {str(row["quote_ref"]).partition(":")[0] for row in quotes}
    standing = [each for each in audit.overrides if each.override_id == price[0]["override_id"]]
    return PriceTrail(
        pricing_id=audit.pricing_id,
        policy_id=audit.policy.policy_id,
        policy_sha256=audit.policy_sha256,
        code_version=audit.code_version,
        released_at=audit.released_at.isoformat(),
        price=price[0],
        waterfall=_rows(store, audit.candidates, instrument_id),
        checks=_rows(store, audit.checks, instrument_id),
        quotes=quotes,
        files=tuple(each for each in audit.files if each.sha256 in shas),
        exception=next(
            (each for each in audit.exceptions if each.instrument_id == instrument_id), None
        ),
        decisions=tuple(each for each in audit.decisions if each.instrument_id == instrument_id),
        override=standing[0] if standing else None,
        verified=verified,
    )


def _rows(store: ArtifactStore, dataset: Dataset, instrument_id: str) -> Rows:
    table = store.scan_table(dataset).filter(pl.col("instrument_id") == instrument_id)
    return table.collect().to_dicts()


def _only_policy(store: ArtifactStore) -> str:
    policies = sorted({name.split("/")[1] for name, _ in store.names("pricing/")})
    if not policies:
        raise NotFoundError(
            f"The store {store.url} holds no published prices; publish some with "
            "`tenuto run pricing`, or say which store with `TENUTO_ARTIFACTS`.",
            code="pricing.no-set",
        )
    if len(policies) > 1:
        raise UsageError(
            f"There are sets of several policies; say which with `--policy`: "
            f"{', '.join(f'`{name}`' for name in policies)}.",
            code="pricing.which-policy",
        )
    return policies[0]


def _no_set(policy_id: str, day: date | None) -> NotFoundError:
    when = f" for {day}" if day else ""
    return NotFoundError(
        f"Policy `{policy_id}` has published nothing{when}; `tenuto artifacts list "
        f"pricing/{policy_id}/` shows what there is.",
        code="pricing.no-set",
    )
