"""What every provider can do: look, judge what it found, and say whether it is something else."""

from typing import Protocol

from tenuto.packs.monitors.models import (
    CompareRequest,
    Comparison,
    Finding,
    Judgement,
    JudgeRequest,
    LookRequest,
    ProviderConfig,
)


class Provider(Protocol):
    """Looks for a monitor."""

    def check(self, config: ProviderConfig) -> None:
        """Refuses what the provider cannot be asked. Raises UsageError naming the option."""

    async def search(self, request: LookRequest) -> Finding:
        """What the web says now. A finding without sources tells nobody."""

    async def judge(self, request: JudgeRequest) -> Judgement:
        """Whether the condition is met, by which fields, and the value of each of them."""

    async def compare(self, request: CompareRequest) -> Comparison:
        """Whether the state is another one than before; equal states ask nobody."""
