"""Literal data that no message of the engine can carry."""

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check import meaning
from tenuto.definitions.loaded import Loaded, Place, Span


def _with_text(size: int) -> Loaded:
    at = "/do/0/a/set"
    return Loaded(
        file="big.yaml",
        text="",
        value={"do": [{"a": {"set": {"text": "x" * size}}}]},
        spans={at: Span(value=Place(7, 9), key=Place(7, 4), is_plain=False, indent=0)},
    )


def test_data_above_two_megabytes_are_an_error_at_their_key() -> None:
    (finding,) = meaning.find(_with_text(2 * 1024 * 1024), Catalog())

    assert (finding.code, finding.line, finding.column) == ("E209", 7, 4)


def test_data_just_below_two_megabytes_are_a_warning() -> None:
    (finding,) = meaning.find(_with_text(2 * 1024 * 1024 - 100), Catalog())

    assert finding.code == "W206"
