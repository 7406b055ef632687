"""What definitions are checked against, and where they are kept. No server is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tenuto.app import project_catalog
from tenuto.catalog.registry import Catalog
from tenuto.cli.definitions.files import Source
from tenuto.core.errors import UsageError
from tenuto.definitions.loading import load
from tenuto.definitions.versions import LATEST, precedence
from tenuto.engine.settings import Settings, load_settings

if TYPE_CHECKING:
    from tenuto.definitions.library import DefinitionLibrary


@dataclass(frozen=True, slots=True)
class Named:
    """A definition that others may run: deployed, or in a file beside them."""

    version: str
    value: JsonValue


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """This project's catalog and library, and the files that a command is about together."""

    settings: Settings
    catalog: Catalog
    beside: dict[tuple[str, str], dict[str, Named]] = field(default_factory=dict)
    """Namespace and name -> version -> definition in one of these files."""

    @cached_property
    def library(self) -> "DefinitionLibrary":
        """Opened when it is asked: a check seldom does, and the store's drivers load slowly."""
        from tenuto.artifacts.store import open_store
        from tenuto.definitions.library import DefinitionLibrary

        return DefinitionLibrary(open_store(self.settings.artifacts_url))

    def find(self, namespace: str, name: str, version: str) -> Named | None:
        """A definition for the check of one that runs it; the highest version for `latest`."""
        versions = self.beside.get((namespace, name), {})
        if version in versions:
            return versions[version]
        deployed = self.library.find(namespace, name, version)
        found = [Named(deployed.version, deployed.value)] if deployed else []
        if version == LATEST:
            found += versions.values()
        return max(found, key=lambda each: precedence(each.version), default=None)

    def names(self) -> tuple[str, ...]:
        """`namespace/name` of every definition that `find` may find."""
        return (*self.library.names(), *(f"{space}/{name}" for space, name in self.beside))


def open_workplace(together: Iterable[Source] = ()) -> Workplace:
    """The workplace of the project around the current folder; `together` may run each other."""
    settings = load_settings()
    return Workplace(
        settings=settings, catalog=project_catalog(settings), beside=_by_name(together)
    )


def _by_name(sources: Iterable[Source]) -> dict[tuple[str, str], dict[str, Named]]:
    """Whatever has a name and a version; what is wrong with the others their own check says."""
    found: dict[tuple[str, str], dict[str, Named]] = {}
    for source in sources:
        loaded, _ = load(source.text, source.file)
        value = loaded.value if loaded else None
        about = value.get("document") if isinstance(value, dict) else None
        if not isinstance(about, dict):
            continue
        namespace, name, version = (about.get(key) for key in ("namespace", "name", "version"))
        if isinstance(namespace, str) and isinstance(name, str) and _is_version(version):
            found.setdefault((namespace, name), {})[str(version)] = Named(str(version), value)
    return found


def _is_version(version: JsonValue) -> bool:
    try:
        precedence(str(version))
    except UsageError:
        return False
    return True
