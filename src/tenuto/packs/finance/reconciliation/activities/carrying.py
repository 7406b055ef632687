"""Items that stayed open and are matched again, though today's files no longer hold them."""

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset
from tenuto.packs.finance.reconciliation.handoffs import DeskDecisions
from tenuto.packs.finance.reconciliation.models import RecReport
from tenuto.packs.finance.reconciliation.rules import RecRules


def carried_items(
    rules: RecRules, prior: RecReport | None, decisions: DeskDecisions, store: ArtifactStore
) -> dict[str, Dataset]:
    """Side -> the items behind the prior run's open breaks, but for those that people closed."""
    if prior is None or not rules.carry_open:
        return {}
    breaks = store.get_table(prior.breaks).filter(pl.col("status") == "DETECTED")
    columns = [breaks[f"{side}_item"] for side in ("ours", "theirs", "third")]
    still_open = pl.concat(columns).drop_nulls().unique()
    closed = [item for each in decisions.closed for item in each.items]
    items = store.get_table(prior.items).filter(
        pl.col("item").is_in(still_open.implode()) & ~pl.col("item").is_in(closed)
    )
    fields = [each.name for each in rules.fields if each.name in items.columns]
    return {
        side.name: store.put_table(part.select(fields), name=f"{side.name} (carried forward)")
        for side in rules.sides
        if (part := items.filter(pl.col("side") == side.name)).height
    }
