"""Reading triggers.yaml: everything that is wrong with it, found in one pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue, ValidationError

from tenuto.core.errors import NotFoundError, TenutoError, UsageError
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.loaded import Loaded, pointer_to
from tenuto.definitions.loading import load
from tenuto.identity.secret_values import resolve_secret
from tenuto.triggers.events.arrivals import VARIABLES, Kind
from tenuto.triggers.events.findings import InvalidTriggers, shape_findings
from tenuto.triggers.events.input_mapping import input_findings
from tenuto.triggers.events.model import Start, Triggers
from tenuto.triggers.events.programs import program_findings, template_findings
from tenuto.triggers.events.targets import Target, Targets

_OWN_PATHS = ("/healthz", "/readyz")

Place = tuple[int | str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedTriggers:
    """The file as read, and what was found."""

    triggers: Triggers | None
    """None where it has errors of shape."""
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether it cannot be served."""
        return any(each.severity is Severity.ERROR for each in self.findings)

    def whole(self) -> Triggers:
        """The triggers. Raises InvalidTriggers where something is wrong with them."""
        if self.triggers is None or self.has_errors:
            raise InvalidTriggers(list(self.findings))
        return self.triggers


def read_triggers(path: Path, targets: Targets) -> CheckedTriggers:
    """The triggers of a file, checked against what can be started.

    Raises NotFoundError `triggers.no-file` where there is none.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError as missing:
        raise NotFoundError(
            f"There is no {path}. Write one (docs/how-to/receive-events.md), or set"
            " `triggers.file` in tenuto.toml.",
            code="triggers.no-file",
        ) from missing
    except OSError as wrong:
        raise UsageError(f"{path} cannot be read: {wrong}.", code="triggers.no-file") from wrong
    return check_triggers(text, path.name, targets)


def check_triggers(text: str | bytes, file: str, targets: Targets) -> CheckedTriggers:
    """The triggers in a text, and everything that is wrong with them; never raises."""
    loaded, flaws = load(text, file)
    if loaded is None:
        return CheckedTriggers(triggers=None, findings=tuple(map(_unreadable, flaws)))
    value = {} if loaded.value is None else loaded.value
    shape: list[Finding] = []
    try:
        triggers = Triggers.model_validate(value)
    except ValidationError as wrong:
        shape = list(shape_findings(wrong, loaded))
        triggers = Triggers.model_validate(
            _without(value, [each["loc"] for each in wrong.errors()])
        )
    found = [
        *shape,
        *_paths(triggers, loaded),
        *(each for part in _starts(triggers) for each in _of_start(part, loaded, targets)),
        *_filters(triggers, loaded),
        *_secrets(triggers, loaded),
    ]
    return CheckedTriggers(triggers=triggers, findings=tuple(_sorted(found)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    kind: Kind
    place: Place
    start: Start


def _starts(triggers: Triggers) -> Iterator[_Part]:
    for name, hook in triggers.webhooks.items():
        yield _Part(kind="webhook", place=("webhooks", name), start=hook)
    for name, source in triggers.events.items():
        for route_name, route in source.routes.items():
            for key in ("start", "signal"):
                start = getattr(route, key)
                if start is not None:
                    place = ("events", name, "routes", route_name, key)
                    yield _Part(kind="event", place=place, start=start)
    for name, watch in triggers.files.items():
        yield _Part(kind="file", place=("files", name), start=watch)


def _of_start(part: _Part, loaded: Loaded, targets: Targets) -> Iterator[Finding]:
    variables = VARIABLES[part.kind]
    at = pointer_to(part.place)
    yield from template_findings(part.start.input, f"{at}/input", variables, loaded)
    payload = getattr(part.start, "payload", None)
    yield from template_findings(payload, f"{at}/payload", variables, loaded)
    if part.start.id is not None:
        yield from program_findings(part.start.id, f"{at}/id", variables, loaded)
    try:
        target = targets.find(part.start.run)
    except TenutoError as unknown:
        yield _unknown(part.start.run, unknown.message, f"{at}/run", loaded)
        return
    yield from _id_findings(part, target, at, loaded)
    yield from input_findings(target, part.start, f"{at}/input", at, loaded)


def _unknown(run: str, message: str, at: str, loaded: Loaded) -> Finding:
    if "/" not in run:
        return loaded.error("triggers.unknown-workflow", at, message)
    # It can be deployed while the receiver runs; until then senders are asked to come back.
    return loaded.warning("triggers.not-deployed", at, message)


def _id_findings(part: _Part, target: Target, at: str, loaded: Loaded) -> Iterator[Finding]:
    if target.names_itself and part.start.id is not None:
        yield loaded.error(
            "triggers.id-is-given",
            f"{at}/id",
            f"`{part.start.run}` names its runs by what they are about.",
            "Take `id` out, or start another workflow."
            if not hasattr(part.start, "signal")
            else "Signal a workflow that does not.",
        )


def _filters(triggers: Triggers, loaded: Loaded) -> Iterator[Finding]:
    parts: list[tuple[Kind, Place, str | None]] = [
        *(("webhook", ("webhooks", name), hook.filter) for name, hook in triggers.webhooks.items()),
        *(
            ("event", ("events", name, "routes", each), route.filter)
            for name, source in triggers.events.items()
            for each, route in source.routes.items()
        ),
        *(("file", ("files", name), watch.filter) for name, watch in triggers.files.items()),
    ]
    for kind, place, condition in parts:
        if condition is not None:
            at = f"{pointer_to(place)}/filter"
            yield from program_findings(condition, at, VARIABLES[kind], loaded)


def _paths(triggers: Triggers, loaded: Loaded) -> Iterator[Finding]:
    seen: dict[str, str] = dict.fromkeys(_OWN_PATHS, "the receiver itself")
    for path, section, name in triggers.paths():
        if path in seen:
            yield loaded.error(
                "triggers.path-taken",
                f"{pointer_to((section, name))}/path",
                f"`{path}` is the path of {seen[path]}.",
                "Give each trigger a path of its own.",
            )
        seen[path] = f"`{section}/{name}`"


def _secrets(triggers: Triggers, loaded: Loaded) -> Iterator[Finding]:
    for section in ("webhooks", "events"):
        for name, proof in getattr(triggers, section).items():
            for number, reference in enumerate(proof.secrets):
                at = pointer_to((section, name, "secrets", number))
                yield from _secret(reference, at, loaded)


def _secret(reference: str, at: str, loaded: Loaded) -> Iterator[Finding]:
    try:
        resolve_secret(reference)
    except NotFoundError:
        yield loaded.warning(
            "triggers.secret-unset",
            at,
            f"{reference} has no value here.",
            "Set the variable where the receiver runs, or it does not start.",
        )
    except UsageError:
        remedy = "Write secret://env/NAME."
        yield loaded.error("triggers.bad-value", at, "Only the environment holds secrets.", remedy)


def _unreadable(flaw: Finding) -> Finding:
    """What keeps the text from being read, in words that fit triggers."""
    remedy = flaw.remedy if "efinition" not in flaw.remedy and "`use`" not in flaw.remedy else ""
    code = "triggers.unreadable"
    return flaw.model_copy(update={"code": code, "remedy": remedy or "Write it out in one file."})


def _without(value: JsonValue, places: list[Place]) -> JsonValue:
    """The file without the triggers that are wrong in shape: what the others say is still read."""
    if not isinstance(value, dict):
        return {}
    broken = {place[:2] for place in places}
    return {
        section: {name: each for name, each in triggers.items() if (section, name) not in broken}
        if isinstance(triggers, dict)
        else triggers
        for section, triggers in value.items()
        if (section,) not in broken
    }


def _sorted(found: Any) -> list[Finding]:
    return sorted(found, key=lambda each: (each.line, each.column, each.code))
