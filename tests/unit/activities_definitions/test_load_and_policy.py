"""Loading another definition's plan, asking a policy that is not there, and the pack of it all."""

from pathlib import Path
from typing import Any

import pytest
from temporalio import activity

from definition_calls import problem_of
from tenuto.activities.definitions.check_policy import check_policy
from tenuto.activities.definitions.load_definition import load
from tenuto.activities.definitions.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.definitions.loading import LoadRequest
from tenuto.catalog.library.definitions.policy import PolicyCheckRequest
from tenuto.core.errors import NotFoundError, PolicyDenied, UsageError
from tenuto.definitions.digest import digest_of
from tenuto.definitions.library import DefinitionLibrary
from tenuto.definitions.plan import Head, Plan, SetTask
from tenuto.engine.registration import load_registration


@pytest.fixture
def library(tmp_path: Path) -> Any:
    """A library with two versions of one definition."""
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    library = DefinitionLibrary(store)
    for version in ("1.9.0", "1.10.0"):
        library.deploy(f"# {version}", {"version": version}, plan(version))
    yield library
    use_store(None)


def plan(version: str) -> Plan:
    task = SetTask(name="mark", at="/do/0/mark", value={"version": version})
    head = Head(dsl="1.0.3", namespace="desk", name="orders", version=version)
    return Plan(head=head, do=(task,))


@pytest.mark.parametrize(
    ("wanted", "found"), [("1.9.0", "1.9.0"), ("1.10.0", "1.10.0"), ("latest", "1.10.0")]
)
def test_a_plan_comes_as_it_was_deployed(
    wanted: str, found: str, library: DefinitionLibrary, attempt: Any
) -> None:
    loaded = attempt(load, LoadRequest(namespace="desk", name="orders", version=wanted))
    assert loaded.version == found
    assert loaded.digest == digest_of(plan(found))
    assert Plan.model_validate(loaded.plan) == plan(found)


@pytest.mark.parametrize(
    ("name", "version"), [("order", "latest"), ("orders", "1.11.0"), ("orders", "1.9")]
)
def test_what_is_not_deployed_names_what_is_near(
    name: str, version: str, library: DefinitionLibrary, attempt: Any
) -> None:
    with pytest.raises(NotFoundError, match=r"desk/orders:1\.") as missing:
        attempt(load, LoadRequest(namespace="desk", name=name, version=version))
    assert missing.value.code == "definition.not-deployed"
    problem = problem_of(missing.value)
    assert (problem["type"], problem["status"]) == ("configuration", 404)


def test_without_a_store_it_is_a_configuration_problem(
    attempt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_ARTIFACTS", raising=False)
    with pytest.raises(UsageError) as refused:
        attempt(load, LoadRequest(namespace="desk", name="orders"))
    assert problem_of(refused.value)["type"] == "configuration"


def test_policy_fails_closed(attempt: Any) -> None:
    with pytest.raises(PolicyDenied) as denied:
        attempt(check_policy, PolicyCheckRequest(action="payment.release", principal="ann"))
    assert not denied.value.is_retryable
    problem = problem_of(denied.value)
    assert (problem["type"], problem["status"]) == ("authorization", 403)
    assert "payment.release" in problem["detail"]


def test_the_pack_registers_every_body_on_its_queue() -> None:
    queues = load_registration([pack]).queues
    names = {
        queue: sorted(_name(body) for body in code.activities) for queue, code in queues.items()
    }
    assert names == {
        "integration": ["call.http", "call.openapi"],
        "definitions": ["definitions.load", "events.publish", "policy.check"],
    }
    assert [each.__name__ for each in queues["definitions"].workflows] == ["RunDefinition"]


def _name(body: Any) -> str:
    return activity._Definition.must_from_callable(body).name or ""
