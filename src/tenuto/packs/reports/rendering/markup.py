"""How a value is kept from becoming markup, for each kind of template."""

import re
from collections.abc import Callable

from markupsafe import escape

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~])")


def html(text: str) -> str:
    """For HTML and MJML."""
    return str(escape(text))


def slack(text: str) -> str:
    """For Slack's mrkdwn, which knows these three alone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown(text: str) -> str:
    """For Markdown: punctuation loses its meaning, and HTML does not begin."""
    return _MARKDOWN.sub(r"\\\1", text).replace("<", "&lt;")


def plain(text: str) -> str:
    """For text that nothing interprets."""
    return text


ESCAPES: dict[str, Callable[[str], str]] = {
    "html": html,
    "slack": slack,
    "markdown": markdown,
    "plain": plain,
    "json": plain,
}
