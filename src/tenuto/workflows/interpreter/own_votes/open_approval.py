"""One approval: while it waits, and what is kept of it afterwards."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, JsonValue

from tenuto.catalog.library.definitions.approval import ApprovalRequest, ApprovalResult, Vote
from tenuto.core.records import Record
from tenuto.definitions.plan import Pointer
from tenuto.workflows.interpreter.own_votes.voting import approvals_missing, outcome

Ending = Literal["decided", "expired", "withdrawn"]


class ClosedApproval(Record):
    """One that waits no more, kept to answer who comes late."""

    id: str
    name: str
    at: Pointer
    ending: Ending
    """`withdrawn`: the run went on without it."""
    closed_at: AwareDatetime
    decision: str | None = None
    by: str | None = None
    """Whose vote decided."""

    def sentence(self) -> str:
        """What became of it."""
        when = f"at {self.closed_at:%Y-%m-%d %H:%M:%S} UTC"
        if self.ending == "decided":
            return f"`{self.name}` is decided already: `{self.decision}` by `{self.by}` {when}"
        if self.ending == "expired":
            return f"`{self.name}` expired {when}"
        return f"The run stopped waiting for `{self.name}` {when}"


class OpenApproval:
    """One approval that waits."""

    def __init__(
        self,
        *,
        approval_id: str,
        name: str,
        at: Pointer,
        request: ApprovalRequest,
        since: datetime,
        until: datetime | None,
    ) -> None:
        """`until` is when it expires, UTC; None where it does not."""
        self.id = approval_id
        """Unlike the pointer, not the same again when a loop comes back."""
        self.name = name
        self.at = at
        self.request = request
        self.since = since
        self.until = until
        self.votes: tuple[Vote, ...] = ()
        self.result: ApprovalResult | None = None
        """What was decided."""
        self._reminders: list[JsonValue] = []

    def count(self, vote: Vote) -> None:
        """Adds a vote, and with it perhaps the result."""
        self.votes += (vote,)
        self.result = outcome(self.request, self.votes)

    def reminded(self, at: datetime, failure: str | None) -> None:
        """Notes that people were reminded, or why they could not be."""
        self._reminders.append({"at": at.isoformat(), "failure": failure})

    def closed(self, at: datetime, *, is_expired: bool = False) -> ClosedApproval:
        """What is kept of it when the run goes on at the moment `at`."""
        last = self.votes[-1] if self.result else None
        return ClosedApproval(
            id=self.id,
            name=self.name,
            at=self.at,
            ending="decided" if last else "expired" if is_expired else "withdrawn",
            closed_at=last.at if last else at,
            decision=last.decision if last else None,
            by=last.by if last else None,
        )

    def view(self) -> dict[str, JsonValue]:
        """As the query `pending` shows it."""
        return {
            "id": self.id,
            "task": self.name,
            "at": self.at,
            "request": self.request.model_dump(mode="json", exclude_none=True),
            "votes": [vote.model_dump(mode="json") for vote in self.votes],
            "approvals_missing": approvals_missing(self.request, self.votes),
            "since": self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "reminders": [*self._reminders],
        }

    def sentence(self) -> str:
        """What it waits for and how to decide, in one line."""
        asked, votes = self.request, len(self.votes)
        named = [who.removeprefix("g:") for who in asked.approvers if who.startswith("g:")]
        groups = f" --groups {named[0]}" if len(named) == len(asked.approvers) else ""
        voted = f"; {votes} voted, {asked.need} must approve" if asked.need > 1 else ""
        until = f", until {_moment(self.until, self.since)} UTC" if self.until else ""
        return (
            f"`{self.name}` waits for {' or '.join(asked.approvers)} to decide"
            f" ({', '.join(asked.actions)}){voted}{until}: {asked.title}."
            f" Say so with `--task {self.name} --decision {asked.actions[0]} --by NAME{groups}`"
        )


def _moment(until: datetime, since: datetime) -> str:
    """To the minute; to the second where that is what is left."""
    is_soon = until - since < timedelta(hours=1)
    return f"{until:%Y-%m-%d %H:%M:%S}" if is_soon else f"{until:%Y-%m-%d %H:%M}"
