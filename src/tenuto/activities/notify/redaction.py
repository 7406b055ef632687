"""Keeping secrets that hide in URLs out of messages, logs, and histories."""

import re
from urllib.parse import unquote

from pydantic import SecretStr

from tenuto.core.errors import TenutoError

_PATH = re.compile(r"(https?://[^/\s]+)/\S+")
_LONGEST_HARMLESS = 3


def hide_paths(failure: TenutoError) -> None:
    """Takes the paths of URLs, where services put their tokens, out of an error's message."""
    failure.message = _PATH.sub(r"\1/...", failure.message)
    failure.args = (failure.message,)


def redact(text: str, url: SecretStr) -> str:
    """`text` on one line, without any part of `url` that could be a secret."""
    parts = re.split(r"[/:@?&=#,]+", url.get_secret_value())[1:]
    for part in sorted({*parts, *map(unquote, parts)}, key=len, reverse=True):
        if len(part) > _LONGEST_HARMLESS:
            text = text.replace(part, "***")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
