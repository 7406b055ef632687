"""The way of a golden price: the rule that chose it, and the vendor's row it was taken from."""

from typing import Any

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.packs.finance.nav.lineage.node import Node
from tenuto.packs.finance.nav.lineage.rows import stored_row
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.pricing.models import PricingAudit


def golden_price(store: ArtifactStore, result: NavResult, instrument_id: str) -> Node | None:
    """The price of an instrument in the set that the NAV was struck from; None without a set."""
    pricing_id, sha256 = next(
        ((name, sha) for name, sha in result.inputs.items() if name.startswith("pricing/")),
        (None, None),
    )
    if pricing_id is None:
        return None
    audit = PricingAudit.model_validate_json(store.get_bytes(f"artifact://{sha256}"))
    table = store.get_table(audit.price_set).filter(pl.col("instrument_id") == instrument_id)
    if not table.height:
        return None
    row = table.row(0, named=True)
    return Node(
        figure="golden price",
        value=f"{row['price'].normalize():f} {row['currency']}",
        how=f"{pricing_id}, {row['method']} by rule {row['rule']}, level {row['level']}"
        + (f", approved by {row['approver']}" if row["approver"] else "")
        + f"; `tenuto prices explain {instrument_id}` has every rung and check",
        parts=_vendor(store, audit, row),
    )


def _vendor(store: ArtifactStore, audit: PricingAudit, row: dict[str, Any]) -> tuple[Node, ...]:
    sha256, _, number = (row["quote_ref"] or "").rpartition(":")
    if not sha256:
        return ()
    names = {each.sha256: each.name for each in audit.files}
    source = stored_row(store, "quotes", sha256, int(number), file=names.get(sha256, sha256[:12]))
    return (
        Node(
            figure=f"quote of {row['source']}",
            value=f"{row['price'].normalize():f} {row['currency']}",
            how=f"{row['field']} of {row['date']}",
            source=source,
        ),
    )
