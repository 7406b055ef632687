"""What the storm guard decides, over any sequence of failures and recoveries."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tenuto.catalog.library.notify.storms import Admission, AdmitRequest, GuardState, StormRule
from tenuto.workflows.storm_rules import (
    MAX_TOPICS,
    OTHER,
    decide,
    end_window,
    first_window,
    untold,
)

START = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
HOUR = StormRule(window=timedelta(hours=1), cap=5)


def asked(topic: str, number: int, *, recovered: bool = False, cap: int = 5) -> AdmitRequest:
    return AdmitRequest(
        audience="desk",
        topic=topic,
        recovered=recovered,
        rule=StormRule(window=timedelta(hours=1), cap=cap),
        idempotency_key=f"k{number}",
    )


def guard(cap: int = 5) -> GuardState:
    return first_window(asked("first", -1, cap=cap), START)


def ask_all(state: GuardState, questions: list[AdmitRequest]) -> tuple[GuardState, list[Admission]]:
    answers = []
    for minute, question in enumerate(questions):
        state, answer = decide(state, question, START + timedelta(minutes=minute))
        answers.append(answer)
    return state, answers


def test_sig_20_a_topic_is_told_once_in_a_window() -> None:
    state, answers = ask_all(guard(), [asked("a", 1), asked("b", 2), asked("a", 3)])
    assert [each.decision for each in answers] == ["send", "send", "suppressed"]
    assert answers[2].until == START + timedelta(hours=1)
    assert (answers[2].suppressed, answers[2].since) == (1, START + timedelta(minutes=2))
    assert (state.total_sent, state.total_suppressed) == (2, 1)


def test_the_same_question_twice_has_one_answer_and_counts_once() -> None:
    state, (first, again, other) = ask_all(guard(), [asked("a", 1), asked("a", 1), asked("a", 2)])
    assert first == again
    assert (other.decision, other.suppressed) == ("suppressed", 1)
    assert state.total_sent == 1


def test_sig_20_a_digest_names_what_was_held_back() -> None:
    state, _ = ask_all(guard(), [asked(topic, n) for n, topic in enumerate("aaab")])
    window = end_window(state, START + timedelta(hours=1))
    assert window.digest is not None
    assert window.digest.subject == "Still failing: 2 suppressed since 2026-03-31 09:01 UTC"
    assert window.digest.text == "a: 2 since 2026-03-31 09:01 UTC"
    assert not window.is_quiet


def test_a_failure_that_goes_on_is_told_by_digests_only() -> None:
    state, _ = ask_all(guard(), [asked("a", 1), asked("a", 2)])
    state = end_window(state, START + timedelta(hours=1)).state
    state, (answer,) = ask_all(state, [asked("a", 3)])
    assert answer.decision == "suppressed"
    assert answer.until == START + timedelta(hours=2)


def test_a_quiet_window_ends_the_guard_and_makes_the_next_failure_news() -> None:
    state, _ = ask_all(guard(), [asked("a", 1), asked("a", 2)])
    state = end_window(state, START + timedelta(hours=1)).state
    quiet = end_window(state, START + timedelta(hours=2))
    assert (quiet.is_quiet, quiet.digest) == (True, None)
    _, (answer,) = ask_all(quiet.state, [asked("a", 3)])
    assert answer.decision == "send"


def test_a_recovery_is_said_once_and_only_of_what_was_told() -> None:
    state, answers = ask_all(
        guard(),
        [
            asked("a", 1, recovered=True),
            asked("a", 2),
            asked("a", 3),
            asked("a", 4, recovered=True),
            asked("a", 5, recovered=True),
        ],
    )
    assert [each.decision for each in answers] == [
        "suppressed",
        "send",
        "suppressed",
        "send",
        "suppressed",
    ]
    assert answers[3].suppressed == 1
    assert end_window(state, START + timedelta(hours=1)).digest is None


def test_a_digest_that_reached_nobody_is_told_with_the_next() -> None:
    ended, _ = ask_all(guard(), [asked("a", 1), asked("a", 2), asked("a", 3)])
    following = end_window(ended, START + timedelta(hours=1)).state
    following, _ = ask_all(following, [asked("a", 4)])
    again = end_window(untold(following, ended), START + timedelta(hours=2))
    assert again.digest is not None
    assert again.digest.subject == "Still failing: 3 suppressed since 2026-03-31 09:01 UTC"


def test_topics_without_end_are_counted_together() -> None:
    questions = [asked(f"t{n}", n) for n in range(MAX_TOPICS + 5)]
    state, _ = ask_all(guard(), questions)
    assert len(state.topics) == MAX_TOPICS + 1
    assert state.topics[OTHER].suppressed == 5


QUESTIONS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(0, 30)), max_size=60
)


@given(questions=QUESTIONS, cap=st.integers(1, 6))
def test_never_more_than_the_cap_and_nothing_is_lost(
    questions: list[tuple[str, bool, int]], cap: int
) -> None:
    state = guard(cap)
    asked_for = [asked(t, n, recovered=r, cap=cap) for n, (t, r, _) in enumerate(questions)]
    state, answers = ask_all(state, asked_for)
    sent = [each for each in answers if each.decision == "send"]
    assert len(sent) <= cap
    assert state.total_sent == len(sent)
    assert state.total_sent + state.total_suppressed == len(answers)
    # Every failure was sent, counted by a notice that was sent, or is in the digest.
    failures = sum(not question.recovered for question in asked_for)
    sent_failures = sum(
        answer.decision == "send" and not question.recovered
        for question, answer in zip(asked_for, answers, strict=True)
    )
    told = sent_failures + sum(each.suppressed for each in sent)
    open_counts = sum(topic.suppressed for topic in state.topics.values())
    assert told + open_counts >= failures
    digest = end_window(state, START + timedelta(hours=1)).digest
    assert (digest is not None) == (open_counts > 0)
    if digest is not None:
        assert digest.data["suppressed"] == open_counts
