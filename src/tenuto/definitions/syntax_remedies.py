"""What to do about YAML that cannot be read, for the mistakes that are made most often."""

import re

_FENCE = re.compile(r"\s*(```|~~~)")
_INDENT = re.compile(r"[ \t]*")
_OPENED = re.compile(r"(?:^|[\s\[{,:-])\$\{(.*)$")
"""`${` that no quotation mark stands before, and the rest of the line."""
_CUT_SHORT = re.compile(r'"\$\{[^"}]*"\s*[^\s,}\]:"]')
"""An expression in double quotes that ends at its first own quotation mark."""
_CONDITION = re.compile(r"(?:^|[\s{,])(?:if|when|exceptWhen|while|as|from|in):\s+(.*)$")
_OTHERWISE_READ = ("{", "[", '"')

USUAL = "Correct the text at this place or just before it."


def remedy_for(text: str, line: int | None) -> str:
    """What to do where the reading of `text` stopped in `line` (from 1)."""
    lines = text.splitlines()
    at = min(line or 1, len(lines)) - 1
    if at < 0:
        return USUAL
    # A reader notices a mistake where it stands, or only in the line after it.
    for written in lines[at : at - 2 if at > 1 else None : -1]:
        remedy = _remedy(written)
        if remedy is not None:
            return remedy
    return USUAL


def _remedy(line: str) -> str | None:
    if _FENCE.match(line):
        return "Take the ``` lines away: the file holds nothing but the definition."
    indent = _INDENT.match(line)
    if indent and "\t" in indent[0]:
        return "Indent with spaces: YAML takes no tab before the first word of a line."
    return "Put the whole expression in single quotes: `'${ ... }'`." if _breaks(line) else None


def _breaks(line: str) -> bool:
    """Whether the line has an expression without quotes that YAML reads as something else."""
    if _CUT_SHORT.search(line):
        return True
    opened = _OPENED.search(line)
    if opened:
        return _is_in_flow(line, opened.start(1) - 2) or any(
            sign in opened[1] for sign in (": ", '"', "{")
        )
    condition = _CONDITION.search(line)
    if condition is None or condition[1].startswith("'"):
        return False
    value = condition[1]
    if _is_in_flow(line, condition.start(1)):
        value = re.split("[,}]", value, maxsplit=1)[0]
    return value.startswith(_OTHERWISE_READ) or ": " in value


def _is_in_flow(line: str, at: int) -> bool:
    return "{" in line[:at] or "[" in line[:at]
