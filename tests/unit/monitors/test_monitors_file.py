"""`monitors.yaml`: what is read, and where every mistake stands."""

from pathlib import Path

import pytest

from tenuto.core.errors import UsageError
from tenuto.packs.monitors.file import read_monitors, read_monitors_file

GOOD = """\
version: 1
monitors:
  Python release:
    search_query: Is Python 3.15 out?
    condition_description: it is released
    schedule: 6 hours
    notifications: [{type: email, address: ann@example.com}]
  on sale:
    search_query: Is it on sale?
    condition_description: "yes"
    schedule: "0 9 * * *"
    time_zone: Europe/London
    notify_behavior: track_state
"""


def test_monitors_are_read_in_their_order() -> None:
    release, sale = read_monitors(GOOD, "monitors.yaml")
    assert (release.name, release.email, release.notify_behavior) == (
        "Python release",
        "ann@example.com",
        "once",
    )
    assert (sale.name, sale.schedule, sale.time_zone) == ("on sale", "0 9 * * *", "Europe/London")


@pytest.mark.parametrize(
    ("before", "after", "place", "said"),
    [
        ("6 hours", "6 ours", "monitors.yaml:6:5", "five fields"),
        ("search_query: Is P", "search_quary: Is P", "monitors.yaml:4:5", "`search_query`"),
        ("ann@example.com", "ann", "monitors.yaml:7:35", "address"),
        ("Europe/London", "Europe/Londn", "monitors.yaml:12:5", "time zone"),
        ("track_state", "sometimes", "monitors.yaml:13:5", "once"),
        ("monitors:", "monitor:", "monitors.yaml:2:1", "Did you mean `monitors`?"),
        ("version: 1", "version: 2", "monitors.yaml:1:10", "version 1"),
        ("    schedule: 6 hours\n", "", "monitors.yaml:3:3", "required"),
    ],
)
def test_a_mistake_names_file_line_column_and_remedy(
    before: str, after: str, place: str, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        read_monitors(GOOD.replace(before, after, 1), "monitors.yaml")
    assert refused.value.code == "monitors.file"
    assert place in refused.value.message
    assert said in refused.value.message


def test_all_mistakes_are_told_at_once() -> None:
    text = GOOD.replace("6 hours", "6 ours").replace("track_state", "sometimes")
    with pytest.raises(UsageError, match="2 errors"):
        read_monitors(text, "monitors.yaml")


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="search_query") as refused:
        read_monitors_file(tmp_path / "monitors.yaml", "monitors.yaml")
    assert refused.value.code == "monitors.no-file"
