"""Workflows that evaluate what they are given, for tests of expressions inside the sandbox."""

from pydantic import JsonValue
from temporalio import workflow

from tenuto.core.records import Record
from tenuto.definitions.expressions import check_expression, evaluate, evaluate_template


class Evaluating(Record):
    """Templates to fill over data, one after another."""

    templates: list[JsonValue]
    data: JsonValue = None


@workflow.defn
class EvaluateTemplates:
    """Fills each template, after a timer of its own, so that runs take turns on a worker."""

    @workflow.run
    async def run(self, request: Evaluating) -> list[JsonValue]:
        """The templates filled. Fails with the fault of the first that cannot be."""
        filled: list[JsonValue] = []
        for template in request.templates:
            await workflow.sleep(0.01)
            filled.append(
                evaluate_template(
                    template, request.data, {"workflow": {"id": workflow.info().workflow_id}}
                )
            )
        return filled


@workflow.defn
class EvaluateDeeply:
    """Evaluates below many calls of its own: the workflow's stack is nearly used up."""

    @workflow.run
    async def run(self, text: str) -> list[JsonValue]:
        """The value, from the top and from far below, and what a check says."""
        return [evaluate(text, 1, {}), _below(700, text), len(check_expression(text, frozenset()))]


def _below(frames: int, text: str) -> JsonValue:
    return _below(frames - 1, text) if frames else evaluate(text, 1, {})
