"""Keeps a definition that never waits from stopping the worker."""

from datetime import datetime, timedelta

from tenuto.definitions.expressions import Tally, count_in
from tenuto.workflows.interpreter.host import Host

MOST_STEPS = 10_000
"""Steps in one activation of the engine. Its deadlock detector gives two seconds, and ends the
activation, again and again, where they do not do."""

_ENGINE_STEPS = 50
"""Steps of the expression engine, of about a microsecond each, that weigh as one of ours."""

BREATH = timedelta(milliseconds=1)


class Pace:
    """Counts what all branches of a run do without time passing: steps, and expressions by what
    they take."""

    def __init__(self, host: Host, most_steps: int = MOST_STEPS) -> None:
        self._host = host
        self._most_steps = most_steps
        self._moment: datetime | None = None
        self._steps = 0
        self._tally = Tally()

    def begin(self) -> None:
        """From here on the expressions of this task, and of those it starts, weigh too."""
        count_in(self._tally)

    async def step(self) -> None:
        """Counts one step; waits for a timer when there were too many."""
        # The clock stands still within an activation, so that a moved clock means a new one.
        self._count()
        while self._steps + self._tally.steps // _ENGINE_STEPS > self._most_steps:
            await self._host.sleep(BREATH, summary="breath between many steps")
            self._count()

    def _count(self) -> None:
        now = self._host.now()
        if now != self._moment:
            self._moment, self._steps, self._tally.steps = now, 0, 0
        self._steps += 1
