"""`tenuto demo definition`: check a draft, then plan, deploy, and run the corrected definition."""

import asyncio
from typing import Any

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.whole import check
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.digest import digest_of
from tenuto.definitions.findings import Finding, InvalidDefinition, Severity
from tenuto.definitions.graph.svg import svg
from tenuto.definitions.library import DefinitionLibrary, Deployed
from tenuto.packs.definitions.demo.files import DemoFiles, write_files, write_version
from tenuto.packs.definitions.demo.page import draw_demo
from tenuto.packs.definitions.demo.people import APPROVER, REQUESTER, confirm, decide
from tenuto.packs.definitions.demo.rates import FAILURES, rates_service
from tenuto.packs.definitions.demo.workplace import definitions_catalog, http_worker
from tenuto.triggers.demo import Played, Stage
from tenuto.workflows.interpreter.entry import name_of

PORTFOLIO = "GLOBAL"


async def play(stage: Stage) -> Played:
    """One definition from its first draft to its end: findings, graph, run, trace, output.

    As promised when every mistake of the draft was found, the corrected definition has no
    finding, the service's failures were retried, the requester could not approve, and the notice
    is in the outbox.
    """
    files = await asyncio.to_thread(write_files, stage.folder)
    catalog = definitions_catalog()
    findings = _check_draft(files, catalog, stage)
    deployed = await asyncio.to_thread(_deploy, files, catalog, stage)
    record = await _run(deployed, files, stage)
    notice = stage.folder / "outbox" / PORTFOLIO / "message.txt"
    record |= {
        "findings": [each.model_dump(mode="json") for each in findings],
        "mistakes": files.mistakes,
        "definition": str(files.definition),
        "graph": str(files.graph),
        "digest": deployed.digest,
        "notice": notice.read_text("utf-8") if notice.is_file() else None,
    }
    record["is_as_promised"] = _is_as_promised(record)
    return Played(
        record=record,
        draw=lambda console: draw_demo(console, record),
        is_as_promised=record["is_as_promised"],
    )


def _check_draft(files: DemoFiles, catalog: Catalog, stage: Stage) -> tuple[Finding, ...]:
    stage.say(f"Checking {files.draft.name}:")
    found = check(files.draft.read_bytes(), files.draft.name, catalog).findings
    for each in found:
        stage.say(f"  {each}")
    return found


def _deploy(files: DemoFiles, catalog: Catalog, stage: Stage) -> Deployed:
    """Nothing is deployed with a finding. A release of Tenuto may compile the definition to
    another plan; it is then the next version, since a version never changes what it means."""
    library = DefinitionLibrary(stage.store)
    patch = 0
    while True:
        text = write_version(files, f"1.0.{patch}")
        checked = check(text, files.definition.name, catalog)
        if checked.loaded is None or checked.findings:
            raise InvalidDefinition(checked.findings)
        plan = compile_plan(checked.loaded.value, catalog)
        known = library.find(plan.head.namespace, plan.head.name, plan.head.version)
        if known is None or known.digest == digest_of(plan):
            files.graph.write_text(svg(plan), "utf-8")
            stage.say(f"\n{files.definition.name} is right, and deployed: {name_of(plan)}")
            return library.deploy(text, checked.loaded.value, plan)
        patch += 1


async def _run(deployed: Deployed, files: DemoFiles, stage: Stage) -> dict[str, Any]:
    with rates_service() as (service, server):
        async with http_worker(stage, server.port):
            handle = await stage.gate.start_definition(
                stage.client,
                deployed.plan,
                {
                    "portfolio": PORTFOLIO,
                    "folder": str(files.folder.absolute()),
                    "rates": f"{server.url}/rates",
                    "requester": REQUESTER,
                    "approver": APPROVER,
                },
                is_deployed=True,
            )
            stage.say(f"\n{handle.id} runs:")
            is_separated = await decide(handle, "askController", stage)
            stage.say(f"  the rates came at attempt {len(service.statuses)}")
            await confirm(handle, stage)
            output = await handle.result()
    return {
        "workflow_id": handle.id,
        "attempts_of_rates": service.statuses,
        "requester_was_refused": is_separated,
        "trace": await handle.query("trace"),
        "output": output,
    }


def _is_as_promised(record: dict[str, Any]) -> bool:
    errors = [each for each in record["findings"] if each["severity"] == Severity.ERROR]
    return (
        len(errors) >= record["mistakes"]
        and record["attempts_of_rates"] == [503] * FAILURES + [200]
        and record["requester_was_refused"]
        and record["output"]["confirmation"] in (record["notice"] or "")
    )
