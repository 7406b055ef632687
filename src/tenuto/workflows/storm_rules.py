"""What a storm guard decides: from what it knows and one question to an answer and new knowledge.

A window opens with the first message to an audience and lasts as long as the rule says. In it,
a topic is told once, and no more messages than the cap go out. The rest is counted, and told in
one digest when the window ends, or by the notice that the topic is over.
"""

from datetime import datetime
from typing import NamedTuple

from tenuto.catalog.library.notify.audience import Message
from tenuto.catalog.library.notify.storms import (
    Admission,
    AdmitRequest,
    Decided,
    GuardState,
    TopicState,
)

MAX_TOPICS = 300
"""More topics than this in one window are counted together."""
MAX_DECIDED = 300
"""Answers that are remembered for a question asked again."""
OTHER = "other topics"
_LISTED = 20


class Window(NamedTuple):
    """A window that has ended."""

    state: GuardState
    """Of the next window."""
    digest: Message | None
    """What was held back, if anything was."""
    is_quiet: bool
    """Nothing happened in it, so there is nothing left to guard."""


def first_window(request: AdmitRequest, now: datetime) -> GuardState:
    """What a guard knows before its first answer."""
    return GuardState(
        window_ends=now + request.rule.window, rule=request.rule, recipients=request.recipients
    )


def decide(state: GuardState, request: AdmitRequest, now: datetime) -> tuple[GuardState, Admission]:
    """The answer, and what is known after it. The same idempotency key gets the same answer."""
    for each in state.decided:
        if each.key == request.idempotency_key:
            return state, each.admission
    name = request.topic if _has_room(state, request.topic) else OTHER
    topic = state.topics.get(name, TopicState(seen=False))
    is_full = state.sent >= request.rule.cap
    if request.recovered:
        after, admission = _recovery(topic, is_full, now)
    else:
        after, admission = _occurrence(topic, is_full, now)
    if admission.decision == "suppressed":
        admission = admission.model_copy(update={"until": state.window_ends})
    return _remember(state, request, name, after, admission), admission


def end_window(state: GuardState, now: datetime) -> Window:
    """What is told of the window that ends at `now`, and the one that follows it.

    A topic that did not occur in it is forgotten: its next occurrence is news again.
    """
    held = {name: topic for name, topic in state.topics.items() if topic.suppressed}
    digest = _digest(held) if held else None
    after = {
        name: TopicState(seen=False, told=topic.told or digest is not None)
        for name, topic in state.topics.items()
        if topic.seen
    }
    following = state.model_copy(
        update={
            "window_ends": now + state.rule.window,
            "sent": 0,
            "topics": after,
            "digests": state.digests + (digest is not None),
        }
    )
    return Window(following, digest, is_quiet=not after)


def untold(state: GuardState, ended: GuardState) -> GuardState:
    """`state` with the counts of `ended` put back, because its digest reached nobody."""
    topics = dict(state.topics)
    for name, lost in ended.topics.items():
        if lost.suppressed:
            now = topics.get(name, TopicState(seen=True))
            topics[name] = now.model_copy(
                update={
                    "seen": True,
                    "told": lost.told,
                    "suppressed": now.suppressed + lost.suppressed,
                    "since": lost.since,
                }
            )
    return state.model_copy(update={"topics": topics})


def _occurrence(
    topic: TopicState, is_full: bool, now: datetime
) -> tuple[TopicState | None, Admission]:
    if not topic.told and not is_full:
        told = topic.model_copy(update={"seen": True, "told": True, "suppressed": 0, "since": None})
        return told, _send(topic)
    held = TopicState(
        told=topic.told, suppressed=topic.suppressed + 1, since=topic.since or now, seen=True
    )
    return held, Admission(decision="suppressed", suppressed=held.suppressed, since=held.since)


def _recovery(
    topic: TopicState, is_full: bool, now: datetime
) -> tuple[TopicState | None, Admission]:
    if not topic.told and not topic.suppressed:
        return None, Admission(decision="suppressed")  # nobody was told that it failed
    if is_full:
        return _occurrence(topic, is_full, now)
    return None, _send(topic)


def _send(topic: TopicState) -> Admission:
    return Admission(decision="send", suppressed=topic.suppressed, since=topic.since)


def _remember(
    state: GuardState,
    request: AdmitRequest,
    name: str,
    topic: TopicState | None,
    admission: Admission,
) -> GuardState:
    topics = {each: known for each, known in state.topics.items() if each != name}
    if topic is not None:
        topics[name] = topic
    is_sent = admission.decision == "send"
    decided = Decided(key=request.idempotency_key, admission=admission)
    return state.model_copy(
        update={
            "rule": request.rule,
            "recipients": request.recipients or state.recipients,
            "sent": state.sent + is_sent,
            "topics": topics,
            "decided": (*state.decided, decided)[-MAX_DECIDED:],
            "total_sent": state.total_sent + is_sent,
            "total_suppressed": state.total_suppressed + (not is_sent),
        }
    )


def _has_room(state: GuardState, topic: str) -> bool:
    return topic in state.topics or len(state.topics) < MAX_TOPICS


def _digest(held: dict[str, TopicState]) -> Message:
    count = sum(topic.suppressed for topic in held.values())
    since = min(topic.since for topic in held.values() if topic.since is not None)
    lines = [
        f"{name}: {topic.suppressed} since {topic.since:%Y-%m-%d %H:%M} UTC"
        for name, topic in sorted(held.items())
    ]
    if len(lines) > _LISTED:
        lines[_LISTED:] = [f"and {len(lines) - _LISTED} more topics"]
    return Message(
        subject=f"Still failing: {count} suppressed since {since:%Y-%m-%d %H:%M} UTC",
        text="\n".join(lines),
        level="warning",
        type="tenuto.storm_digest",
        data={"suppressed": count, "since": since.isoformat(), "topics": len(held)},
    )
