"""One grammar: what the pattern takes is read, and the other way round."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.durations import ISO_PATTERN, LONGEST, read_duration


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
