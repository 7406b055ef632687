"""Today's code goes on with what released code began, and a change that cannot is caught."""

import json
from pathlib import Path

import pytest

from replay import changed_workflows
from sample.pack import pack as sample_pack
from tenuto.app import known_packs
from tenuto.core.errors import DataError, NotFoundError
from tenuto.engine.registration import QueueCode, Registration, load_catalog, load_registration
from tenuto.engine.replay import replay_history
from tenuto.engine.settings import Settings

HISTORIES = Path(__file__).parent / "histories"
RECORDED = sorted(HISTORIES.glob("*/*.json"))
FIVE_STEPS = HISTORIES / "five-steps" / "1.json"


@pytest.fixture(scope="session")
def registration(tmp_path_factory: pytest.TempPathFactory) -> Registration:
    """Every released workflow, and the sample pack's."""
    settings = Settings(root=tmp_path_factory.mktemp("project"))
    return load_registration([*known_packs(settings), sample_pack])


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_all_6_a_released_history_replays(path: Path, registration: Registration) -> None:
    verdict = await replay_history(path, registration)
    assert verdict.problem is None
    assert verdict.is_compatible
    assert registration.catalog.workflow(verdict.type_name).name == path.parent.name


def test_all_6_every_released_workflow_has_a_history(tmp_path: Path) -> None:
    released = load_catalog(known_packs(Settings(root=tmp_path))).workflows
    missing = set(released) - {path.parent.name for path in RECORDED}
    assert not missing, f"record them: python tests/replay/record.py {' '.join(missing)} 1"


def changed(cls: type) -> Registration:
    """The sample pack with a changed FiveSteps."""
    return Registration(
        catalog=load_catalog([sample_pack]),
        queues={"sample": QueueCode(workflows=[cls])},
        passthrough=(*sample_pack.catalog, *sample_pack.passthrough),
    )


@pytest.mark.parametrize(
    ("cls", "told"),
    [
        (changed_workflows.Reordered, "nondeterminism"),
        (changed_workflows.Shortened, "nondeterminism"),
        (changed_workflows.Refusing, "nondeterminism"),
        (changed_workflows.Broken, "not thought of"),
    ],
)
async def test_ova_8_a_changed_workflow_is_caught(cls: type, told: str) -> None:
    verdict = await replay_history(FIVE_STEPS, changed(cls))
    assert not verdict.is_compatible
    assert told in (verdict.problem or "").lower()


async def test_ova_8_a_patched_workflow_goes_on_with_old_runs() -> None:
    verdict = await replay_history(FIVE_STEPS, changed(changed_workflows.Patched))
    assert verdict.problem is None


async def test_a_file_that_is_no_history_is_refused(
    tmp_path: Path, registration: Registration
) -> None:
    for text in ("", "[]", "{}", '{"events": []}', '{"events": [{}]}'):
        path = tmp_path / "history.json"
        path.write_text(text)
        with pytest.raises(DataError) as refused:
            await replay_history(path, registration)
        assert refused.value.code == "replay.not-a-history"
    with pytest.raises(NotFoundError) as missing:
        await replay_history(tmp_path / "none.json", registration)
    assert missing.value.code == "replay.no-file"


async def test_a_history_of_unknown_code_is_refused(
    tmp_path: Path, registration: Registration
) -> None:
    told = json.loads(FIVE_STEPS.read_text())
    started = told["events"][0]["workflowExecutionStartedEventAttributes"]
    started["workflowType"]["name"] = "SixSteps"
    path = tmp_path / "history.json"
    path.write_text(json.dumps(told))
    with pytest.raises(NotFoundError, match="`FiveSteps`") as refused:
        await replay_history(path, registration)
    assert refused.value.code == "replay.unknown-workflow"
