"""From what a person types to an input: files pinned, models read, nothing guessed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import workflow_entry
from tenuto.catalog.check import check_input
from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.core.references import Document
from tenuto.triggers.fields import Typed, pin_documents, read_fields


class Desk(Record):
    name: str
    limit: Decimal
    cut_off: str = "18:00"


class CloseRequest(Record):
    desk: Desk
    day: date
    positions: Document | None = None
    tags: tuple[str, ...] = ()
    dry: bool = False
    weight: Decimal = Decimal(1)


entry = workflow_entry(
    "close", type_name="Close", request=CloseRequest, result=CloseRequest, summary="", queue="q"
)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(str(tmp_path / "store"))


@pytest.fixture
def desk_file(tmp_path: Path) -> Path:
    file = tmp_path / "desk.yaml"
    file.write_text("name: rates\nlimit: 0.10000000000000000000001\ncut_off: 17:30\n")
    return file


def test_a_file_is_pinned_by_its_content(
    store: ArtifactStore, tmp_path: Path, desk_file: Path
) -> None:
    positions = tmp_path / "p.csv"
    positions.write_text("id,quantity\nA,1\n")
    values = read_fields(
        entry,
        {"desk": str(desk_file), "day": "2026-03-31", "positions": str(positions)},
        store,
    )
    request = check_input(entry, values)
    assert isinstance(request, CloseRequest)
    assert request.positions is not None
    assert request.positions.name == "p.csv"
    positions.write_text("id,quantity\nA,2\n")
    assert store.get_bytes(request.positions) == b"id,quantity\nA,1\n"


def test_a_model_is_read_from_yaml_and_keeps_every_digit(
    store: ArtifactStore, desk_file: Path
) -> None:
    desk = read_fields(entry, {"desk": str(desk_file)}, store)["desk"]
    assert desk.limit == Decimal("0.10000000000000000000001")
    assert desk.cut_off == "17:30"


def test_simple_values_are_read_as_their_type(store: ArtifactStore, desk_file: Path) -> None:
    typed = {
        "desk": str(desk_file),
        "day": "2026-03-31",
        "tags": "[a, b]",
        "dry": "true",
        "weight": "0.1",
    }
    request = check_input(entry, read_fields(entry, typed, store))
    assert isinstance(request, CloseRequest)
    assert request.tags == ("a", "b")
    assert request.dry is True
    assert request.weight == Decimal("0.1")


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("abc", ("abc",)),
        ("007", ("007",)),
        (["a", "b"], ("a", "b")),
        (["a", "[b, c]"], ("a", "b", "c")),
        ('["a, b"]', ("a, b",)),
        ("- a\n- b", ("a", "b")),
    ],
)
def test_a_list_is_typed_item_by_item_or_at_once(
    store: ArtifactStore, desk_file: Path, typed: Typed, tags: tuple[str, ...]
) -> None:
    given = {"desk": str(desk_file), "day": "2026-03-31", "tags": typed}
    request = check_input(entry, read_fields(entry, given, store))
    assert isinstance(request, CloseRequest)
    assert request.tags == tags


def test_a_comma_that_could_mean_either_is_refused_with_both_ways(store: ArtifactStore) -> None:
    with pytest.raises(UsageError, match=r"`--tags a --tags b`.*'\[\"a,b\"\]'") as refused:
        read_fields(entry, {"tags": "a,b"}, store)
    assert refused.value.code == "input.ambiguous-list"


class ListsRequest(Record):
    days: tuple[date, ...] = ()
    actions: tuple[Literal["approve", "reject"], ...] = ()
    files: tuple[Document, ...] = ()
    counts: tuple[int, ...] | None = None


lists = workflow_entry(
    "lists", type_name="Lists", request=ListsRequest, result=ListsRequest, summary="", queue="q"
)


def test_commas_part_what_cannot_hold_one(store: ArtifactStore, desk_file: Path) -> None:
    typed = {
        "days": "2026-03-31, 2026-04-30",
        "actions": "approve,reject",
        "files": str(desk_file),
        "counts": ["1", "2"],
    }
    request = check_input(lists, read_fields(lists, typed, store))
    assert isinstance(request, ListsRequest)
    assert request.days == (date(2026, 3, 31), date(2026, 4, 30))
    assert request.actions == ("approve", "reject")
    assert [each.name for each in request.files] == ["desk.yaml"]
    assert request.counts == (1, 2)
    with pytest.raises(UsageError, match="counts"):
        check_input(lists, read_fields(lists, {"counts": "1,000"}, store))


def test_what_is_no_list_is_given_once(store: ArtifactStore) -> None:
    with pytest.raises(UsageError, match="was given 2 times") as refused:
        read_fields(entry, {"dry": ["true", "false"]}, store)
    assert refused.value.code == "input.given-twice"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"dayy": "2026-03-31"}, "no field `dayy`; did you mean `day`"),
        ({"positions": "nowhere.csv"}, r"`positions`: there is no file `nowhere\.csv`"),
    ],
)
def test_what_cannot_be_read_is_named(
    store: ArtifactStore, typed: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_fields(entry, typed, store)


def test_a_wrong_model_file_names_file_and_field(store: ArtifactStore, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("nmae: rates\nlimit: 1\n")
    with pytest.raises(UsageError, match=r"desk\.yaml") as wrong:
        read_fields(entry, {"desk": str(file)}, store)
    assert "`nmae`: no such field; did you mean `name`" in str(wrong.value)


def test_paths_in_an_input_file_are_relative_to_it(
    store: ArtifactStore, tmp_path: Path, desk_file: Path
) -> None:
    (tmp_path / "p.csv").write_text("id\n")
    values = {"desk": "desk.yaml", "day": "2026-03-31", "positions": "p.csv"}
    request = check_input(entry, pin_documents(entry, values, store, tmp_path))
    assert isinstance(request, CloseRequest)
    assert request.desk.name == "rates"
    assert request.positions is not None


class Side(Record):
    source: Document


class MatchRequest(Record):
    desk: Desk
    sides: dict[str, Document]
    more: tuple[Document, ...] = ()
    side: Side | None = None


match = workflow_entry(
    "match", type_name="Match", request=MatchRequest, result=MatchRequest, summary="", queue="q"
)


def test_paths_are_pinned_wherever_a_document_belongs(
    store: ArtifactStore, tmp_path: Path, desk_file: Path
) -> None:
    (tmp_path / "below").mkdir()
    for name in ("ours", "theirs", "below/side"):
        (tmp_path / f"{name}.csv").write_text(f"id\n{name}\n")
    (tmp_path / "below/side.yaml").write_text("source: side.csv\n")
    typed = {
        "desk": str(desk_file),
        "sides": f"{{ours: {tmp_path}/ours.csv, theirs: {tmp_path}/theirs.csv}}",
        "more": f"[{tmp_path}/ours.csv]",
        "side": str(tmp_path / "below/side.yaml"),
    }
    request = check_input(match, read_fields(match, typed, store))
    assert isinstance(request, MatchRequest)
    assert {side: each.name for side, each in request.sides.items()} == {
        "ours": "ours.csv",
        "theirs": "theirs.csv",
    }
    assert request.more == (request.sides["ours"],)
    assert request.side is not None
    assert store.get_bytes(request.side.source) == b"id\nbelow/side\n"

    values = {
        "desk": "desk.yaml",
        "sides": {"ours": "ours.csv"},
        "side": {"source": "below/side.csv"},
    }
    same = check_input(match, pin_documents(match, values, store, tmp_path))
    assert isinstance(same, MatchRequest)
    assert same.side == request.side


def test_a_missing_file_deep_inside_is_named(store: ArtifactStore, desk_file: Path) -> None:
    with pytest.raises(UsageError, match=r"`sides\.ours`: there is no file `gone\.csv`"):
        read_fields(match, {"desk": str(desk_file), "sides": "{ours: gone.csv}"}, store)
