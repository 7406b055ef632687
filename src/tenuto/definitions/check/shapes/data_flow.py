"""What data reach each task, worked out from schemas along every way through a definition."""

import json
from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.calls.arguments import literal_schema
from tenuto.definitions.check.calls.calls import callee
from tenuto.definitions.check.expressions.used import Sees
from tenuto.definitions.check.parts import mapping, part
from tenuto.definitions.check.shapes.built_in import ERROR, EVENT, RUNTIME, of_run, of_task
from tenuto.definitions.check.shapes.outputs import result_of
from tenuto.definitions.check.shapes.shapes import ANY, NOTHING, Shape, of_array, of_schema, union
from tenuto.definitions.check.shapes.templates import of_template, of_transformation
from tenuto.definitions.check.shapes.ways import Ways, own_tasks, returned_to, targets
from tenuto.definitions.tasks import TaskAt, loop_variables

Variables = dict[str, Shape]

_DEEPEST_FUNCTION = 8
_MOST_CALLS = 500
"""Calls of functions are followed so deep, and so often in all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """What is known of a run's data at one point."""

    value: Shape
    """The input of what comes next, or the output of what has ended."""
    context: Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the expressions of one task, or of the document itself, see."""

    dot: dict[Sees, Shape]
    variables: dict[Sees, Variables]


def seen_in(definition: JsonValue, catalog: Catalog) -> dict[str, Seen]:
    """What each task sees, by its pointer; the document itself stands at "".

    Tasks that are not there see nothing certain. Extensions may change the data of any task, so
    that a definition with extensions has nothing here.
    """
    if mapping(definition, "use").get("extensions"):
        return {}
    walk = _Walk(definition, catalog)
    walk.document()
    return walk.seen


class _Walk:
    """Follows the data through a definition, once."""

    def __init__(self, definition: JsonValue, catalog: Catalog) -> None:
        self.seen: dict[str, Seen] = {}
        self._definition = definition
        self._catalog = catalog
        self._ends: list[Data] = []
        """Where the run ends by `end`."""
        self._functions = 0
        """How many functions deep this is; what their tasks see depends on the call."""
        self._calls = 0
        functions = mapping(definition, "use").get("functions")
        self._functions_export = '"export"' in json.dumps(functions)
        self._run_input = of_schema(literal_schema(definition, "input") or True)
        self._run: Variables = {"workflow": of_run(self._run_input), "runtime": RUNTIME}

    def document(self) -> None:
        """Every task of `do`, and the document's own expressions."""
        written = part(self._definition, "input", "from")
        value = of_transformation(written, self._run_input, self._run)
        # Before the first export, the context is the run's input.
        start = Data(value=value, context=value)
        ends = _joined([self._list(part(self._definition, "do"), "/do", start, {}), *self._ends])
        self.seen[""] = Seen(
            dot={Sees.RUN_INPUT: self._run_input, Sees.LAST_OUTPUT: ends.value},
            variables={
                Sees.RUN_INPUT: self._run,
                Sees.LAST_OUTPUT: {**self._run, "context": ends.context},
            },
        )

    def _list(self, tasks: JsonValue, pointer: str, data: Data, bound: Variables) -> Data:
        """What comes out of the tasks of a list."""
        own = own_tasks(tasks, pointer)
        return self._through(own, data, bound) if own else data

    def _through(self, own: list[TaskAt], data: Data, bound: Variables) -> Data:
        ways: Ways[Data] = Ways([task.name for task in own], data)
        returned = returned_to(own)
        for position, task in enumerate(own):
            entering = _joined(ways.into(position))
            if entering.value.is_nothing:
                continue  # It is never reached.
            if task.name in returned:
                entering = Data(value=ANY, context=ANY)
            done = self._performed(task, entering, bound)
            if "if" in task.body:
                ways.go(position, "continue", entering)
            for target in targets(task):
                ways.go(position, target, done)
        self._ends += ways.ends
        return _joined(ways.out)

    def _performed(self, task: TaskAt, data: Data, bound: Variables) -> Data:
        """What one task, when it is not skipped, leaves behind."""
        raw = _or_schema(data.value, task, "input")
        before = {**self._run, **bound, "context": data.context, "task": of_task(raw, ANY)}
        value = of_transformation(part(task.body, "input", "from"), raw, before)
        during = {**before, "input": value}
        ran = self._inside(task, value, during, data.context, bound)
        ended = {**during, "context": ran.context, "task": of_task(raw, ran.value)}
        written = part(task.body, "output", "as")
        output = _or_schema(of_transformation(written, ran.value, ended), task, "output")
        after = {**ended, "output": output}
        export = part(task.body, "export", "as")
        context = ran.context if export is None else of_transformation(export, output, after)
        if not self._functions:
            self.seen[task.pointer] = Seen(
                dot={
                    Sees.RAW_INPUT: raw,
                    Sees.INPUT: value,
                    Sees.RAW_OUTPUT: ran.value,
                    Sees.OUTPUT: output,
                },
                variables={
                    Sees.RAW_INPUT: before,
                    Sees.INPUT: during,
                    Sees.RAW_OUTPUT: ended,
                    Sees.OUTPUT: after,
                    Sees.OTHER: {**self._run, "input": value},
                },
            )
        return Data(value=output, context=context)

    def _inside(
        self, task: TaskAt, value: Shape, known: Variables, context: Shape, bound: Variables
    ) -> Data:
        """Raw output and context after what the task does."""
        before = Data(value=value, context=context)
        match task.kind:
            case "do":
                return self._inner(task, ("do",), before, bound)
            case "for":
                return self._loop(task, before, known, bound)
            case "fork":
                return self._fork(task, before, bound)
            case "try":
                return self._try(task, before, bound)
            case "switch" | "wait":
                return before
            case "call":
                return self._called(task, before, known)
            case "set":
                value = of_template(task.body["set"], value, known)
            case "emit":
                value = EVENT
            case "listen":
                value = of_array(ANY)
            case "raise":
                value = NOTHING
            case _:
                value = ANY
        return Data(value=value, context=context)

    def _inner(self, task: TaskAt, keys: tuple[str, ...], data: Data, bound: Variables) -> Data:
        pointer = "/".join((task.pointer, *keys))
        return self._list(part(task.body, *keys), pointer, data, bound)

    def _loop(self, task: TaskAt, before: Data, known: Variables, bound: Variables) -> Data:
        items = of_transformation(part(task.body, "for", "in"), before.value, known).elements()
        each = part(task.body, "for", "each")
        names = dict.fromkeys(loop_variables(task.body), ANY)
        names[each.removeprefix("$") if isinstance(each, str) else "item"] = items
        # An iteration begins with what the one before gave.
        start = Data(value=ANY, context=self._unless_exported(task, before.context))
        return _joined([before, self._inner(task, ("do",), start, {**bound, **names})])

    def _fork(self, task: TaskAt, before: Data, bound: Variables) -> Data:
        branches = own_tasks(part(task.body, "fork", "branches"), f"{task.pointer}/fork/branches")
        ended = [self._through([branch], before, bound).value for branch in branches]
        is_race = part(task.body, "fork", "compete") is True
        return Data(
            value=union(ended) if is_race else of_array(union(ended)),
            context=self._unless_exported(task, before.context),
        )

    def _try(self, task: TaskAt, before: Data, bound: Variables) -> Data:
        tried = self._inner(task, ("try",), before, bound)
        name = part(task.body, "catch", "as")
        error = {name if isinstance(name, str) else "error": ERROR}
        # What is done after an error begins with the input of the `try`.
        start = Data(value=before.value, context=self._unless_exported(task, before.context))
        caught = self._inner(task, ("catch", "do"), start, {**bound, **error})
        return _joined([tried, caught])

    def _called(self, task: TaskAt, before: Data, known: Variables) -> Data:
        reached = callee(task.body, self._definition, self._catalog)
        if reached is None or reached.kind != "function":
            value = ANY if reached is None else result_of(reached)
            return Data(value=value, context=before.context)
        if self._functions >= _DEEPEST_FUNCTION or self._calls >= _MOST_CALLS:
            return Data(value=ANY, context=ANY)
        given = task.body.get("with")
        raw = before.value if given is None else of_template(given, before.value, known)
        function = TaskAt(
            pointer=task.pointer,
            name=reached.name,
            body=reached.function,
            siblings=(reached.name,),
            index=0,
            variables=frozenset(),
        )
        self._functions += 1
        self._calls += 1
        done = self._through([function], Data(value=raw, context=before.context), {})
        self._functions -= 1
        return done

    def _unless_exported(self, task: TaskAt, context: Shape) -> Shape:
        """The context inside the task: anything, where a task in it may have replaced it."""
        body = json.dumps(task.body)
        in_function = '"call"' in body and self._functions_export
        return ANY if '"export"' in body or in_function else context


def _joined(data: list[Data]) -> Data:
    return Data(
        value=union(each.value for each in data), context=union(each.context for each in data)
    )


def _or_schema(shape: Shape, task: TaskAt, side: str) -> Shape:
    """The shape, or what the task's own schema makes sure of where nothing else is certain."""
    return of_schema(literal_schema(task.body, side) or True) if shape.is_any else shape
