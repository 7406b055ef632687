"""Whatever bytes come, reading ends with a value or with findings."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tenuto.definitions.loaded import escaped
from tenuto.definitions.loading import load

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")))
_NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)
_YAML_CHARACTERS = "[]{}:,-?&*!|>'\"%@`#\n\t 01ae.~<=\\\x00\x85\u2028\ufeff"
_YAML_WORDS = 'a: |- |--- |...|? |!!str |<<: ||\n |\r\n|"\\ud83d"|%YAML 1.1\n'
_YAML_PARTS = st.sampled_from([*_YAML_CHARACTERS, *_YAML_WORDS.split("|")])


def _sound(text: str | bytes, file: str) -> None:
    loaded, findings = load(text, file)
    errors = [finding for finding in findings if finding.code.startswith("E")]
    assert (loaded is None) == bool(errors)
    assert all(finding.line >= 1 and finding.column >= 1 for finding in findings)
    if loaded is not None:
        assert set(loaded.spans) == set(_pointers(loaded.value, ""))
        json.dumps(loaded.value, allow_nan=False).encode()


def _pointers(value: Any, at: str) -> list[str]:
    inner = dict(enumerate(value)) if isinstance(value, list) else value
    members = inner.items() if isinstance(inner, dict) else ()
    return [at, *(p for key, each in members for p in _pointers(each, f"{at}/{escaped(str(key))}"))]


@given(st.binary(max_size=300), st.sampled_from(["f.yaml", "f.json"]))
@settings(max_examples=300)
def test_any_bytes_give_a_value_or_findings(data: bytes, file: str) -> None:
    _sound(data, file)


@given(st.lists(_YAML_PARTS, max_size=60).map("".join), st.sampled_from(["f.yaml", "f.json"]))
@settings(max_examples=500)
def test_any_heap_of_yaml_gives_a_value_or_findings(text: str, file: str) -> None:
    _sound(text, file)


@given(_VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_json_is_read_as_python_reads_it(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    loaded, findings = load(text, "f.json")
    assert loaded is not None, findings
    assert loaded.value == value
    _sound(text, "f.json")


@given(_VALUES)
def test_a_plain_scalar_stands_where_its_span_says(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    loaded, _ = load(text, "f.json")
    assert loaded is not None
    lines = text.split("\n")
    for pointer, span in loaded.spans.items():
        if span.is_plain:
            written = lines[span.value.line - 1][span.value.column - 1 + span.indent :]
            found = _at(loaded.value, pointer)
            assert not isinstance(found, str) or written.startswith(found)


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
