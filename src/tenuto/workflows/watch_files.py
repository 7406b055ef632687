"""One look for files, begun with what the look before remembers."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from tenuto.catalog.library.arrivals.catalog import look_for_files, start_for_file
from tenuto.catalog.library.arrivals.models import (
    MOST_STARTS,
    FoundVersion,
    Look,
    LookRequest,
    SeenFile,
    StartForFile,
    Watched,
    WatchRequest,
)
from tenuto.core.canonical import canonical_sha256

_AT_ONCE = 8


@workflow.defn(name="WatchFiles")
class WatchFiles:
    """The schedule hands each look the result of the last one that completed."""

    def __init__(self) -> None:
        self._postponed = 0
        self._started = 0

    @workflow.run
    async def run(self, watch: WatchRequest) -> Watched:
        """What is remembered now, and how much was started."""
        before = workflow.get_last_completion_result(Watched) or Watched()
        asked = canonical_sha256(watch.model_dump(mode="json"))
        look = await look_for_files(LookRequest(watch=watch, seen=_known(before, asked)))
        marks = await self._start_all(watch, look)
        files = tuple(marks.get(each.path, each) for each in look.files)
        return Watched(
            watch=asked,
            files=files,
            started=self._started,
            refused=sum(each.state == "refused" for each in files),
            postponed=self._postponed,
        )

    async def _start_all(self, watch: WatchRequest, look: Look) -> dict[str, SeenFile]:
        """Path -> what is to be remembered of each file that was tried."""
        seen = {each.path: each for each in look.files}
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(file: FoundVersion) -> SeenFile:
            async with room:
                return await self._start(watch, file, seen[file.path])

        self._postponed = max(0, len(look.arrived) - MOST_STARTS)
        marks = await asyncio.gather(*map(one, look.arrived[:MOST_STARTS]))
        return {each.path: each for each in marks}

    async def _start(self, watch: WatchRequest, file: FoundVersion, seen: SeenFile) -> SeenFile:
        request = StartForFile(watch=watch, file=file)
        try:
            outcome = await start_for_file(request, summary=file.name[:100])
        except ActivityError as error:
            # One file that no run can be started for keeps no other from being taken.
            cause = error.cause
            if not isinstance(cause, ApplicationError) or not cause.non_retryable:
                self._postponed += 1
                return seen
            problem = cause.message[:500]
            workflow.logger.error("file_refused", extra={"file": file.name, "problem": problem})
            return seen.model_copy(update={"state": "refused", "problem": problem})
        self._started += outcome.status == "started"
        state = "filtered" if outcome.status == "filtered" else "started"
        return seen.model_copy(update={"state": state})


def _known(before: Watched, asked: str) -> tuple[SeenFile, ...]:
    """What was seen before; what was refused or filtered under another trigger is new again."""
    if before.watch == asked:
        return before.files
    again = {"state": "waiting", "problem": ""}
    return tuple(
        each if each.state in ("waiting", "started") else each.model_copy(update=again)
        for each in before.files
    )
