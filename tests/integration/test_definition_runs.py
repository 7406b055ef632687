"""Definitions on the real engine: structure, errors, time, fresh histories, kills, and replays."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from definition_desk import start_worker as start_desk
from rehearsed_runs import HEAD
from run_endings import ended_cancelled, failure_of
from sample.marks import marked, marks, release
from sample.pack import pack as sample_pack
from sample.processes import StartWorker, WorkerProcess
from sample.servers import KillableServer
from tenuto.activities.definitions.pack import pack
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.plan import Plan
from tenuto.engine.bootstrap import SUBJECT
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.registration import load_catalog, load_registration
from tenuto.engine.replay import replay_history
from tenuto.testing import eventually
from tenuto.triggers.definitions import request_of
from tenuto.workflows.interpreter.entry import definition, found_by
from tenuto.workflows.interpreter.frames import Frame
from tenuto.workflows.interpreter.state import State

Run = WorkflowHandle[Any, Any]


# Not for the whole session: it serves tasks with keys of its own, which other modules do too.
@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(
    temporal_server: ServerInfo,
    client: Client,
    worker: WorkerProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[WorkerProcess]:
    """The interpreter's worker beside the sample pack's; no test kills them."""
    log = tmp_path_factory.mktemp("interpreter") / "worker.log"
    started = await start_desk(client, temporal_server.address, log)
    yield started
    await started.kill()


def plan_of(tasks: str, top: str = "") -> Plan:
    """With the sample pack's activities to call."""
    text = f"{HEAD}{top}\ndo:\n{indent(tasks, '  ')}"
    return compile_plan(read_yaml(text, "test.yaml"), load_catalog([sample_pack, pack]))


async def begin(
    client: Client, tasks: str, value: Any = None, *, top: str = "", **changes: Any
) -> Run:
    """A new run; `changes` are fields of its `DefinitionRun`."""
    plan = plan_of(tasks, top)
    request = request_of(plan, {} if value is None else value).model_copy(update=changes)
    return await client.start_workflow(
        definition.type_name,
        request,
        id=f"definition-{uuid.uuid4()}",
        task_queue=definition.queue,
        search_attributes=found_by(plan),
    )


async def result(run: Run, seconds: float = 60) -> Any:
    return await asyncio.wait_for(run.result(), seconds)


async def happened(run: Run, status: str) -> list[str]:
    trace = await run.query("trace")
    return [entry["name"] for entry in trace if entry["status"] == status]


def until_found(ask: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """`ask`, for `eventually`: a run that is not there yet is no error."""

    async def asked() -> None:
        try:
            await ask()
        except RPCError as missing:
            raise AssertionError(missing.message) from missing

    return asked


async def replays(run: Run, file: Path) -> None:
    """Fails unless today's interpreter takes the same steps again."""
    history = await run.fetch_history()
    file.write_text(history.to_json(), encoding="utf-8")
    verdict = await replay_history(file, load_registration([pack]))
    assert verdict.is_compatible, verdict.problem


async def scheduled(run: Run) -> list[tuple[str, str]]:
    """Id and activity type of every activity that was scheduled."""
    found = []
    async for event in run.fetch_history_events():
        told = event.activity_task_scheduled_event_attributes
        if told.activity_id:
            found.append((told.activity_id, told.activity_type.name))
    return found


EVERYTHING = """
- mark:
    call: sample.do_step
    with: {folder: "${ .folder }", step: first}
    metadata: {searchAttributes: {TenutoSubject: "${ .folder }"}}
    export: {as: "{first: $task.output.step}"}
    output: {as: "$workflow.input"}
- each:
    for: {each: name, in: "[\\"a\\", \\"b\\"]"}
    do:
      - step:
          call: sample.do_step
          with: {folder: "${ .folder }", step: "${ $name }"}
          output: {as: "$input + {seen: (($input.seen // []) + [.step])}"}
- both:
    fork:
      branches:
        - left:
            call: sample.do_step
            with: {folder: "${ .folder }", step: left}
            export: {as: "$context + {left: .step}"}
        - right:
            do:
              - pause: {wait: {milliseconds: 50}}
              - step:
                  call: sample.do_step
                  with: {folder: "${ .folder }", step: right}
                  export: {as: "$context + {right: .step}"}
    output: {as: "$input + {both: [.[].step]}"}
- choose:
    switch:
      - many: {when: (.seen | length) == 2, then: attempt}
- never: {raise: {error: {type: https://x.y/never, status: 500}}}
- attempt:
    try:
      - fails:
          call: sample.fail_at_first
          with: {folder: "${ .folder }", failures: 9, error: data}
    catch:
      errors: {with: {type: "https://serverlessworkflow.io/dsl/errors/types/runtime"}}
      do:
        - keep: {set: "${ . + {code: $error.code, where: $error.instance} }"}
- child:
    call: adding
    with: {numbers: [1, 2, 3]}
    output: {as: "$input + {sum: .total}"}
- finish: {set: "${ del(.folder) + {context: $context} }"}
"""


async def test_inv_18_structure_runs_inline_and_every_activity_can_be_read_in_the_history(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    run = await begin(client, EVERYTHING, {"folder": str(tmp_path)})
    assert await result(run) == {
        "seen": ["a", "b"],
        "both": ["left", "right"],
        "code": "sample.wrong",
        "where": "/do/5/attempt/try/0/fails",
        "sum": 6,
        "context": {"first": "first", "left": "left", "right": "right"},
    }
    assert [name for name, _ in await scheduled(run)] == [
        "do/0/mark",
        "do/1/each/do/0/step",
        "do/1/each/do/0/step#2",
        "do/2/both/fork/branches/0/left",
        "do/2/both/fork/branches/1/right/do/1/step",
        "do/5/attempt/try/0/fails",
    ]
    assert (await happened(run, "completed"))[-3:] == ["attempt", "child", "finish"]
    found = (await run.describe()).typed_search_attributes
    assert found[SUBJECT] == str(tmp_path)
    await replays(run, tmp_path / "history.json")


async def test_a_run_ends_with_the_problem_that_nothing_caught(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    tasks = "- a: {raise: {error: {type: https://x.y/z, status: 418, title: Odd, detail: No tea}}}"
    run = await begin(client, tasks)
    failed = await failure_of(run)
    assert (failed.type, failed.message) == ("https://x.y/z", "No tea (at /do/0/a)")
    assert failed.non_retryable
    assert failed.details[0] == {
        "type": "https://x.y/z",
        "status": 418,
        "title": "Odd",
        "detail": "No tea",
        "instance": "/do/0/a",
    }
    await replays(run, tmp_path / "history.json")


LOOP = """
- loop:
    for: {each: n, in: "[range(.n)]"}
    do:
      - step:
          call: sample.do_step
          with: {folder: "${ .folder }", step: "${ \\"step-\\\\($n)\\" }"}
          output: {as: "$input"}
          export: {as: "{done: (($context.done // 0) + 1)}"}
      - attempt:
          try: [{odd: {if: $n % 50 == 7, raise: {error: {type: https://x.y/z, status: 400}}}}]
          catch: {retry: {limit: {attempt: {count: 1}}}, do: [{note: {set: "${ . }"}}]}
- last: {listen: {to: {one: {with: {type: finish}}}}}
- finish: {set: {done: "${ $context.done }", event: "${ .[0] }", at: "${ $workflow.startedAt }"}}
"""


@pytest.mark.chaos
async def test_a_long_run_goes_on_with_fresh_histories_and_does_every_step_once(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    count = 200
    tasks = LOOP
    run = await begin(client, tasks, {"folder": str(tmp_path), "n": count}, most_events=150)
    started = (await run.describe()).start_time
    event = {"specversion": "1.0", "id": "1", "source": "/t", "type": "finish", "data": "early"}
    await run.signal("event", event)
    output = await result(run, 150)
    assert output["done"] == count
    assert output["event"] == "early"
    assert output["at"]["epoch"]["seconds"] == int(started.timestamp())
    assert [len(marks(tmp_path, f"step-{n}")) for n in range(count)] == [1] * count

    latest = client.get_workflow_handle(run.id)
    runs = {marks(tmp_path, f"step-{n}")[0].run for n in range(count)}
    assert len(runs) > count * 6 // 150 - 2
    trace = await latest.query("trace")
    assert trace[-1] == {"name": "finish", "at": "/do/2/finish", "status": "completed"}
    assert sum(e["name"] == "step" and e["status"] == "completed" for e in trace) > 100
    for run_id in (*runs, (await latest.describe()).run_id):
        one = client.get_workflow_handle(run.id, run_id=run_id)
        await replays(one, tmp_path / f"{run_id}.json")


HELD = """
- before:
    call: sample.do_step
    with: {folder: "${ .folder }", step: before}
    output: {as: $input}
- both:
    fork:
      branches:
        - held:
            call: sample.do_step
            with: {folder: "${ .folder }", step: held, is_held: true}
        - quick:
            call: sample.do_step
            with: {folder: "${ .folder }", step: quick}
    output: {as: $input}
- after:
    call: sample.do_step
    with: {folder: "${ .folder }", step: after}
"""


async def test_all_1_a_killed_worker_repeats_only_what_was_in_flight(
    own_server: KillableServer, own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    folder = tmp_path / "marks"
    folder.mkdir()
    activities = await start_worker()
    interpreter = await start_desk(own_client, own_server.address, tmp_path / "desk-0.log")
    run = await begin(own_client, HELD, {"folder": str(folder)})
    await eventually(marked(folder, "held"))
    await eventually(marked(folder, "quick"))
    await interpreter.kill()
    await activities.kill()
    release(folder, "held")
    await start_worker()
    interpreter = await start_desk(own_client, own_server.address, tmp_path / "desk-1.log")
    try:
        assert await result(run) == {"step": "after"}
        counts = {name: len(marks(folder, name)) for name in ("before", "held", "quick", "after")}
        assert counts == {"before": 1, "held": 2, "quick": 1, "after": 1}
        await replays(run, tmp_path / "history.json")
    finally:
        await interpreter.kill()


RETRIED = """
- attempt:
    try:
      - tried: {call: sample.do_step, with: {folder: "${ .folder }", step: tried}}
      - odd: {raise: {error: {type: https://x.y/odd, status: 503}}}
    catch:
      retry: {delay: {seconds: 4}, limit: {attempt: {count: 1}}}
      do: [{after: {call: sample.do_step, with: {folder: "${ .folder }", step: after}}}]
"""


@pytest.mark.chaos
async def test_all_1_workers_killed_in_the_wait_before_another_attempt(
    own_server: KillableServer, own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    folder = tmp_path / "marks"
    folder.mkdir()
    activities = await start_worker()
    interpreter = await start_desk(own_client, own_server.address, tmp_path / "desk-0.log")
    run = await begin(own_client, RETRIED, {"folder": str(folder)})

    async def kinds() -> list[str | None]:
        return [event.WhichOneof("attributes") async for event in run.fetch_history_events()]

    async def waits() -> None:
        assert "timer_started_event_attributes" in await kinds()

    await eventually(waits)
    await interpreter.kill()
    await activities.kill()
    assert "timer_fired_event_attributes" not in await kinds()
    assert len(marks(folder, "tried")) == 1
    await start_worker()
    interpreter = await start_desk(own_client, own_server.address, tmp_path / "desk-1.log")
    try:
        assert await result(run) == {"step": "after"}
        counts = {name: len(marks(folder, name)) for name in ("tried", "after")}
        assert counts == {"tried": 2, "after": 1}
        assert await happened(run, "retried") == ["attempt"]
        await replays(run, tmp_path / "history.json")
    finally:
        await interpreter.kill()


async def test_inv_17_a_failed_branch_cancels_the_others_and_waits_for_them(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    tasks = HELD.replace(
        'call: sample.do_step\n            with: {folder: "${ .folder }", step: quick}',
        "do:\n              - soon: {wait: {milliseconds: 300}}"
        "\n              - bad: {raise: {error: {type: https://x.y/bad, status: 400}}}",
    )
    run = await begin(client, tasks, {"folder": str(tmp_path)})
    failed = await failure_of(run)
    assert failed.type == "https://x.y/bad"
    assert await happened(run, "cancelled") == ["held"]
    states = [event.event_type async for event in run.fetch_history_events()]
    assert states[-1] == 3  # failed, and before it the activity was heard of once more
    names = [event.WhichOneof("attributes") async for event in run.fetch_history_events()]
    assert "activity_task_canceled_event_attributes" in names
    await replays(run, tmp_path / "history.json")


async def test_a_cancelled_run_cancels_its_branches_and_ends_cancelled(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    run = await begin(client, HELD, {"folder": str(tmp_path)})
    await eventually(marked(tmp_path, "held"))
    await eventually(marked(tmp_path, "quick"))
    assert (await run.query("state"))["position"] == ["/do/1/both"]
    assert "held" in [task["name"] for task in (await run.query("pending"))["tasks"]]
    await replays(run, tmp_path / "unfinished.json")
    await run.cancel()
    await ended_cancelled(run)
    assert await happened(run, "cancelled") == ["held", "both"]
    assert not marks(tmp_path, "after")
    await replays(run, tmp_path / "history.json")


async def test_a_cancelled_run_cancels_its_child_and_waits_for_it(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    tasks = """
- attempt:
    try: [{ask: {call: approval, with: {subject: order}}}]
    catch: {}
"""
    run = await begin(client, tasks)
    child = client.get_workflow_handle(f"{run.id}/do/0/attempt/try/0/ask")

    async def asks() -> None:
        assert (await child.describe()).status is WorkflowExecutionStatus.RUNNING

    await eventually(until_found(asks))
    await replays(run, tmp_path / "unfinished.json")
    await run.cancel()
    await ended_cancelled(run)
    await ended_cancelled(child)
    await replays(run, tmp_path / "history.json")


async def test_a_child_that_somebody_else_cancels_is_an_error_of_the_task(
    client: Client, desk: WorkerProcess
) -> None:
    run = await begin(client, "- ask: {call: approval, with: {subject: order}}")
    child = client.get_workflow_handle(f"{run.id}/do/0/ask")
    await eventually(until_found(child.cancel))
    failed = await failure_of(run)
    assert (failed.details[0]["status"], failed.details[0]["instance"]) == (500, "/do/0/ask")


async def test_the_runs_own_timeout_ends_it_with_408(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    run = await begin(client, "- long: {wait: PT1H}", top="timeout: {after: {milliseconds: 400}}")
    failed = await failure_of(run)
    assert (failed.details[0]["status"], failed.details[0]["instance"]) == (408, "/timeout")
    await replays(run, tmp_path / "history.json")


async def test_a_tasks_timeout_cancels_what_runs_inside_and_is_caught(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    tasks = """
- attempt:
    try:
      - block:
          timeout: {after: {milliseconds: 600}}
          do:
            - held:
                call: sample.do_step
                with: {folder: "${ .folder }", step: held, is_held: true}
    catch:
      do: [{got: {set: "${ $error }"}}]
"""
    run = await begin(client, tasks, {"folder": str(tmp_path)})
    error = await result(run)
    assert (error["status"], error["instance"]) == (408, "/do/0/attempt/try/0/block")
    assert await happened(run, "cancelled") == ["held"]
    await replays(run, tmp_path / "history.json")


async def test_a_timeout_of_the_engine_is_a_408_of_the_task(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    tasks = """
- slow:
    call: sample.exceed_start_to_close
    with: {folder: "${ .folder }", kind: start-to-close}
"""
    run = await begin(client, tasks, {"folder": str(tmp_path)})
    failed = await failure_of(run)
    release(tmp_path, "stalled")
    assert (failed.details[0]["status"], failed.details[0]["instance"]) == (408, "/do/0/slow")


async def test_of_competing_branches_the_first_wins_and_the_losers_are_gone(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    tasks = HELD.replace("fork:", "fork:\n      compete: true").replace(
        "    output: {as: $input}\n- after", "    output: {as: '$input + {won: .step}'}\n- after"
    )
    run = await begin(client, tasks, {"folder": str(tmp_path)})
    assert await result(run) == {"step": "after"}
    assert await happened(run, "cancelled") == ["held"]
    await replays(run, tmp_path / "history.json")


async def test_an_endless_circle_never_stops_the_worker_and_can_be_cancelled(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    run = await begin(client, "- again: {set: {n: '${ .n + 1 }'}, then: again}")

    async def breathes() -> None:
        kinds = [event.WhichOneof("attributes") async for event in run.fetch_history_events()]
        assert kinds.count("timer_fired_event_attributes") >= 3
        assert "workflow_task_failed_event_attributes" not in kinds
        assert "workflow_task_timed_out_event_attributes" not in kinds

    await eventually(breathes, timeout_s=60)
    await run.cancel()
    await ended_cancelled(run)


async def test_many_costly_expressions_never_stop_the_worker(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    tasks = """
- loop:
    for: {in: "[range(100)]"}
    do:
      - add: {set: {n: "${ (.n // 0) + ((reduce range(30000) as $i (0; . + 1))) }"}}
"""
    run = await begin(client, tasks)
    assert await result(run, 120) == {"n": 3_000_000}
    kinds = [event.WhichOneof("attributes") async for event in run.fetch_history_events()]
    assert "workflow_task_failed_event_attributes" not in kinds
    assert "workflow_task_timed_out_event_attributes" not in kinds
    await replays(run, tmp_path / "history.json")


async def test_a_defect_of_the_interpreter_ends_the_run_as_failed(
    client: Client, desk: WorkerProcess
) -> None:
    nowhere = State(
        frames=(Frame(data={}), Frame(data={})), started_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    run = await begin(client, "- a: {set: 1}", state=nowhere)
    failed = await failure_of(run)
    assert failed.details[0]["title"] == "Interpreter error"
