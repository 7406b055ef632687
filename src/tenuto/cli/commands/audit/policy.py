"""`tenuto audit policy`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("policy")
@click.argument("digest", required=False)
@data_options
@click.pass_obj
def command(output: Output, digest: str | None) -> None:
    """Print the whole text of the rules that DIGEST names, or list all that ever decided.

    A decision in the ledger names its policy by a digest; the beginning of it is enough. The text
    is what the rules were then, whatever they are today.
    """
    import asyncio

    from tenuto.cli.audit.places import ask, project_ledger, refuse_empty
    from tenuto.cli.audit.policies import policies_in, the_policy, with_texts
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    ledger = project_ledger(settings)
    asyncio.run(ask(settings, "audit:read", ledger))
    refuse_empty(ledger)
    lines = [line for line in ledger.all_lines() if line.record.entry.kind == "policy"]
    if digest is None:
        found = policies_in(lines)
        output.records(found, lambda console: _draw_all(console, found))
        if not found:
            output.note(f"No policy has decided anything that is in {ledger.place.url}.")
        return
    wanted = the_policy(policies_in(lines), digest)["digest"]
    same = [line for line in lines if line.record.entry.data["digest"] == wanted]
    (policy,) = with_texts(ledger, same)
    output.record(policy, lambda console: _draw(console, policy))


def _draw_all(console: "Console", found: list[dict[str, Any]]) -> None:
    from tenuto.cli.tables import table
    from tenuto.cli.times import stamp

    drawn = table("Digest", "First recorded", "Records", folds="Records")
    for each in found:
        numbers = ", ".join(str(number) for number in each["records"])
        drawn.add_row(each["digest"], stamp(each["recorded_at"]), numbers)
    if found:
        console.print(drawn)


def _draw(console: "Console", policy: dict[str, Any]) -> None:
    console.print(f"// policy {policy['digest']}", soft_wrap=True)
    for file, text in policy["texts"].items():
        console.print(f"\n// {file}", soft_wrap=True)
        console.print(text.rstrip(), soft_wrap=True)
