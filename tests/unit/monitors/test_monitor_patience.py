"""How long a check may wait for others, and that nothing of it is cut off by its own limit."""

import math
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tenuto.engine.settings import MonitorsSettings
from tenuto.packs.monitors import catalog
from tenuto.packs.monitors.providers.failures import LONGEST_PAUSE_S, PLANS

HOUR = timedelta(hours=1)
ASKING = (catalog.search, catalog.judge, catalog.compare)


def test_tor_15_webhooks_are_tried_again_after_1_5_and_15_minutes() -> None:
    assert MonitorsSettings().webhook_retries_s == (60, 300, 900)
    assert catalog.post_event.retry.maximum_attempts == 4


@pytest.mark.parametrize("pauses", [(), (0,), (1, 2), (3600, 3600, 3600)])
def test_other_pauses_can_be_set(pauses: tuple[float, ...]) -> None:
    assert MonitorsSettings(webhook_retries_s=pauses).webhook_retries_s == pauses


@pytest.mark.parametrize(
    "pauses", [(-1,), (1, 2, 3, 4), (3601,), (math.inf,), (math.nan,), ("soon",), 60]
)
def test_pauses_that_no_check_could_keep_are_refused(pauses: Any) -> None:
    with pytest.raises(ValidationError, match="webhook_retries_s"):
        MonitorsSettings(webhook_retries_s=pauses)


def test_tor_19_the_pauses_for_a_busy_provider_are_those_of_the_plan() -> None:
    plan = PLANS["rate_limit"]
    assert [plan.pause_s(attempt) for attempt in range(1, plan.attempts)] == [30, 120, 480, 1920]
    assert [PLANS["network"].pause_s(attempt) for attempt in (1, 2)] == [10, 30]


def test_tor_19_the_frame_of_a_step_leaves_every_class_its_attempts() -> None:
    for entry in ASKING:
        assert entry.retry.maximum_attempts >= max(plan.attempts for plan in PLANS.values())
        assert entry.schedule_to_close is None


def test_a_check_that_waits_as_long_as_it_may_is_not_cut_off() -> None:
    longest = timedelta()
    for entry in ASKING:
        attempts = entry.retry.maximum_attempts
        longest += attempts * entry.start_to_close + (attempts - 1) * timedelta(
            seconds=LONGEST_PAUSE_S
        )
    posting = catalog.post_event
    longest += posting.retry.maximum_attempts * posting.start_to_close + 3 * HOUR
    assert catalog.monitor_check.execution_timeout is not None
    # Mails, and a worker that is away for hours, come on top.
    assert longest + 4 * HOUR < catalog.monitor_check.execution_timeout
