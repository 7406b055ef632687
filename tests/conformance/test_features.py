"""Our own scenarios, for what the kit leaves out, in the kit's dialect."""

import pytest

from conformance.kit import OWN
from conformance.scenarios import Scenario, read_features
from conformance.wording import play
from conformance.world import World


@pytest.mark.parametrize("scenario", read_features(OWN), ids=lambda scenario: scenario.id)
async def test_inv_18_feature(scenario: Scenario, world: World) -> None:
    await play(scenario, world)
