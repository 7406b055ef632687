"""What an agent has spent, and when it has to stop."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.references import Document
from tenuto.packs.agents.activities.prices import by_tokens
from tenuto.packs.agents.handoffs import ModelReply
from tenuto.packs.agents.models import Budget, Price
from tenuto.packs.agents.spending import Spending

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
SHA = "0" * 64
TURN = Document(uri=f"artifact://{SHA}", sha256=SHA, bytes=1)


def reply(usd: str = "0", tokens: int = 0) -> ModelReply:
    return ModelReply(turn=TURN, model="m", input_tokens=tokens, output_tokens=0, usd=Decimal(usd))


@given(st.lists(st.decimals("0", "0.5", places=9), max_size=30))
def test_money_adds_up_exactly_and_stops_at_the_limit(costs: list[Decimal]) -> None:
    spending = Spending(Budget(usd=Decimal(1)), NOON)
    for cost in costs:
        spending.replied(reply(str(cost)))
    total = sum(costs, Decimal(0))
    assert spending.so_far(NOON).usd == total
    assert (spending.exceeded(NOON) is not None) == (total >= 1)


def test_waiting_for_people_takes_no_time() -> None:
    spending = Spending(Budget(time=timedelta(minutes=5)), NOON)
    spending.rest(NOON + timedelta(minutes=1))
    months_later = NOON + timedelta(days=90)
    assert spending.exceeded(months_later) is None
    spending.work(months_later)
    assert spending.left(months_later) == timedelta(minutes=4)
    assert spending.exceeded(months_later + timedelta(minutes=4)) is not None


def test_a_reply_may_have_no_more_tokens_than_are_left() -> None:
    spending = Spending(Budget(tokens=1000), NOON)
    assert spending.longest_reply() == 1000
    spending.replied(reply(tokens=900))
    assert spending.longest_reply() == 100
    spending.replied(reply(tokens=500))
    assert spending.longest_reply() == 1


def test_no_limit_to_money_is_none() -> None:
    spending = Spending(Budget(usd=None), NOON)
    spending.replied(reply("1000"))
    assert spending.exceeded(NOON) is None


def test_a_price_for_a_million_tokens_is_applied_exactly() -> None:
    price = Price(input=Decimal("0.15"), output=Decimal("0.60"))
    assert by_tokens(price, 1, 0) == Decimal("0.000000150")
    assert by_tokens(price, 1_000_000, 1_000_000) == Decimal("0.75")
