"""Which runs the count awaits, and which spans of time it counts."""

from datetime import UTC, datetime, timedelta

from tenuto.activities.evidence.population import BEGINNING, spans_to_count
from tenuto.activities.evidence.tally import Awaited, Tally
from tenuto.evidence.record import Entry

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
LAG = timedelta(minutes=15)


def run(name: str, *, permit: str = "", parent: str | None = None, **data: object) -> Entry:
    told = {
        "workflow_id": name,
        "run_id": f"{name}-run",
        "status": "Completed",
        "started_at": NOON.isoformat(),
        "parent": parent,
        "permit": {"jti": permit} if permit else None,
        "messages": [],
        "children": [],
        **data,
    }
    return Entry.model_validate(
        {"id": f"run:{name}", "kind": "run", "happened_at": NOON, "data": told}
    )


def record(kind: str, at: datetime = NOON, **data: object) -> Entry:
    return Entry.model_validate({"id": "x", "kind": kind, "happened_at": at, "data": data})


def tallied(*entries: Entry) -> Tally:
    counted = Tally()
    for entry in entries:
        counted.add(entry)
    return counted


def test_an_hour_is_counted_once_the_server_has_had_time_to_list_it() -> None:
    at = NOON + timedelta(minutes=14)
    assert spans_to_count(NOON - timedelta(hours=1), at, LAG, None) == []
    hour = (NOON - timedelta(hours=1), NOON)
    assert spans_to_count(hour[0], NOON + LAG, LAG, None) == [hour]


def test_hours_that_were_missed_are_counted_one_by_one() -> None:
    since = NOON - timedelta(hours=3, minutes=20)
    spans = spans_to_count(since, NOON + LAG, LAG, None)
    assert [end - start for start, end in spans] == [
        timedelta(minutes=20),
        *[timedelta(hours=1)] * 3,
    ]
    assert spans_to_count(None, NOON + LAG, LAG, None) == [(BEGINNING, NOON)]


def test_a_count_that_is_asked_for_takes_no_time_that_was_counted() -> None:
    since = NOON + timedelta(minutes=5)
    assert spans_to_count(since, NOON + LAG, LAG, NOON) == [(since, since)]


def test_a_permit_is_awaited_until_its_root_is_here() -> None:
    issued = record("permit", jti="p", wid="order", schedule=None)
    (awaited,) = tallied(issued).awaited()
    assert (awaited.workflow_id, awaited.permit) == ("order", "p")
    child = run("order/child", permit="p", parent="order")
    assert not tallied(issued, child).has(awaited)
    assert tallied(issued, run("order", permit="p")).has(awaited)


def test_a_permit_for_an_id_that_was_taken_is_not_awaited() -> None:
    after = Awaited(workflow_id="order", permit="p", issued=NOON + timedelta(seconds=1))
    before = Awaited(workflow_id="order", permit="p", issued=NOON - timedelta(seconds=1))
    taken = tallied(run("order", permit="other"))
    assert taken.has(after)
    assert not taken.has(before)


def test_a_permit_of_a_schedule_stands_for_no_single_run() -> None:
    assert list(tallied(record("permit", jti="p", wid="s", schedule="s")).awaited()) == []


def test_children_are_awaited_and_an_explanation_is_taken() -> None:
    child = {"workflow_id": "order/child", "run_id": "c"}
    told = tallied(run("order", children=[child]))
    (awaited,) = told.awaited()
    assert awaited == Awaited(workflow_id="order/child", run_id="c")
    assert not told.has(awaited)
    told.add(record("change", what="gap_explained", workflow_id="order/child"))
    assert told.has(awaited)


def test_a_strangers_record_does_not_stop_the_count() -> None:
    assert list(tallied(record("permit"), record("change", what="gap_explained")).awaited())


def test_what_was_signed_and_never_recorded_is_missed_where_a_spool_is_not_exported() -> None:
    told = [{"jti": "t", "by": "u:ann", "act": "decide"}]
    elsewhere = run("order", permit="p", messages=told)
    after = NOON + LAG
    missed = {(each.permit, each.teller) for each in tallied(elsewhere).unrecorded(after)}
    assert missed == {("p", ""), ("", "u:ann")}
    assert list(tallied(elsewhere).unrecorded(NOON)) == [], "its spool may be on its way"
    issued = record("permit", jti="p", wid="order", schedule="s")
    allowed = record("decision", principal="u:ann", resource={"type": "Run", "id": "order"})
    assert list(tallied(elsewhere, issued, allowed).unrecorded(after)) == []
    other = record("decision", principal="u:ben", resource={"type": "Run", "id": "order"})
    (left,) = tallied(elsewhere, issued, other).unrecorded(after)
    assert (left.teller, left.is_unrecorded) == ("u:ann", True)
    assert tallied(elsewhere, allowed).has(left), "records that come late are taken"


def test_the_exporters_own_permit_needs_no_record() -> None:
    own = run("evidence/default")
    permit = {"jti": "p", "sub": "s:tenuto"}
    own = own.model_copy(update={"data": own.data | {"permit": permit}})
    assert list(tallied(own).unrecorded(NOON + LAG)) == []
