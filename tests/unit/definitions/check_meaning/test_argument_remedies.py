"""What is said of arguments: plain words, an example, and one finding for one mistake."""

from datetime import date, timedelta
from typing import Any

import pytest

from tenuto.catalog.entries import activity
from tenuto.catalog.registry import Catalog
from tenuto.core.records import Record
from tenuto.definitions.check import meaning
from tenuto.definitions.check.whole import check
from tenuto.definitions.loading import load

APPROVAL = "- a: {{call: human.approval, with: {{title: Go, {0}}}}}"
HEAD = "document: {dsl: 1.0.3, namespace: test, name: sample, version: 0.1.0}\n"


@pytest.mark.parametrize(
    ("arguments", "path", "says"),
    [
        (
            "approvers: [ben], timeout: PT4H",
            "/approvers/0",
            "Write `u:ben` for a person, `g:ben` for a group.",
        ),
        (
            "approvers: ['group:controllers'], timeout: PT4H",
            "/approvers/0",
            "Write `u:controllers` for a person, `g:controllers` for a group.",
        ),
        ("approvers: ['u:Ben Lee'], timeout: PT4H", "/approvers/0", "would never find the task"),
        (
            "approvers: ['u:Ben Lee', '${ .a }'], timeout: PT4H",
            "/approvers/0",
            "would never find the task",
        ),
        ("approvers: ['g:a'], need: 51, timeout: PT4H", "/need", ""),
        ("approvers: ['g:a'], subject: " + "x" * 129 + ", timeout: PT4H", "/subject", ""),
        ("approvers: ['g:a'], timeout: PT0S", "/timeout", "a span of time above zero"),
        ("approvers: ['g:a'], reminders: [PT0S], timeout: PT4H", "/reminders/0", "above zero"),
        ("approvers: ['u:ben'], timeout: 30", "/timeout", "as in `PT4H` or `{hours: 4}`"),
        (
            "approvers: ['u:ben'], requester: Ben, timeout: PT4H",
            "",
            "`u:ben` asks for the approval and may not decide on it too",
        ),
    ],
)
def test_what_an_approval_is_given(
    arguments: str, path: str, says: str, find_in_tasks: Any
) -> None:
    (finding,) = find_in_tasks(APPROVAL.format(arguments))
    assert (finding.code, finding.path) == ("E202", f"/do/0/a/with{path}")
    assert says in f"{finding.message} {finding.remedy}"


def test_nobody_but_a_requester_is_named_only_where_it_is_so(find_in_tasks: Any) -> None:
    arguments = "approvers: ['u:ben'], requester: ann, need: 2, timeout: PT4H"
    (finding,) = find_in_tasks(APPROVAL.format(arguments))
    assert finding.message.endswith("1 of the approvers may decide.")


class Dated(Record):
    day: date


def test_a_day_is_asked_for_in_plain_words() -> None:
    entry = activity(
        "x.of_day",
        request=Dated,
        result=Dated,
        summary="Of a day.",
        queue="x",
        start_to_close=timedelta(minutes=1),
    )
    text = f"{HEAD}do: [{{a: {{call: x.of_day, with: {{day: 31.03.2026}}}}}}]"
    loaded, _ = load(text, "f.yaml")
    assert loaded is not None
    (finding,) = meaning.find(loaded, Catalog([entry]))
    assert finding.message.endswith("and must be a day such as `2026-03-31`.")


@pytest.mark.parametrize("key", ["wiht", "args", "parameters"])
def test_a_misspelt_with_is_one_finding(key: str, catalog: Catalog) -> None:
    text = f"{HEAD}do: [{{a: {{call: nav.strike, {key}: {{fund: ATLAS}}}}}}]"
    (finding,) = check(text, "f.yaml", catalog).findings
    assert (finding.code, finding.remedy) == ("E112", "Did you mean `with`?")


def test_without_any_with_the_missing_argument_is_named(catalog: Catalog) -> None:
    text = f"{HEAD}do: [{{a: {{call: nav.strike, junk: 1}}}}]"
    assert [each.code for each in check(text, "f.yaml", catalog).findings] == ["E202", "E112"]


def test_a_misspelt_argument_is_one_finding(find_in_tasks: Any) -> None:
    (finding,) = find_in_tasks("- a: {call: nav.strike, with: {fnud: ATLAS}}")
    assert (finding.path, finding.remedy) == ("/do/0/a/with/fnud", "Did you mean `fund`?")

    found = find_in_tasks("- a: {call: nav.strike, with: {mdoe: plain}}")
    assert {each.path for each in found} == {"/do/0/a/with/mdoe", "/do/0/a/with"}
