"""Events that came for a run, kept in order until a listener takes them."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Protocol

from pydantic import JsonValue, NonNegativeInt

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.workflows.interpreter.cloud_events import CloudEvent, read_event, text_of
from tenuto.workflows.interpreter.guards import Pace

MOST_KEPT = 1_000
MOST_KEPT_CHARS = 1_000_000
"""What is kept travels with the run when it goes on with a fresh history."""
REMEMBERED = 2_000
"""So many events are known again when they come twice. A change of these three changes what a
replay does: it needs a new interpreter version."""
_SHOWN = 20


class Kept(Record):
    """An event that nobody has taken yet."""

    number: int
    """Order of arrival in this run, from 1."""
    event: CloudEvent
    chars: NonNegativeInt
    """Of its JSON text."""

    def view(self) -> dict[str, JsonValue]:
        """As the query `pending` shows it: without its data."""
        shown = ("type", "source", "id", "subject", "time")
        return {name: self.event[name] for name in shown if name in self.event}


class Refused(Record):
    """Something that came and is no event for this run."""

    code: str
    reason: str


class InboxState(Record):
    """What a run carries over when it goes on with a fresh history."""

    kept: tuple[Kept, ...] = ()
    """Oldest first."""
    seen: tuple[str, ...] = ()
    """Digests of `source` and `id` of the latest events, oldest first."""
    arrived: NonNegativeInt = 0
    duplicates: NonNegativeInt = 0
    refused: NonNegativeInt = 0
    latest_refused: tuple[Refused, ...] = ()


class Choice(Protocol):
    """Which of the kept events a listener would take."""

    def is_behind(self, kept: Iterable[Kept]) -> bool:
        """Whether it has to read before it can choose."""
        ...

    async def read(self, kept: Iterable[Kept], pace: Pace) -> None:
        """Holds the events against what is waited for, each once; takes time when it is much."""
        ...

    def choose(self, kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
        """The events, in order of arrival, once they are complete; none before. Of those that
        were read."""
        ...

    def view(self) -> dict[str, JsonValue]:
        """What is waited for, as the query `pending` shows it."""
        ...


class Listener:
    """One listening task. Nothing leaves the inbox before all that it waits for is there."""

    def __init__(self, inbox: "Inbox", choice: Choice) -> None:
        self._inbox = inbox
        self._choice = choice
        self._chosen: tuple[Kept, ...] = ()

    def is_behind(self) -> bool:
        """Whether it has to read before it can be served."""
        return self._choice.is_behind(self._inbox._kept.values())

    async def read(self, pace: Pace) -> None:
        """Reads what is there by now."""
        await self._choice.read(tuple(self._inbox._kept.values()), pace)

    def is_served(self) -> bool:
        """Whether it is this listener's turn to take what it waits for.

        One listener has its turn at a time, until it has taken its events or has gone: the run
        goes on with what follows from them before another one is asked. So of two branches that
        compete, the one that is cancelled takes nothing.
        """
        return self._inbox._serves(self)

    def take(self) -> list[CloudEvent]:
        """The events, in order of arrival; they leave the inbox. Only after `is_served`."""
        return self._inbox._hand_out(self)

    def view(self) -> dict[str, JsonValue]:
        """As the query `pending` shows it."""
        return self._choice.view()


class Inbox:
    """The events of one run."""

    def __init__(self, state: InboxState | None = None) -> None:
        state = state or InboxState()
        self._kept = {each.number: each for each in state.kept}
        self._chars = sum(each.chars for each in state.kept)
        self._seen = dict.fromkeys(state.seen)
        self._arrived = state.arrived
        self._duplicates = state.duplicates
        self._refused = state.refused
        self._latest_refused = deque(state.latest_refused, maxlen=_SHOWN)
        self._listeners: list[Listener] = []
        self._turn: Listener | None = None

    def offer(self, value: JsonValue) -> bool:
        """Keeps an event; False for one that came before, and for what is refused.

        Whoever sent it cannot be answered: refusals are counted, and `pending` shows the latest.
        """
        try:
            event = read_event(value)
            key, chars = _digest(event), len(text_of(event))
            if key in self._seen:
                self._duplicates += 1
                return False
            self._refuse_overflow(chars)
        except UsageError as refusal:
            self.note_refused(refusal)
            return False
        self._remember(key)
        self._arrived += 1
        self._kept[self._arrived] = Kept(number=self._arrived, event=event, chars=chars)
        self._chars += chars
        return True

    def note_refused(self, refusal: UsageError) -> None:
        """Counts something that came and was not taken."""
        self._refused += 1
        self._latest_refused.append(Refused(code=refusal.code, reason=refusal.message))

    @contextmanager
    def listening(self, choice: Choice) -> Iterator[Listener]:
        """A listener, for as long as the block lasts."""
        listener = Listener(self, choice)
        self._listeners.append(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)
            if self._turn is listener:
                self._turn = None

    def pending(self) -> dict[str, JsonValue]:
        """What waits for events, what events wait, and what was refused; for the query."""
        kept = list(self._kept.values())
        return {
            "listening": [listener.view() for listener in self._listeners],
            "kept": len(kept),
            "oldest_kept": [each.view() for each in kept[:_SHOWN]],
            "arrived": self._arrived,
            "duplicates": self._duplicates,
            "refused": self._refused,
            "latest_refused": [each.model_dump() for each in self._latest_refused],
        }

    def state(self) -> InboxState:
        """What to give the next run's inbox."""
        return InboxState(
            kept=tuple(self._kept.values()),
            seen=tuple(self._seen),
            arrived=self._arrived,
            duplicates=self._duplicates,
            refused=self._refused,
            latest_refused=tuple(self._latest_refused),
        )

    def _serves(self, listener: Listener) -> bool:
        if self._turn is not None or listener not in self._listeners:
            return self._turn is listener
        listener._chosen = listener._choice.choose(tuple(self._kept.values()))
        if listener._chosen:
            self._turn = listener
        return bool(listener._chosen)

    def _hand_out(self, listener: Listener) -> list[CloudEvent]:
        assert self._turn is listener  # noqa: S101 (a listener takes only in its turn)
        for each in listener._chosen:
            del self._kept[each.number]
            self._chars -= each.chars
        self._turn = None
        return [each.event for each in listener._chosen]

    def _refuse_overflow(self, chars: int) -> None:
        if len(self._kept) >= MOST_KEPT or self._chars + chars > MOST_KEPT_CHARS:
            raise UsageError(
                f"{len(self._kept):,} events wait that nobody takes; a run keeps at most"
                f" {MOST_KEPT:,} and {MOST_KEPT_CHARS:,} characters of them.",
                code="events.inbox-full",
            )

    def _remember(self, key: str) -> None:
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]


def _digest(event: CloudEvent) -> str:
    """What two events have in common that are one and the same."""
    return sha256(text_of([event["source"], event["id"]]).encode()).hexdigest()
