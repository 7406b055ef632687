"""The shapes of templates: JSON in which some strings are expressions."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from tenuto.definitions.check.shapes.jq import trace
from tenuto.definitions.check.shapes.shapes import (
    NULL,
    Shape,
    of_array,
    of_literal,
    of_object,
    union,
)
from tenuto.definitions.expressions import expression_in, is_expression

_MAY_GIVE_NONE = re.compile(
    r"\b(select|empty|first|last|limit|range|try|scan|match)\b|\[\s*\]|\?|\.\."
)
"""What an expression has in it that may give no value, which becomes null."""


def of_template(template: JsonValue, dot: Shape, variables: Mapping[str, Shape]) -> Shape:
    """What the template becomes over `dot`."""
    if isinstance(template, str) and is_expression(template):
        return _value(expression_in(template), dot, variables)
    if isinstance(template, dict):
        return of_object(
            {name: of_template(each, dot, variables) for name, each in template.items()}
        )
    if isinstance(template, list):
        return of_array(union(of_template(each, dot, variables) for each in template))
    return of_literal(template)


def of_transformation(written: JsonValue, dot: Shape, variables: Mapping[str, Shape]) -> Shape:
    """What `from` or `as` makes of `dot`: a string is an expression, None changes nothing."""
    if written is None:
        return dot
    if isinstance(written, str):
        return _value(expression_in(written), dot, variables)
    return of_template(written, dot, variables)


def _value(jq: str, dot: Shape, variables: Mapping[str, Shape]) -> Shape:
    shape = trace(jq, dot, variables).shape
    return union([shape, NULL]) if shape.is_nothing or _MAY_GIVE_NONE.search(jq) else shape
