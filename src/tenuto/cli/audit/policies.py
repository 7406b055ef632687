"""The texts of rules as the ledger keeps them: what a digest in a decision stands for."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tenuto.core.errors import NotFoundError, UsageError
from tenuto.evidence.ledger import Ledger, Line
from tenuto.policy.source import SUFFIX, split

_ID = re.compile(r'@id\(\s*"([^"]*)"\s*\)')


def policies_in(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Every policy once, oldest first: digest, when it was first recorded, and its records."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        entry = line.record.entry
        if entry.kind == "policy":
            digest = str(entry.data["digest"])
            first = {"digest": digest, "recorded_at": line.record.t, "records": []}
            found.setdefault(digest, first)["records"].append(line.record.seq)
    return list(found.values())


def with_texts(ledger: Ledger, lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The same with the `texts` of the files. Raises as `Ledger.blob`."""
    kept = list(lines)
    blobs = {
        str(line.record.entry.data["digest"]): line.record.entry.blobs[0]
        for line in kept
        if line.record.entry.kind == "policy"
    }
    return [
        {**each, "texts": json.loads(ledger.blob(blobs[each["digest"]]))}
        for each in policies_in(kept)
    ]


def the_policy(found: list[dict[str, Any]], digest: str) -> dict[str, Any]:
    """The policy whose digest begins so.

    Raises NotFoundError `evidence.no-policy` for none, UsageError `evidence.which-policy` for more.
    """
    meant = [each for each in found if each["digest"].startswith(digest.lower())]
    if not meant:
        raise NotFoundError(
            f"The ledger has no policy `{digest}`. `tenuto audit policy` lists those it has.",
            code="evidence.no-policy",
        )
    if len(meant) > 1:
        listed = ", ".join(each["digest"][:24] for each in meant)
        raise UsageError(
            f"`{digest}` begins {len(meant)} digests: {listed}. Give more of it.",
            code="evidence.which-policy",
        )
    return meant[0]


def rules_named(texts: Mapping[str, str], ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """File and text of every rule with one of these ids."""
    wanted = set(ids)
    for file, text in texts.items():
        for rule in split(file, text) if file.endswith(SUFFIX) else ():
            if wanted & set(_ID.findall(rule.text)):
                yield file, rule.text
