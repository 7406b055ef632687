"""What a pack offers, by reference string, so that naming it imports nothing heavy."""

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Any

from tenuto.core.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """One business domain: its catalog, its workflows, its activity bodies."""

    name: str
    summary: str
    catalog: tuple[str, ...]
    """Modules whose module-level entries the pack offers."""
    workflows: tuple[str, ...] = ()
    """`module:Class` of each workflow."""
    activities: tuple[str, ...] = ()
    """Modules whose activity functions are bodies of the catalog."""
    passthrough: tuple[str, ...] = ()
    """Modules of data and contracts that the workflow sandbox shares instead of re-importing."""
    commands: tuple[tuple[str, str, str], ...] = ()
    """What the pack adds to the `tenuto` command: name, `module:command` (a Click command), and
    the line that `tenuto --help` shows."""
    demos: tuple[tuple[str, str, str], ...] = ()
    """What `tenuto demo NAME` can show: name, `module:play` (see `tenuto.triggers.demo`), and a
    line on what it shows."""
    extra: str | None = None
    """The `tenuto[...]` extra its activities need."""
    needs: tuple[str, ...] = ()
    """Modules that extra brings; a worker serves the pack only where all of them are installed."""

    @property
    def is_installed(self) -> bool:
        """Whether everything the pack's activities import is installed."""
        return all(importlib.util.find_spec(module) is not None for module in self.needs)


def resolve(reference: str) -> Any:
    """What `module` or `module:attribute` names.

    Raises UsageError when the module cannot be imported or has no such attribute.
    """
    module_name, _, attribute = reference.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise UsageError(
            f"`{reference}` cannot be imported: {error}. Check the name and that its package"
            " is installed.",
            code="pack.import-failed",
            details={"reference": reference},
        ) from error
    if not attribute:
        return module
    try:
        return getattr(module, attribute)
    except AttributeError as error:
        raise UsageError(
            f"`{reference}`: module `{module_name}` has no `{attribute}`.",
            code="pack.import-failed",
            details={"reference": reference},
        ) from error
