"""Durations in seconds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter

from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.durations import seconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PT0S", 0),
        ("PT1.5S", 1.5),
        ("P1DT2H3M4S", 93784),
        ("P2W", 1209600),
        ({"hours": 2, "minutes": 15, "seconds": 30}, 8130),
        ({"milliseconds": 250}, 0.25),
    ],
)
def test_text_and_units(value: JsonValue, expected: float) -> None:
    assert seconds(value, "/x") == expected


@pytest.mark.parametrize(
    "value",
    [
        "P",
        "PT",
        "P1Y",
        "P1M",
        "1h",
        "PT1H30",
        "",
        None,
        5,
        {},
        {"years": 1},
        {"seconds": "1"},
        {"seconds": True},
    ],
)
def test_what_is_no_duration(value: JsonValue) -> None:
    with pytest.raises(UsageError, match="`/x`") as refused:
        seconds(value, "/x")
    assert refused.value.code == "definition.bad-duration"


@given(st.timedeltas(timedelta(0), timedelta(days=364)))
def test_every_duration_that_others_write(span: timedelta) -> None:
    text = TypeAdapter(timedelta).dump_python(span, mode="json")
    assert seconds(text, "/x") == pytest.approx(span.total_seconds())
