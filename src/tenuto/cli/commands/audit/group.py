"""`tenuto audit`: the evidence of what ran, who decided, and under which policy."""

import click

from tenuto.cli.lazy import Lazy, LazyGroup

_HERE = "tenuto.cli.commands.audit"


@click.group(
    "audit",
    cls=LazyGroup,
    sections={
        "Evidence": {
            "export": Lazy(f"{_HERE}.export", "Export what closed into the ledger, now."),
            "verify": Lazy(f"{_HERE}.verify", "Read the whole ledger and find any change."),
            "show": Lazy(f"{_HERE}.show", "Tell one run: who asked, who decided, what it did."),
            "list": Lazy(f"{_HERE}.listing", "List what was allowed, refused, and changed."),
            "policy": Lazy(f"{_HERE}.policy", "Print the rules of that time, by their digest."),
            "bundle": Lazy(f"{_HERE}.bundle", "Pack one run's evidence for somebody else."),
            "population": Lazy(f"{_HERE}.population", "Count whether every run is there."),
        },
        "Keeping it safe": {
            "pin": Lazy(f"{_HERE}.pin", "Keep the newest checkpoint somewhere else."),
            "doctor": Lazy(f"{_HERE}.doctor", "Check keys, place, exporter, retention."),
            "hold": Lazy(f"{_HERE}.hold", "Forbid to erase, or allow it again."),
            "erase": Lazy(f"{_HERE}.erase", "Destroy payload keys; the ledger stays whole."),
        },
    },
)
def command() -> None:
    """Prove what ran, who decided what and why, and under which rules.

    Everything that closes is exported into a ledger, signed and chained, which outlives the
    server's memory. `tenuto up` exports by itself; `export` does it now, `show RUN` tells one run,
    `verify` finds any change.
    """
