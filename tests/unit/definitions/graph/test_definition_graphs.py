"""Pictures of definitions: complete, safe, and the same every time."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from compiled_plans import plan_of
from tenuto.definitions.graph.mermaid import mermaid
from tenuto.definitions.graph.svg import svg
from tenuto.definitions.graph.ways import END, Way, ways
from tenuto.definitions.plan import Plan

SVG = "{http://www.w3.org/2000/svg}"


def full() -> Plan:
    """A definition with every way of going on."""
    tried: JsonValue = {
        "try": [
            {"both": {"fork": {"branches": [{"left": {"set": {}}}, {"right": {"wait": "PT5S"}}]}}},
            {"early": {"set": {}, "then": "exit"}},
            {"late": {"set": {}}},
        ],
        "catch": {
            "as": "problem",
            "errors": {"with": {"status": 503}},
            "retry": {"delay": {"seconds": 3}, "limit": {"attempt": {"count": 5}}},
            "do": [{"tell": {"set": {}}}],
            "then": "last",
        },
    }
    return plan_of(
        {"first": {"call": "prices.fetch_close", "if": ".wanted"}},
        {
            "choose": {
                "switch": [
                    {"none": {"when": ".n == 0", "then": "end"}},
                    {"again": {"when": ".n < 0", "then": "first"}},
                    {"far": {"when": ".n > 9", "then": "last"}},
                ]
            }
        },
        {"each": {"for": {"in": ".rows", "each": "row"}, "do": [{"inner": {"set": {}}}]}},
        {"safe": tried},
        {"ask": {"call": "human.approval", "with": {"title": "Release?"}}},
        {"fail": {"raise": {"error": {"type": "https://e.example/refused", "status": 403}}}},
        {"last": {"listen": {"to": {"one": {"with": {"type": "day.closed"}}}}}},
    )


NAMES = ["first", "choose", "each", "inner", "safe", "both", "left", "right", "early", "late"]


def texts(picture: str) -> list[str]:
    root = ET.fromstring(picture)  # noqa: S314 (our own output)
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("draw", [svg, mermaid])
def test_every_task_is_there_and_the_picture_is_the_same_every_time(draw: object) -> None:
    assert callable(draw)
    picture = draw(full())
    for name in [*NAMES, "tell", "ask", "fail", "last"]:
        assert name in picture
    for word in ("Release?", "refused 403", "day.closed", "$row in .rows", "5 times", "status 503"):
        assert word in picture
    assert draw(full()) == picture


def test_ways_of_a_list() -> None:
    tasks = full().do
    assert [way for way in ways(tasks) if way.source == 1] == [
        Way(1, END, 0, "none"),
        Way(1, 0, 1, "again"),
        Way(1, 6, 2, "far"),
        Way(1, 2, None, "no case"),
    ]
    assert [way for way in ways(tasks) if way.source == 3] == [
        Way(3, 4),
        Way(3, 6, None, "caught"),
    ]


def test_mermaid_draws_the_ways() -> None:
    lines = [line.strip() for line in mermaid(full()).splitlines()]
    node = {
        match[2]: match[1]
        for line in lines
        if (match := re.match(r"(?:subgraph )?(n\d+)[\[{(]+\"(?:[a-z ]+: )(\w+)", line))
    }
    assert f"start --> {node['first']}" in lines
    assert f'{node["choose"]} -->|"none: .n == 0 (ends the workflow)"| finish' in lines
    assert f'{node["choose"]} -->|"again: .n #lt; 0"| {node["first"]}' in lines
    assert f'{node["choose"]} -->|"no case"| {node["each"]}' in lines
    assert f'{node["safe"]} -->|"caught"| {node["last"]}' in lines
    assert f"{node['last']} --> finish" in lines
    assert any(line.startswith("n") and '-. "error" .->' in line for line in lines)
    assert sum(line == "end" for line in lines) == sum(
        line.startswith("subgraph") for line in lines
    )


def test_the_picture_stands_alone_and_says_what_it_is() -> None:
    picture = svg(full())
    root = ET.fromstring(picture)  # noqa: S314 (our own output)
    assert root[0].tag == f"{SVG}title"
    assert root[1].tag == f"{SVG}desc"
    assert "first, choose, each, safe" in (root[1].text or "")
    for foreign in ("script", "href", "@import", "url(", "@font-face", "foreignObject"):
        assert foreign not in picture
    assert "prefers-color-scheme: dark" in picture


def boxes(picture: str) -> list[tuple[float, float, float, float]]:
    root = ET.fromstring(picture)  # noqa: S314 (our own output)
    found = []
    for each in root.iter(f"{SVG}rect"):
        if "box" in (each.get("class") or ""):
            x, y, w, h = (float(each.get(key) or 0) for key in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
    return found


def apart_or_inside(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    inside = all(a >= b for a, b in zip(one[:2], other[:2], strict=True)) and all(
        a <= b for a, b in zip(one[2:], other[2:], strict=True)
    )
    return apart or inside


LEAF: JsonValue = {"set": {"a": 1}}
NESTS = st.recursive(
    st.just(LEAF),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"do": _named(each)}),
        st.lists(inner, min_size=1, max_size=4).map(
            lambda each: {"fork": {"branches": _named(each)}}
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda each: {"for": {"in": ".x"}, "do": _named(each)}
        ),
        st.tuples(st.lists(inner, min_size=1, max_size=2), st.lists(inner, max_size=2)).map(
            lambda pair: {"try": _named(pair[0]), "catch": {"do": _named(pair[1])}}
        ),
    ),
    max_leaves=12,
)


def _named(bodies: list[JsonValue]) -> list[JsonValue]:
    return [{f"task{index}": body} for index, body in enumerate(bodies)]


@given(st.lists(NESTS, max_size=4), st.sampled_from(["continue", "end", "task0", "task2"]))
def test_boxes_never_overlap_and_everything_is_on_the_page(
    bodies: list[JsonValue], then: str
) -> None:
    bodies = [{**body, "then": then} for body in bodies if isinstance(body, dict)]
    picture = svg(plan_of(*_named(bodies)))
    found = boxes(picture)
    for index, one in enumerate(found):
        for other in found[index + 1 :]:
            assert apart_or_inside(one, other) or apart_or_inside(other, one)
    root = ET.fromstring(picture)  # noqa: S314 (our own output)
    width, height = (float(root.get(key) or 0) for key in ("width", "height"))
    for path in root.iter(f"{SVG}path"):
        for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d") or ""):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height


THENS = ("continue", "exit", "end")
HOSTILE = st.text(max_size=80) | st.sampled_from(
    [
        '"]; click n0 "javascript:x"',
        "</text><script>x</script>",
        "]]>",
        "&lt;",
        "\x00\x1b",
        "end",
        "#quot;",
    ]
)


@given(HOSTILE, HOSTILE)
def test_words_of_a_definition_are_never_markup(name: str, word: str) -> None:
    plan = plan_of({name: {"set": {word: 1}}}, {"go": {"switch": [{word: {"then": "end"}}]}})
    picture = svg(plan)
    root = ET.fromstring(picture)  # noqa: S314 (our own output)
    assert {each.tag for each in root.iter()} <= {
        SVG + tag
        for tag in (
            "svg",
            "title",
            "desc",
            "style",
            "rect",
            "text",
            "tspan",
            "path",
            "polygon",
            "circle",
        )
    }
    for line in mermaid(plan).splitlines():
        quoted = re.sub(r'"[^"]*"', "", line)
        assert line.count('"') % 2 == 0
        assert re.fullmatch(r"[\w\s\[\](){}|>.-]*", quoted), line


def test_a_big_definition_is_drawn_in_no_time() -> None:
    names = [f"task{index}" for index in range(100)]
    tasks = [
        {name: {"switch": [{"a": {"when": ".x", "then": names[(index * 7) % 100]}}]}}
        if index % 3 == 0
        else {name: {"call": "prices.fetch_close"}}
        for index, name in enumerate(names)
    ]
    picture = svg(plan_of(*tasks))
    assert len(boxes(picture)) == 100
    assert (
        sum(name in text for name in names for text in texts(picture) if text.endswith(name)) >= 100
    )


def test_a_way_from_inside_to_the_end_of_all_is_said_and_not_drawn() -> None:
    def inner(then: str) -> str:
        steps: JsonValue = [{"a": {"set": {}, "then": then}}, {"b": {"set": {}}}]
        return svg(plan_of({"outer": {"do": steps}}))

    assert "ends the workflow" in inner("end")
    assert "ends the workflow" not in inner("exit")
    # Two ends for the way out of the list and of the whole; one where the list has no way out.
    assert inner("exit").count('class="end"') == 2
    assert inner("end").count('class="end"') == 1


def test_the_last_task_leads_to_the_end_however_it_says_so() -> None:
    paths = {then: svg(plan_of({"a": {"set": {}, "then": then}})).count("<path") for then in THENS}
    assert set(paths.values()) == {2}
