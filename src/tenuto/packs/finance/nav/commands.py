"""`tenuto explain`: where a digit of a NAV comes from."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree

    from tenuto.packs.finance.nav.lineage.node import Node


@click.command("explain")
@click.argument("nav")
@click.option("--class", "class_id", metavar="ID", help="Begin at this class per unit.")
@click.option("--instrument", metavar="ID", help="Follow one position to the rows of its files.")
@data_options
@click.pass_obj
def explain(output: Output, nav: str, class_id: str | None, instrument: str | None) -> None:
    """Show where a digit of a released NAV comes from.

    NAV is its id, or the beginning of one: `nav/DEMO/2022-12-28`; of several the last counts.
    Every file is read from the store and its hash verified on the way.
    """
    from tenuto.artifacts.store import open_store
    from tenuto.cli.session import authorize_locally
    from tenuto.engine.settings import load_settings
    from tenuto.packs.finance.nav.lineage.trace import (
        explain_class,
        explain_fund,
        explain_position,
        find_nav,
    )
    from tenuto.triggers.gate.resources import of_artifact

    authorize_locally("artifact:read", of_artifact("navs"))
    store = open_store(load_settings().artifacts_url)
    result = find_nav(store, nav)
    if instrument:
        node = explain_position(store, result, instrument)
    elif class_id:
        node = explain_class(store, result, class_id)
    else:
        node = explain_fund(store, result)
    record = {"nav_id": result.nav_id, "status": result.status, **node.model_dump(mode="json")}
    output.record(record, lambda console: _draw(console, result.nav_id, node))


def _draw(console: "Console", nav_id: str, node: "Node") -> None:
    from rich.tree import Tree

    tree = Tree(nav_id, guide_style="dim")
    _grow(tree, node)
    console.print(tree)


def _grow(tree: "Tree", node: "Node") -> None:
    from rich.text import Text

    line = Text.assemble((node.figure, "bold"), "  ", node.value)
    if node.how:
        line.append(f"  {node.how}", style="dim")
    branch = tree.add(line)
    if node.source:
        source = node.source
        where = f"{source.input} {source.file}:{source.row}  sha256 {source.sha256[:12]}"
        branch.add(Text.assemble((where, "cyan"), "  ", source.text))
    for part in node.parts:
        _grow(branch, part)
