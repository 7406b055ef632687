"""A schedule as it stands in a file, for commands that look at it before it is applied."""

from pathlib import Path

from tenuto.core.errors import NotFoundError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.triggers.schedules.file import read_schedules_file
from tenuto.triggers.schedules.findings import InvalidSchedules
from tenuto.triggers.schedules.model import ScheduledStart


def written_start(file: Path, schedule_id: str) -> ScheduledStart:
    """The schedule of that id in `file`.

    Raises NotFoundError `schedule.not-found` where there is none, InvalidSchedules where it cannot
    be read.
    """
    read = read_schedules_file(file, str(file))
    for each in read.starts:
        if each.start.id == schedule_id:
            return each.start
    if schedule_id in read.ids or not read.ids:
        raise InvalidSchedules(read.findings)
    raise NotFoundError(
        f"{file} has no schedule `{schedule_id}`. {did_you_mean(schedule_id, read.ids)}".rstrip(),
        code="schedule.not-found",
        details={"schedule_id": schedule_id, "file": str(file)},
    )
