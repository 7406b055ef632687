"""How data gets into a task and out of it, in the order that the specification gives."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.definitions.expressions import evaluate_template
from tenuto.definitions.plan import TaskBase, Template
from tenuto.workflows.interpreter.schemas import Schemas

Variables = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Result:
    """What a task leaves behind."""

    output: JsonValue
    context: JsonValue


def transformed(template: Template, value: JsonValue, variables: Variables) -> JsonValue:
    """`value` as `template` makes it; without one, `value` itself."""
    return value if template is None else evaluate_template(template, value, variables)


def take_input(task: TaskBase, raw: JsonValue, variables: Variables, schemas: Schemas) -> JsonValue:
    """The task's transformed input. Raises Fault `validation` for a raw input that does not fit."""
    schemas.check(task.input_schema, raw, f"The input of `{task.name}`")
    return transformed(task.input_from, raw, variables)


def give_output(
    task: TaskBase, raw: JsonValue, variables: dict[str, JsonValue], schemas: Schemas
) -> Result:
    """The task's transformed output, and the context after it.

    `variables` are those of the task's definition, `$context` among them. Raises Fault
    `validation` for an output or a context that does not fit its schema.
    """
    output = transformed(task.output_as, raw, variables)
    schemas.check(task.output_schema, output, f"The output of `{task.name}`")
    context = variables["context"]
    if task.export_as is not None:
        context = evaluate_template(task.export_as, output, {**variables, "output": output})
        schemas.check(task.export_schema, context, f"The context after `{task.name}`")
    return Result(output, context)
