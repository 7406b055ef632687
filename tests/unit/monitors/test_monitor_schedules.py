"""Human intervals are exact, cron is checked, and both are kept as they were written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import UsageError
from tenuto.packs.monitors.drafts import read_draft
from tenuto.packs.monitors.timing import checked_schedule, distance, spoken


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("90 minutes", 90),
        ("2 days", 2 * 24 * 60),
        ("every 6 hours", 6 * 60),
        ("1h30m", 90),
        ("PT45M", 45),
        ("1 week", 7 * 24 * 60),
    ],
)
def test_tor_1_distances_are_exact(written: str, minutes: int) -> None:
    assert distance(checked_schedule(written)) == timedelta(minutes=minutes)


@pytest.mark.parametrize("written", ["0 9 * * mon-fri", "*/15 * * * *", "@daily"])
def test_cron_stays_cron(written: str) -> None:
    assert checked_schedule(written) == written
    assert distance(written) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("61 * * * *", "no minute"),
        ("now and then", "five fields"),
        ("30 seconds", "the least is one minute"),
        ("0 0 30 2 *", "no such month"),
    ],
)
def test_tor_1_a_wrong_schedule_names_the_field_before_anything_is_kept(
    written: str, said: str
) -> None:
    with pytest.raises(UsageError, match="`schedule`") as refused:
        read_draft(
            {
                "name": "a",
                "search_query": "What?",
                "condition_description": "that",
                "schedule": written,
            }
        )
    assert refused.value.code == "monitors.invalid"
    assert refused.value.details["fields"] == ["schedule"]
    assert said in refused.value.message


@given(st.integers(min_value=60, max_value=10_000_000))
def test_a_distance_in_words_reads_back_as_itself(seconds: int) -> None:
    every = timedelta(seconds=seconds)
    assert distance(spoken(every)) == every
    assert distance(f"every {spoken(every)}") == every
