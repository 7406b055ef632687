"""Runs of definitions that are recorded: a task of every kind, and a loop over histories."""

from pathlib import Path

from temporalio.client import Client

from signed_words import decide
from task_desk import stands
from tenuto.activities.definitions.pack import pack
from tenuto.artifacts.store import open_store
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.library import DefinitionLibrary
from tenuto.definitions.plan import Plan
from tenuto.engine.registration import load_catalog
from tenuto.triggers.definitions import request_of
from tenuto.triggers.start import Handle
from tenuto.workflows.interpreter.entry import definition

_OTHER = """
document: { dsl: '1.0.3', namespace: recorded, name: doubling, version: '1.0.0' }
do:
  - double: { set: { number: '${ .number * 2 }' } }
"""

_EVERY_KIND = """
document: { dsl: '1.0.3', namespace: recorded, name: every-kind, version: '1.0.0' }
input:
  schema: { document: { type: object, required: [ numbers ] } }
timeout: { after: { hours: 1 } }
use:
  retries:
    twice:
      delay: { milliseconds: 10 }
      backoff: { exponential: {} }
      limit: { attempt: { count: 2 } }
do:
  - begin:
      set: { sum: 0, numbers: '${ .numbers }' }
      export: { as: '{ started: $workflow.startedAt.iso8601 }' }
      metadata: { searchAttributes: { TenutoSubject: recorded } }
  - addAll:
      for: { each: number, in: .numbers }
      while: .sum < 100
      do:
        - add: { set: { sum: '${ .sum + $number }' } }
        - pause: { wait: { milliseconds: 5 } }
  - route:
      switch:
        - small: { when: .sum < 10, then: both }
        - large: { then: end }
  - never: { set: {} }
  - both:
      fork:
        branches:
          - other:
              run:
                workflow:
                  namespace: recorded
                  name: doubling
                  version: latest
                  input: { number: '${ .sum }' }
          - tell:
              emit:
                event:
                  with:
                    type: com.example.recorded
                    source: recorded
                    data: { sum: '${ .sum }' }
              output: { as: '{ type: .type }' }
  - race:
      fork:
        compete: true
        branches:
          - slow: { wait: PT10M }
          - quick: { wait: { milliseconds: 5 } }
      output: { as: . }
  - refused:
      try:
        - ask: { call: policy.check, with: { action: release, resource: report } }
      catch:
        errors: { with: { status: 403 } }
        retry: twice
        do:
          - noted: { set: { refused: '${ $error.status }' } }
      export: { as: '$context + { refused: .refused }' }
  - tooSlow:
      try:
        - slower: { wait: PT10M, timeout: { after: { milliseconds: 20 } } }
      catch:
        errors:
          with: { type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout }
  - sign:
      call: human.approval
      with: { title: Release, approvers: [ 'u:ann' ], timeout: PT1H }
      export: { as: '$context + { decision: .decision }' }
  - confirmed:
      listen: { to: { one: { with: { type: com.example.confirmed } } } }
  - skipped: { if: 'false', wait: PT10M }
  - last:
      raise:
        error: { type: 'https://example.com/errors/done', status: 418, title: Done }
"""

_MANY_HISTORIES = """
document: { dsl: '1.0.3', namespace: recorded, name: many-histories, version: '1.0.0' }
do:
  - count:
      for: { each: n, in: '[range(30)]' }
      do:
        - maybe:
            try:
              - wait: { wait: { milliseconds: 5 } }
              - odd:
                  if: $n % 2 == 1
                  raise: { error: { type: 'https://example.com/odd', status: 400 } }
            catch: { as: odd, do: [ { noted: { set: { last: '${ $n }' } } } ] }
"""


async def every_kind(client: Client, folder: Path) -> Handle:
    """A task of every kind, ending with a fault."""
    library = DefinitionLibrary(open_store(f"{folder}/artifacts"))
    value = read_yaml(_OTHER, "doubling.yaml")
    library.deploy(_OTHER, value, _plan(_OTHER))
    run = await _start(client, _EVERY_KIND, {"numbers": [1, 2, 3]})

    task = f"task/{run.id}/sign"
    await stands(client, task, state="open")
    await decide(client, task, as_="u:ann")
    event = {"specversion": "1.0", "id": "1", "source": "recorded", "type": "com.example.confirmed"}
    await run.signal("event", event)
    return run


async def many_histories(client: Client, folder: Path) -> Handle:
    """A loop with errors that goes on in new runs; recorded is the first."""
    return await _start(client, _MANY_HISTORIES, {}, most_events=60)


def _plan(text: str) -> Plan:
    return compile_plan(read_yaml(text, "recorded.yaml"), load_catalog([pack]))


async def _start(
    client: Client, text: str, value: dict[str, list[int]], most_events: int | None = None
) -> Handle:
    request = request_of(_plan(text), value)  # type: ignore[arg-type]
    if most_events is not None:
        request = request.model_copy(update={"most_events": most_events})
    started = await client.start_workflow(
        definition.type_name, request, id="recorded", task_queue=definition.queue
    )
    return client.get_workflow_handle(started.id, run_id=started.first_execution_run_id)
