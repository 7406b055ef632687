"""Reads one document in a process of its own, `python -m tenuto.packs.monitors.providers.reading`.

A page of 600 kB of open tags takes a parser 40 seconds, a selector of nine signs never ends on
600 bytes, and neither can be stopped within a process: so this one is killed. It starts without
the rest of Tenuto, with an empty environment, and reads a job from standard input:

    {"kind": "html" | "json" | "text", "text": ..., "picks": [...], "readable": true, "most": ...}

A pick is `{"selector": ..., "attribute": ...}`, `{"regex": ...}`, or `{"jsonpath": ...}`. The
answer is `{"title", "text", "picked": [{"count", "values"}]}`, or `{"wrong": {"pick", "why"}}`.
"""

import json
import re
import resource
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

MEMORY = 2 * 1024**3
MOST_VALUES = 100
LONGEST_VALUE = 2_000
MOST_COUNTED = 100_000


class WrongPick(Exception):  # noqa: N818 (what it is)
    """A selector, pattern, or path that cannot be used, or does not fit the document."""


def main() -> None:
    """Reads the job, writes the answer."""
    _limit_memory()
    job = json.load(sys.stdin)
    json.dump(read(job), sys.stdout)


def read(job: dict[str, Any]) -> dict[str, Any]:
    """The answer to a job."""
    document = _DOCUMENTS[job["kind"]](job["text"])
    picked = []
    for number, pick in enumerate(job["picks"]):
        try:
            picked.append(_picked(document, pick))
        except WrongPick as wrong:
            return {"wrong": {"pick": number, "why": str(wrong)}}
        except RecursionError:
            return {"wrong": {"pick": number, "why": "the document is nested too deeply for it"}}
    most = job["most"]
    text = document.readable() if job["readable"] else document.text()
    return {"title": document.title()[:300], "text": text[:most], "picked": picked}


class _Html:
    def __init__(self, text: str) -> None:
        self._source = text
        self._tree = LexborHTMLParser(text)

    def title(self) -> str:
        node = self._tree.css_first("title")
        return _one_line(node.text()) if node else ""

    @cached_property
    def _text(self) -> str:
        # A tree of its own: selectors may ask for a script.
        tree = LexborHTMLParser(self._source)
        tree.strip_tags(["script", "style", "noscript", "template"])
        body = tree.body or tree.root
        return _lines(body.text(separator="\n")) if body else ""

    def text(self) -> str:
        return self._text

    def readable(self) -> str:
        import trafilatura

        main_part = trafilatura.extract(self._source, include_comments=False)
        return _lines(main_part) if main_part else self.text()

    def by_selector(self, selector: str, attribute: str) -> Iterator[str]:
        try:
            found = self._tree.css(selector)
        except (SelectolaxError, ValueError) as wrong:
            raise WrongPick(f"the selector `{selector}` is not CSS: {wrong}") from None
        for node in found:
            if attribute:
                value = node.attributes.get(attribute)
                if value is not None:
                    yield value
            else:
                yield _one_line(node.text(separator=" "))

    def by_path(self, path: str) -> Iterator[str]:
        raise WrongPick(f"the path `{path}` is for JSON, and the document is a page")


class _Json:
    def __init__(self, text: str) -> None:
        self._source = text
        try:
            self._value = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
        except (ValueError, RecursionError) as wrong:
            self._value, self._wrong = None, str(wrong)
        else:
            self._wrong = ""

    def title(self) -> str:
        return ""

    def text(self) -> str:
        return self._source

    readable = text

    def by_selector(self, selector: str, attribute: str) -> Iterator[str]:
        raise WrongPick(f"the selector `{selector}` is for pages, and the document is JSON")

    def by_path(self, path: str) -> Iterator[str]:
        from jsonpath import JSONPathEnvironment, JSONPathError

        if self._wrong:
            raise WrongPick(f"the document says that it is JSON, and is not: {self._wrong}")
        try:
            for found in JSONPathEnvironment(strict=True).finditer(path, self._value):
                yield _written(found.obj)
        except JSONPathError as wrong:
            raise WrongPick(f"the path `{path}` is not JSONPath: {wrong}") from None


class _Text:
    def __init__(self, text: str) -> None:
        self._source = text

    def title(self) -> str:
        return ""

    def text(self) -> str:
        return _lines(self._source)

    readable = text

    def by_selector(self, selector: str, attribute: str) -> Iterator[str]:
        raise WrongPick(f"the selector `{selector}` is for pages, and the document is plain text")

    def by_path(self, path: str) -> Iterator[str]:
        raise WrongPick(f"the path `{path}` is for JSON, and the document is plain text")


_DOCUMENTS: dict[str, Any] = {"html": _Html, "json": _Json, "text": _Text}


def _picked(document: Any, pick: dict[str, str]) -> dict[str, Any]:
    if "selector" in pick:
        found = document.by_selector(pick["selector"], pick.get("attribute", ""))
    elif "jsonpath" in pick:
        found = document.by_path(pick["jsonpath"])
    else:
        found = _by_regex(pick["regex"], document.text())
    first = [value[:LONGEST_VALUE] for value in islice(found, MOST_VALUES)]
    more = sum(1 for _ in islice(found, MOST_COUNTED)) if len(first) == MOST_VALUES else 0
    return {"count": len(first) + more, "values": first}


def _by_regex(pattern: str, text: str) -> Iterator[str]:
    """The first group of each match, or the whole match."""
    try:
        compiled = re.compile(pattern, re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as wrong:
        raise WrongPick(f"the pattern `{pattern}` is no regular expression: {wrong}") from None
    for match in compiled.finditer(text):
        yield (match[1] if compiled.groups else match[0]) or ""


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    return "\n".join(line for line in map(_one_line, text.splitlines()) if line)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON value")


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ValueError, OSError):
        # macOS refuses limits of address space; the time limit of the parent holds anyway.
        return


if __name__ == "__main__":
    main()
