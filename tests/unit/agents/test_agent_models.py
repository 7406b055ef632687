"""What an agent's definition and a task may say."""

import pytest
from pydantic import ValidationError

from tenuto.packs.agents.models import Agent, Budget, GovernedTaskRequest
from tenuto.packs.agents.results import LONGEST, as_told
from tenuto.packs.agents.scheduling import as_definition

AGENT = Agent(id="a:clerk")


@pytest.mark.attack
@pytest.mark.parametrize("texts", ["forbidden", "", [], [""], {"a": 1}, None, [["nested"]]])
def test_inv_4_texts_are_a_list_of_texts_and_nothing_else(texts: object) -> None:
    with pytest.raises(ValidationError, match="texts"):
        GovernedTaskRequest.model_validate({"texts": texts, "agent": AGENT, "approvers": ["u:ann"]})


@pytest.mark.parametrize("usd", [0.1, "NaN", "-1", "Infinity"])
def test_money_is_exact_and_not_negative(usd: object) -> None:
    with pytest.raises(ValidationError):
        Budget.model_validate({"usd": usd})


def test_an_agent_is_called_as_rules_know_it() -> None:
    with pytest.raises(ValidationError, match="id"):
        Agent(id="u:ann")


def test_a_long_result_says_what_was_left_out() -> None:
    told = as_told("x" * (LONGEST + 10))
    assert told.endswith("[12 more characters left out]")  # two of them are quotation marks


def test_a_schedule_is_a_definition_that_leaves_out_what_piles_up() -> None:
    document = as_definition(
        ["hello"],
        AGENT,
        every="PT15S",
        name="hello",
        approvers=["g:heads"],
        environment="dev",
    )
    assert document["do"][0]["work"]["with"]["agent"] == {"id": "a:clerk"}
    assert document["schedule"] == {"every": "PT15S"}
    assert document["document"]["metadata"]["temporal"]["schedule"]["overlap"] == "skip"
