"""`tenuto definition deploy`: all files are right, or nothing is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenuto.cli import exit_codes
from tenuto.cli.asking import asked_address
from tenuto.cli.definitions.choice import Chosen, compiled
from tenuto.cli.definitions.files import Source, read_sources
from tenuto.cli.definitions.page import when
from tenuto.cli.definitions.twice import find_twice
from tenuto.cli.definitions.workplace import Workplace, open_workplace
from tenuto.cli.output import Output
from tenuto.cli.session import Session, project_gate
from tenuto.core.canonical import canonical_json
from tenuto.core.errors import UsageError
from tenuto.definitions.findings import Finding, InvalidDefinition
from tenuto.definitions.versions import precedence
from tenuto.engine.settings import load_settings
from tenuto.triggers.definition_timetable import Timetable, timetable_of
from tenuto.triggers.definitions import check_schedulable
from tenuto.triggers.gate.plan_parts import of_definition
from tenuto.workflows.interpreter.entry import name_of

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.triggers.definition_schedules import ScheduleChange


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became, or would become, of one definition."""

    chosen: Chosen
    is_new: bool
    timetable: Timetable | None
    uri: str | None = None
    """Where it is kept; None in a dry run."""
    change: "ScheduleChange | None" = None
    """None where no server was asked."""

    @property
    def of_schedule(self) -> str:
        """What became of the schedule, in words; empty where there is none."""
        if self.change is None:
            return f"schedule: {when(self.timetable)}" if self.timetable else ""
        if self.timetable is None:
            return "its schedule was removed" if self.change.change == "removed" else ""
        before = self.change.before if self.change.change == "replaced" else None
        was = f", instead of {before.version} {when(before.timetable)}" if before else ""
        paused = "; it is paused" if self.change.is_paused else ""
        return f"schedule {self.change.change}: {when(self.timetable)}{was}{paused}"

    def record(self) -> dict[str, Any]:
        """For a program."""
        head = self.chosen.plan.head
        return {
            "file": self.chosen.label,
            "namespace": head.namespace,
            "name": head.name,
            "version": head.version,
            "digest": self.chosen.digest,
            "is_new": self.is_new,
            "uri": self.uri,
            "schedule": self.change,
            "warnings": self.chosen.warnings,
        }


async def deploy_files(
    files: Iterable[str], output: Output, *, is_dry: bool, with_schedules: bool
) -> int:
    """Checks every file, then keeps and schedules each definition. Returns the exit code.

    Of several versions of one definition the highest comes last, so that the schedule is its.
    """
    sources = read_sources(files)
    workplace = open_workplace(sources)
    wanted = _all_compiled(sources, workplace)
    for each in wanted:
        _refuse_unschedulable(each, with_schedules)
    foreseen = [_foreseen(each, workplace) for each in wanted]
    if is_dry:
        return _report(foreseen, output, is_dry=True)
    gate = project_gate(load_settings(), asked_address(load_settings()))
    for each in wanted:
        await gate.authorize("definition:deploy", of_definition(each.plan))
    session = await _session(wanted, workplace, with_schedules)
    outcomes = [await _deploy(each, workplace, session) for each in wanted]
    return _report(outcomes, output, is_dry=False)


def _all_compiled(sources: Iterable[Source], workplace: Workplace) -> list[Chosen]:
    """The definitions in ascending order of name and version; all findings at once."""
    done: list[Chosen] = []
    findings: list[Finding] = []
    for source in sources:
        try:
            done.append(compiled(source, workplace))
        except InvalidDefinition as invalid:
            findings += invalid.findings
    findings += find_twice(each.loaded for each in done if each.loaded is not None)
    if findings:
        raise InvalidDefinition(findings)
    return sorted(done, key=_rank)


def _rank(chosen: Chosen) -> tuple[Any, ...]:
    head = chosen.plan.head
    return head.namespace, head.name, precedence(head.version)


def _refuse_unschedulable(chosen: Chosen, with_schedules: bool) -> None:
    if with_schedules and timetable_of(chosen.value) is not None:
        check_schedulable(chosen.plan)


async def _session(
    wanted: list[Chosen], workplace: Workplace, with_schedules: bool
) -> "Session | None":
    """A connection where a schedule is to be made or may have to go; None where none is needed."""
    if not with_schedules or not any(_touches_schedule(each, workplace) for each in wanted):
        return None
    from tenuto.cli.session import open_session

    return await open_session()


def _touches_schedule(chosen: Chosen, workplace: Workplace) -> bool:
    if timetable_of(chosen.value) is not None:
        return True
    head = chosen.plan.head
    return any(
        timetable_of(each.value) is not None
        for each in workplace.library.list(head.namespace)
        if each.name == head.name
    )


async def _deploy(chosen: Chosen, workplace: Workplace, session: "Session | None") -> Outcome:
    head = chosen.plan.head
    is_new = workplace.library.find(head.namespace, head.name, head.version) is None
    deployed = workplace.library.deploy(_text(chosen), chosen.value, chosen.plan)
    timetable = timetable_of(deployed.value)
    change: ScheduleChange | None = None
    if session is not None:
        change = await session.gate.apply_schedule(session.client, deployed.plan, timetable)
    return Outcome(
        chosen=chosen,
        is_new=is_new,
        uri=deployed.document.uri,
        timetable=timetable,
        change=change,
    )


def _text(chosen: Chosen) -> str:
    """As written. Only what a file holds is deployed."""
    assert chosen.loaded is not None  # noqa: S101 (it was compiled from a file)
    return chosen.loaded.text


def _foreseen(chosen: Chosen, workplace: Workplace) -> Outcome:
    head = chosen.plan.head
    known = workplace.library.find(head.namespace, head.name, head.version)
    if known is not None and canonical_json(known.value) != canonical_json(chosen.value):
        raise UsageError(
            f"Version {head.version} of `{head.namespace}/{head.name}` is deployed with other"
            f" content. Give {chosen.label} the next `document.version`.",
            code="definition.version-taken",
            details={"deployed": known.digest, "refused": chosen.digest},
        )
    return Outcome(chosen=chosen, is_new=known is None, timetable=timetable_of(chosen.value))


def _report(outcomes: list[Outcome], output: Output, *, is_dry: bool) -> int:
    def show(console: "Console") -> None:
        for each in outcomes:
            verb = "is right" if is_dry else "deployed" if each.is_new else "was there already"
            console.print(
                f"✓ {name_of(each.chosen.plan)} {verb} ({each.chosen.digest[:12]})", soft_wrap=True
            )
            if each.of_schedule:
                console.print(f"  {each.of_schedule}", soft_wrap=True)

    for outcome in outcomes:
        for warning in outcome.chosen.warnings:
            output.note(str(warning))
    output.records([each.record() for each in outcomes], show)
    if is_dry:
        output.note("Nothing was kept or scheduled (--dry-run).")
    return exit_codes.OK
