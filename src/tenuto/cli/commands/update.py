"""`tenuto update`."""

from tenuto.cli.message_command import message_command

command = message_command(
    "update",
    """Send RUN an update and print its answer, or why it refuses.

    Without NAME, list the updates it takes. Arguments are JSON, or the fields of its one
    argument as options, for example `--prices missing.csv`.
    """,
)
