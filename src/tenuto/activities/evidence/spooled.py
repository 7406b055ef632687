"""What is recorded beside runs: this machine's spool, and the texts of the policy in force."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from tenuto.core.canonical import canonical_json
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry
from tenuto.evidence.spool import SpoolEntry
from tenuto.policy.cedar import digest_of
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
    name = f"policy:{policy.digest}:{now.isoformat()}"
    return _policy(name, policy.digest, policy.texts(), ledger, now)


def spooled_entry(spooled: SpoolEntry, ledger: Ledger) -> Entry:
    """The entry of a spooled record.

    A policy's texts are taken where they have the digest that they are said to have. A kind that is
    not for spools is kept as `change`, under its own name: what the exporter itself attests comes
    from the server, and not from whoever can write to this disk.
    """
    if spooled.kind == "policy" and _is_policy(spooled.data):
        digest, texts = str(spooled.data["digest"]), spooled.data["texts"]
        assert isinstance(texts, dict)  # noqa: S101 (narrowing: a policy has texts)
        return _policy(spooled.id, digest, texts, ledger, spooled.t)
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


def _is_policy(data: Mapping[str, JsonValue]) -> bool:
    texts = data.get("texts")
    if not isinstance(texts, dict):
        return False
    try:
        return digest_of({name: str(text) for name, text in texts.items()}) == data.get("digest")
    except ValueError:
        return False


def _policy(
    name: str, digest: str, texts: Mapping[str, JsonValue], ledger: Ledger, at: datetime
) -> Entry:
    kept = ledger.put_blob(canonical_json(dict(texts)))
    return Entry(
        id=name,
        kind="policy",
        happened_at=at,
        data={"digest": digest, "texts": kept.sha256},
        blobs=(kept,),
    )
