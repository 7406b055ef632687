"""The worker's secrets in what a model is told."""

import pytest
from pydantic import JsonValue

from tenuto.packs.agents.activities.masking import masked, masks_for

SECRET = "s3cr3t-value-91"


@pytest.mark.attack
@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "BROKER_TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "smtp_pass"]
)
def test_what_a_name_calls_secret_is_masked_at_any_depth(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, SECRET)
    value: JsonValue = {"a": [f"x {SECRET} y", {SECRET: 1}]}
    assert masked(value, masks_for()) == {"a": ["x *** y", {"***": 1}]}


@pytest.mark.attack
def test_what_a_reference_names_is_masked_whatever_it_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BROKER", SECRET)
    assert masks_for().text(SECRET) == SECRET
    assert masks_for("secret://env/BROKER").text(SECRET) == "***"


@pytest.mark.attack
def test_a_password_in_a_url_is_masked_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_DSN", f"postgresql://app:{SECRET}@db.example.com/ledger")
    assert masks_for().text(f"password {SECRET}") == "password ***"


def test_short_values_and_other_names_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_KEY", "on")
    monkeypatch.setenv("MONKEY", "orang-utan")
    assert masks_for().text("on the orang-utan") == "on the orang-utan"
