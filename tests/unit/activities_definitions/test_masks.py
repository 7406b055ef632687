"""What is hidden stays hidden, whichever way it is written."""

import json
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.definitions.masks import Masks
from tenuto.core.errors import DataError

TEXT = st.text(st.characters(exclude_characters="*", codec="utf-8"), min_size=4)


@given(TEXT, TEXT, TEXT)
def test_a_secret_is_in_no_form_of_a_text(secret: str, before: str, after: str) -> None:
    masks = Masks()
    masks.add(secret)
    whole = before + secret + after
    written = json.dumps({"a": whole}), json.dumps(json.dumps([whole])), quote(whole, safe="")
    for text in (whole, *written, quote_plus(whole)):
        assert secret not in masks.text(text)
    content = json.dumps([whole], ensure_ascii=False).encode()
    assert secret not in masks.content(content).decode()
    assert secret not in str(json.loads(masks.text(json.dumps([secret]))))


def test_short_texts_are_left_alone() -> None:
    masks = Masks()
    masks.add("abc")
    assert masks.text("abc") == "abc"


def test_the_longer_of_two_secrets_goes_first() -> None:
    masks = Masks()
    masks.add("abcd")
    masks.add("abcd-efgh")
    assert masks.text("abcd-efgh abcd") == "*** ***"


def test_an_error_loses_its_secrets_in_message_and_problem() -> None:
    masks = Masks()
    masks.add("t0ken")
    error = DataError("no t0ken", code="x.y", details={"problem": {"detail": "t0ken", "status": 4}})
    masks.error(error)
    assert (str(error), error.args) == ("no ***", ("no ***",))
    assert error.details["problem"] == {"detail": "***", "status": 4}
