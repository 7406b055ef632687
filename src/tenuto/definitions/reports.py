"""Findings for people, for programs, and for the code review pages that read SARIF."""

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

from pydantic import JsonValue

from tenuto.definitions.check.every_code import CODES
from tenuto.definitions.findings import Finding, Severity

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def as_text(findings: Iterable[Finding]) -> str:
    """A line for each finding, `file:line:column code path message remedy`, and a summary."""
    found = list(findings)
    return "\n".join([*(str(each) for each in found), _summary(found)])


def as_json(findings: Iterable[Finding]) -> dict[str, JsonValue]:
    """`{errors, warnings, findings}`: how many of each, and all members of every finding."""
    found = list(findings)
    errors, warnings = _counted(found)
    return {
        "errors": errors,
        "warnings": warnings,
        "findings": [each.model_dump(mode="json") for each in found],
    }


def as_sarif(findings: Iterable[Finding], version: str) -> dict[str, JsonValue]:
    """A SARIF 2.1.0 log (OASIS) with one run; its rules are all codes. `version` is Tenuto's."""
    driver: dict[str, JsonValue] = {
        "name": "Tenuto",
        "version": version,
        "rules": [_rule(code, meaning) for code, meaning in CODES.items()],
    }
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each) for each in findings],
    }
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _summary(found: list[Finding]) -> str:
    errors, warnings = _counted(found)
    if not found:
        return "No errors, no warnings."
    return f"{_number(errors, 'error')}, {_number(warnings, 'warning')}."


def _counted(found: list[Finding]) -> tuple[int, int]:
    counts = Counter(each.severity for each in found)
    return counts[Severity.ERROR], counts[Severity.WARNING]


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _rule(code: str, meaning: str) -> JsonValue:
    level = "error" if code.startswith("E") else "warning"
    return {
        "id": code,
        "shortDescription": {"text": meaning},
        "defaultConfiguration": {"level": level},
    }


def _result(finding: Finding) -> JsonValue:
    result: dict[str, JsonValue] = {
        "ruleId": finding.code,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message} {finding.remedy}".rstrip()},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.file)},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.path or "/"}],
            }
        ],
    }
    if finding.code in CODES:
        result["ruleIndex"] = list(CODES).index(finding.code)
    return result


def _uri(file: str) -> str:
    """A relative reference as it is, an absolute path as a `file:` URI."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
