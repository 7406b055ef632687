"""`tenuto report`: its page, followed, and what is wrong in a file, with its place."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from report_desk import SPEND, changed, write
from tenuto.core.errors import TenutoError
from tenuto.engine.settings import load_settings
from tenuto.packs.reports.reading import read_report
from unit.cli.conftest import project, tenuto

__all__ = ["project", "tenuto"]

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "write-a-report.md").read_text()
Run = Callable[..., Any]


@pytest.fixture
def documented(project: Path) -> Path:
    """The project that the page describes."""
    for name, text in re.findall(r"```(?:yaml|toml)\n# ([\w/.-]+)\n(.*?)```", PAGE, re.DOTALL):
        file = project / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    with duckdb.connect(str(project / "spend.duckdb")) as data:
        data.execute(
            "CREATE TABLE spend AS SELECT DATE '2024-01-31' AS day, 'Acme' AS client, true AS"
            " is_internal, 100::DECIMAL(12,2) AS cost, 1::DECIMAL(12,2) AS payout, 4 AS conversions"
            " UNION ALL SELECT DATE '2024-01-31', 'Globex', false, 10, 30, 0"
        )
    return project


def test_sig_25_the_page_is_right_and_none_sold_is_no_price(tenuto: Run, documented: Path) -> None:
    assert json.loads(tenuto("report", "list", "--json").out)[0]["channels"] == [
        "email",
        "slack",
        "sms",
    ]
    checked = tenuto("report", "check")
    assert (checked.code, checked.out) == (0, "daily-spend: right; email, slack, sms\n")
    day = ("--params", "date=2024-01-31")
    shown = tenuto("report", "preview", "daily-spend", *day)
    assert shown.code == 0, shown.err
    assert "• Acme: €100.00, €25.00 each\n• Globex: €10.00, n/a each" in shown.out
    assert "Spend 31/01/2024: €110.00" in shown.out
    opened = tenuto("report", "preview", "daily-spend", *day, "--channel", "email", "--open").out
    files = [Path(line) for line in opened.splitlines()]
    assert [each.suffix for each in files] == [".html", ".txt", ".png", ".pdf", ".xlsx"]
    assert 'src="clients.png"' in files[0].read_text()
    assert "Bar chart: Spend per client. Acme: €100.00; Globex: €10.00" in files[1].read_text()
    assert files[2].read_bytes().startswith(b"\x89PNG")


def test_an_empty_project_says_what_to_do(tenuto: Run) -> None:
    assert "write-a-report.md" in tenuto("report", "list").err
    unknown = tenuto("report", "run", "spend", "--channel", "email")
    assert (unknown.code, "reports.unknown" in unknown.err) == (4, True)


def test_a_dry_run_checks_report_channel_and_parameters(tenuto: Run, documented: Path) -> None:
    run = ("report", "run", "daily-spend", "--dry-run", "--channel")
    assert tenuto(*run, "email", "-p", "days=3").code == 0
    assert "reports.no-template" in tenuto(*run, "webhook").err
    assert "did you mean `days`" in tenuto(*run, "email", "-p", "day=3").err
    assert tenuto(*run, "pigeon").code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel: x\n", "reports/bad.yaml:1:1: `titel` is not known; did you mean `title`?"),
        ("query: [", "reports/bad.yaml:2:1"),
        (
            "templates:\n  email:\n    subjct: x\n",
            "bad.yaml:3:5: `templates.email.subjct` is not known; did you mean `subject`?",
        ),
        ("query: { file: absent.sql }\n", "bad.yaml:1:16: no file `absent.sql`"),
        ("query: { file: ../../secret }\n", "no file `../../secret`"),
        ("templates: { pigeon: x }\n", "`templates.pigeon` is not known"),
        (
            "rows_shown: 0\n",
            "bad.yaml:1:13: `rows_shown`: input should be greater than or equal to 1",
        ),
    ],
)
def test_a_wrong_file_says_where(tenuto: Run, project: Path, text: str, said: str) -> None:
    (project / "reports").mkdir()
    (project / "reports" / "bad.yaml").write_text(text)
    checked = tenuto("report", "check")
    assert checked.code == 2
    assert said in checked.out


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"time_zone": "Mars/Base"}, "no time zone `Mars/Base`"),
        ({"locale": "xx_YY"}, "no locale `xx_YY`"),
        ({"source": None}, "query `rows` has no `source`"),
        ({"source": {"duckdb": "a", "artifact": "b"}}, "exactly one of"),
        ({"templates": {}}, "at least one of"),
        (
            {
                "charts": [
                    {
                        "name": "c",
                        "kind": "bar",
                        "title": "t",
                        "label": "a",
                        "value": "b",
                        "query": "q",
                    }
                ]
            },
            "a chart draws query `q`",
        ),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    project: Path, fields: dict[str, Any], said: str
) -> None:
    (project / "reports").mkdir()
    write(project, "bad", changed(**fields))
    with pytest.raises(TenutoError, match=re.escape(said)):
        read_report(load_settings(project), "bad")


def test_check_finds_what_is_wrong_in_queries_and_templates(tenuto: Run, project: Path) -> None:
    (project / "reports").mkdir()
    templates = {"sms": "{% for %}", "slack": "fine"}
    write(project, "bad", changed(query="DELETE FROM x WHERE d = :dat", templates=templates))
    out = tenuto("report", "check", "bad").out
    assert "names `:dat`" in out
    assert "reports/bad.yaml:1: Expected" in out or "expected" in out.lower()
    write(project, "worse", changed(query="DELETE FROM x", recipients={"webhook": ["x"]}))
    out = tenuto("report", "check", "worse").out
    assert "fetching only reads" in out
    assert "recipients of webhook" in out
    assert SPEND["recipients"]["email"][0] not in out


def test_the_schedule_on_the_page_is_right(tenuto: Run, documented: Path) -> None:
    checked = tenuto("schedule", "check")
    assert (checked.code, checked.out) == (0, ""), checked
    listed = json.loads(tenuto("schedule", "check", "--json").out)
    assert listed["schedules"] == ["daily-spend"]
