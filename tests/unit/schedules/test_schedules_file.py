"""`schedules.yaml` as it is read: every mistake in one pass, with its place and what to do."""

from pathlib import Path

import pytest

from schedule_desk import sample_catalog
from tenuto.artifacts.store import open_store
from tenuto.core.errors import UsageError
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.library import DefinitionLibrary
from tenuto.triggers.schedules.check import Checked, check
from tenuto.triggers.schedules.file import read_schedules, read_schedules_file
from tenuto.triggers.schedules.findings import InvalidSchedules

CATALOG = sample_catalog()


@pytest.fixture
def library(tmp_path: Path) -> DefinitionLibrary:
    """No definitions are deployed."""
    return DefinitionLibrary(open_store(str(tmp_path)))


def found(text: str, library: DefinitionLibrary, **options: Severity) -> list[Finding]:
    """What is wrong with a file."""
    return list(read(text, library, **options).findings)


def read(text: str, library: DefinitionLibrary, **options: Severity) -> Checked:
    """A file, checked."""
    return check([read_schedules(text, "s.yaml")], CATALOG, library, **options)


def wrong(said: str, library: DefinitionLibrary) -> str:
    """The one finding about a schedule that would be right without `said`: place, code, words."""
    text = f"schedules:\n  a:\n    run: five-steps\n    input: {{folder: /d}}\n    {said}\n"
    text += "" if said.startswith(("cron", "every", "calendars")) else "    every: 1h\n"
    (one,) = found(text, library)
    return f"{one.line}:{one.column} {one.code} {one.message} {one.remedy}".rstrip()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("cron: 0 12 * *", "5:11 wrong-cron Cron has five fields, and `0 12 * *` has 4."),
        (
            "cron: CRON_TZ=America/New_York 0 9 * * *",
            "5:11 wrong-cron A time zone stands in the cron text. Give the zone in `time_zone`.",
        ),
        ("cron: ['0 9 * * *', '61 * * * *']", "5:25 wrong-cron `61` is no minute (0 to 59)."),
        ("cron: '0 9 1 * 1'", "5:11 both-days A run starts on days that match both fields"),
        ("every: 0.5 s", "5:12 wrong-value `every`: `0.5 s`: is no length of time; write for"),
        ("every: PT0.5S", "5:12 wrong-times `every` is 0.5 s, and the server counts whole"),
        ("every: 1 moon", "5:12 wrong-value `every`: `1 moon`: is no length of time; write for"),
        ("offset: 2h", "5:13 wrong-times `offset` is 7200 s, and shifts within `every`."),
        ("jittr: 5s", "5:5 unknown-key There is no key `jittr`. Did you mean `jitter`?"),
        ("when: {}", "5:5 unknown-key There is no key `when`."),
        ("id: b", "5:5 unknown-key There is no key `id`."),
        (
            "time_zone: Europe/Luxemburg",
            "5:16 wrong-value `time_zone`: `Europe/Luxemburg`: is no time zone of the IANA",
        ),
        ("overlap: SKIP", "5:14 wrong-value `overlap`: `SKIP`: input should be"),
        ("start_at: 2026-01-01T00:00:00", "5:15 wrong-value `start_at`"),
        ("skip: [{month: 13}]", "5:20 wrong-value `13` does not name a month"),
        ("skip: [{hour: 3}]", "5:13 unknown-key There is no key `hour`."),
        ("skip: [{month: true}]", "5:20 wrong-value `skip`: `True`: is no number"),
        ("catchup_window: 1 s", "5:21 short-catchup The server makes up for missed starts for"),
        ("run_id: '{fold}'", "5:13 wrong-run-id `{fold}` cannot be filled from the input"),
        ("run_id: '{folder.__class__.nope}'", "5:13 wrong-run-id"),
        (
            "search_attributes: {TenutoSubject: 5}",
            "5:24 wrong-search-attribute `TenutoSubject` holds a Keyword. Write a value of that",
        ),
    ],
)
def test_a_mistake_is_found_where_it_stands(
    said: str, expected: str, library: DefinitionLibrary
) -> None:
    assert wrong(said, library).startswith(expected), wrong(said, library)


def test_all_that_is_wrong_is_found_in_one_pass(library: DefinitionLibrary) -> None:
    text = """
schedules:
  a: {run: five-step, every: 1h}
  b:
    run: five-steps
    input: {fold: /d, held: 5}
    ovrlap: skip
    cron: 0 12 * *
  c: 3
  d: {run: a/b, input: {folder: /d}}
  e!: {run: slow, input: {folder: /d, kind: x}, every: 1h}
"""
    told = [(each.line, each.code) for each in found(text, library)]
    assert told == [
        (3, "unknown-workflow"),
        (6, "wrong-input"),
        (6, "wrong-input"),
        (6, "wrong-input"),
        (7, "unknown-key"),
        (8, "wrong-cron"),
        (9, "not-a-mapping"),
        (10, "missing-key"),
        (10, "unknown-workflow"),
        (11, "wrong-value"),
    ]
    assert not read(text, library).wanted


def test_an_unknown_field_of_the_input_is_told_with_the_one_that_was_meant(
    library: DefinitionLibrary,
) -> None:
    text = "schedules: {a: {run: five-steps, every: 1h, input: {foldr: /d, folder: /d}}}"
    (one,) = found(text, library)
    assert one.path == "/schedules/a/input/foldr"
    assert "`foldr`: no such field; did you mean `folder`" in one.message


def test_an_id_given_twice_is_refused_in_one_file_and_between_two(
    library: DefinitionLibrary,
) -> None:
    one = "schedules:\n  a: {run: five-steps, input: {folder: /d}, every: 1h}\n"
    twice = one + "  a: {run: five-steps, input: {folder: /d}, every: 2h}\n"
    assert [each.line for each in found(twice, library)] == [3]
    both = check([read_schedules(one, f) for f in ("one.yaml", "two.yaml")], CATALOG, library)
    assert [(each.file, each.code) for each in both.findings] == [
        ("one.yaml", "twice"),
        ("two.yaml", "twice"),
    ]
    assert not both.wanted


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "defaults: {}\n", "schedules:\n", "[]"]
)
def test_a_file_that_says_nothing_is_an_error_and_never_no_schedules(
    text: str, library: DefinitionLibrary
) -> None:
    """A file that was cut off would otherwise prune everything."""
    (one, *_) = found(text, library)
    assert one.severity is Severity.ERROR
    assert "schedules: {}" in one.remedy


def test_no_schedules_at_all_can_be_said(library: DefinitionLibrary) -> None:
    checked = read("schedules: {}", library)
    assert (checked.wanted, checked.findings) == ((), ())


def test_a_file_that_is_not_there_is_told_with_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file") as refused:
        read_schedules_file(tmp_path / "schedules.yaml", "schedules.yaml")
    assert refused.value.code == "schedule.no-file"


def test_what_does_not_say_it_itself_takes_the_defaults(library: DefinitionLibrary) -> None:
    text = """
defaults: {time_zone: Europe/Luxembourg, overlap: bufferOne, skip: [{month: 12}]}
schedules:
  a: {run: five-steps, input: {folder: /d}, cron: 0 9 * * *}
  b: {run: five-steps, input: {folder: /d}, cron: 0 9 * * *, time_zone: UTC, skip: []}
"""
    one, other = (each.start for each in read(text, library).wanted)
    assert (one.when.time_zone, one.overlap, len(one.when.skip)) == (
        "Europe/Luxembourg",
        "bufferOne",
        1,
    )
    assert (other.when.time_zone, other.overlap, other.when.skip) == ("UTC", "bufferOne", ())


def test_a_wrong_default_is_found_once_and_where_it_stands(library: DefinitionLibrary) -> None:
    text = """
defaults: {time_zone: Mars/Base, run: x, skip: [{month: 13}]}
schedules:
  a: {run: five-steps, input: {folder: /d}, cron: 0 9 * * *}
  b: {run: five-steps, input: {folder: /d}, cron: 0 9 * * *}
"""
    assert [(each.line, each.code, each.path) for each in found(text, library)] == [
        (2, "wrong-value", "/defaults/time_zone"),
        (2, "unknown-key", "/defaults/run"),
        (2, "wrong-value", "/defaults/skip/0/month"),
    ]


def test_sig_23_a_secret_that_is_empty_here_is_told_and_never_shown(
    library: DefinitionLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "schedules: {a: {run: five-steps, every: 1h, input: {folder: 'secret://env/H1_KEY'}}}"
    for value in (None, ""):
        if value is None:
            monkeypatch.delenv("H1_KEY", raising=False)
        else:
            monkeypatch.setenv("H1_KEY", value)
        (one,) = found(text, library)
        assert (one.code, one.severity) == ("empty-secret", Severity.WARNING)
        assert "H1_KEY" in one.message
        (one,) = found(text, library, secrets=Severity.ERROR)
        assert one.severity is Severity.ERROR
        assert not read(text, library, secrets=Severity.ERROR).wanted
    monkeypatch.setenv("H1_KEY", "p%w'd \"ü$")
    assert not found(text, library)
    (one,) = found(text.replace("env/H1_KEY", "hunter2"), library)
    assert one.severity is Severity.ERROR
    assert "hunter2" not in str(one)


def test_the_text_of_a_schedule_is_kept_as_it_is_written(library: DefinitionLibrary) -> None:
    text = """
schedules:
  # The first.
  a:
    run: five-steps
    input: {folder: /d}  # where
    every: 1h

  # The second.
  b: {run: five-steps, input: {folder: /d}, every: 1h}
"""
    one, other = (each.text for each in read(text, library).wanted)
    assert one == "a:\n  run: five-steps\n  input: {folder: /d}  # where\n  every: 1h\n"
    assert other == "b: {run: five-steps, input: {folder: /d}, every: 1h}\n"
    flow = "schedules: {a: {run: five-steps, input: {folder: /d}, every: 1h}}"
    (only,) = read(flow, library).wanted
    assert only.text.startswith("a:\n  run: five-steps\n")


def test_errors_of_a_file_are_one_error_of_the_command(library: DefinitionLibrary) -> None:
    error = InvalidSchedules(found("schedules: {a: 3, b: 4}", library))
    assert error.code == "schedule.invalid"
    assert error.message.startswith("The schedules have 2 errors:\n  s.yaml:1:13 not-a-mapping")


def test_ids_of_definitions_and_overlong_texts_are_refused(library: DefinitionLibrary) -> None:
    one = "{run: five-steps, input: {folder: /d}, every: 1h}"
    assert [e.code for e in found(f"schedules: {{definition/x/y: {one}}}", library)] == [
        "wrong-value"
    ]
    long = f"schedules:\n  a: {{run: five-steps, input: {{folder: {'x' * 40_000}}}, every: 1h}}\n"
    assert [e.code for e in found(long, library)] == ["too-large"]
