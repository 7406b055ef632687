"""From blocks of activities (`workflowName`, `execution`) to a definition of DSL 1.0.

What the older form does and how it is said here:

* An `activity` is a `call` of that name; its positional `args` are the list `with.args`.
* `useDataFlow` (on unless switched off) passes the result before it on as `with.previous`; the
  first activity has none.
* `sequential` is a `do`; `parallel` is a `fork`, which stops the others when one fails, and its
  result is an object by name of the branch.
* Every step's result is kept in the context under the step's name, and that is the output.
"""

import json
from collections.abc import Callable
from textwrap import indent

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.definitions.convert.names import Names, document_name
from tenuto.definitions.expressions import is_expression

DSL = "1.0.3"
EXAMPLE = """\
workflowName: Load prices
execution:
  sequential:
    blocks:
      - activity: { activityName: fetchPrices, args: ['2026-03-31'] }
      - parallel:
          blocks:
            - activity: { activityName: checkPrices }
            - activity: { activityName: tellDesk, useDataFlow: false }
"""
"""A document of the older form."""

Body = dict[str, JsonValue]


def convert(value: JsonValue) -> JsonValue:
    """The definition in DSL 1.0 of a document in the older form.

    Raises UsageError `definition.cannot-convert`, naming every place that is not of that form: an
    unknown block or key is never passed over.
    """
    _refuse_newer(value)
    work = _Conversion()
    definition = work.document(value)
    if work.problems:
        raise UsageError(
            "The document is not a definition of the older form:\n"
            + "\n".join(f"  {problem}" for problem in work.problems)
            + f"\nThat form looks like this:\n{indent(EXAMPLE, '  ')}",
            code="definition.cannot-convert",
            details={"problems": work.problems},
        )
    return definition


def _refuse_newer(value: JsonValue) -> None:
    about = value.get("document") if isinstance(value, dict) else None
    if isinstance(about, dict) and "dsl" in about:
        raise UsageError(
            f"The document is DSL {about['dsl']} already; check it with"
            " `tenuto definition check FILE`.",
            code="definition.converted-already",
            details={"dsl": about["dsl"]},
        )


class _Conversion:
    """One document on its way; collects what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.names = Names()

    def document(self, value: JsonValue) -> JsonValue:
        written = self.mapping(value, "/")
        self.only(written, ("workflowName", "execution", "activities"), "/")
        title = self.text(written, "workflowName", "/")
        if ("execution" in written) == ("activities" in written):
            self.wrong("/", "has to have either `execution` or `activities`")
        if "activities" in written:
            tasks = self.legacy(written["activities"])
        else:
            tasks = self.root(written.get("execution"))
        return {
            "document": {
                "dsl": DSL,
                "namespace": "default",
                "name": document_name(title),
                "version": "1.0.0",
                "title": title,
            },
            # The older form has no input; the context begins as the input.
            "input": {"from": {}},
            "do": tasks,
            "output": {"as": "${ $context }"},
        }

    def root(self, value: JsonValue) -> list[JsonValue]:
        """The tasks of `execution`; those of an outermost `sequential` stand in `do` directly."""
        block = value if isinstance(value, dict) else {}
        if set(block) == {"sequential"}:
            return self.sequence(block["sequential"], "/execution/sequential", False)
        return [self.block(value, "/execution", False)]

    def legacy(self, value: JsonValue) -> list[JsonValue]:
        """The oldest form: activities one after the other, without data flow."""
        tasks: list[JsonValue] = []
        for index, item in enumerate(self.items(value, "/activities")):
            at = f"/activities/{index}"
            written = self.mapping(item, at)
            self.only(written, ("activityName", "args"), at)
            tasks.append(self.call(written, at, passes_on=False))
        return tasks

    def block(self, value: JsonValue, at: str, has_previous: bool) -> JsonValue:
        written = self.mapping(value, at)
        makers: dict[str, Callable[[JsonValue, str, bool], JsonValue]] = {
            "activity": self.activity,
            "sequential": self.sequential,
            "parallel": self.parallel,
        }
        known = [kind for kind in written if kind in makers]
        self.only(written, tuple(makers), at)
        if len(known) != 1:
            self.wrong(at, f"has to be one block: {_listed(tuple(makers))}")
            return {}
        return makers[known[0]](written[known[0]], f"{at}/{known[0]}", has_previous)

    def activity(self, value: JsonValue, at: str, has_previous: bool) -> JsonValue:
        written = self.mapping(value, at)
        self.only(written, ("activityName", "args", "useDataFlow"), at)
        flows = written.get("useDataFlow", True)
        if not isinstance(flows, bool):
            self.wrong(f"{at}/useDataFlow", "has to be true or false")
        return self.call(written, at, passes_on=flows is True and has_previous)

    def sequential(self, value: JsonValue, at: str, has_previous: bool) -> JsonValue:
        name = self.names.new("sequential")
        return {name: {"do": self.sequence(value, at, has_previous), "export": _kept(name)}}

    def sequence(self, value: JsonValue, at: str, has_previous: bool) -> list[JsonValue]:
        return [
            self.block(block, f"{at}/blocks/{index}", has_previous or index > 0)
            for index, block in enumerate(self.blocks(value, at))
        ]

    def parallel(self, value: JsonValue, at: str, has_previous: bool) -> JsonValue:
        name = self.names.new("parallel")
        branches = [
            self.block(block, f"{at}/blocks/{index}", has_previous)
            for index, block in enumerate(self.blocks(value, at))
        ]
        names = [next(iter(branch), "") for branch in branches if isinstance(branch, dict)]
        by_name: Body = {branch: f"${{ .[{index}] }}" for index, branch in enumerate(names)}
        return {
            name: {
                "fork": {"branches": branches},
                "output": {"as": by_name},
                "export": _kept(name),
            }
        }

    def call(self, written: Body, at: str, *, passes_on: bool) -> JsonValue:
        function = self.text(written, "activityName", at)
        arguments = self.items(written.get("args", []), f"{at}/args")
        name = self.names.new(function)
        given: Body = {"args": _literal(arguments)} if arguments else {}
        if passes_on:
            given["previous"] = "${ . }"
        body: Body = {"call": function}
        if given:
            body["with"] = given
        return {name: {**body, "export": _kept(name)}}

    def blocks(self, value: JsonValue, at: str) -> list[JsonValue]:
        written = self.mapping(value, at)
        self.only(written, ("blocks",), at)
        found = self.items(written.get("blocks"), f"{at}/blocks")
        if not found:
            self.wrong(f"{at}/blocks", "has to hold at least one block")
        return found

    def mapping(self, value: JsonValue, at: str) -> Body:
        if isinstance(value, dict):
            return value
        self.wrong(at, "has to be an object")
        return {}

    def items(self, value: JsonValue, at: str) -> list[JsonValue]:
        if isinstance(value, list):
            return value
        self.wrong(at, "has to be a list")
        return []

    def text(self, written: Body, key: str, at: str) -> str:
        value = written.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(f"{at.rstrip('/')}/{key}", "has to be a name")
        return "unnamed"

    def only(self, written: Body, known: tuple[str, ...], at: str) -> None:
        for key in written:
            if key not in known:
                self.wrong(f"{at.rstrip('/')}/{key}", f"is not known here; {_listed(known)} are")

    def wrong(self, at: str, problem: str) -> None:
        line = f"`{at}` {problem}."
        if line not in self.problems:
            self.problems.append(line)


def _kept(name: str) -> JsonValue:
    return {"as": f"${{ $context + {{{_quoted(name)}: .}} }}"}


def _literal(value: JsonValue) -> JsonValue:
    """A value that an expression language must not read: `${ … }` was plain text before."""
    if isinstance(value, list):
        return [_literal(each) for each in value]
    if isinstance(value, dict):
        return {key: _literal(each) for key, each in value.items()}
    if isinstance(value, str) and is_expression(value):
        return f"${{ {_quoted(value)} }}"
    return value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
