"""Reading what is not there: along every way that data take through a definition."""

from typing import Any

import pytest

STRIKE = "- strike: {call: nav.strike, with: {fund: ATLAS}}\n"


def _errors(found: list[Any]) -> list[tuple[str, str]]:
    return [(each.code, each.path) for each in found if each.code in ("E305", "E306")]


@pytest.mark.parametrize(
    "tasks",
    [
        # Into the next task, through an unchanged output.
        STRIKE + "- wrong: {set: '${ .nav.totl }'}",
        STRIKE + "- pause: {wait: PT1S}\n- wrong: {set: '${ .nav.totl }'}",
        STRIKE + "- wrong: {set: '${ $input.nav.totl }'}",
        STRIKE + "- wrong: {set: {deep: [{text: '${ \"\\(.nav.totl)\" }'}]}}",
        STRIKE + "- wrong: {if: .nav.totl, set: {x: 1}}",
        STRIKE + "- wrong: {input: {from: .nav.totl}, set: {x: 1}}",
        # Through `input.from`, `output.as`, and literal keys.
        STRIKE + "- wrong: {input: {from: .nav}, set: '${ .totl }'}",
        STRIKE + "- wrong: {set: {a: 1}, output: {as: '{b: .a}'}, export: {as: .c}}",
        "- wrong: {call: nav.strike, with: {fund: ATLAS}, output: {as: .nav.totl}}",
        "- s: {set: {a: {b: 1}}}\n- wrong: {set: '${ .a.c }'}",
        "- s: {set: {a: 1}}\n- wrong: {set: '${ . | .b }'}",
        "- s: {set: {a: [{b: 1}]}}\n- wrong: {set: '${ [.a[] | .c] }'}",
        "- s: {set: {a: [{b: 1}]}}\n- wrong: {set: '${ .a | map(select(.c > 1)) }'}",
        # Along every edge.
        "- s: {set: {a: 1}}\n- t: {if: .a, set: {b: 1}}\n- wrong: {set: '${ .c }'}",
        "- s: {set: {a: 1}, then: wrong}\n- t: {set: {c: 1}}\n- wrong: {set: '${ .c }'}",
        (
            "- s: {set: {a: 1}}\n- t: {switch: [{x: {when: .a, then: wrong}}, {y: {then: end}}]}\n"
            "- u: {set: {c: 1}}\n- wrong: {set: '${ .c }'}"
        ),
        "- s: {do: [{a: {set: {a: 1}}}, {b: {set: {b: 1}}}]}\n- wrong: {set: '${ .a }'}",
        (
            "- s: {try: [{a: {set: {a: 1}}}], catch: {do: [{b: {set: {b: 1}}}]}}\n"
            "- wrong: {set: '${ .c }'}"
        ),
        (
            "- s: {fork: {compete: true, branches: [{a: {set: {a: 1}}}, {b: {set: {b: 1}}}]}}\n"
            "- wrong: {set: '${ .c }'}"
        ),
        "- s: {fork: {branches: [{a: {set: {a: 1}}}]}}\n- wrong: {set: '${ .a }'}",
        # Variables.
        "- wrong: {set: '${ $workflow.name }'}",
        "- wrong: {set: '${ $task.startedAt.seconds }'}",
        "- wrong: {set: '${ $runtime.host }'}",
        "- s: {set: {a: 1}, export: {as: '{total: .a}'}}\n- wrong: {set: '${ $context.totl }'}",
        "- loop: {for: {in: [{a: 1}]}, do: [{wrong: {set: '${ $item.b }'}}]}",
        STRIKE
        + "- loop: {for: {each: line, in: .nav.lines}, do: [{wrong: {set: '${ $line.isn }'}}]}",
        # What is not of that kind.
        STRIKE + "- wrong: {set: '${ .nav[0] }'}",
        STRIKE + "- wrong: {set: '${ .nav.places.digits }'}",
        STRIKE + "- wrong: {set: '${ .nav.lines.units }'}",
        # Approvals and children.
        (
            "- s: {call: human.approval, with: {title: t, approvers: ['u:a'], timeout: P1D}}\n"
            "- wrong: {if: .decison, set: {x: 1}}"
        ),
        "- s: {call: daily-nav, with: {fund: ATLAS}}\n- wrong: {set: '${ .nav.totl }'}",
        "- s: {call: DailyNav, with: {fund: ATLAS}}\n- wrong: {set: '${ .nav.totl }'}",
    ],
)
def test_a_wrong_reading_is_found_once(tasks: str, find_in_tasks: Any) -> None:
    ((_, path),) = _errors(find_in_tasks(tasks))

    assert "/wrong/" in path


@pytest.mark.parametrize(
    "tasks",
    [
        STRIKE + "- right: {set: '${ .nav.lines[0].isin }'}",
        STRIKE + "- right: {set: '${ .attributes.anything }'}",
        STRIKE + "- right: {set: '${ .note.x? }'}",
        STRIKE + "- right: {set: '${ if has(\"extra\") then .extra else 0 end }'}",
        STRIKE + "- right: {set: '${ .nav.totl // 0 }'}",
        STRIKE + "- right: {if: .error == null, set: {x: 1}}",
        STRIKE + "- right: {set: '${ .extra = 1 | .extra }'}",
        STRIKE + "- right: {set: '${ . + {extra: 1} | .extra }'}",
        STRIKE + "- right: {set: '${ [paths] | .[0] }'}",
        # Where anything may arrive.
        "- right: {set: '${ .anything.at[0].all }'}",
        "- s: {call: http}\n- right: {set: '${ .anything }'}",
        "- s: {set: {a: 1}}\n- t: {if: .a, call: http}\n- right: {set: '${ .c }'}",
        "- s: {set: {a: 1}}\n- t: {if: .a, set: {c: 1}}\n- right: {set: '${ .c }'}",
        (
            "- s: {try: [{a: {set: {a: 1}}}], catch: {do: [{b: {set: {b: 1}}}]}}\n"
            "- right: {set: '${ .b }'}"
        ),
        "- s: {try: [{a: {call: http}}], catch: {as: e}}\n- right: {set: '${ .b }'}",
        "- s: {raise: {error: e}}\n- right: {set: '${ .b }'}",
        # A task that is returned to gets what a later one gives.
        "- s: {set: {a: 1}}\n- right: {set: '${ .b }'}\n- t: {set: {b: 1}, then: right}",
        # An iteration gets what the one before gave.
        "- s: {set: {a: 1}}\n- loop: {for: {in: [1, 2]}, do: [{right: {set: {b: '${ .b }'}}}]}",
        # The context that a nested task may have replaced.
        (
            "- s: {set: {a: 1}, export: {as: '{a: 1}'}}\n"
            "- t: {try: [{u: {set: {b: 1}, export: {as: '{b: 1}'}}}], catch: {}}\n"
            "- right: {set: '${ $context.b }'}"
        ),
        "- s: {set: {a: 1}, export: {as: '$context + {a: 1}'}}\n- right: {set: '${ $context.b }'}",
        "- loop: {for: {in: .all}, do: [{right: {set: '${ $item.b }'}}]}",
        "- s: {try: [{a: {call: http}}], catch: {do: [{right: {set: '${ $error.more }'}}]}}",
        "- right: {set: '${ $workflow.definition.document.name }'}",
        "- right: {set: '${ $task.definition.set }'}",
        "- s: {run: {workflow: {namespace: a, name: b}}}\n- right: {set: '${ .b }'}",
        "- s: {set: {a: 1}}\n- t: {set: '${ . | del(.a) }'}\n- right: {set: '${ .b }'}",
        "- right: {set: '${ $undeclared_by_mistake.b }'}",
    ],
)
def test_what_may_be_there_is_not_complained_of(tasks: str, find_in_tasks: Any) -> None:
    assert _errors(find_in_tasks(tasks)) == []


def test_the_input_schema_tells_the_first_task_and_the_run(find: Any) -> None:
    found = find(
        """\
        input:
          schema:
            document:
              type: object
              properties: {customer: {type: object, properties: {name: {type: string}}}}
              additionalProperties: false
        do:
          - first: {set: '${ .custmer }'}
          - second: {set: '${ $workflow.input.custmer }'}
          - third: {set: '${ $workflow.input.customer.name.first }'}
          - fourth: {set: '${ $workflow.input.customer.nickname }'}
        output: {as: .anything}
        """
    )

    assert _errors(found) == [
        ("E305", "/do/0/first/set"),
        ("E305", "/do/1/second/set"),
        ("E306", "/do/2/third/set"),
    ]


def test_the_output_of_the_run_is_what_every_end_gives(find: Any) -> None:
    ends = "do:\n  - a: {if: .x, set: {a: 1}, then: end}\n  - b: {set: {b: 1}}\n"

    assert _errors(find(ends + "output: {as: .a}")) == []
    assert _errors(find(ends + "output: {as: .c}")) == [("E305", "/output/as")]


def test_a_function_gives_what_its_task_gives(find: Any) -> None:
    text = """\
        use:
          functions:
            strike: {call: nav.strike, with: {fund: '${ .name }'}, output: {as: .nav}}
        do:
          - a: {call: strike, with: {name: ATLAS}}
          - b: {set: {right: '${ .total }', wrong: '${ .totl }'}}
        """

    assert _errors(find(text)) == [("E305", "/do/1/b/set/wrong")]


def test_extensions_may_change_anything(find: Any) -> None:
    text = """\
        use: {extensions: [{e: {extend: all, before: [{s: {set: {c: 1}, then: exit}}]}}]}
        do:
          - a: {set: {a: 1}}
          - b: {set: '${ .c }'}
        """

    assert _errors(find(text)) == []


def test_a_schema_of_the_task_counts_where_nothing_else_is_known(find_in_tasks: Any) -> None:
    closed = (
        "{schema: {document: {type: object, properties: {b: {}}, additionalProperties: false}}}"
    )
    tasks = f"- a: {{call: http, output: {closed}}}\n- wrong: {{set: '${{ .c }}'}}"

    assert _errors(find_in_tasks(tasks)) == [("E305", "/do/1/wrong/set")]


@pytest.mark.parametrize("expression", [".nav.totl // 0", ".nav.totl?", ".nav.totl == null"])
def test_what_is_provided_for_is_a_warning(expression: str, find_in_tasks: Any) -> None:
    (finding,) = find_in_tasks(STRIKE + f"- b: {{set: '${{ {expression} }}'}}")

    assert (finding.code, finding.remedy) == ("W302", "Did you mean `total`?")


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        (".nav.total + 1", "W301"),
        (".nav.total - .nav.total", "W301"),
        (".nav.total | tonumber | . * 2", "W301"),
        ("(.nav.total | tonumber) / 3", "W301"),
        (".nav.lines | map(.value | tonumber) | add | . + 1", "W301"),
        ("-(.nav.total | tonumber)", "W301"),
        ('.nav.total > \\"100\\"', "W301"),
        ('\\"NAV \\" + .nav.total', None),
        ('\\"NAV \\\\(.nav.total)\\"', None),
        (".nav.places * 2", None),
        ('.nav.total == \\"100\\"', None),
        ("[.nav.total]", None),
    ],
)
def test_calculating_with_money(expression: str, code: str | None, find_in_tasks: Any) -> None:
    found = find_in_tasks(STRIKE + f'- b: {{set: "${{ {expression} }}"}}')

    assert [each.code for each in found] == ([code] if code else [])


def test_the_place_is_the_field_itself(find_in_tasks: Any) -> None:
    (finding,) = find_in_tasks(STRIKE + "- b:\n    set:\n      x: ${ .nav | .totl }")

    # Head, `do:`, and the call stand before; the text begins in column 12.
    assert (finding.line, finding.column) == (6, 22)


@pytest.mark.parametrize(
    ("endpoint", "count"),
    [
        ("'https://pets.example/{petId}'", 0),
        ("'https://pets.example/{petld}'", 1),
        ("{uri: 'https://pets.example/{petld}'}", 1),
        ("'${ \"https://pets.example/{petld}\" }'", 0),
    ],
)
def test_an_address_is_filled_from_the_input(endpoint: str, count: int, find_in_tasks: Any) -> None:
    call = f"{{call: http, with: {{method: get, endpoint: {endpoint}}}}}"
    found = find_in_tasks(f"- a: {{set: {{petId: 1}}}}\n- b: {call}")

    assert [each.code for each in found] == ["E305"] * count


def test_functions_that_call_functions_are_followed_only_so_often(find: Any) -> None:
    """Written out, these would be ten thousand million tasks."""
    functions = "".join(
        f"    f{n}: {{do: [{', '.join(f'{{c{m}: {{call: f{n + 1}}}}}' for m in range(10))}]}}\n"
        for n in range(10)
    )
    text = f"use:\n  functions:\n{functions}    f10: {{set: {{x: 1}}}}\ndo: [{{a: {{call: f0}}}}]"

    assert find(text) == []


def test_money_of_the_documents_own_schema(find: Any) -> None:
    text = """\
        input:
          schema:
            document:
              type: object
              properties: {price: {type: string, format: decimal}, units: {type: integer}}
        do:
          - a: {set: {wrong: '${ .price * .units }'}}
          - b: {set: '${ $workflow.input.units * 2 }'}
        """

    assert [(each.code, each.path) for each in find(text)] == [("W301", "/do/0/a/set/wrong")]
