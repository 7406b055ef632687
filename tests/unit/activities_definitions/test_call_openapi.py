"""Operations of OpenAPI documents: where parameters go, and what a wrong call says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from definition_calls import problem_of
from petstore import DOCUMENT, PETS, answer
from tenuto.activities.definitions import openapi_documents
from tenuto.activities.definitions.call_openapi import call_openapi
from tenuto.catalog.library.definitions.openapi import OpenApiCall
from tenuto.core.errors import DataError, TenutoError, TransientError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

Called = Callable[..., Any]
JSON = {"content-type": "application/json"}


class Api:
    """Serves a document at `/openapi`, and answers all else with what it was asked."""

    def __init__(self, document: Any, *, as_yaml: bool = False) -> None:
        written = yaml.safe_dump(document) if as_yaml else json.dumps(document)
        self.document = written.encode()
        self.asked: list[Received] = []

    def __call__(self, request: Received) -> Answer:
        if request.path == "/openapi":
            return Answer(body=self.document)
        self.asked.append(request)
        return Answer(headers=JSON, body=b'{"ok": true}')


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi_documents, "_kept", openapi_documents._Documents())


@pytest.fixture
def call(attempt: Any) -> Called:
    """What `call.openapi` gives: `call(server, "operation", {...})`."""

    def called(
        server: LoopbackServer,
        operation: str,
        parameters: Any = None,
        path: str = "/openapi",
        **fields: Any,
    ) -> Any:
        attempt.allow(server)
        wanted = {
            "document": {"endpoint": f"{server.url}{path}"},
            "operationId": operation,
            "parameters": parameters or {},
            **fields,
        }
        return attempt(call_openapi, OpenApiCall.model_validate(wanted)).root

    return called


def of_3(operation: Any, path: str = "/things", method: str = "get", **more: Any) -> Any:
    """An OpenAPI 3.1 document with one operation, `work`."""
    paths = {path: {method: {"operationId": "work", **operation}}}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def asked(document: Any, call: Called, parameters: Any = None, **how: Any) -> Received:
    """The one request that a call of `work` makes."""
    api = Api(document)
    with LoopbackServer(api) as server:
        call(server, "work", parameters, **how)
    (request,) = api.asked
    return request


def test_openapi_2_is_called_with_path_and_query_parameters(call: Called) -> None:
    local = DOCUMENT | {"host": None, "schemes": None}
    with LoopbackServer(
        lambda r: Answer(body=json.dumps(local).encode()) if "openapi" in r.path else answer(r)
    ) as server:
        assert call(server, "getPetById", {"petId": 1}) == PETS[1]
        assert call(server, "findPetsByStatus", {"status": ["available", "pending"]}) == [
            PETS[1],
            PETS[2],
        ]
        assert call(server, "addPet", {"body": {"name": "Rex"}}) == {"name": "Rex"}
        with pytest.raises(DataError) as missing:
            call(server, "getPetById", {"petId": 3})
    assert problem_of(missing.value)["status"] == 404


@pytest.mark.parametrize("as_yaml", [True, False])
def test_the_document_is_fetched_once_and_its_digest_beaten(
    as_yaml: bool, call: Called, attempt: Any
) -> None:
    api = Api(of_3({}), as_yaml=as_yaml)
    with LoopbackServer(api) as server:
        call(server, "work")
        call(server, "work")
        paths = [each.path for each in server.received]
    assert paths == ["/openapi", "/things", "/things"]
    (beat,) = attempt.beats[-1]
    assert beat["document"] == f"{server.url}/openapi"
    assert len(beat["sha256"]) == 64


@pytest.mark.parametrize(
    ("parameter", "value", "path"),
    [
        ({"in": "query"}, [1, 2], "/things?p=1&p=2"),
        ({"in": "query", "explode": False}, [1, 2], "/things?p=1%2C2"),
        ({"in": "query", "style": "spaceDelimited", "explode": False}, [1, 2], "/things?p=1+2"),
        ({"in": "query", "style": "pipeDelimited", "explode": False}, [1, 2], "/things?p=1%7C2"),
        ({"in": "query", "style": "deepObject"}, {"a": 1}, "/things?p%5Ba%5D=1"),
        ({"in": "query"}, {"a": 1, "b": "x"}, "/things?a=1&b=x"),
        ({"in": "query", "explode": False}, {"a": 1}, "/things?p=a%2C1"),
        ({"in": "query"}, "a&b c", "/things?p=a%26b+c"),
        ({"in": "query"}, True, "/things?p=true"),
        ({"in": "query", "content": {"application/json": {}}}, ["a"], "/things?p=%5B%22a%22%5D"),
        ({"in": "query"}, None, "/things"),
    ],
)  # fmt: skip
def test_a_query_parameter_is_written_in_its_style(
    parameter: Any, value: Any, path: str, call: Called
) -> None:
    document = of_3({"parameters": [{"name": "p", **parameter}]})
    assert asked(document, call, {"p": value}).path == path


@pytest.mark.parametrize(
    ("parameter", "value", "path"),
    [
        ({}, "a/b c?", "/things/a%2Fb%20c%3F"),
        ({}, [1, 2], "/things/1,2"),
        ({"explode": True}, {"a": 1, "b": 2}, "/things/a=1,b=2"),
        ({}, {"a": 1}, "/things/a,1"),
    ],
)
def test_a_path_parameter_stays_within_its_part_of_the_path(
    parameter: Any, value: Any, path: str, call: Called
) -> None:
    document = of_3({"parameters": [{"name": "p", "in": "path", **parameter}]}, "/things/{p}")
    assert asked(document, call, {"p": value}).path == path


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_parameter_does_not_lead_elsewhere(value: str, call: Called) -> None:
    document = of_3({"parameters": [{"name": "p", "in": "path"}]}, "/things/{p}/x")
    with LoopbackServer(Api(document)) as server, pytest.raises(TenutoError) as refused:
        call(server, "work", {"p": value})
    assert refused.value.code == "call.parameter-invalid"
    assert problem_of(refused.value)["type"] == "validation"


def test_headers_and_cookies(call: Called) -> None:
    parameters = [{"name": "X-A", "in": "header"}, {"name": "c", "in": "cookie"}]
    request = asked(of_3({"parameters": parameters}), call, {"X-A": [1, 2], "c": "a b;"})
    assert request.headers["x-a"] == "1,2"
    assert request.headers["cookie"] == "c=a%20b%3B"


@pytest.mark.parametrize(
    ("content", "body", "sent", "content_type"),
    [
        (["application/json"], {"a": 1}, b'{"a": 1}', "application/json"),
        (["text/plain", "application/vnd.x+json"], [1], b"[1]", "application/vnd.x+json"),
        (["application/json"], "text", b'"text"', "application/json"),
        (["application/x-www-form-urlencoded"], {"a": "b c"}, b"a=b+c", None),
        (["text/csv"], "a,b", b"a,b", "text/csv"),
    ],
)
def test_a_body_is_written_in_the_type_the_operation_takes(
    content: list[str], body: Any, sent: bytes, content_type: str | None, call: Called
) -> None:
    takes: dict[str, Any] = {"requestBody": {"content": {kind: {} for kind in content}}}
    request = asked(of_3(takes, method="post"), call, {"body": body})
    assert request.body == sent
    assert content_type in (None, request.headers["content-type"])


def test_a_body_of_another_type_is_refused(call: Called) -> None:
    takes: dict[str, Any] = {"requestBody": {"content": {"multipart/form-data": {}}}}
    with (
        LoopbackServer(Api(of_3(takes, method="post"))) as server,
        pytest.raises(TenutoError) as refused,
    ):
        call(server, "work", {"body": {"a": 1}})
    assert refused.value.code == "call.body-unsupported"


def test_references_within_the_document_are_followed(call: Called) -> None:
    components = {
        "parameters": {
            "a/b": {"$ref": "#/components/parameters/real"},
            "real": {"name": "p", "in": "query", "required": True},
        },
        "requestBodies": {"r": {"content": {"application/json": {}}}},
    }
    operation = {
        "parameters": [{"$ref": "#/components/parameters/a~1b"}],
        "requestBody": {"$ref": "#/components/requestBodies/r"},
    }
    document = of_3(operation, method="post", components=components)
    request = asked(document, call, {"p": 1, "body": {}})
    assert (request.path, request.body) == ("/things?p=1", b"{}")


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        (None, "/things"),
        ([{"url": "/v3/"}], "/v3/things"),
        ([{"url": "v3"}], "/v3/things"),
        ([{"url": "/{tier}/api", "variables": {"tier": {"default": "gold"}}}], "/gold/api/things"),
    ],
)
def test_servers_may_be_relative_to_the_document(servers: Any, path: str, call: Called) -> None:
    assert asked(of_3({}, **({"servers": servers} if servers else {})), call).path == path


def test_the_servers_of_an_operation_come_before_those_of_the_document(call: Called) -> None:
    document = of_3({"servers": [{"url": "/own"}]}, servers=[{"url": "/all"}])
    assert asked(document, call).path == "/own/things"


def test_authentication_and_output_are_as_of_http(call: Called) -> None:
    api = Api(of_3({}))
    with LoopbackServer(api) as server:
        response = call(
            server, "work", authentication={"bearer": {"token": "tok-1"}}, output="response"
        )
    assert api.asked[0].headers["authorization"] == "Bearer tok-1"
    assert "authorization" not in server.received[0].headers
    assert response["request"]["headers"]["authorization"] == "***"
    assert response["content"] == {"ok": True}


def test_a_post_of_an_operation_is_not_repeated(call: Called) -> None:
    document = of_3({}, method="post")

    def respond(request: Received) -> Answer:
        is_document = request.path == "/openapi"
        return Answer(body=json.dumps(document).encode()) if is_document else Answer(status=503)

    with LoopbackServer(respond) as server, pytest.raises(DataError) as failed:
        call(server, "work")
    assert failed.value.code == "call.not-repeated"


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "kind", "says"),
    [
        ("wrok", {}, "call.operation-unknown", "configuration", "`work`"),
        ("work", {"p": 1, "limt": 2}, "call.parameter-unknown", "configuration", "`limit`"),
        ("work", {}, "call.parameter-missing", "validation", "`p`"),
        ("work", {"p": None}, "call.parameter-missing", "validation", "`p`"),
        ("work", {"p": [[1]]}, "call.parameter-invalid", "validation", "`p`"),
    ],
)
def test_a_wrong_call_says_what_is_right(
    operation: str, parameters: Any, code: str, kind: str, says: str, call: Called
) -> None:
    declared = [
        {"name": "p", "in": "query", "required": True},
        {"name": "limit", "in": "query"},
    ]
    api = Api(of_3({"parameters": declared}))
    with LoopbackServer(api) as server, pytest.raises(TenutoError, match=says) as refused:
        call(server, operation, parameters)
    assert refused.value.code == code
    assert problem_of(refused.value)["type"] == kind
    assert not refused.value.is_retryable
    assert api.asked == []


@pytest.mark.parametrize(
    "document",
    [
        {"openapi": "4.0.0", "paths": {}},
        {"paths": {}},
        of_3({"parameters": [{"$ref": "https://elsewhere.example/p.json"}]}),
        of_3({"parameters": [{"$ref": "#/nowhere"}]}),
        of_3({"parameters": [{"$ref": "#/x"}]}, x={"$ref": "#/x"}),
        of_3({"parameters": [{"in": "query"}]}),
        of_3({"parameters": ["p"]}),
        [1],
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_used_is_a_configuration_problem(
    document: Any, call: Called
) -> None:
    api = Api(document)
    with LoopbackServer(api) as server, pytest.raises(TenutoError) as refused:
        call(server, "work")
    assert refused.value.code == "call.document-invalid"
    assert problem_of(refused.value)["type"] == "configuration"
    assert api.asked == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a: &b 1", "yaml.invalid"),
        (b"{not json", "http.not-json"),
        (b"\xff", "call.document-invalid"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(body: bytes, code: str, call: Called) -> None:
    with (
        LoopbackServer(lambda _: Answer(body=body)) as server,
        pytest.raises(TenutoError) as refused,
    ):
        call(server, "work")
    assert refused.value.code == code


def test_a_document_that_is_not_there_yet_is_asked_for_again(call: Called) -> None:
    with (
        LoopbackServer(lambda _: Answer(status=503)) as server,
        pytest.raises(TransientError) as failed,
    ):
        call(server, "work")
    assert problem_of(failed.value)["status"] == 503
