"""What is recorded beside runs: this machine's spool, and the texts of the policy in force."""

from datetime import datetime

from pydantic import JsonValue

from tenuto.core.canonical import canonical_json
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry
from tenuto.evidence.spool import SpoolEntry
from tenuto.policy.decision import PolicyEngine

KINDS = frozenset(
    {
        *("decision", "access", "refusal", "change", "permit"),
        *("legal_hold", "erase", "alarm", "damage"),
    }
)
"""What a spool may bring."""


def policy_entry(policy: PolicyEngine, ledger: Ledger, now: datetime) -> Entry:
    """The entry of a policy that was not in force at the last export: its digest and its texts."""
    texts = ledger.put_blob(canonical_json(dict(policy.texts())))
    return Entry(
        id=f"policy:{policy.digest}:{now.isoformat()}",
        kind="policy",
        happened_at=now,
        data={"digest": policy.digest, "texts": texts.sha256},
        blobs=(texts,),
    )


def spooled_entry(spooled: SpoolEntry) -> Entry:
    """The entry of a spooled record.

    A kind that is not for spools is kept as `change`, under its own name: what the exporter itself
    attests comes from the server, and not from whoever can write to this disk.
    """
    data: dict[str, JsonValue] = spooled.data
    if spooled.kind not in KINDS:
        data = {"what": spooled.kind, **data}
    return Entry.model_validate(
        {
            "id": spooled.id,
            "kind": spooled.kind if spooled.kind in KINDS else "change",
            "happened_at": spooled.t,
            "data": data,
        }
    )
