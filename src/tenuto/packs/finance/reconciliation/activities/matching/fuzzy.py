"""Pass `fuzzy`: equal keys, values within margins, and text that is nearly the same.

Only what no other pass could match is looked at. What scores high enough is a suggestion; where
the rules accept it and it is the only one for both items, a match.
"""

from collections import defaultdict
from collections.abc import Iterator

from rapidfuzz import fuzz, process, utils

from tenuto.activities.heartbeat import beat
from tenuto.packs.finance.reconciliation.activities.matching.names import of
from tenuto.packs.finance.reconciliation.activities.matching.pairing import (
    CANDIDATES_KEPT,
    Pairing,
    columns_of,
)
from tenuto.packs.finance.reconciliation.activities.matching.tolerance import collapse
from tenuto.packs.finance.reconciliation.rules import Pass

# ruff: noqa: S608 (names are quoted, values are bound)

PAIRS = 25_000_000
"""Pairs of texts that one group of equal keys may make; a larger group is left alone."""

_Texts = dict[tuple[object, ...], list[tuple[int, str]]]


def match_similar(pairing: Pairing, rule: Pass, pass_no: int, key: tuple[str, ...]) -> None:
    """Records suggestions, and accepted ones as matches."""
    if rule.similar is None or rule.similar not in pairing.common:
        return
    engine = pairing.engine
    collapse(pairing, key)
    engine.fill(
        "text_scores", "l BIGINT, r BIGINT, score INTEGER", list(_scored(pairing, rule, key))
    )
    text = f"{of('l', rule.similar)} || '` ~ `' || {of('r', rule.similar)}"
    engine.run(
        "CREATE TABLE scored AS SELECT s.l, s.r, s.score, "
        f"'{rule.similar} ' || s.score || ' of 100: `' || {text} || '`' AS explanation, "
        "count(*) OVER (PARTITION BY s.l) = 1 AND count(*) OVER (PARTITION BY s.r) = 1 AS is_only "
        "FROM text_scores s JOIN rep_l l ON l._n = s.l JOIN rep_r r ON r._n = s.r "
        f"WHERE {pairing.agree(pairing.compared(rule))}"
    )
    left, right = (
        pairing.of_measure("x", pairing.left),
        pairing.of_measure("y", pairing.right),
    )
    if rule.accept:
        engine.run(
            f"INSERT INTO {pairing.matched} SELECT {pass_no}, NULL, a.n, b.n, {left}, {right}, "
            "s.score, s.explanation FROM scored s JOIN alike_l a ON a.rep = s.l JOIN alike_r b "
            f"ON b.rep = s.r AND b.rank = a.rank JOIN {pairing.open_left} x ON x._n = a.n "
            f"JOIN {pairing.open_right} y ON y._n = b.n WHERE s.is_only"
        )
    engine.run(
        f"INSERT INTO {pairing.edges} SELECT {pass_no}, l, r, score, explanation FROM scored "
        f"WHERE NOT (is_only AND {rule.accept})"
    )
    for table in ("text_scores", "scored", "rep_l", "rep_r", "alike_l", "alike_r"):
        engine.run(f"DROP TABLE {table}")


def _scored(pairing: Pairing, rule: Pass, key: tuple[str, ...]) -> Iterator[tuple[int, int, int]]:
    lefts, rights = (_texts(pairing, rule, key, alias) for alias in "lr")
    for group, ours in sorted(lefts.items(), key=str):
        theirs = rights.get(group, [])
        if not theirs or len(ours) * len(theirs) > PAIRS:
            continue
        numbers = [number for number, _ in theirs]
        choices = [text for _, text in theirs]
        for count, (number, text) in enumerate(ours):
            if count % 500 == 0:
                beat(f"comparing {rule.similar}")
            for _, score, index in process.extract(
                text,
                choices,
                scorer=fuzz.token_sort_ratio,
                score_cutoff=rule.threshold,
                limit=CANDIDATES_KEPT,
            ):
                yield number, numbers[index], int(score)


def _texts(pairing: Pairing, rule: Pass, key: tuple[str, ...], alias: str) -> _Texts:
    """Number and plain text of every different item, by partition and key, ordered by text."""
    shared = [*pairing.partition, *key]
    text = of("t", rule.similar or "")
    found: _Texts = defaultdict(list)
    for *values, number, words in pairing.engine.rows(
        f"SELECT {columns_of(shared, 't')}, t._n, {text} FROM rep_{alias} t "
        f"WHERE {text} IS NOT NULL ORDER BY {text}, t._hash, t._n"
    ):
        found[tuple(values)].append((number, utils.default_process(words)))
    return found
