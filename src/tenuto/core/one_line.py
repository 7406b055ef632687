"""What an error says, in one line: a foreign one may put what matters on the lines below."""

import re
from itertools import pairwise

_PYDANTIC = re.compile(r"\d+ validation errors? for .+")
_PLACE = re.compile(r" \[type=\w+, input_value=.*\]$")


def one_line(message: str) -> str:
    """The first line of `message`; of pydantic's, whose first line only counts, every problem."""
    lines = message.strip().splitlines()
    if not lines:
        return ""
    problems = _problems(lines) if _PYDANTIC.fullmatch(lines[0]) else []
    return f"{lines[0]}: {'; '.join(problems)}" if problems else lines[0]


def _problems(lines: list[str]) -> list[str]:
    """pydantic names the field on a line of its own, none for the whole model, and says below it,
    indented by two, what is wrong."""
    found = []
    for before, line in pairwise(lines):
        if line.startswith("  ") and not line.startswith("   "):
            text = _PLACE.sub("", line.strip())
            is_field = not before.startswith(" ") and before is not lines[0] and before
            found.append(f"`{before}`: {text}" if is_field else text)
    return found
