"""A released NAV reaches a webhook through the engine's retries: one event, however often sent."""

import base64
import hmac
from datetime import date
from decimal import Decimal

import pytest
from temporalio.client import Client

from nav_desk import NavDesk
from nav_runs import nav_client, nav_worker, store
from tenuto.artifacts.store import ArtifactStore
from tenuto.packs.finance.models import Fund, Recipient, ShareClass
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.models import DailyNavResult
from tenuto.testing.fixtures import temporal_client, temporal_server
from tenuto.testing.loopback import Answer, LoopbackServer, Received
from tenuto.triggers.start import start

__all__ = ["nav_client", "nav_worker", "store", "temporal_client", "temporal_server"]

DAY = date(2024, 1, 2)
KEY = b"0123456789abcdef0123456789abcdef"
VALUE = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture
def client(nav_client: Client) -> Client:
    """A client of a server on which a worker of the pack runs."""
    return nav_client


def fund_for(name: str, target: str) -> Fund:
    return Fund(
        fund_id=name,
        name="Test Fund",
        base_currency="EUR",
        inception=DAY,
        dealing_calendar="WEEKDAYS",
        classes=(
            ShareClass(
                class_id="A",
                currency="EUR",
                launch_date=DAY,
                launch_price=Decimal(100),
                units=Decimal(1000),
            ),
        ),
        recipients=(
            Recipient(
                name="hook", channel="webhook", target=target, secret="secret://env/ATLAS_HOOK"
            ),
        ),
    )


async def strike(client: Client, store: ArtifactStore, fund: Fund) -> DailyNavResult:
    request = NavDesk(store).request(
        fund,
        DAY,
        positions="instrument_id,quantity\nX,1000\n",
        prices=f"instrument_id,date,price,currency\nX,{DAY},100,EUR\n",
    )
    handle = await start(client, daily_nav, request.model_copy(update={"version": None}))
    result: DailyNavResult = await handle.result()
    history = str(await handle.fetch_history())
    assert "secret://env/ATLAS_HOOK" in history  # so the value would be seen, were it there
    assert VALUE not in history
    return result


def is_genuine(received: Received) -> bool:
    signed = ".".join(received.headers[f"webhook-{part}"] for part in ("id", "timestamp"))
    digest = hmac.digest(KEY, signed.encode() + b"." + received.body, "sha256")
    return received.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


async def test_all_9_a_receiver_that_fails_first_gets_one_event(
    client: Client, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_HOOK", VALUE)
    answers = iter([Answer(status=503, headers={"retry-after": "1"}), Answer(status=204)])
    with LoopbackServer(lambda _: next(answers)) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        result = await strike(client, store, fund_for("RETRIED", server.url))
    (delivery,) = result.deliveries
    assert (delivery.outcome, delivery.detail, delivery.attempts) == ("delivered", "HTTP 204", 2)
    assert len(server.received) == 2
    assert len({each.headers["webhook-id"] for each in server.received}) == 1
    assert all(is_genuine(each) for each in server.received)


async def test_all_9_a_receiver_that_refuses_is_a_failed_delivery_of_a_released_nav(
    client: Client, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_HOOK", VALUE)
    with LoopbackServer(lambda _: Answer(status=403)) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        result = await strike(client, store, fund_for("REFUSED", server.url))
    (delivery,) = result.deliveries
    assert (delivery.outcome, delivery.attempts) == ("failed", 1)
    assert "403" in delivery.detail
    assert result.status == "final"
    assert len(server.received) == 1
