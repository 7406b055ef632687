"""What `tenuto triggers list` shows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tenuto.cli.output import Output
from tenuto.cli.times import span
from tenuto.cli.triggers.opening import read_project, triggers_file
from tenuto.engine.settings import load_settings
from tenuto.triggers.events.model import Proof, Route, Triggers

if TYPE_CHECKING:
    from rich.console import Console


def list_triggers(output: Output) -> None:
    """Prints every trigger; a project without any is told how to write one.

    Raises InvalidTriggers.
    """
    settings = load_settings()
    if not triggers_file(settings).exists():
        output.note(
            f"There is no {settings.triggers.file} here. docs/how-to/receive-events.md shows one."
        )
        rows: list[dict[str, Any]] = []
    else:
        rows = list(_rows(read_project(settings).whole()))
    if rows or output.is_json:
        output.records(rows, lambda console: _draw(console, rows))


def _rows(triggers: Triggers) -> Iterator[dict[str, Any]]:
    paths = {(section, name): path for path, section, name in triggers.paths()}
    for name, hook in triggers.webhooks.items():
        yield _row("webhook", name, paths["webhooks", name], hook.run, _guard(hook))
    for name, source in triggers.events.items():
        for route_name, route in source.routes.items():
            label = f"{name}/{route_name}"
            yield _row("event", label, paths["events", name], _does(route), _guard(source))
    for name, watch in triggers.files.items():
        yield _row("file", name, watch.url, watch.run, f"every {span(watch.every)}")


def _row(kind: str, name: str, where: str, run: str, guard: str) -> dict[str, Any]:
    return {"kind": kind, "name": name, "where": where, "run": run, "guard": guard}


def _does(route: Route) -> str:
    if route.start is not None:
        return route.start.run
    if route.signal is not None:
        return f"{route.signal.run} (signal {route.signal.signal})"
    return "runs that listen"


def _guard(proof: Proof) -> str:
    rate = f", {proof.rate.count} per {span(proof.rate.per)}" if proof.rate else ""
    return f"{proof.scheme}{rate}"


def _draw(console: "Console", rows: list[dict[str, Any]]) -> None:
    from tenuto.cli.tables import table

    drawn = table("kind", "name", "where", "run", "guard", folds="where")
    for row in rows:
        drawn.add_row(*(str(value) for value in row.values()))
    console.print(drawn)
