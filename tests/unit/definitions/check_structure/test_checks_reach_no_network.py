"""A hostile definition makes the check neither connect anywhere nor take for ever."""

import socket
from collections.abc import Iterator

import pytest

from definition_texts import HEAD, definition
from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.whole import check


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_references_of_schemas_are_not_followed(listener: socket.socket) -> None:
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    more = f"""
      input: {{schema: {{document: {{$ref: "{base}/a"}}}}}}
      output: {{schema: {{resource: {{endpoint: "{base}/b"}}}}}}
      use:
        functions:
          f:
            input: {{schema: {{document: {{properties: {{x: {{$ref: "{base}/c"}}}}}}}}}}
            output: {{schema: {{document: {{$schema: "{base}/d", type: object}}}}}}
            set: {{x: 1}}
        catalogs: {{c: {{endpoint: "{base}/e"}}}}
    """
    tasks = f"""
      - a: {{call: f, with: {{x: 1}}}}
      - b: {{call: "{base}/f"}}
      - c:
          set: {{x: "${{ .x }}"}}
          export: {{schema: {{document: {{$id: "{base}/", allOf: [{{$ref: g}}]}}}}}}
      - d: {{call: openapi, with: {{document: {{endpoint: "{base}/h"}}, operationId: o}}}}
    """
    checked = check(definition(tasks, more), "f.yaml", Catalog())
    refused = [each.path for each in checked.findings if each.code == "E158"]
    assert len(refused) == 5
    with pytest.raises(BlockingIOError):
        listener.accept()


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "[" * 100_000,
        "{a: " * 100_000,
        '{"a":' * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: " * 100_000,
        "&a " * 100_000,
        "!" * 100_000,
        "'" * 100_001,
        "%" * 100_000,
        "do:\n" + "- a: {set: {x: 1}, then: a}\n" * 3_000,
        HEAD + "do:\n" + "".join(f"- t{n}: {{set: {{x: 1}}, then: t{n}x}}\n" for n in range(500)),
        HEAD + f"do: [{'ab' * 200_000}: {{set: {{x: 1}}, then: {'ba' * 200_000}}}]",
        HEAD + "do: [" + "{a: {do: [" * 9 + "]}}" * 9 + "]",
        HEAD + "".join(f"k{n}: 1\n" for n in range(5_000)) + "do: []\n",
    ],
    ids=range(16),
)
def test_a_hostile_file_ends_in_findings(text: str) -> None:
    for file in ("f.yaml", "f.json"):
        checked = check(text, file, Catalog())
        assert checked.findings or checked.is_runnable
        assert all(len(each.message) + len(each.remedy) < 2_000 for each in checked.findings)
