"""Where tasks lead: unknown targets, tasks never reached, repetition without a wait."""

import pytest

from definition_texts import codes, definition, only, structural

SET = "{set: {x: 1}}"


def test_an_unknown_target_lists_what_is_there() -> None:
    finding = only(definition("- first: {set: {x: 1}, then: secnd}\n- second: {set: {x: 1}}"))
    assert (finding.code, finding.path) == ("E104", "/do/0/first/then")
    assert "Did you mean `second`?" in finding.remedy
    assert "`first`, `second`; or `continue`, `exit`, `end`" in finding.remedy
    assert (finding.line, finding.column) == (4, 32)


def test_a_target_in_another_list_is_said_to_be_out_of_reach() -> None:
    tasks = """
      - outer:
          do:
            - inner: {set: {x: 1}, then: later}
      - later: {set: {x: 1}}
    """
    finding = only(definition(tasks))
    assert finding.path == "/do/0/outer/do/0/inner/then"
    assert "stands in another list, `/do`" in finding.remedy


def test_cases_and_catches_have_targets_too() -> None:
    tasks = """
      - choose: {switch: [{yes: {when: .x, then: nowhere}}, {no: {then: exit}}]}
      - guard: {try: [], catch: {then: nobody}}
    """
    assert sorted(each.path for each in structural(definition(tasks)) if each.code == "E104") == [
        "/do/0/choose/switch/0/yes/then",
        "/do/1/guard/catch/then",
    ]


def test_branches_of_a_fork_cannot_name_one_another() -> None:
    tasks = "- f: {fork: {branches: [{a: {set: {x: 1}, then: b}}, {b: {set: {x: 1}}}]}}"
    finding = only(definition(tasks))
    assert finding.code == "E104"
    assert "no order" in finding.message


def test_a_function_has_no_task_beside_it() -> None:
    more = "use: {functions: {f: {set: {x: 1}, then: a}}}"
    finding = only(definition("- a: {call: f}", more))
    assert (finding.code, finding.path) == ("E104", "/use/functions/f/then")


def test_a_switch_has_one_default_case() -> None:
    tasks = "- s: {switch: [{a: {then: end}}, {b: {when: .x, then: end}}, {c: {then: exit}}]}"
    finding = only(definition(tasks))
    assert (finding.code, finding.path) == ("E109", "/do/0/s/switch/2/c")


@pytest.mark.parametrize(
    ("tasks", "unreached"),
    [
        (f"- a: {{set: {{x: 1}}, then: end}}\n- b: {SET}", "b"),
        (f"- a: {{set: {{x: 1}}, then: exit}}\n- b: {SET}\n- c: {SET}", "b c"),
        (f"- a: {{set: {{x: 1}}, then: c}}\n- b: {SET}\n- c: {SET}", "b"),
        (f"- a: {{if: .x, set: {{x: 1}}, then: end}}\n- b: {SET}", ""),
        (f"- a: {{raise: {{error: {{type: u, status: 400}}}}}}\n- b: {SET}", "b"),
        (f"- a: {{if: .x, raise: {{error: {{type: u, status: 400}}}}}}\n- b: {SET}", ""),
        (f"- a: {{switch: [{{c: {{when: .x, then: end}}}}]}}\n- b: {SET}", ""),
        (f"- a: {{switch: [{{c: {{then: end}}}}]}}\n- b: {SET}", "b"),
        (f"- a: {{switch: [{{c: {{then: continue}}}}]}}\n- b: {SET}", ""),
        (f"- a: {{try: [], catch: {{then: c}}, then: end}}\n- b: {SET}\n- c: {SET}", "b"),
        (f"- f: {{fork: {{branches: [a: {{set: {{x: 1}}, then: end}}, b: {SET}]}}}}", ""),
    ],
)
def test_tasks_that_nothing_leads_to(tasks: str, unreached: str) -> None:
    found = [each for each in structural(definition(tasks)) if each.code == "W105"]
    assert [each.path.rpartition("/")[2] for each in found] == unreached.split()


@pytest.mark.parametrize(
    ("tasks", "code"),
    [
        ("- a: {set: {x: 1}, then: a}", "E106"),
        (f"- a: {SET}\n- b: {{set: {{x: 1}}, then: a}}", "E106"),
        ("- a: {if: .go, set: {x: 1}, then: a}", "W106"),
        (f"- a: {SET}\n- b: {{switch: [{{again: {{when: .x, then: a}}}}]}}", "W106"),
        (f"- a: {{do: [b: {SET}], then: a}}", "E106"),
        ("- a: {wait: PT1S, then: a}", None),
        ("- a: {set: {x: 1}}\n- b: {call: f, then: a}", None),
        ("- a: {listen: {to: {any: []}}, then: a}", None),
        ("- a: {do: [{b: {wait: PT1S}}], then: a}", None),
        ("- a: {try: [{b: {call: f}}], catch: {}, then: a}", None),
        (f"- a: {{for: {{in: .x}}, do: [b: {SET}]}}", None),
    ],
)
def test_repetition_needs_a_wait_or_a_way_out(tasks: str, code: str | None) -> None:
    assert codes(definition(tasks)) == ([code] if code else [])
