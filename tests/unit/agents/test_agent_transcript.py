"""What stands in a transcript's page, and what the demonstration makes of its lines."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.packs.agents.activities.write_transcript import write_agents_transcript
from tenuto.packs.agents.demo.told import tool_calls
from tenuto.packs.agents.handoffs import Happening, TranscriptRequest

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
HAPPENED: list[tuple[Any, dict[str, Any]]] = [
    ("call", {"tool": "notify_file", "arguments": {"name": "a"}}),
    ("decision", {"tool": "notify.file", "why": "it may", "answers": [{"policy": "f" * 64}]}),
    ("person", {"by": "u:ben", "decision": "edit", "comment": "not so"}),
    ("result", {"tool": "notify_file", "outcome": "success", "text": "done"}),
    ("call", {"tool": "notify_webhook", "arguments": {}}),
    ("decision", {"tool": "notify.webhook", "why": "no rule permits it"}),
    ("result", {"tool": "notify_webhook", "outcome": "denied", "text": "no rule permits it"}),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    store = open_store(str(tmp_path))
    use_store(store)
    yield store
    use_store(None)


def test_the_page_is_for_people_and_the_lines_have_everything(store: ArtifactStore) -> None:
    written = write_agents_transcript(
        TranscriptRequest(
            workflow_id="w",
            agent="a:clerk",
            happenings=tuple(Happening(at=AT, kind=kind, data=data) for kind, data in HAPPENED),
            turns=(),
        )
    )
    page = store.get_bytes(written.page).decode()
    lines = store.get_bytes(written.lines)
    assert "it may" in page
    assert "f" * 64 not in page
    assert b"f" * 64 in lines
    assert [(each["tool"], each["outcome"], each["why"]) for each in tool_calls(lines)] == [
        ("notify.file", "success", "u:ben changed it: not so"),
        ("notify.webhook", "denied", "no rule permits it"),
    ]
    assert len(lines.splitlines()) == len(HAPPENED)
    assert json.loads(lines.splitlines()[0])["arguments"] == {"name": "a"}
