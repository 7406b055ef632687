"""What `tenuto doctor` looks at on this machine. Each check says what it found and what to do."""

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tenuto.app import missing_packs, project_registration
from tenuto.artifacts.store import open_store
from tenuto.core.errors import TenutoError
from tenuto.engine.connection import profile_target
from tenuto.engine.embedded import running_server
from tenuto.engine.embedded.binary import find_binary
from tenuto.engine.embedded.filesystem import refuse_network_folder
from tenuto.engine.embedded.ports import choose_ports
from tenuto.engine.settings import FILE_NAME, Settings


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    """It works, or is not needed yet."""
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(name: str, found: str) -> Check:
    """Nothing to do."""
    return Check(name=name, verdict=Verdict.OK, found=found)


def warn(name: str, found: str, remedy: str) -> Check:
    """It may be meant that way."""
    return Check(name=name, verdict=Verdict.WARN, found=found, remedy=remedy)


def fail(name: str, found: str, remedy: str) -> Check:
    """It cannot work."""
    return Check(name=name, verdict=Verdict.FAIL, found=found, remedy=remedy)


def tried(name: str, look: Callable[[], str]) -> Check:
    """What `look` returns; an error of ours is a failed check in its own words."""
    try:
        return ok(name, look())
    except TenutoError as error:
        return fail(name, error.message, "")


def local_checks(settings: Settings) -> Iterator[Check]:
    """Everything that needs no server."""
    yield ok("python", platform.python_version())
    yield _project(settings)
    yield _environment()
    yield from _packs(settings)
    yield tried("project code", lambda: _code(settings))
    yield tried("state folder", lambda: _state(settings))
    yield tried("artifact store", lambda: _store(settings))
    if profile_target(settings) is None:
        yield tried("server binary", lambda: str(find_binary()))
        yield _embedded(settings)


def _project(settings: Settings) -> Check:
    file = settings.root / FILE_NAME
    if file.is_file():
        return ok("settings", str(file))
    return warn(
        "settings",
        f"no {FILE_NAME} in {settings.root} or above it",
        "`tenuto init` makes a project; the built-in packs run without one.",
    )


def _environment() -> Check:
    names = [name for name in os.environ if name.startswith(("TEMPORAL_", "TENUTO_"))]
    empty = sorted(name for name in names if not os.environ[name].strip())
    if empty:
        return fail(
            "environment",
            f"{', '.join(empty)} set to nothing",
            "Give it a value, or unset it: an empty value is neither.",
        )
    return ok(
        "environment", f"{', '.join(sorted(names))} set" if names else "no TEMPORAL_, TENUTO_"
    )


def _packs(settings: Settings) -> Iterator[Check]:
    for pack in missing_packs(settings):
        yield warn(
            f"pack {pack.name}",
            f"{', '.join(pack.needs)} not installed: its steps cannot run here",
            f"pip install 'tenuto[{pack.extra}]'",
        )


def _code(settings: Settings) -> str:
    registration = project_registration(settings)
    catalog = registration.catalog
    return (
        f"{len(catalog.workflows)} workflows, {len(catalog.activities)} activities on"
        f" {_listed(registration.queues)}"
    )


def _state(settings: Settings) -> str:
    folder = settings.state_path
    folder.mkdir(parents=True, exist_ok=True)
    refuse_network_folder(folder)
    (folder / ".doctor").write_text("")
    (folder / ".doctor").unlink()
    return str(folder)


def _store(settings: Settings) -> str:
    store = open_store(settings.artifacts_url)
    kept = store.put_bytes(b"tenuto doctor\n", name="doctor", media_type="text/plain")
    store.get_bytes(kept)
    return f"{store.url}, written and read back"


def _embedded(settings: Settings) -> Check:
    try:
        server = running_server(settings.state_path)
        if server:
            return ok("embedded server", f"process {server.pid} answers at {server.address}")
        wanted = settings.embedded
        choose_ports(frontend=wanted.port, ui=wanted.ui_port if wanted.ui else None)
    except TenutoError as error:
        return fail("embedded server", error.message, "")
    return warn("embedded server", "not running; its ports are free", "`tenuto up` starts it.")


def _listed(queues: object) -> str:
    names = [f"`{name}`" for name in queues]  # type: ignore[attr-defined]
    return f"queue {names[0]}" if len(names) == 1 else f"queues {', '.join(names)}"
