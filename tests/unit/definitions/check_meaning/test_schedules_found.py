"""Schedules: cron, intervals, time zones, and the settings beside them."""

from typing import Any

import pytest

from tenuto.definitions.check.limits.cron import cron_mistake

HEAD = (
    "document: {{dsl: 1.0.3, namespace: test, name: sample, version: 0.1.0,"
    " metadata: {{temporal: {0}}}}}\nschedule: {{cron: 0 17 * * 1-5}}\ndo: []"
)
AT = "/document/metadata/temporal"


@pytest.mark.parametrize(
    "text",
    [
        "0 0 * * *",
        "*/15 9-17 * * mon-fri",
        "0 17 1,15 * *",
        "0 0 29 2 *",
        "30 6 * jan,JUL 0",
        "0 0 * * 7",
        "5/20 * * * *",
        "0-30/10 * * * *",
        "@daily",
        " 0  0\t* * * ",
        "0 0 * * Wednesday",
        "0 0 1 sept-dec *",
        "0 0 13 * 5",
    ],
)
def test_cron_that_is_taken(text: str) -> None:
    assert cron_mistake(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has 0"),
        ("0 0 * *", "has 4"),
        ("0 0 0 * * *", "has 6"),
        ("60 0 * * *", "`60` is no minute"),
        ("0 24 * * *", "`24` is no hour"),
        ("0 0 0 * *", "`0` is no day of month"),
        ("0 0 32 * *", "`32` is no day of month"),
        ("0 0 * 13 *", "`13` is no month"),
        ("0 0 * * 8", "`8` is no day of week"),
        ("0 0 * * mo", "`mo` is no day of week"),
        ("0 0 * * mondays", "`mondays` is no day of week"),
        ("0 0 * * fri-sun", "`fri-sun` is no day of week"),
        ("0 0 ? * 1", "`?` is no day of month"),
        ("0 0 31 2 1", "a day that no such month has"),
        ("0 17-9 * * *", "`17-9` is no hour"),
        ("*/0 * * * *", "`*/0` is no minute"),
        ("*-5 * * * *", "`*-5` is no minute"),
        ("1,,2 * * * *", "`1,,2` is no minute"),
        ("-1 * * * *", "`-1` is no minute"),
        ("² * * * *", "`²` is no minute"),
        ("0 0 30 2 *", "a day that no such month has"),
        ("0 0 31 4,6,9,11 *", "a day that no such month has"),
        ("@reboot", "no short form"),
        ("CRON_TZ=Europe/Zurich 0 0 * * *", "time zone"),
        ("every day", "has 2"),
    ],
)
def test_cron_that_is_not(text: str, says: str) -> None:
    mistake = cron_mistake(text)

    assert mistake is not None
    assert says in mistake


@pytest.mark.parametrize(
    "settings",
    [
        "{schedule: {timeZone: Europe/Zurich, overlap: bufferOne, catchup: PT1H, jitter: PT5M}}",
        "{schedule: {catchup: {minutes: 5}}}",
        "{}",
    ],
)
def test_settings_that_are_taken(settings: str, find: Any) -> None:
    assert find(HEAD.format(settings)) == []


@pytest.mark.parametrize(
    ("settings", "path", "remedy"),
    [
        ("{schedule: {timeZone: Europe/Zuerich}}", "/schedule/timeZone", "`Europe/Zurich`"),
        ("{schedule: {timeZone: Atlantis}}", "/schedule/timeZone", "Atlantic/"),
        ("{schedule: {timezone: UTC}}", "/schedule/timezone", "`timeZone`"),
        ("{schedule: {overlap: buffer_one}}", "/schedule/overlap", "`bufferOne`"),
        ("{schedule: {jitter: five}}", "/schedule/jitter", "PT5M"),
        ("{schedule: {catchup: 5}}", "/schedule/catchup", "PT5M"),
        ("{schedule: []}", "/schedule", ""),
        ("{startToClose: PT1M}", "/startToClose", "`schedule`"),
        ("3", "", ""),
    ],
)
def test_settings_that_are_not(settings: str, path: str, remedy: str, find: Any) -> None:
    (finding,) = find(HEAD.format(settings))

    assert (finding.code, finding.path) == ("E208", AT + path)
    assert remedy in finding.remedy


def test_settings_without_a_schedule(find: Any) -> None:
    text = HEAD.format("{schedule: {timeZone: UTC}}").replace("schedule: {cron", "x: {cron")

    assert [each.path for each in find(text)] == [f"{AT}/schedule"]


@pytest.mark.parametrize(("every", "count"), [("{seconds: 1}", 0), ("{milliseconds: 500}", 1)])
def test_an_interval_is_a_second_at_least(every: str, count: int, find: Any) -> None:
    found = find(f"schedule: {{every: {every}}}\ndo: []")

    assert [each.path for each in found] == ["/schedule/every"] * count
