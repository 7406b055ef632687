"""The definition that a command is about: a file that is checked now, or one that was deployed."""

import difflib
from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.cli.definitions.files import Source, is_file_name, read_source
from tenuto.cli.definitions.workplace import Workplace, open_workplace
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.definitions.check.whole import check
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.digest import digest_of
from tenuto.definitions.findings import Finding, InvalidDefinition
from tenuto.definitions.library import DefinitionLibrary, Deployed
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.plan import Plan
from tenuto.definitions.versions import LATEST

_CLOSE = 0.7
"""How alike two names must be for one to be a slip of the other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A definition without errors, and its plan."""

    label: str
    """The file, or `namespace/name:version`."""
    plan: Plan
    digest: str
    value: JsonValue
    """The definition as read."""
    loaded: Loaded | None = None
    """The file as read; None for a deployed one."""
    warnings: tuple[Finding, ...] = ()


def choose(given: str, workplace: Workplace | None = None) -> Chosen:
    """The definition that `given` names: a file, `-`, or NAMESPACE/NAME[:VERSION].

    Raises InvalidDefinition for a file with errors, NotFoundError for a name nobody deployed.
    """
    workplace = workplace or open_workplace()
    if is_file_name(given):
        return compiled(read_source(given), workplace)
    found = find_deployed(given, workplace.library)
    return Chosen(
        label=f"{found.namespace}/{found.name}:{found.version}",
        plan=found.plan,
        digest=found.digest,
        value=found.value,
    )


def compiled(source: Source, workplace: Workplace) -> Chosen:
    """The definition in a file, checked and compiled. Raises InvalidDefinition."""
    checked = check(source.text, source.file, workplace.catalog, workplace)
    if checked.loaded is None or not checked.is_runnable:
        raise InvalidDefinition(checked.findings)
    plan = compile_plan(checked.loaded.value, workplace.catalog)
    return Chosen(
        label=source.file,
        plan=plan,
        digest=digest_of(plan),
        value=checked.loaded.value,
        loaded=checked.loaded,
        warnings=checked.findings,
    )


def find_deployed(given: str, library: DefinitionLibrary) -> Deployed:
    """The deployed definition NAMESPACE/NAME[:VERSION]; the highest version where none is given.

    Raises UsageError for text that is no such name, NotFoundError that suggests near names.
    """
    path, _, version = given.partition(":")
    namespace, slash, name = path.partition("/")
    if not slash or not namespace or not name or "/" in name:
        raise UsageError(
            f"`{given}` is neither a file nor NAMESPACE/NAME[:VERSION] of a deployed definition;"
            " `tenuto definition list` shows those.",
            code="definition.bad-name",
            details={"name": given},
        )
    found = library.find(namespace, name, version or LATEST)
    if found is None:
        raise _not_deployed(given, library)
    return found


def _not_deployed(given: str, library: DefinitionLibrary) -> NotFoundError:
    close = _close_to(given, library)
    hint = f"Did you mean {' or '.join(f'`{each}`' for each in close)}?" if close else ""
    return NotFoundError(
        f"No definition `{given}` is deployed. "
        + (hint or "Deploy it (`tenuto definition deploy FILE`), or see `tenuto definition list`."),
        code="definition.not-deployed",
        details={"name": given, "suggestions": close},
    )


def _close_to(given: str, library: DefinitionLibrary) -> list[str]:
    """Deployed names that may have been meant: near by what tells them apart, the name; the same
    namespace or version makes no two of them alike."""
    path, _, version = given.partition(":")
    namespace, _, name = path.partition("/")
    known = library.list()
    names = difflib.get_close_matches(name, {each.name for each in known}, n=3, cutoff=_CLOSE)
    spaces = {each.namespace for each in known}
    near = {namespace, *difflib.get_close_matches(namespace, spaces, n=3, cutoff=_CLOSE)}
    found = [each for each in known if each.name in names and each.namespace in near]
    found.sort(key=lambda each: (names.index(each.name), each.version != version))
    return [f"{each.namespace}/{each.name}:{each.version}" for each in found[:3]]
