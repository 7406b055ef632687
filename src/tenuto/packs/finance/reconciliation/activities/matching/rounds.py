"""The passes of the rules, in order, over one pair of sides."""

from collections.abc import Callable

from tenuto.core.errors import DataError
from tenuto.packs.finance.reconciliation.activities.matching.exact import match_exact
from tenuto.packs.finance.reconciliation.activities.matching.fuzzy import match_similar
from tenuto.packs.finance.reconciliation.activities.matching.group import match_groups
from tenuto.packs.finance.reconciliation.activities.matching.manual import match_by_hand
from tenuto.packs.finance.reconciliation.activities.matching.pair import set_side_by_side
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing
from tenuto.packs.finance.reconciliation.activities.matching.subset import match_subsets
from tenuto.packs.finance.reconciliation.activities.matching.tolerance import match_within
from tenuto.packs.finance.reconciliation.cases import ManualMatch
from tenuto.packs.finance.reconciliation.models import PassCount
from tenuto.packs.finance.reconciliation.rules import Pass

BY_HAND = "by-hand"

_KINDS: dict[str, Callable[[Pairing, Pass, int, tuple[str, ...]], None]] = {
    "exact": match_exact,
    "tolerance": match_within,
    "group": match_groups,
    "subset": match_subsets,
    "fuzzy": match_similar,
    "pair": set_side_by_side,
}


def run_passes(pairing: Pairing, decisions: tuple[ManualMatch, ...]) -> dict[int, str]:
    """Runs every pass; returns the name of the pass behind each `pass_no`.

    People's matches come after all rules that match, and before those that only set items side by
    side. Raises DataError `reconciliation.no-common-key` when the sides share no key.
    """
    if not any(pairing.keys(rule) for rule in pairing.rules.passes):
        raise _no_common_key(pairing)
    names: dict[int, str] = {}
    has_decided = not decisions
    for rule in pairing.rules.passes:
        if rule.kind == "pair" and not has_decided:
            _by_hand(pairing, names, decisions)
            has_decided = True
        for key in pairing.keys(rule):
            number = len(names) + 1
            names[number] = rule.name
            _KINDS[rule.kind](pairing, rule, number, key)
            pairing.use(rule, number)
    if not has_decided:
        _by_hand(pairing, names, decisions)
    pairing.final_check()
    return names


def counted(pairing: Pairing) -> list[PassCount]:
    """One count per pass, its alternatives added up, in the order they ran."""
    by_name: dict[str, PassCount] = {}
    for each in pairing.counts:
        seen = by_name.get(each.name)
        by_name[each.name] = each if seen is None else _added(seen, each)
    return list(by_name.values())


def _by_hand(pairing: Pairing, names: dict[int, str], decisions: tuple[ManualMatch, ...]) -> None:
    number = len(names) + 1
    names[number] = BY_HAND
    match_by_hand(pairing, number, decisions)
    pairing.use(Pass(name=BY_HAND, kind="group", keys=()), number)


def _added(one: PassCount, other: PassCount) -> PassCount:
    return one.model_copy(
        update={
            name: getattr(one, name) + getattr(other, name)
            for name in ("matches", "ours", "theirs", "difference")
        }
    )


def _no_common_key(pairing: Pairing) -> DataError:
    wanted = sorted({name for rule in pairing.rules.passes for key in rule.keys for name in key})
    return DataError(
        f"Sides `{pairing.left.name}` and `{pairing.right.name}` have no key in common: the passes "
        f"need one of {', '.join(f'`{name}`' for name in wanted)}, and both sides have "
        f"{', '.join(f'`{name}`' for name in sorted(pairing.common)) or 'nothing'}; map the "
        "identifier columns in the rules' `sides`.",
        code="reconciliation.no-common-key",
    )
