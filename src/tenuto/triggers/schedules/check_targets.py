"""Checks what a schedule starts: the workflow is there, and takes the input."""

from typing import Any

from pydantic import ValidationError

from tenuto.artifacts.external import THRESHOLD_BYTES
from tenuto.catalog.check import explain
from tenuto.catalog.entries import WorkflowEntry
from tenuto.catalog.registry import Catalog
from tenuto.core.errors import UsageError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.library import DefinitionLibrary
from tenuto.definitions.versions import LATEST
from tenuto.triggers.definitions import check_run_input
from tenuto.triggers.schedules import findings as codes
from tenuto.triggers.schedules.findings import Findings
from tenuto.triggers.schedules.model import ScheduledStart
from tenuto.triggers.schedules.pacing.target import paced
from tenuto.triggers.schedules.targets import OfCatalog, OfDefinition, Target, attributes_of


def find_target(
    findings: Findings, start: ScheduledStart, catalog: Catalog, library: DefinitionLibrary
) -> Target | None:
    """What the schedule starts, with its input; None where anything about it is wrong."""
    entry = _entry(catalog, start.run)
    if entry is not None:
        target = _of_catalog(findings, start, entry)
    elif "/" in start.run:
        target = _of_definition(findings, start, library)
    else:
        names = [name for name, each in catalog.workflows.items() if each.started_by is None]
        said = f"There is no workflow `{start.run}`."
        findings.error(codes.UNKNOWN_WORKFLOW, ("run",), said, did_you_mean(start.run, names))
        return None
    if target is not None:
        _check_name(findings, start, target)
        _check_attributes(findings, start, target)
        _check_size(findings, target)
    if target is not None and start.next_run is not None:
        return paced(start, target, start.next_run)
    return target


def _entry(catalog: Catalog, name: str) -> WorkflowEntry[Any, Any] | None:
    for entry in catalog.workflows.values():
        if name in (entry.name, entry.type_name):
            return entry
    return None


def _of_catalog(
    findings: Findings, start: ScheduledStart, entry: WorkflowEntry[Any, Any]
) -> Target | None:
    if entry.started_by is not None:
        said = f"`{entry.name}` is not started by a schedule, but by {entry.started_by}."
        findings.error(codes.UNKNOWN_WORKFLOW, ("run",), said, "Name another workflow.")
        return None
    try:
        return OfCatalog(entry=entry, request=entry.request.model_validate(start.input))
    except ValidationError as wrong:
        _explain(findings, wrong, entry)
        return None


def _explain(findings: Findings, wrong: ValidationError, entry: WorkflowEntry[Any, Any]) -> None:
    """One finding for each line of the explanation, where the field stands that it begins with."""
    places = {".".join(map(str, error["loc"])): error for error in wrong.errors()}
    for line in explain(wrong, entry.request):
        error = places.get(line[1:].partition("`")[0])
        findings.error(
            codes.WRONG_INPUT,
            ("input", *(error["loc"] if error else ())),
            f"`{entry.name}` does not take it: {line.removesuffix('?')}.",
            f"See `tenuto catalog {entry.name}`.",
            key=error is not None and error["type"] in ("missing", "extra_forbidden"),
        )


def _of_definition(
    findings: Findings, start: ScheduledStart, library: DefinitionLibrary
) -> Target | None:
    path, _, version = start.run.partition(":")
    namespace, _, name = path.partition("/")
    found = library.find(namespace, name, version or LATEST) if "/" not in name else None
    if found is None:
        said = f"No definition `{start.run}` is deployed."
        remedy = did_you_mean(path, library.names()) or "`tenuto definition deploy FILE` does it."
        findings.error(codes.UNKNOWN_WORKFLOW, ("run",), said, remedy)
        return None
    try:
        check_run_input(found.plan, start.input)
    except UsageError as wrong:
        remedy = "Correct it; `tenuto definition show` tells its schema."
        findings.error(codes.WRONG_INPUT, ("input",), wrong.message, remedy)
        return None
    return OfDefinition(plan=found.plan, value=start.input)


def _check_name(findings: Findings, start: ScheduledStart, target: Target) -> None:
    try:
        named = target.named(start)
    except (LookupError, ValueError, AttributeError) as wrong:
        said = f"`{start.run_id}` cannot be filled from the input: {type(wrong).__name__} {wrong}."
        remedy = "Name fields of the input in it: `sync/{source}`."
        findings.error(codes.WRONG_RUN_ID, ("run_id",), said, remedy)
        return
    if not named.strip():
        said, remedy = "The runs would have no id.", "Write some text in it."
        findings.error(codes.WRONG_RUN_ID, ("run_id",), said, remedy)


def _check_attributes(findings: Findings, start: ScheduledStart, target: Target) -> None:
    try:
        attributes_of(start, target)
    except TypeError as wrong:
        remedy = "Write a value of that type."
        findings.error(codes.WRONG_ATTRIBUTE, ("search_attributes",), f"{wrong}.", remedy)


def _check_size(findings: Findings, target: Target) -> None:
    """What is larger would lie in the artifact store, where nothing keeps it from collection."""
    if target.size >= THRESHOLD_BYTES:
        said = f"Its start has {target.size:,} bytes, and a schedule holds {THRESHOLD_BYTES:,}."
        remedy = "Let the run read a file, or split the definition."
        findings.error(codes.TOO_LARGE, ("run",), said, remedy)
