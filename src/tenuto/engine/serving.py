"""Running workers until told to stop, then letting them finish what they hold."""

import asyncio
import logging
import signal
from collections.abc import Sequence

from temporalio.worker import Worker

logger = logging.getLogger(__name__)


class StopRequest:
    """Set by SIGTERM or SIGINT; a second signal means now."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._is_urgent = asyncio.Event()

    def listen(self) -> None:
        """Takes over SIGTERM and SIGINT of this process."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)

    def stop(self) -> None:
        """Asks to stop; asking twice asks to stop without waiting."""
        if self._event.is_set():
            self._is_urgent.set()
        self._event.set()

    async def wait(self) -> None:
        """Returns once somebody asked to stop."""
        await self._event.wait()

    async def wait_urgent(self) -> None:
        """Returns once somebody asked twice."""
        await self._is_urgent.wait()


async def serve(workers: Sequence[Worker], stop: StopRequest) -> None:
    """Runs `workers` until `stop`, then drains them: no new task, running activities finish.

    Raises what a worker died of, after stopping the others.
    """
    running = [asyncio.create_task(worker.run()) for worker in workers]
    asked = asyncio.create_task(stop.wait())
    logger.info("workers_started", extra={"queues": [worker.task_queue for worker in workers]})
    try:
        await asyncio.wait([asked, *running], return_when=asyncio.FIRST_COMPLETED)
        logger.info("workers_draining")
        await _drain(workers, running, stop)
    finally:
        asked.cancel()
    logger.info("workers_stopped")


async def _drain(
    workers: Sequence[Worker], running: list[asyncio.Task[None]], stop: StopRequest
) -> None:
    drained = asyncio.create_task(_finish(workers, running))
    urgent = asyncio.create_task(stop.wait_urgent())
    await asyncio.wait([drained, urgent], return_when=asyncio.FIRST_COMPLETED)
    urgent.cancel()
    if drained.done():
        drained.result()
    else:
        logger.warning("workers_stopped_without_draining")


async def _finish(workers: Sequence[Worker], running: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*(worker.shutdown() for worker in workers))
    await asyncio.gather(*running)
