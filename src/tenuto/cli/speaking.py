"""The gate of whoever a message says it comes from, where people are taken at their word."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import AS_GROUPS, AS_USER
from tenuto.cli.session import Session, project_gate
from tenuto.core.people import principal

if TYPE_CHECKING:
    from tenuto.triggers.gate.gate import Gate


def speaking_gate(session: Session, arguments: Sequence[Any]) -> "Gate":
    """The session's gate, or that of the person named `by` in the message.

    In local mode `--by ann` says who you are, as `--as ann` does, unless that is given too. In oidc
    mode your token does, and a message that names somebody else is refused. Nobody has the groups
    of another.
    """
    said = _by(arguments)
    context = click.get_current_context(silent=True)
    is_told = context is not None and AS_USER in context.meta
    is_local = session.settings.identity.mode == "local"
    if said is None or is_told or not is_local or principal(said) == session.gate.principal.id:
        return session.gate
    if context is not None:
        context.meta[AS_USER] = said
        context.meta.setdefault(AS_GROUPS, ())
    return project_gate(session.settings, session.target.address)


def _by(arguments: Sequence[Any]) -> str | None:
    first = arguments[0] if arguments else None
    said = first.get("by") if isinstance(first, Mapping) else getattr(first, "by", None)
    return said if isinstance(said, str) and said.strip() else None
