"""Pricing on the real engine: from quotes to a published set, and where it waits for people."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ActivityError, ApplicationError

from pricing_desk import DAY, QUOTES, PricingDesk
from pricing_runs import (
    APPROVERS,
    FILES,
    approve,
    desk,
    price,
    pricing_client,
    pricing_worker,
    request_for,
    rules,
    skipping,
    store,
    task_of,
    waiting_run,
)
from run_endings import ended_cancelled, failure_of, names_of, refusal_of
from signed_words import decide, open_now, tell
from task_desk import refused as refusal_code
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.engine.converter import error_code
from tenuto.packs.finance.pricing.catalog import pricing
from tenuto.packs.finance.pricing.handoffs import (
    AcceptPrice,
    AssignException,
    ChallengeVendor,
    CommentException,
    OverridePrice,
    SubmitAnswers,
    UseNextSource,
)
from tenuto.packs.finance.pricing.models import PricingAudit, PricingResult
from tenuto.packs.finance.pricing.policy import PricingPolicy
from tenuto.packs.finance.pricing.workflow import PricingRun
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

__all__ = ["desk", "pricing_client", "pricing_worker", "rules", "skipping", "store"]

CALM = {
    "history": None,
    "quotes": QUOTES + f"X,{DAY},A,close,110\nY,{DAY},A,close,55\nZ,{DAY},A,close,99\n",
}
"""One source and no prior price: nothing to ask."""


def accept(name: str, **said: Any) -> AcceptPrice:
    return AcceptPrice(**{"instrument_id": name, "by": "Ann", "reason": "takeover bid", **said})


def override(desk: PricingDesk, name: str, **said: Any) -> OverridePrice:
    given = {
        "instrument_id": name,
        "price": Decimal("52.5"),
        "reason": "broker call",
        "evidence": desk.document("call.txt", "D: 52.5"),
        "by": "Ann",
        "expires_on": DAY,
    }
    return OverridePrice(**(given | said))


def audit_of(store: ArtifactStore, result: PricingResult) -> PricingAudit:
    return PricingAudit.model_validate_json(store.get_bytes(result.audit))


class TestPublishing:
    """What a run that needs nobody leaves behind."""

    async def test_ops_6_published_set_is_what_a_nav_takes(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        result = await price(pricing_client, request_for(desk, rules, **CALM))
        assert result.pricing_id == f"pricing/{rules.policy_id}/{DAY}/v1"
        assert names_of(store, result.pricing_id) == FILES
        prices = store.get_table(result.prices)
        assert prices.columns == ["instrument_id", "date", "price", "currency", "unit", "source"]
        assert prices["price"].to_list() == [Decimal(110), Decimal(55), Decimal(99)]
        assert result.counts.by_method == {"source": 3}
        assert result.prices.media_type == "application/vnd.apache.parquet"

    async def test_second_run_of_a_day_is_a_version_and_the_next_day_compares_with_it(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        first = await price(pricing_client, request_for(desk, rules, **CALM))
        second = await price(pricing_client, request_for(desk, rules, **CALM))
        assert [first.version, second.version] == [1, 2]
        assert first.prices.sha256 == second.prices.sha256
        assert first.price_set.sha256 == second.price_set.sha256
        day = date(2024, 1, 4)
        quotes = f"instrument_id,date,source,field,price\nX,{day},A,close,111\n"
        following = desk.request(
            "instrument_id,type,currency\nX,equity,EUR\n",
            quotes,
            policy=rules,
            day=day,
            version=None,
        )
        third = await price(pricing_client, following)
        audit = audit_of(store, third)
        assert audit.prior is not None
        assert audit.prior.sha256 == second.audit.sha256
        assert store.get_table(third.price_set)["prior_price"].to_list() == [Decimal(110)]

    async def test_wrong_file_ends_the_run_with_everything_that_is_wrong(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        quotes = "instrument_id,date,source,field,price\nX,3.1.24,A,close,1\nX,,A,last,x\n"
        failure = await failure_of(
            await start(pricing_client, pricing, request_for(desk, rules, quotes=quotes))
        )
        assert error_code(failure) == "pricing.input-invalid"
        assert failure.details[0]["count"] == 4
        assert "quotes-1.csv:3 price: `x` is not a number" in failure.message
        assert names_of(store, f"pricing/{rules.policy_id}/{DAY}/v1") == []

    async def test_on_exception_fail_names_what_is_questioned(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        request = request_for(desk, rules, on_exception="fail")
        failure = await failure_of(await start(pricing_client, pricing, request))
        assert error_code(failure) == "pricing.exceptions-found"
        assert "X own-change: 10.0 % from 100" in failure.message

    async def test_on_exception_report_publishes_with_a_flag(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        result = await price(pricing_client, request_for(desk, rules, on_exception="report"))
        flags = dict(store.get_table(result.price_set).select("instrument_id", "flags").iter_rows())
        assert flags["X"] == "own-change,unanswered"
        assert flags["Z"] == ""
        assert result.counts.unanswered == 2


class TestAnswers:
    """Each way to answer an exception."""

    async def test_ops_6_accepted_and_next_source(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        handle = await waiting_run(pricing_client, desk, rules)
        listed = await handle.query(PricingRun.exceptions)
        asked = {each.exception.instrument_id: each.exception for each in listed}
        assert asked["X"].suggestion.action == "accept"
        assert (asked["Y"].suggestion.action, asked["Y"].severity) == (None, "committee")
        left = await tell(handle, PricingRun.accept, accept("X"))
        assert left.instrument_ids == ("Y",)
        left = await tell(
            handle,
            PricingRun.next_source,
            UseNextSource(instrument_id="Y", by="Ann", reason="A is wrong"),
        )
        assert left.count == 0
        result: PricingResult = await handle.result()
        prices = store.get_table(result.price_set)
        rows = {row["instrument_id"]: row for row in prices.iter_rows(named=True)}
        assert (rows["X"]["price"], rows["X"]["approver"]) == (Decimal(110), "Ann")
        assert (rows["Y"]["price"], rows["Y"]["source"]) == (Decimal("50.1"), "B")
        skipped = store.get_table(audit_of(store, result).candidates).filter(
            pl.col("reason") == "excluded"
        )
        assert skipped["source"].to_list() == ["A"]
        assert [each.action for each in result.decisions] == ["accept", "next_source"]
        assert all(each.at is not None for each in result.decisions)

    async def test_ops_7_override_needs_approver_evidence_and_expiry(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        handle = await waiting_run(pricing_client, desk, rules)

        async def refused(**said: Any) -> str:
            answer = override(desk, "Y", **said)
            failure = await refusal_of(tell(handle, PricingRun.override, answer))
            return error_code(failure) or ""

        assert await refused(approver="Bob") == "pricing.approver-decides-the-task"
        assert await refused(expires_on=date(2024, 1, 2)) == "pricing.bad-expiry"
        assert await refused(expires_on=date(2024, 1, 9)) == "pricing.bad-expiry"
        assert await refused(reason="  ") == "pricing.empty-answer"
        assert await refused(instrument_id="Q") == "pricing.no-such-exception"
        assert await refused(price=Decimal("1.12345678901")) == "pricing.bad-price"
        nowhere = Document(uri=f"artifact://{'0' * 64}", sha256="0" * 64, bytes=1)
        with pytest.raises(WorkflowUpdateFailedError) as lost:
            await tell(handle, PricingRun.override, override(desk, "Y", evidence=nowhere))
        assert isinstance(lost.value.cause, ActivityError)

        await tell(handle, PricingRun.override, override(desk, "Y", expires_on=date(2024, 1, 8)))
        await tell(handle, PricingRun.accept, accept("X"))
        task = await task_of(handle)
        asked = (await open_now(pricing_client, task)).request
        assert (asked.kind, asked.requester) == ("pricing.override", "u:ann")
        assert asked.candidates == (APPROVERS,)
        by_maker = decide(pricing_client, task, as_="u:ann", groups=(APPROVERS,))
        assert await refusal_code(by_maker) == "task.own-request"
        await approve(pricing_client, handle, "u:bob")
        result: PricingResult = await handle.result()
        audit = audit_of(store, result)
        (made,) = audit.overrides
        assert (made.price, made.old_price, made.by, made.approver) == (
            Decimal("52.5"),
            Decimal(55),
            "Ann",
            "u:bob",
        )
        row = store.get_table(result.price_set).row(
            by_predicate=pl.col("instrument_id") == "Y", named=True
        )
        assert (row["method"], row["level"], row["override_id"]) == (
            "override",
            3,
            made.override_id,
        )

    @pytest.mark.attack
    async def test_ops_6_committee_needs_a_second_person_of_its_members(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        board = rules.committee.model_copy(update={"members": ("Bob", "Eve", "Ann")})
        handle = await waiting_run(
            pricing_client, desk, rules.model_copy(update={"committee": board})
        )
        named = await refusal_of(tell(handle, PricingRun.accept, accept("Y", approver="Eve")))
        assert error_code(named) == "pricing.approver-decides-the-task"
        unsigned = await refusal_of(handle.execute_update(PricingRun.accept, accept("X")))
        assert error_code(unsigned) == "ticket.missing"
        await tell(handle, PricingRun.accept, accept("X"))
        left = await tell(handle, PricingRun.accept, accept("Y"))
        assert (left.count, left.answered) == (1, 1)
        task = await task_of(handle)
        assert (await open_now(pricing_client, task)).request.kind == "pricing.exception"
        outsider = decide(pricing_client, task, as_="u:mallory", groups=(APPROVERS,))
        assert await refusal_code(outsider) == "task.not-a-candidate"
        maker = decide(pricing_client, task, as_="u:ann")
        assert await refusal_code(maker) == "task.own-request"
        await decide(pricing_client, task, as_="u:eve")
        result: PricingResult = await handle.result()
        approvers = {each.instrument_id: each.approver for each in result.decisions}
        assert approvers == {"X": None, "Y": "u:eve"}

    async def test_rejected_answers_are_open_again_with_the_reason(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        handle = await waiting_run(pricing_client, desk, rules)
        await tell(handle, PricingRun.override, override(desk, "Y"))
        await tell(handle, PricingRun.submit, SubmitAnswers(by="Ann"))
        first = await task_of(handle)
        await decide(
            pricing_client,
            first,
            "reject",
            as_="u:bob",
            groups=(APPROVERS,),
            comment="ask a second broker",
        )

        async def is_open_again() -> None:
            (listed,) = [
                each
                for each in await handle.query(PricingRun.exceptions)
                if each.instrument_id == "Y"
            ]
            assert not listed.is_answered
            assert [each.text for each in listed.exception.remarks] == [
                "rejected: ask a second broker"
            ]

        await eventually(is_open_again)
        better = override(desk, "Y", price=Decimal("52.7"))
        await tell(handle, PricingRun.override, better)
        await tell(handle, PricingRun.accept, accept("X"))
        second = await task_of(handle)
        changed = override(desk, "Y", price=Decimal("52.8"))
        await tell(handle, PricingRun.override, changed)

        async def asks_anew() -> None:
            assert (await handle.query(PricingRun.progress)).task not in (None, second)

        await eventually(asks_anew)
        await refusal_code(decide(pricing_client, second, as_="u:bob", groups=(APPROVERS,)))
        await approve(pricing_client, handle, "u:bob")
        result: PricingResult = await handle.result()
        (made,) = [each for each in result.decisions if each.action == "override"]
        assert (made.price, made.approver) == (Decimal("52.8"), "u:bob")

    async def test_challenge_is_recorded_and_keeps_waiting(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        handle = await waiting_run(pricing_client, desk, rules)
        question = ChallengeVendor(instrument_id="Y", by="Ann", reason="typing error?")
        left = await tell(handle, PricingRun.challenge_vendor, question)
        assert left.count == 2
        await tell(
            handle, PricingRun.assign, AssignException(instrument_id="Y", owner="Bob", by="Ann")
        )
        await tell(
            handle,
            PricingRun.comment,
            CommentException(instrument_id="Y", by="Bob", text="on the phone"),
        )
        (listed,) = [
            each.exception
            for each in await handle.query(PricingRun.exceptions)
            if each.exception.instrument_id == "Y"
        ]
        assert (listed.challenged, listed.owner) == (("A",), "Bob")
        assert [each.text for each in listed.remarks] == ["assigned to Bob", "on the phone"]
        again = ChallengeVendor(
            instrument_id="Y", by="Ann", reason="no answer", meanwhile="next_source"
        )
        left = await tell(handle, PricingRun.challenge_vendor, again)
        assert left.instrument_ids == ("X",)
        await tell(handle, PricingRun.accept, accept("X"))
        result: PricingResult = await handle.result()
        report: Any = store.get_json(result.report)
        scores = {each["source"]: each for each in report["sources"]}
        assert scores["A"]["challenged"] == 1
        assert scores["A"]["score"] == "0.6667"

    async def test_missing_price_can_only_be_set(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        quotes = f"instrument_id,date,source,field,price\nX,{DAY},A,close,100\nY,{DAY},A,close,50\n"
        handle = await waiting_run(pricing_client, desk, rules, quotes=quotes)
        failure = await refusal_of(tell(handle, PricingRun.accept, accept("Z")))
        assert error_code(failure) == "pricing.nothing-to-accept"
        skip = UseNextSource(instrument_id="Z", by="Ann", reason="none")
        failure = await refusal_of(tell(handle, PricingRun.next_source, skip))
        assert error_code(failure) == "pricing.no-next-source"
        await tell(handle, PricingRun.override, override(desk, "Z"))
        await approve(pricing_client, handle, "u:bob")
        result: PricingResult = await handle.result()
        assert result.missing == ()

    async def test_ova_7_garbage_is_refused_and_the_run_still_answers(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        handle = await waiting_run(pricing_client, desk, rules)
        garbages: tuple[Any, ...] = (
            None,
            7,
            "X",
            [],
            {},
            {"instrument_id": 1},
            {"instrument_id": "X"},
            {"instrument_id": "X", "by": "", "reason": "r"},
            {"instrument_id": "X" * 10_000, "by": "a", "reason": "r"},
        )
        for garbage in garbages:
            for update in ("accept", "override", "next_source", "challenge_vendor", "comment"):
                with pytest.raises(WorkflowUpdateFailedError):
                    await handle.execute_update(update, garbage)
        assert len(await handle.query(PricingRun.exceptions)) == 2
        await tell(handle, PricingRun.accept, accept("X"))
        await handle.cancel()
        await ended_cancelled(handle)

    async def test_answers_that_come_at_once_are_each_taken_once(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        handle = await waiting_run(pricing_client, desk, rules)
        skip = UseNextSource(instrument_id="Y", by="Ann", reason="A is wrong")
        await tell(handle, PricingRun.accept, accept("X"))
        answers = await asyncio.gather(
            *(tell(handle, PricingRun.next_source, skip) for _ in range(2)), return_exceptions=True
        )
        (failed,) = [each for each in answers if isinstance(each, WorkflowUpdateFailedError)]
        assert isinstance(failed.cause, ApplicationError)
        assert error_code(failed.cause) in ("pricing.no-such-exception", "pricing.not-waiting")
        result: PricingResult = await handle.result()
        assert [each.action for each in result.decisions].count("next_source") == 1


class TestDeadline:
    """What the cut-off does to what nobody answered."""

    async def test_nobody_came_for_three_days(
        self, skipping: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        failure = await failure_of(await start(skipping, pricing, request_for(desk, rules)))
        assert error_code(failure) == "pricing.exception-wait-expired"
        assert failure.message.startswith("Nobody answered `X`, `Y` until ")
        assert [each["instrument_id"] for each in failure.details[0]["exceptions"]] == ["X", "Y"]
        assert names_of(store, f"pricing/{rules.policy_id}/{DAY}/v1") == []

    async def test_policy_lets_the_deadline_take_suggestions(
        self, skipping: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
    ) -> None:
        lenient = rules.model_copy(update={"on_deadline": "take_suggestion"})
        quotes = "instrument_id,date,source,field,price\n" + "".join(
            f"{name},{DAY},{source},close,{value}\n"
            for name, source, value in (
                ("X", "A", 110),
                ("X", "B", "109.9"),
                ("Z", "A", "99.1"),
            )
        )
        quotes += f"Y,2024-01-02,A,close,50\nY,{DAY},B,close,50.1\n"
        request = request_for(desk, lenient, quotes=quotes)
        result: PricingResult = await (await start(skipping, pricing, request)).result()
        assert [(each.instrument_id, each.action, each.by) for each in result.decisions] == [
            ("X", "accept", "policy"),
            ("Y", "next_source", "policy"),
        ]
        assert all(each.is_suggestion_taken_at_deadline for each in result.decisions)
        prices = dict(store.get_table(result.prices).select("instrument_id", "price").iter_rows())
        assert prices["Y"] == Decimal("50.1")

    async def test_committee_is_not_decided_by_a_clock(
        self, skipping: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        lenient = rules.model_copy(update={"on_deadline": "take_suggestion"})
        failure = await failure_of(await start(skipping, pricing, request_for(desk, lenient)))
        assert error_code(failure) == "pricing.exception-wait-expired"

    async def test_cut_off_of_the_policy_is_the_deadline(
        self, pricing_client: Client, desk: PricingDesk, rules: PricingPolicy
    ) -> None:
        """18:00 in Luxembourg in January is 17:00 UTC."""
        day = date(2099, 1, 2)
        timed = rules.model_copy(update={"cut_off": "18:00 Europe/Luxembourg"})
        request = desk.request(
            "instrument_id,type,currency\nX,equity,EUR\n",
            f"instrument_id,date,source,field,price\nX,{day - timedelta(days=1)},A,close,1\n",
            policy=timed,
            day=day,
            version=None,
        )
        handle = await start(pricing_client, pricing, request)

        async def waiting() -> None:
            progress = await handle.query(PricingRun.progress)
            assert progress.waiting_until == datetime(2099, 1, 2, 17, tzinfo=UTC)
            assert progress.open == 1

        await eventually(waiting)
        await handle.cancel()
        await ended_cancelled(handle)


async def test_ops_14_cancelled_run_publishes_nothing(
    pricing_client: Client, desk: PricingDesk, rules: PricingPolicy, store: ArtifactStore
) -> None:
    handle: Handle = await waiting_run(pricing_client, desk, rules)
    await handle.cancel()
    await handle.cancel()
    await ended_cancelled(handle)
    assert names_of(store, f"pricing/{rules.policy_id}/{DAY}/v1") == []
