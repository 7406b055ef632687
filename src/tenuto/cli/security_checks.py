"""What `tenuto doctor` looks at of keys, identity, and encryption."""

from collections.abc import AsyncIterator, Iterator

from temporalio.client import Client

from tenuto.cli.asking import asked_address, principal_of
from tenuto.cli.audit.standing import SPOOL_REMEDY, spool_problem
from tenuto.cli.checks import Check, fail, ok, tried, warn
from tenuto.cli.keyrings import PAYLOADS, key_records
from tenuto.core.errors import TenutoError
from tenuto.engine.encryption import ENCODING, KEY_ID
from tenuto.engine.runs.decrypted import payloads_in
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.listing import list_runs
from tenuto.engine.runs.raw import events
from tenuto.engine.settings import Settings
from tenuto.identity.data_keys import DataKeyFile

_NEWEST = 5
"""Runs whose input is looked at."""


def security_checks(settings: Settings) -> Iterator[Check]:
    """Who you are, whether keys are kept from others, whether encryption can be done."""
    yield tried("identity", lambda: _identity(settings))
    yield tried("keys", lambda: _keys(settings))
    yield _encryption(settings)
    yield _spool(settings)


async def encryption_in_use(settings: Settings, client: Client) -> AsyncIterator[Check]:
    """Whether the newest runs were begun as the settings say, with keys that are here."""
    if not DataKeyFile(settings.keys_path).read().keys and not settings.encryption.enabled:
        return
    known = DataKeyFile(settings.keys_path).read().by_id()
    inputs = [each async for each in _newest_inputs(client)]
    strange = sorted({kid for _, kid in inputs if kid is not None and kid not in known})
    plain = [run for run, kid in inputs if kid is None]
    if strange:
        yield fail(
            "encrypted runs",
            f"written with keys that are not here: {', '.join(strange)}",
            f"copy `payloads.json` to {settings.keys_path} from where they were started",
        )
    elif plain and settings.encryption.enabled:
        yield warn(
            "encrypted runs",
            f"{plain[0]} was begun without encryption",
            "it is older than the setting, or some process lacks `encryption.enabled`",
        )
    else:
        yield ok("encrypted runs", f"the newest {len(inputs)} as the settings say")


def _identity(settings: Settings) -> str:
    who = principal_of(settings, asked_address(settings))
    return f"{who.id} ({who.authentication.method})"


def _keys(settings: Settings) -> str:
    found = key_records(settings)
    if not found:
        return f"none yet; the first use makes them in {settings.keys_path}"
    counts = {each["purpose"]: 0 for each in found}
    for each in found:
        counts[each["purpose"]] += 1
    told = ", ".join(f"{number} for {purpose}" for purpose, number in counts.items())
    return f"{told}, in {settings.keys_path}, closed to others"


def _encryption(settings: Settings) -> Check:
    try:
        ring = DataKeyFile(settings.keys_path).read()
        if settings.encryption.enabled:
            key = ring.active.kid if ring.keys else "its first, made by the first run"
            return ok("encryption", f"on, with key {key}")
    except TenutoError as error:
        return fail("encryption", error.message, "")
    if ring.keys:
        return warn(
            "encryption",
            f"off, though there are keys for {PAYLOADS}: new runs are readable on the server",
            "set `encryption.enabled` in every process, if that is not meant",
        )
    return ok("encryption", "off")


def _spool(settings: Settings) -> Check:
    try:
        problem = spool_problem(settings)
    except TenutoError as error:
        return fail("audit spool", error.message, "")
    if problem:
        return warn("audit spool", problem, SPOOL_REMEDY)
    return ok("audit spool", f"{settings.spool_path}, emptied by the exporter")


async def _newest_inputs(client: Client) -> AsyncIterator[tuple[str, str | None]]:
    """Workflow id and the key of its input (None: not encrypted) of runs that have an input."""
    for run in (await list_runs(client, page_size=_NEWEST)).runs:
        first = await anext(events(client, Execution(workflow_id=run.workflow_id, run_id="")))
        sent = first.workflow_execution_started_event_attributes.input
        for payload in payloads_in(sent):
            encrypted = payload.metadata.get("encoding") == ENCODING
            if not payload.external_payloads:
                yield run.workflow_id, payload.metadata[KEY_ID].decode() if encrypted else None
