"""`sync.yaml` as data: everything that is wrong in it is found in one pass, each at its place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, JsonValue, ValidationError

from tenuto.core.durations import read_spoken_duration
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.core.yaml12 import compose, read_yaml
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.packs.sync.configuration import Source, SyncFile
from tenuto.packs.sync.names import CLIENT_ID, LOADED_AT
from tenuto.packs.sync.sources.kinds import CONFIGS, Access
from tenuto.packs.sync.sources.places import Finding, Places


def read_sync_file(path: Path) -> SyncFile:
    """What `path` says. Raises NotFoundError `sync.no-file`, UsageError `sync.file-invalid`.

    The error lists every finding, one line each; `details["findings"]` has them for a program.
    """
    content, findings = check_sync_file(path)
    if content is None or findings:
        raise UsageError(
            "\n".join(map(str, findings)),
            code="sync.file-invalid",
            details={
                "file": str(path),
                "findings": [
                    {"line": each.line, "column": each.column, "message": each.message}
                    for each in findings
                ],
            },
        )
    return content


def check_sync_file(path: Path) -> tuple[SyncFile | None, list[Finding]]:
    """What `path` says, and everything that is wrong with it; None where it cannot be read.

    Raises NotFoundError `sync.no-file`, and UsageError as `read_yaml` for what is not YAML.
    """
    places = places_of(path)
    said = read_yaml(_text(path), str(path))
    try:
        content = SyncFile.model_validate(_durations_read(said))
    except ValidationError as wrong:
        return None, list(_in_order(places.findings(wrong, SyncFile)))
    return content, list(_in_order(_beyond_types(content, places)))


def places_of(path: Path) -> Places:
    """Where everything in `path` stands. Raises as `check_sync_file`."""
    text = _text(path)
    said = read_yaml(text, str(path))
    root, _ = compose(text)
    if root is None or not isinstance(said, dict):
        raise UsageError(
            f"{path} has to be a mapping with `sources`; `tenuto sync --help` shows one.",
            code="sync.file-invalid",
        )
    return Places(file=str(path), root=root)


def config_of(source: Source, source_name: str) -> BaseModel:
    """The `config` of `source`, typed as its kind has it.

    Raises UsageError `sync.config-invalid`: a run may have put `source_kwargs` over the file's.
    """
    model = CONFIGS[source.kind]
    try:
        return model.model_validate(source.config)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "config"
        raise UsageError(
            f"Source `{source_name}`: `{place}`: {first['msg']}. Correct `config` in sync.yaml, or"
            " the arguments of this run.",
            code="sync.config-invalid",
            details={"source": source_name},
        ) from wrong


def source_in(content: SyncFile, name: str) -> Source:
    """The source of that name. Raises UsageError `sync.source-unknown`, listing those there are."""
    if name not in content.sources:
        known = ", ".join(f"`{each}`" for each in sorted(content.sources)) or "none yet"
        raise UsageError(
            f"There is no source `{name}`. {_meant(name, content)}Sources in sync.yaml: {known}.",
            code="sync.source-unknown",
            details={"source": name, "known": sorted(content.sources)},
        )
    return content.sources[name]


def _meant(name: str, content: SyncFile) -> str:
    said = did_you_mean(name, content.sources)
    return f"{said} " if said.startswith("Did") else ""


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as missing:
        raise NotFoundError(
            f"There is no {path}. Write sources there, or name another file as `file` of `[sync]`"
            " in tenuto.toml.",
            code="sync.no-file",
        ) from missing
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", code="sync.file-invalid") from error


def _durations_read(said: dict[str, Any]) -> dict[str, Any]:
    """The same with `timeout` and `retry.wait` of each source as spans of time."""
    sources = said.get("sources")
    if not isinstance(sources, dict):
        return said
    return {**said, "sources": {name: _spans(each) for name, each in sources.items()}}


def _spans(source: Any) -> Any:
    if not isinstance(source, dict):
        return source
    read = dict(source)
    if "timeout" in read:
        read["timeout"] = _span(read["timeout"])
    if isinstance(read.get("retry"), dict) and "wait" in read["retry"]:
        read["retry"] = {**read["retry"], "wait": _span(read["retry"]["wait"])}
    return read


def _span(value: JsonValue) -> Any:
    spoken = read_spoken_duration(value)
    return value if spoken is None else spoken


def _in_order(findings: Any) -> list[Finding]:
    return sorted(findings, key=lambda each: (each.line, each.column))


def _beyond_types(content: SyncFile, places: Places) -> Iterator[Finding]:
    """What types cannot tell: names that have to exist, and each kind's own configuration."""
    for name, source in content.sources.items():
        here = ("sources", name)
        if source.destination is not None and source.destination not in content.destinations:
            yield places.finding(
                (*here, "destination"),
                f"there is no destination `{source.destination}`."
                f" {did_you_mean(source.destination, content.destinations)}",
            )
        if source.client_id != source.client_id.strip():
            yield places.finding((*here, "client_id"), "begins or ends with a blank")
        yield from _own_columns(source, places, here)
        yield from _of_kind(source, places, here)


def _own_columns(source: Source, places: Places, here: tuple[str, ...]) -> Iterator[Finding]:
    """Each row says whose it is and when it came: no column of a source may stand in for these."""
    for path, name in _columns_in(source.config):
        if name in (CLIENT_ID, LOADED_AT):
            yield places.finding(
                (*here, "config", *path), f"`{name}` is written by the sync; leave it out"
            )


def _columns_in(value: JsonValue, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, str]]:
    """Where a configuration speaks of columns, and which."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _columns_in(each, (*path, number))
    if isinstance(value, dict):
        for key, each in value.items():
            if key != "columns":
                yield from _columns_in(each, (*path, key))
            elif isinstance(each, dict):
                yield from (((*path, key, name), name) for name in each)
            elif isinstance(each, list):
                names = [(one.get("name") if isinstance(one, dict) else one) for one in each]
                yield from (((*path, key, n), str(name)) for n, name in enumerate(names))


def _of_kind(source: Source, places: Places, here: tuple[str, ...]) -> Iterator[Finding]:
    is_python = source.kind == "python"
    if is_python and ":" not in (source.function or ""):
        yield places.finding((*here, "function"), "is needed, as `module:function`")
    if not is_python and source.function is not None:
        yield places.finding((*here, "function"), "belongs to sources of kind `python`")
    model = CONFIGS[source.kind]
    try:
        config = model.model_validate(source.config)
    except ValidationError as wrong:
        yield from places.findings(wrong, model, (*here, "config"))
        return
    known = secrets_of(source, config)
    if known is not None:
        for missing in sorted(known[0] - set(source.secrets)):
            yield places.finding((*here, "secrets"), f"has no `{missing}`, which is needed")
        for extra in sorted(set(source.secrets) - known[1]):
            yield places.finding(
                (*here, "secrets", extra), f"is not used. {did_you_mean(extra, known[1])}"
            )


def secrets_of(source: Source, config: BaseModel) -> tuple[set[str], set[str]] | None:
    """The names of secrets that the source needs, and that it may have; None where only its
    function knows."""
    match source.kind:
        case "python":
            return None
        case "everflow":
            return {"api_key"}, {"api_key"}
        case "sql":
            return set(), {"password", "connection"}
        case "files":
            options = {"key", "secret", "token", "username", "password", "passphrase"}
            azure = {"account_name", "account_key", "sas_token", "connection_string"}
            return set(), options | azure
        case _:
            access: Access | None = getattr(config, "auth", None)
            needed = set() if access is None else {access.secret}
            return needed, needed
