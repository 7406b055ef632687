"""Places for the tasks of a plan: boxes for tasks, and frames for what is inside them."""

from tenuto.definitions.graph import labels
from tenuto.definitions.graph.columns import column
from tenuto.definitions.graph.shapes import (
    Arrow,
    Block,
    Rectangle,
    Shape,
    Words,
    cut,
    text_width,
)
from tenuto.definitions.graph.ways import ways
from tenuto.definitions.plan import DoTask, ForkTask, ForTask, SwitchTask, Task, TryTask

NAME_SIZE, LINE_SIZE = 14.0, 12.0
NAME_HEIGHT, LINE_HEIGHT = 20.0, 17.0
PAD = 14.0
RAIL = 18.0
NARROWEST, WIDEST = 150.0, 400.0

_FAMILIES = {
    "call": "work",
    "child workflow": "work",
    "run definition": "work",
    "emit": "event",
    "listen": "event",
    "wait": "event",
    "approval": "people",
    "raise": "error",
    "set": "data",
}
"""Kind of task -> which colour its edge has; everything else orders other tasks."""


def whole(tasks: tuple[Task, ...]) -> Block:
    """The picture of the outermost list, between a start and an end."""
    return _list(tasks, is_outermost=True)


def task_block(task: Task) -> Block:
    """The picture of one task and of what is inside it."""
    match task:
        case DoTask() | ForTask():
            return _framed(task, _list(task.do))
        case ForkTask():
            return _framed(task, _row([task_block(branch) for branch in task.branches]))
        case TryTask():
            return _framed(task, _tried(task))
        case _:
            return _leaf(task)


def _leaf(task: Task) -> Block:
    lines = labels.details(task)
    cases: tuple[str, ...] = ()
    if isinstance(task, SwitchTask):
        cases = tuple(labels.case_label(task, index) for index in range(len(task.cases)))
    wide = max(_heading_width(task), *(text_width(t, LINE_SIZE) for t in ("", *lines, *cases)))
    width = min(max(wide + 2 * PAD, NARROWEST), WIDEST)
    shapes, y = _heading(task, width)
    rows = []
    for case in cases:
        rows.append(y + LINE_HEIGHT / 2)
        fitting = cut(case, LINE_SIZE, width - 2 * PAD)
        shapes.append(Words(x=PAD, y=y + 13, text=fitting, style="case"))
        y += LINE_HEIGHT
    height = y + PAD / 2
    outline = Rectangle(
        x=0, y=0, width=width, height=height, style=_style(task), title=_title(task, cases)
    )
    return Block(width=width, height=height, shapes=(outline, *shapes), rows=tuple(rows))


def _framed(task: Task, inside: Block) -> Block:
    wide = max(
        _heading_width(task), *(text_width(t, LINE_SIZE) for t in ("", *labels.details(task)))
    )
    width = max(min(wide, WIDEST), inside.width) + 2 * PAD
    shapes, y = _heading(task, width)
    top = y + PAD / 2
    height = top + inside.height + PAD
    outline = Rectangle(
        x=0, y=0, width=width, height=height, style=_style(task), title=_title(task, ())
    )
    placed = inside.at((width - inside.width) / 2, top)
    return Block(width=width, height=height, shapes=(outline, *shapes, *placed))


def _heading(task: Task, width: float) -> tuple[list[Shape], float]:
    """Kind, name, and details, and the height below them."""
    room = width - 2 * PAD
    kind = labels.kind(task)
    kind_room = text_width(kind, LINE_SIZE) + 8
    name = cut(task.name, NAME_SIZE, room - kind_room)
    shapes: list[Shape] = [
        Words(x=PAD, y=NAME_HEIGHT + 2, text=name, style="name", kind=kind),
    ]
    y = NAME_HEIGHT + PAD / 2
    for line in labels.details(task):
        shapes.append(Words(x=PAD, y=y + 13, text=cut(line, LINE_SIZE, room), style="line"))
        y += LINE_HEIGHT
    return shapes, y


def _heading_width(task: Task) -> float:
    kind = text_width(labels.kind(task), LINE_SIZE)
    return kind + 8 + text_width(task.name, NAME_SIZE)


def _row(blocks: list[Block]) -> Block:
    """Branches beside each other, their tops at one height."""
    if not blocks:
        return Block(width=0, height=0, shapes=())
    shapes: list[Shape] = []
    x = 0.0
    for block in blocks:
        shapes.extend(block.at(x, 0))
        x += block.width + PAD
    return Block(width=x - PAD, height=max(b.height for b in blocks), shapes=tuple(shapes))


def _tried(task: TryTask) -> Block:
    """The tasks, and below them what takes their errors."""
    tasks, caught = _list(task.tasks), _catch(task)
    inner = max(tasks.width, caught.width)
    left = RAIL + (inner - caught.width) / 2
    below = tasks.height + PAD
    arrives = below + NAME_HEIGHT - 5
    # Along all of the tasks: whichever fails, this is where it goes.
    rail = Arrow(points=((RAIL / 2, 0), (0, 0), (0, arrives), (left, arrives)), style="failed")
    return Block(
        width=RAIL + inner,
        height=below + caught.height,
        shapes=(
            *tasks.at(RAIL + (inner - tasks.width) / 2, 0),
            rail,
            *caught.at(left, below),
        ),
    )


def _catch(task: TryTask) -> Block:
    lines = labels.catch_lines(task.catch)
    heading = f"catch as ${task.catch.variable}"
    inside = _list(task.catch.do)
    wide = max(text_width(line, LINE_SIZE) for line in (heading, *lines))
    width = max(min(wide, WIDEST), inside.width) + 2 * PAD
    shapes: list[Shape] = [Words(x=PAD, y=NAME_HEIGHT, text=heading, style="kind")]
    y = NAME_HEIGHT + PAD / 2
    for line in lines:
        fitting = cut(line, LINE_SIZE, width - 2 * PAD)
        shapes.append(Words(x=PAD, y=y + 11, text=fitting, style="line"))
        y += LINE_HEIGHT
    if task.catch.do:
        shapes.extend(inside.at((width - inside.width) / 2, y + PAD / 2))
        y += inside.height + PAD
    height = y + PAD / 2
    outline = Rectangle(x=0, y=0, width=width, height=height, style="box catch")
    return Block(width=width, height=height, shapes=(outline, *shapes))


def _list(tasks: tuple[Task, ...], *, is_outermost: bool = False) -> Block:
    return column([task_block(task) for task in tasks], ways(tasks), is_outermost=is_outermost)


def _style(task: Task) -> str:
    return f"box {_FAMILIES.get(labels.kind(task), 'order')}"


def _title(task: Task, cases: tuple[str, ...]) -> str:
    """All that is said of the task, uncut."""
    return "\n".join((f"{labels.kind(task)} {task.name}", *labels.details(task), *cases))
