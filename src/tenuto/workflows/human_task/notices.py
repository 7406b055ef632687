"""Telling people about a task while it goes on: whatever fails here stops nothing."""

import asyncio
from collections.abc import Callable, Sequence

from pydantic import ValidationError
from temporalio import workflow

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.core.errors import TenutoError
from tenuto.workflows.notices import deliver_to_all

Note = Callable[[str, str], None]


class Notices:
    """The notices of one task that are being sent."""

    def __init__(self, note: Note) -> None:
        """`note` is told what came of each: `told` or `not told`, and the receipts in words."""
        self._note = note
        self._under_way: set[asyncio.Task[None]] = set()
        self._count = 0

    @property
    def are_under_way(self) -> bool:
        """Whether some are being sent."""
        return bool(self._under_way)

    def send(self, recipients: Sequence[Recipient], message: Message) -> None:
        """Begins to tell them, and returns at once."""
        if not recipients:
            return
        self._count += 1
        sending = asyncio.create_task(self._send(recipients, message, f"notice-{self._count}"))
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)

    def stop(self) -> None:
        """Tries no further: the task is over, or goes on with a fresh history."""
        for sending in self._under_way:
            sending.cancel()

    async def _send(self, recipients: Sequence[Recipient], message: Message, step: str) -> None:
        try:
            receipts = await deliver_to_all(recipients, message, step=step)
        except (TenutoError, ValidationError) as wrong:
            workflow.logger.warning("task_notice_not_sent: %s", wrong)
            self._note("not told", f"{message.subject}: {str(wrong)[:500]}")
            return
        told = [f"{each.recipient}: {each.outcome} {each.detail}".strip() for each in receipts]
        is_told = any(each.outcome != "failed" for each in receipts)
        self._note("told" if is_told else "not told", f"{message.subject} ({'; '.join(told)})")
