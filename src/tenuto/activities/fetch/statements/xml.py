"""XML messages piece by piece: large files in little memory, and no trick of XML at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import ParseError, iterparse  # type: ignore[import-untyped]

from tenuto.core.errors import DataError

_DEEPEST = 64


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One element that is complete, and those around it, from the root on."""

    element: Element
    around: list[Element]

    @property
    def tag(self) -> str:
        """Its name without namespace."""
        return local(self.element)


def pieces(name: str, path: Path, wanted: frozenset[str]) -> Iterator[Piece]:
    """Every element with a wanted name, when it ends; it is taken out of its parent then.

    Raises DataError `statements.not-xml` for text that is not XML, for a document type or an
    entity declaration, and for elements nested deeper than 64.
    """
    stack: list[Element] = []
    with _translated(name):
        for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                stack.append(element)
                if len(stack) > _DEEPEST:
                    raise _not_xml(name, f"elements are nested deeper than {_DEEPEST}")
                continue
            stack.pop()
            if local(element) in wanted:
                yield Piece(element=element, around=list(stack))
                if stack:
                    stack[-1].remove(element)


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def child(element: Element | None, path: str) -> Element | None:
    """The first element down a path of names such as `Acct/Id/IBAN`, or None."""
    for name in path.split("/"):
        if element is None:
            return None
        element = next((each for each in element if local(each) == name), None)
    return element


def children(element: Element | None, name: str) -> list[Element]:
    """The elements right below, by name."""
    return [] if element is None else [each for each in element if local(each) == name]


def text(element: Element | None, path: str = "") -> str | None:
    """The text down a path, blanks cut off; None where there is none."""
    found = child(element, path) if path else element
    plain = (found.text or "").strip() if found is not None else ""
    return plain or None


def first_text(element: Element | None, *paths: str) -> str | None:
    """The text of the first path that has any."""
    return next((found for path in paths if (found := text(element, path))), None)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except DefusedXmlException as exc:
        found = "it declares a document type or entities, which statements never need"
        raise _not_xml(name, found) from exc
    except (ParseError, UnicodeError, LookupError) as exc:
        raise _not_xml(name, f"it is not whole: {exc}") from exc


def _not_xml(name: str, found: str) -> DataError:
    return DataError(
        f"{name} cannot be read as XML: {found}; have it sent again, or correct `message`",
        code="statements.not-xml",
        details={"file": name},
    )
