"""The command line as a whole: every command's name, heading, and one-line help."""

import click

from tenuto import __version__
from tenuto.cli.lazy import Lazy, LazyGroup, Sections
from tenuto.cli.options import shared_options

_COMMANDS = "tenuto.cli.commands"

SECTIONS = {
    "Start here": {
        "demo": Lazy(f"{_COMMANDS}.demo", "Strike a sample fund's NAVs, from files to PDF."),
        "init": Lazy(f"{_COMMANDS}.init", "Make a project of your own that runs at once."),
        "up": Lazy(f"{_COMMANDS}.up", "Start server and workers here; Ctrl-C stops them."),
        "doctor": Lazy(f"{_COMMANDS}.doctor", "Check this installation and its connection."),
    },
    "Runs": {
        "run": Lazy(f"{_COMMANDS}.run", "Start a workflow."),
        "runs": Lazy(f"{_COMMANDS}.runs", "List runs."),
        "show": Lazy(
            f"{_COMMANDS}.show", "Show one run: steps, attempts, errors, what it waits for."
        ),
        "signal": Lazy(f"{_COMMANDS}.signal", "Send a run a signal."),
        "query": Lazy(f"{_COMMANDS}.query", "Ask a run a question."),
        "update": Lazy(f"{_COMMANDS}.update", "Send a run an update and wait for its answer."),
        "cancel": Lazy(f"{_COMMANDS}.cancel", "Ask a run to stop and clean up."),
        "terminate": Lazy(f"{_COMMANDS}.terminate", "End a run now, without cleaning up."),
    },
    "People": {
        "tasks": Lazy(f"{_COMMANDS}.tasks.group", "Decide what workflows ask people."),
    },
    "Catalog and data": {
        "catalog": Lazy(f"{_COMMANDS}.catalog", "List what can be run, or describe one entry."),
        "artifacts": Lazy(
            f"{_COMMANDS}.artifacts.group", "Look at stored files: list, get, verify, gc."
        ),
    },
    "Definitions": {
        "definition": Lazy(
            f"{_COMMANDS}.definition.group", "Workflows as YAML: check, plan, deploy, run."
        ),
    },
    "Automation": {
        "schedule": Lazy(
            f"{_COMMANDS}.schedule.group", "Runs that start by themselves: plan, apply, operate."
        ),
        "triggers": Lazy(
            f"{_COMMANDS}.triggers.group", "Webhooks, events, files: check, serve, test, apply."
        ),
    },
    "Governance": {
        "policy": Lazy(
            f"{_COMMANDS}.policy.group", "Rules as code: check, test, coverage, explain, diff."
        ),
        "audit": Lazy(
            f"{_COMMANDS}.audit.group", "Evidence: export, verify, show, bundle, count, pin."
        ),
        "whoami": Lazy(f"{_COMMANDS}.whoami", "Show as whom commands act here."),
        "keys": Lazy(f"{_COMMANDS}.keys.group", "Keys for signing and encryption: list, rotate."),
        "token": Lazy(f"{_COMMANDS}.token.group", "Tokens for machines: issue, list, revoke."),
    },
    "Operations": {
        "worker": Lazy(f"{_COMMANDS}.worker", "Run workers only, for the server of the profile."),
        "replay": Lazy(f"{_COMMANDS}.replay", "Check code against recorded histories."),
        "version": Lazy(f"{_COMMANDS}.version", "Show the versions of Tenuto and what it runs on."),
    },
}


def _of_packs() -> Sections:
    """What installed packs add, under what their summaries begin with."""
    from tenuto.installed import installed_packs

    sections: dict[str, dict[str, Lazy]] = {}
    for pack in installed_packs():
        for name, reference, line in pack.commands:
            heading = pack.summary.partition(":")[0]
            sections.setdefault(heading, {})[name] = Lazy(reference, line)
    return sections


@click.group(
    cls=LazyGroup,
    sections=SECTIONS,
    more=_of_packs,
    name="tenuto",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`tenuto COMMAND --help` says more. Settings: tenuto.toml, TENUTO_*, temporal.toml,"
    " TEMPORAL_*.",
)
@click.version_option(__version__, message="tenuto %(version)s")
@shared_options
def program() -> None:
    """Durable workflows for Python teams, on Temporal."""
