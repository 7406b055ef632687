"""`tenuto definition check`: everything that is wrong, in one pass, without a server."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
HEAVY = ("polars", "httpx", "fsspec", "duckdb", "apprise", "typst", "rich")


def test_inv_18_a_right_definition_passes_without_a_server(tenuto: Run, good: Path) -> None:
    told = tenuto("definition", "check", "good.yaml")
    assert (told.code, told.out) == (0, "")
    assert told.err == "1 file: no errors, no warnings.\n"


def test_inv_15_every_error_of_every_file_is_told_at_once(
    tenuto: Run, good: Path, broken: Path
) -> None:
    told = tenuto("definition", "check", "good.yaml", "broken.yaml")
    lines = told.out.splitlines()
    assert told.code == 2
    assert [line.split()[:2] for line in lines] == [
        ["broken.yaml:1:67", "E101"],
        ["broken.yaml:4:13", "E201"],
        ["broken.yaml:6:13", "E104"],
        ["broken.yaml:7:35", "E112"],
    ]
    assert "Did you mean `fetch.files`?" in lines[1]
    assert told.err == "2 files: 4 errors, no warnings.\n"


def test_json_has_code_place_path_and_remedy(tenuto: Run, broken: Path) -> None:
    told = tenuto("definition", "check", "broken.yaml", "--json")
    report = json.loads(told.out)
    assert told.code == 2
    assert (report["errors"], report["warnings"], report["files"]) == (4, 0, ["broken.yaml"])
    unknown = report["findings"][1]
    assert unknown["path"] == "/do/0/read/call"
    assert (unknown["line"], unknown["column"], unknown["severity"]) == (4, 13, "error")
    assert unknown["remedy"]
    assert tenuto("definition", "check", "broken.yaml", "--format", "json").out == told.out
    lines = tenuto("definition", "check", "broken.yaml", "-o", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == report["findings"]


def test_sarif_points_into_the_file(tenuto: Run, broken: Path) -> None:
    told = tenuto("definition", "check", "broken.yaml", "--format", "sarif")
    (run,) = json.loads(told.out)["runs"]
    assert told.code == 2
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "broken.yaml"
    assert place["region"] == {"startLine": 1, "startColumn": 67}


def test_a_folder_stands_for_the_definitions_below_it(
    tenuto: Run, project: Path, good: Path, broken: Path
) -> None:
    below = project / "desk" / "deep"
    below.mkdir(parents=True)
    good.rename(below / "good.yml")
    broken.rename(project / "desk" / "broken.json")
    (project / "desk" / ".cache").mkdir()
    (project / "desk" / ".cache" / "left-over.yaml").write_text("nonsense: [")
    (project / "desk" / "notes.txt").write_text("no definition")
    report = json.loads(tenuto("definition", "check", "desk", "--json").out)
    assert report["files"] == ["desk/broken.json", "desk/deep/good.yml"]
    assert {each["code"] for each in report["findings"]} == {"E001"}, "YAML is not JSON"


def test_standard_input_is_read(tenuto: Run, broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(broken.read_bytes())))
    told = tenuto("definition", "check", "-")
    assert told.code == 2
    assert told.out.startswith("<stdin>:1:67 E101")


def test_warnings_fail_only_when_asked(tenuto: Run, project: Path, good: Path) -> None:
    text = good.read_text().replace("/srv/outbox", '"/srv/${ .fund }/outbox"')
    (project / "warned.yaml").write_text(text)
    told = tenuto("definition", "check", "warned.yaml")
    assert told.code == 0
    assert " W201 " in told.out
    assert tenuto("definition", "check", "warned.yaml", "--warnings-as-errors").code == 2
    assert tenuto("definition", "check", "good.yaml", "--warnings-as-errors").code == 0


def test_text_that_is_no_text_is_a_finding(tenuto: Run, project: Path) -> None:
    (project / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    told = tenuto("definition", "check", "binary.yaml")
    assert told.code == 2
    assert " E010 " in told.out


@pytest.mark.parametrize("named", ["missing.yaml", "empty-folder"])
def test_what_is_not_there_is_a_usage_error(tenuto: Run, project: Path, named: str) -> None:
    (project / "empty-folder").mkdir()
    told = tenuto("definition", "check", named)
    assert told.code == 2
    assert "[definition.no-file]" in told.err


def test_inv_18_checking_imports_nothing_heavy(good: Path) -> None:
    code = (
        "import sys; from tenuto.cli import run; assert run(sys.argv[1:]) == 0;"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, "definition", "check", str(good)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
