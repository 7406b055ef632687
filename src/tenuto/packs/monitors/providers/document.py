"""One document of the web: fetched under the guard, and read in a process that can be killed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import JsonValue

from tenuto.activities import http
from tenuto.core.errors import DataError, UsageError
from tenuto.packs.monitors.providers.charset import decoded
from tenuto.packs.monitors.providers.page_options import Pick

FETCH_WITHIN = timedelta(seconds=30)
READ_WITHIN = timedelta(seconds=20)
LONGEST_TEXT = 200_000
"""Characters of a page's text that are looked at."""

_READER = "tenuto.packs.monitors.providers.reading"
_ACCEPT = "text/html, application/xhtml+xml, application/json;q=0.9, text/*;q=0.8, */*;q=0.1"


@dataclass(frozen=True)
class Fetched:
    """A document as it came."""

    url: str
    """Where it came from in the end, after redirects."""
    kind: str
    """`html`, `json`, or `text`."""
    text: str


@dataclass(frozen=True)
class Picked:
    """What one pick found."""

    count: int
    values: tuple[str, ...]
    """The first hundred, in the order of the page."""

    @property
    def first(self) -> str | None:
        """The first one that has any text; None where there is none."""
        return next((value for value in self.values if value.strip()), None)


@dataclass(frozen=True)
class Reading:
    """What a document says."""

    title: str
    text: str
    picked: tuple[Picked, ...]
    """One for each pick, in order."""


def fetch(url: str, *, most_bytes: int) -> Fetched:
    """The document at `url`.

    Raises what `tenuto.activities.http.request` raises, and DataError `monitors.not-a-text` for
    what is no page, JSON, or text.
    """
    answer = http.request(
        "GET", url, headers={"accept": _ACCEPT}, timeout=FETCH_WITHIN, max_bytes=most_bytes
    )
    content_type = answer.headers.get("content-type", "")
    return Fetched(answer.url, _kind(content_type, url), decoded(answer.body, content_type))


def read(
    document: Fetched, picks: tuple[Pick, ...], *, readable: bool, within: timedelta = READ_WITHIN
) -> Reading:
    """What the document says, and what each pick finds in it.

    Raises UsageError `monitors.selector-invalid` for a pick that cannot be used, DataError
    `monitors.page-unreadable` where reading takes longer than `within`, or too much memory.
    """
    job: dict[str, JsonValue] = {
        "kind": document.kind,
        "text": document.text,
        "picks": [pick_job(pick) for pick in picks],
        "readable": readable,
        "most": LONGEST_TEXT,
    }
    answer = _in_a_child(json.dumps(job).encode(), document.url, within)
    if "wrong" in answer:
        raise UsageError(
            f"The page at {document.url} cannot be read as the monitor says: "
            f"{answer['wrong']['why']}. Correct `options` of the monitor.",
            code="monitors.selector-invalid",
        )
    return Reading(
        title=answer["title"],
        text=answer["text"],
        picked=tuple(
            Picked(count=each["count"], values=tuple(each["values"])) for each in answer["picked"]
        ),
    )


def pick_job(pick: Pick) -> dict[str, JsonValue]:
    """The pick as the reading process takes it."""
    if pick.selector is not None:
        return {"selector": pick.selector, "attribute": pick.attribute}
    if pick.jsonpath is not None:
        return {"jsonpath": pick.jsonpath}
    return {"regex": pick.regex or r"\A[\s\S]*"}


def _in_a_child(job: bytes, url: str, within: timedelta) -> Any:
    # -P and an environment of two: nothing of this worker reaches what reads a stranger's page.
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", _READER],
            input=job,
            capture_output=True,
            env=environment,
            timeout=within.total_seconds(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DataError(
            f"The page at {url} was not read within {within.total_seconds():g} seconds, so reading"
            " was ended. Choose a simpler selector or pattern, or another page.",
            code="monitors.page-unreadable",
        ) from None
    if done.returncode != 0:
        raise DataError(
            f"The page at {url} cannot be read: its reader ended with {done.returncode}"
            f" ({_last_line(done.stderr)}). Choose a simpler selector or pattern, or another page.",
            code="monitors.page-unreadable",
        )
    return json.loads(done.stdout)


def _last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "without a word"


def _kind(content_type: str, url: str) -> str:
    media = content_type.partition(";")[0].strip().lower()
    if media in ("", "text/html", "application/xhtml+xml"):
        return "html"
    if media in ("application/json", "text/json") or media.endswith("+json"):
        return "json"
    if media.startswith("text/") or media.endswith(("/xml", "+xml")):
        return "text"
    raise DataError(
        f"{url} serves {media[:80]}, which is no page, JSON, or text. Watch a page that shows it.",
        code="monitors.not-a-text",
    )
