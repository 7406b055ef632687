"""jq expressions: checked before a run, evaluated in workflows, the same on every replay."""

from tenuto.definitions.expressions.check import ExpressionProblem, check_expression
from tenuto.definitions.expressions.engine import ENGINE, SANDBOX_PASSTHROUGH
from tenuto.definitions.expressions.evaluate import evaluate, holds
from tenuto.definitions.expressions.meter import Tally, count_in
from tenuto.definitions.expressions.reads import PathRead, paths_read, variables_read
from tenuto.definitions.expressions.template import (
    evaluate_template,
    expression_in,
    has_embedded_expression,
    is_expression,
)

__all__ = [
    "ENGINE",
    "SANDBOX_PASSTHROUGH",
    "ExpressionProblem",
    "PathRead",
    "Tally",
    "check_expression",
    "count_in",
    "evaluate",
    "evaluate_template",
    "expression_in",
    "has_embedded_expression",
    "holds",
    "is_expression",
    "paths_read",
    "variables_read",
]
