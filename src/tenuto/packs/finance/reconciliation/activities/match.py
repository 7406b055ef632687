"""Step 2: the sides matched, pass by pass, with every row accounted for."""

from contextlib import ExitStack
from datetime import date
from decimal import Decimal

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.errors import DataError
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.matching.days import make_calendar
from tenuto.packs.finance.reconciliation.activities.matching.drill_down import drill_down
from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine, opened
from tenuto.packs.finance.reconciliation.activities.matching.outcome import FOUND, collect_breaks
from tenuto.packs.finance.reconciliation.activities.matching.output import (
    Writer,
    write_exceptions,
    write_found,
    write_items,
    write_matches,
    write_suggestions,
    write_sums,
    write_write_offs,
)
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing
from tenuto.packs.finance.reconciliation.activities.matching.rounds import counted, run_passes
from tenuto.packs.finance.reconciliation.activities.matching.sides import (
    Loaded,
    SideReader,
    make_exceptions,
)
from tenuto.packs.finance.reconciliation.activities.matching.three_way import (
    agreement_of,
    compare_three,
    matched_of,
    matches_query,
    suggestions_query,
)
from tenuto.packs.finance.reconciliation.cases import ManualMatch
from tenuto.packs.finance.reconciliation.handoffs import (
    CollectedSide,
    CollectedSources,
    DeskDecisions,
    MatchedSides,
    MatchRequest,
)
from tenuto.packs.finance.reconciliation.models import SideTotals
from tenuto.packs.finance.reconciliation.rules import RecRules


@implements(catalog.match)
def match(request: MatchRequest) -> MatchedSides:
    """Matches, raw breaks, and the proof that matched + unmatched + excluded = total per side.

    The result does not depend on the order of rows, on memory, or on threads. Raises DataError
    `reconciliation.not-conserved`, `reconciliation.no-common-key`, `reconciliation.too-many-breaks`
    and UsageError when the rules do not fit the sources.
    """
    store = current_store()
    with opened(request.resources, rows_of(request.collected)) as engine:
        sides = load_sides(engine, request.rules, request.collected, request.date, store)
        decisions = _decisions(request.collected, store)
        writer = Writer(engine, store)
        if len(sides) == 3:
            return _match_three(engine, writer, request, sides)
        return _match_two(engine, writer, request, (sides[0], sides[1]), decisions)


def rows_of(collected: CollectedSources) -> int:
    """Rows of all sides."""
    return sum(side.records.rows for side in collected.sides)


def load_sides(
    engine: Engine,
    rules: RecRules,
    collected: CollectedSources,
    day: date,
    store: ArtifactStore,
) -> list[Loaded]:
    """Every side as a normalised table, and the table of exceptions."""
    with ExitStack() as files:
        paths = [files.enter_context(store.local_path(each.records)) for each in collected.sides]
        problems = [
            (each, files.enter_context(store.local_path(each.problems)) if each.problems else None)
            for each in collected.sides
        ]
        make_exceptions(engine, problems)
        carried = [
            files.enter_context(store.local_path(each.carried)) if each.carried else None
            for each in collected.sides
        ]
        readers = [
            SideReader(engine, rules, side, index, paths[index], carried[index])
            for index, side in enumerate(collected.sides)
        ]
        days = {each for reader in readers for each in reader.dates(day)}
        make_calendar(engine, rules.calendar, days)
        return [reader.load(day) for reader in readers]


def _match_two(
    engine: Engine,
    writer: Writer,
    request: MatchRequest,
    sides: tuple[Loaded, Loaded],
    decisions: tuple[ManualMatch, ...],
) -> MatchedSides:
    rules = request.rules
    pairing = Pairing(engine=engine, rules=rules, left=sides[0], right=sides[1])
    names = run_passes(pairing, decisions)
    collect_breaks(pairing)
    _refuse_too_many(engine, rules)
    matches = write_matches(writer, pairing, names)
    return MatchedSides(
        totals=tuple(
            _totals(pairing, alias, side, given)
            for alias, side, given in zip("lr", sides, request.collected.sides, strict=True)
        ),
        passes=tuple(counted(pairing)),
        matches=matches,
        write_offs=write_write_offs(writer, pairing, names),
        found=write_found(writer, rules),
        items=write_items(writer, rules, [(sides[0], "named_l"), (sides[1], "named_r")]),
        suggestions=write_suggestions(writer, pairing, names),
        exceptions=write_exceptions(writer),
        sums=write_sums(writer, rules, sides),
        agreement=(),
        drill_down=drill_down(pairing) if rules.kind == "nav" else (),
        not_compared=tuple(
            each.field for each in rules.compare if each.field not in pairing.common
        ),
    )


def _match_three(
    engine: Engine, writer: Writer, request: MatchRequest, sides: list[Loaded]
) -> MatchedSides:
    rules = request.rules
    three = compare_three(engine, rules, sides)
    _refuse_too_many(engine, rules)
    return MatchedSides(
        totals=tuple(
            _side_totals(side, given, *matched_of(three, index))
            for index, (side, given) in enumerate(zip(sides, request.collected.sides, strict=True))
        ),
        passes=tuple(each for pairing in three.pairings for each in counted(pairing)),
        matches=writer.write(matches_query(three), "matches"),
        write_offs=write_write_offs(writer, three.pairings[0], three.names),
        found=write_found(writer, rules),
        items=write_items(
            writer, rules, [(side, f"named_{index}") for index, side in enumerate(sides)]
        ),
        suggestions=writer.write(suggestions_query(three), "suggestions"),
        exceptions=write_exceptions(writer),
        sums=write_sums(writer, rules, sides),
        agreement=agreement_of(three),
        drill_down=(),
        not_compared=tuple(
            each.field
            for each in rules.compare
            if any(each.field not in pairing.common for pairing in three.pairings)
        ),
    )


def _refuse_too_many(engine: Engine, rules: RecRules) -> None:
    """Raises DataError when so much differs that a file must be the wrong one."""
    found = engine.count(FOUND)
    if found > rules.max_breaks:
        raise DataError(
            f"{found} items do not match, more than `max_breaks` ({rules.max_breaks}); nothing was "
            "released. Check that the files are of the same date and fund, and the rules' keys; "
            "raise `max_breaks` if they are.",
            code="reconciliation.too-many-breaks",
            details={"found": found, "limit": rules.max_breaks},
        )


def _totals(pairing: Pairing, alias: str, side: Loaded, given: CollectedSide) -> SideTotals:
    rows, amount = pairing.engine.row(
        f"SELECT count({alias}), coalesce(sum({alias}m), 0) FROM {pairing.matched}"  # noqa: S608
    )
    return _side_totals(side, given, int(rows), Decimal(amount))


def _side_totals(
    side: Loaded, given: CollectedSide, matched: int, matched_amount: Decimal
) -> SideTotals:
    """The side's account of its rows."""
    return SideTotals(
        side=side.name,
        rows=side.rows,
        matched=matched,
        unmatched=side.rows - side.excluded - matched,
        excluded=side.excluded,
        carried=side.carried,
        unreadable=side.flawed,
        amount=side.amount,
        matched_amount=matched_amount,
        unmatched_amount=side.amount - side.excluded_amount - matched_amount,
        excluded_amount=side.excluded_amount,
        source=given.source,
        is_estimated=given.is_estimated,
    )


def _decisions(collected: CollectedSources, store: ArtifactStore) -> tuple[ManualMatch, ...]:
    if collected.decisions is None:
        return ()
    return DeskDecisions.model_validate(store.get_json(collected.decisions)).manual_matches
