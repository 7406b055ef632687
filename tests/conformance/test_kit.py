"""The specification's own conformance kit: every scenario, on the real engine."""

import pytest

from conformance.kit import ABSENT, conformance_folder
from conformance.scenarios import Scenario, read_features
from conformance.wording import play
from conformance.world import World

FOLDER = conformance_folder()
SCENARIOS = read_features(FOLDER / "ctk" / "features") if FOLDER else []


@pytest.mark.skipif(FOLDER is None, reason=ABSENT)
def test_the_kit_is_whole() -> None:
    assert len(SCENARIOS) == 21


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
async def test_inv_18_kit(scenario: Scenario, world: World) -> None:
    await play(scenario, world)
