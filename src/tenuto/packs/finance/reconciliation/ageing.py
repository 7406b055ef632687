"""How a desk speaks up about breaks that grow too old: what is due, and what is sent again."""

import asyncio
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.packs.finance.reconciliation import case_changes, catalog
from tenuto.packs.finance.reconciliation.book import BreakBook
from tenuto.packs.finance.reconciliation.cases import BreakCase, DueNotice, Notice, Step
from tenuto.packs.finance.reconciliation.listing import importance
from tenuto.packs.finance.reconciliation.rules import NoticeRecipient

RETRY_NOTICES = timedelta(hours=1)
"""When an undelivered notice is tried again."""

_PER_NOTICE = 500


class AgeingNotices:
    """The notices of one desk."""

    def __init__(self, book: BreakBook, undelivered: tuple[Notice, ...]) -> None:
        self._book = book
        self._retry_at: datetime | None = None
        self.undelivered = undelivered
        """What is tried again."""

    async def speak_up(self) -> None:
        """Sends every notice that is due; one that cannot be delivered is tried again later."""
        now = workflow.now()
        self.undelivered += tuple(self._due(now))
        if not self.undelivered or (self._retry_at is not None and now < self._retry_at):
            return
        sent = await asyncio.gather(*(_send(each) for each in self.undelivered))
        self.undelivered = tuple(
            notice for notice, is_sent in zip(self.undelivered, sent, strict=True) if not is_sent
        )
        self._retry_at = workflow.now() + RETRY_NOTICES if self.undelivered else None

    def next_moment(self) -> datetime | None:
        """When something is to be sent next, UTC; None when nothing will be by age alone."""
        steps = [case_changes.due(case) for case in self._book.open()]
        moments = [step[1] for step in steps if step is not None]
        if self._retry_at is not None:
            moments.append(self._retry_at)
        return min(moments, default=None)

    def _due(self, now: datetime) -> Iterable[Notice]:
        by_step: dict[Step, list[DueNotice]] = {}
        for case in sorted(self._book.open(), key=importance):
            next_step = case_changes.due(case)
            if next_step is None or next_step[1] > now:
                continue
            step, moment = next_step
            names = [each.name for each in self._recipients(step)]
            self._book.cases[case.break_id] = case_changes.stepped(case, step, now, names)
            by_step.setdefault(step, []).append(_notice_of(case, moment))
        for step, breaks in by_step.items():
            for recipient in self._recipients(step):
                for start in range(0, len(breaks), _PER_NOTICE):
                    part = tuple(breaks[start : start + _PER_NOTICE])
                    yield Notice(
                        rec_id=self._book.rules.rec_id,
                        step=step,
                        recipient=recipient,
                        breaks=part,
                        idempotency_key=_key(self._book.rules.rec_id, step, recipient.name, part),
                    )

    def _recipients(self, step: Step) -> list[NoticeRecipient]:
        role = "manager" if step == "notify" else "escalation"
        return [each for each in self._book.rules.notices if each.role == role]


async def _send(notice: Notice) -> bool:
    try:
        await catalog.send_notice(notice, summary=f"{notice.step} {notice.recipient.name}")
    except ActivityError as failed:
        if is_cancelled_exception(failed):
            raise
        workflow.logger.warning("notice to %s failed", notice.recipient.name)
        return False
    return True


def _notice_of(case: BreakCase, moment: datetime) -> DueNotice:
    return DueNotice(
        break_id=case.break_id,
        key=case.key,
        break_class=case.break_class,
        priority=case.priority,
        owner=case.owner,
        variance_base=case.variance_base,
        first_seen=case.first_seen,
        due=moment,
    )


def _key(rec_id: str, step: Step, recipient: str, breaks: tuple[DueNotice, ...]) -> str:
    ids = " ".join(f"{each.break_id}@{each.first_seen}" for each in breaks)
    digest = hashlib.sha256(ids.encode()).hexdigest()[:32]
    return f"breaks/{rec_id}/{step}/{recipient}/{digest}"
