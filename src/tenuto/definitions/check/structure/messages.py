"""One clear message for each mistake in a form: what was found, what is expected, what to do."""

from collections.abc import Iterable, Iterator

from tenuto.definitions.check.nearest import listed
from tenuto.definitions.check.shown import named, shown
from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.forms import Mistake
from tenuto.definitions.check.structure.kinds.task import DOLLARLESS
from tenuto.definitions.check.structure.names import instead, suggestion
from tenuto.definitions.check.structure.places import WHOLE_DOCUMENT, belongs, to_add
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped, pointer_to

_PRIVATE = frozenset({"authentication", "authentications"})
"""Below these, values are not repeated in messages: they may be passwords."""


def findings(
    loaded: Loaded, found: Iterable[Mistake], at: str, whole: str, usual_code: str
) -> Iterator[Finding]:
    """A finding for each mistake in the value at `at`, which messages call `whole`."""
    mistakes = list(found)
    is_incomplete = any(mistake.keyword == "required" for mistake in mistakes)
    explained = set(_explained(mistakes)) if is_incomplete else set()
    for mistake in mistakes:
        pointer = at + pointer_to(mistake.path)
        where = _where(mistake.path, whole)
        match mistake.keyword:
            case "additionalProperties":
                yield from _unknown(loaded, mistake, pointer, where, whole)
            case "required":
                if (mistake.path, mistake.names[0]) not in explained:
                    yield _missing(loaded, mistake, pointer, whole, usual_code)
            case "propertyNames":
                yield _bad_name(loaded, mistake, pointer, where)
            case _:
                yield _wrong(loaded, mistake, pointer, where, usual_code)


def _explained(mistakes: list[Mistake]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Path and name of properties that are missing only because they are written otherwise."""
    for mistake in mistakes:
        if mistake.keyword == "additionalProperties":
            for name in mistake.names:
                meant = suggestion(name, mistake.known)
                if meant is not None:
                    yield mistake.path, meant
            if mistake.remedy is not None:
                yield from ((mistake.path, known) for known in mistake.known)


def _unknown(
    loaded: Loaded, mistake: Mistake, pointer: str, where: str, whole: str
) -> Iterator[Finding]:
    for name in mistake.names:
        yield loaded.error(
            codes.PROPERTY,
            f"{pointer}/{escaped(name)}",
            f"{named(name)} is not known in {where}.",
            _instead(mistake, name, whole),
            of_key=True,
        )


def _instead(mistake: Mistake, name: str, whole: str) -> str:
    elsewhere = belongs(name, mistake.path, whole, mistake.known)
    if elsewhere is not None:
        return elsewhere
    if mistake.remedy is not None and suggestion(name, mistake.known) is None:
        return mistake.remedy
    return instead(name, mistake.known)


def _missing(
    loaded: Loaded, mistake: Mistake, pointer: str, whole: str, usual_code: str
) -> Finding:
    name, where = mistake.names[0], _where(mistake.path, whole)
    remedy = mistake.remedy or to_add(name, mistake.path, whole)
    where = "the file" if where == WHOLE_DOCUMENT else where
    code = mistake.code or usual_code
    return loaded.error(code, pointer, f"`{name}` is missing in {where}.", remedy, of_key=True)


def _bad_name(loaded: Loaded, mistake: Mistake, pointer: str, where: str) -> Finding:
    name = mistake.names[0]
    return loaded.error(
        codes.PROPERTY,
        f"{pointer}/{escaped(name)}",
        f"{named(name)} in {where} is not {mistake.expected}.",
        instead(name, mistake.known),
        of_key=True,
    )


def _wrong(loaded: Loaded, mistake: Mistake, pointer: str, where: str, usual_code: str) -> Finding:
    code = mistake.code or usual_code
    if mistake.refusal is not None:
        return loaded.error(code, pointer, mistake.refusal, mistake.remedy or "", of_key=True)
    message = f"{_capital(where)} {_found(mistake)}; expected {mistake.expected}."
    return loaded.error(code, pointer, message, mistake.remedy or _examples(mistake))


def _found(mistake: Mistake) -> str:
    if mistake.keyword in ("maxProperties", "minProperties") and isinstance(mistake.found, dict):
        return f"has {listed(mistake.found)}" if mistake.found else "is empty"
    if not _PRIVATE.isdisjoint(mistake.path):
        return "has not the right form"
    return f"is {shown(mistake.found)}"


def _examples(mistake: Mistake) -> str:
    if mistake.expected == "text" and isinstance(mistake.found, int | float):
        return "Put it in quotes."
    if isinstance(mistake.found, str) and mistake.expected.endswith(DOLLARLESS):
        return _without_dollar(mistake.found)
    if not mistake.examples:
        return ""
    return "For example " + " or ".join(shown(each) for each in mistake.examples) + "."


def _without_dollar(found: str) -> str:
    name = found.removeprefix("$")
    return f"Write `{name}`, without the dollar sign." if name != found else ""


def _where(path: tuple[str | int, ...], whole: str) -> str:
    if not path:
        return whole
    last = path[-1]
    if isinstance(last, int):
        return f"item {last + 1} of {_where(path[:-1], whole)}"
    return named(last)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
