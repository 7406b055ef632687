"""Providers of models on this machine: they speak the wire formats of Google, OpenAI, Anthropic.

A test says what the provider answers; the clients are the real ones.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tenuto.testing.loopback import Answer, Received

REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/"
ORIGINS = (
    "https://generativelanguage.googleapis.com",
    "https://api.openai.com",
    "https://api.anthropic.com",
    "https://vertexaisearch.cloud.google.com",
    "https://news.example",
)

Page = tuple[str, str]
"""URL and title."""
Said = dict[str, Any]


@dataclass
class Models:
    """Answers in order; the last one stays."""

    answers: list[Answer] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    """Path -> where it redirects to."""
    asked: list[Received] = field(default_factory=list)
    hopped: list[Received] = field(default_factory=list)

    def __call__(self, request: Received) -> Answer:
        if request.method == "HEAD":
            self.hopped.append(request)
            there = self.redirects.get(request.path)
            return Answer(status=302, headers={"location": there}) if there else Answer()
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def bodies(self) -> list[Any]:
        """What models were asked, parsed."""
        return [json.loads(each.body) for each in self.asked]


def answered(body: Any, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    told = {"content-type": "application/json", **headers}
    return Answer(status=status, headers=told, body=json.dumps(body).encode())


def google_text(text: str, *pages: Page, supported: bool = True) -> Answer:
    """Gemini's answer, grounded on `pages`."""
    chunks = [{"web": {"uri": url, "title": title}} for url, title in pages]
    support = {
        "segment": {"startIndex": 0, "endIndex": len(text.encode()), "text": text},
        "groundingChunkIndices": list(range(len(pages))),
    }
    grounding: Said = {"webSearchQueries": ["kettle"], "groundingChunks": chunks}
    if pages and supported:
        grounding["groundingSupports"] = [support]
    return _google({"text": text}, {"groundingMetadata": grounding} if pages else {})


def google_form(filled: Any) -> Answer:
    """Gemini's answer in a form."""
    return _google({"functionCall": {"name": "answer", "args": filled}}, {})


def google_blocked() -> Answer:
    """Gemini refuses the prompt."""
    return answered({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **_GOOGLE_USAGE})


_GOOGLE_USAGE = {
    "usageMetadata": {
        "promptTokenCount": 1000,
        "candidatesTokenCount": 100,
        "totalTokenCount": 1100,
    },
    "modelVersion": "gemini-2.5-flash",
}


def _google(part: Said, more: Said) -> Answer:
    content = {"role": "model", "parts": [part]}
    candidate = {"index": 0, "finishReason": "STOP", "content": content, **more}
    return answered({"candidates": [candidate], **_GOOGLE_USAGE})


def openai_text(text: str, *pages: Page) -> Answer:
    """OpenAI's answer, citing `pages`."""
    annotations = [
        {
            "type": "url_citation",
            "start_index": 0,
            "end_index": len(text),
            "url": url,
            "title": title,
        }
        for url, title in pages
    ]
    search = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "kettle"},
    }
    message = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": annotations}],
    }
    return _openai(search, message)


def openai_form(filled: Any) -> Answer:
    """OpenAI's answer in a form."""
    arguments = filled if isinstance(filled, str) else json.dumps(filled)
    call = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "answer",
        "arguments": arguments,
        "status": "completed",
    }
    return _openai(call)


def _openai(*output: Said) -> Answer:
    return answered(
        {
            "id": "resp_1",
            "object": "response",
            "created_at": 1_750_000_000,
            "model": "gpt-5-mini",
            "status": "completed",
            "output": list(output),
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": 1000,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 100,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 1100,
            },
        }
    )


def anthropic_text(text: str, *pages: Page) -> Answer:
    """Claude's answer, citing `pages`."""
    results = [
        {
            "type": "web_search_result",
            "url": url,
            "title": title,
            "encrypted_content": "x",
            "page_age": None,
        }
        for url, title in pages
    ]
    citations = [
        {
            "type": "web_search_result_location",
            "url": url,
            "title": title,
            "encrypted_index": "x",
            "cited_text": "said there",
        }
        for url, title in pages
    ]
    return _anthropic(
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": results},
        {"type": "text", "text": text, "citations": citations or None},
    )


def anthropic_form(filled: Any) -> Answer:
    """Claude's answer in a form."""
    return _anthropic({"type": "tool_use", "id": "toolu_1", "name": "answer", "input": filled})


def _anthropic(*content: Said) -> Answer:
    return answered(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-5",
            "content": list(content),
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 1000, "output_tokens": 100},
        }
    )


@dataclass(frozen=True)
class Wire:
    """How one provider answers."""

    provider: str
    model: str
    text: Callable[..., Answer]
    form: Callable[[Any], Answer]


WIRES = {
    "google": Wire("google", "gemini-2.5-flash", google_text, google_form),
    "openai": Wire("openai", "gpt-5-mini", openai_text, openai_form),
    "anthropic": Wire("anthropic", "claude-sonnet-5", anthropic_text, anthropic_form),
}


def first_verdict(
    *, met: bool = False, status: str = "expected", launch: str | None = None
) -> Said:
    """The form of a first check, filled in."""

    def chosen(name: str, kind: str, value: str | None, *options: str) -> Said:
        return {
            "name": name,
            "type": kind,
            "description": "",
            "options": list(options),
            "value": value,
        }

    return {
        "condition_met": met,
        "explanation": "The answer says so.",
        "fields": [
            chosen("status", "enum", status, "expected", "announced"),
            chosen("launch", "date", launch),
            chosen("remarks", "string", "A kettle."),
        ],
    }


def verdict(*, met: bool = False, **values: str | None) -> Said:
    """The form of later checks, filled in."""
    return {
        "condition_met": met,
        "explanation": "The answer says so.",
        "values": [{"name": name, "value": value} for name, value in values.items()],
    }
