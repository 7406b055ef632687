"""What the server refuses, in our words: a missing run is not a missing namespace."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import NotFoundError
from tenuto.engine.runs.calls import refusals


@pytest.mark.parametrize(
    ("said", "code", "remedy"),
    [
        ("workflow not found for ID: x", "runs.not-found", "`tenuto runs` lists"),
        ("Namespace prod is not found.", "runs.no-namespace", "TEMPORAL_NAMESPACE"),
    ],
)
def test_what_does_not_exist_is_named(said: str, code: str, remedy: str) -> None:
    with pytest.raises(NotFoundError, match=remedy) as missing, refusals("list of runs"):
        raise RPCError(said, RPCStatusCode.NOT_FOUND, b"")
    assert missing.value.code == code
