"""Which failures are tried again, and what people read of them."""

import pytest
from dlt.common.exceptions import TerminalValueError

from tenuto.core.errors import DataError, NotFoundError, TenutoError, TransientError
from tenuto.packs.sync.activities.loading.problems import failed, raised

NOTHING: frozenset[str] = frozenset()


def caused(outer: BaseException, cause: BaseException) -> BaseException:
    outer.__cause__ = cause
    return outer


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (OSError("down"), True),
        (caused(RuntimeError("extract"), OSError("down")), True),
        (caused(RuntimeError("extract"), TerminalValueError("no")), False),
        (caused(RuntimeError("extract"), DataError("wrong", code="a.b")), False),
        (caused(RuntimeError("extract"), TransientError("busy", code="a.b")), True),
        (NotFoundError("none", code="a.b"), False),
    ],
)
def test_what_may_pass_is_tried_again(error: BaseException, again: bool) -> None:
    assert raised(failed(error, "orders", NOTHING)).is_retryable is again


def test_the_first_cause_is_named() -> None:
    said = failed(caused(RuntimeError("a step failed"), OSError("no route")), "orders", NOTHING)
    assert said.message == "`orders`: it could not be loaded: OSError: no route"


def test_one_of_our_errors_keeps_its_class_code_and_wait() -> None:
    ours = TransientError("busy", code="http.busy", details={"retry_after_s": 7})
    again: TenutoError = raised(failed(caused(RuntimeError(), ours), "orders", NOTHING))
    assert (type(again), again.code) == (TransientError, "http.busy")
    assert again.details == {"retry_after_s": 7.0}


def test_secrets_do_not_leave_the_process() -> None:
    secrets = frozenset({"k3y-of-orders", "k3y-of-orders-and-more"})
    error = OSError("GET /?key=k3y-of-orders-and-more refused, k3y-of-orders too")
    said = failed(error, "orders", secrets).message
    assert said.endswith("GET /?key=*** refused, *** too")
