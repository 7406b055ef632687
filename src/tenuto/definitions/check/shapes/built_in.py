"""The shapes of what every run has: `$workflow`, `$task`, `$runtime`, errors, and events."""

from tenuto.definitions.check.shapes.shapes import ANY, Shape, of_kinds, of_object

_TEXT = of_kinds("string")
_NUMBER = of_kinds("number")
_MOMENT = of_object(
    {"iso8601": _TEXT, "epoch": of_object({"seconds": _NUMBER, "milliseconds": _NUMBER})}
)

RUNTIME = of_object({"name": _TEXT, "version": _TEXT, "metadata": ANY})
ERROR = of_object(
    {"type": _TEXT, "status": _NUMBER, "title": ANY, "detail": ANY, "instance": ANY},
    is_closed=False,
)
"""Whoever raises an error may add members."""
EVENT = of_object(
    {"specversion": _TEXT, "id": _TEXT, "source": _TEXT, "type": _TEXT, "time": _TEXT, "data": ANY},
    is_closed=False,
)


def of_run(run_input: Shape) -> Shape:
    """`$workflow`."""
    return of_object({"id": _TEXT, "input": run_input, "startedAt": _MOMENT, "definition": ANY})


def of_task(raw_input: Shape, raw_output: Shape) -> Shape:
    """`$task`."""
    return of_object(
        {
            "name": _TEXT,
            "reference": _TEXT,
            "input": raw_input,
            "output": raw_output,
            "startedAt": _MOMENT,
            "definition": ANY,
        }
    )
