"""`tenuto triggers apply`: the schedules of watched places follow triggers.yaml."""

from datetime import UTC, datetime

from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.cli.schedules.plan_page import report
from tenuto.cli.session import open_session
from tenuto.cli.triggers.opening import read_project
from tenuto.engine.settings import load_settings
from tenuto.triggers.events.files.watching import owner_of_watches, wanted_watches
from tenuto.triggers.schedules.apply_plan import Outcome, apply_plan
from tenuto.triggers.schedules.plan import make_plan


async def apply(output: Output, *, is_dry: bool) -> int:
    """Shows what would change, or changes it; returns the exit code. Raises InvalidTriggers."""
    settings = load_settings()
    watches = read_project(settings).whole().files
    session = await open_session()
    checked = wanted_watches(watches, settings.triggers.file)
    owner = owner_of_watches(settings.schedules.owner)
    changes = await make_plan(
        session.client,
        checked,
        owner=owner,
        stamp=session.gate.stamp(),
        sets=(),
        now=datetime.now(UTC),
    )
    if not changes:
        output.note(f"{settings.triggers.file} has no `files`: nothing is watched.")
    outcomes = [Outcome(change=each) for each in changes]
    if not is_dry:
        outcomes = await apply_plan(
            session.client, session.gate, checked, changes, owner=owner, prune=True
        )
    report(outcomes, output, prunes=True, is_dry=is_dry)
    return exit_codes.FAILED if any(each.is_failed for each in outcomes) else exit_codes.OK
