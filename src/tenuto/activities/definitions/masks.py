"""Keeping resolved secrets out of everything that a call leaves behind."""

import json
from urllib.parse import quote, quote_plus

from tenuto.core.errors import TenutoError

MASK = "***"
_LONGEST_HARMLESS = 3
"""Shorter texts stand everywhere by chance."""


class Masks:
    """The secrets of one call, and text without them."""

    def __init__(self) -> None:
        self._hidden: set[str] = set()

    def add(self, secret: str) -> None:
        """From now on `secret` is hidden, as it stands and as JSON and URLs write it."""
        if len(secret) > _LONGEST_HARMLESS:
            once = _in_json(secret)
            # A server that echoes a JSON body within JSON writes it twice.
            twice = {each for form in once for each in _in_json(form)}
            self._hidden |= {secret, *once, *twice, quote(secret, safe=""), quote_plus(secret)}

    def text(self, text: str) -> str:
        """`text` with `***` for every secret."""
        for secret in self._longest_first():
            text = text.replace(secret, MASK)
        return text

    def content(self, content: bytes) -> bytes:
        """`content` with `***` for every secret."""
        for secret in self._longest_first():
            content = content.replace(secret.encode(), MASK.encode())
        return content

    def error(self, error: TenutoError) -> None:
        """Takes every secret out of the message of `error`, and out of a problem it carries."""
        error.message = self.text(error.message)
        error.args = (error.message,)
        problem = error.details.get("problem")
        if isinstance(problem, dict):
            error.details["problem"] = {
                name: self.text(value) if isinstance(value, str) else value
                for name, value in problem.items()
            }

    def _longest_first(self) -> list[str]:
        return sorted(self._hidden, key=len, reverse=True)


def _in_json(text: str) -> set[str]:
    return {json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
