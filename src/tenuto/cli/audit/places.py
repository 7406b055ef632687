"""Where this project's evidence is, and who may look at it."""

from pydantic import JsonValue
from temporalio.converter import PayloadCodec

from tenuto.cli.asking import asked_address
from tenuto.cli.session import project_gate
from tenuto.core.errors import NotFoundError
from tenuto.engine.connection import DEFAULT_NAMESPACE, Target, payload_codec, profile_target
from tenuto.engine.settings import Settings
from tenuto.evidence.home import EvidenceHome, evidence_home
from tenuto.evidence.ledger import Ledger
from tenuto.policy.decision import Resource


def project_evidence(settings: Settings) -> EvidenceHome:
    """Ledger, spool, and keys of the project."""
    return evidence_home(settings.ledger_url, settings.spool_path, settings.keys_path)


def project_ledger(settings: Settings) -> Ledger:
    """The ledger of the namespace that the project works in; no server is asked."""
    target = profile_target(settings)
    namespace = target.namespace if target else DEFAULT_NAMESPACE
    return project_evidence(settings).ledger(namespace)


def project_codec(settings: Settings) -> PayloadCodec | None:
    """What decrypts histories of the ledger here; None where nothing is encrypted."""
    target = profile_target(settings) or Target(address=asked_address(settings), origin="embedded")
    return payload_codec(settings, target)


def refuse_empty(ledger: Ledger) -> None:
    """Raises NotFoundError `evidence.empty` for a ledger without a record: what is said of it would
    be said of nothing."""
    if ledger.sizes():
        return
    raise NotFoundError(
        f"The ledger {ledger.place.url} is empty: nothing was exported yet (`tenuto audit export`),"
        f" or it is another one that is meant. This is that of namespace"
        f" `{ledger.origin.removeprefix('tenuto/')}`; a profile (TEMPORAL_NAMESPACE, temporal.toml)"
        " names the namespace, and setting `evidence.ledger` the place.",
        code="evidence.empty",
    )


async def ask(settings: Settings, action: str, ledger: Ledger) -> str:
    """Who asks, if policy allows them the action on the ledger; recorded either way.

    Raises PolicyDenied where it does not.
    """
    gate = project_gate(settings, asked_address(settings))
    await gate.authorize(action, Resource(type="Ledger", id=ledger.origin))
    return gate.principal.id


def record(settings: Settings, kind: str, data: dict[str, JsonValue]) -> None:
    """Puts a record on its way into the ledger. Raises TransientError where the spool is full."""
    project_evidence(settings).spool.append(kind, data)
