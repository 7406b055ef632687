"""`tenuto monitor webhook`: the secret of a URL, and an event to try it with."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

_url = click.argument("url", metavar="URL")


@click.group("webhook")
def webhook() -> None:
    """The webhooks that monitors post to: their secrets, and a test.

    A monitor whose webhook names no secret of its own is signed with the one that this project
    made for the URL. It lies in the keys folder of this machine.
    """


@webhook.command("secret")
@_url
@click.option("--rotate", is_flag=True, help="Make a new one; the old one signs for 24 hours more.")
@data_options
@click.pass_obj
def secret(output: Output, url: str, rotate: bool) -> None:
    """Print the secret that events for URL are signed with; the first time it is made."""
    from tenuto.cli.keyrings import clock
    from tenuto.cli.session import authorize_locally
    from tenuto.engine.settings import load_settings
    from tenuto.packs.monitors.webhooks.secrets import WebhookSecrets
    from tenuto.packs.monitors.webhooks.sending import checked_url
    from tenuto.policy.decision import Resource

    authorize_locally("keys:rotate", Resource(type="Keys", id="webhooks"))
    ring, target = WebhookSecrets(load_settings().keys_path), checked_url(url)
    if rotate:
        ring.rotate(target, clock())
    active, *others = (each.get_secret_value() for each in ring.of(target, clock()))
    output.record(
        {"url": url, "secret": active, "previous": others[0] if others else None},
        lambda console: console.print(active, soft_wrap=True),
    )
    if others:
        output.note("The secret before it signs as well, until 24 hours after it was exchanged.")


@webhook.command("test")
@_url
@data_options
@click.pass_obj
def test(output: Output, url: str) -> None:
    """Post a signed event of type task.test to URL, once."""
    from tenuto.cli.keyrings import clock
    from tenuto.engine.settings import load_settings
    from tenuto.packs.monitors.webhooks.sending import send_test_event

    status = send_test_event(url, keys=load_settings().keys_path, now=clock())
    output.record(
        {"url": url, "status": status},
        lambda console: console.print(f"The receiver answered {status}.", soft_wrap=True),
    )
