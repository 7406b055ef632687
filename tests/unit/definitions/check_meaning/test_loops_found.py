"""How long histories become, and waits that are cut short."""

from typing import Any

import pytest


def _codes(found: list[Any]) -> list[str]:
    return [each.code for each in found]


@pytest.mark.parametrize(
    ("collection", "codes"),
    [
        ("'${ range(10000) }'", ["W207"]),
        ("'${ [range(0; 10000)] }'", ["W207"]),
        ("'[range(10000)]'", ["W207"]),
        ("'${ [range(0; 10000; 10)] }'", []),
        ("'${ [range(8000)] }'", []),
        ("'${ [range(.count)] }'", []),
        ("'${ [range(5; 3)] }'", []),
        ("[1, 2, 3]", []),
        (".all", []),
    ],
)
def test_a_literal_loop_of_one_call(collection: str, codes: list[str], find_in_tasks: Any) -> None:
    loop = f"- a: {{for: {{in: {collection}}}, do: [{{b: {{call: http}}}}]}}"

    assert _codes(find_in_tasks(loop)) == codes


def test_loops_inside_loops_multiply(find_in_tasks: Any) -> None:
    inner = "{c: {for: {in: '${ [range(100)] }'}, do: [{b: {call: http}}]}}"
    loop = f"- a: {{for: {{in: '${{ [range(100)] }}'}}, do: [{inner}]}}"

    (finding,) = find_in_tasks(loop)

    assert finding.path == "/do/0/a/for"
    assert "60,000" in finding.message


def test_a_loop_without_steps_makes_no_history(find_in_tasks: Any) -> None:
    loop = "- a: {for: {in: '${ [range(100000)] }'}, do: [{b: {set: '${ . }'}}]}"

    assert find_in_tasks(loop) == []


def test_a_literal_loop_inside_a_fork_is_told_that_it_fails(find_in_tasks: Any) -> None:
    loop = "{a: {for: {in: '${ [range(10000)] }'}, do: [{b: {call: http}}]}}"

    (finding,) = find_in_tasks(f"- f: {{fork: {{branches: [{loop}]}}}}")

    assert finding.code == "W207"
    assert "fails" in finding.remedy


@pytest.mark.parametrize(
    ("tasks", "codes"),
    [
        ("- a: {wait: PT1M, timeout: {after: PT10S}}", ["W210"]),
        ("- a: {wait: PT1M, timeout: {after: {minutes: 2}}}", []),
        ("- a: {wait: '${ .time }', timeout: {after: PT10S}}", []),
        ("- a: {do: [{b: {wait: PT1M}}], timeout: {after: PT10S}}", ["W210"]),
        ("- a: {do: [{b: {if: .x, wait: PT1M}}], timeout: {after: PT10S}}", []),
        ("- a: {do: [{s: {switch: []}}, {b: {wait: PT1M}}], timeout: {after: PT10S}}", []),
        ("- a: {do: [{s: {set: {x: 1}, then: exit}}, {b: {wait: PT1M}}], timeout: {after: PT10S}}",
         []),
        ("- a: {do: [{b: {wait: PT6S}}, {c: {wait: PT6S}}], timeout: {after: PT10S}}", ["W210"]),
        ("- a: {wait: PT1M, timeout: short}", ["W210"]),
        ("- a: {wait: PT1M, timeout: unknown}", []),
    ],
)  # fmt: skip
def test_a_timeout_before_the_wait_ends(tasks: str, codes: list[str], find: Any) -> None:
    head = "use: {timeouts: {short: {after: PT1S}}}\ndo:\n  "

    assert _codes(find(head + tasks)) == codes


def test_the_timeout_of_the_run_counts_too(find: Any) -> None:
    found = find("timeout: {after: PT30S}\ndo: [{a: {wait: PT1M}}]")

    assert [(each.code, each.path) for each in found] == [("W210", "/timeout")]
