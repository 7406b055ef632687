"""Boxes, lines, and words with their places: what a picture is made of before it is written."""

import unicodedata
from dataclasses import dataclass, replace
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rectangle:
    """A box with round corners."""

    x: float
    y: float
    width: float
    height: float
    style: str
    title: str = ""
    """Shown where the pointer rests on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One line of text; `x` is its left end, `y` its base line."""

    x: float
    y: float
    text: str
    style: str
    kind: str = ""
    """A word before the text, in another style."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrow:
    """A line through points, with a head at the last."""

    points: tuple[Point, ...]
    style: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A small circle: a start or an end."""

    x: float
    y: float
    radius: float
    style: str


Shape: TypeAlias = Rectangle | Words | Arrow | Dot


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A part of a picture: its size, and its shapes measured from its own upper left corner."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    rows: tuple[float, ...] = ()
    """Heights at which the cases of a switch leave it."""

    def at(self, x: float, y: float) -> tuple[Shape, ...]:
        """The shapes with the block's corner at that place."""
        return tuple(_moved(shape, x, y) for shape in self.shapes)


def text_width(text: str, size: float) -> float:
    """Width that `text` takes at most in a common sans-serif font, as far as one can tell."""
    return sum(size * _relative_width(char) for char in text)


def cut(text: str, size: float, width: float) -> str:
    """`text`, or as much of it as fits, with an ellipsis."""
    if text_width(text, size) <= width + 0.5:  # Sums of floats differ in the last digit.
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _moved(shape: Shape, x: float, y: float) -> Shape:
    if isinstance(shape, Arrow):
        return replace(shape, points=tuple((px + x, py + y) for px, py in shape.points))
    return replace(shape, x=shape.x + x, y=shape.y + y)


def _relative_width(char: str) -> float:
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char in "iljtfI.,:;'|!()[]{} ":
        return 0.36
    return 0.88 if char in "mwMW@%…" else 0.68 if char.isupper() else 0.58
