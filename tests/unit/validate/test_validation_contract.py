"""What holds for every entry: good path, bad input, failures that pass and that stay, cancellation,
and that no row is lost, whatever the order of the rows or the pieces they come in."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from tenuto.activities.validate.limits import validate_limits
from tenuto.activities.validate.pack import pack
from tenuto.activities.validate.quality import validate_quality
from tenuto.activities.validate.rules import validate_rules
from tenuto.activities.validate.schema import validate_schema
from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.library.validate.limits import Cap, LimitsRequest
from tenuto.catalog.library.validate.quality import (
    Completeness,
    Distribution,
    QualityRequest,
    Range,
    Uniqueness,
)
from tenuto.catalog.library.validate.rules import RulesRequest
from tenuto.catalog.library.validate.schema import ColumnSchema, SchemaRequest
from tenuto.catalog.library.validate.verdict import TableRequest, Validated
from tenuto.core.errors import CorruptError, DataError, NotFoundError, TransientError, UsageError
from tenuto.core.references import Dataset
from tenuto.engine.registration import load_registration

WEIGHT = pl.Decimal(38, 4)

RULES = """
version: 1
rules:
  - id: weight
    description: Weights are small.
    check: weight <= 0.1
    message: weight {weight}
    remedy: sell
  - id: account
    severity: warn
    description: Accounts have names.
    when: weight > 0
    check: account != 'c'
    message: account {account}
    remedy: rename
"""


@dataclass(frozen=True)
class Entry:
    """An entry with a request for any table of `account, weight`."""

    body: Callable[..., Validated]
    request: type[TableRequest]
    fields: dict[str, Any]

    def on(self, table: Dataset, **fields: Any) -> TableRequest:
        return self.request(table=table, **(self.fields | {"row_keys": ("account",)} | fields))

    def run(self, table: Dataset, **fields: Any) -> Validated:
        return self.body(self.on(table, **fields))


ENTRIES = {
    "schema": Entry(
        validate_schema,
        SchemaRequest,
        {
            "columns": (
                ColumnSchema(name="account", type="text", allowed=("a", "b"), severity="warn"),
                ColumnSchema(name="weight", type="decimal", maximum=Decimal("0.1")),
            ),
            "key": ("account", "weight"),
        },
    ),
    "quality": Entry(
        validate_quality,
        QualityRequest,
        {
            "checks": (
                Uniqueness(columns=("account", "weight"), severity="warn"),
                Completeness(column="account", max_missing_share=Decimal("0.1")),
                Range(column="weight", maximum=Decimal("0.1")),
                Distribution(column="account", value="c", maximum=Decimal("0.9"), severity="warn"),
            )
        },
    ),
    "rules": Entry(validate_rules, RulesRequest, {"rules": RULES}),
    "limits": Entry(
        validate_limits,
        LimitsRequest,
        {
            "limits": (Cap(id="cap", by="account", maximum=Decimal("0.1")),),
            "value_column": "weight",
        },
    ),
}

every_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())


def table_of(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [(account, None if weight is None else Decimal(weight)) for account, weight in rows],
        schema={"account": pl.String, "weight": WEIGHT},
        orient="row",
    )


MIXED = table_of(("a", "0.05"), ("b", "0.2"), ("c", "0.01"))
CLEAN = table_of(("a", "0.05"), ("b", "0.1"))


@pytest.fixture
def folder_store(tmp_path: Path) -> Any:
    """A store whose files a test can damage."""
    opened = open_store(str(tmp_path / "artifacts"))
    use_store(opened)
    yield opened
    use_store(None)


def file_of(store: ArtifactStore, table: Dataset) -> Path:
    return Path(store.url) / blob_path(table.sha256)


@every_entry
def test_ops_18_good_rows_and_those_set_aside_are_all_rows(
    store: ArtifactStore, put: Callable[[pl.DataFrame], Dataset], entry: Entry
) -> None:
    found = entry.run(put(MIXED))
    assert found.outcome == "block"
    assert found.quarantined is not None
    assert store.get_table(found.good)["account"].to_list() == ["a", "c"]
    set_aside = store.get_table(found.quarantined)
    assert set_aside.drop("reasons").equals(MIXED.slice(1, 1))
    assert all("(block)" in reason for reason in set_aside["reasons"][0])


@every_entry
def test_ops_18_a_table_without_fault_is_returned_itself(
    put: Callable[[pl.DataFrame], Dataset], entry: Entry
) -> None:
    table = put(CLEAN)
    found = entry.run(table, on_block="fail")
    assert (found.outcome, found.good, found.quarantined) == ("pass", table, None)
    assert all(
        each.failed == 0 and each.checked for each in found.summary if "pass" not in each.rule
    )


@every_entry
def test_ops_18_the_same_input_gives_the_same_bytes(
    put: Callable[[pl.DataFrame], Dataset], entry: Entry
) -> None:
    table = put(MIXED)
    assert entry.run(table) == entry.run(table)


@every_entry
def test_ops_18_bad_input_fails_loud_where_that_is_asked(
    put: Callable[[pl.DataFrame], Dataset], entry: Entry
) -> None:
    with pytest.raises(DataError, match=r"row 2 account=b: .*0\.2.*\(") as refused:
        entry.run(put(MIXED), on_block="fail")
    assert refused.value.code == "validate.blocked"
    (rule,) = refused.value.details["rules"]
    assert rule["examples"][0]["row"] == 2


@every_entry
def test_ops_18_a_request_that_does_not_fit_is_refused(
    put: Callable[[pl.DataFrame], Dataset], entry: Entry
) -> None:
    with pytest.raises(UsageError, match="acount") as refused:
        entry.run(put(MIXED), row_keys=("acount",))
    assert refused.value.code == "validate.unknown-column"
    taken = put(MIXED.with_columns(reasons=pl.lit("x")))
    with pytest.raises(UsageError) as collision:
        entry.run(taken, **({"unknown_columns": "keep"} if entry is ENTRIES["schema"] else {}))
    assert collision.value.code == "validate.reasons-column-taken"
    with pytest.raises(ValidationError):
        entry.on(put(MIXED), typo=1)


@every_entry
def test_ops_18_a_store_that_fails_is_worth_another_attempt(
    folder_store: ArtifactStore, entry: Entry
) -> None:
    table = folder_store.put_table(MIXED, name="positions")
    file = file_of(folder_store, table)
    moved = file.rename(file.with_suffix(".away"))
    file.mkdir()
    with pytest.raises(TransientError) as failed:
        entry.run(table)
    assert failed.value.code == "artifact.store-failed"
    file.rmdir()
    moved.rename(file)
    assert entry.run(table).outcome == "block"


@every_entry
def test_ops_18_a_table_that_is_gone_or_changed_is_not(
    folder_store: ArtifactStore, entry: Entry
) -> None:
    table = folder_store.put_table(MIXED, name="positions")
    file = file_of(folder_store, table)
    content = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(CorruptError):
        entry.run(table)
    file.unlink()
    with pytest.raises(NotFoundError):
        entry.run(table)


@every_entry
async def test_ops_18_cancellation_arrives_and_leaves_nothing(
    folder_store: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: Entry
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    table = folder_store.put_table(MIXED, name="positions")
    environment = ActivityEnvironment()
    beats: list[Any] = []

    def cancel_when_counting(*details: Any) -> None:
        beats.append(details)
        if "counting" in details:
            assert list(scratch.iterdir()), "the flags are on the disk"
            environment.cancel()

    environment.on_heartbeat = cancel_when_counting
    with pytest.raises(CancelledError):
        await asyncio.to_thread(environment.run, entry.body, entry.on(table))
    assert ("counting",) in beats
    assert list(scratch.iterdir()) == []
    assert [blob.sha256 for blob in folder_store.list_blobs()] == [table.sha256]


@every_entry
def test_ops_18_a_failing_disk_for_temporary_files_is_worth_another_attempt(
    folder_store: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: Entry
) -> None:
    table = folder_store.put_table(MIXED, name="positions")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(TransientError):
        entry.run(table)


@every_entry
def test_ops_18_a_reference_that_misstates_its_table_is_bad_input(
    store: ArtifactStore, put: Callable[[pl.DataFrame], Dataset], entry: Entry
) -> None:
    other = put(pl.DataFrame({"account": ["a"], "weigt": [Decimal("0.2")]}))
    misstated = other.model_copy(update={"columns": put(MIXED).columns})
    with pytest.raises(DataError, match="weight") as refused:
        entry.run(misstated)
    assert refused.value.code == "validate.cannot-evaluate"


def test_ops_18_the_pack_has_a_body_for_every_entry_on_the_compute_queue() -> None:
    registration = load_registration([pack])
    names = {f"validate.{area}" for area in ENTRIES}
    assert registration.catalog.activities.keys() == names
    assert registration.queues.keys() == {"compute"}
    assert len(registration.queues["compute"].activities) == len(names)


ACCOUNTS = st.sampled_from(["a", "b", "c"])
WEIGHTS = st.sampled_from(["0.01", "0.1", "0.1001", "0.5", "0"])
TABLES = st.lists(st.tuples(ACCOUNTS, WEIGHTS), max_size=12)

hypothesis_settings = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def verdicts(
    store: ArtifactStore, found: Validated
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    good = store.get_table(found.good).rows()
    aside = store.get_table(found.quarantined).rows() if found.quarantined else []
    return good, aside


@every_entry
@given(rows=TABLES)
@hypothesis_settings
def test_every_row_is_in_one_of_the_two_and_in_its_order(
    store: ArtifactStore, entry: Entry, rows: list[tuple[str, str]]
) -> None:
    numbered = table_of(*rows).with_row_index("row")
    fields = {"unknown_columns": "keep"} if entry is ENTRIES["schema"] else {}
    found = entry.run(store.put_table(numbered, name="t"), **fields)
    good, aside = verdicts(store, found)
    assert sorted([*good, *(row[:-1] for row in aside)]) == numbered.rows()
    assert good == sorted(good)
    assert [row[0] for row in aside] == sorted(row[0] for row in aside)
    assert all(reasons for *_, reasons in aside)
    assert (found.outcome == "block") is bool(aside)


@every_entry
@given(rows=TABLES, data=st.data())
@hypothesis_settings
def test_the_order_of_rows_changes_no_verdict(
    store: ArtifactStore, entry: Entry, rows: list[tuple[str, str]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    first, second = (
        entry.run(store.put_table(table_of(*each), name="t")) for each in (rows, shuffled)
    )
    for one, other in zip(verdicts(store, first), verdicts(store, second), strict=True):
        assert sorted(one, key=str) == sorted(other, key=str)
    counts = [
        {each.rule: (each.checked, each.failed) for each in found.summary}
        for found in (first, second)
    ]
    assert counts[0] == counts[1]


@every_entry
def test_the_pieces_of_a_table_change_no_verdict(
    store: ArtifactStore, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same 60 rows in one row group, and in thirty: other bytes, the same rows."""
    whole = pl.concat([MIXED] * 20)
    one = store.put_table(whole, name="t")
    monkeypatch.setattr("tenuto.artifacts.tables._ROWS_PER_GROUP", 2)
    many = store.put_table(whole, name="t")
    monkeypatch.undo()
    assert one.sha256 != many.sha256
    first, second = entry.run(one), entry.run(many)
    assert first.summary == second.summary
    assert verdicts(store, first) == verdicts(store, second)
