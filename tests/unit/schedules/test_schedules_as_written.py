"""What commands take for the schedules of a project: its file, its modules, the chosen sets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenuto.cli.output import Output
from tenuto.cli.schedules.written import chosen_sets, read_all, read_right, read_written
from tenuto.core.errors import UsageError
from tenuto.engine.settings import load_settings
from tenuto.triggers.schedules.findings import InvalidSchedules
from unit.cli.conftest import project, tenuto

__all__ = ["project", "tenuto"]

REPORT = "run: run-report, input: {report_name: spend, channel: email}"
NIGHT = f"{{{REPORT}, cron: '30 1 * * *', time_zone: America/New_York}}"
PLANS = """
from tenuto.triggers.schedules.model import ScheduledStart, Timing

schedules = [
    ScheduledStart(
        id="made",
        run="run-report",
        input={"report_name": "spend", "channel": "sms"},
        when=Timing(cron=("15 * * * *",)),
        sets=("staging",),
    )
]
"""


def write(project: Path, text: str, settings: str = "") -> None:
    (project / "schedules.yaml").write_text(f"schedules:\n{text}")
    (project / "tenuto.toml").write_text(settings)


def test_the_file_and_the_modules_are_one_list(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "plans_as_written.py").write_text(PLANS)
    monkeypatch.syspath_prepend(str(project))
    modules = '[schedules]\nmodules = ["plans_as_written:schedules"]\n'
    write(project, f"  night: {NIGHT}\n", modules)
    assert read_written(load_settings(project)).ids == ("night", "made")
    (project / "schedules.yaml").unlink()
    assert [each.ids for each in read_all(load_settings(project))] == [("made",)]


def test_without_a_file_and_a_module_it_is_told_what_to_write(project: Path) -> None:
    (project / "schedules.yaml").unlink(missing_ok=True)
    with pytest.raises(UsageError) as refused:
        read_written(load_settings(project))
    assert refused.value.code == "schedule.no-file"


def test_an_error_stops_and_a_warning_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    secret = NIGHT.replace("report_name: spend", "report_name: spend, params: {k: V}")
    write(project, f"  night: {secret.replace('V', 'secret://env/NOT_THERE')}\n")
    settings = load_settings(project)
    right = read_right(settings, Output())
    assert [each.start.id for each in right.wanted] == ["night"]
    assert "`NOT_THERE` is not set here" in capsys.readouterr().err
    with pytest.raises(InvalidSchedules, match="NOT_THERE"):
        read_right(settings, Output(), check_secrets=True)
    write(project, "  night: {run: greetin, cron: 0 9 * * *}\n")
    with pytest.raises(InvalidSchedules):
        read_right(load_settings(project), Output())


@pytest.mark.parametrize(
    ("named", "sets"),
    [((), ("production",)), (("staging",), ("staging",)), (("staging", "eu"), ("staging", "eu"))],
)
def test_sets_of_the_settings_are_those_where_none_is_named(
    project: Path, named: tuple[str, ...], sets: tuple[str, ...]
) -> None:
    belongs = NIGHT.replace("{run", "{sets: [staging, eu], run", 1)
    write(project, f"  night: {belongs}\n", '[schedules]\nsets = ["production"]\n')
    settings = load_settings(project)
    assert chosen_sets(named, settings, read_written(settings)) == sets


@pytest.mark.parametrize(
    ("sets", "remedy"),
    [("sets: [staging, eu], ", "Did you mean `staging`?"), ("", "schedule.unknown-set")],
)
def test_a_set_that_no_schedule_belongs_to_is_refused_before_a_server_is_asked(
    project: Path, tenuto: Callable[..., Any], sets: str, remedy: str
) -> None:
    write(project, f"  night: {NIGHT.replace('{run', '{' + sets + 'run', 1)}\n")
    done = tenuto("schedule", "plan", "--set", "stagign")
    assert done.code == 2
    assert "No schedule belongs to the set `stagign`." in done.err
    assert remedy in done.err


def test_next_tells_a_file_before_it_is_applied_without_a_server(
    tenuto: Callable[..., Any], project: Path
) -> None:
    write(project, f"  hello/new: {NIGHT}\n")
    ask = ("schedule", "next", "hello/new", "--file", "schedules.yaml")
    told = json.loads(tenuto(*ask, "--count", "3", "--json").out)
    assert told["time_zone"] == "America/New_York"
    assert len(told["times"]) == 3
    assert "+0545" in tenuto(*ask, "--zone", "Asia/Kathmandu").out
    missing = tenuto("schedule", "next", "hello/nww", "--file", "schedules.yaml")
    assert missing.code == 4
    assert "hello/new" in missing.err
