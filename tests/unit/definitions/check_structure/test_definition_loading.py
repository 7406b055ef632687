"""Reading a definition: values, places, and what is refused."""

import pytest

from tenuto.definitions.findings import Severity
from tenuto.definitions.loaded import Place
from tenuto.definitions.loading import MAX_NODES, load


def test_a_value_and_the_place_of_every_part_of_it() -> None:
    loaded, findings = load("a: 1\n😀: [x, 'it''s']\n\"b/c\": 'quoted'\nd: |\n  block\n", "f.yaml")
    assert loaded is not None
    assert findings == []
    assert loaded.value == {"a": 1, "😀": ["x", "it's"], "b/c": "quoted", "d": "block\n"}
    assert loaded.place("/😀/1") == Place(2, 8)
    assert loaded.place("/b~1c", of_key=True) == Place(3, 1)
    assert loaded.place("/b~1c") == Place(3, 8)
    assert loaded.place("/d/nothing/there") == Place(4, 4)
    letter_by_letter = {at: (span.is_plain, span.indent) for at, span in loaded.spans.items()}
    assert letter_by_letter["/a"] == (True, 0)
    assert letter_by_letter["/b~1c"] == (True, 1)
    assert letter_by_letter["/😀/1"] == (False, 1)
    assert letter_by_letter["/d"] == (False, 0)


def test_lines_end_as_every_system_ends_them() -> None:
    loaded, _ = load(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f.yaml")
    assert loaded is not None
    assert loaded.place("/b") == Place(2, 4)


def test_json_has_places_and_escapes_that_yaml_does_not_take() -> None:
    text = '{\n\t"a": "\\ud83d\\ude00\\/",\n\t"b": [1.50, true, null, -0.5e1]\n}'
    loaded, findings = load(text, "f.json")
    assert loaded is not None
    assert findings == []
    assert loaded.value == {"a": "😀/", "b": [1.5, True, None, -5.0]}
    assert loaded.place("/b/1") == Place(3, 14)
    assert loaded.place("/a", of_key=True) == Place(2, 2)


def test_json_in_a_yaml_file_is_read_as_json_and_flow_yaml_as_yaml() -> None:
    as_json, _ = load('{"a": "\\ud83d\\ude00"}', "f.yaml")
    as_yaml, _ = load("{a: b}", "f.yaml")
    assert as_json is not None
    assert as_json.value == {"a": "😀"}
    assert as_yaml is not None
    assert as_yaml.value == {"a": "b"}


@pytest.mark.parametrize(
    "digits", ["9007199254740993", "0.1000000000000000000001", "1e400", "9" * 5000]
)
def test_a_number_that_a_float_cannot_hold_becomes_text_with_a_warning(digits: str) -> None:
    for file, text in (("f.yaml", f"a: {digits}"), ("f.json", f'{{"a": {digits}}}')):
        loaded, (warning,) = load(text, file)
        assert loaded is not None
        assert loaded.value == {"a": digits}
        assert (warning.code, warning.severity, warning.path) == ("W011", Severity.WARNING, "/a")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: [1\nb: 2", "E001", (2, 2)),
        ("a: 'open", "E001", (1, 9)),
        ("a: 1\nb: 2\na: 3", "E002", (3, 1)),
        ("a: &x [1]", "E003", (1, 4)),
        ("a: *x", "E003", (1, 4)),
        ("a: !!python/object:os.system x", "E004", (1, 4)),
        ("a: !!str 1", "E004", (1, 4)),
        ("a: 1\n---\nb: 2", "E005", (2, 1)),
        ("", "E005", (1, 1)),
        ("# nothing\n", "E005", (1, 1)),
        ("[" * 65, "E006", (1, 65)),
        ("- " * 65, "E006", (1, 129)),
        ("a: " + "x" * 1_000_001, "E007", (1, 1)),
        ("- a\n" * (MAX_NODES + 1), "E007", (MAX_NODES, 3)),
        ("a: 1\n2: b", "E008", (2, 1)),
        ("true: b", "E008", (1, 1)),
        ("? [a]\n: b", "E008", (1, 3)),
        ("a: b\nc: \x00", "E009", (2, 4)),
        ("a: \ud800", "E009", (1, 4)),
        ('a: "\\0"', "E009", (1, 4)),
        ('"a\\b": 1', "E009", (1, 1)),
        ('{"a": "\\ud83d"}', "E009", (1, 7)),
        (b"a: 1\nb: \xff", "E010", (2, 4)),
        ("a: 1".encode("utf-16"), "E010", (1, 1)),
    ],
    ids=range(24),
)
def test_what_cannot_be_read_is_named_with_its_place(
    text: str | bytes, code: str, place: tuple[int, int]
) -> None:
    loaded, (finding,) = load(text, "f.yaml")
    assert loaded is None
    assert (finding.code, (finding.line, finding.column)) == (code, place)
    assert finding.severity is Severity.ERROR
    assert finding.message
    assert finding.remedy
    assert len(str(finding)) < 300


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('{"a": 1,}', "E001", (1, 9)),
        ('{"a" 1}', "E001", (1, 6)),
        ("{a: 1}", "E001", (1, 2)),
        ("[1 2]", "E001", (1, 4)),
        ("[01]", "E001", (1, 3)),
        ('["\t"]', "E001", (1, 3)),
        ('["\\x"]', "E001", (1, 3)),
        ("[1] 2", "E001", (1, 5)),
        ('{"a": NaN}', "E001", (1, 7)),
        ("", "E001", (1, 1)),
        ('{"a": 1, "a": 1}', "E002", (1, 10)),
        ('{"a":' * 65, "E006", (1, 321)),
        ("[" + "1," * (MAX_NODES + 1) + "1]", "E007", (1, 100_000)),
    ],
    ids=range(13),
)
def test_json_is_held_to_its_own_rules(text: str, code: str, place: tuple[int, int]) -> None:
    loaded, (finding,) = load(text, "f.json")
    assert loaded is None
    assert (finding.code, (finding.line, finding.column)) == (code, place)


def test_several_mistakes_of_reading_are_found_at_once_but_not_thousands() -> None:
    _, findings = load("a: &x 1\nb: *x\nc: !t 2\n1: x", "f.yaml")
    assert [finding.code for finding in findings] == ["E003", "E003", "E004"]
    _, findings = load("- *x\n" * 10_000, "f.yaml")
    assert len(findings) == 20
