"""A small catalog, and definitions cut down to what a test is about."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from textwrap import dedent, indent

import pytest
from pydantic import Field, model_validator

from tenuto.catalog.entries import activity, local_activity, workflow_entry
from tenuto.catalog.registry import Catalog
from tenuto.core.records import Record
from tenuto.definitions.check import meaning
from tenuto.definitions.findings import Finding
from tenuto.definitions.loading import load

Find = Callable[..., list[Finding]]

HEAD = "document: {dsl: 1.0.3, namespace: test, name: sample, version: 0.1.0}\n"


class Line(Record):
    isin: str
    units: int
    value: Decimal


class StrikeRequest(Record):
    fund: str = Field(min_length=2)
    places: int = 2
    mode: str = Field(default="plain", json_schema_extra={"enum": ["plain", "swing"]})
    floor: Decimal | None = None
    lines: tuple[Line, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _swing_needs_floor(self) -> "StrikeRequest":
        if self.mode == "swing" and self.floor is None:
            raise ValueError("`swing` needs a `floor`")
        return self


class Nav(Record):
    total: Decimal
    places: int
    lines: tuple[Line, ...]


class StrikeResult(Record):
    nav: Nav
    note: str | None = None
    attributes: dict[str, str] = Field(default_factory=dict)


@pytest.fixture
def catalog() -> Catalog:
    """Activities `nav.strike` and `nav.sum`, and workflow `daily-nav` of type `DailyNav`."""
    return Catalog(
        [
            activity(
                "nav.strike",
                request=StrikeRequest,
                result=StrikeResult,
                summary="Strikes a value.",
                queue="nav",
                start_to_close=timedelta(minutes=1),
            ),
            local_activity(
                "nav.sum", request=StrikeRequest, result=Nav, summary="Adds up.", queue="nav"
            ),
            workflow_entry(
                "daily-nav",
                type_name="DailyNav",
                request=StrikeRequest,
                result=StrikeResult,
                summary="A day.",
                queue="nav",
            ),
        ]
    )


@pytest.fixture
def find(catalog: Catalog) -> Find:
    """What is found in a document (the head is added unless it has one)."""

    def found(text: str, **more: object) -> list[Finding]:
        text = dedent(text)
        whole = text if text.startswith("document:") else HEAD + text
        loaded, unread = load(whole, "sample.yaml")
        assert loaded is not None, unread
        return meaning.find(loaded, catalog, **more)  # type: ignore[arg-type]

    return found


@pytest.fixture
def find_in_tasks(find: Find) -> Find:
    """What is found in a document with these tasks, given as items of `do`."""

    def found(tasks: str, **more: object) -> list[Finding]:
        return find("do:\n" + indent(dedent(tasks), "  "), **more)

    return found
