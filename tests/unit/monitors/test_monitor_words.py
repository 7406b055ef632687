"""What people give of a monitor: on the command line, in Python, and in templates."""

from typing import Any

import pytest

from tenuto.core.errors import UsageError
from tenuto.monitors import monitor
from tenuto.packs.monitors.asked import given_fields
from tenuto.packs.monitors.drafts import read_draft, without_secrets
from tenuto.packs.monitors.lifecycle import ALLOWED, check_transition
from tenuto.packs.monitors.models import Draft, State
from tenuto.packs.monitors.templates import TEMPLATES

NOTHING: dict[str, Any] = {
    **dict.fromkeys(
        ("when", "schedule", "zone", "tell", "provider", "model", "url", "email", "webhook")
    ),
    "options": (),
    "webhook_secrets": (),
}
STATES: tuple[State, ...] = ("active", "paused", "completed")


def test_the_line_of_python_says_the_same_as_the_command() -> None:
    line = (
        monitor("Is Python 3.15 out?")
        .when("it is released")
        .check_every("6 hours")
        .using("page", url="https://python.example")
        .notify(email="ann@example.com", webhook="https://hook.example/a")
        .draft()
    )
    given = NOTHING | {
        "when": "it is released",
        "schedule": "6 hours",
        "provider": "page",
        "url": "https://python.example",
        "email": "ann@example.com",
        "webhook": "https://hook.example/a",
    }
    typed = read_draft(
        {"config": {}, **given_fields(given, query="Is Python 3.15 out?", name=None)}
    )
    assert typed == line


def test_an_update_keeps_what_was_not_given() -> None:
    before = monitor("q").when("c").check_every("6 hours").using("page", url="https://a.example")
    was = before.notify(email="ann@example.com").draft().model_dump(mode="json")
    changes = given_fields(
        NOTHING | {"webhook": "https://hook.example"}, query=None, name=None, before=was
    )
    assert [each["type"] for each in changes["notifications"]] == ["email", "webhook"]
    assert "config" not in changes
    without = given_fields(NOTHING | {"email": ""}, query=None, name=None, before=was)
    assert without == {"notifications": []}
    other = given_fields(NOTHING | {"options": ("a=1",)}, query=None, name=None, before=was)
    assert other["config"]["options"] == {"url": "https://a.example", "a": 1}


def test_an_option_without_a_value_is_refused() -> None:
    with pytest.raises(UsageError, match="NAME=JSON"):
        given_fields(NOTHING | {"options": ("selector",)}, query="q", name=None)


def test_two_mails_are_one_too_many() -> None:
    mails = [{"type": "email", "address": f"{each}@example.com"} for each in "ab"]
    with pytest.raises(UsageError, match="one e-mail and one webhook"):
        read_draft(
            {
                "name": "a",
                "search_query": "b",
                "condition_description": "c",
                "schedule": "1 hour",
                "notifications": mails,
            }
        )


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_tor_11_nine_pairs(before: State, after: State) -> None:
    if before == after:
        assert check_transition("a", before, after) is False
    elif (before, after) in ALLOWED:
        assert check_transition("a", before, after) is True
    else:
        with pytest.raises(UsageError):
            check_transition("a", before, after)
    assert len(ALLOWED) == 4


def test_tor_18_no_reference_to_a_secret_survives_a_fork_however_deep() -> None:
    draft = Draft.model_validate(
        {
            "name": "a",
            "search_query": "b",
            "condition_description": "c",
            "schedule": "1 hour",
            "config": {
                "options": {
                    "url": "https://a.example",
                    "headers": [{"value": "Bearer secret://env/KEY"}],
                }
            },
            "on_failure": [{"name": "ops", "channel": "chat", "target": "secret://env/CHAT"}],
        }
    )
    forked = without_secrets(draft, "b")
    assert "secret" not in forked.model_dump_json()
    assert forked.config.options == {"url": "https://a.example"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_a_template_is_a_monitor_once_its_words_are_filled_in(template: Any) -> None:
    fields = template.model_dump(exclude={"category"})
    assert "{" in fields["search_query"]
    read_draft(fields)
