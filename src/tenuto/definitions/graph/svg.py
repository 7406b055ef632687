"""A plan as an SVG picture that stands alone: no fonts, scripts, or files of others."""

from html import escape

from tenuto.definitions.graph.layout import LINE_SIZE, NAME_SIZE, whole
from tenuto.definitions.graph.shapes import (
    Arrow,
    Dot,
    Point,
    Rectangle,
    Shape,
    Words,
    text_width,
)
from tenuto.definitions.plan import Head, Plan

_MARGIN = 24.0
_TITLE = 62.0
_TITLE_SIZE = 18.0
_CORNER = 6.0

_FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif'

_STYLE = f"""
  text {{ font-family: {_FONT}; font-size: {LINE_SIZE:g}px; fill: #1f2933; }}
  .title {{ font-size: {_TITLE_SIZE:g}px; font-weight: 600; }}
  .name {{ font-size: {NAME_SIZE:g}px; font-weight: 600; }}
  .kind, .subtitle {{ fill: #52606d; }}
  .line, .case {{ fill: #323f4b; }}
  .page {{ fill: #ffffff; }}
  .box {{ fill: #f7f9fb; stroke: #9aa5b1; stroke-width: 1.2; }}
  .work {{ fill: #eaf2fd; stroke: #3b74c4; }}
  .event {{ fill: #e6f6f4; stroke: #23857a; }}
  .people {{ fill: #fdf3e0; stroke: #b97a16; stroke-width: 2; }}
  .data {{ fill: #f1f3f5; stroke: #7b8794; }}
  .error {{ fill: #fdecec; stroke: #c23b3b; }}
  .catch {{ fill: #fdf4f4; stroke: #c23b3b; stroke-dasharray: 5 3; }}
  .flow, .failed {{ fill: none; stroke: #52606d; stroke-width: 1.4; }}
  .failed {{ stroke: #c23b3b; stroke-dasharray: 5 3; }}
  .head {{ fill: #52606d; }}
  .head.failed {{ fill: #c23b3b; stroke: none; }}
  .start {{ fill: #52606d; }}
  .end {{ fill: #ffffff; stroke: #52606d; stroke-width: 3.5; }}
  @media (prefers-color-scheme: dark) {{
    text {{ fill: #e4e7eb; }}
    .kind, .subtitle {{ fill: #9fb0c0; }}
    .line, .case {{ fill: #cbd2d9; }}
    .page {{ fill: #14181d; }}
    .box {{ fill: #1d232a; stroke: #616e7c; }}
    .work {{ fill: #17283f; stroke: #6aa0e8; }}
    .event {{ fill: #12302d; stroke: #4fb8ab; }}
    .people {{ fill: #382a10; stroke: #e0a540; }}
    .data {{ fill: #22282f; stroke: #7b8794; }}
    .error {{ fill: #3a1b1b; stroke: #e57373; }}
    .catch {{ fill: #241a1c; stroke: #e57373; }}
    .flow {{ stroke: #9fb0c0; }}
    .failed {{ stroke: #e57373; }}
    .head, .start {{ fill: #9fb0c0; }}
    .head.failed {{ fill: #e57373; }}
    .end {{ fill: #14181d; stroke: #9fb0c0; }}
  }}
"""


def svg(plan: Plan) -> str:
    """The plan's tasks as nested boxes with arrows; readable on light and dark screens.

    The same plan gives the same text. Whatever a definition says is text in it, never markup.
    """
    picture = whole(plan.do)
    name, about = _named(plan.head)
    titles = max(text_width(name, _TITLE_SIZE * 1.05), text_width(about, LINE_SIZE))
    width = max(picture.width, titles) + 2 * _MARGIN
    height = _TITLE + picture.height + _MARGIN
    shapes = picture.at((width - picture.width) / 2, _TITLE)
    return "\n".join(
        (
            _opening(width, height),
            f'<title id="title">{_text(name)}</title>',
            f'<desc id="about">{_text(_described(plan, about))}</desc>',
            f"<style>{_STYLE}</style>",
            '<rect class="page" width="100%" height="100%"/>',
            _words(Words(x=_MARGIN, y=30, text=name, style="title")),
            _words(Words(x=_MARGIN, y=50, text=about, style="subtitle")),
            *(_shape(shape) for shape in shapes),
            "</svg>\n",
        )
    )


def _opening(width: float, height: float) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title about">'
    )


def _named(head: Head) -> tuple[str, str]:
    return head.title or head.name, f"{head.namespace}/{head.name} {head.version}"


def _described(plan: Plan, about: str) -> str:
    names = ", ".join(task.name for task in plan.do)
    return f"Flow chart of the workflow {about}. Its tasks, in order: {names}."


def _shape(shape: Shape) -> str:
    match shape:
        case Rectangle():
            return _rectangle(shape)
        case Words():
            return _words(shape)
        case Arrow():
            return _arrow(shape)
        case Dot():
            where = f'cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius - 2:.1f}"'
            return f'<circle class="{shape.style}" {where}/>'


def _rectangle(box: Rectangle) -> str:
    place = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    title = f"<title>{_text(box.title)}</title>" if box.title else ""
    return f'<rect class="{box.style}" {place} rx="{_CORNER:g}">{title}</rect>'


def _words(words: Words) -> str:
    place = f'x="{words.x:.1f}" y="{words.y:.1f}"'
    if not words.kind:
        return f'<text class="{words.style}" {place}>{_text(words.text)}</text>'
    return (
        f'<text {place}><tspan class="kind">{_text(words.kind)}</tspan>'
        f'<tspan class="{words.style}" dx="7">{_text(words.text)}</tspan></text>'
    )


def _arrow(arrow: Arrow) -> str:
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in arrow.points)
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in _head(*arrow.points[-2:]))
    return (
        f'<path class="{arrow.style}" d="{path}"/>'
        f'<polygon class="head {arrow.style}" points="{head}"/>'
    )


def _head(before: Point, tip: Point) -> tuple[Point, Point, Point]:
    """A triangle at the end of a line that runs along an axis."""
    (x, y), (to_x, to_y) = before, tip
    if x == to_x:
        back = to_y - 7 if to_y > y else to_y + 7
        return (to_x, to_y), (to_x - 4, back), (to_x + 4, back)
    back = to_x - 7 if to_x > x else to_x + 7
    return (to_x, to_y), (back, to_y - 4), (back, to_y + 4)


def _text(text: str) -> str:
    """Escaped, and without the control characters that XML has no place for."""
    return escape("".join(c if c.isprintable() or c == "\n" else "�" for c in text))
