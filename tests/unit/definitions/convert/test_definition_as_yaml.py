"""YAML as it is written: every reader reads the same, and people read it gladly."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.convert import to_yaml

SAMPLE: JsonValue = {
    "do": [
        {
            "ask": {
                "then": "end",
                "with": {"zulu": "${ .a }", "alpha": "12:30:45", "on": "off"},
                "call": "http",
                "if": ".x",
            }
        },
        {
            "safe": {
                "catch": {"do": [{"a": {"then": "exit", "set": {"x": 1}}}], "as": "e"},
                "try": [{"b": {"metadata": {}, "wait": "PT1S"}}],
            }
        },
    ],
    "document": {
        "summary": "# Title\n\nLong text: yes.\n",
        "version": "1.0.0",
        "name": "sample",
        "dsl": "1.0.3",
    },
}

EXPECTED = """\
document:
  dsl: '1.0.3'
  name: sample
  version: '1.0.0'
  summary: |
    # Title

    Long text: yes.
do:
  - ask:
      if: '.x'
      call: http
      with:
        zulu: '${ .a }'
        alpha: '12:30:45'
        'on': 'off'
      then: end
  - safe:
      try:
        - b:
            wait: PT1S
            metadata: {}
      catch:
        as: e
        do:
          - a:
              set:
                x: 1
              then: exit
"""


def test_parts_stand_in_the_order_of_the_specification_and_data_as_given() -> None:
    assert to_yaml(SAMPLE) == EXPECTED


def test_writing_again_gives_the_same() -> None:
    assert to_yaml(read_yaml(EXPECTED, "e")) == EXPECTED


TRICKY = st.sampled_from(
    [
        *("on", "No", "y", "NULL", "~", "", " ", "010", "0o17", "0x1F", "1e3", "1_000", "12:30"),
        *(
            ".5",
            "-",
            "- a",
            "? a",
            "a: b",
            "a #b",
            "#a",
            "!t",
            "&a",
            "*a",
            "%",
            "@a",
            "`",
            "|",
            ">",
        ),
        *("2024-01-01", ".inf", "=", "<<", "a\nb", "a\n", "\na", " a\nb", "a \nb", "\ta", "a\r\nb"),
        *("null", "True", "${ .a }", "{a}", "[a]", "a,b", "'", '"', "\\", "\x85", "\u2028", "---"),
        *("😀", "a\n\n", "a\tb\nc", "word word", "no ", "1.0.0", "\ufeff", "x:", "end", "a'b\"c"),
    ]
)
TEXTS = TRICKY | st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=40
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    TEXTS
    | st.integers()
    | st.booleans()
    | st.none()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_both_versions_of_yaml_read_what_was_written(value: dict[str, JsonValue]) -> None:
    text = to_yaml(value)
    assert yaml.safe_load(text) == value
    assert read_yaml(text, "written") == value
