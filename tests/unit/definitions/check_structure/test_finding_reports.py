"""Findings as text, as JSON, and as SARIF."""

import json

import jsonschema_rs

from definition_texts import definition, structural
from tenuto.definitions.check.every_code import CODES, TABLES
from tenuto.definitions.reports import as_json, as_sarif, as_text

FOUND = structural(
    definition("- a: {set: {x: 1}, then: end}\n- b: {wait: 5}\n- c: {sett: {x: 1}}"),
    "my flows/fund.yaml",
)

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {"items": {"$ref": "#/$defs/run"}, "minItems": 1},
    },
    "$defs": {
        "run": {
            "required": ["tool", "results"],
            "properties": {
                "tool": {
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "required": ["name"],
                            "properties": {"rules": {"items": {"$ref": "#/$defs/rule"}}},
                        }
                    },
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"items": {"$ref": "#/$defs/result"}},
            },
        },
        "rule": {
            "required": ["id"],
            "properties": {
                "shortDescription": TEXT,
                "defaultConfiguration": {
                    "properties": {"level": {"enum": ["none", "note", "warning", "error"]}}
                },
            },
        },
        "result": {
            "required": ["message", "ruleId", "locations"],
            "properties": {
                "message": TEXT,
                "level": {"enum": ["none", "note", "warning", "error"]},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "locations": {"items": {"$ref": "#/$defs/location"}, "minItems": 1},
            },
        },
        "location": {
            "required": ["physicalLocation"],
            "properties": {
                "physicalLocation": {
                    "required": ["artifactLocation", "region"],
                    "properties": {
                        "artifactLocation": {
                            "required": ["uri"],
                            "properties": {"uri": {"type": "string", "format": "uri-reference"}},
                        },
                        "region": {
                            "required": ["startLine"],
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                }
            },
        },
    },
}
"""What the standard (OASIS SARIF 2.1.0, sections 3.13 to 3.31) requires of what is written."""


def test_text_has_a_line_for_each_finding_and_a_summary() -> None:
    lines = as_text(FOUND).split("\n")
    assert lines[-1] == "2 errors, 2 warnings."
    assert len(lines) == 5
    assert all(line.startswith("my flows/fund.yaml:") for line in lines[:-1])
    assert as_text([]) == "No errors, no warnings."


def test_json_has_every_member_of_every_finding() -> None:
    report = json.loads(json.dumps(as_json(FOUND)))
    assert (report["errors"], report["warnings"]) == (2, 2)
    (wait,) = [each for each in report["findings"] if each["code"] == "E114"]
    assert wait["path"] == "/do/1/b/wait"
    assert (wait["line"], wait["column"], wait["severity"]) == (5, 15, "error")
    assert "expected a duration" in wait["message"]
    assert wait["remedy"].startswith("For example")


def test_sarif_has_what_the_standard_requires() -> None:
    report = json.loads(json.dumps(as_sarif(FOUND, "0.4.0")))
    jsonschema_rs.Draft202012Validator(SARIF, validate_formats=True).validate(report)
    (run,) = report["runs"]
    driver = run["tool"]["driver"]
    assert driver["version"] == "0.4.0"
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)
    for result, finding in zip(run["results"], FOUND, strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.code
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "my%20flows/fund.yaml"
        assert place["region"] == {"startLine": finding.line, "startColumn": finding.column}


def test_sarif_names_an_absolute_file_by_its_uri() -> None:
    found = [each.model_copy(update={"file": "/tmp/a b.yaml"}) for each in FOUND[:1]]
    report = json.loads(json.dumps(as_sarif(found, "1")))
    place = report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///tmp/a%20b.yaml"


def test_no_code_means_two_things() -> None:
    assert sum(len(table) for table in TABLES) == len(CODES)
    assert all(code[0] in "EW" and meaning.endswith(".") for code, meaning in CODES.items())
