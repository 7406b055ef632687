"""Names that people use, each bound once and for ever to a reference."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from pydantic import ValidationError

from tenuto.artifacts.place import Place
from tenuto.core.canonical import canonical_json
from tenuto.core.errors import CorruptError, NotFoundError, UsageError
from tenuto.core.records import Record
from tenuto.core.references import Reference

_SUFFIX = ".ref"
_SEGMENT = re.compile(r"\w(?:[\w .:@+=,~()&-]*[\w)])?")
_SEGMENT_BYTES = 200
_NAME_BYTES = 700


class Pointer(Record):
    """What is stored under a name."""

    version: Literal[1] = 1
    name: str
    reference: Reference


def bind_name(place: Place, name: str, reference: Reference) -> None:
    """Binds the name, durably, or finds it bound to the same content.

    Raises UsageError when it is bound to other content. Of several processes that bind one
    name at once, exactly one succeeds in a local folder; elsewhere as far as `Place.create`
    can tell them apart.
    """
    pointer = Pointer(name=name, reference=reference)
    if place.create(_path_of(name), canonical_json(pointer)):
        return
    bound = resolve_name(place, name)
    if type(bound) is type(reference) and bound.sha256 == reference.sha256:
        return
    raise UsageError(
        f"The name `{name}` is taken: it is bound to the {_kind(bound)} {bound.sha256}, and was to "
        f"be bound to the {_kind(reference)} {reference.sha256}. A name never changes what it "
        "means; choose another, for example with the next version number.",
        code="artifact.name-taken",
        details={"name": name, "bound": bound.sha256, "refused": reference.sha256},
    )


def resolve_name(place: Place, name: str) -> Reference:
    """What the name is bound to. Raises NotFoundError, or CorruptError for a damaged pointer."""
    path = _path_of(name)
    try:
        data = place.read(path)
    except FileNotFoundError as missing:
        raise NotFoundError(
            f"The name `{name}` is not bound in the store {place.url}; compare "
            "the names that are (`store.names(prefix)`).",
            code="artifact.name-not-found",
            details={"name": name, "store": place.url},
        ) from missing
    return _read_pointer(place, path, name, data).reference


def list_names(place: Place, prefix: str = "") -> Iterator[tuple[str, Reference]]:
    """Every name that starts with `prefix` and what it is bound to, sorted by name."""
    below = "names"
    if "/" in prefix:
        folder = prefix.rpartition("/")[0]
        check_name(folder)
        below = f"names/{folder}"
    found = [
        path.removeprefix("names/").removesuffix(_SUFFIX)
        for path, _ in place.walk(below)
        if path.endswith(_SUFFIX)
    ]
    for name in sorted(name for name in found if name.startswith(prefix)):
        yield name, resolve_name(place, name)


def check_name(name: str) -> None:
    """Raises UsageError unless the name is safe as a path on every filesystem.

    Segments between single `/` hold letters, digits, spaces and `._-+=@,:()&~`, and start
    with a letter, a digit or `_`: so no `..`, no absolute path, no backslash, no NUL.
    """
    problem = _problem_of(name)
    if problem:
        raise UsageError(
            f"The artifact name {name[:200]!r} {problem}; expected segments such as "
            "`nav/DEMO/2022-12-28/pack.json`: letters, digits, spaces and `._-+=@,:()&~`, each "
            "starting with a letter, a digit or `_`.",
            code="artifact.bad-name",
        )


def _problem_of(name: str) -> str | None:
    segments = name.split("/")
    if not all(segments):
        return "is empty, or has an empty segment"
    if not unicodedata.is_normalized("NFC", name):
        return "is not in Unicode normal form C"
    if len(name.encode(errors="replace")) > _NAME_BYTES:
        return f"is longer than {_NAME_BYTES} bytes"
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            return f"has the segment {segment[:80]!r}"
        if len(segment.encode()) > _SEGMENT_BYTES:
            return f"has a segment longer than {_SEGMENT_BYTES} bytes"
        if segment.endswith(_SUFFIX):
            return f"has a segment that ends in `{_SUFFIX}`"
    return None


def _path_of(name: str) -> str:
    check_name(name)
    return f"names/{name}{_SUFFIX}"


def _read_pointer(place: Place, path: str, name: str, data: bytes) -> Pointer:
    try:
        pointer = Pointer.model_validate_json(data)
    except ValidationError as wrong:
        raise _damaged(place, path, name, "does not hold a reference") from wrong
    if pointer.name != name:
        raise _damaged(place, path, name, f"belongs to the name `{pointer.name}`")
    return pointer


def _damaged(place: Place, path: str, name: str, found: str) -> CorruptError:
    return CorruptError(
        f"The name `{name}` cannot be followed: {place.url}/{path} {found}. Restore that file "
        "from a backup. Names that differ only in case need a case-sensitive disk.",
        code="artifact.corrupt-name",
        details={"name": name, "store": place.url, "path": path},
    )


def _kind(reference: Reference) -> str:
    return type(reference).__name__.lower()
