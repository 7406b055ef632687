"""Whether secrets are declared, and stand only where their value stays out of the history."""

import json
import re
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from tenuto.definitions.check.expressions.used import Written, secrets_declared
from tenuto.definitions.check.meaning_codes import (
    NOT_KNOWN,
    SECRET_WRITTEN_DOWN,
    UNDECLARED_SECRET,
    UNUSED_SECRET,
)
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.check.parts import children
from tenuto.definitions.expressions import variables_read
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped

_WHOLE = re.compile(r"\$secrets\s*\.\s*([A-Za-z_]\w*)(\s*\.\s*[A-Za-z_]\w*)*")
_NAMED = re.compile(r"\$secrets\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*\"([^\"]+)\"\s*\])")
_SCHEMES = frozenset({"basic", "bearer", "digest", "oauth2", "oidc"})


def find_wrong_secrets(loaded: Loaded, used: Iterable[Written]) -> Iterator[Finding]:
    """Every secret that is not declared, that would be written down, or that is never used."""
    declared = secrets_declared(loaded.value)
    for written in used:
        yield from _expression(loaded, written, declared)
    for pointer, name in _by_scheme(loaded.value, ""):
        if name not in declared:
            yield _undeclared(loaded, pointer, name, declared)
    yield from _unused(loaded, declared)


def _expression(loaded: Loaded, written: Written, declared: tuple[str, ...]) -> Iterator[Finding]:
    jq = written.jq
    if jq is None or "$" not in jq:
        return
    read = variables_read(jq)
    if "authorization" in read:
        yield loaded.error(
            NOT_KNOWN,
            written.pointer,
            "`$authorization` is not given to expressions: it would write a credential to the"
            " run's history.",
            "Use `authentication` of the call.",
        )
    if "secrets" not in read:
        return
    for found in _NAMED.finditer(jq):
        name = found[1] or found[2]
        if name not in declared:
            yield _undeclared(loaded, written.pointer, name, declared)
    if not written.keeps_secrets or not _WHOLE.fullmatch(jq.strip()):
        yield loaded.error(
            SECRET_WRITTEN_DOWN,
            written.pointer,
            "A secret here would be written to the run's history.",
            "Give it as a whole value, `${ $secrets.NAME }`, inside `with` or in an"
            " authentication; the activity puts the value in.",
        )


def _undeclared(loaded: Loaded, pointer: str, name: str, declared: tuple[str, ...]) -> Finding:
    hint = did_you_mean(name, declared) if declared else ""
    return loaded.error(
        UNDECLARED_SECRET,
        pointer,
        f"The secret `{name}` is not declared.",
        f"{hint} Declare it in `use.secrets`.".strip(),
    )


def _unused(loaded: Loaded, declared: tuple[str, ...]) -> Iterator[Finding]:
    text = json.dumps(loaded.value)
    by_scheme = {name for _, name in _by_scheme(loaded.value, "")}
    named = {each for pair in _NAMED.findall(text.replace('\\"', '"')) for each in pair if each}
    for index, name in enumerate(declared):
        if name not in named | by_scheme:
            yield loaded.warning(
                UNUSED_SECRET,
                f"/use/secrets/{index}",
                f"The secret `{name}` is declared and never used.",
                "Take it away, or read it as `${ $secrets." + name + " }`.",
            )


def _by_scheme(value: JsonValue, pointer: str) -> Iterator[tuple[str, str]]:
    """Where an authentication scheme is given as a secret: `bearer: {use: NAME}`."""
    for name, member in children(value):
        at = f"{pointer}/{escaped(name)}"
        if name in _SCHEMES and isinstance(member, dict) and isinstance(member.get("use"), str):
            yield f"{at}/use", str(member["use"])
        else:
            yield from _by_scheme(member, at)
