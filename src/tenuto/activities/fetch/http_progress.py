"""How far a fetch has come, as the next attempt will find it."""

from typing import Literal

from pydantic import NonNegativeInt
from temporalio import activity

from tenuto.activities.heartbeat import stop_if_cancelled
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.records import Record
from tenuto.core.references import ArtifactUri, Dataset


class Part(Record):
    """One stored page, and the one before it."""

    version: Literal[1] = 1
    dataset: Dataset
    before: ArtifactUri | None


class Progress(Record):
    """Everything up to and including the last page that was stored.

    It travels in the heartbeat, so it stays small: the parts are a chain in the artifact store,
    each naming the one before it, and only the last is named here.
    """

    version: Literal[1] = 1
    is_complete: bool = False
    position: int | str | None = None
    """Of the next page."""
    pages: NonNegativeInt = 0
    rows: NonNegativeInt = 0
    bytes: NonNegativeInt = 0
    last_part: ArtifactUri | None = None
    last_page: str = ""
    """Fingerprint of the last answer."""
    seen: tuple[str, ...] = ()
    """Declared columns that some record had, sorted."""


def resumed() -> Progress | None:
    """Where the attempt before this one stopped; None at the first."""
    if not activity.in_activity():
        return None
    details = activity.info().heartbeat_details
    return Progress.model_validate(details[1]) if len(details) > 1 else None


def report(progress: Progress, message: str = "") -> None:
    """Tells the engine how far the fetch is, for people and for the next attempt."""
    stop_if_cancelled()
    if activity.in_activity():
        said = message or f"page {progress.pages} stored"
        activity.heartbeat(
            {"rows": progress.rows, "message": said}, progress.model_dump(mode="json")
        )


def store_part(store: ArtifactStore, dataset: Dataset, before: str | None) -> str:
    """The URI of a part with `dataset`, which follows the part `before`."""
    part = Part(dataset=dataset, before=before)
    return store.put_json(part.model_dump(mode="json"), name="part of a fetch").uri


def stored_parts(store: ArtifactStore, last: str | None) -> list[Dataset]:
    """The datasets of all parts, in the order in which they were stored."""
    found: list[Dataset] = []
    while last is not None:
        part = Part.model_validate(store.get_json(last))
        found.append(part.dataset)
        last = part.before
    return found[::-1]
