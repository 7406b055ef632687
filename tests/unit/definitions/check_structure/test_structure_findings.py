"""Each mistake of structure: its code, its place, and a message that helps."""

import pytest

from definition_texts import HEAD, codes, definition, only, structural
from tenuto.definitions.check.structure.codes import CODES

OK = "- a: {set: {x: 1}}"

HEADS = [
    ("dsl: 1.0.4", "E110", "`1.0.0`, `1.0.1`, `1.0.2`, `1.0.3`"),
    ("dsl: 1.0", "E101", "Write it in quotes"),
    ("version: 0.1", "E101", "`version` is `0.1`; expected a semantic version, as text"),
    ("version: '1'", "E101", "semantic version"),
    ("name: two words", "E101", "letters, digits, and hyphens"),
    ("namespace: -a", "E101", "letters, digits, and hyphens"),
    ("tags: [a]", "E101", "a mapping from tag to value"),
    ("summery: x", "E112", "Did you mean `summary`?"),
]

TASKS = [
    ("- a: {set: {x: 1}}\n  b: {set: {x: 1}}", "E102", "/do/0", "holds 2 keys"),
    ("- set: {x: 1}\n  then: end", "E102", "/do/0", "Put a name before them"),
    ("- just text", "E102", "/do/0", "is not one named task"),
    ("- {}", "E102", "/do/0", "is not one named task"),
    ("- a: {set: {x: 1}}\n- a: {set: {x: 2}}", "E103", "/do/1/a", "name of task 1"),
    ("- a:", "E111", "/do/0/a", "The task is `null`"),
    ("- a: {then: end}", "E111", "/do/0/a", "says nothing to do"),
    ("- a: {set: {x: 1}, wait: PT1S}", "E111", "/do/0/a/wait", "`set`, `wait` at once"),
    ("- a: {parallel: []}", "E111", "/do/0/a/parallel", "Did you mean `fork`?"),
    ("- a: {steps: []}", "E111", "/do/0/a/steps", "Did you mean `do`?"),
    ("- a: {cal: http}", "E111", "/do/0/a/cal", "Did you mean `call`?"),
    ("- a: {frobnicate: 1}", "E111", "/do/0/a/frobnicate", "Kinds of task are `call`"),
    ("- a: {with: {x: 1}}", "E111", "/do/0/a/with", "belongs beside `call`, which is missing"),
    ("- a: {catch: {}}", "E111", "/do/0/a/catch", "belongs beside `try`"),
    ("- a: {set: {x: 1}, next: end}", "E112", "/do/0/a/next", "Did you mean `then`?"),
    ("- a: {set: {x: 1}, retry: {}}", "E112", "/do/0/a/retry", "belongs in `catch`"),
    ("- a: {set: {x: 1}, when: .x}", "E112", "/do/0/a/when", "A condition of a task is `if`"),
    ("- a: {set: {x: 1}, id: a}", "E112", "/do/0/a/id", "is the key of its item"),
    ("- a: {set: {x: 1}, export: {n: .x}}", "E112", "/do/0/a/export/n", "Put it under `as`"),
    ("- a: {set: {x: 1}, export: .x}", "E113", "/do/0/a/export", "Put it under `as`"),
    ("- a: {set: {x: 1}, output: .x}", "E113", "/do/0/a/output", "`output: {as: ...}`"),
    ("- a: {set: {x: 1}, input: .x}", "E113", "/do/0/a/input", "`input: {from: ...}`"),
    ("- a: {set: {x: 1}, if: true}", "E113", "/do/0/a/if", "expected an expression, as text"),
    ("- a: {set: {}}", "E113", "/do/0/a/set", "`set` is empty; expected a mapping with at least"),
    ("- a: {set: [1]}", "E113", "/do/0/a/set", "`set` is `[1]`"),
    ("- a: {do: {b: {set: {x: 1}}}}", "E113", "/do/0/a/do", "Write each task as an item"),
    ("- a: {call: }", "E113", "/do/0/a/call", "expected the name of a function"),
    ("- a: {call: f, with: [1]}", "E113", "/do/0/a/with", "a mapping from argument to value"),
    ("- a: {call: f, args: {x: 1}}", "E112", "/do/0/a/args", "Did you mean `with`?"),
    ("- a: {call: http}", "E113", "/do/0/a", "`with` is missing in a `call: http` task"),
    (
        "- a: {call: http, with: {method: get, url: 'https://x.example'}}",
        "E112",
        "/do/0/a/with/url",
        "Did you mean `endpoint`?",
    ),
    (
        "- a: {call: http, with: {method: gte, endpoint: 'https://x.example'}}",
        "E113",
        "/do/0/a/with/method",
        "one of `get`, `head`, `post`",
    ),
    (
        "- a: {call: http, with: {method: get, endpoint: 'https://x.example', query: {page: 2}}}",
        "E113",
        "/do/0/a/with/query/page",
        "Put the value in quotes.",
    ),
    (
        "- a: {call: http, with: {method: get, endpoint: {uri: not a uri}}}",
        "E113",
        "/do/0/a/with/endpoint/uri",
        "a URI without spaces",
    ),
    (
        "- a: {call: http, with: {method: get, endpoint: {uri: 'https://x', authentication: {}}}}",
        "E113",
        "/do/0/a/with/endpoint/authentication",
        "is empty; expected `use` with a name, or exactly one",
    ),
    (
        "- a: {call: openapi, with: {document: {endpoint: 'https://x'}}}",
        "E113",
        "/do/0/a/with",
        "operationId",
    ),
    (
        "- a: {fork: {branches: [], parallel: 2}}",
        "E112",
        "/do/0/a/fork/parallel",
        "under `fork.branches`",
    ),
    ("- a: {fork: [b: {set: {x: 1}}]}", "E113", "/do/0/a/fork", "under `fork.branches`"),
    ("- a: {for: {each: x}, do: []}", "E113", "/do/0/a/for", "`in` is missing in `for`"),
    ("- a: {for: {in: .x}}", "E113", "/do/0/a", "`do` is missing in a `for` task"),
    ("- a: {for: {in: [1]}, do: []}", "E113", "/do/0/a/for/in/0", "by an expression"),
    ("- a: {for: {in: .x, each: $y}, do: []}", "E113", "/do/0/a/for/each", "dollar sign"),
    ("- a: {do: [], while: .x}", "E112", "/do/0/a/while", "belongs beside `for`"),
    ("- a: {switch: []}", "E113", "/do/0/a/switch", "at least one case"),
    ("- a: {switch: [{b: {when: .x}}]}", "E113", "/do/0/a/switch/0/b", "`then` is missing in `b`"),
    (
        "- a: {switch: [{b: {when: .x, then: end}, c: {then: end}}]}",
        "E113",
        "/do/0/a/switch/0",
        "one case",
    ),
    ("- a: {try: []}", "E113", "/do/0/a", "`catch` is missing in a `try` task"),
    ("- a: {try: [], catch: {errors: {type: x}}}", "E112", "/do/0/a/catch/errors/type", "with"),
    (
        "- a: {try: [], catch: {retry: {backoff: {}}}}",
        "E113",
        "/do/0/a/catch/retry/backoff",
        "empty",
    ),
    (
        "- a: {try: [], catch: {retry: {backoff: {constant: {}, linear: {}}}}}",
        "E113",
        "/do/0/a/catch/retry/backoff",
        "has `constant`, `linear`; expected one of `constant`, `exponential`, `linear`",
    ),
    (
        "- a: {try: [], catch: {retry: {limit: {attempt: {count: 0}}}}}",
        "E113",
        "/do/0/a/catch/retry/limit/attempt/count",
        "1 or more",
    ),
    (
        "- a: {try: [], catch: {retry: {maxAttempts: 3}}}",
        "E112",
        "/do/0/a/catch/retry/maxAttempts",
        "Did you mean `limit`?",
    ),
    ("- a: {raise: {type: x}}", "E112", "/do/0/a/raise/type", "under `raise.error`"),
    ("- a: {raise: {error: {type: x}}}", "E113", "/do/0/a/raise/error", "`status` is missing"),
    ("- a: {emit: {event: {type: x}}}", "E112", "/do/0/a/emit/event/type", "under `event.with`"),
    ("- a: {emit: {event: {with: {}}}}", "E113", "/do/0/a/emit/event/with", "`type` is missing"),
    (
        "- a: {emit: {event: {with: {type: x, dataContentType: y}}}}",
        "E112",
        "/do/0/a/emit/event/with/dataContentType",
        "Did you mean `datacontenttype`?",
    ),
    ("- a: {listen: {one: {}}}", "E112", "/do/0/a/listen/one", "is not known in `listen`"),
    ("- a: {listen: {to: {}}}", "E113", "/do/0/a/listen/to", "is empty; expected exactly one of"),
    ("- a: {listen: {to: {one: {with: {}}}}}", "E113", "/do/0/a/listen/to/one/with", "is empty"),
    ("- a: {run: {}}", "E113", "/do/0/a/run", "`workflow` is missing in `run`"),
    (
        "- a: {run: {workflow: {namespace: a, name: b, version: 0.1}}}",
        "E113",
        "/do/0/a/run/workflow/version",
        "or `latest`",
    ),
    ("- a: {wait: 30}", "E114", "/do/0/a/wait", 'For example `"PT30S"`'),
    ("- a: {wait: 30s}", "E114", "/do/0/a/wait", "ISO 8601"),
    ("- a: {wait: P1M}", "E114", "/do/0/a/wait", "in weeks or shorter units"),
    ("- a: {wait: {}}", "E114", "/do/0/a/wait", "at least one of `days`"),
    ("- a: {wait: {second: 3}}", "E112", "/do/0/a/wait/second", "Did you mean `seconds`?"),
    ("- a: {wait: {seconds: 1.5}}", "E114", "/do/0/a/wait/seconds", "a whole number"),
    ("- a: {wait: PT1S, timeout: {after: -PT1S}}", "E114", "/do/0/a/timeout/after", "ISO 8601"),
    ("- a: {wait: PT1S, timeout: PT5S}", "E107", "/do/0/a/timeout", "no timeout `PT5S`"),
    ("- a: {try: [], catch: {retry: twice}}", "E107", "/do/0/a/catch/retry", "no retry policy"),
    ("- a: {raise: {error: oops}}", "E107", "/do/0/a/raise/error", "no error `oops`"),
    (
        "- a: {call: http, with: {method: get, endpoint: {uri: a://u, authentication: {use: me}}}}",
        "E107",
        "/do/0/a/with/endpoint/authentication/use",
        "Add it under `use.authentications`",
    ),
    ("- a: {set: {x: 1}, input: {schema: {}}}", "E113", "/do/0/a/input/schema", "under `document`"),
    (
        "- a: {set: {x: 1}, input: {schema: {document: 5}}}",
        "E115",
        "/do/0/a/input/schema/document",
        "is no JSON Schema",
    ),
    (
        "- a: {set: {x: 1}, output: {schema: {document: {type: strin}}}}",
        "E115",
        "/do/0/a/output/schema/document/type",
        "is not valid",
    ),
    (
        "- a: {set: {x: 1}, export: {schema: {document: {$ref: '#/$defs/no'}}}}",
        "E115",
        "/do/0/a/export/schema/document",
        "does not exist",
    ),
    ("- end: {set: {x: 1}}", "W117", "/do/0/end", "means something else"),
    (
        """- a: {raise: {error: {status: 408,
            type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timout'}}}""",
        "W116",
        "/do/0/a/raise/error/type",
        "errors/timeout`?",
    ),
    (
        "- a: {try: [], catch: {errors: {with: {type: communication}}}}",
        "W116",
        "/do/0/a/catch/errors/with/type",
        "errors/communication`?",
    ),
    (
        """- a: {call: http, with: {method: get, endpoint: {uri: a://u, authentication:
            {basic: {username: u, password: 1234}}}}}""",
        "E113",
        "/do/0/a/with/endpoint/authentication/basic/password",
        "`password` has not the right form; expected text. Put it in quotes.",
    ),
]

REFUSED = [
    ("- a: {run: {shell: {command: ls}}}", "", "E151"),
    ("- a: {run: {script: {language: js, code: x}}}", "", "E151"),
    ("- a: {run: {container: {image: x}, return: all}}", "", "E151"),
    (
        "- a: {run: {workflow: {namespace: a, name: b, version: 1.0.0}, return: none}}",
        "",
        "E151",
    ),
    ("- a: {call: grpc, with: {anything: 1}}", "", "E152"),
    ("- a: {call: mcp}", "", "E152"),
    ("- a: {listen: {to: {any: [], until: '${ true }'}}}", "", "E153"),
    ("- a: {listen: {to: {one: {with: {type: x}}}}, foreach: {do: []}}", "", "E153"),
    (OK, "schedule: {after: PT1H}", "E154"),
    (OK, "schedule: {on: {one: {with: {type: x}}}}", "E154"),
    (OK, "use: {catalogs: {mine: {endpoint: 'https://x.example'}}}", "E155"),
    (OK, "evaluate: {mode: loose}", "E156"),
    (OK, "evaluate: {language: js}", "E156"),
    (
        """- a: {call: http, with: {method: get, endpoint: {uri: a://u, authentication:
            {oauth2: {authority: u, grant: password, client: {id: a, secret: b}}}}}}""",
        "",
        "E157",
    ),
    (OK, "input: {schema: {resource: {endpoint: 'https://x.example'}}}", "E158"),
    (OK, "input: {schema: {format: avro, document: {}}}", "E158"),
    (OK, "input: {schema: {document: {$ref: 'https://x.example/s.json'}}}", "E158"),
    (
        OK,
        "input: {schema: {document: {$schema: 'http://json-schema.org/draft-07/schema#'}}}",
        "E158",
    ),
]

OUTSIDE = [
    ("steps: []", "E112", "/steps", "Did you mean `do`?"),
    ("use: {function: {}}", "E112", "/use/function", "Did you mean `functions`?"),
    ("use: {retries: {a: {delay: soon}}}", "E114", "/use/retries/a/delay", "duration"),
    ("use: {errors: {a: {status: 400}}}", "E101", "/use/errors/a", "`type` is missing in `a`"),
    ("use: {authentications: {a: {use: b}}}", "E112", "/use/authentications/a/use", "`basic`"),
    ("use: {secrets: {a: b}}", "E101", "/use/secrets", "a list of names"),
    ("use: {functions: {f: }}", "E111", "/use/functions/f", "The task is `null`"),
    ("use: {functions: {f: {cal: x}}}", "E111", "/use/functions/f/cal", "Did you mean `call`?"),
    ("use: {extensions: [{e: {extend: loop}}]}", "E101", "/use/extensions/0/e/extend", "one of"),
    ("schedule: {}", "E101", "/schedule", "is empty; expected a mapping with `every` or `cron`"),
    ("schedule: {every: 5}", "E114", "/schedule/every", "a duration"),
    ("timeout: {seconds: 5}", "E112", "/timeout/seconds", "Put the duration under `after`"),
    ("output: .x", "E101", "/output", "`output: {as: ...}`"),
]


@pytest.mark.parametrize(("member", "code", "says"), HEADS)
def test_the_head_of_a_document(member: str, code: str, says: str) -> None:
    name, _, value = member.partition(": ")
    members = {"dsl": "1.0.3", "namespace": "a", "name": "b", "version": "1.0.0", name: value}
    head = "".join(f"  {key}: {text}\n" for key, text in members.items())
    finding = only(f"document:\n{head}do: []\n")
    assert finding.code == code
    assert finding.path == f"/document/{name}"
    assert says in f"{finding.message} {finding.remedy}"


@pytest.mark.parametrize(("tasks", "code", "path", "says"), TASKS)
def test_a_mistake_in_a_task_gives_one_finding(tasks: str, code: str, path: str, says: str) -> None:
    finding = only(definition(tasks))
    assert (finding.code, finding.path) == (code, path)
    assert says in f"{finding.message} {finding.remedy}"
    assert finding.line >= 3


@pytest.mark.parametrize(("tasks", "more", "code"), REFUSED)
def test_what_this_release_does_not_take_is_refused_by_its_code(
    tasks: str, more: str, code: str
) -> None:
    finding = only(definition(tasks, more))
    assert finding.code == code
    assert finding.remedy


@pytest.mark.parametrize(("more", "code", "path", "says"), OUTSIDE)
def test_a_mistake_outside_the_tasks(more: str, code: str, path: str, says: str) -> None:
    found = [each for each in structural(definition(OK, more)) if each.code != "W108"]
    (finding,) = found
    assert (finding.code, finding.path) == (code, path)
    assert says in f"{finding.message} {finding.remedy}"


@pytest.mark.parametrize("text", ["5", "[]", "text", "~", HEAD, "do: []"])
def test_what_is_no_definition_at_all(text: str) -> None:
    assert "E101" in codes(text)


def test_what_is_never_used_is_named_and_what_is_used_is_not() -> None:
    more = """
      timeout: short
      use:
        timeouts: {short: {after: PT1M}, long: {after: PT1H}}
        functions: {f: {set: {x: 1}}, g: {set: {x: 1}}}
        retries: {r: {delay: PT1S}, s: {delay: PT1S}}
        errors: {e: {type: 'https://x.example/e', status: 400}}
        authentications: {me: {basic: {username: a, password: b}}}
    """
    tasks = """
      - a: {call: f}
      - b: {try: [{c: {raise: {error: e}}}], catch: {retry: r}}
      - d: {call: openapi, with: {document: {endpoint: {uri: a://u, authentication: {use: me}}},
                                  operationId: o}}
    """
    found = structural(definition(tasks, more))
    assert {each.code for each in found} == {"W108"}
    assert sorted(each.path for each in found) == [
        "/use/functions/g",
        "/use/retries/s",
        "/use/timeouts/long",
    ]


def test_what_may_be_a_password_is_not_repeated() -> None:
    more = "use: {authentications: {a: {basic: hunter2}, b: {bearer: {token: [hunter2]}}}}"
    found = structural(definition(OK, more))
    assert [each.path for each in found if each.code == "E101"] == [
        "/use/authentications/a/basic",
        "/use/authentications/b/bearer/token",
    ]
    assert "hunter2" not in "".join(str(each) for each in found)


def test_a_name_that_is_almost_there_is_proposed() -> None:
    more = "use: {retries: {backOff: {delay: PT1S}}}"
    tasks = "- a: {try: [], catch: {retry: backof}}\n- b: {try: [], catch: {retry: backOff}}"
    finding = only(definition(tasks, more))
    assert finding.remedy == "Did you mean `backOff`?"


def test_one_misspelt_property_is_not_also_reported_as_missing() -> None:
    finding = only(definition("- a: {call: http, wiht: {method: get, endpoint: u}}"))
    assert (finding.code, finding.remedy) == ("E112", "Did you mean `with`?")


def test_all_mistakes_are_found_in_one_pass_wherever_they_stand() -> None:
    tasks = """
      - a:
          do:
            - b: {set: {}}
            - c:
                fork:
                  branches:
                    - d: {wait: soon}
          timeoutt: PT1S
      - e:
          try:
            - f: {cal: x}
          catch:
            do:
              - g: {set: {x: 1}, then: nowhere}
    """
    assert codes(definition(tasks)) == ["E104", "E111", "E112", "E113", "E114"]


def test_expressions_are_taken_where_the_language_has_them() -> None:
    tasks = """
      - a: {wait: '${ .delay }', timeout: {after: '${ .limit }'}}
      - b:
          call: http
          with: {method: '${ .m }', endpoint: '${ .e }', headers: '${ .h }', query: '${ .q }'}
      - c: {set: '${ . }'}
      - d: {if: .broken, raise: {error: {type: '${ .y }', status: 400, title: '${ .t }'}}}
      - e: {for: {in: .xs}, while: .go, do: [{f: {set: {x: '${ $item }'}}}]}
    """
    assert codes(definition(tasks)) == []


def test_every_code_of_structure_is_found_by_some_test_here() -> None:
    shown = {code for _, code, *_ in [*HEADS, *OUTSIDE]} | {code for _, code, *_ in TASKS}
    elsewhere = {"E104", "W105", "E106", "W106", "W108", "E109"}
    assert shown | {code for *_, code in REFUSED} | elsewhere == set(CODES)
