"""The words of the specification's Gherkin dialect, and a few more in the same style."""

import base64
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from pydantic import JsonValue

from conformance.scenarios import Scenario, ScenarioStep
from conformance.world import World
from signed_words import decide
from task_desk import stands

Doing = Callable[..., Awaitable[None]]
_WORDS: list[tuple[re.Pattern[str], Doing]] = []


def says(pattern: str) -> Callable[[Doing], Doing]:
    """Declares what a step does whose text is `pattern`, with its groups as arguments."""

    def keep(doing: Doing) -> Doing:
        _WORDS.append((re.compile(pattern), doing))
        return doing

    return keep


async def play(scenario: Scenario, world: World) -> None:
    """Does every step of the scenario, in order."""
    for step in scenario.steps:
        matches = [
            (doing, found) for words, doing in _WORDS if (found := words.fullmatch(step.text))
        ]
        assert len(matches) == 1, f"{len(matches)} meanings of `{step.text}`"
        doing, found = matches[0]
        await doing(world, step, *found.groups())


@says("(?:given )?a workflow with definition:")
async def _definition(world: World, step: ScenarioStep) -> None:
    world.text = step.attached or ""


@says("(?:given )?the workflow input is:")
async def _input(world: World, step: ScenarioStep) -> None:
    world.input = step.value


@says("the workflow is executed")
async def _executed(world: World, step: ScenarioStep) -> None:
    await world.finish()


@says("the workflow should complete")
async def _completes(world: World, step: ScenarioStep) -> None:
    await _ended(world)
    assert world.status == "completed", world.error


@says("the workflow should complete with output:")
async def _completes_with(world: World, step: ScenarioStep) -> None:
    await _completes(world, step)
    assert world.output == step.value


@says("the workflow should fault")
async def _faults(world: World, step: ScenarioStep) -> None:
    await _ended(world)
    assert world.status == "faulted", world.output


@says("the workflow should fault with error:")
async def _faults_with(world: World, step: ScenarioStep) -> None:
    await _faults(world, step)
    expected = step.value
    assert isinstance(expected, dict)
    assert world.error is not None
    assert {name: world.error.get(name) for name in expected} == expected


@says("the workflow output should have properties (.+)")
async def _has_properties(world: World, step: ScenarioStep, names: str) -> None:
    for path in re.findall("'([^']+)'", names):
        at(world.output, path)


@says("the workflow output should have an? '([^']+)' property with value:")
async def _has_value(world: World, step: ScenarioStep, path: str) -> None:
    assert at(world.output, path) == step.value


@says(r"the workflow output should have an? '([^']+)' property containing (\d+) items?")
async def _has_items(world: World, step: ScenarioStep, path: str, count: str) -> None:
    found = at(world.output, path)
    assert isinstance(found, list | dict)
    assert len(found) == int(count)


@says(r"(\w+) should run first")
async def _runs_first(world: World, step: ScenarioStep, task: str) -> None:
    assert (await world.happened("started"))[0] == task


@says(r"(\w+) should run last")
async def _runs_last(world: World, step: ScenarioStep, task: str) -> None:
    assert (await world.happened("started"))[-1] == task


@says(r"(\w+) should run after (\w+)")
async def _runs_after(world: World, step: ScenarioStep, task: str, other: str) -> None:
    ran = await world.happened("started")
    assert ran.index(other) < ran.index(task)


@says(r"(\w+) should run before (\w+)")
async def _runs_before(world: World, step: ScenarioStep, task: str, other: str) -> None:
    await _runs_after(world, step, other, task)


@says(r"(\w+) should (complete|fault|be cancelled|be skipped|be retried)")
async def _task_ends(world: World, step: ScenarioStep, task: str, how: str) -> None:
    status = {
        "complete": "completed",
        "fault": "faulted",
        "be cancelled": "cancelled",
        "be skipped": "skipped",
        "be retried": "retried",
    }[how]
    assert task in await world.happened(status), await world.trace()


# --- beyond the kit: what our own scenarios need besides ---------------------------------------


@says(r"(\w+) should run (\d+) times?")
async def _runs_so_often(world: World, step: ScenarioStep, task: str, count: str) -> None:
    assert (await world.happened("started")).count(task) == int(count)


@says(r"(\w+) should not run")
async def _never_runs(world: World, step: ScenarioStep, task: str) -> None:
    assert task not in await world.happened("started")


@says("(?:given )?the deployed workflow:")
async def _deployed(world: World, step: ScenarioStep) -> None:
    world.deploy(step.attached or "")


@says("the workflow is started")
async def _started(world: World, step: ScenarioStep) -> None:
    await world.start()


@says("the workflow is cancelled")
async def _cancelled(world: World, step: ScenarioStep) -> None:
    assert world.handle is not None
    await world.handle.cancel()


@says("the workflow should be cancelled")
async def _ends_cancelled(world: World, step: ScenarioStep) -> None:
    await _ended(world)
    assert world.status == "cancelled", (world.status, world.output)


@says(r"the workflow waits in (\w+)")
async def _waits(world: World, step: ScenarioStep, task: str) -> None:
    await world.until_waiting(task)


@says("the workflow receives the event:")
async def _receives(world: World, step: ScenarioStep) -> None:
    assert world.handle is not None
    await world.handle.signal("event", step.value)


@says(r"(\w+) is decided with:")
async def _decided(world: World, step: ScenarioStep, task: str) -> None:
    assert world.handle is not None
    decision: Any = step.value
    named = f"task/{world.handle.id}/{task}"
    await stands(world.client, named, state="open")
    await decide(
        world.client,
        named,
        decision["decision"],
        as_=decision["by"],
        comment=decision.get("comment", ""),
    )


@says("(?:given )?the secret '([^']+)' is '([^']+)'")
async def _secret(world: World, step: ScenarioStep, name: str, value: str) -> None:
    world.environment.setenv(name, value)


@says("the history should not contain '([^']+)'")
async def _history_lacks(world: World, step: ScenarioStep, text: str) -> None:
    assert world.handle is not None
    history = await world.handle.fetch_history()
    told = [base64.b64decode(each) for each in re.findall(r'"data": ?"([^"]+)"', history.to_json())]
    assert told
    assert all(text.encode() not in each for each in told)


@says("the workflow should be scheduled with:")
async def _scheduled(world: World, step: ScenarioStep) -> None:
    schedule = (await world.schedule()).schedule
    told: dict[str, JsonValue] = {
        "every": [each.every.total_seconds() for each in schedule.spec.intervals],
        "calendars": len(schedule.spec.calendars),
        "timeZone": schedule.spec.time_zone_name or "UTC",
        "overlap": schedule.policy.overlap.name,
        "catchup": (schedule.policy.catchup_window or timedelta(0)).total_seconds(),
    }
    expected = step.value
    assert isinstance(expected, dict)
    assert {name: told[name] for name in expected} == expected


@says("the definition should be refused with (.+)")
async def _refused(world: World, step: ScenarioStep, codes: str) -> None:
    checked = world.check()
    assert not checked.is_runnable
    found = {each.code for each in checked.findings}
    assert set(re.findall("'([^']+)'", codes)) <= found, checked.findings


async def _ended(world: World) -> None:
    if world.status == "pending":
        await world.finish()


def at(value: JsonValue, path: str) -> Any:
    """The value at the dotted `path`; it must be there."""
    for name in path.split("."):
        assert isinstance(value, dict), f"no `{path}` in the output"
        assert name in value, f"no `{path}` in the output"
        value = value[name]
    return value
