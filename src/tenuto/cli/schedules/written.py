"""The schedules of this project as they are written: its file, its modules, checked together."""

from collections.abc import Sequence

from tenuto.app import project_catalog
from tenuto.artifacts.store import open_store
from tenuto.cli.output import Output
from tenuto.core.errors import UsageError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.findings import Severity
from tenuto.definitions.library import DefinitionLibrary
from tenuto.engine.settings import Settings
from tenuto.triggers.schedules.check import Checked, check
from tenuto.triggers.schedules.file import Read, read_schedules_file
from tenuto.triggers.schedules.findings import InvalidSchedules, has_errors
from tenuto.triggers.schedules.modules import read_schedule_modules


def read_written(settings: Settings, *, check_secrets: bool = False) -> Checked:
    """All schedules of the project, and everything that is wrong with them.

    With `check_secrets` an empty secret is an error. Raises UsageError `schedule.no-file` where
    there is neither the file nor a module.
    """
    library = DefinitionLibrary(open_store(settings.artifacts_url))
    secrets = Severity.ERROR if check_secrets else Severity.WARNING
    return check(read_all(settings), project_catalog(settings), library, secrets=secrets)


def read_right(settings: Settings, output: Output, *, check_secrets: bool = False) -> Checked:
    """The same, without an error: raises InvalidSchedules. Warnings go to stderr."""
    checked = read_written(settings, check_secrets=check_secrets)
    if has_errors(checked.findings):
        raise InvalidSchedules(checked.findings)
    for finding in checked.findings:
        output.note(str(finding))
    return checked


def read_all(settings: Settings) -> list[Read]:
    """What the file and each module say."""
    wanted = settings.schedules
    file = settings.root / wanted.file
    reads = [read_schedules_file(file, wanted.file)] if file.exists() or not wanted.modules else []
    return [*reads, read_schedule_modules(wanted.modules)]


def chosen_sets(named: Sequence[str], settings: Settings, checked: Checked) -> tuple[str, ...]:
    """The sets that were asked for, else those of the settings.

    Raises UsageError `schedule.unknown-set` for one that no schedule belongs to.
    """
    known = sorted({each for wanted in checked.wanted for each in wanted.start.sets})
    for each in named:
        if each not in known:
            raise UsageError(
                f"No schedule belongs to the set `{each}`. {did_you_mean(each, known)}".rstrip(),
                code="schedule.unknown-set",
            )
    return tuple(named) or settings.schedules.sets
