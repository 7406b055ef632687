"""The triggers of this project, read and checked; and the receiver that takes them."""

from pathlib import Path
from typing import TYPE_CHECKING

from tenuto.app import project_catalog
from tenuto.artifacts.store import open_store
from tenuto.cli.session import Session, project_rules
from tenuto.core.errors import UsageError
from tenuto.definitions.library import DefinitionLibrary
from tenuto.engine.settings import Settings
from tenuto.triggers.events.checking import CheckedTriggers, read_triggers
from tenuto.triggers.events.model import Triggers
from tenuto.triggers.events.targets import Targets

if TYPE_CHECKING:
    from tenuto.triggers.events.receiver.app import Receiver


def triggers_file(settings: Settings) -> Path:
    """Where the project's triggers are written, whether or not they are."""
    return settings.root / settings.triggers.file


def project_targets(settings: Settings) -> Targets:
    """All that triggers of this project can start."""
    library = DefinitionLibrary(open_store(settings.artifacts_url))
    return Targets(project_catalog(settings), library)


def read_project(settings: Settings, file: Path | None = None) -> CheckedTriggers:
    """The project's triggers, or those of `file`. Raises NotFoundError `triggers.no-file`."""
    return read_triggers(file or triggers_file(settings), project_targets(settings))


def open_receiver(session: Session, triggers: Triggers, host: str) -> "Receiver":
    """A receiver of these triggers, its secrets resolved, by the rules in force.

    Raises NotFoundError `secret.missing`, UsageError `triggers.weak-secret`, `triggers.unsigned`,
    `triggers.not-installed`.
    """
    try:
        from tenuto.triggers.events.receiver.app import Receiver
        from tenuto.triggers.events.receiver.gates import Gates
        from tenuto.triggers.events.receiver.nearby import refuse_unsigned_elsewhere
    except ImportError as missing:
        raise UsageError(
            f"Receiving needs a package that is not installed ({missing.name}): pip install"
            " 'tenuto[web]'.",
            code="triggers.not-installed",
        ) from missing
    refuse_unsigned_elsewhere(triggers, host)
    gates = Gates(session.settings, project_rules(session.settings))
    return Receiver(session.client, triggers, project_targets(session.settings), gates)
