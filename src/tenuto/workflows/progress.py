"""How far a run is and what it waits for, in words: for its queries and for its page."""

from datetime import datetime, timedelta

from temporalio import workflow


class Steps:
    """The steps of a run as they begin, one after the other."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.current = "starting"
        """What happens now."""
        self.waiting_until: datetime | None = None
        """When the run gives up waiting for people, UTC; None when it does not wait."""

    def begin(self, what: str) -> None:
        """The next step begins."""
        self.done = min(self.done + (self.current != "starting"), self.total)
        self.current = what
        workflow.set_current_details(f"{self.done}/{self.total} {what}")

    def wait(self, what: str, *, until: datetime | None, at_most: timedelta) -> timedelta:
        """The run waits for people from now on; how long, until `until` unless that is past."""
        now = workflow.now()
        self.waiting_until = until if until and until > now else now + at_most
        self.current = f"{what}, until {self.waiting_until:%Y-%m-%d %H:%M} UTC"
        workflow.set_current_details(self.current)
        return self.waiting_until - now

    def left(self) -> timedelta:
        """How long the run still waits; zero once that is over, or when it does not wait."""
        until = self.waiting_until
        return timedelta(0) if until is None else max(until - workflow.now(), timedelta(0))

    def waited(self) -> None:
        """The run goes on."""
        self.waiting_until = None
