"""What happens in an agent's run, line by line, until it is written down as the transcript."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from tenuto.core.references import Document
from tenuto.packs.agents.handoffs import Happening, Kind, ModelReply, TranscriptRequest


class Diary:
    """The happenings of one run, in order."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self.turns: list[Document] = []

    def note(self, at: datetime, kind: Kind, data: Mapping[str, JsonValue]) -> None:
        """One more line."""
        self.happenings.append(Happening(at=at, kind=kind, data=dict(data)))

    def replied(self, at: datetime, reply: ModelReply) -> None:
        """What the model said, and what it cost."""
        self.turns.append(reply.turn)
        told = reply.model_dump(mode="json", exclude={"turn", "calls"})
        self.note(at, "model", {**told, "calls": len(reply.calls)})

    def as_request(self, workflow_id: str, agent: str) -> TranscriptRequest:
        """All of it, to be written down."""
        return TranscriptRequest(
            workflow_id=workflow_id,
            agent=agent,
            happenings=tuple(self.happenings),
            turns=tuple(self.turns),
        )
