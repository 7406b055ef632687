"""Two files that claim the same version of a definition and say different things."""

from collections.abc import Iterable

from tenuto.core.canonical import canonical_json
from tenuto.definitions.check.reading_codes import VERSION_TWICE
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded

_PARTS = ("namespace", "name", "version")


def find_twice(together: Iterable[Loaded]) -> list[Finding]:
    """An error for each file whose namespace, name, and version an earlier one has with other
    content. A copy is no error."""
    first: dict[tuple[str, ...], Loaded] = {}
    findings: list[Finding] = []
    for each in together:
        named = _named(each)
        if named is None:
            continue
        earlier = first.setdefault(named, each)
        if canonical_json(earlier.value) != canonical_json(each.value):
            findings.append(_finding(each, earlier, named))
    return findings


def _named(loaded: Loaded) -> tuple[str, ...] | None:
    """What the definition is called; None where its own check finds that it is not."""
    about = loaded.value.get("document") if isinstance(loaded.value, dict) else None
    parts = [about.get(part) for part in _PARTS] if isinstance(about, dict) else []
    words = tuple(part for part in parts if isinstance(part, str))
    return words if len(words) == len(_PARTS) else None


def _finding(later: Loaded, earlier: Loaded, named: tuple[str, ...]) -> Finding:
    namespace, name, version = named
    return later.error(
        VERSION_TWICE,
        "/document/version",
        f"`{namespace}/{name}:{version}` stands in `{earlier.file}` and in `{later.file}`, with"
        " different content.",
        "Give one of them another `document.version` or name, or leave one of the files out.",
    )
