"""What the everyday test command leaves to `make long`: more examples, and a few heavy tests."""

import os

import pytest

IS_LONG = os.environ.get("TENUTO_TEST_LONG") == "yes"

long = pytest.mark.skipif(not IS_LONG, reason="takes half a minute; `make long` runs it")


def examples(everyday: int) -> int:
    """How many examples a costly property is tried with: ten times as many in a long run."""
    return 10 * everyday if IS_LONG else everyday
