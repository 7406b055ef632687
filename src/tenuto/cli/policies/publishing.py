"""Making the rules of a folder those in force: checked, tested, allowed, recorded, then at once."""

from dataclasses import dataclass
from pathlib import Path

from tenuto.cli.asking import asked_address
from tenuto.cli.policies.in_force import published
from tenuto.cli.policies.rulebook import open_rulebook
from tenuto.cli.session import project_gate
from tenuto.core.errors import UsageError
from tenuto.engine.settings import Settings
from tenuto.evidence.spool import Spool
from tenuto.policy.cedar import CedarPolicy
from tenuto.policy.decision import Resource

POLICY = Resource(type="Policy", id="policy")


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """What is in force now, and what was before."""

    old: str
    """Digest of the rules before."""
    new: str
    name: str
    """Of the set of files."""
    is_new: bool
    """False where exactly these files were in force already."""


async def publish(settings: Settings, folder: Path | None, reason: str) -> Publication:
    """Publishes the rules of `folder`, by default the project's.

    Raises UsageError `policy.publish-off` where policy is off, `policy.invalid`,
    `policy.cases-fail`, `policy.cases`; PolicyDenied where the rules in force do not let whoever
    asks publish; TransientError where the change cannot be recorded. Nothing has changed then.
    """
    if settings.policy_path is None:
        raise UsageError(
            "Policy is off, so no rules are in force that could be replaced. Set `policy.folder`"
            " in tenuto.toml first.",
            code="policy.publish-off",
        )
    gate = project_gate(settings, asked_address(settings))
    old = (await gate.authorize("policy:publish", POLICY)).policy
    store = published(settings)
    # What is checked is the copy: the folder may be edited meanwhile.
    kept = store.keep(folder or settings.policy_path)
    new = _checked(kept, settings)
    if store.name() == kept.name:
        return Publication(old=old, new=new.digest, name=kept.name, is_new=False)
    change = {
        "principal": gate.principal.id,
        "what": "policy",
        "did": "publish",
        "old": old,
        "new": new.digest,
        "files": kept.name,
        "reason": reason,
    }
    spool = Spool(settings.spool_path)
    spool.append_once("policy", new.digest, {"digest": new.digest, "texts": dict(new.texts())})
    spool.append("change", change)
    store.put_in_force(kept.name)
    return Publication(old=old, new=new.digest, name=kept.name, is_new=True)


def _checked(folder: Path, settings: Settings) -> CedarPolicy:
    book = open_rulebook(folder, settings)
    policy = book.policy
    if book.failures():
        raise UsageError(
            "Some cases fail, so these rules are not published. `tenuto policy test` shows them.",
            code="policy.cases-fail",
        )
    return policy
