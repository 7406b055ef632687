"""What `tenuto audit doctor` looks at."""

from datetime import timedelta
from typing import Literal

from tenuto.catalog.library.evidence.catalog import EXPORTER_ID
from tenuto.catalog.library.evidence.models import ExporterView
from tenuto.cli.audit.exporter import retention
from tenuto.cli.audit.places import project_evidence, project_ledger
from tenuto.cli.audit.standing import SPOOL_REMEDY, spool_problem
from tenuto.cli.session import open_session
from tenuto.cli.times import span
from tenuto.core.errors import TenutoError, UnreachableError
from tenuto.core.records import Record
from tenuto.engine.settings import Settings
from tenuto.evidence.retention import retention_problem
from tenuto.evidence.worm import probe


class Check(Record):
    """One thing that was looked at."""

    what: str
    state: Literal["pass", "warn", "fail"]
    found: str


async def checks(settings: Settings) -> list[Check]:
    """Everything, in the order it depends on each other."""
    return [
        _keys(settings),
        _place(settings),
        _spool(settings),
        _listeners(settings),
        *await _server(settings),
    ]


def _keys(settings: Settings) -> Check:
    ring = project_evidence(settings).keys.read("ledger")
    if not ring.keys:
        return Check(what="keys", state="warn", found="none yet; the first export makes one")
    active = ring.active
    if active.private is None:
        return Check(
            what="keys", state="warn", found=f"{active.kid} verifies; it does not sign here"
        )
    return Check(what="keys", state="pass", found=f"{active.kid} signs")


def _place(settings: Settings) -> Check:
    place = project_ledger(settings).place
    try:
        tried = probe(place)
    except TenutoError as failure:
        return Check(what="place", state="fail", found=failure.message)
    if tried.is_safe:
        found = f"{place.url} refuses to overwrite and to delete: it is write-once"
        return Check(what="place", state="pass", found=found)
    could = [word for word in ("overwritten", "deleted") if getattr(tried, word)]
    found = f"{place.url} is not write-once: a probe could be {' and '.join(could) or 'changed'}"
    return Check(what="place", state="warn", found=f"{found}. Pin checkpoints elsewhere.")


def _spool(settings: Settings) -> Check:
    problem = spool_problem(settings)
    if problem:
        return Check(what="spool", state="fail", found=f"{problem}. {SPOOL_REMEDY}")
    spool = project_evidence(settings).spool
    share = spool.used_bytes() / spool.most_bytes
    state: Literal["pass", "warn"] = "warn" if share > 0.5 else "pass"
    return Check(what="spool", state=state, found=f"{share:.0%} of {spool.most_bytes:,} bytes")


def _listeners(settings: Settings) -> Check:
    told = settings.evidence.alarm_to
    if not told:
        found = "nobody is told of an alarm; name somebody in `evidence.alarm_to`"
        return Check(what="listeners", state="warn", found=found)
    named = ", ".join(f"{each.name} ({each.channel})" for each in told)
    return Check(what="listeners", state="pass", found=named)


async def _server(settings: Settings) -> list[Check]:
    try:
        session = await open_session()
    except UnreachableError as failure:
        return [Check(what="server", state="fail", found=failure.message)]
    every = timedelta(seconds=settings.evidence.export_every_s)
    kept = await retention(session.client)
    problem = retention_problem(kept, every)
    checked = Check(
        what="retention",
        state="fail" if problem else "pass",
        found=problem or f"{span(kept)}, exported every {span(every)}",
    )
    handle = session.client.get_workflow_handle(
        EXPORTER_ID.format(namespace=session.client.namespace)
    )
    try:
        view: ExporterView = await handle.query(
            "view", result_type=ExporterView, rpc_timeout=timedelta(seconds=5)
        )
    except Exception as failure:  # noqa: BLE001 (no run, no worker, no permission: all the same)
        found = f"no answer ({type(failure).__name__}): keep `tenuto up` running"
        return [checked, Check(what="exporter", state="fail", found=found)]
    if view.alarms:
        return [checked, Check(what="exporter", state="fail", found=" ".join(view.alarms))]
    done = f"{view.exports} exports, {view.known.head.size if view.known.head else 0} records"
    return [checked, Check(what="exporter", state="pass", found=done)]
