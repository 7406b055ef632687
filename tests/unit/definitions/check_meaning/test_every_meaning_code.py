"""Each code has a definition that earns it and one, almost the same, that does not."""

import re
from typing import Any, NamedTuple

import pytest

from tenuto.definitions.check.meaning_codes import CODES
from tenuto.definitions.findings import Severity


class Case(NamedTuple):
    wrong: str
    right: str


_PEOPLE = "approvers: ['u:ann']"

CASES: dict[str, Case] = {
    "E201": Case(
        "- a: {call: nav.stike, with: {fund: ATLAS}}",
        "- a: {call: nav.strike, with: {fund: ATLAS}}",
    ),
    "E202": Case(
        "- a: {call: nav.strike, with: {fund: ATLAS, places: two}}",
        "- a: {call: nav.strike, with: {fund: ATLAS, places: '${ .places }'}}",
    ),
    "E203": Case(
        "- a: {call: 'nav.strike:1.0.0@global', with: {fund: ATLAS}}",
        "- a: {call: 'nav.strike:1.0.0@default', with: {fund: ATLAS}}",
    ),
    "E204": Case(
        "use: {secrets: [other]}\ndo: [{a: {call: http, with: {body: '${ $secrets.token }'}}}]",
        "use: {secrets: [token]}\ndo: [{a: {call: http, with: {body: '${ $secrets.token }'}}}]",
    ),
    "E205": Case(
        "use: {secrets: [token]}\ndo: [{a: {set: {t: '${ $secrets.token }'}}}]",
        "use: {secrets: [token]}\ndo: [{a: {call: http, with: {t: '${ $secrets.token }'}}}]",
    ),
    "E206": Case(
        "- a: {call: http, metadata: {temporal: {startToClos: PT5M}}}",
        "- a: {call: http, metadata: {temporal: {startToClose: PT5M}}}",
    ),
    "E207": Case(
        "- a: {set: {x: 1}, metadata: {searchAttributes: {TenutoSubjct: ATLAS}}}",
        "- a: {set: {x: 1}, metadata: {searchAttributes: {TenutoSubject: ATLAS}}}",
    ),
    "E208": Case(
        "schedule: {cron: '0 24 * * *'}\ndo: [{a: {set: {x: 1}}}]",
        "schedule: {cron: '0 23 * * *'}\ndo: [{a: {set: {x: 1}}}]",
    ),
    "E212": Case(
        "- a: {call: http, metadata: {temporal: {startToClose: PT5M, scheduleToClose: PT1M}}}",
        "- a: {call: http, metadata: {temporal: {startToClose: PT1M, scheduleToClose: PT1M}}}",
    ),
    "E213": Case(
        "use: {functions: {f: {do: [{a: {call: g}}]}, g: {call: f}}}\ndo: [{a: {call: f}}]",
        "use: {functions: {f: {do: [{a: {call: g}}]}, g: {call: http}}}\ndo: [{a: {call: f}}]",
    ),
    "E301": Case("- a: {set: '${ .x | }'}", "- a: {set: '${ .x | .y }'}"),
    "E302": Case("- a: {set: '${ $now }'}", "- a: {set: '${ $task.startedAt.iso8601 }'}"),
    "E303": Case(
        """- a: {if: '.name | test("^(a+)+$")', set: {x: 1}}""",
        """- a: {if: '.name | test("^a+$")', set: {x: 1}}""",
    ),
    "E304": Case("- a: {if: approved, set: {x: 1}}", "- a: {if: .approved, set: {x: 1}}"),
    "E305": Case(
        "- a: {call: nav.strike, with: {fund: ATLAS}}\n- b: {set: '${ .nav.totl }'}",
        "- a: {call: nav.strike, with: {fund: ATLAS}}\n- b: {set: '${ .nav.total }'}",
    ),
    "E306": Case(
        "- a: {call: nav.strike, with: {fund: ATLAS}}\n- b: {set: '${ .nav.lines.isin }'}",
        "- a: {call: nav.strike, with: {fund: ATLAS}}\n- b: {set: '${ .nav.lines[0].isin }'}",
    ),
    "W201": Case(
        "- a: {set: {t: 'Hi ${ .name }!'}}", """- a: {set: {t: '${ "Hi \\(.name)!" }'}}"""
    ),
    "W202": Case("- a: {set: {t: .name}}", "- a: {set: {t: '${ .name }'}}"),
    "W203": Case("- a: {call: policy.check, with: {action: pay}}", "- a: {call: http}"),
    "W204": Case(
        f"- a: {{call: human.approval, with: {{title: Pay, {_PEOPLE}}}}}",
        f"- a: {{call: human.approval, with: {{title: Pay, {_PEOPLE}, timeout: P2D}}}}",
    ),
    "W205": Case(
        "use: {secrets: [token]}\ndo: [{a: {set: {x: 1}}}]",
        "use: {secrets: [token]}\ndo: [{a: {call: http, with: {endpoint: {uri: 'https://h.example',"
        " authentication: {bearer: {use: token}}}}}}]",
    ),
    "W206": Case(
        f"- a: {{set: {{text: {'x' * 524_300}}}}}", f"- a: {{set: {{text: {'x' * 524_200}}}}}"
    ),
    "W207": Case(
        "- a: {for: {in: '${ [range(10000)] }'}, do: [{b: {call: http}}]}",
        "- a: {for: {in: '${ [range(1000)] }'}, do: [{b: {call: http}}]}",
    ),
    "W208": Case(
        "- f: {fork: {branches: [{a: {for: {in: .all}, do: ["
        + ", ".join(f"{{b{n}: {{call: http}}}}" for n in range(10))
        + "]}}]}}",
        "- f: {fork: {branches: [{a: {for: {in: .all}, do: [{b: {call: http}}]}}]}}",
    ),
    "W209": Case(
        "- a: {run: {workflow: {namespace: test, name: sample, version: 0.1.0}}}",
        "- w: {wait: PT1S}\n"
        "- a: {run: {workflow: {namespace: test, name: sample, version: 0.1.0}}}",
    ),
    "W210": Case(
        "- a: {wait: {seconds: 30}, timeout: {after: PT10S}}",
        "- a: {wait: {seconds: 30}, timeout: {after: PT40S}}",
    ),
    "W211": Case(
        "schedule: {cron: 0 17 1-7 * 1}\ndo: [{a: {set: {x: 1}}}]",
        "schedule: {cron: 0 17 * * 1}\ndo: [{a: {set: {x: 1}}}]",
    ),
    "W212": Case(
        "input: {schema: {document: {type: object, properties: {n: {default: 1}}}}}\n"
        "do: [{a: {set: {x: 1}}}]",
        "input: {schema: {document: {type: object, properties: {default: {}, format: {}}}}}\n"
        "do: [{a: {set: {x: 1}}}]",
    ),
    "W301": Case(
        "- a: {call: nav.strike, with: {fund: ATLAS}}\n- b: {set: '${ .nav.total + .nav.total }'}",
        "- a: {call: nav.strike, with: {fund: ATLAS}}\n- b: {set: '${ .nav.places + 1 }'}",
    ),
    "W302": Case(
        "input: {schema: {document: {type: object, properties: {customer: {}}}}}\n"
        "do: [{a: {set: '${ .custmer }'}}]",
        "input: {schema: {document: {type: object, properties: {customer: {}}}}}\n"
        "do: [{a: {set: '${ .invoice }'}}]",
    ),
    "W303": Case(
        "- a: {listen: {to: {one: {with: {type: t}}}}, output: {as: .amount}}",
        "- a: {listen: {to: {one: {with: {type: t}}}}, output: {as: '.[0].amount'}}",
    ),
    "W304": Case(
        f"- a: {{call: human.approval, with: {{title: Pay, {_PEOPLE}, timeout: P2D}}}}\n"
        "- b: {if: '.decision == \"approved\"', set: {x: 1}}",
        f"- a: {{call: human.approval, with: {{title: Pay, {_PEOPLE}, timeout: P2D}}}}\n"
        "- b: {if: '.decision == \"approve\"', set: {x: 1}}",
    ),
    "W305": Case("- a: {if: .x = 1, set: {x: 1}}", "- a: {if: .x == 1, set: {x: 1}}"),
}

NOT_BY_TEXT = {
    "E209": "test_literal_sizes.py: a file may not be that large itself",
    "E210": "test_subflows_found.py: needs a library",
    "E211": "test_subflows_found.py: needs a library",
}


def test_every_code_has_a_case() -> None:
    assert set(CASES) | set(NOT_BY_TEXT) == set(CODES)


def test_every_code_says_what_it_means_in_one_sentence() -> None:
    for code, meaning in CODES.items():
        assert re.fullmatch(r"[EW][23]\d\d", code)
        assert meaning.endswith(".")


@pytest.mark.parametrize("code", CASES)
def test_a_code_is_given_where_it_is_earned_and_nowhere_near(
    code: str, find: Any, find_in_tasks: Any
) -> None:
    case = CASES[code]
    wrong, right = (
        {each.code: each for each in (find_in_tasks if text[0] == "-" else find)(text)}
        for text in case
    )

    assert code in wrong
    assert wrong[code].severity is (Severity.ERROR if code[0] == "E" else Severity.WARNING)
    assert code not in right
