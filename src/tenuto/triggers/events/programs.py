"""Findings of the jq expressions in triggers.yaml, each at the character it is about."""

from collections.abc import Iterator

from pydantic import JsonValue

from tenuto.definitions.expressions import (
    check_expression,
    expression_in,
    has_embedded_expression,
    is_expression,
)
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped


def template_findings(
    template: JsonValue, at: str, variables: frozenset[str], loaded: Loaded
) -> Iterator[Finding]:
    """What is wrong with the expressions in a template that stands at `at`."""
    match template:
        case dict():
            for key, each in template.items():
                yield from template_findings(each, f"{at}/{escaped(key)}", variables, loaded)
        case list():
            for number, each in enumerate(template):
                yield from template_findings(each, f"{at}/{number}", variables, loaded)
        case str() if is_expression(template):
            yield from program_findings(template, at, variables, loaded)
        case str() if has_embedded_expression(template):
            yield loaded.error(
                "triggers.bad-expression",
                at,
                "An expression stands within text, where it would stay text.",
                'Let `${ }` hold all of it: `${ "order-\\(.id)" }`.',
            )


def program_findings(
    text: str, at: str, variables: frozenset[str], loaded: Loaded
) -> Iterator[Finding]:
    """What is wrong with one expression, with or without `${ }`."""
    program = expression_in(text)
    begins = text.find(program)
    span = loaded.spans.get(at)
    for problem in check_expression(program, variables):
        found = loaded.error("triggers.bad-expression", at, problem.message, problem.remedy)
        if span is not None and span.is_plain:
            shift = span.indent + begins + problem.offset
            found = found.model_copy(update={"column": found.column + shift})
        yield found
