"""Secrets: declared, used, and never written down."""

from typing import Any

import pytest

TEXT = (
    "use: {{secrets: [token, card]}}\ndo: [{{a: {0}}}, {{b: {{call: http, with: {{x: '{1}'}}}}}}]"
)
BOTH = "${ $secrets.token }"


def _found(found: list[Any]) -> list[tuple[str, str]]:
    return [(each.code, each.path) for each in found if each.code[:2] in ("E2", "E3")]


@pytest.mark.parametrize(
    "task",
    [
        "{call: http, with: {headers: {key: '${ $secrets.card }'}}}",
        "{call: http, with: {headers: {key: '${ $secrets.card.member }'}}}",
        (
            "{call: http, with: {endpoint: {uri: 'https://h.example', authentication: {bearer:"
            " {token: '${ $secrets.card }'}}}}}"
        ),
        (
            "{call: http, with: {endpoint: {uri: 'https://h.example', authentication: {basic:"
            " {use: card}}}}}"
        ),
    ],
)
def test_a_secret_as_a_whole_value_of_a_call(task: str, find: Any) -> None:
    assert find(TEXT.format(task, BOTH)) == []


@pytest.mark.parametrize(
    "task",
    [
        "{set: {x: '${ $secrets.card }'}}",
        "{set: {x: 1}, output: {as: $secrets.card}}",
        "{set: {x: 1}, export: {as: '{x: $secrets.card}'}}",
        "{input: {from: $secrets.card}, set: {x: 1}}",
        "{if: $secrets.card == 1, set: {x: 1}}",
        "{wait: '${ $secrets.card }'}",
        "{raise: {error: {type: t, status: 500, detail: '${ $secrets.card }'}}}",
        "{emit: {event: {with: {type: t, data: '${ $secrets.card }'}}}}",
        "{run: {workflow: {namespace: n, name: m, version: 1.0.0, input: '${ $secrets.card }'}}}",
        """{call: http, with: {x: '${ "Bearer \\($secrets.card)" }'}}""",
        "{call: http, with: {x: '${ $secrets }'}}",
        "{call: http, with: {x: '${ $secrets[\"card\"] }'}}",
        "{call: http, with: {x: '${ {a: $secrets.card} }'}}",
        "{call: http, with: {x: '${ . as $s | $secrets.card }'}}",
    ],
)
def test_a_secret_anywhere_else_would_be_written_down(task: str, find: Any) -> None:
    assert {code for code, _ in _found(find(TEXT.format(task, BOTH)))} == {"E205"}


@pytest.mark.parametrize(
    "task",
    [
        "{call: http, with: {x: '${ $secrets.crad }'}}",
        (
            "{call: http, with: {endpoint: {uri: 'https://h.example', authentication: {basic:"
            " {use: crad}}}}}"
        ),
    ],
)
def test_a_secret_that_is_not_declared(task: str, find: Any) -> None:
    (finding,) = [f for f in find(TEXT.format(task, BOTH)) if f.code == "E204"]

    assert finding.path.startswith("/do/0/a/with")
    assert "Did you mean `card`?" in finding.remedy


def test_an_authentication_under_use_may_hold_a_secret(find: Any) -> None:
    found = find(
        """\
        use:
          secrets: [card]
          authentications: {own: {bearer: {token: '${ $secrets.card }'}}}
        do: []
        """
    )

    assert found == []


def test_a_variable_of_ones_own_called_secrets_is_none(find_in_tasks: Any) -> None:
    assert find_in_tasks("- a: {set: '${ . as $secrets | $secrets.card }'}") == []


def test_authorization_is_not_given_to_expressions(find_in_tasks: Any) -> None:
    found = find_in_tasks("- a: {call: http, with: {x: '${ $authorization.parameter }'}}")

    assert _found(found) == [("E302", "/do/0/a/with/x")]


def test_each_unused_secret_is_told_at_its_line(find: Any) -> None:
    found = find("use:\n  secrets:\n    - one\n    - two\ndo: []")

    assert [(each.code, each.line) for each in found] == [("W205", 4), ("W205", 5)]
