"""The one place where an error becomes words on stderr and an exit code."""

import itertools
import sys
from collections.abc import Sequence

import click

from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.core.errors import TenutoError


def report(error: BaseException, output: Output, args: Sequence[str]) -> int:
    """Says what went wrong, in the form the caller asked for, and returns the exit code."""
    match error:
        case BrokenPipeError():
            # The reader went away (`| head`): it has what it wanted.
            return exit_codes.OK
        case SystemExit():
            return error.code if isinstance(error.code, int) else exit_codes.OK
        case KeyboardInterrupt() | click.Abort():
            return exit_codes.INTERRUPTED
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message())
            return exit_codes.USAGE
        case click.ClickException():
            return _report_usage(error, output, args)
        case TenutoError():
            _say(output, error.message, error.details, code=error.code)
            _show_traceback(error, output)
            return error.exit_code
        case ModuleNotFoundError(name=str(module)) if extra := _extra_with(module, args):
            _say(
                output,
                f"This needs `{module}`, which is not installed here. Install it with"
                f" `pip install 'tenuto[{extra}]'`.",
                {"module": module, "extra": extra},
                code="cli.not-installed",
            )
            _show_traceback(error, output)
            return exit_codes.USAGE
        case _:
            return _report_crash(error, output, args)


def _report_usage(error: click.ClickException, output: Output, args: Sequence[str]) -> int:
    if _asks_for_json(args):
        # The parser stopped at the mistake, perhaps before it reached this option.
        output.format = "json"
    _say(output, error.format_message(), {}, code="cli.usage")
    if isinstance(error, click.UsageError) and error.ctx and not output.is_json:
        click.echo(f"Try `{error.ctx.command_path} --help`.", err=True)
    return exit_codes.USAGE


def _asks_for_json(args: Sequence[str]) -> bool:
    """Whether the words, parsed or not, hold `--json` or `-o json`."""
    pairs = itertools.pairwise(args)
    return "--json" in args or any(pair in _JSON_PAIRS for pair in pairs)


_JSON_PAIRS = {(flag, form) for flag in ("-o", "--output") for form in ("json", "jsonl")}


def _extra_with(module: str, args: Sequence[str]) -> str | None:
    """The extra that brings `module`, of the pack whose command was called if that one has it."""
    from tenuto.installed import installed_packs

    package = module.partition(".")[0]
    packs = [pack for pack in installed_packs() if pack.extra and package in pack.needs]
    packs.sort(key=lambda pack: not any(name in args for name, _, _ in pack.commands))
    return packs[0].extra if packs else None


def _report_crash(error: BaseException, output: Output, args: Sequence[str]) -> int:
    if output.debug:
        _show_traceback(error, output)
    else:
        where = _write_crash(error, args)
        kept = f"the traceback is in {where}" if where else "run it again with --debug"
        _say(
            output,
            f"Sorry, this is a fault in Tenuto: {type(error).__name__}: {error}; {kept}.",
            {"file": where},
            code="cli.crash",
        )
    return exit_codes.FAILED


def _say(output: Output, message: str, details: object, *, code: str) -> None:
    if output.is_json:
        from tenuto.cli.output import to_json

        shape = {"error": {"code": code, "message": message, "details": details}}
        click.echo(to_json(shape), err=True)
        return
    output.error(message, code)


def _show_traceback(error: BaseException, output: Output) -> None:
    if output.debug:
        import traceback

        traceback.print_exception(error, file=sys.stderr)


def _write_crash(error: BaseException, args: Sequence[str]) -> str | None:
    """The file that has the traceback now, or None where none could be written."""
    import traceback
    from datetime import UTC, datetime
    from pathlib import Path

    from tenuto import __version__

    moment = datetime.now(UTC)
    file = Path(".tenuto") / f"crash-{moment:%Y%m%dT%H%M%S%f}.log"
    try:
        file.parent.mkdir(exist_ok=True)
        with file.open("w", encoding="utf-8") as log:
            log.write(f"{moment.isoformat()} tenuto {__version__} {list(args)!r}\n")
            traceback.print_exception(error, file=log)
    except OSError:
        return None
    return str(file)
