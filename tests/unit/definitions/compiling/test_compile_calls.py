"""Calls: what they reach, with which options, and what becomes of secrets and addresses."""

from typing import Any

import pytest
from pydantic import JsonValue

from compiled_plans import plan_of
from tenuto.catalog.library.definitions.http import HttpCall
from tenuto.catalog.library.definitions.openapi import OpenApiCall
from tenuto.core.errors import UsageError
from tenuto.core.problem import Fault
from tenuto.definitions.expressions import evaluate_template
from tenuto.definitions.plan import (
    ApprovalTask,
    CallOptions,
    CallTask,
    ChildTask,
    EmitTask,
    RunTask,
    ServerRetry,
)


def call(function: str, **more: Any) -> Any:
    return plan_of({"t": {"call": function, **more}}).do[0]


@pytest.mark.parametrize(
    "function",
    ["prices.fetch_close", "prices.fetch_close:1.0.0@default", "prices.fetch_close@default"],
)
def test_an_activity_of_the_catalog_with_the_options_of_its_entry(function: str) -> None:
    task = call(function, **{"with": {"fund": "${ .fund }"}})
    assert isinstance(task, CallTask)
    assert (task.activity, task.function) == ("prices.fetch_close", function)
    assert task.arguments == {"fund": "${ .fund }"}
    assert task.options == CallOptions(
        queue="prices",
        start_to_close_s=180,
        schedule_to_close_s=3600,
        heartbeat_s=10,
        retry=ServerRetry(
            initial_s=2, backoff=2, maximum_s=20, attempts=7, non_retryable=("NoSuchFund",)
        ),
    )


def test_metadata_changes_what_it_names_and_nothing_else() -> None:
    temporal: JsonValue = {
        "taskQueue": "slow",
        "startToClose": {"minutes": 10},
        "scheduleToStart": "PT30S",
        "heartbeat": "PT1M30S",
        "retry": {"maximumAttempts": 1, "initialInterval": "PT0.5S"},
        "priority": 2,
        "local": True,
        "summary": "close",
    }
    task = call("prices.fetch_close", **{"with": {}, "metadata": {"temporal": temporal}})
    assert task.options == CallOptions(
        queue="slow",
        start_to_close_s=600,
        schedule_to_close_s=3600,
        schedule_to_start_s=30,
        heartbeat_s=90,
        retry=ServerRetry(
            initial_s=0.5, backoff=2, maximum_s=20, attempts=1, non_retryable=("NoSuchFund",)
        ),
        priority=2,
        is_local=True,
        summary="close",
    )


def test_a_local_activity_stays_local() -> None:
    assert call("prices.middle").options.is_local


def test_an_activity_in_another_language_is_called_as_it_is() -> None:
    temporal: JsonValue = {"activity": "PriceBook", "taskQueue": "go-workers"}
    task = call("price book", **{"with": {"a": [1]}, "metadata": {"temporal": temporal}})
    assert isinstance(task, CallTask)
    assert (task.function, task.activity, task.arguments) == ("price book", "PriceBook", {"a": [1]})
    assert task.options.queue == "go-workers"
    assert task.options.start_to_close_s is not None
    assert task.options.heartbeat_s is None


def test_an_activity_elsewhere_needs_a_queue() -> None:
    with pytest.raises(UsageError) as refused:
        call("x", metadata={"temporal": {"activity": "PriceBook"}})
    assert refused.value.code == "definition.no-task-queue"


def test_workflows_of_the_catalog_become_children() -> None:
    by_name = call("daily-nav", **{"with": {"fund": "DEMO"}})
    assert isinstance(by_name, ChildTask)
    assert by_name == call("daily-nav", **{"with": {"fund": "DEMO"}})
    assert by_name.type_name == call("DailyNav").type_name == "DailyNav"
    assert (by_name.queue, by_name.workflow_id) == ("nav", "nav/{fund}/{day}")
    assert by_name.execution_timeout_s == 8 * 3600
    assert by_name.spreads_fields is None
    assert call("old-report").spreads_fields == ("fund", "day")


def test_an_approval_is_a_task_of_its_own() -> None:
    task = call("human.approval:1.0.0@default", **{"with": {"title": "${ .t }"}})
    assert isinstance(task, ApprovalTask)
    assert task.arguments == {"title": "${ .t }"}


@pytest.mark.parametrize(
    "function",
    ["nobody", "prices.fetch_close:2.0.0", "prices.fetch_close@other", "https://e.example/f.yaml"],
)
def test_what_nobody_knows_is_refused(function: str) -> None:
    with pytest.raises(UsageError) as refused:
        call(function)
    assert refused.value.code == "definition.unknown-function"


def http(**arguments: Any) -> CallTask:
    task = call("http", **{"with": {"method": "get", **arguments}})
    assert isinstance(task, CallTask)
    assert task.activity == "call.http"
    return task


def test_an_endpoint_is_always_an_object() -> None:
    short, long = "https://e.example/a", {"uri": "https://e.example/a"}
    assert http(endpoint=short).arguments == http(endpoint=long).arguments
    task = http(endpoint="${ .next }", redirect=True)
    assert task.arguments == {"method": "get", "endpoint": {"uri": "${ .next }"}, "redirect": True}


def test_an_openapi_document_is_too() -> None:
    written: JsonValue = {
        "document": {"endpoint": "https://e.example/openapi.json"},
        "operationId": "list",
        "parameters": {"day": "${ .day }"},
    }
    task = call("openapi", **{"with": written})
    assert task.activity == "call.openapi"
    assert task.arguments["document"] == {"endpoint": {"uri": "https://e.example/openapi.json"}}
    OpenApiCall.model_validate(evaluate_template(task.arguments, {"day": "1"}, {}))


def address(uri: str, data: JsonValue) -> JsonValue:
    arguments = evaluate_template(http(endpoint=uri).arguments, data, {})
    return HttpCall.model_validate(arguments).endpoint.uri


@pytest.mark.parametrize(
    ("uri", "data", "filled"),
    [
        ("https://e.example/{id}", {"id": 7}, "https://e.example/7"),
        ("https://e.example/{id}/x", {"id": "a b/ü?&"}, "https://e.example/a%20b%2F%C3%BC%3F%26/x"),
        (
            "https://e.example/?q={pet.id}&r={ok}",
            {"pet.id": "..", "ok": True},
            "https://e.example/?q=..&r=true",
        ),
        ("https://e.example/plain", None, "https://e.example/plain"),
        ('https://e.example/"{a"b}', {'a"b': 1}, 'https://e.example/"1'),
    ],
)
def test_addresses_are_filled_from_the_input(uri: str, data: JsonValue, filled: str) -> None:
    assert address(uri, data) == filled


@pytest.mark.parametrize("wrong", [[], {}, "..", "."])
def test_an_address_never_leads_elsewhere(wrong: JsonValue) -> None:
    with pytest.raises(Fault, match="^`id` in the task's input has to be text ") as fault:
        address("https://e.example/pets/{id}", {"id": wrong})
    assert fault.value.problem.status == 400


@pytest.mark.parametrize("given", [{}, {"id": None}, None, "P1", [1]])
def test_an_address_says_what_it_needs_and_nothing_of_its_jq(given: JsonValue) -> None:
    with pytest.raises(Fault) as fault:
        address("https://e.example/pets/{id}", given)
    assert fault.value.problem.detail == (
        "`id` is missing in the task's input, which `https://e.example/pets/{id}` needs."
    )
    assert fault.value.problem.status == 400


AUTHENTICATIONS: JsonValue = {
    "desk": {"basic": {"username": "u", "password": "${ $secrets.DeskPw }"}}
}


@pytest.mark.parametrize("written", [{"use": "desk"}, "desk"])
def test_authentications_are_found_by_name_and_secrets_become_references(
    written: JsonValue,
) -> None:
    endpoint: JsonValue = {"uri": "https://e.example/", "authentication": written}
    body: JsonValue = {"call": "http", "with": {"method": "get", "endpoint": endpoint}}
    use: JsonValue = {"authentications": AUTHENTICATIONS, "secrets": ["DeskPw"]}
    task = plan_of({"t": body}, use=use).do[0]
    assert isinstance(task, CallTask)
    request = HttpCall.model_validate(task.arguments)
    assert request.secrets == ("/endpoint/authentication/basic/password",)
    assert request.endpoint.authentication is not None
    assert request.endpoint.authentication.basic is not None
    dumped = request.endpoint.authentication.basic.model_dump()
    assert dumped == {"username": "u", "password": "secret://env/DESKPW"}


@pytest.mark.parametrize(
    ("expression", "reference"),
    [
        ("$secrets.feed", "secret://env/FEED"),
        ("$secrets.feed.token", "secret://env/FEED_TOKEN"),
        ('$secrets["price-feed"]', "secret://env/PRICE_FEED"),
        (' $secrets."price-feed".key ', "secret://env/PRICE_FEED_KEY"),
    ],
)
def test_a_secret_as_a_whole_value_travels_as_a_reference(expression: str, reference: str) -> None:
    task = http(endpoint="https://e.example/", headers={"X-Key": "${" + expression + "}"})
    request = HttpCall.model_validate(task.arguments)
    assert request.headers == {"X-Key": reference}
    assert request.secrets == ("/headers/X-Key",)
    other = call("prices.fetch_close", **{"with": {"fund": "${" + expression + "}"}})
    assert other.arguments == {"fund": reference}


def test_text_that_comes_as_data_is_no_place_of_a_secret() -> None:
    task = http(endpoint="https://e.example/", headers={"X": "${ .header }"})
    arguments = evaluate_template(task.arguments, {"header": "secret://env/HOME"}, {})
    assert HttpCall.model_validate(arguments).secrets == ()


@pytest.mark.parametrize(
    "task",
    [
        {"set": {"a": "${ $secrets.feed }"}},
        {
            "call": "http",
            "with": {"method": "get", "endpoint": '${ "https://e/" + $secrets.feed }'},
        },
        {"wait": {"seconds": 1}, "output": {"as": "$secrets"}},
        {"wait": {"seconds": 1}, "if": "$secrets.feed == 1"},
    ],
)
def test_a_secret_anywhere_else_is_refused(task: JsonValue) -> None:
    with pytest.raises(UsageError) as refused:
        plan_of({"t": task})
    assert refused.value.code == "definition.secret-exposed"


def test_an_event_is_sent_by_the_activity_of_the_catalog() -> None:
    event: JsonValue = {"event": {"with": {"type": "a.b", "data": {"x": "${ .y }"}}}}
    task = plan_of({"t": {"emit": event}}).do[0]
    assert isinstance(task, EmitTask)
    assert (task.activity, task.options.queue) == ("events.publish", "definitions")
    data: JsonValue = {"x": "${ .y }"}
    assert task.event == {"type": "a.b", "data": data, "source": "/test/sample/1.0.0"}


def test_another_definition_is_a_child() -> None:
    workflow: JsonValue = {"namespace": "n", "name": "w", "version": "1.0.0", "input": {"a": 1}}
    task = plan_of({"t": {"run": {"workflow": workflow, "await": False}}}).do[0]
    assert isinstance(task, RunTask)
    assert (task.namespace, task.workflow, task.version) == ("n", "w", "1.0.0")
    assert (task.input, task.is_awaited, task.activity) == ({"a": 1}, False, "definitions.load")


def test_scripts_and_containers_are_refused() -> None:
    with pytest.raises(UsageError) as refused:
        plan_of({"t": {"run": {"shell": {"command": "true"}}}})
    assert refused.value.code == "definition.not-in-profile"
