"""`tenuto triggers test`: one delivery, signed as its sender would, or shown and not sent."""

import asyncio
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import JsonValue

from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.cli.triggers.opening import project_targets, read_project
from tenuto.core.errors import NotFoundError, UnreachableError, UsageError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.engine.settings import load_settings
from tenuto.identity.secret_values import resolve_secret
from tenuto.triggers.events.cloudevents.reading import STRUCTURED
from tenuto.triggers.events.model import Proof, Triggers
from tenuto.triggers.events.rehearsing import Rehearsed, rehearse
from tenuto.triggers.events.webhooks.proving import sign_hmac, sign_standard

if TYPE_CHECKING:
    from rich.console import Console

_PATIENCE_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A delivery as it was asked for on the command line."""

    name: str
    data: str
    """File, `-`, or JSON."""
    url: str | None
    event_id: str | None
    is_dry: bool


def try_trigger(trial: Trial, output: Output) -> int:
    """Sends it, or shows what it would do; returns the exit code.

    Raises NotFoundError `triggers.unknown-trigger`, UsageError for data that is no JSON,
    UnreachableError `triggers.no-receiver`.
    """
    settings = load_settings()
    triggers = read_project(settings).whole()
    section, path, proof = _find(trial.name, triggers)
    body = _body(trial.data)
    event_id = trial.event_id or f"test-{secrets.token_hex(8)}"
    if trial.is_dry:
        rehearsing = rehearse(
            body, triggers, section, trial.name, event_id, project_targets(settings)
        )
        return _show(asyncio.run(rehearsing), output)
    url = (trial.url or f"http://{settings.triggers.host}:{settings.triggers.port}").rstrip("/")
    headers = {"content-type": STRUCTURED if section == "events" else "application/json"}
    return _send(f"{url}{path}", body, headers | _signature(proof, event_id, body), output)


def _find(name: str, triggers: Triggers) -> tuple[str, str, Proof]:
    sections: dict[str, Mapping[str, Proof]] = {
        "webhooks": triggers.webhooks,
        "events": triggers.events,
    }
    for path, section, each in triggers.paths():
        if each == name:
            return section, path, sections[section][name]
    known = [each for _, _, each in triggers.paths()]
    raise NotFoundError(
        f"There is no webhook or event source `{name}`. {did_you_mean(name, known)}".strip(),
        code="triggers.unknown-trigger",
        details={"name": name},
    )


def _body(data: str) -> bytes:
    if data == "-":
        text = sys.stdin.read()
    elif data.lstrip()[:1] in ("{", "["):
        text = data
    else:
        try:
            text = Path(data).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise UsageError(
                f"{data} cannot be read: {wrong}.", code="triggers.data-unreadable"
            ) from wrong
    return text.encode()


def _signature(proof: Proof, event_id: str, body: bytes) -> dict[str, str]:
    if proof.scheme == "none":
        return {}
    secret, moment = resolve_secret(proof.secrets[0]), datetime.now(UTC)
    if proof.signature is not None:
        return sign_hmac(secret, proof.signature, body, moment)
    return sign_standard(secret, event_id, body, moment)


def _send(url: str, body: bytes, headers: dict[str, str], output: Output) -> int:
    try:
        answer = httpx.post(
            url, content=body, headers=headers, timeout=_PATIENCE_S, trust_env=False
        )
    except httpx.HTTPError as error:
        raise UnreachableError(
            f"No receiver answers at {url}: {error}. Start it (`tenuto up` or `tenuto triggers"
            " serve`), or name it with `--url`.",
            code="triggers.no-receiver",
        ) from error
    told: JsonValue = _read(answer)
    record: dict[str, Any] = {"status": answer.status_code, "answer": told}
    output.record(record, lambda console: _draw_answer(console, answer.status_code, told))
    return exit_codes.OK if answer.is_success else exit_codes.FAILED


def _read(answer: httpx.Response) -> JsonValue:
    try:
        told: JsonValue = answer.json()
    except ValueError:
        return answer.text[:1000]
    return told


def _draw_answer(console: "Console", status: int, told: JsonValue) -> None:
    console.print(f"{status}  {json.dumps(told, indent=2)}", soft_wrap=True)


def _show(rehearsed: list[Rehearsed], output: Output) -> int:
    rows = [each.model_dump(mode="json") for each in rehearsed]

    def show(console: "Console") -> None:
        for row in rows:
            console.print(json.dumps(row, indent=2), soft_wrap=True)

    output.records(rows, show)
    output.note("Nothing was sent (--dry-run).")
    return exit_codes.OK
