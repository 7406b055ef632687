"""`tenuto prices`: what was published, and where each price comes from."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.packs.finance.pricing.trail import PriceTrail


@click.group("prices")
def prices() -> None:
    """Look at published prices: show a set, or explain one price."""


_DATE = click.DateTime(["%Y-%m-%d"])


@prices.command("explain")
@click.argument("instrument")
@click.option("--date", "day", type=_DATE, help="Valuation date; by default the latest.")
@click.option("--policy", help="Needed where several policies have published.")
@click.option("--version", "number", type=int, help="Of that date; by default the latest.")
@data_options
@click.pass_obj
def explain_price(
    output: Output, instrument: str, day: datetime | None, policy: str | None, number: int | None
) -> None:
    """Say where the price of INSTRUMENT comes from, and verify every file behind it.

    Leaves with 1 when a byte of the chain was changed after publication.
    """
    from tenuto.artifacts.store import open_store
    from tenuto.cli.session import authorize_locally
    from tenuto.engine.settings import load_settings
    from tenuto.packs.finance.pricing.trail import explain, find_set
    from tenuto.triggers.gate.resources import of_artifact

    authorize_locally("artifact:read", of_artifact("prices"))
    store = open_store(load_settings().artifacts_url)
    audit = find_set(store, policy, day.date() if day else None, number)
    trail = explain(store, audit, instrument)
    output.record(trail.model_dump(mode="json"), lambda console: _draw_trail(console, trail))


@prices.command("show")
@click.option("--date", "day", type=_DATE, help="Valuation date; by default the latest.")
@click.option("--policy", help="Needed where several policies have published.")
@click.option("--version", "number", type=int, help="Of that date; by default the latest.")
@data_options
@click.pass_obj
def show_set(output: Output, day: datetime | None, policy: str | None, number: int | None) -> None:
    """Show a published set, and verify every file behind it.

    Leaves with 1 when a byte of it was changed after publication.
    """
    from tenuto.artifacts.store import open_store
    from tenuto.cli.session import authorize_locally
    from tenuto.engine.settings import load_settings
    from tenuto.packs.finance.pricing.trail import find_set, verify_set
    from tenuto.triggers.gate.resources import of_artifact

    authorize_locally("artifact:read", of_artifact("prices"))
    store = open_store(load_settings().artifacts_url)
    audit = find_set(store, policy, day.date() if day else None, number)
    verified = verify_set(store, audit)
    rows = store.get_table(audit.price_set).to_dicts()
    record = {
        "pricing_id": audit.pricing_id,
        "policy_sha256": audit.policy_sha256,
        "released_at": audit.released_at,
        "verified": verified,
        "prices": rows,
    }

    def show(console: "Console") -> None:
        from tenuto.cli.tables import table

        names = ("instrument_id", "date", "price", "currency", "source", "level", "flags")
        grid = table(*names, folds=["flags"])
        for row in rows:
            grid.add_row(*(_told(row[name]) for name in names))
        console.print(grid)
        console.print(f"{audit.pricing_id}: {len(rows)} instruments, {verified} files verified")

    output.record(record, show)


def _draw_trail(console: "Console", trail: "PriceTrail") -> None:
    from tenuto.cli.tables import block, heading, table

    price = {name: _told(value) for name, value in trail.price.items() if value not in (None, "")}
    facts = {"set": trail.pricing_id, "policy": f"{trail.policy_id} ({trail.policy_sha256[:12]})"}
    console.print(block([*price.items(), *facts.items(), ("released", trail.released_at)]))
    for name, rows, columns in _sections(trail):
        if rows:
            console.print("", heading(name), sep="\n")
            grid = table(*columns, folds=list(columns))
            for row in rows:
                grid.add_row(*(_told(row[column]) for column in columns))
            console.print(grid)
    console.print(f"\n{trail.verified} files behind this price verified, every byte unchanged")


def _sections(
    trail: "PriceTrail",
) -> list[tuple[str, list[dict[str, Any]], tuple[str, ...]]]:
    override = [trail.override.model_dump()] if trail.override else []
    return [
        (
            "Waterfall",
            trail.waterfall,
            ("rank", "source", "field", "outcome", "reason", "date", "price", "detail"),
        ),
        ("Checks", trail.checks, ("rule", "outcome", "value", "limit", "evidence")),
        (
            "Decisions",
            [each.model_dump() for each in trail.decisions],
            ("action", "by", "approver", "at", "reason"),
        ),
        ("Override", override, ("override_id", "by", "approver", "expires_on", "reason")),
        ("Quotes", trail.quotes, ("file", "row", "source", "field", "date", "price")),
        (
            "Files",
            [each.model_dump() for each in trail.files],
            ("name", "sha256", "rows"),
        ),
    ]


def _told(value: Any) -> str:
    from tenuto.packs.finance.pricing.activities.rules.finding import shown

    return "" if value is None else shown(value)
