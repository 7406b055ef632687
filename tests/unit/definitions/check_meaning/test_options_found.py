"""`metadata.temporal` and `metadata.searchAttributes` of tasks."""

from typing import Any

import pytest

from tenuto.definitions.check.calls.options import KNOWN_ATTRIBUTES
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTES

CALL = "- a: {{call: nav.strike, with: {{fund: ATLAS}}, metadata: {{temporal: {0}}}}}"
AT = "/do/0/a/metadata/temporal"


def _found(found: list[Any]) -> list[tuple[str, str]]:
    return [(each.code, each.path) for each in found]


@pytest.mark.parametrize(
    "options",
    [
        "{taskQueue: q, startToClose: PT5M, scheduleToClose: PT1H, scheduleToStart: PT1M}",
        "{heartbeat: {seconds: 10}, priority: 1, summary: Strikes}",
        "{startToClose: {hours: 1, minutes: 30}}",
        (
            "{retry: {initialInterval: PT1S, backoffCoefficient: 1.5, maximumInterval: PT1M,"
            " maximumAttempts: 0, nonRetryableErrorTypes: [DataError]}}"
        ),
    ],
)
def test_options_that_the_engine_takes(options: str, find_in_tasks: Any) -> None:
    assert find_in_tasks(CALL.format(options)) == []


@pytest.mark.parametrize(
    ("options", "path", "code"),
    [
        ("{startToClos: PT5M}", "/startToClos", "E206"),
        ("{start_to_close: PT5M}", "/start_to_close", "E206"),
        ("{startToClose: 5 minutes}", "/startToClose", "E206"),
        ("{startToClose: PT0S}", "/startToClose", "E206"),
        ("{startToClose: P1M}", "/startToClose", "E206"),
        ("{startToClose: '${ .limit }'}", "/startToClose", "E206"),
        ("{heartbeat: 10}", "/heartbeat", "E206"),
        ("{priority: 9}", "/priority", "E206"),
        ("{priority: true}", "/priority", "E206"),
        ("{taskQueue: ''}", "/taskQueue", "E206"),
        ("{local: 'yes'}", "/local", "E206"),
        ("{local: true}", "/local", "E206"),
        ("{retry: 3}", "/retry", "E206"),
        ("{retry: {maximumAttempt: 3}}", "/retry/maximumAttempt", "E206"),
        ("{retry: {maximumAttempts: -1}}", "/retry/maximumAttempts", "E206"),
        ("{retry: {backoffCoefficient: 0.5}}", "/retry/backoffCoefficient", "E206"),
        ("{retry: {nonRetryableErrorTypes: DataError}}", "/retry/nonRetryableErrorTypes", "E206"),
        ("[]", "", "E206"),
        ("{startToClose: PT2M, scheduleToClose: PT1M}", "/startToClose", "E212"),
        ("{heartbeat: PT2M, startToClose: PT1M}", "/heartbeat", "E212"),
        ("{scheduleToStart: PT2M, scheduleToClose: PT1M}", "/scheduleToStart", "E212"),
        ("{retry: {initialInterval: PT2M, maximumInterval: PT1M}}", "/retry/initialInterval",
         "E212"),
    ],
)  # fmt: skip
def test_options_that_it_does_not_take(
    options: str, path: str, code: str, find_in_tasks: Any
) -> None:
    assert _found(find_in_tasks(CALL.format(options))) == [(code, AT + path)]


@pytest.mark.parametrize(
    "task",
    [
        "set: {x: 1}",
        "wait: PT1S",
        "do: []",
        "for: {in: .x}, do: []",
        "switch: []",
        "call: human.approval, with: {title: t, approvers: ['u:a'], timeout: P1D}",
        "call: ownFunction",
    ],
)
def test_a_task_without_an_activity_takes_no_options(task: str, find: Any) -> None:
    text = (
        "use: {functions: {ownFunction: {set: {x: 1}}}}\n"
        f"do: [{{a: {{{task}, metadata: {{temporal: {{startToClose: PT1M}}}}}}}}]"
    )

    assert _found(find(text)) == [("E206", AT)]


def test_a_child_workflow_takes_its_queue_alone(find_in_tasks: Any) -> None:
    child = "- a: {{call: daily-nav, with: {{fund: ATLAS}}, metadata: {{temporal: {0}}}}}"

    assert find_in_tasks(child.format("{taskQueue: q}")) == []
    assert _found(find_in_tasks(child.format("{heartbeat: PT1S}"))) == [("E206", f"{AT}/heartbeat")]


def test_an_activity_outside_the_catalog_needs_a_queue(find_in_tasks: Any) -> None:
    call = "- a: {{call: price, metadata: {{temporal: {0}}}}}"

    assert _found(find_in_tasks(call.format("{activity: PriceBook}"))) == [("E206", AT)]
    assert find_in_tasks(call.format("{activity: nav.strike, taskQueue: q}")) != []
    assert find_in_tasks(call.format("{activity: PriceBook, taskQueue: go}")) == []


def test_a_local_entry_may_be_local(find_in_tasks: Any) -> None:
    assert (
        find_in_tasks(
            "- a: {call: nav.sum, with: {fund: ATLAS}, metadata: {temporal: {local: true}}}"
        )
        == []
    )


def test_an_unknown_attribute_and_what_was_meant(find_in_tasks: Any) -> None:
    task = "- a: {set: {x: 1}, metadata: {searchAttributes: {TenutoSubjct: x, Desk: y}}}"
    first, second = find_in_tasks(task)

    assert first.remedy == "Did you mean `TenutoSubject`?"
    assert second.path == "/do/0/a/metadata/searchAttributes/Desk"
    assert find_in_tasks(task, known_attributes=("TenutoSubjct", "Desk")) == []


def test_attributes_of_the_run(find: Any) -> None:
    head = "{dsl: 1.0.3, namespace: test, name: sample, version: 0.1.0, metadata: {0}}"
    text = "document: " + head.replace("{0}", "{searchAttributes: {Desk: x}}") + "\ndo: []"

    assert _found(find(text)) == [("E207", "/document/metadata/searchAttributes/Desk")]


def test_the_attributes_known_by_default_are_those_of_every_namespace() -> None:
    assert set(KNOWN_ATTRIBUTES) <= {key.name for key in SEARCH_ATTRIBUTES}
