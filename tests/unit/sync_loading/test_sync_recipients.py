"""Who is told of a source that was not loaded, whatever is wrong with `sync.yaml`."""

from pathlib import Path

import pytest

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.engine.project import use_settings
from tenuto.engine.settings import Settings, SyncSettings
from tenuto.packs.sync.activities.prepare_source import list_recipients
from tenuto.packs.sync.models import RecipientsRequest

DESK = Recipient(name="desk", channel="file", target="outbox")
DUTY = Recipient(name="duty", channel="file", target="alarms")
NOTIFY = "notify: [{name: desk, channel: file, target: outbox}]\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NOTIFY, (DESK,)),
        (f"{NOTIFY}sources: {{orders: {{kind: nonsense}}}}\n", (DUTY,)),
        (f"{NOTIFY}sources: [", (DUTY,)),
        ("", (DUTY,)),
        (None, (DUTY,)),
    ],
)
def test_somebody_is_told(tmp_path: Path, text: str | None, told: tuple[Recipient, ...]) -> None:
    if text is not None:
        (tmp_path / "sync.yaml").write_text(text)
    use_settings(Settings(root=tmp_path, sync=SyncSettings(alarm_to=(DUTY,))))
    try:
        assert list_recipients(RecipientsRequest()).notify == told
    finally:
        use_settings(None)
