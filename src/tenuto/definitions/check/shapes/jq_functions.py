"""The jq functions whose results are known: what their arguments see, and what they give."""

from tenuto.definitions.check.shapes.shapes import (
    ANY,
    NOTHING,
    NULL,
    Alternative,
    Shape,
    of_array,
    of_kinds,
    of_object,
    union,
)

BOOLEAN = of_kinds("boolean")
NUMBER = of_kinds("number")
STRING = of_kinds("string")
KEY = of_kinds("string", "number")

ON_ELEMENTS = frozenset(
    {"map", "sort_by", "group_by", "unique_by", "min_by", "max_by", "map_values"}
)
"""Their argument is evaluated over each element."""
ON_SAME = frozenset(
    {
        "select",
        "has",
        "contains",
        "inside",
        "startswith",
        "endswith",
        "test",
        "join",
        "split",
        "ltrimstr",
        "rtrimstr",
        "index",
        "flatten",
        "range",
        "error",
        "isempty",
        "first",
        "last",
        "limit",
    }
)
"""Their arguments are evaluated over what the function itself is called on."""

_FIXED = {
    **dict.fromkeys(
        ("not", "has", "contains", "inside", "startswith", "endswith", "test", "isempty"), BOOLEAN
    ),
    **dict.fromkeys(("any", "all"), BOOLEAN),
    **dict.fromkeys(("length", "utf8bytelength", "range", "fromdate", "mktime"), NUMBER),
    **dict.fromkeys(("tostring", "tojson", "join", "type", "todate", "ascii"), STRING),
    **dict.fromkeys(("ascii_downcase", "ascii_upcase", "ltrimstr", "rtrimstr", "trim"), STRING),
    "keys": of_array(KEY),
    "split": of_array(STRING),
    "empty": NOTHING,
    "error": NOTHING,
}
_ROUNDING = frozenset({"floor", "ceil", "round", "sqrt", "fabs", "abs"})
_SAME = frozenset({"select", "sort", "sort_by", "unique", "unique_by"})
_ONE_ELEMENT = frozenset({"min", "max", "min_by", "max_by"})


def result(name: str, dot: Shape, arguments: list[Shape]) -> Shape:
    """What `name` gives when it is called on `dot`."""
    if name in _FIXED:
        return _FIXED[name]
    if name in _SAME:
        return dot
    if name == "map":
        return of_array(arguments[0]) if len(arguments) == 1 else ANY
    if name in _ONE_ELEMENT or (name in ("first", "last") and not arguments):
        return union([dot.elements(), NULL])
    if name in ("first", "last") and len(arguments) == 1:
        return arguments[0]
    if name == "tonumber":
        return Shape((Alternative(kind="number", is_money=dot.is_money),))
    if name in _ROUNDING:
        return NUMBER
    if name == "add" and not arguments:
        return _sum(dot)
    if name == "to_entries":
        return of_array(of_object({"key": KEY, "value": dot.elements()}))
    return ANY


def _sum(dot: Shape) -> Shape:
    elements = dot.elements()
    if elements.kinds and elements.kinds <= {"number", "string", "null"}:
        return union([elements.of_any_text, NULL])
    return ANY
