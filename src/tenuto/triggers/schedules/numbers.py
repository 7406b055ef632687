"""The numbers that a field of a calendar names: `5`, `1-5`, `0-23/2`, `1,15`, `mon-fri`, `*`."""

from dataclasses import dataclass

from temporalio.client import ScheduleRange

from tenuto.core.errors import UsageError

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years that the server's calendars know."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a calendar: which numbers it may hold, and which words stand for them."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()
    """In order, from `least`; the first letters of one are enough."""
    letters: int = 0
    """How many letters of a word are needed."""


YEAR = Part("year", FIRST_YEAR, LAST_YEAR)
MONTH = Part(
    "month",
    1,
    12,
    (
        *("january", "february", "march", "april", "may", "june", "july", "august"),
        *("september", "october", "november", "december"),
    ),
    letters=3,
)
DAY_OF_MONTH = Part("day of the month", 1, 31)
DAY_OF_WEEK = Part(
    "day of the week",
    0,
    7,
    ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
    letters=2,
)
"""Sunday is 0 and 7."""
HOUR = Part("hour", 0, 23)
MINUTE = Part("minute", 0, 59)
SECOND = Part("second", 0, 59)


def ranges_of(value: int | str, part: Part) -> tuple[ScheduleRange, ...]:
    """What the server takes for a field, as it reads the same text in a crontab line.

    `5/10` means every tenth from 5 on, `*/2` every other from the least on. Raises UsageError
    `schedule.numbers` for what is no such text, and for numbers that the field cannot have.
    """
    return tuple(_range(each, part) for each in str(value).strip().split(","))


def _range(text: str, part: Part) -> ScheduleRange:
    numbers, slash, width = text.partition("/")
    step = _step(width, text, part) if slash else 1
    if numbers == "*":
        return ScheduleRange(part.least, part.most, step)
    first, dash, last = numbers.partition("-")
    start = _number(first, text, part)
    if dash:
        end = _number(last, text, part)
        if end < start:
            raise _wrong(text, part, f"`{last}` comes before `{first}`")
        return ScheduleRange(start, end, step)
    return ScheduleRange(start, part.most if slash else start, step)


def _step(width: str, text: str, part: Part) -> int:
    if not (width.isascii() and width.isdigit() and int(width)):
        raise _wrong(text, part, f"`{width}` is no step")
    return int(width)


def _number(word: str, text: str, part: Part) -> int:
    if len(word) >= part.letters > 0:
        for number, each in enumerate(part.words, part.least):
            if each.startswith(word.lower()):
                return number
    if not (word.isascii() and word.isdigit()):
        raise _wrong(text, part, f"`{word}` is no {part.name}")
    if not part.least <= int(word) <= part.most:
        raise _wrong(text, part, f"{word} is not from {part.least} to {part.most}")
    return int(word)


def _wrong(text: str, part: Part, why: str) -> UsageError:
    words = f", or a word like `{part.words[1][:3]}`" if part.words else ""
    return UsageError(
        f"`{text}` does not name a {part.name}: {why}. Write a number from {part.least} to"
        f" {part.most}{words}; `1-5`, `1,15`, `*/2`, and `*` name many.",
        code="schedule.numbers",
    )
