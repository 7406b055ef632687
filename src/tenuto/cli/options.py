"""Options that many commands share. They are remembered in the context's `Output`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tenuto.cli.output import Output

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

AS_USER = "tenuto.as"
"""Where a click context keeps what `--as` named."""
AS_GROUPS = "tenuto.groups"
"""Where it keeps what `--groups` named."""


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None and parameter.name is not None:
        setattr(ctx.ensure_object(Output), parameter.name, value)


def _claim(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None and parameter.name == "as_user":
        ctx.meta[AS_USER] = value
    elif value is not None:
        ctx.meta[AS_GROUPS] = tuple(word for word in value.split(",") if word.strip())


def shared_options(command: CommandT) -> CommandT:
    """`--quiet`, `--no-color`, `--debug` and, in local mode, `--as` and `--groups`: who you are for
    this command. Accepted everywhere, described by `tenuto --help`.
    """
    on_root = command.__name__ == "program"
    for flags, text in (
        (("--debug", "debug"), "Show the traceback of an error."),
        (("--no-color", "no_color"), "No colours. So does NO_COLOR=1."),
        (("-q", "--quiet", "quiet"), "Only data and errors."),
    ):
        command = click.option(
            *flags,
            is_flag=True,
            default=None,
            expose_value=False,
            callback=_remember,
            hidden=not on_root,
            help=text,
        )(command)
    own = {flag for each in getattr(command, "__click_params__", ()) for flag in each.opts}
    for flag, name, metavar, text in (
        ("--groups", "as_groups", "g:A,g:B", "Your groups for this command, with --as."),
        ("--as", "as_user", "u:ANN", "Who you are for this command, on your own machine."),
    ):
        if flag in own:
            continue
        command = click.option(
            flag,
            name,
            metavar=metavar,
            default=None,
            expose_value=False,
            callback=_claim,
            hidden=not on_root,
            help=text,
        )(command)
    return command


def data_options(command: CommandT) -> CommandT:
    """The shared options, and `-o text|json|jsonl` with `--json` for short."""
    command = click.option(
        "--json",
        "format",
        flag_value="json",
        default=None,
        expose_value=False,
        callback=_remember,
        help="Same as `-o json`.",
    )(command)
    command = click.option(
        "-o",
        "--output",
        "format",
        type=click.Choice(["text", "json", "jsonl"]),
        expose_value=False,
        callback=_remember,
        help="How data is printed on stdout.",
    )(command)
    return shared_options(command)


def start_options(command: CommandT) -> CommandT:
    """`--id`, `--ask`, and how long to wait for what was started: of every command that starts a
    run."""
    for flags, options in reversed(
        (
            (
                ("--id", "workflow_id"),
                {"metavar": "ID", "help": "Id of the run. An id is used once."},
            ),
            (
                ("--ask", "asks"),
                {
                    "is_flag": True,
                    "help": "Ask people for the approvals that a rule wants; starts nothing.",
                },
            ),
            (
                ("--wait/--no-wait", "waits"),
                {"default": False, "help": "Show progress, print the result."},
            ),
            (
                ("--timeout", "timeout_s"),
                {
                    "type": click.FloatRange(min=0),
                    "metavar": "SECONDS",
                    "help": "How long to wait. The run goes on.",
                },
            ),
            (
                ("--no-block-on-approval", "until_waiting"),
                {"is_flag": True, "help": "Wait no longer once it waits for a person."},
            ),
        )
    ):
        command = click.option(*flags, **options)(command)
    return command


def log_options(*, level: str) -> Callable[[CommandT], CommandT]:
    """`--log-level`, by default `level`, and `--json-logs`."""

    def add(command: CommandT) -> CommandT:
        command = click.option(
            "--json-logs", is_flag=True, help="One JSON object per line, for a log collector."
        )(command)
        return click.option(
            "--log-level",
            type=click.Choice(["debug", "info", "warning", "error"]),
            default=level,
            show_default=True,
            help="How much is logged to stderr.",
        )(command)

    return add
