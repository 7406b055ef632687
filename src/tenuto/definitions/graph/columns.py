"""A list of tasks from top to bottom: arrows down to the next, jumps in lanes on the right."""

from collections.abc import Iterator
from typing import NamedTuple

from tenuto.definitions.graph.shapes import Arrow, Block, Dot, Shape
from tenuto.definitions.graph.ways import END, Way

GAP = 32.0
_LANE = 14.0
_RADIUS = 8.0
_ARRIVAL = 14.0
"""How far below a box's upper edge a jump arrives at its side."""


class _Column(NamedTuple):
    blocks: list[Block]
    tops: list[float]
    width: float
    end: float
    """Where the last arrow ends."""
    has_end: bool

    @property
    def middle(self) -> float:
        return self.width / 2

    def right(self, index: int) -> float:
        return self.middle + self.blocks[index].width / 2


class _Jump(NamedTuple):
    start: float
    start_edge: float
    end: float
    end_edge: float
    clear: float
    """Right edge of the widest box that it passes."""

    def meets(self, other: "_Jump") -> bool:
        """Whether both would lie on each other in one lane; those to one place may."""
        low, high = min(self.start, self.end), max(self.start, self.end)
        other_low, other_high = min(other.start, other.end), max(other.start, other.end)
        return self.end != other.end and low <= other_high and other_low <= high


def column(blocks: list[Block], found: tuple[Way, ...], *, is_outermost: bool) -> Block:
    """The blocks below each other with the ways between them.

    The outermost list has a start and an end; one inside has an end where a way leaves it early.
    A way from inside to the end of the workflow is not drawn: the task's words say it.
    """
    drawn = _drawn(found, len(blocks), is_outermost=is_outermost)
    leaves = any(len(blocks) == way.target != way.source + 1 for way in drawn)
    placed = _placed(blocks, 2 * _RADIUS + GAP if is_outermost else 0.0, is_outermost or leaves)
    shapes: list[Shape] = []
    for block, top in zip(blocks, placed.tops, strict=True):
        shapes.extend(block.at(placed.middle - block.width / 2, top))
    if is_outermost:
        first = placed.tops[0] if blocks else placed.end
        shapes.append(Dot(x=placed.middle, y=_RADIUS, radius=_RADIUS, style="start"))
        shapes.append(_down(placed.middle, 2 * _RADIUS, first))
    if placed.has_end:
        end = placed.end + _RADIUS
        shapes.append(Dot(x=placed.middle, y=end, radius=_RADIUS, style="end"))
    shapes.extend(_flow(placed, drawn))
    routes = _routes(list(_jumps(placed, drawn)))
    shapes.extend(_routed(jump, x) for jump, x in routes)
    reach = max((x for _, x in routes), default=0.0)
    # As much room on the left as the lanes take on the right keeps the flow in the middle.
    used = max(reach + _LANE / 2 - placed.width, 0.0)
    height = placed.end + 2 * _RADIUS if placed.has_end else max(placed.end - GAP, 0.0)
    block = Block(width=placed.width, height=height, shapes=tuple(shapes))
    return Block(width=placed.width + 2 * used, height=height, shapes=block.at(used, 0))


def _drawn(found: tuple[Way, ...], out: int, *, is_outermost: bool) -> list[Way]:
    if is_outermost:
        return [way._replace(target=out) if way.target == END else way for way in found]
    return [way for way in found if way.target != END]


def _placed(blocks: list[Block], top: float, has_end: bool) -> _Column:
    tops = []
    for block in blocks:
        tops.append(top)
        top += block.height + GAP
    width = max((block.width for block in blocks), default=2 * _RADIUS)
    return _Column(blocks, tops, width, top, has_end)


def _flow(placed: _Column, found: list[Way]) -> Iterator[Arrow]:
    """One arrow from each block that the next one may follow."""
    out = len(placed.blocks)
    for source in sorted({way.source for way in found if way.target == way.source + 1}):
        if source + 1 == out and not placed.has_end:
            continue
        bottom = placed.tops[source] + placed.blocks[source].height
        below = placed.end if source + 1 == out else placed.tops[source + 1]
        yield _down(placed.middle, bottom, below)


def _jumps(placed: _Column, found: list[Way]) -> Iterator[_Jump]:
    out = len(placed.blocks)
    for way in found:
        target = way.target
        if target == way.source + 1:
            continue
        block, top = placed.blocks[way.source], placed.tops[way.source]
        leaves = block.rows[way.case] if way.case is not None else block.height / 2
        between = range(min(way.source, target), min(max(way.source, target) + 1, out))
        if target == out:
            end, end_edge = placed.end + _RADIUS, placed.middle + _RADIUS
        else:
            end, end_edge = placed.tops[target] + _ARRIVAL, placed.right(target)
        yield _Jump(
            top + leaves,
            placed.right(way.source),
            end,
            end_edge,
            clear=max(placed.right(index) for index in between),
        )


def _routes(jumps: list[_Jump]) -> list[tuple[_Jump, float]]:
    """Each jump with the place of its lane, right of what it passes; the short ones nearest."""
    routes: list[tuple[_Jump, float]] = []
    for jump in sorted(jumps, key=lambda each: (abs(each.end - each.start), each)):
        x = jump.clear + _LANE
        for taken in sorted(other_x for other, other_x in routes if jump.meets(other)):
            if abs(taken - x) < _LANE:
                x = taken + _LANE
        routes.append((jump, x))
    return routes


def _routed(jump: _Jump, x: float) -> Arrow:
    corner, turn = (x, jump.start), (x, jump.end)
    points = ((jump.start_edge, jump.start), corner, turn, (jump.end_edge, jump.end))
    return Arrow(points=points, style="flow")


def _down(x: float, start: float, end: float) -> Arrow:
    return Arrow(points=((x, start), (x, end)), style="flow")
