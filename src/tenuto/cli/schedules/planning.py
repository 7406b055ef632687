"""`tenuto schedule plan` and `apply`: one plan, shown or done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.cli.schedules.plan_page import report
from tenuto.cli.schedules.written import chosen_sets, read_right
from tenuto.cli.session import Session, open_session
from tenuto.core.errors import UsageError
from tenuto.engine.settings import load_settings
from tenuto.triggers.schedules.apply_plan import Outcome, apply_plan, of_code_schedule
from tenuto.triggers.schedules.plan import Change, Deed, make_plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What the command line asks for."""

    sets: Sequence[str]
    prune: bool
    check_secrets: bool
    is_dry: bool
    """Only show."""


async def plan_or_apply(choice: Choice, output: Output) -> int:
    """Shows what would change, or changes it and shows what did. Returns the exit code."""
    settings = load_settings()
    checked = read_right(settings, output, check_secrets=choice.check_secrets)
    sets = chosen_sets(choice.sets, settings, checked)
    session = await open_session()
    if choice.prune:
        _refuse_nameless(session)
    changes = await make_plan(
        session.client,
        checked,
        owner=settings.schedules.owner,
        stamp=session.gate.stamp(),
        sets=sets,
        now=datetime.now(UTC),
    )
    if choice.is_dry:
        starts = {each.start.id: each.target.workflow for each in checked.wanted}
        outcomes = [Outcome(change=_seen(session, each, starts)) for each in changes]
    else:
        outcomes = await apply_plan(
            session.client,
            session.gate,
            checked,
            changes,
            owner=settings.schedules.owner,
            prune=choice.prune,
        )
    report(outcomes, output, prunes=choice.prune, is_dry=choice.is_dry)
    return exit_codes.FAILED if any(each.is_failed for each in outcomes) else exit_codes.OK


def _seen(session: Session, change: Change, starts: Mapping[str, str]) -> Change:
    """What is there and may not be applied may not be looked into either."""
    resource = of_code_schedule(change.schedule_id)
    workflow = starts.get(change.schedule_id)
    if change.deed is Deed.PRUNE:
        said, allowed = "delete", session.gate.allows("schedule:delete", resource)
    else:
        context: dict[str, JsonValue] = {} if workflow is None else {"workflow": workflow}
        said, allowed = "apply", session.gate.allows("schedule:apply", resource, context)
    if allowed:
        return change
    hidden = {"fields": (), "remark": f"the rules do not let you {said} it"}
    return change.model_copy(update=hidden)


def _refuse_nameless(session: Session) -> None:
    """On a server that others use, schedules without an owner's name may be another project's."""
    if session.settings.schedules.owner or session.target.is_embedded:
        return
    raise UsageError(
        "On a shared server `--prune` needs to know which schedules are this project's. Give it a"
        ' name in tenuto.toml, `[schedules] owner = "..."`, before its schedules are applied.',
        code="schedule.no-owner",
    )
