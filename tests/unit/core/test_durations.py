"""One grammar: what the pattern takes is read, and the other way round."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.durations import ISO_PATTERN, LONGEST, read_duration, read_spoken_duration


@given(st.from_regex(rf"\A{ISO_PATTERN}\Z"))
def test_the_reader_reads_what_the_pattern_takes(text: str) -> None:
    read = read_duration(text)
    assert read is None or read <= LONGEST
    if len(text) < 8:
        assert read is not None or float(re.findall(r"\d+", text)[0]) > LONGEST.days // 7


@given(st.text(alphabet="PTWDHMS0123456789. -", max_size=12))
def test_the_reader_reads_nothing_else(text: str) -> None:
    if read_duration(text) is not None:
        assert re.fullmatch(ISO_PATTERN, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6 hours", timedelta(hours=6)),
        ("90 minutes", timedelta(minutes=90)),
        ("2 days", timedelta(days=2)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("1 hour, 5 min", timedelta(hours=1, minutes=5)),
        ("PT5M", timedelta(minutes=5)),
        ("1.5 hours", None),
        ("10 months", None),
        ("3ms", None),
        ("-3h", None),
        ("every 5 minutes", None),
        ("5", None),
        ("", None),
        ("9" * 30 + "h", None),
    ],
)
def test_tor_1_what_people_write_is_read_exactly_or_not_at_all(
    text: str, expected: timedelta | None
) -> None:
    assert read_spoken_duration(text) == expected
