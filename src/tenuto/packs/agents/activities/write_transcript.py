"""`agents.write_transcript`: what an agent said, called, and was told, to keep and to read."""

import json
from collections.abc import Iterator

from pydantic import JsonValue

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.agents.activities.masking import masked, masks_for
from tenuto.packs.agents.catalog import write_transcript
from tenuto.packs.agents.handoffs import Happening, TranscriptRequest
from tenuto.packs.agents.models import Transcript

_TITLES = {
    "task": "Task",
    "model": "Model",
    "call": "Tool call",
    "mistake": "Mistake",
    "decision": "Decision",
    "person": "Person",
    "result": "Tool result",
    "end": "End",
}
_LONGEST_SHOWN = 8_000
_FOR_PROGRAMS = ("answers",)
"""What policy answered to each question, with its hashes: in the lines, not on the page."""


@implements(write_transcript)
def write_agents_transcript(request: TranscriptRequest) -> Transcript:
    """Both forms in the store, without any secret of this worker."""
    everything = request.model_dump_json()
    masks = masks_for(everything)
    lines = [
        {"at": each.at.isoformat(), "kind": each.kind, **_data(masked(each.data, masks))}
        for each in request.happenings
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    page = masks.text("\n".join(_page(request)))
    store = current_store()
    return Transcript(
        lines=store.put_bytes(
            text.encode(), name="transcript.jsonl", media_type="application/jsonl"
        ),
        page=store.put_bytes(page.encode(), name="transcript.md", media_type="text/markdown"),
    )


def _page(request: TranscriptRequest) -> Iterator[str]:
    yield f"# {request.agent}\n"
    calls = len(request.turns)
    yield f"Run `{request.workflow_id}`, {calls} model call{'' if calls == 1 else 's'}.\n"
    for each in request.happenings:
        yield f"## {each.at:%H:%M:%S} {_TITLES[each.kind]}\n"
        yield from _lines(each)


def _lines(happening: Happening) -> Iterator[str]:
    for name, value in happening.data.items():
        if value in (None, "", [], {}) or name in _FOR_PROGRAMS:
            continue
        if name in ("text", "answer") and isinstance(value, str):
            yield "\n".join(f"> {line}" for line in _cut(value).splitlines()) + "\n"
        else:
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield f"* {name}: {_cut(shown)}"
    yield ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} ... (cut)"


def _data(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
