"""`validate.rules`: a rule file is right as a whole before a row is read."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tenuto.activities.validate.rules import validate_rules
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.validate.rules import RulesRequest
from tenuto.core.errors import UsageError
from tenuto.core.references import Column, Dataset

Put = Callable[[pl.DataFrame], Dataset]

RULES = """\
version: 1
parameters:
  as_of: date
rules:
  - id: sell-is-negative
    severity: block
    description: A sale has a negative quantity.
    when: side = 'sell'
    check: quantity < 0
    message: "{side} of {quantity} {{units}}"
    remedy: turn the sign
  - id: settled-in-time
    severity: warn
    description: Trades settle within five days.
    check: |
      settles <= $as_of + 5
      and settles is not null
    message: settles on {settles}
    remedy: ask the broker
"""

TRADES = pl.DataFrame(
    {
        "side": ["buy", "sell", "sell", None],
        "quantity": [Decimal("1.50"), Decimal("-2.50"), Decimal("2.50"), Decimal(1)],
        "settles": ["2026-04-01", "2026-04-01", "2026-04-09", None],
    },
    schema_overrides={"quantity": pl.Decimal(38, 10)},
).with_columns(pl.col("settles").str.to_date())

UNTOLD = "it could not be checked: a value that the rule needs is missing"

NOT_STORED = Dataset(
    uri=f"artifact://{'0' * 64}",
    sha256="0" * 64,
    bytes=1,
    rows=1,
    columns=(
        Column(name="side", dtype="String"),
        Column(name="quantity", dtype="Decimal(38, 10)"),
        Column(name="settles", dtype="Date"),
    ),
)


def request(table: Dataset, rules: Any = RULES, **fields: Any) -> RulesRequest:
    given = {"parameters": {"as_of": "2026-03-31"}} | fields
    return RulesRequest(table=table, rules=rules, **given)


def problems(rules: str, **fields: Any) -> list[tuple[int, int, str]]:
    """What is wrong, found although the table is nowhere."""
    with pytest.raises(UsageError) as refused:
        validate_rules(request(NOT_STORED, rules, **fields))
    assert refused.value.code == "validate.rule-file-invalid"
    listed = refused.value.details["problems"]
    return [(each["line"], each["column"], each["problem"]) for each in listed]


def test_rows_that_break_a_blocking_rule_are_set_aside(store: ArtifactStore, put: Put) -> None:
    found = validate_rules(request(put(TRADES), row_keys=("side",)))
    assert found.outcome == "block"
    assert found.quarantined is not None
    assert store.get_table(found.good).equals(TRADES.head(2))
    set_aside = store.get_table(found.quarantined)
    assert set_aside.drop("reasons").equals(TRADES.tail(2))
    assert set_aside["reasons"].to_list() == [
        [
            "sell-is-negative (block): sell of 2.5 {units}",
            "settled-in-time (warn): settles on 2026-04-09",
        ],
        [
            f"sell-is-negative (block): {UNTOLD}",
            "settled-in-time (warn): settles on missing",
        ],
    ]
    sold, settled = found.summary
    assert (sold.checked, sold.failed, sold.share) == (3, 2, Decimal("0.666667"))
    assert (settled.checked, settled.failed, settled.severity) == (4, 2, "warn")
    assert sold.examples[0].row == 3
    assert sold.examples[0].key == {"side": "sell"}
    assert sold.examples[0].remedy == "turn the sign"


def test_a_row_of_which_nobody_can_tell_whether_the_rule_applies_fails(put: Put) -> None:
    sold = TRADES.with_columns(side=pl.lit(None, pl.String), quantity=-pl.col("quantity").abs())
    found = validate_rules(request(put(sold)))
    assert (found.summary[0].checked, found.summary[0].failed) == (4, 4)
    assert found.summary[0].examples[0].found == UNTOLD


def test_the_file_may_be_a_document(store: ArtifactStore, put: Put) -> None:
    document = store.put_bytes(RULES.encode(), name="desk.yaml", media_type="application/yaml")
    table = put(TRADES)
    assert validate_rules(request(table, document)) == validate_rules(request(table))


def test_a_file_that_is_no_text_is_refused(store: ArtifactStore, put: Put) -> None:
    document = store.put_bytes(b"\xff\xfe", name="desk.yaml", media_type="application/yaml")
    with pytest.raises(UsageError, match=r"desk\.yaml: byte 0") as refused:
        validate_rules(request(put(TRADES), document))
    assert refused.value.code == "validate.rule-file-invalid"


def test_everything_that_is_wrong_is_said_at_once_and_before_a_row_is_read() -> None:
    rules = (
        RULES.replace("quantity < 0", "quantty < 0 and")
        .replace("{quantity}", "{quantity.real}")
        .replace("severity: warn", "severity: wrn")
        .replace("settles is not", "setles is not")
        .replace("remedy: ask", "remdy: ask")
    )
    found = problems(rules, parameters={"as_of": "soon", "other": "1"})
    places = [(line, column) for line, column, _ in found]
    assert places == [(3, 3), (3, 10), (9, 27), (10, 25), (12, 5), (13, 15), (17, 11), (19, 12)]
    assert "`other`" in found[0][2]
    assert "as `soon`, which is not a date" in found[1][2]
    assert "the end stands where a value was expected" in found[2][2]
    assert "`{quantity.real}`, which is no column" in found[3][2]
    assert "remedy" in found[4][2]
    assert "severity" in found[5][2]
    assert "`setles`; did you mean `settles`?" in found[6][2]
    assert "did you mean `remedy`?" in found[7][2]


@pytest.mark.parametrize(
    ("check", "column"),
    [
        ("quantty > 0", 12),
        ("1 > 0 and quantty > 0", 22),
        ("'1 > 0 and quantty > 0'", 23),
        ('"1 > 0 and quantty > 0"', 23),
    ],
)
def test_an_unknown_column_is_found_to_the_character(check: str, column: int) -> None:
    rules = (
        f"version: 1\nrules:\n  - id: a\n    check: {check}\n"
        "    description: d\n    message: m\n    remedy: r\n"
    )
    ((line, found, problem),) = problems(rules, parameters={})
    assert (line, found) == (4, column)
    assert "did you mean `quantity`?" in problem


@pytest.mark.parametrize(
    "message",
    [
        "{quantity.__class__}",
        "{quantity!r}",
        "{quantity:>1000000000}",
        "{0}",
        "{}",
        "{quantity[0]}",
        "{unknown}",
        "{quantity",
        "quantity}",
    ],
)
def test_a_message_holds_columns_and_nothing_else(message: str) -> None:
    rules = RULES.replace('"{side} of {quantity} {{units}}"', f"'{message}'")
    ((line, _, _),) = problems(rules)
    assert line == 10


def test_a_rule_is_there_once_and_a_file_has_rules() -> None:
    ((line, column, problem),) = problems(RULES.replace("settled-in-time", "sell-is-negative"))
    assert (line, column) == (12, 9)
    assert "is there twice" in problem
    ((_, _, nothing),) = problems("version: 1\nrules: []", parameters={})
    assert "at least 1 item" in nothing
    assert problems("[]", parameters={})
    assert problems("version: 2\nrules: [1]", parameters={})


def test_a_parameter_is_given() -> None:
    ((line, _, problem),) = problems(RULES, parameters={})
    assert line == 3
    assert "the request gives no `as_of`" in problem


def test_yaml_that_is_none_is_refused_with_its_place(put: Put) -> None:
    with pytest.raises(UsageError, match=r"rules:2:\d") as refused:
        validate_rules(request(put(TRADES), "version: 1\n  rules: ["))
    assert refused.value.code == "yaml.invalid"


def test_a_rule_without_columns_is_judged_for_every_row(store: ArtifactStore, put: Put) -> None:
    rules = RULES.replace("quantity < 0", "1 = 2").replace("    when: side = 'sell'\n", "")
    found = validate_rules(request(put(TRADES), rules))
    assert found.summary[0].failed == found.summary[0].checked == 4
    assert found.good.rows == 0
