"""Calls: what they reach, and whether they give what it takes."""

from typing import Any

import pytest


def _found(found: list[Any]) -> list[tuple[str, str]]:
    return [(each.code, each.path) for each in found]


@pytest.mark.parametrize(
    ("called", "suggestion"),
    [
        ("nav.stike", "nav.strike"),
        ("nav.Strike", "nav.strike"),
        ("nav.stike:1.0.0@default", "nav.strike"),
        ("daily-nva", "daily-nav"),
        ("human.aproval", "human.approval"),
        ("getPt", "getPet"),
        ("htp", "http"),
    ],
)
def test_inv_15_an_unknown_function_and_what_was_meant(
    called: str, suggestion: str, find: Any
) -> None:
    (finding,) = find(
        f"use: {{functions: {{getPet: {{call: http}}}}}}\ndo: [{{a: {{call: '{called}'}}}}]"
    )

    assert (finding.code, finding.path) == ("E201", "/do/0/a/call")
    assert finding.remedy == f"Did you mean `{suggestion}`?"


@pytest.mark.parametrize(
    "called",
    [
        "nav.strike",
        "nav.strike:1.0.0",
        "nav.strike:1.0.0@default",
        "nav.sum",
        "daily-nav",
        "DailyNav",
        "getPet",
    ],
)
def test_a_function_that_is_there(called: str, find: Any) -> None:
    text = f"""\
        use: {{functions: {{getPet: {{call: http}}}}}}
        do: [{{a: {{call: '{called}', with: {{fund: ATLAS}}}}}}]
        """

    assert find(text) == []


@pytest.mark.parametrize("called", ["http", "openapi", "grpc", "asyncapi", "mcp", "a2a"])
def test_the_form_of_the_specifications_own_calls_is_checked_elsewhere(
    called: str, find_in_tasks: Any
) -> None:
    assert find_in_tasks(f"- a: {{call: {called}, with: {{anything: 1}}}}") == []


@pytest.mark.parametrize(
    "called",
    [
        "nav.strike:2.0.0",
        "nav.strike:one",
        "nav.strike:1.0.0@global",
        "https://functions.example/f",
    ],
)
def test_a_version_or_catalog_that_is_not_there(called: str, find_in_tasks: Any) -> None:
    found = find_in_tasks(f"- a: {{call: '{called}', with: {{fund: ATLAS}}}}")

    assert _found(found) == [("E203", "/do/0/a/call")]


def test_an_activity_outside_the_catalog_takes_any_arguments(find_in_tasks: Any) -> None:
    foreign = "temporal: {activity: PriceBook, taskQueue: go-workers}"

    assert find_in_tasks(f"- a: {{call: price, metadata: {{{foreign}}}, with: {{x: 1}}}}") == []


def test_an_activity_of_the_catalog_named_as_an_activity_is_checked(find_in_tasks: Any) -> None:
    found = find_in_tasks(
        "- a: {call: strike, metadata: {temporal: {activity: nav.strike}}, with: {fnd: ATLAS}}"
    )

    assert {each.code for each in found} == {"E202"}


@pytest.mark.parametrize(
    ("arguments", "path", "says"),
    [
        ("{}", "with", "`fund` is missing"),
        ("{fund: ATLAS, palces: 3}", "with/palces", "There is no `palces`"),
        ("{fund: 3}", "with/fund", "must be a text"),
        ("{fund: A}", "with/fund", "does not fit"),
        ("{fund: ATLAS, places: 2.5}", "with/places", "must be a whole number"),
        ("{fund: ATLAS, mode: swnig}", "with/mode", "cannot be `\"swnig\"`"),
        ("{fund: ATLAS, floor: [1]}", "with/floor", "must be a number or a text"),
        ("{fund: ATLAS, lines: {}}", "with/lines", "must be a list"),
        ("{fund: ATLAS, lines: [{isin: X, units: 1}]}", "with/lines/0", "`value` is missing"),
        ("{fund: ATLAS, lines: ['${ .l }', {isn: X, units: 1, isin: X, value: 1}]}",
         "with/lines/1/isn", "There is no `isn`"),
        ("{fund: ATLAS, labels: {a: 1}}", "with/labels/a", "must be a text"),
        ("{fund: '${ .f }', labels: {a: '${ .b }', c: 1}}", "with/labels/c", "must be a text"),
        ("{fund: ATLAS, mode: swing}", "with", "`swing` needs a `floor`"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_one_finding_at_its_place(
    arguments: str, path: str, says: str, find_in_tasks: Any
) -> None:
    (finding,) = find_in_tasks(f"- a: {{call: nav.strike, with: {arguments}}}")

    assert (finding.code, finding.path) == ("E202", f"/do/0/a/{path}")
    assert says in finding.message


@pytest.mark.parametrize(
    "arguments",
    [
        "{fund: ATLAS}",
        "{fund: '${ .fund }', places: '${ .places }', mode: '${ .mode }'}",
        "{fund: ATLAS, lines: '${ .lines }', labels: '${ {} }'}",
        "{fund: ATLAS, lines: ['${ .line }', {isin: X, units: '${ .u }', value: '1.10'}]}",
        "{fund: ATLAS, floor: '${ .floor }', mode: swing}",
        "{fund: ATLAS, mode: '${ .mode }', floor: null}",
    ],
)
def test_an_expression_may_become_anything(arguments: str, find_in_tasks: Any) -> None:
    assert find_in_tasks(f"- a: {{call: nav.strike, with: {arguments}}}") == []


def test_missing_arguments_are_told_at_the_call_where_there_is_no_with(find_in_tasks: Any) -> None:
    (finding,) = find_in_tasks("- a: {call: nav.strike}")

    assert (finding.code, finding.path) == ("E202", "/do/0/a/call")


def test_each_wrong_argument_stands_on_its_own_line(find_in_tasks: Any) -> None:
    found = find_in_tasks(
        """\
        - a:
            call: nav.strike
            with:
              fund: 3
              mode: odd
              palces: 2
        """
    )

    # The head and `do:` are the first two lines.
    assert [(each.line, each.column) for each in found] == [(6, 15), (7, 15), (8, 9)]


def test_a_function_of_the_document_says_what_it_takes(find: Any) -> None:
    text = """\
        use:
          functions:
            getPet:
              input:
                schema:
                  document:
                    type: object
                    properties: {petId: {type: integer}}
                    required: [petId]
              call: http
        do:
          - right: {call: getPet, with: {petId: 69}}
          - open: {call: getPet, with: {petId: '${ .id }', more: 1}}
          - wrong: {call: getPet, with: {petId: sixty}}
          - missing: {call: getPet, with: {pet: 1}}
        """

    assert _found(find(text)) == [
        ("E202", "/do/2/wrong/with/petId"),
        ("E202", "/do/3/missing/with"),
    ]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ("approvers: [ann]", "with/approvers/0"),
        ("approvers: []", "with/approvers"),
        ("actions: [aprove]", "with/actions/0"),
        ("need: 2", "with"),
        ("timeout: {day: 2}", "with/timeout"),
        ("separation_of_duties: true", "with"),
    ],
)
def test_an_approval_that_nobody_could_decide(changes: str, path: str, find_in_tasks: Any) -> None:
    given = {"title": "Pay", "approvers": "['u:ann']", "timeout": "{days: 2}"}
    name, _, value = changes.partition(": ")
    text = ", ".join(f"{key}: {each}" for key, each in {**given, name: value}.items())
    (finding,) = find_in_tasks(f"- a: {{call: human.approval, with: {{{text}}}}}")

    assert finding.code == "E202"
    assert finding.path.startswith(f"/do/0/a/{path}")


def test_an_approval_that_times_out_as_a_task_is_not_endless(find_in_tasks: Any) -> None:
    asked = "with: {title: Pay, approvers: ['u:ann']}"

    assert find_in_tasks(f"- a: {{call: human.approval, {asked}, timeout: {{after: P1D}}}}") == []
