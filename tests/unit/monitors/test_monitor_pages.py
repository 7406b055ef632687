"""Pages as they are met: read, picked from, judged, and survived."""

import gzip
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenuto.activities.http_origins import use_origins
from tenuto.core.errors import DataError, TenutoError, UsageError
from tenuto.engine.settings import MonitorsSettings
from tenuto.packs.monitors.models import (
    CompareRequest,
    Finding,
    Judgement,
    JudgeRequest,
    LookRequest,
    ProviderConfig,
)
from tenuto.packs.monitors.providers import document, reading
from tenuto.packs.monitors.providers.charset import decoded
from tenuto.packs.monitors.providers.page import WebPage
from tenuto.packs.monitors.providers.page_options import Pick
from tenuto.packs.monitors.providers.registry import check_config
from tenuto.testing.loopback import Answer, LoopbackServer, Received

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SHOP = b"""<!doctype html><html><head><title>Kettles &amp; more</title>
<script type="application/ld+json">{"price": "9.99"}</script></head><body><nav>Home</nav>
<main><h1>Blue kettle</h1><p class="price">EUR 1,234.50</p><p class="stock">Yes</p>
<p>Launched on Sept 12, 2026 for all friends of tea and of long mornings in good company.</p>
<ul><li>one</li><li>two</li></ul></main></body></html>"""


class Web:
    """Pages by path; everything else is 404."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.url = ""

    def __call__(self, request: Received) -> Answer:
        return self.pages.get(request.path, Answer(status=404))

    def html(self, body: bytes, path: str = "/") -> str:
        self.pages[path] = Answer(headers={"content-type": "text/html"}, body=body)
        return self.url + path

    def json(self, value: Any, path: str = "/") -> str:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.pages[path] = Answer(headers={"content-type": "application/json"}, body=body)
        return self.url + path


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A web of one server, which this worker may reach."""
    pages = Web()
    with LoopbackServer(pages) as server:
        pages.url = server.url
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        yield pages


def config(url: str, **options: Any) -> ProviderConfig:
    return ProviderConfig(options={"url": url, **options})


async def look(given: ProviderConfig) -> Finding:
    asked = LookRequest(config=given, search_query="q", condition_description="c", checked_at=NOW)
    return await WebPage().search(asked)


async def judge(given: ProviderConfig, before: dict[str, Any] | None = None) -> Judgement:
    asked = JudgeRequest(
        config=given,
        search_query="q",
        condition_description="c",
        checked_at=NOW,
        finding=await look(given),
        before=before,
    )
    return await WebPage().judge(asked)


async def test_a_page_is_its_own_source(web: Web) -> None:
    finding = await look(config(web.html(SHOP)))
    (source,) = finding.sources
    assert (source.url, source.title) == (f"{web.url}/", "Kettles & more")
    assert "Blue kettle" in finding.answer
    assert finding.spent.calls == 0


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"kind": "contains", "text": "BLUE KETTLE"}, True),
        ({"kind": "contains", "text": "September 12th 2026"}, True),
        ({"kind": "not_contains", "text": "sold out"}, True),
        ({"kind": "contains", "text": "kettle", "selector": ".price"}, False),
        ({"kind": "matches", "regex": r"Launched on (\w+)"}, True),
        ({"kind": "matches", "regex": "Closed"}, False),
        ({"kind": "number", "selector": ".price", "compare": "<", "value": "1234.51"}, True),
        ({"kind": "number", "selector": ".price", "compare": "<", "value": "1234.50"}, False),
        ({"kind": "number", "selector": ".price", "compare": "==", "value": 1234.5}, True),
        ({"kind": "number", "selector": ".stock", "compare": "!=", "value": 1}, False),
        ({"kind": "number", "selector": ".gone", "compare": "!=", "value": 1}, False),
        ({"kind": "exists", "selector": ".price"}, True),
        ({"kind": "exists", "selector": ".gone"}, False),
        ({"kind": "count", "selector": "li", "compare": ">=", "value": 2}, True),
        ({"kind": "count", "selector": "li", "compare": ">", "value": 2}, False),
        ({"kind": "changed"}, False),
    ],
    ids=lambda case: None if isinstance(case, bool) else " ".join(map(str, case.values())),
)
async def test_tor_4_conditions_of_a_page(web: Web, condition: dict[str, Any], met: bool) -> None:
    page = config(web.html(SHOP), condition=condition, part={"selector": "h1"})
    judgement = await judge(page)
    assert judgement.condition_met is met
    assert judgement.explanation


async def test_tor_4_changed_is_never_met_at_the_first_check_and_then_only_by_a_change(
    web: Web,
) -> None:
    page = config(web.html(SHOP), condition={"kind": "changed"}, part={"selector": "main"})
    first = await judge(page)
    assert (first.condition_met, "first check" in first.explanation) == (False, True)
    assert not (await judge(page, first.state)).condition_met
    web.html(SHOP.replace(b"Blue", b"Red"))
    changed = await judge(page, first.state)
    assert changed.condition_met
    web.html(SHOP.replace(b"<h1>", b"<h1>  ").replace(b"Sept 12,", b"September 12"))
    assert not (await judge(page, first.state)).condition_met


async def test_tor_5_fields_are_read_by_type_and_a_value_gone_is_a_change(web: Web) -> None:
    fields = [
        {"name": "price", "type": "number", "selector": ".price"},
        {"name": "stock", "type": "bool", "selector": ".stock"},
        {"name": "launch", "type": "date", "regex": r"Launched on (\w+ \d+, \d+)"},
        {"name": "offer", "type": "string", "selector": "script[type='application/ld+json']"},
        {"name": "size", "type": "number", "selector": "h1"},
    ]
    page = config(web.html(SHOP), fields=fields)
    judgement = await judge(page)
    assert judgement.state == {
        "price": "1234.5",
        "stock": True,
        "launch": "2026-09-12",
        "offer": '{"price": "9.99"}',
        "size": None,
    }
    seen = await look(page)
    assert "Blue kettle" in str(seen.details["unread"])
    assert seen.answer.splitlines()[0] == "price: 1234.5"
    web.html(SHOP.replace(b'class="price"', b""))
    after = await judge(page)
    asked = CompareRequest(
        config=page,
        search_query="q",
        fields=after.fields,
        before=judgement.state,
        after=after.state,
    )
    compared = await WebPage().compare(asked)
    assert (compared.changed, compared.summary) == (True, "price: 1234.5 -> nothing")
    assert compared.state["price"] is None


async def test_json_is_read_by_path_and_numbers_stay_exact(web: Web) -> None:
    url = web.json(b'{"items": [{"p": 12345678901234567890.12}, {"p": 2}], "ok": true}')
    fields = [
        {"name": "first", "type": "number", "jsonpath": "$.items[0].p"},
        {"name": "ok", "type": "bool", "jsonpath": "$.ok"},
    ]
    condition = {"kind": "count", "jsonpath": "$.items[?@.p > 1]", "compare": "==", "value": 2}
    judgement = await judge(config(url, fields=fields, condition=condition))
    assert judgement.state == {"first": "12345678901234567890.12", "ok": True}
    assert judgement.condition_met


async def test_json_that_is_none_and_a_media_type_that_is_no_text_are_errors(web: Web) -> None:
    pick = {"condition": {"kind": "exists", "jsonpath": "$.a"}}
    with pytest.raises(UsageError, match="is not"):
        await look(config(web.json(b"{nope"), **pick))
    web.pages["/p"] = Answer(headers={"content-type": "application/pdf"}, body=b"%PDF")
    with pytest.raises(DataError) as refused:
        await look(config(f"{web.url}/p"))
    assert refused.value.code == "monitors.not-a-text"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), "text/html", "é"),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é"),
        ("€".encode("cp1252"), "text/html; charset=latin1", "€"),
        ("日本".encode("shift_jis"), "text/html; charset=Shift_JIS", "日本"),
        (b"<meta charset=windows-1251>" + "да".encode("cp1251"), "text/html", "да"),
        (b"\xef\xbb\xbfx", "text/html; charset=latin1", "x"),
        ("x".encode("utf-16"), "", "x"),
        (b"a\xffb", "text/html; charset=utf-8", "a\ufffdb"),
        (b"x", "text/html; charset=rot13", "x"),
        (b"x", "text/html; charset=punycode", "x"),
        (b"x", "text/html; charset=zlib", "x"),
        (b"x", "text/html; charset=no-such", "x"),
    ],
)
def test_charsets(body: bytes, content_type: str, text: str) -> None:
    assert decoded(body, content_type).endswith(text)


@settings(deadline=None)
@given(st.binary(max_size=500), st.text(max_size=60))
def test_any_bytes_become_a_text(body: bytes, said: str) -> None:
    decoded(body, f"text/html; charset={said}").encode()


@pytest.mark.attack
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://2130706433:1/",
        "http://0x7f.1:1/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://user@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
async def test_ssrf_a_page_on_a_private_address_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_HTTP_ALLOW", raising=False)
    with pytest.raises(UsageError) as refused:
        await look(config(url))
    assert refused.value.code in ("http.address-refused", "http.url-invalid")


@pytest.mark.attack
async def test_ssrf_a_redirect_to_a_private_address_is_refused(web: Web) -> None:
    web.pages["/"] = Answer(status=302, headers={"location": "http://169.254.169.254/"})
    with pytest.raises(UsageError) as refused:
        await look(config(f"{web.url}/"))
    assert refused.value.code == "http.address-refused"


@pytest.mark.attack
async def test_ssrf_an_origin_that_stands_in_is_judged_where_it_leads(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.html(SHOP)
    use_origins({"https://shop.example": web.url})
    try:
        part = {"selector": "h1"}
        assert "Blue" in (await look(config("https://shop.example/", part=part))).answer
        monkeypatch.delenv("TENUTO_HTTP_ALLOW")
        with pytest.raises(UsageError, match="not a public address"):
            await look(config("https://shop.example/"))
    finally:
        use_origins(None)


@pytest.mark.attack
async def test_a_response_bomb_is_cut_off(web: Web) -> None:
    bomb = gzip.compress(b"x" * 3_000_000)
    kind = {"content-type": "text/html", "content-encoding": "gzip"}
    web.pages["/"] = Answer(headers=kind, body=bomb)
    with pytest.raises(DataError) as refused:
        await look(config(f"{web.url}/", most_bytes=100_000))
    assert refused.value.code == "http.response-too-large"


def read(text: str, *picks: Pick, kind: str = "html", within_s: float = 2) -> document.Reading:
    fetched = document.Fetched("https://a.example", kind, text)
    return document.read(fetched, picks, readable=False, within=timedelta(seconds=within_s))


@pytest.mark.attack
@pytest.mark.parametrize(
    ("kind", "text", "pick"),
    [
        ("html", "<div>" * 100_000, Pick(selector="p")),
        ("html", "<div>" * 100 + "<i>x</i>", Pick(selector="b * * * * * * i")),
        ("text", "a" * 40, Pick(regex="(a+)+$b")),
        ("json", "[" * 900 + "]" * 900, Pick(jsonpath="$" + "..*" * 8)),
    ],
    ids=["nesting", "selector", "pattern", "path"],
)
def test_what_would_hang_a_worker_is_ended(kind: str, text: str, pick: Pick) -> None:
    begun = time.monotonic()
    with pytest.raises(TenutoError) as ended:
        read(text, pick, kind=kind, within_s=1.5)
    assert ended.value.code in ("monitors.page-unreadable", "monitors.selector-invalid")
    assert time.monotonic() - begun < 10


@pytest.mark.attack
def test_the_reader_sees_nothing_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "loopback-key-0123456789")
    seen: dict[str, Any] = {}

    def run(*_: Any, **given: Any) -> Any:
        seen.update(given)
        return real(*_, **given)

    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", run)
    assert read("<p>x", Pick(selector="p")).picked[0].first == "x"
    assert set(seen["env"]) == {"PYTHONPATH", "PYTHONUTF8"}


_TAGS = st.sampled_from(
    ["div", "p", "table", "tr", "td", "a", "b", "svg", "script", "template", "select", "li", "form"]
)
_PIECES = st.one_of(
    st.text(max_size=20),
    _TAGS.map(lambda tag: f"<{tag}>"),
    _TAGS.map(lambda tag: f"</{tag}>"),
    st.sampled_from(
        ["<!--", "-->", "<![CDATA[", "&#0;", "&#x110000;", "<title>", "\x00", "<", "]]>"]
    ),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=40).map("".join), st.booleans())
def test_no_html_breaks_the_reader(html: str, is_readable: bool) -> None:
    picks = [{"selector": "p, td"}, {"regex": r"\w+"}]
    job = {"kind": "html", "text": html, "picks": picks, "readable": is_readable, "most": 1_000}
    answer = json.loads(json.dumps(reading.read(job)))
    assert len(answer["picked"]) == 2
    assert len(answer["text"]) <= 1_000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "url"),
        ({"url": "https://a.example", "fields": [{"name": "x"}]}, "needs a `selector`"),
        ({"url": "https://a.example", "part": {"selector": "p", "regex": "x"}}, "keep one"),
        ({"url": "https://a.example", "condition": {"kind": "number", "selector": "p"}}, "value"),
        ({"url": "https://a.example", "condition": {"kind": "is"}}, "condition"),
        ({"url": "https://a.example", "selektor": "p"}, "selektor"),
    ],
)
def test_options_that_cannot_be_used_are_refused_by_name(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        check_config(ProviderConfig(options=options), MonitorsSettings())
    assert refused.value.code == "monitors.options-invalid"


@pytest.mark.parametrize("pick", [{"selector": "]["}, {"regex": "("}, {"jsonpath": "$["}])
def test_a_selector_that_is_none_is_refused_when_the_monitor_is_written(
    pick: dict[str, str],
) -> None:
    given = config("https://a.example", condition={"kind": "exists", **pick})
    with pytest.raises(UsageError) as refused:
        check_config(given, MonitorsSettings())
    assert refused.value.code == "monitors.selector-invalid"


@pytest.mark.parametrize(
    ("provider", "model", "setting", "code"),
    [
        ("google", "", "", "monitors.no-model"),
        ("search", "", "", "monitors.no-model"),
        ("google", "", "openai:gpt-5-mini", "monitors.no-model"),
        ("google", "openai:gpt-5-mini", "", "monitors.model-unknown"),
        ("search", "mistral:large", "", "monitors.model-unknown"),
        ("bing", "x", "", "monitors.provider-unknown"),
    ],
)
def test_a_model_that_nobody_has_is_refused_when_the_monitor_is_written(
    provider: str, model: str, setting: str, code: str
) -> None:
    given = ProviderConfig(provider=provider, model=model)
    with pytest.raises(UsageError) as refused:
        check_config(given, MonitorsSettings(model=setting))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("provider", "model", "setting"),
    [
        ("google", "gemini-2.5-flash", ""),
        ("search", "", "openai:gpt-5-mini"),
        ("search", "google:gemini-2.5-flash", "openai:gpt-5-mini"),
        ("anthropic", "anthropic:claude-sonnet-5", ""),
    ],
)
def test_one_setting_names_provider_and_model(provider: str, model: str, setting: str) -> None:
    check_config(ProviderConfig(provider=provider, model=model), MonitorsSettings(model=setting))


@pytest.mark.attack
async def test_ssrf_a_name_that_stands_for_a_private_address_among_others_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def rebinding(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("93.184.216.34", "127.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with pytest.raises(UsageError) as refused:
        await look(config("https://rebinding.example/"))
    assert refused.value.code == "http.address-refused"
