"""When two values agree, as SQL: equal, or within a margin."""

from decimal import Decimal

from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine
from tenuto.packs.finance.reconciliation.activities.matching.names import of
from tenuto.packs.finance.reconciliation.rules import Compare, Margin, RecRules

TYPE = "type"


def same(field: str) -> str:
    """Exactly equal; two missing values are equal, a missing one equals no other."""
    return f"{of('l', field)} IS NOT DISTINCT FROM {of('r', field)}"


def within(engine: Engine, rules: RecRules, compare: Compare, types: tuple[bool, bool]) -> str:
    """Whether `l` and `r` agree in one field; `types` says which of the two have a type."""
    kind = rules.field(compare.field).kind
    if kind == "date" and compare.days:
        apart = f"abs({of('l', day_of(compare.field))} - {of('r', day_of(compare.field))})"
        near = f"coalesce({apart} <= {engine.bind(compare.days)}, FALSE)"
        return f"{same(compare.field)} OR {near}"
    if kind != "decimal":
        return same(compare.field)
    left, right = of("l", compare.field), of("r", compare.field)
    near = by_type(engine, compare, left, right, _type(types))
    return f"{same(compare.field)} OR coalesce({near}, FALSE)"


def by_type(engine: Engine, compare: Compare, left: str, right: str, kind: str | None) -> str:
    """Whether two decimal expressions lie within the margin of the type expression `kind`."""
    standard = in_margin(engine, compare.margin, left, right)
    if kind is None or not compare.by_type:
        return standard
    cases = " ".join(
        f"WHEN {engine.bind(name.lower())} THEN {in_margin(engine, margin, left, right)}"
        for name, margin in compare.by_type.items()
    )
    return f"CASE lower({kind}) {cases} ELSE {standard} END"


def in_margin(engine: Engine, margin: Margin, left: str, right: str) -> str:
    """`|left - right|` within the absolute or the relative limit, exactly: nothing is divided."""
    parts = [f"{left} = {right}"]
    apart = f"abs({left} - {right})"
    if margin.absolute:
        parts.append(f"{apart} <= {engine.bind(margin.absolute)}")
    if margin.relative:
        top, bottom = margin.relative.as_integer_ratio()
        larger = f"greatest(abs({left}), abs({right}))"
        parts.append(
            f"{apart} * CAST({engine.bind(bottom)} AS DECIMAL(18, 0))"
            f" <= {larger} * CAST({engine.bind(top)} AS DECIMAL(18, 0))"
        )
    return " OR ".join(f"({each})" for each in parts)


def widest(compare: Compare) -> Margin:
    """A margin that holds every type's."""
    margins = [compare.margin, *compare.by_type.values()]
    return Margin(
        absolute=max((each.absolute for each in margins), default=Decimal(0)),
        relative=max((each.relative for each in margins), default=Decimal(0)),
    )


def day_of(field: str) -> str:
    """The column with a date's dealing-day number."""
    return f"_day_{field}"


def _type(types: tuple[bool, bool]) -> str | None:
    known = [of(alias, TYPE) for alias, has in zip("lr", types, strict=True) if has]
    return f"coalesce({', '.join(known)})" if known else None
