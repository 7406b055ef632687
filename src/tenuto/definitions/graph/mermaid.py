"""A plan as Mermaid flowchart text, which documentation tools draw."""

from collections.abc import Iterator
from itertools import count

from tenuto.definitions.graph import labels
from tenuto.definitions.graph.ways import END, Way, ways
from tenuto.definitions.plan import (
    Catch,
    DoTask,
    ForkTask,
    ForTask,
    Plan,
    SwitchTask,
    Task,
    TryTask,
)

_LONGEST = 60
_SPECIAL = {
    "&": "#amp;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "`": "#96;",
    "\\": "#92;",
    "[": "#91;",
    "]": "#93;",
    "{": "#123;",
    "}": "#125;",
    "|": "#124;",
    ";": "#59;",
}


def mermaid(plan: Plan) -> str:
    """A `flowchart` with a subgraph for each task that holds others. The same plan, the same text.

    Solid arrows are the normal flow, dotted arrows lead errors to what catches them.
    """
    return "\n".join(("flowchart TD", *_Chart().lines(plan))) + "\n"


class _Chart:
    """Numbers the nodes of one chart."""

    def __init__(self) -> None:
        self._numbers = count()

    def lines(self, plan: Plan) -> Iterator[str]:
        yield '  start(["start"])'
        yield '  finish(["end"])'
        yield from self._listed(plan.do, "  ", first="start", out="finish")

    def _listed(
        self, tasks: tuple[Task, ...], indent: str, *, first: str | None, out: str | None
    ) -> Iterator[str]:
        """The tasks of a list and the arrows between them; to and from outside where named."""
        names = [self._new() for _ in tasks]
        for task, name in zip(tasks, names, strict=True):
            yield from self._task(task, name, indent)
        if first is not None:
            yield f"{indent}{first} --> {names[0] if names else out}"
        found = ways(tasks)
        if out is None and any(way.target == len(tasks) != way.source + 1 for way in found):
            out = self._new()
            yield f'{indent}{out}(["exit"])'
        for way in found:
            target = _target(way, names, out)
            if target is not None:
                yield f"{indent}{names[way.source]} -->{_arrow_label(tasks, way)} {target}"

    def _task(self, task: Task, name: str, indent: str) -> Iterator[str]:
        label = _label(f"{labels.kind(task)}: {task.name}", *labels.details(task))
        match task:
            case SwitchTask():
                yield f'{indent}{name}{{{{"{label}"}}}}'
            case DoTask() | ForTask():
                yield f'{indent}subgraph {name}["{label}"]'
                yield from self._listed(task.do, indent + "  ", first=None, out=None)
                yield f"{indent}end"
            case ForkTask():
                yield f'{indent}subgraph {name}["{label}"]'
                for branch in task.branches:
                    yield from self._task(branch, self._new(), indent + "  ")
                yield f"{indent}end"
            case TryTask():
                yield f'{indent}subgraph {name}["{label}"]'
                yield from self._tried(task, indent + "  ")
                yield f"{indent}end"
            case _:
                yield f'{indent}{name}["{label}"]'

    def _tried(self, task: TryTask, indent: str) -> Iterator[str]:
        tried, caught = self._new(), self._new()
        yield f'{indent}subgraph {tried}["tasks"]'
        yield from self._listed(task.tasks, indent + "  ", first=None, out=None)
        yield f"{indent}end"
        yield from self._caught(task.catch, caught, indent)
        yield f'{indent}{tried} -. "error" .-> {caught}'

    def _caught(self, catch: Catch, name: str, indent: str) -> Iterator[str]:
        label = _label(f"catch as ${catch.variable}", *labels.catch_lines(catch))
        if not catch.do:
            yield f'{indent}{name}["{label}"]'
            return
        yield f'{indent}subgraph {name}["{label}"]'
        yield from self._listed(catch.do, indent + "  ", first=None, out=None)
        yield f"{indent}end"

    def _new(self) -> str:
        return f"n{next(self._numbers)}"


def _target(way: Way, names: list[str], out: str | None) -> str | None:
    if way.target == END:
        return "finish"
    return names[way.target] if way.target < len(names) else out


def _arrow_label(tasks: tuple[Task, ...], way: Way) -> str:
    task = tasks[way.source]
    if isinstance(task, SwitchTask) and way.case is not None:
        return f'|"{_label(labels.case_label(task, way.case))}"|'
    return f'|"{_label(way.label)}"|' if way.label else ""


def _label(*lines: str) -> str:
    return "<br/>".join(_escaped(line) for line in lines if line)


def _escaped(text: str) -> str:
    visible = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(visible.split())
    cut = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    # `#` begins an entity in Mermaid, so it is replaced on the same walk as the others.
    return "".join("#35;" if char == "#" else _SPECIAL.get(char, char) for char in cut)
