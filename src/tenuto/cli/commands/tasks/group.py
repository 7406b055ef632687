"""`tenuto tasks`: what people are asked to decide."""

import click

from tenuto.cli.lazy import Lazy, LazyGroup

_COMMANDS = "tenuto.cli.commands.tasks"
_DEFAULT = "inbox"
_LIKE_OTHERS = "list"
"""What the default is called in `tenuto runs`, `tenuto token`, ...: it works here too."""

SECTIONS = {
    "Look": {
        "inbox": Lazy(f"{_COMMANDS}.inbox", "List what waits for you (the default)."),
        "watch": Lazy(f"{_COMMANDS}.watch", "Tell of every task as it comes and goes."),
        "show": Lazy(f"{_COMMANDS}.show", "Show one task with everything to decide it by."),
        "history": Lazy(f"{_COMMANDS}.history", "Show who did what to a task, and when."),
    },
    "Decide": {
        "approve": Lazy(f"{_COMMANDS}.decide:approve", "Approve one task or many."),
        "reject": Lazy(f"{_COMMANDS}.decide:reject", "Reject, with a reason."),
        "edit": Lazy(f"{_COMMANDS}.decide:edit", "Approve with other data than were shown."),
        "answer": Lazy(f"{_COMMANDS}.decide:answer", "Answer in words."),
    },
    "Pass on": {
        "claim": Lazy(f"{_COMMANDS}.passing:claim", "Take a task, so that nobody else decides."),
        "release": Lazy(f"{_COMMANDS}.passing:release", "Give a claimed task back."),
        "delegate": Lazy(f"{_COMMANDS}.passing:delegate", "Hand a task to one person."),
        "forward": Lazy(f"{_COMMANDS}.passing:forward", "Ask other people instead."),
    },
    "Add": {
        "comment": Lazy(f"{_COMMANDS}.adding:comment", "Write a comment."),
        "attach": Lazy(f"{_COMMANDS}.adding:attach", "Add a file."),
        "remind-me": Lazy(f"{_COMMANDS}.adding:remind_me", "Ask to be reminded."),
        "administer": Lazy(f"{_COMMANDS}.administer", "Reassign, expire, or cancel a task."),
    },
}


class _Tasks(LazyGroup):
    """Without a command, or with options alone, it is the inbox."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_help = bool(args) and args[0] in ctx.help_option_names
        if not args or (args[0].startswith("-") and not is_help):
            args = [_DEFAULT, *args]
        elif args[0] == _LIKE_OTHERS:
            args = [_DEFAULT, *args[1:]]
        return super().parse_args(ctx, args)


@click.group("tasks", cls=_Tasks, sections=SECTIONS)
def command() -> None:
    """Decide what workflows ask people: see what waits, look at it, approve or reject.

    TASK is a task's id, or the beginning or end of one. Nothing that shows a task decides it. On
    your own machine `--as u:ANN --groups g:A,g:B` says who you are.
    """
