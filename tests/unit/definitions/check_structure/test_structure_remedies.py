"""Mistakes of structure that everybody makes once: each remedy says what to write."""

import json
from typing import Any

import pytest

from definition_texts import HEAD, definition, structural
from tenuto.definitions.check.structure.forms import mistakes
from tenuto.definitions.check.structure.kinds.every import FORMS

HTTP = "- a: {{call: http, with: {{method: get, endpoint: 'https://x', {0}}}}}"

REMEDIES = [
    (
        "- a: {run: {workflow: ops/fee}}",
        "/do/0/a/run/workflow",
        'expected a mapping with `namespace`, `name`, and `version`. For example `{"namespace"',
    ),
    (
        "- a: {try: [], catch: {retry: {limit: 3}}}",
        "/do/0/a/catch/retry/limit",
        'For example `{"attempt": {"count": 3}}`.',
    ),
    (
        "- a: {try: [], catch: {retry: {limit: {attempt: 3}}}}",
        "/do/0/a/catch/retry/limit/attempt",
        'For example `{"count": 3}`.',
    ),
    (
        "- a: {listen: {to: {one: {with: {type: t}}}, timeout: PT1H}}",
        "/do/0/a/listen/timeout",
        "`timeout` belongs beside `listen`",
    ),
    (
        "- a: {run: {workflow: {namespace: n, name: w, version: latest}, input: {x: 1}}}",
        "/do/0/a/run/input",
        "`input` belongs inside `workflow`",
    ),
    (
        "- a: {for: {each: $fund, in: .funds}, do: [b: {set: {x: '${ $fund }'}}]}",
        "/do/0/a/for/each",
        "Write `fund`, without the dollar sign.",
    ),
    (
        "- a: {try: [], catch: {as: $err}}",
        "/do/0/a/catch/as",
        "Write `err`, without the dollar sign.",
    ),
    ("- a: {set: {x: 1}, timeout: 30}", "/do/0/a/timeout", "`timeout: {after: PT30S}`"),
    (
        "- a: {set: {x: 1}, timeout: PT30S}",
        "/do/0/a/timeout",
        "Write `timeout: {after: PT30S}` for a length of time.",
    ),
    (HTTP.format("params: {a: b}"), "/do/0/a/with/params", "Did you mean `query`?"),
    (HTTP.format("json: {a: b}"), "/do/0/a/with/json", "Did you mean `body`?"),
    (HTTP.format("data: {a: b}"), "/do/0/a/with/data", "Did you mean `body`?"),
    (HTTP.format("auth: x"), "/do/0/a/with/auth", "endpoint: {uri: ..., authentication: ...}"),
    (HTTP.format("timeout: 5"), "/do/0/a/with/timeout", "`timeout` belongs beside `call`"),
    (
        "- a: {call: http, with: {method: get, endpoint: rates.example.com/v1}}",
        "/do/0/a/with/endpoint",
        "Begin it with `https://`, or with `http://`.",
    ),
    (
        "- a: {call: http, with: {method: get, endpoint: {uri: 'localhost:80/x'}}}",
        "/do/0/a/with/endpoint/uri",
        "Begin it with `https://`, or with `http://`.",
    ),
    (
        "- a: {call: openapi, with: {document: {endpoint: x.json}, operationId: o}}",
        "/do/0/a/with/document/endpoint",
        "Begin it with `https://`, or with `http://`.",
    ),
    ("- a: {emit: {type: t}}", "/do/0/a/emit/type", "under `event.with`"),
]


@pytest.mark.parametrize(("tasks", "path", "says"), REMEDIES)
def test_a_remedy_says_what_to_write(tasks: str, path: str, says: str) -> None:
    (finding,) = structural(definition(tasks))
    assert finding.path == path
    assert says in f"{finding.message} {finding.remedy}"


@pytest.mark.parametrize(
    "endpoint", ["'https://x/{id}'", "http://localhost:80", "'${ .url }'", "HTTPS://x"]
)
def test_an_address_with_its_scheme_is_right(endpoint: str) -> None:
    task = f"- a: {{call: http, with: {{method: get, endpoint: {endpoint}}}}}"
    assert structural(definition(task)) == []


@pytest.mark.parametrize("name", ["name", "version", "namespace", "dsl", "title"])
def test_a_word_of_the_head_beside_it(name: str) -> None:
    (finding,) = structural(f"{HEAD}{name}: x\ndo: []\n")
    assert finding.remedy == f"`{name}` belongs in `document`: `document: {{{name}: ...}}`."


def test_an_id_beside_the_head() -> None:
    (finding,) = structural(f"{HEAD}id: x\ndo: []\n")
    assert "by `namespace` and `name`" in finding.remedy


def test_what_is_missing_of_the_whole_document_is_written_out() -> None:
    found = {each.message: each.remedy for each in structural("x: 1\n")}
    assert "dsl: '1.0.3', namespace: ..." in found["`document` is missing in the file."]
    assert "the list of tasks" in found["`do` is missing in the file."]


JUNK: list[Any] = [None, 5, "text", [], [1], {}, {"junk": 1}]


def _with_junk(schema: Any) -> list[Any]:
    """Values that have junk in every place that `schema` names."""
    if not isinstance(schema, dict):
        return []
    inner: list[Any] = [
        {name: value}
        for name, member in schema.get("properties", {}).items()
        for value in [*JUNK, *_with_junk(member)]
    ]
    inner += [[value] for value in _with_junk(schema.get("items"))]
    for keyword in ("then", "else", "additionalProperties"):
        inner += _with_junk(schema.get(keyword))
    return inner


@pytest.mark.parametrize("form", FORMS)
def test_every_message_says_what_is_expected(form: str) -> None:
    values = {json.dumps(value): value for value in _with_junk(FORMS[form])}
    found = [each for value in values.values() for each in mistakes(form, value)]
    assert found
    assert all(each.expected != "another form" or each.refusal for each in found)
