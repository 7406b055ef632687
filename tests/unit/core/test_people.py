"""Who somebody is, however the name is written."""

import pytest

from tenuto.core.people import principal


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("ann", "u:ann"),
        (" U:Ann ", "u:ann"),
        ("s:feed", "s:feed"),
        ("S: Feed", "s:feed"),
        ("a:Clerk", "a:clerk"),
        ("feed", "u:feed"),
        ("sam", "u:sam"),
        ("g:desk", "u:g:desk"),
    ],
)
def test_a_service_and_an_agent_keep_their_word(written: str, compared: str) -> None:
    assert principal(written) == compared
