"""Whoever writes records and whoever exports them mean the same folder, however they are run."""

from datetime import timedelta
from pathlib import Path

import pytest

from tenuto.cli.audit.places import project_evidence, record
from tenuto.cli.audit.standing import spool_problem
from tenuto.cli.keyrings import record_change
from tenuto.cli.policies.recorded import spooled
from tenuto.engine.settings import Settings, load_settings
from tenuto.evidence.spool import Spool
from tenuto.identity.principal import Principal
from tenuto.policy.decision import Resource
from tenuto.triggers.gate.opening import open_gate


@pytest.mark.parametrize("state", ["", "elsewhere"])
@pytest.mark.parametrize("below", [".", "a/b"])
async def test_everybody_writes_where_the_exporter_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, below: str
) -> None:
    (tmp_path / "tenuto.toml").write_text("")
    (tmp_path / below).mkdir(parents=True, exist_ok=True)
    if state:
        monkeypatch.setenv("TENUTO_STATE_DIR", str(tmp_path / state))
    monkeypatch.chdir(tmp_path / below)
    settings = load_settings()
    ann = Principal(id="u:ann")
    await open_gate(settings, ann, None).authorize("run:cancel", Resource(type="Run", id="r"))
    record_change(settings, ann, {"what": "keys"})
    record(settings, "legal_hold", {"state": "held", "reason": "case"})
    assert len(spooled(settings).questions) == 1
    kinds = [each.kind for each in project_evidence(settings).spool.take()]
    assert kinds == ["decision", "change", "legal_hold"]
    assert settings.spool_path == (tmp_path / (state or ".tenuto") / "spool").resolve()


def test_a_spool_that_nobody_reads_is_told_of(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    spool = Spool(settings.spool_path)
    assert spool_problem(settings) is None
    spool.append("decision", {})
    assert spool_problem(settings) is None
    (waiting,) = spool.take()
    old = waiting.model_copy(update={"t": waiting.t - timedelta(hours=1)})
    (file,) = settings.spool_path.glob("*.sealed.jsonl")
    file.write_text(old.model_dump_json() + "\n")
    assert "no exporter has taken them" in str(spool_problem(settings))
