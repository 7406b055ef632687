"""Rules about classes: their NAV per unit, and their units."""

from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.money import RoundingMode, exact, round_to
from tenuto.packs.finance.models import Tolerance
from tenuto.packs.finance.nav.activities.deals import entering_deals, opening_units
from tenuto.packs.finance.nav.activities.tolerances.subject import (
    FIRST_STRIKE,
    Measured,
    Subject,
    seen,
    unseen,
)
from tenuto.packs.finance.nav.parts import Check, ClassNav, ExpectedNav


def unit_nav_change(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Each class's NAV per unit against the prior one; a fraction."""
    checks = []
    for each in subject.result.classes:
        change = _change(subject, each)
        if change is None:
            note = "First NAV of the class." if subject.prior else FIRST_STRIKE
            checks.append(unseen(tolerance, each.class_id, note))
        else:
            checks.append(seen(tolerance, Measured(subject=each.class_id, value=change)))
    return checks


def administrator_variance(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Each class's NAV per unit against the administrator's; a fraction, 3 bp is 0.0003."""
    checks = []
    for each in subject.result.classes:
        theirs = subject.administrator_nav.get(each.class_id)
        if not theirs:
            note = "No NAV per unit of the administrator was given (`administrator_nav`)."
            checks.append(unseen(tolerance, each.class_id, note))
            continue
        variance = exact(each.nav_per_unit) / exact(theirs) - 1
        note = f"Ours {each.nav_per_unit}, theirs {theirs}."
        checks.append(seen(tolerance, Measured(subject=each.class_id, value=variance, note=note)))
    return checks


def benchmark_multiple(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Each class's return since the prior NAV as a multiple of the benchmark's."""
    ours, prior = subject.result.benchmark_level, subject.prior
    checks = []
    for each in subject.result.classes:
        change = _change(subject, each)
        if prior is None or change is None:
            checks.append(unseen(tolerance, each.class_id, FIRST_STRIKE))
        elif not ours or not prior.benchmark_level:
            which = f"on {subject.result.date}" if not ours else f"in the NAV of {prior.date}"
            note = f"No benchmark level {which}."
            checks.append(unseen(tolerance, each.class_id, note))
        else:
            benchmark = exact(ours) / exact(prior.benchmark_level) - 1
            checks.append(_multiple(tolerance, each, change, benchmark))
    return checks


def units_roll_forward(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Each class's closing units against opening units and the deals themselves; units."""
    deals = entering_deals(subject.opened)
    opening = opening_units(subject.opened)
    checks = []
    for each in subject.result.classes:
        expected = exact(opening[each.class_id])
        of_class = deals.filter(pl.col("class_id") == each.class_id)
        for kind, units in of_class.select("type", "units").iter_rows():
            expected += (1 if kind == "subscription" else -1) * exact(units)
        difference = exact(each.units) - expected
        checks.append(seen(tolerance, Measured(subject=each.class_id, value=difference)))
    return checks


def hedge_ratio(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """How far the forwards of each hedged class are from its target; a part of the class's NAV.

    Between 95 % and 105 % is what ESMA's opinion on share classes of UCITS (30 January 2017)
    allows: a limit of 0.05 around 1.
    """
    targets = {
        each.class_id: each.hedge_target
        for each in subject.opened.strike.fund.classes
        if each.hedge_target is not None
    }
    notional = {each.class_id: each.notional for each in subject.result.hedges}
    checks = []
    for each in subject.result.classes:
        target = targets.get(each.class_id)
        if target is None:
            continue
        ratio = exact(notional.get(each.class_id, Decimal(0))) / exact(each.nav)
        note = f"Hedged {_percent(ratio)} of the class, target {_percent(exact(target))}."
        off = Measured(subject=each.class_id, value=ratio - exact(target), note=note)
        checks.append(seen(tolerance, off))
    return checks


def expected_nav(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Each class's struck, unswung NAV per unit against the expected one; a fraction."""
    expected = subject.result.expected_nav
    if expected is None:
        return [unseen(tolerance, each.class_id, FIRST_STRIKE) for each in subject.result.classes]
    known = {each.class_id: each for each in expected.classes}
    checks = []
    for each in subject.result.classes:
        if each.class_id not in known:
            checks.append(unseen(tolerance, each.class_id, "First NAV of the class."))
            continue
        found = known[each.class_id]
        note = f"Expected {found.nav_per_unit} per unit, before any swing; {_largest(expected)}."
        apart = Measured(subject=each.class_id, value=exact(found.difference), note=note)
        checks.append(seen(tolerance, apart))
    return checks


def _largest(expected: ExpectedNav) -> str:
    causes = expected.difference.model_dump()
    name = max(causes, key=lambda cause: (abs(causes[cause]), cause))
    return f"largest difference {name}, {causes[name]}" if causes[name] else "no difference"


def _change(subject: Subject, class_nav: ClassNav) -> Fraction | None:
    """Return of one unit since the prior NAV, or None when the class had none."""
    for prior in subject.prior.classes if subject.prior else ():
        if prior.class_id == class_nav.class_id:
            return exact(class_nav.index) / exact(prior.index) - 1
    return None


def _multiple(
    tolerance: Tolerance, class_nav: ClassNav, change: Fraction, benchmark: Fraction
) -> Check:
    note = f"Class {_percent(change)}, benchmark {_percent(benchmark)}."
    if benchmark:
        multiple = Measured(subject=class_nav.class_id, value=change / benchmark, note=note)
        return seen(tolerance, multiple)
    if not change:
        return seen(tolerance, Measured(subject=class_nav.class_id, value=change, note=note))
    return unseen(tolerance, class_nav.class_id, f"The benchmark did not move. {note}")


def _percent(fraction: Fraction) -> str:
    return f"{round_to(fraction * 100, 4, RoundingMode.HALF_EVEN):+}%"
