"""The gate of an installation, from its settings."""

from tenuto.engine.settings import Settings
from tenuto.evidence.spool import Spool
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.policy.decision import PolicyEngine
from tenuto.triggers.gate.gate import Gate


def open_gate(settings: Settings, principal: Principal, engine: PolicyEngine | None) -> Gate:
    """The gate through which `principal` acts; `engine` is None where policy is off.

    It signs with this installation's keys and records in its spool.
    """
    spool = Spool(settings.spool_path)
    return Gate(principal, engine, KeyFolder(settings.keys_path), spool)
