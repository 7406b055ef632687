"""What an agent has spent of its budget, and whether the next call is still within it."""

from datetime import datetime, timedelta
from decimal import Decimal

from tenuto.packs.agents.handoffs import ModelReply
from tenuto.packs.agents.models import Budget, Spent

_LONGEST_REPLY = 32_000
"""Tokens; what providers let one reply have, roughly."""


class Spending:
    """Counts against one budget. Moments are the run's own."""

    def __init__(self, budget: Budget, began: datetime) -> None:
        self._budget = budget
        self._working_since: datetime | None = began
        self._worked = timedelta(0)
        self.usd = Decimal(0)
        self.input_tokens = 0
        self.output_tokens = 0
        self.model_calls = 0
        self.tool_calls = 0

    def replied(self, reply: ModelReply) -> None:
        """A model call was paid for."""
        self.usd += reply.usd or 0
        self.input_tokens += reply.input_tokens
        self.output_tokens += reply.output_tokens

    def rest(self, now: datetime) -> None:
        """From now on it waits for people."""
        self._worked = self._time(now)
        self._working_since = None

    def work(self, now: datetime) -> None:
        """From now on it works again."""
        self._working_since = now

    def left(self, now: datetime) -> timedelta:
        """Time it may still work; negative when it is over."""
        return self._budget.time - self._time(now)

    def longest_reply(self) -> int:
        """Tokens that the next reply may have."""
        return max(1, min(_LONGEST_REPLY, self._budget.tokens - self._tokens))

    def exceeded(self, now: datetime) -> str | None:
        """Which limit was reached, in words; None while another call is within the budget."""
        budget = self._budget
        if budget.usd is not None and self.usd >= budget.usd:
            return f"spent {self.usd} of {budget.usd} US dollars"
        if self._tokens >= budget.tokens:
            return f"used {self._tokens:,} of {budget.tokens:,} tokens"
        if self._steps >= budget.steps:
            return f"took {self._steps} of {budget.steps} steps"
        if self.left(now) <= timedelta(0):
            return f"worked for {self._time(now)} of {budget.time}"
        return None

    def so_far(self, now: datetime) -> Spent:
        """The numbers."""
        return Spent(
            usd=self.usd,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            model_calls=self.model_calls,
            tool_calls=self.tool_calls,
            seconds=int(self._time(now).total_seconds()),
        )

    @property
    def _tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def _steps(self) -> int:
        return self.model_calls + self.tool_calls

    def _time(self, now: datetime) -> timedelta:
        if self._working_since is None:
            return self._worked
        return self._worked + (now - self._working_since)
