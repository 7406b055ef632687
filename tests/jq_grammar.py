"""Random expressions and data for them, as Hypothesis strategies."""

from hypothesis import strategies as st
from pydantic import JsonValue

from tenuto.definitions.expressions.allowed import FORMATS, FUNCTIONS, REASONS

_WORDS = st.sampled_from(["a", "b", "items", "x1", "if", "value", "$input", "ä"])
_TEXTS = st.sampled_from(
    ['""', '"a"', '"ab,cd"', '"2024-02-29T10:00:00Z"', '"(a+)+"', '"^[a-z]*$"', '"g"', '"%Y-%m"']
)
_LEAVES = st.one_of(
    st.sampled_from([".", "..", ".a", ".b.a", ".[]", ".[0]", ".[-1]?", ".[1:]", '."a b"', ".a[]"]),
    st.sampled_from(
        ["null", "true", "false", "0", "1", "-1", "2.5", "1e3", "1e400", "9007199254740993"]
    ),
    st.sampled_from(
        ["$input", "$x", "$y", "$ENV", "$__loc__", "[]", "{}", "empty", "nan", "infinite"]
    ),
    _TEXTS,
)
_NAMES = sorted(FUNCTIONS) + [f"{name}/0" for name in sorted(REASONS)] + ["f/0", "g/1"]
_OPERATORS = st.sampled_from(
    [
        "|",
        ",",
        "//",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "=",
        "|=",
        "+=",
        "-=",
        "*=",
        "/=",
        "//=",
    ]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def call(name: str, arguments: list[str]) -> str:
        word, _, arity = name.partition("/")
        given = arguments[: int(arity)]
        return f"{word}({'; '.join(given)})" if given else word

    return st.one_of(
        st.builds(lambda a, sign, b: f"{a} {sign} {b}", inner, _OPERATORS, inner),
        st.builds(call, st.sampled_from(_NAMES), st.lists(inner, min_size=4, max_size=4)),
        inner.map(lambda a: f"({a})"),
        inner.map(lambda a: f"[{a}]"),
        inner.map(lambda a: f"-({a})"),
        inner.map(lambda a: f"({a})?"),
        inner.map(lambda a: f'"<\\({a})>"'),
        inner.map(lambda a: f"try ({a})"),
        inner.map(lambda a: f"label $out | ({a}) | ., break $out"),
        st.builds(lambda f, a: f"({a}) | @{f}", st.sampled_from(sorted(FORMATS)), inner),
        st.builds(lambda a, b: f"try ({a}) catch ({b})", inner, inner),
        st.builds(lambda a, b: f"({a}) as $x | ({b})", inner, inner),
        st.builds(lambda a, b: f"({a}) as [$x, {{a: $y}}] ?// $x | ({b})", inner, inner),
        st.builds(lambda k, a, b: f"{{{k}: ({a}), ({b}): 1}}", _WORDS, inner, inner),
        st.builds(lambda a, b: f"def f: ({a}); ({b})", inner, inner),
        st.builds(lambda a, b: f"def g(f): ({a}); ({b})", inner, inner),
        st.builds(lambda a, b, c: f"if {a} then {b} else {c} end", inner, inner, inner),
        st.builds(lambda a, b, c: f"reduce ({a}) as $x ({b}; {c})", inner, inner, inner),
        st.builds(lambda a, b, c: f"foreach ({a}) as $x ({b}; {c})", inner, inner, inner),
        st.builds(lambda a, b: f"({a})[{b}]", inner, inner),
        st.builds(lambda a, b: f"({a})[{b}:]", inner, inner),
    )


def expressions() -> st.SearchStrategy[str]:
    """Texts of the grammar: most are well-formed, some name what is not allowed or not known."""
    return st.recursive(_LEAVES, _grown, max_leaves=12)


def broken_expressions() -> st.SearchStrategy[str]:
    """Texts that look like expressions and often are none."""
    marks = st.sampled_from([*list("()[]{}|.,:;\"\\$@#?/='&!- \n"), "\\(", "as $x", "def f:", "${"])
    return st.one_of(
        st.text(),
        st.lists(st.one_of(_LEAVES, marks, _WORDS), max_size=25).map("".join),
    )


def json_values() -> st.SearchStrategy[JsonValue]:
    """Any JSON, small."""
    scalars = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
    )
    keys = st.one_of(st.sampled_from(["a", "b", "items", "value", "key"]), st.text(max_size=5))
    return st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=5)
        ),
        max_leaves=15,
    )
