"""A definition as YAML that people read, and that every reader of YAML reads alike."""

import re
from typing import Any

import yaml
from pydantic import JsonValue

from tenuto.definitions.convert.order import in_order

_PLAIN = re.compile(r"[A-Za-z_/](?:[\w./-]|(?<! ) (?=[\w/(]))*", re.ASCII)
"""Texts that look like nothing else in any version of YAML, but for the words below."""
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(value: JsonValue) -> str:
    """The definition as YAML text: parts in the specification's order, blocks for long text.

    Every text that YAML 1.1 or 1.2 could take for something else is quoted, expressions too.
    Reading it gives `value` again. The same value gives the same text.
    """
    return yaml.dump(
        in_order(value),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=2**31,
    )


class _Dumper(yaml.SafeDumper):
    """Indents lists, writes no aliases, and quotes in doubt."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if "\n" in text:
        return "|" if _stands_as_block(text) else '"'
    if not text.isprintable():
        return '"'
    is_plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS
    return None if is_plain else "'"


def _stands_as_block(text: str) -> bool:
    """Whether a block would show the text as it is: nothing invisible, no odd indentation."""
    lines = text.removesuffix("\n").split("\n")
    is_visible = all(line.isprintable() and line == line.rstrip() for line in lines)
    return is_visible and bool(lines[0]) and lines[0] == lines[0].lstrip()


_Dumper.add_representer(str, _represent_text)
