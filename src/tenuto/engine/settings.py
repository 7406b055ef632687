"""Settings of a project: `tenuto.toml` at its root, overridden by `TENUTO_*` variables."""

import difflib
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.core.errors import UsageError

FILE_NAME = "tenuto.toml"
Port = Annotated[int, Field(ge=0, le=65535)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class EmbeddedSettings(_Section):
    """The Temporal server that Tenuto starts by itself."""

    port: Port = 7233
    """Where it answers; 0 takes a free port."""
    ui_port: Port = 8233
    """Temporal's own web page; 0 takes a free port."""
    ui: bool = True
    """Whether Temporal's own web page is started."""
    metrics_port: Port = 0
    """Prometheus metrics of the server; 0 takes a free port."""
    durability: Annotated[str, Field(pattern="^(durable|fast)$")] = "durable"
    """`durable` survives power loss; `fast` survives a killed process."""
    retention_days: Annotated[int, Field(ge=1, le=36500)] = 3650
    """How long closed runs stay in the server."""


class WorkerSettings(_Section):
    """How workers run."""

    threads: Annotated[int, Field(ge=1, le=1000)] = 32
    """Activities at the same time, per task queue."""
    drain_timeout_s: Annotated[int, Field(ge=0)] = 30
    """How long a stopping worker waits for running activities."""


class IdentitySettings(_Section):
    """Who is asking, and with which keys this project signs and verifies."""

    mode: Annotated[str, Field(pattern="^(local|oidc)$")] = "local"
    """`local`: whoever uses this machine's keys, for a laptop whose server is on loopback; `oidc`:
    every command needs a bearer token of `issuer`."""
    user: str = ""
    """In local mode, who you are; empty takes the login name."""
    groups: tuple[str, ...] = ()
    """In local mode, the groups you are in."""
    issuer: str = ""
    """URL of the OpenID Connect issuer."""
    audience: str = "tenuto"
    """What a token's `aud` has to name."""
    groups_claim: str = "groups"
    """Claim of a token that lists its groups."""
    keys: str = ""
    """Folder of the signing keys; by default `keys` in the state folder."""


class PolicySettings(_Section):
    """Rules as code."""

    folder: str = ""
    """Folder of `*.cedar` rules, relative to the root. Empty: policy is off and everybody may do
    everything; set: what no rule permits is denied, and workers refuse starts without a permit."""
    since: AwareDatetime | None = None
    """When policy was switched on: runs that were started before go on without a permit, and so
    does what they start. Without it, what such runs start is refused."""


class EvidenceSettings(_Section):
    """The audit trail."""

    ledger: str = ""
    """Where the ledger is kept, any fsspec URL; by default `ledger` in the state folder."""
    export_every_s: Annotated[int, Field(ge=10)] = 300
    """How often closed runs are exported."""
    alarm_to: tuple[Recipient, ...] = ()
    """Who is told when an export fails or something is missing, once for each alarm, and when it
    is over: tables with `name`, `channel`, and `target`."""


class EncryptionSettings(_Section):
    """Encryption of everything that people and programs write into histories."""

    enabled: bool = False
    """Whether payloads and failures are encrypted (AES-256-GCM) before they reach the server."""


class SchedulesSettings(_Section):
    """Schedules as code."""

    file: str = "schedules.yaml"
    """Where schedules are written, relative to the root."""
    modules: tuple[str, ...] = ()
    """Modules of this project whose `schedules` are applied as well, `module:attribute`."""
    owner: str = ""
    """Whose schedules these are, among projects that share a namespace; they leave each other's
    alone. Empty is a project that has its namespace to itself."""
    sets: tuple[str, ...] = ()
    """Which sets are applied here besides what belongs to no set, for example `production`."""


class TriggersSettings(_Section):
    """Webhooks, events, and files that start runs."""

    file: str = "triggers.yaml"
    """Where triggers are written, relative to the root."""
    host: str = "127.0.0.1"
    """Address the receiver listens on."""
    port: Port = 8234
    """Port of the receiver; 0 takes a free one."""


class SyncSettings(_Section):
    """Sources and where their data goes."""

    file: str = "sync.yaml"
    """Where sources and destinations are written, relative to the root."""
    missed_after_s: Annotated[float, Field(ge=1, le=3_600)] | None = None
    """How long a worker that loads may be silent before another takes over; by default 20."""
    alarm_to: tuple[Recipient, ...] = ()
    """Who is told that a source was not loaded where the file itself is wrong, and so names
    nobody: tables with `name`, `channel`, and `target`."""


class ReportsSettings(_Section):
    """Named reports."""

    folder: str = "reports"
    """Where reports are written, relative to the root."""
    recipients: tuple[Recipient, ...] = ()
    """Who gets a report that names nobody for a channel: tables with `name`, `channel`, and
    `target`. Recipients of channel `chat` stand for Slack, Teams, and others."""
    time_zone: str = "UTC"
    """Of `yesterday` and of moments, unless the report says otherwise."""
    locale: str = "en_US"
    """How numbers and dates are written, unless the report says otherwise."""


class MonitorsSettings(_Section):
    """What is watched on the web, and who is told."""

    file: str = "monitors.yaml"
    """Where monitors are written, relative to the root."""
    model: str = ""
    """Model that searches the web for monitors that name none: `google:gemini-2.5-flash`,
    `openai:gpt-5-mini`, `anthropic:claude-sonnet-5`."""
    keys: dict[str, str] = {}
    """Where a provider's key is, `secret://env/NAME`; by default in `GOOGLE_API_KEY`,
    `OPENAI_API_KEY`, and `ANTHROPIC_API_KEY`."""
    model_timeout_s: Annotated[float, Field(gt=0, le=240)] = 120
    """Longest time of one call of a model."""
    webhook_retries_s: Annotated[
        tuple[Annotated[float, Field(ge=0, le=3_600, allow_inf_nan=False)], ...],
        Field(max_length=3),
    ] = (60, 300, 900)
    """Pauses before a webhook is tried a second, third, and fourth time, at most an hour each; an
    empty list tries once."""
    recipients: tuple[str, ...] | None = None
    """Addresses that monitors may write to without proof, `ann@example.com` or `*@example.com`;
    any other is proved by `tenuto monitor verify`. Not set: every address while policy is off, and
    none while it is on."""


class Settings(BaseSettings):
    """Everything a process of this project needs to know."""

    model_config = SettingsConfigDict(
        env_prefix="TENUTO_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    root: Path
    """The project folder: where `tenuto.toml` is, or the current folder."""
    state_dir: Path = Path(".tenuto")
    """Server database, logs, and artifacts of this machine, relative to the root."""
    artifacts: str = ""
    """Artifact store, any fsspec URL; by default `artifacts` in the state folder."""
    profile: str = ""
    """Profile of `temporal.toml`; empty takes `TEMPORAL_PROFILE` or `default`."""
    modules: tuple[str, ...] = ()
    """Modules of plain Temporal code that this project adds to the catalog."""
    packs: tuple[str, ...] = ()
    """Packs of this project, `module:pack`."""
    queue: str = "default"
    """Task queue of the code in `modules`."""
    embedded: EmbeddedSettings = EmbeddedSettings()
    """The server Tenuto starts by itself."""
    worker: WorkerSettings = WorkerSettings()
    """How workers run."""
    identity: IdentitySettings = IdentitySettings()
    """Who is asking, and with which keys this project signs and verifies."""
    policy: PolicySettings = PolicySettings()
    """Rules as code."""
    evidence: EvidenceSettings = EvidenceSettings()
    """The audit trail."""
    encryption: EncryptionSettings = EncryptionSettings()
    """Encryption of everything that people and programs write into histories."""
    schedules: SchedulesSettings = SchedulesSettings()
    """Schedules as code."""
    triggers: TriggersSettings = TriggersSettings()
    """Webhooks, events, and files that start runs."""
    sync: SyncSettings = SyncSettings()
    """Sources and where their data goes."""
    reports: ReportsSettings = ReportsSettings()
    """Named reports."""
    monitors: MonitorsSettings = MonitorsSettings()
    """What is watched on the web, and who is told."""

    @property
    def state_path(self) -> Path:
        """The state folder, absolute."""
        return (self.root / self.state_dir).resolve()

    @property
    def artifacts_url(self) -> str:
        """The artifact store's URL."""
        return self.artifacts or str(self.state_path / "artifacts")

    @property
    def keys_path(self) -> Path:
        """The folder of the signing keys, absolute."""
        return (self.root / self.identity.keys) if self.identity.keys else self.state_path / "keys"

    @property
    def policy_path(self) -> Path | None:
        """The folder of the rules, absolute; None where policy is off."""
        return (self.root / self.policy.folder).resolve() if self.policy.folder else None

    @property
    def published_path(self) -> Path:
        """Where the rules are kept that were published, absolute."""
        return self.state_path / "policy"

    @property
    def spool_path(self) -> Path:
        """Where this machine's records wait until the exporter takes them, absolute."""
        return self.state_path / "spool"

    @property
    def ledger_url(self) -> str:
        """Where the ledger is kept."""
        return self.evidence.ledger or str(self.state_path / "ledger")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, whose values arrive as init arguments."""
        return env_settings, init_settings


def load_settings(start: Path | None = None) -> Settings:
    """Settings of the project around `start` (by default the current folder).

    Raises UsageError naming file, key, and remedy for anything that is not a setting.
    """
    start = (start or Path.cwd()).resolve()
    file = find_file(start)
    values: dict[str, Any] = _read(file) if file else {}
    root = file.parent if file else start
    try:
        return Settings(root=root, **values)
    except ValidationError as wrong:
        source = str(file) if file else "TENUTO_* environment"
        raise UsageError(
            f"{source}: " + "; ".join(_explain(error) for error in wrong.errors()),
            code="settings.invalid",
            details={"file": str(file) if file else None},
        ) from wrong
    except SettingsError as wrong:
        raise UsageError(
            f"A TENUTO_* variable cannot be read: {wrong}. A list is written as JSON, for example"
            """ TENUTO_MODULES='["mine.workflows"]'.""",
            code="settings.invalid",
        ) from wrong


def find_file(start: Path) -> Path | None:
    """The nearest `tenuto.toml` at or above `start`, or the one `TENUTO_PROJECT` names."""
    named = os.environ.get("TENUTO_PROJECT")
    if named:
        file = Path(named) / FILE_NAME
        if not file.is_file():
            raise UsageError(
                f"TENUTO_PROJECT names `{named}`, which has no {FILE_NAME}; correct or unset it.",
                code="settings.no-project",
            )
        return file.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: not valid TOML: {error}.", code="settings.invalid") from error


def _explain(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        *sections, name = error["loc"]
        known = _keys(str(sections[0]) if sections else None)
        close = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"valid keys are {', '.join(known)}"
        return f"`{key}` is not a setting; {hint}"
    return f"`{key}`: {error['msg']} (found: {error['input']!r})"


def _keys(section: str | None) -> list[str]:
    sections: dict[str, type[BaseModel]] = {
        "embedded": EmbeddedSettings,
        "encryption": EncryptionSettings,
        "evidence": EvidenceSettings,
        "identity": IdentitySettings,
        "monitors": MonitorsSettings,
        "policy": PolicySettings,
        "reports": ReportsSettings,
        "schedules": SchedulesSettings,
        "sync": SyncSettings,
        "triggers": TriggersSettings,
        "worker": WorkerSettings,
    }
    if section in sections:
        return list(sections[section].model_fields)
    return [name for name in Settings.model_fields if name != "root"]
