"""A monitor said piece by piece; `tenuto.monitors` begins one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenuto.packs.monitors.asked import name_of
from tenuto.packs.monitors.drafts import read_draft
from tenuto.packs.monitors.models import Behavior, Draft
from tenuto.packs.monitors.operations import Created, Monitors


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorBuilder:
    """A monitor as far as it was said; every call gives another one."""

    fields: dict[str, Any]
    opens: Callable[[], Awaitable[Monitors]]
    """Where it is created when nothing else is said."""

    def named(self, name: str) -> "MonitorBuilder":
        """Called `name`; by default as the question begins."""
        return self._with(name=name)

    def when(self, condition: str) -> "MonitorBuilder":
        """When somebody is told, in words."""
        return self._with(condition_description=condition)

    def check_every(self, schedule: str, *, time_zone: str = "UTC") -> "MonitorBuilder":
        """`6 hours`, `90 minutes`, or cron, whose times are in `time_zone`."""
        return self._with(schedule=schedule, time_zone=time_zone)

    def tell(self, behavior: Behavior) -> "MonitorBuilder":
        """`once`, which it is by default, `always`, or `track_state`."""
        return self._with(notify_behavior=behavior)

    def using(self, provider: str, *, model: str = "", **options: Any) -> "MonitorBuilder":
        """Who looks; `options` are the provider's, for example `url` of a page."""
        return self._with(config={"provider": provider, "model": model, "options": options})

    def notify(
        self,
        *,
        email: str | None = None,
        webhook: str | None = None,
        webhook_secrets: Sequence[str] = (),
    ) -> "MonitorBuilder":
        """Whom it tells. A webhook is signed with `webhook_secrets`, `secret://env/NAME` each."""
        notices: list[dict[str, Any]] = []
        if email is not None:
            notices.append({"type": "email", "address": email})
        if webhook is not None:
            secrets = list(webhook_secrets)
            notices.append({"type": "webhook", "url": webhook, "secrets": secrets})
        return self._with(notifications=notices)

    def draft(self) -> Draft:
        """The monitor as it is written. Raises UsageError `monitors.invalid`."""
        return read_draft(self.fields)

    async def create(
        self, monitors: Monitors | None = None, *, run_immediately: bool = False
    ) -> Created:
        """Creates it among `monitors`, by default where it was begun; policy is asked.

        Raises as `Monitors.create`, and UsageError `monitors.invalid`.
        """
        draft = self.draft()
        there = monitors or await self.opens()
        return await there.create(draft, run_immediately=run_immediately)

    def create_sync(self, *, run_immediately: bool = False) -> Created:
        """The same for code without an event loop."""
        return asyncio.run(self.create(run_immediately=run_immediately))

    def _with(self, **more: Any) -> "MonitorBuilder":
        return replace(self, fields={**self.fields, **more})


def fields_of(search_query: str) -> dict[str, Any]:
    """What a monitor that asks `search_query` begins with: it is called as the question begins."""
    return {"name": name_of(search_query), "search_query": search_query}
