"""`tenuto query`."""

from tenuto.cli.message_command import message_command

command = message_command(
    "query",
    """Ask RUN a question and print the answer. Nothing changes.

    Without NAME, list the questions it answers. Arguments are JSON, or the fields of its one
    argument as options. A worker of its queue has to run; the run itself may be closed.
    """,
)
