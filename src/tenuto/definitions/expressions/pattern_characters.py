"""Which characters a part of a regular expression can begin with."""

import re
from typing import Any

Characters = frozenset[int]
"""Code points of ASCII, and three more that stand for all others: letters, blanks, the rest."""

_ASCII = 128
_LETTERS, _BLANKS, _REST = _ASCII, _ASCII + 1, _ASCII + 2
_OTHERS: Characters = frozenset((_LETTERS, _BLANKS, _REST))
_ALL: Characters = frozenset(range(_ASCII)) | _OTHERS
_CATEGORIES: dict[str, tuple[str, Characters]] = {
    "CATEGORY_DIGIT": (r"\d", frozenset((_LETTERS,))),
    "CATEGORY_NOT_DIGIT": (r"\D", _OTHERS),
    "CATEGORY_SPACE": (r"\s", frozenset((_BLANKS,))),
    "CATEGORY_NOT_SPACE": (r"\S", frozenset((_LETTERS, _REST))),
    "CATEGORY_WORD": (r"\w", frozenset((_LETTERS,))),
    "CATEGORY_NOT_WORD": (r"\W", frozenset((_BLANKS, _REST))),
}


def is_apart(repeated: Any, following: Any) -> bool:
    """Whether no character of `repeated` can begin `following`, so that giving some back is vain.

    Both are nodes of Python's syntax tree; `following` is None where it is not known.
    """
    if following is None or len(repeated) != 1:
        return False
    ours = _of_one_character(repeated[0])
    theirs = _first(following)
    return ours is not None and theirs is not None and ours.isdisjoint(theirs)


def _first(item: Any) -> Characters | None:
    """What `item` begins with; nothing for the end of the text; None where it is not known."""
    code, argument = item
    match str(code):
        case "AT":
            return frozenset() if str(argument) in ("AT_END", "AT_END_STRING") else None
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, _, body = argument
            return _first(body[0]) if least > 0 and len(body) else None
        case "SUBPATTERN":
            body = argument[-1]
            return _first(body[0]) if len(body) else None
        case _:
            return _of_one_character(item)


def _of_one_character(item: Any) -> Characters | None:
    code, argument = item
    match str(code):
        case "LITERAL":
            return _between(argument, argument)
        case "NOT_LITERAL":
            return _ALL - ({argument} - _OTHERS)
        case "ANY":
            return _ALL
        case "IN":
            return _of_set(argument)
        case _:
            return None


def _of_set(members: Any) -> Characters:
    found: set[int] = set()
    single: set[int] = set()
    is_negated = False
    for code, argument in members:
        match str(code):
            case "NEGATE":
                is_negated = True
            case "RANGE":
                single |= _between(*argument)
            case "CATEGORY":
                found |= _of_category(str(argument))
            case _:
                single |= _between(argument, argument)
    if is_negated:  # one letter beyond ASCII leaves the other letters
        return (_ALL - found - single) | (single & _OTHERS)
    return frozenset(found | single)


def _between(low: int, high: int) -> Characters:
    ascii_part = frozenset(range(low, min(high, _ASCII - 1) + 1))
    return ascii_part if high < _ASCII else ascii_part | _OTHERS


def _of_category(name: str) -> Characters:
    written, others = _CATEGORIES[name]
    matching = re.compile(written)
    return others | frozenset(at for at in range(_ASCII) if matching.match(chr(at)))
