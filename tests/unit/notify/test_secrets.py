"""Secrets come by reference, and their values stay out of everything that is written."""

import pytest

from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import NotFoundError, UsageError


def test_a_secret_is_read_from_the_environment_and_prints_as_asterisks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATLAS_WEBHOOK", "hunter2")
    secret = resolve_secret("secret://env/ATLAS_WEBHOOK")
    assert secret.get_secret_value() == "hunter2"
    assert "hunter2" not in f"{secret} {secret!r}"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_secret_is_named(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATLAS_WEBHOOK", raising=False)
    if value is not None:
        monkeypatch.setenv("ATLAS_WEBHOOK", value)
    with pytest.raises(NotFoundError, match="ATLAS_WEBHOOK") as missing:
        resolve_secret("secret://env/ATLAS_WEBHOOK")
    assert missing.value.code == "secret.missing"


@pytest.mark.parametrize(
    "reference",
    [
        "hunter2",
        "whsec_hunter2",
        "secret://vault/hunter2",
        "secret://env/",
        "secret://env/hunter2 ",
        "secret://env/hunter2/more",
        "SECRET://env/hunter2",
        "",
    ],
)
def test_what_is_no_reference_is_refused_and_not_repeated(reference: str) -> None:
    with pytest.raises(UsageError, match="secret://env/NAME") as wrong:
        resolve_secret(reference)
    assert wrong.value.code == "secret.reference-invalid"
    assert "hunter2" not in str(wrong.value)
