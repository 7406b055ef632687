"""Definitions as short texts, compiled as a deployment compiles them, and rehearsed."""

from textwrap import indent
from typing import Any

from pydantic import JsonValue

from tenuto.activities.definitions.pack import pack
from tenuto.core.problem import Problem
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.plan import Plan
from tenuto.engine.registration import load_catalog
from tenuto.workflows.interpreter.rehearsal import Answers, Rehearsed, rehearse

HEAD = """\
document:
  dsl: 1.0.3
  namespace: test
  name: rehearsed
  version: 1.0.0
"""


def plan_of(tasks: str, top: str = "") -> Plan:
    """The plan of a definition with these tasks, and with `top` beside `do`."""
    text = f"{HEAD}{top}\ndo:\n{indent(tasks, '  ')}"
    return compile_plan(read_yaml(text, "test.yaml"), load_catalog([pack]))


def ran(tasks: str, value: JsonValue = None, *, top: str = "", **answers: Any) -> Rehearsed:
    """How a definition with these tasks goes; `answers` are the fields of `Answers`."""
    return rehearse(plan_of(tasks, top), value, Answers(**answers))


def output(tasks: str, value: JsonValue = None, *, top: str = "", **answers: Any) -> JsonValue:
    """The output of a run that completes."""
    rehearsed = ran(tasks, value, top=top, **answers)
    assert rehearsed.outcome == "completed", rehearsed
    return rehearsed.output


def error(tasks: str, value: JsonValue = None, *, top: str = "", **answers: Any) -> Problem:
    """The error of a run that faults."""
    rehearsed = ran(tasks, value, top=top, **answers)
    assert rehearsed.outcome == "faulted", rehearsed
    assert rehearsed.error is not None
    return rehearsed.error


def happened(rehearsed: Rehearsed, status: str) -> list[str]:
    """Names of the tasks that got to `status`, in order."""
    return [entry.name for entry in rehearsed.trace if entry.status == status]


def kind_of(problem: Problem) -> str:
    """The last word of a problem's type."""
    return problem.type.rpartition("/")[2]
