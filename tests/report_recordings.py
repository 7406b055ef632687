"""The runs of reports whose histories are recorded."""

from pathlib import Path
from typing import Any

from temporalio.client import Client

from report_desk import DAY, SPEND, changed, make_project, write
from tenuto.activities.notify.pack import pack as notify
from tenuto.engine.project import use_settings
from tenuto.packs.reports.catalog import run_report
from tenuto.packs.reports.models import RunReportRequest
from tenuto.triggers.start import Handle, start

BESIDE = (notify,)
"""What reports are sent with."""


async def sent(client: Client, folder: Path) -> Handle:
    """One file for one recipient."""
    return await _run(client, folder, {"file": [_to("archive", folder / "out")]})


async def sent_in_part(client: Client, folder: Path) -> Handle:
    """A channel without its settings, and one of two recipients who cannot be reached."""
    unreachable = folder / "unreachable"
    unreachable.write_text("a file where a folder should be")
    files = [_to("archive", folder / "out"), _to("gone", unreachable / "below")]
    return await _run(client, folder, {"file": files, "sms": ["+442079460000"]})


async def _run(client: Client, folder: Path, recipients: dict[str, Any]) -> Handle:
    project = folder / "project"
    project.mkdir()
    use_settings(make_project(project))
    templates = {name: SPEND["templates"][name] for name in recipients}
    write(project, "replayed", changed(templates=templates, recipients=recipients))
    request = RunReportRequest(report_name="replayed", channel="all", params={"date": DAY})
    return await start(client, run_report, request)


def _to(name: str, target: Path) -> dict[str, str]:
    return {"name": name, "target": str(target)}
