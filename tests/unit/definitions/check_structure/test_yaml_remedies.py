"""What is said of YAML that cannot be read: the mistakes that everybody makes."""

import pytest

from definition_texts import HEAD, structural

QUOTES = "Put the whole expression in single quotes: `'${ ... }'`."
FENCE = "Take the ``` lines away: the file holds nothing but the definition."
TAB = "Indent with spaces: YAML takes no tab before the first word of a line."
USUAL = "Correct the text at this place or just before it."


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("do:\n  - a:\n      set: { total: ${ .a + .b } }\n", QUOTES),
        ('do:\n  - a:\n      set:\n        t: ${ if .x then "a: b" else "c" end }\n', QUOTES),
        ("do:\n  - a:\n      set: ${ { x: 1 } }\n", QUOTES),
        ('do:\n  - a:\n      set: { y: "${ "a" }" }\n', QUOTES),
        ('do:\n  - a:\n      if: "b" == .a\n      set: {x: 1}\n', QUOTES),
        ("do:\n  - a:\n      if: [.a] | length > 1\n      set: {x: 1}\n", QUOTES),
        ('do:\n  - a:\n      if: .a | test("b: c")\n      set: {x: 1}\n', QUOTES),
        ("do:\n  - a:\n      output: {as: {x: .a} | .x}\n      set: {x: 1}\n", QUOTES),
        ("do:\n\t- a: {set: {x: 1}}\n", TAB),
        ("do:\n  - a:\n  \t  set: {x: 1}\n", TAB),
        ("do:\n  - a:\n     set:\n       x: 1\n      then: end\n", USUAL),
        ("do:\n  - a: {set: {t: .x, y: 1}\n", USUAL),
        ("do:\n  - a: {set: {t: '${ .x }'}, then: end\n", USUAL),
    ],
)
def test_a_remedy_for_what_yaml_reads_otherwise(text: str, remedy: str) -> None:
    (finding,) = structural(HEAD + text)
    assert (finding.code, finding.remedy) == ("E001", remedy)


@pytest.mark.parametrize("fence", ["```yaml", "```", "~~~"])
def test_a_fence_around_the_definition(fence: str) -> None:
    whole = f"{fence}\n{HEAD}do: []\n{fence[:3]}\n"
    (finding,) = structural(whole)
    assert finding.code == "E001"
    assert finding.remedy == (USUAL if fence == "~~~" and finding.line > 2 else FENCE)


def test_a_fence_that_was_left_at_the_end() -> None:
    (finding,) = structural(f"{HEAD}do: []\n```\n")
    assert (finding.code, finding.remedy) == ("E001", FENCE)


def test_json_gets_no_advice_about_yaml() -> None:
    (finding,) = structural('{"do": [{"a": {"if": ${ .x }}}]}', "f.json")
    assert (finding.code, finding.remedy) == ("E001", USUAL)
