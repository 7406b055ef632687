"""The reference of definitions as Markdown: the language here, and the code of every finding."""

from collections.abc import Iterator

from tenuto.definitions.check.every_code import CODES
from tenuto.definitions.profile import COMMIT, GROUPS, SPECIFICATION, Element, Group

_NOT_SUPPORTED = "refused"

_FORM = """\
```yaml
document:                    # who it is: namespace, name, and version never mean two things
  dsl: '1.0.3'
  namespace: shop
  name: order
  version: '1.0.0'
input:                       # what a run takes
  schema:
    document: { type: object, required: [ order ] }
do:                          # a list; every item is one task with a name of its own
  - total:
      set:
        amount: '${ .order.amount }'
      export: { as: '$context + { amount: .amount }' }
  - tell:
      if: .amount != "0.00"
      call: notify.file
      with:
        folder: out
        name: '${ $workflow.id }'
        text: '${ "Ordered for \\(.amount)" }'
        idempotency_key: '${ $workflow.id }'
output:                      # what it gives
  as: '{ amount: $context.amount }'
```
"""

_ALWAYS = """\
Tasks run in the order of the list. What a task gives out is what the next one takes in: `.` in
its expressions. A task is of exactly one kind, named by one of the keywords below.

What happens to the data of one task, in this order:

1. `if` over the raw input. A task that is skipped hands its input on, and its `then` is ignored.
2. `input.schema` checks the raw input, `input.from` transforms it: `$input` from here on.
3. The task runs.
4. `output.as` transforms what it gives, `output.schema` checks that: `$output`.
5. `export.as` over the transformed output is the new `$context`, checked by `export.schema`.
6. `then` says where to go on.

In schemas, `format` and `default` describe and change nothing: a date is not checked, and a
default is not filled in. Use `pattern`, and `.limit // 0.03`.
"""

_EXPRESSIONS = """\
An expression is [jq](https://jqlang.org/manual/). Two kinds of places take one:

| Place | How it is written |
|---|---|
| `if`, `when`, `exceptWhen`, `while`, `for.in`, `input.from`, `output.as`, `export.as`, \
`correlate.*.from` | bare, `.order.id`; `${ .order.id }` means the same |
| values in `set`, `with`, `emit.event.with`, `raise.error`, `run.workflow.input`, durations | \
the whole text is `${ ... }`; any other text is itself |

Quote a text that has `: `, `#`, or `{` in it: YAML reads `as: { id: .id }` as an object, and
`as: '{ id: .id }'` as jq. Inside a longer text an expression is not evaluated (W201); write
`'${ "Hello \\(.name)" }'`.

| Variable | What it is | Where |
|---|---|---|
| `.` | the data the expression is over | everywhere |
| `$context` | the run's transformed input, until a task exports | tasks, the run's `output.as` |
| `$input` | the task's transformed input | the task itself, its `output.as` and `export.as` |
| `$output` | the task's transformed output | `export.as` |
| `$task` | `name`, `reference`, `input`, `output`, `startedAt`, `definition` | tasks |
| `$workflow` | `id`, `input` (raw), `startedAt`, `definition` | everywhere |
| `$runtime` | `name`, `version`, `metadata` | everywhere |
| `$secrets` | declared secrets, as a whole value only | `with`, `authentication` |
| `$item`, `$index`, or the names in `for` | of a loop | the loop's tasks, `while` |
| `$error`, or the name in `catch.as` | the error taken | `catch` |

There is no clock, no environment, and no input in expressions: `now`, `env`, `input`, and the like
are refused (E302). An expression that does not end, nests too deeply, or makes too much data ends
as an `expression` error 400, the same on every replay. jq counts in floating point, so an amount
of money travels as text, and activities calculate with it (W301).
"""

_CALLS = """\
| `call:` | What runs |
|---|---|
| `http`, `openapi` | The specification's own calls |
| a name in `use.functions` | That task, with `with` as its input |
| `notify.email`, `notify.email:1.0.0@default` | The entry of the [catalog](catalog.md); its \
record says what `with` takes, and `tenuto catalog NAME` shows it |
| `daily-nav` | A workflow of the catalog, as a child |
| `human.approval` | Asks people by a task: [how](../how-to/write-a-definition.md), and [how \
they decide](../how-to/decide-tasks.md) |
| `policy.check` | Asks the rules: [how](../how-to/write-a-policy.md); \
where policy is off it refuses with 403 |
| any name, with `metadata.temporal.activity` and `.taskQueue` | That activity on that queue, in \
whatever language it is written; nothing is known about its arguments |

`metadata.temporal` of a task changes how the engine runs it; other runtimes ignore it.

| Key | Meaning |
|---|---|
| `activity` | Name of an activity that is not in the catalog |
| `taskQueue` | Where it runs |
| `startToClose`, `scheduleToClose`, `scheduleToStart`, `heartbeat` | Durations |
| `retry` | `initialInterval`, `backoffCoefficient`, `maximumInterval`, `maximumAttempts`, \
`nonRetryableErrorTypes` |
| `priority` | 1 (first) to 5 |
| `local` | Runs inside the workflow's worker; for pure, fast activities of the same queue |
| `summary` | Shown in the history; the task's name otherwise |

`metadata.searchAttributes`, of a task or of `document`, sets search attributes of the run.
`document.metadata.temporal.schedule` has `timeZone`, `overlap`, `catchup`, and `jitter`.

`tenuto catalog NAME --json` has the fields of what an entry gives under `result_schema`.
`human.approval` gives `decision`, `votes`, `comment`, and `form`.
"""

_ERRORS = """\
An error is a problem after RFC 9457: `type`, `status`, `title`, `detail`, and `instance`, the
pointer of the task, `/do/0/tryGetPet/try/0/getPet`. A run that ends with one shows it, and
`catch.errors.with` compares members. Types are given out as
`https://open-workflow-specification.org/spec/1.0.0/errors/NAME`; the three older spellings of the
same type are taken as equal.

| NAME | `status` | Raised by |
|---|---|---|
| `configuration` | 400 | what is asked for does not exist: a definition, an operation; an address \
or a duration that is none |
| `validation` | 400 | data that a schema refuses; arguments that the activity's model refuses |
| `expression` | 400 | jq |
| `authentication` | 401 | a login that fails |
| `authorization` | 403 | a missing secret; `policy.check` |
| `timeout` | 408 | `timeout`, an approval that expires, a timeout of the engine |
| `communication` | of the answer, or 500 | `call: http`, `call: openapi` |
| `runtime` | 500 | any other activity that fails |

An error of an activity of ours also has its [code](errors.md) as the member `code`:
`when: $error.code == "files.not-found"`.
"""


def definitions_page() -> Iterator[str]:
    """The page, line by line."""
    yield "# Definitions\n"
    yield "Workflows as YAML or JSON in the"
    yield f"{SPECIFICATION},"
    yield f"unchanged, as of commit `{COMMIT}` of its repository. `tenuto definition check FILE`"
    yield "says everything that is wrong with one before it runs;"
    yield "[Write a definition](../how-to/write-a-definition.md) begins at the beginning.\n"
    yield "## The form\n"
    yield _FORM
    yield _ALWAYS
    yield "## Expressions\n"
    yield _EXPRESSIONS
    yield "## Calls\n"
    yield _CALLS
    yield "## Errors\n"
    yield _ERRORS
    yield "## Elements\n"
    yield "Every element of the specification's schema. One that is refused is refused by"
    yield "`tenuto definition check`, with the code that stands here, and never ignored.\n"
    for group in GROUPS:
        yield from _group(group)
    yield "## Findings\n"
    yield "`E...` stops a definition, `W...` warns. Every finding has file, line, column, a JSON"
    yield "pointer, and mostly a remedy; `--format json` and `--format sarif` have the same.\n"
    yield "| Code | Meaning |\n|---|---|"
    for code, meaning in sorted(CODES.items(), key=lambda each: (each[0][1:], each[0])):
        yield f"| `{code}` | {_cell(meaning)} |"


def _group(group: Group) -> Iterator[str]:
    yield f"### {group.name}\n"
    yield "| Element | Here |\n|---|---|"
    for element in group.elements:
        yield f"| `{element.path}` | {_cell(_said(element))} |"
    yield ""


def _said(element: Element) -> str:
    if element.refused is None:
        return element.does
    return f"{_NOT_SUPPORTED}, `{element.refused}`: {element.does}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
