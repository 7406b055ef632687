"""`sync.yaml`: everything that is wrong is found in one pass, each at its line and column."""

from datetime import timedelta
from pathlib import Path

import pytest

from tenuto.core.errors import NotFoundError, UsageError
from tenuto.packs.sync.sources.file import check_sync_file, read_sync_file, source_in

GOOD = """\
destinations:
  warehouse: { kind: duckdb }
sources:
  orders:
    kind: sql
    client_id: acme
    destination: warehouse
    timeout: 20 minutes
    retry: { attempts: 5, wait: 30 seconds }
    config:
      connection: sqlite:///book.db
      tables: [{ name: trades, columns: [id, day], cursor: day }]
"""


def _found(folder: Path, text: str) -> list[tuple[int, int, str]]:
    file = folder / "sync.yaml"
    file.write_text(text)
    _, findings = check_sync_file(file)
    return [(each.line, each.column, f"{each.key}: {each.message}") for each in findings]


def test_a_good_file(tmp_path: Path) -> None:
    assert _found(tmp_path, GOOD) == []
    source = source_in(read_sync_file(tmp_path / "sync.yaml"), "orders")
    assert (source.timeout, source.retry.wait) == (timedelta(minutes=20), timedelta(seconds=30))


@pytest.mark.parametrize(
    ("was", "now", "line", "column", "said"),
    [
        ("kind: sql", "kind: sqll", 5, 5, "is not one of"),
        ("    client_id: acme\n", "", 4, 3, "client_id: is missing"),
        ("client_id: acme", 'client_id: " acme"', 6, 5, "begins or ends with a blank"),
        ("destination: w", "destination: v", 7, 5, "Did you mean `warehouse`?"),
        ("20 minutes", "soon", 8, 5, "is no span of time; write for example `5 minutes`"),
        ("attempts: 5", "atempts: 5", 9, 14, "Did you mean `attempts`?"),
        ("cursor: day", "cursr: day", 12, 52, "Did you mean `cursor`?"),
        ("[id, day]", "[id, _client_id]", 12, 46, "`_client_id` is written by the sync"),
        (
            "    config:",
            "    secrets: { pasword: secret://env/P }\n    config:",
            10,
            16,
            "password",
        ),
        ("    config:", "    function: a:b\n    config:", 10, 5, "kind `python`"),
    ],
    ids=lambda each: each.strip() if isinstance(each, str) else "",
)
def test_a_mistake_is_told_at_its_place(
    tmp_path: Path, was: str, now: str, line: int, column: int, said: str
) -> None:
    assert was in GOOD
    (found,) = _found(tmp_path, GOOD.replace(was, now, 1))
    assert found[:2] == (line, column)
    assert said in found[2]


def test_sig_21_a_source_of_an_api_does_not_bring_a_client_of_its_own(tmp_path: Path) -> None:
    text = """\
sources:
  orders:
    kind: rest_api
    client_id: acme
    config:
      client: { base_url: "https://api.example.com", paginator: single_page }
      resources:
        - { name: orders, columns: { _client_id: { data_type: bigint } } }
        - { name: lines, columns: [{ name: _loaded_at, data_type: text }] }
"""
    found = _found(tmp_path, text)
    assert [each[0] for each in found] == [8, 9]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "sync.yaml"
    file.write_text(GOOD.replace("client_id", "client").replace("attempts", "tries"))
    with pytest.raises(UsageError) as raised:
        read_sync_file(file)
    assert raised.value.code == "sync.file-invalid"
    assert len(raised.value.message.splitlines()) == 3
    assert f"{file}:6:5: `sources.orders.client`" in raised.value.message


def test_no_file_no_mapping_and_no_such_source(tmp_path: Path) -> None:
    file = tmp_path / "sync.yaml"
    with pytest.raises(NotFoundError, match="Write sources there"):
        read_sync_file(file)
    file.write_text("- orders\n")
    with pytest.raises(UsageError) as raised:
        read_sync_file(file)
    assert "mapping" in raised.value.message
    file.write_text(GOOD)
    with pytest.raises(UsageError, match="Did you mean `orders`"):
        source_in(read_sync_file(file), "order")
