"""Whether a text is one that the engine's schedules take as cron.

It has the five fields of crontab(5), but one difference in meaning: where both fields for days
are given, a day must match both, while crontab(5) takes a day that matches either.
"""

import re

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SHORTEST_NAME = 3
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_SHORT = frozenset(
    {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
)
_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def cron_mistake(text: str) -> str | None:
    """What is wrong with the text, as one sentence; None when it is a cron expression."""
    words = text.split()
    if len(words) == 1 and words[0].startswith("@"):
        return None if words[0] in _SHORT else f"`{words[0]}` is no short form of cron."
    if any(word.startswith(("CRON_TZ=", "TZ=")) for word in words):
        return "A time zone stands in the cron text."
    if len(words) != len(_FIELDS):
        return f"Cron has five fields, and `{text.strip()}` has {len(words)}."
    fields = []
    for word, (name, least, most, names) in zip(words, _FIELDS, strict=True):
        numbers = _numbers(word, least, most, names)
        if numbers is None:
            return f"`{word}` is no {name} ({least} to {most})."
        fields.append(numbers)
    days, months = fields[2], fields[3]
    if not any(min(days) <= _LONGEST_MONTH.get(month, 31) for month in months):
        return f"`{text.strip()}` names a day that no such month has."
    return None


def limits_both_days(text: str) -> bool:
    """Whether the cron expression names days of the month and days of the week."""
    words = text.split()
    return len(words) == len(_FIELDS) and "*" not in (words[2], words[4])


def _numbers(field: str, least: int, most: int, names: tuple[str, ...]) -> set[int] | None:
    """What the field stands for; None when it is malformed."""
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        first, last, step = match["first"], match["last"], int(match["step"] or 1)
        if first == "*":
            low, high = least, most
            if last is not None:
                return None
        else:
            low = _number(first, least, names)
            high = _number(last, least, names) if last else (most if match["step"] else low)
        if not least <= low <= high <= most or step < 1:
            return None
        found |= set(range(low, high + 1, step))
    return found


def _number(word: str, least: int, names: tuple[str, ...]) -> int:
    """The number that the word stands for; -1, which no field takes, for none."""
    if word.isascii() and word.isdigit():
        return int(word)
    if len(word) < _SHORTEST_NAME:
        return -1
    found = [index for index, name in enumerate(names) if name.startswith(word.casefold())]
    return found[0] + least if found else -1
