"""What the schedules of this project can stand on: its files, its catalog, its definitions."""

from tenuto.app import project_catalog
from tenuto.cli.schedules.written import read_all
from tenuto.cli.session import Session
from tenuto.definitions.library import DefinitionLibrary
from tenuto.triggers.schedules.findings import InvalidSchedules, has_errors
from tenuto.triggers.schedules.orphans import Standing


def standing_here(session: Session) -> Standing:
    """What there is in this project.

    Raises UsageError `schedule.no-file` where there is neither the file nor a module, and
    InvalidSchedules where anything in them is wrong: what is taken for an orphan may be deleted.
    """
    reads = read_all(session.settings)
    findings = [each for read in reads for each in read.findings]
    if has_errors(findings):
        raise InvalidSchedules(findings)
    entries = project_catalog(session.settings).workflows.values()
    return Standing(
        owner=session.settings.schedules.owner,
        written=frozenset(named for read in reads for named in read.ids),
        workflows=frozenset(name for each in entries for name in (each.name, each.type_name)),
        definitions=frozenset(DefinitionLibrary(session.store).names()),
    )
