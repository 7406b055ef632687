"""`fork`: run tasks at the same time, all of them or until the first completes."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

from pydantic import JsonValue

from tenuto.core.problem import Fault
from tenuto.definitions.plan import ForkTask
from tenuto.workflows.interpreter.frames import Ended
from tenuto.workflows.interpreter.host import Host, Running


class Branch(Protocol):
    """One branch, not yet started."""

    async def run(self) -> Ended | None:
        """How it ended; a branch never pauses."""
        ...


async def run(task: ForkTask, branches: Sequence[Branch], context: JsonValue, host: Host) -> Ended:
    """How the branches ended together. No branch runs any more when this returns or raises.

    All: the outputs in declared order, and what each branch exported, merged in that order; the
    first that fails cancels the others. Competing: output and context of the first that completes;
    the last error when every branch fails. A branch that says `end` ends the run with its data.
    """
    names = [branch.name for branch in task.branches]
    running = [
        host.start(_to_its_end(each), name=name) for each, name in zip(branches, names, strict=True)
    ]
    try:
        ended = await _together(task, running, context, host)
    except GeneratorExit:  # the run is dropped from memory: nobody is left to wait
        raise
    except BaseException:
        await _stop(running, host)
        raise
    await _stop(running, host)
    return ended


async def _together(
    task: ForkTask, running: Sequence[Running[Ended]], context: JsonValue, host: Host
) -> Ended:
    if not running:
        return Ended(data=[], context=context)
    if task.compete:
        return await _first(running, host)
    return await _all(running, context, host)


async def _to_its_end(branch: Branch) -> Ended:
    ended = await branch.run()
    assert ended is not None  # noqa: S101 (branches never pause)
    return ended


async def _all(running: Sequence[Running[Ended]], context: JsonValue, host: Host) -> Ended:
    waiting = list(running)
    while waiting:
        await host.first_of(waiting)
        for each in [each for each in waiting if each.done()]:
            ended = each.result()
            if ended.is_end:
                return ended
            waiting.remove(each)
    results = [each.result() for each in running]
    return Ended(
        data=[each.data for each in results],
        context=merged(context, [each.context for each in results]),
    )


async def _first(running: Sequence[Running[Ended]], host: Host) -> Ended:
    waiting = list(running)
    while True:
        await host.first_of(waiting)
        for each in [each for each in waiting if each.done()]:
            try:
                return each.result()
            except Fault:
                waiting.remove(each)
                if not waiting:
                    raise


async def _stop(running: Sequence[Running[Ended]], host: Host) -> None:
    """Cancels what still runs and waits until it has cleaned up, however often we are cancelled."""
    for each in running:
        if not each.done():
            each.cancel()
    cancelled: asyncio.CancelledError | None = None
    while waiting := [each for each in running if not each.done()]:
        try:
            await host.first_of(waiting)
        except asyncio.CancelledError as request:
            cancelled = request
    for each in running:
        # Whoever lost has nothing to say any more; asking for it keeps asyncio from complaining.
        with contextlib.suppress(Exception, asyncio.CancelledError):
            each.result()
    if cancelled is not None:
        raise cancelled


def merged(before: JsonValue, after: Sequence[JsonValue]) -> JsonValue:
    """One context of several that began as `before`; nothing exported yet is an empty one.

    Members that a branch set or removed are taken over, the later branch's where two did; a
    branch that exported something other than an object replaces everything.
    """
    start: JsonValue = {} if before is None else before
    context = start
    for each in after:
        if each == before:
            continue
        if isinstance(each, dict) and isinstance(start, dict) and isinstance(context, dict):
            kept = {
                name: value for name, value in context.items() if name not in start.keys() - each
            }
            changed = {
                name: value
                for name, value in each.items()
                if name not in start or start[name] != value
            }
            context = {**kept, **changed}
        else:
            context = each
    return before if context == start else context
