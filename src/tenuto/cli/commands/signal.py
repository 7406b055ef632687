"""`tenuto signal`."""

from tenuto.cli.message_command import message_command

command = message_command(
    "signal",
    """Send RUN a signal: it is kept and delivered, and nothing comes back.

    Without NAME, list the signals it takes. Arguments are JSON, or the fields of its one
    argument as options.
    """,
)
