"""Regular expressions of the kind that Polars matches in linear time."""

import polars as pl


def whole(pattern: str) -> str:
    """The pattern of a text that matches from its first to its last character."""
    return f"^(?:{pattern})$"


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern cannot be used, or None.

    Every pattern is matched in time linear in the text, so none can hang a worker; look-around
    and back-references, which no such matcher has, are refused here.
    """
    try:
        for each in (pattern, whole(pattern)):
            pl.Series([""]).str.contains(each)
    except pl.exceptions.ComputeError as wrong:
        lines = [line.strip() for line in str(wrong).splitlines()]
        errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        return f"pattern `{pattern}` does not compile: {errors[0] if errors else lines[0]}"
    return None
